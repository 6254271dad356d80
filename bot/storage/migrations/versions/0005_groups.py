"""Groups: what their admins chose, and whether Telegram shows the bot all of their messages."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "groups",
        sa.Column("chat", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("mode", sa.Text()),
        sa.Column("hears_all", sa.Boolean()),
    )
