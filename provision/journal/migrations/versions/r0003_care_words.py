"""What people said of somebody who needs care at once, sealed."""

from alembic import op
from sqlalchemy import Column, Integer, Text

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.create_table(
        "care_word",
        Column("id", Integer, primary_key=True),
        Column("sealed", Text, nullable=False),
    )
