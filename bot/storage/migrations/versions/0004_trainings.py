"""Trainings: what runs and what came of it, and the messages that show it."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Create the tables; times are Unix seconds."""
    op.create_table(
        "trainings",
        # SQLite counts up, and never anew, only for this very type.
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), primary_key=True),
        sa.Column("running", sa.Boolean(), unique=True),  # true, or NULL: one at a time
        sa.Column("full", sa.Boolean(), nullable=False),
        sa.Column("admin", sa.BigInteger(), nullable=False),
        sa.Column("started", sa.Double(), nullable=False),
        sa.Column("cancelled", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Text()),
        sa.Column("outcome", sa.JSON()),
        sa.Column("reported", sa.Boolean(), nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "watchers",
        sa.Column("training", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("chat", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("message", sa.BigInteger(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
    )
