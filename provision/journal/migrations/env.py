"""Alembic's entry point: runs the steps on the connection, and in the transaction, that the journal hands in."""

from alembic import context

from provision.journal.tables import METADATA

context.configure(connection=context.config.attributes["connection"], target_metadata=METADATA)
context.run_migrations()
