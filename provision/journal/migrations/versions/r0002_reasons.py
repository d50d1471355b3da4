"""Why people go, with each sighting, hold and approval; how many people each source held."""

from alembic import op
from sqlalchemy import Column, ForeignKey, Integer, String, Text

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.add_column("sighting", Column("leaving", String, nullable=False, server_default=""))
    op.add_column("sighting", Column("homeroom", String, nullable=False, server_default=""))
    op.add_column("source", Column("size", Integer, nullable=False, server_default="0"))
    op.add_column("approval", Column("role", String, nullable=False, server_default=""))
    op.add_column("approval", Column("cause", String, nullable=False, server_default=""))
    # Every run writes its holds anew; what is held now is held again by the next one, under its new name.
    op.drop_table("hold")
    op.create_table(
        "hold",
        Column("target", String, primary_key=True),
        Column("org", String, primary_key=True),
        Column("loss", String, primary_key=True),
        Column("role", String, primary_key=True),
        Column("cause", String, primary_key=True),
        Column("id", String, nullable=False),
        Column("losses", Integer, nullable=False),
        Column("allowed", Integer, nullable=False),
        Column("existing", Integer, nullable=False),
        Column("digest", String, nullable=False),
        Column("digests", Text, nullable=False),
        Column("examples", Text, nullable=False),
        Column("likely", Text, nullable=False),
        Column("owner", String, nullable=False),
        Column("run", String, ForeignKey("run.id"), nullable=False),
        Column("first_seen", String, nullable=False),
    )
