"""What the service and its pages keep: what was done when, what was asked, what was told, who is logged in."""

from alembic import op
from sqlalchemy import Boolean, Column, Integer, String, Text

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.create_table(
        "slot",
        Column("job", String, primary_key=True),
        Column("kind", String, primary_key=True),
        Column("slot", String, primary_key=True),
        Column("owner", String, nullable=False),
        Column("host", String, nullable=False),
        Column("pid", Integer, nullable=False),
        Column("expires", String, nullable=False),
        Column("attempts", Integer, nullable=False),
        Column("began", String, nullable=False),
        Column("ended", String),
        Column("exit_code", Integer),
        Column("said", Text, nullable=False),
        Column("again", String),
    )
    op.create_table(
        "asked",
        Column("id", Integer, primary_key=True),
        Column("job", String, nullable=False),
        Column("what", String, nullable=False),
        Column("targets", Text, nullable=False),
        Column("fresh", Boolean, nullable=False),
        Column("by", String, nullable=False),
        Column("reason", Text, nullable=False),
        Column("digest", String, nullable=False),
        Column("asked", String, nullable=False),
        Column("state", String, nullable=False),
        Column("run", String),
        Column("ended", String),
        Column("exit_code", Integer),
        Column("said", Text, nullable=False),
    )
    op.create_table(
        "progress",
        Column("work", String, primary_key=True),
        Column("stage", String, nullable=False),
        Column("done", Integer, nullable=False),
        Column("total", Integer, nullable=False),
        Column("at", String, nullable=False),
    )
    op.create_table(
        "alert",
        Column("kind", String, primary_key=True),
        Column("subject", String, primary_key=True),
        Column("since", String, nullable=False),
        Column("said", Text, nullable=False),
        Column("told", String),
        Column("over", String),
        Column("over_told", String),
    )
    op.create_table(
        "web_session",
        Column("hash", String, primary_key=True),
        Column("issuer", String, nullable=False),
        Column("subject", String, nullable=False),
        Column("person", String, nullable=False),
        Column("claims", Text, nullable=False),
        Column("csrf", String, nullable=False),
        Column("began", String, nullable=False),
        Column("seen", String, nullable=False),
        Column("expires", String, nullable=False),
        Column("ended", String),
    )
    op.create_table(
        "web_login",
        Column("hash", String, primary_key=True),
        Column("content", Text, nullable=False),
        Column("expires", String, nullable=False),
    )
    op.create_index("ix_asked_state", "asked", ["state"])
    op.create_index("ix_web_session_person", "web_session", ["person"])
