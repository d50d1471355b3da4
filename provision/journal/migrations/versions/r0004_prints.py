"""Keyed hashes by which people are known again under another id."""

from alembic import op
from sqlalchemy import Column, String

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.create_table(
        "print",
        Column("sourced_id", String, primary_key=True),
        Column("number", String, nullable=False),
        Column("person", String, nullable=False),
        Column("born", String, nullable=False),
    )
