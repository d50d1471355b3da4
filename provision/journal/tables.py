"""The journal's tables, as the latest migration leaves them.

Days and moments are ISO 8601 text (moments in UTC), so that they read, sort and compare the same in every database.
"""

from typing import Final

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, MetaData, String, Table, Text

NAMING: Final = {
    "pk": "pk_%(table_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
}

METADATA: Final = MetaData(naming_convention=NAMING)

META: Final = Table(
    "meta",
    METADATA,
    Column("name", String, primary_key=True),
    Column("value", String, nullable=False),
)

LEASE: Final = Table(
    "lease",
    METADATA,
    Column("site", String, primary_key=True),
    Column("fence", Integer, nullable=False),
    Column("owner", String, nullable=False),
    Column("host", String, nullable=False),
    Column("pid", Integer, nullable=False),
    Column("guarded", Boolean, nullable=False),
    Column("taken", String, nullable=False),
    Column("expires", String, nullable=False),
)

RUN: Final = Table(
    "run",
    METADATA,
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
    Index(None, "status"),
)

CHANGE: Final = Table(
    "change",
    METADATA,
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
    Index(None, "run", "key"),
    Index(None, "key"),
)

SIGHTING: Final = Table(
    "sighting",
    METADATA,
    Column("key", String, primary_key=True),
    Column("last_seen", String, nullable=False),
    Column("orgs", Text, nullable=False),
    Column("role", String, nullable=False),
    Column("until", String),
    Column("nights", Integer, nullable=False),
    Column("counted", String),
    Column("leaving", String, nullable=False),
    Column("homeroom", String, nullable=False),
)

SOURCE: Final = Table(
    "source",
    METADATA,
    Column("name", String, primary_key=True),
    Column("as_of", String, nullable=False),
    Column("size", Integer, nullable=False),
)

ACCOUNT_STATE: Final = Table(
    "account_state",
    METADATA,
    Column("target", String, primary_key=True),
    Column("key", String, primary_key=True),
    Column("disabled_since", String, nullable=False),
)

USERNAME: Final = Table(
    "username",
    METADATA,
    Column("name", String, primary_key=True),
    Column("sourced_id", String, nullable=False),
    Column("reserved", String, nullable=False),
    Index(None, "sourced_id"),
)

HOLD: Final = Table(
    "hold",
    METADATA,
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

APPROVAL: Final = Table(
    "approval",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("hold", String, nullable=False),
    Column("target", String, nullable=False),
    Column("org", String, nullable=False),
    Column("loss", String, nullable=False),
    Column("role", String, nullable=False),
    Column("cause", String, nullable=False),
    Column("digests", Text, nullable=False),
    Column("approver", String, nullable=False),
    Column("reason", Text, nullable=False),
    Column("approved", String, nullable=False),
    Column("expires", String, nullable=False),
    Column("used_by", String, ForeignKey("run.id")),
)

DECISION: Final = Table(
    "decision",
    METADATA,
    Column("subject", String, primary_key=True),
    Column("verdict", String, nullable=False),
    Column("decided_by", String, nullable=False),
    Column("decided", String, nullable=False),
)

AUDIT: Final = Table(
    "audit",
    METADATA,
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("body", Text, nullable=False),
    Column("hash", String, nullable=False),
)

CARE_WORD: Final = Table(
    "care_word",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("sealed", Text, nullable=False),
)

PRINT: Final = Table(
    "print",
    METADATA,
    Column("sourced_id", String, primary_key=True),
    Column("number", String, nullable=False),
    Column("person", String, nullable=False),
    Column("born", String, nullable=False),
)

RETIRED_NAME: Final = Table(
    "retired_name",
    METADATA,
    Column("name", String, primary_key=True),
    Column("owner", String, nullable=False),
    Column("sealed", Text, nullable=False),
)

FIGURE_DAY: Final = Table(
    "figure_day",
    METADATA,
    Column("day", String, primary_key=True),
    Column("definitions", Integer, nullable=False),
    Column("stands_on", Text, nullable=False, server_default="[]"),
)

# A group's counts, on the days on which they are others than on the counted day before.
FIGURE: Final = Table(
    "figure",
    METADATA,
    Column("org", String, primary_key=True),
    Column("level", String, primary_key=True),
    Column("key", String, primary_key=True),
    Column("day", String, primary_key=True),
    Column("counts", Text, nullable=False),
)

# What the service does when: done once for each firing, whatever the clock does.
SLOT: Final = Table(
    "slot",
    METADATA,
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

# What was asked for by hand: one at work and one that waits.
ASKED: Final = Table(
    "asked",
    METADATA,
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
    Index(None, "state"),
)

# How far what is at work has come.
PROGRESS: Final = Table(
    "progress",
    METADATA,
    Column("work", String, primary_key=True),
    Column("stage", String, nullable=False),
    Column("done", Integer, nullable=False),
    Column("total", Integer, nullable=False),
    Column("at", String, nullable=False),
)

# Which conditions hold, and whether that was told.
ALERT: Final = Table(
    "alert",
    METADATA,
    Column("kind", String, primary_key=True),
    Column("subject", String, primary_key=True),
    Column("since", String, nullable=False),
    Column("said", Text, nullable=False),
    Column("told", String),
    Column("over", String),
    Column("over_told", String),
)

# Logins to the pages; of the cookie only a hash.
WEB_SESSION: Final = Table(
    "web_session",
    METADATA,
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
    Index(None, "person"),
)

# Logins that were begun at a provider, until they come back.
WEB_LOGIN: Final = Table(
    "web_login",
    METADATA,
    Column("hash", String, primary_key=True),
    Column("content", Text, nullable=False),
    Column("expires", String, nullable=False),
)
