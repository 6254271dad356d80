"""Where the bots of a benchmark write: a file each, or a scratch PostgreSQL for all of them."""

from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def scratch_database() -> Iterator[str]:
    """The URL of an empty PostgreSQL database; the server ends with this process. Raises SystemExit without one."""
    try:
        from tests.postgres import new_database, programs
    except ModuleNotFoundError as error:
        raise SystemExit(f"{error.name} is missing: pip install 'digitbot[dev,postgres]'") from None
    if programs() is None:
        raise SystemExit("There is no PostgreSQL here: apt-get install postgresql")
    with new_database() as url:
        yield url
