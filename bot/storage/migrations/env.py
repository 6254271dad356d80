"""What Alembic runs: all changes in one transaction, and never two programs at once."""

from alembic import context
from sqlalchemy import create_engine
from sqlalchemy.pool import NullPool

from bot.storage.database import Lock

# SQLAlchemy's own transaction doesn't hold DDL on SQLite, so it is begun and committed here.
engine = create_engine(context.config.attributes["url"], isolation_level="AUTOCOMMIT", poolclass=NullPool)
with engine.connect() as connection:
    on_postgres = connection.dialect.name == "postgresql"
    connection.exec_driver_sql("BEGIN" if on_postgres else "BEGIN IMMEDIATE")
    if on_postgres:
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({Lock.SCHEMA:d})")
    try:
        context.configure(connection=connection, transactional_ddl=False)
        context.run_migrations()
    except BaseException:
        connection.exec_driver_sql("ROLLBACK")
        raise
    connection.exec_driver_sql("COMMIT")
