"""What the figures of a day stand on: the SIS and each inventory, how much it held and when that was true."""

from alembic import op
from sqlalchemy import Column, Text

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.add_column("figure_day", Column("stands_on", Text, nullable=False, server_default="[]"))
