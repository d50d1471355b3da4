"""The figures of each day, of groups and never of people."""

from alembic import op
from sqlalchemy import Column, Integer, String, Text

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.create_table(
        "figure_day",
        Column("day", String, primary_key=True),
        Column("definitions", Integer, nullable=False),
    )
    op.create_table(
        "figure",
        Column("org", String, primary_key=True),
        Column("level", String, primary_key=True),
        Column("key", String, primary_key=True),
        Column("day", String, primary_key=True),
        Column("counts", Text, nullable=False),
    )
