"""The inbox, the ids of what has arrived, and what may be sent when."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Create the tables; times are Unix seconds."""
    if op.get_context().dialect.name == "postgresql":  # one clock for all bots that share the database
        op.execute(
            "CREATE FUNCTION unix_time() RETURNS double precision LANGUAGE sql VOLATILE"
            " AS 'SELECT extract(epoch FROM clock_timestamp())::double precision'"
        )
    op.create_table(
        "inbox",
        # SQLite counts up, and never anew, only for this very type.
        sa.Column("serial", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), primary_key=True),
        sa.Column("update_id", sa.BigInteger(), nullable=False, unique=True),
        sa.Column("chat", sa.BigInteger(), nullable=False),
        sa.Column("photo", sa.Boolean(), nullable=False),
        sa.Column("run", sa.Text()),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("arrived", sa.Double(), nullable=False),
        sa.Column("ready", sa.Double(), nullable=False),
        sa.Column("claimed", sa.Boolean(), nullable=False, server_default=sa.false()),
        sqlite_autoincrement=True,
    )
    op.create_index("inbox_by_chat", "inbox", ["chat", "serial"])
    op.create_table(
        "seen",
        sa.Column("update_id", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("at", sa.Double(), nullable=False),
        sa.Column("starts", sa.Integer(), nullable=False, server_default="0"),
    )
    op.create_index("seen_by_age", "seen", ["at"])
    op.create_table(
        "allowances",
        sa.Column("key", sa.Text(), primary_key=True),
        sa.Column("times", sa.ARRAY(sa.Double()).with_variant(sa.JSON(), "sqlite"), nullable=False),
    )
