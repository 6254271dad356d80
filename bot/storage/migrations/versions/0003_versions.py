"""Versions of the model for bots that share a database, and which of them were promoted."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Create the tables; on SQLite they stay empty, for there versions are files."""
    op.create_table(
        "versions",
        sa.Column("name", sa.Text(), primary_key=True),
        sa.Column("card", sa.Text(), nullable=False),  # JSON
        sa.Column("keras", sa.LargeBinary(), nullable=False),
        sa.Column("tflite", sa.LargeBinary(), nullable=False),
    )
    op.create_table(
        "promotions",
        # SQLite counts up, and never anew, only for this very type.
        sa.Column("serial", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), primary_key=True),
        sa.Column("version", sa.Text(), nullable=False),
        sqlite_autoincrement=True,
    )
