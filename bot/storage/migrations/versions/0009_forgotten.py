"""Of what was sent by somebody who asked to be forgotten before it was answered, nothing is kept."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Mark such updates, by their ids alone."""
    op.add_column("seen", sa.Column("forgotten", sa.Boolean(), nullable=False, server_default=sa.false()))
