"""What was read, what people say of it, and who agreed that it is kept."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

# SQLite counts up, and never anew, only for this very type.
ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Create the tables; times are Unix seconds."""
    op.create_table(
        "readings",
        sa.Column("id", ID, primary_key=True),
        sa.Column("chat", sa.BigInteger(), nullable=False),
        sa.Column("answer", sa.BigInteger()),
        sa.Column("person", sa.BigInteger(), nullable=False),
        sa.Column("photos", sa.JSON(), nullable=False),
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("verdict", sa.Boolean()),
        sa.Column("at", sa.Double(), nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("readings_by_answer", "readings", ["chat", "answer"])
    op.create_index("readings_by_person", "readings", ["person"])
    op.create_index("readings_by_age", "readings", ["at"])
    op.create_table(
        "corrections",
        sa.Column("id", ID, primary_key=True),
        sa.Column("reading", sa.BigInteger(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("person", sa.BigInteger(), nullable=False),
        sa.Column("label", sa.Integer(), nullable=False),
        sa.Column("said", sa.Integer(), nullable=False),
        sa.Column("confidence", sa.Double(), nullable=False),
        sa.Column("pixels", sa.LargeBinary(), nullable=False),
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("at", sa.Double(), nullable=False),
        sa.Column("decided_by", sa.BigInteger()),
        sa.UniqueConstraint("reading", "n"),
        sqlite_autoincrement=True,
    )
    op.create_index("corrections_by_person", "corrections", ["person"])
    op.create_index("corrections_by_status", "corrections", ["status"])
    op.create_table(
        "sheets",
        sa.Column("chat", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("message", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("corrections", sa.JSON(), nullable=False),
        sa.Column("at", sa.Double(), nullable=False),
    )
    op.create_table(
        "people",
        sa.Column("person", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("agreed", sa.Double(), nullable=False),
    )
