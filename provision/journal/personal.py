"""Everything that the journal holds about somebody: the answer to a request for access."""

import json
from collections.abc import Set
from typing import Any, Final

from sqlalchemy import Connection, Select, select

from provision.core.decided import named_in
from provision.core.mentions import sought
from provision.journal import mentions, words
from provision.journal.erasure import keys_of
from provision.journal.store import Store
from provision.journal.tables import ACCOUNT_STATE, ASKED, CHANGE, DECISION, PRINT, SIGHTING, USERNAME, WEB_SESSION

_IN_JSON: Final = frozenset({"orgs", "before"})
# Of what somebody asked for, where people are named; of a session all that is no key to it.
_WORDS_OF_REQUESTS: Final = ("what", "by", "reason", "said")
_OF_SESSIONS: Final = ("issuer", "subject", "person", "began", "seen", "expires", "ended")

Rows = list[dict[str, Any]]


def about(connection: Connection, store: Store, ids: Set[str]) -> dict[str, Rows]:
    """By table every row about these people, and as "mentions" where else, and how often, they are named.

    Of keyed hashes is only said that there are some: they say nothing to anybody.
    """
    keys = keys_of(ids)
    found = {
        "sightings": _rows(connection, select(SIGHTING).where(SIGHTING.c.key.in_(keys))),
        "account_states": _rows(connection, select(ACCOUNT_STATE).where(ACCOUNT_STATE.c.key.in_(keys))),
        "usernames": _rows(connection, select(USERNAME).where(USERNAME.c.sourced_id.in_(ids))),
        "keyed_hashes": _rows(connection, select(PRINT.c.sourced_id).where(PRINT.c.sourced_id.in_(ids))),
        "changes": _rows(connection, select(CHANGE).where(CHANGE.c.key.in_(keys)).order_by(CHANGE.c.id)),
        "decisions": [
            row for row in _rows(connection, select(DECISION)) if named_in(row["subject"], row["verdict"]) & ids
        ],
        "words": words.said_of(connection, store, ids),
        "requests": _requests(connection, ids),
        "sessions": _sessions(connection, ids),
        "mentions": [
            {"where": place, "times": number}
            for place, number in mentions.search(connection, None, sorted(ids)).items()
        ],
    }
    return {table: rows for table, rows in found.items() if rows}


def _requests(connection: Connection, ids: Set[str]) -> Rows:
    """What was asked for by hand for these people, or by them."""
    names = connection.scalars(select(USERNAME.c.name).where(USERNAME.c.sourced_id.in_(ids))).all()
    themselves, by = sought(ids), sought({*ids, *names})
    found = _rows(connection, select(ASKED).order_by(ASKED.c.id))
    return [
        {name: cell for name, cell in row.items() if name != "digest"}
        for row in found
        if by.found_in(row["by"]) or any(themselves.found_in(str(row[name])) for name in _WORDS_OF_REQUESTS)
    ]


def _sessions(connection: Connection, ids: Set[str]) -> Rows:
    """Their logins to the pages; of a keyed hash in what was proved only that there is one."""
    columns = [WEB_SESSION.c[name] for name in (*_OF_SESSIONS, "claims")]
    rows = connection.execute(select(*columns).where(WEB_SESSION.c.person.in_(ids)).order_by(WEB_SESSION.c.began))
    return [
        {name: row[name] for name in _OF_SESSIONS} | {"login": claims["login"], "groups": claims["groups"]}
        for row in rows.mappings()
        for claims in [json.loads(row["claims"])]
    ]


def _rows(connection: Connection, query: Select[Any]) -> Rows:
    return [
        {name: json.loads(cell) if name in _IN_JSON else cell for name, cell in row.items()}
        for row in connection.execute(query).mappings()
    ]
