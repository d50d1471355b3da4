"""Names of people who are forgotten, as keyed hashes."""

from alembic import op
from sqlalchemy import Column, String, Text

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.create_table(
        "retired_name",
        Column("name", String, primary_key=True),
        Column("owner", String, nullable=False),
        Column("sealed", Text, nullable=False),
    )
