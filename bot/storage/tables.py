"""The tables of what is kept of people, as the migrations make them. Times are Unix seconds."""

from collections.abc import Collection
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

metadata = sa.MetaData()
ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INBOX = sa.Table(  # some of its columns: all is in `bot.inbox`
    "inbox",
    metadata,
    sa.Column("update_id", sa.BigInteger(), unique=True),
    sa.Column("body", sa.Text()),  # the update's JSON
)
SEEN = sa.Table(  # the same
    "seen",
    metadata,
    sa.Column("update_id", sa.BigInteger(), primary_key=True),
    sa.Column("forgotten", sa.Boolean()),  # by whom it tells of: nothing of theirs is kept of it
)
READINGS = sa.Table(
    "readings",
    metadata,
    sa.Column("id", ID, primary_key=True),
    sa.Column("chat", sa.BigInteger()),
    sa.Column("answer", sa.BigInteger()),  # the bot's message; NULL until it is sent
    sa.Column("person", sa.BigInteger()),  # who sent the photo
    sa.Column("photos", sa.JSON()),
    sa.Column("model", sa.Text()),  # the version; "" where no photo could be read
    sa.Column("verdict", sa.Boolean()),  # what people say of it: right, wrong, nothing
    sa.Column("at", sa.Double()),
)
CORRECTIONS = sa.Table(
    "corrections",
    metadata,
    sa.Column("id", ID, primary_key=True),
    sa.Column("reading", sa.BigInteger()),
    sa.Column("n", sa.Integer()),  # which of its digits
    sa.Column("person", sa.BigInteger()),  # who sent the photo, whoever said so
    sa.Column("label", sa.Integer()),  # 0 to 9, or NOT_A_DIGIT
    sa.Column("said", sa.Integer()),  # what was read
    sa.Column("confidence", sa.Double()),
    sa.Column("pixels", sa.LargeBinary()),  # 28×28 uint8, white ink on black
    sa.Column("model", sa.Text()),
    sa.Column("status", sa.Text()),
    sa.Column("at", sa.Double()),
    sa.Column("decided_by", sa.BigInteger()),  # the bot admin
)
SHEETS = sa.Table(  # messages to admins that show corrections
    "sheets",
    metadata,
    sa.Column("chat", sa.BigInteger(), primary_key=True),
    sa.Column("message", sa.BigInteger(), primary_key=True),
    sa.Column("corrections", sa.JSON()),  # their ids; [] where the message is to be taken back
    sa.Column("at", sa.Double()),
)
PEOPLE = sa.Table(
    "people",
    metadata,
    sa.Column("person", sa.BigInteger(), primary_key=True),
    sa.Column("agreed", sa.Double()),
)
TRAININGS = sa.Table(
    "trainings",
    metadata,
    sa.Column("id", ID, primary_key=True),
    sa.Column("running", sa.Boolean()),  # true, or NULL: the column is unique, so one runs at a time
    sa.Column("full", sa.Boolean()),  # from the beginning
    sa.Column("admin", sa.BigInteger()),
    sa.Column("started", sa.Double()),
    sa.Column("cancelled", sa.Boolean()),  # an admin wants it to end
    sa.Column("version", sa.Text()),  # that it made
    sa.Column("outcome", sa.JSON(none_as_null=True)),  # an Outcome of `bot.learning.trainings`, once it is known
    sa.Column("reported", sa.Boolean()),
)
WATCHERS = sa.Table(  # messages to admins that show a training
    "watchers",
    metadata,
    sa.Column("training", sa.BigInteger(), primary_key=True),
    sa.Column("chat", sa.BigInteger(), primary_key=True),
    sa.Column("message", sa.BigInteger()),
    sa.Column("language", sa.Text()),
)
GROUPS = sa.Table(
    "groups",
    metadata,
    sa.Column("chat", sa.BigInteger(), primary_key=True),
    sa.Column("mode", sa.Text()),  # a Mode of `bot.storage.records`; NULL: nobody chose one
    sa.Column("hears_all", sa.Boolean()),  # privacy mode was off when the bot was added; NULL: unknown
)
LANGUAGES = sa.Table(
    "languages",
    metadata,
    sa.Column("chat", sa.BigInteger(), primary_key=True),  # a group's, or a person's: that of their private chat
    sa.Column("language", sa.Text()),
)
ROUNDS = sa.Table(  # of /demo; what they are is in `bot.game.rounds`
    "rounds",
    metadata,
    sa.Column("id", ID, primary_key=True),
    sa.Column("live", sa.BigInteger()),  # its chat, NULL once it is over: the column is unique, so a chat has one
    sa.Column("chat", sa.BigInteger()),
    sa.Column("thread", sa.BigInteger()),
    sa.Column("person", sa.BigInteger()),  # who began it, while it is live
    sa.Column("language", sa.Text()),
    sa.Column("game", sa.Text()),
    sa.Column("digits", sa.JSON()),
    sa.Column("calls", sa.JSON()),
    sa.Column("began", sa.Double()),
    sa.Column("ends", sa.Double()),
    sa.Column("stopped", sa.Boolean()),
    sa.Column("closing", sa.Boolean()),  # nothing is entered any more
    sa.Column("board", sa.BigInteger()),
)
ENTRIES = sa.Table(  # a round's photos
    "round_entries",
    metadata,
    sa.Column("round", sa.BigInteger(), primary_key=True),
    sa.Column("message", sa.BigInteger(), primary_key=True),
    sa.Column("person", sa.BigInteger()),
    sa.Column("name", sa.Text()),  # while the round is live
    sa.Column("call", sa.Integer()),
    sa.Column("text", sa.Text()),
    sa.Column("confidence", sa.Double()),
    sa.Column("at", sa.Double()),
    sa.Column("reading", sa.BigInteger()),  # that holds all photos of this person in the round
)


def upsert(dialect: str, table: sa.Table, key: Collection[str], **values: Any) -> Any:
    """Insert a row, or change it where there is one with the same `key`."""
    insert = (postgresql if dialect == "postgresql" else sqlite).insert(table).values(**values)
    return insert.on_conflict_do_update(index_elements=key, set_={n: v for n, v in values.items() if n not in key})
