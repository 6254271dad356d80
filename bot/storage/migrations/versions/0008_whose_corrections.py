"""A correction belongs to who sent the photo: group admins' of other people's photos were kept as the admins' own."""

from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Give them to whose handwriting they are, and delete those of people who haven't agreed."""
    op.execute(
        "DELETE FROM corrections WHERE EXISTS (SELECT 1 FROM readings WHERE readings.id = corrections.reading"
        " AND readings.person <> corrections.person AND readings.person NOT IN (SELECT person FROM people))"
    )
    op.execute(
        "UPDATE corrections SET person = (SELECT readings.person FROM readings WHERE readings.id = corrections.reading)"
        " WHERE reading IN (SELECT id FROM readings)"
    )
