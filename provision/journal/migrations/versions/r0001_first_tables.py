"""The first tables: runs and changes, evidence, usernames, holds and approvals, the audit chain."""

from alembic import op
from sqlalchemy import Boolean, Column, ForeignKey, Integer, String, Text, column, table

revision = "0001"
down_revision = None


def upgrade() -> None:
    _make_meta()
    _make_lease()
    _make_runs()
    _make_changes()
    _make_evidence()
    _make_usernames()
    _make_holds()
    _make_consent()
    _make_audit()


def _make_meta() -> None:
    op.create_table(
        "meta",
        Column("name", String, primary_key=True),
        Column("value", String, nullable=False),
    )


def _make_lease() -> None:
    op.create_table(
        "lease",
        Column("site", String, primary_key=True),
        Column("fence", Integer, nullable=False),
        Column("owner", String, nullable=False),
        Column("host", String, nullable=False),
        Column("pid", Integer, nullable=False),
        Column("guarded", Boolean, nullable=False),
        Column("taken", String, nullable=False),
        Column("expires", String, nullable=False),
    )
    nobody = {
        "site": "site", "fence": 0, "owner": "", "host": "", "pid": 0, "guarded": False, "taken": "", "expires": "",
    }  # fmt: skip  # one row
    op.bulk_insert(table("lease", *map(column, nobody)), [nobody])


def _make_runs() -> None:
    op.create_table(
        "run",
        Column("id", String, primary_key=True),
        Column("job", String, nullable=False),
        Column("mode", String, nullable=False),
        Column("day", String, nullable=False),
        Column("fence", Integer, nullable=False),
        Column("status", String, nullable=False),
        Column("began", String, nullable=False),
        Column("ended", String),
        Column("exit_code", Integer),
        Column("summary", Text, nullable=False),
    )
    op.create_index("ix_run_status", "run", ["status"])


def _make_changes() -> None:
    op.create_table(
        "change",
        Column("id", Integer, primary_key=True),
        Column("run", String, ForeignKey("run.id"), nullable=False),
        Column("target", String, nullable=False),
        Column("verb", String, nullable=False),
        Column("key", String, nullable=False),
        Column("orgs", Text, nullable=False),
        Column("role", String, nullable=False),
        Column("reason", Text, nullable=False),
        Column("before", Text, nullable=False),
        Column("intended", String, nullable=False),
        Column("status", String, nullable=False),
        Column("settled", String),
        Column("detail", Text, nullable=False),
    )
    op.create_index("ix_change_run_key", "change", ["run", "key"])
    op.create_index("ix_change_key", "change", ["key"])


def _make_evidence() -> None:
    op.create_table(
        "sighting",
        Column("key", String, primary_key=True),
        Column("last_seen", String, nullable=False),
        Column("orgs", Text, nullable=False),
        Column("role", String, nullable=False),
        Column("until", String),
        Column("nights", Integer, nullable=False),
        Column("counted", String),
    )
    op.create_table(
        "source",
        Column("name", String, primary_key=True),
        Column("as_of", String, nullable=False),
    )
    op.create_table(
        "account_state",
        Column("target", String, primary_key=True),
        Column("key", String, primary_key=True),
        Column("disabled_since", String, nullable=False),
    )


def _make_usernames() -> None:
    op.create_table(
        "username",
        Column("name", String, primary_key=True),
        Column("sourced_id", String, nullable=False),
        Column("reserved", String, nullable=False),
    )
    op.create_index("ix_username_sourced_id", "username", ["sourced_id"])


def _make_holds() -> None:
    op.create_table(
        "hold",
        Column("target", String, primary_key=True),
        Column("org", String, primary_key=True),
        Column("loss", String, primary_key=True),
        Column("id", String, nullable=False),
        Column("losses", Integer, nullable=False),
        Column("allowed", Integer, nullable=False),
        Column("existing", Integer, nullable=False),
        Column("digest", String, nullable=False),
        Column("digests", Text, nullable=False),
        Column("examples", Text, nullable=False),
        Column("run", String, ForeignKey("run.id"), nullable=False),
        Column("first_seen", String, nullable=False),
    )


def _make_consent() -> None:
    op.create_table(
        "approval",
        Column("id", Integer, primary_key=True),
        Column("hold", String, nullable=False),
        Column("target", String, nullable=False),
        Column("org", String, nullable=False),
        Column("loss", String, nullable=False),
        Column("digests", Text, nullable=False),
        Column("approver", String, nullable=False),
        Column("reason", Text, nullable=False),
        Column("approved", String, nullable=False),
        Column("expires", String, nullable=False),
        Column("used_by", String, ForeignKey("run.id")),
    )
    op.create_table(
        "decision",
        Column("subject", String, primary_key=True),
        Column("verdict", String, nullable=False),
        Column("decided_by", String, nullable=False),
        Column("decided", String, nullable=False),
    )


def _make_audit() -> None:
    op.create_table(
        "audit",
        Column("seq", Integer, primary_key=True, autoincrement=False),
        Column("body", Text, nullable=False),
        Column("hash", String, nullable=False),
    )
