"""The schema's history: one file in `versions` for each change, run in order by Alembic."""
