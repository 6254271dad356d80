"""`digitbot run` with short days: what it keeps for days, it keeps for minutes, so that a run can see it go.

DAY in the environment is how many seconds a day has.
"""

import os
import sys

from bot.__main__ import main
from bot.inbox import sqlite
from bot.storage import store
from bot.storage.store import Store

DAY = float(os.environ.get("DAY", 86_400))
LOOKS = 20  # a day, for what is too old

expire = Store.expire


async def expire_sooner(self: Store, days: float) -> int:
    """The same, where a day is shorter."""
    return await expire(self, days * DAY / 86_400)


if __name__ == "__main__":
    Store.expire = expire_sooner  # type: ignore[method-assign]
    sqlite.REMEMBERED = 2 * DAY  # type: ignore[attr-defined, assignment]
    store.LOOK = sqlite.PRUNED = DAY / LOOKS  # type: ignore[assignment]
    sys.exit(main(["run"]))
