"""The journal's schema, step by step; Alembic runs it when a journal is opened."""
