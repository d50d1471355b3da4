"""Where in the journal somebody is named: found, taken out of the texts of others, and shown to be gone."""

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Column, Connection, bindparam, select, update

from provision.core.mentions import Sought, sought, unescaped
from provision.core.state import Kind
from provision.errors import JournalError
from provision.journal.audit import ERASED
from provision.journal.codec import ERASED_IMAGE, canonical
from provision.journal.consent import NO
from provision.journal.tables import (
    ACCOUNT_STATE,
    ALERT,
    APPROVAL,
    ASKED,
    AUDIT,
    CARE_WORD,
    CHANGE,
    DECISION,
    HOLD,
    LEASE,
    META,
    METADATA,
    PRINT,
    PROGRESS,
    RETIRED_NAME,
    RUN,
    SIGHTING,
    SLOT,
    SOURCE,
    USERNAME,
    WEB_LOGIN,
    WEB_SESSION,
)

# What names nobody, whatever stands in it: moments, numbers, words of our own, keyed hashes and what is sealed. The
# digests of holds and approvals are not keyed; they go with the runs, which is before those go whom they are about.
OPAQUE: Final[Mapping[str, frozenset[str]]] = {
    META.name: frozenset({"name", "value"}),
    LEASE.name: frozenset({"site", "taken", "expires"}),
    RUN.name: frozenset({"id", "day", "status", "began", "ended", "mode"}),
    CHANGE.name: frozenset({"run", "intended", "settled", "status", "verb"}),
    SIGHTING.name: frozenset({"last_seen", "until", "counted"}),
    SOURCE.name: frozenset({"as_of"}),
    ACCOUNT_STATE.name: frozenset({"disabled_since"}),
    USERNAME.name: frozenset({"reserved"}),
    HOLD.name: frozenset({"id", "digest", "digests", "run", "first_seen"}),
    APPROVAL.name: frozenset({"hold", "digests", "approved", "expires", "used_by"}),
    DECISION.name: frozenset({"decided"}),
    ASKED.name: frozenset({"digest", "asked", "state", "run", "ended"}),
    AUDIT.name: frozenset({"hash"}),
    CARE_WORD.name: frozenset({"sealed"}),
    PRINT.name: frozenset({"number", "person", "born"}),
    RETIRED_NAME.name: frozenset({"name", "owner", "sealed"}),
    SLOT.name: frozenset({"slot", "expires", "began", "ended", "again"}),
    PROGRESS.name: frozenset({"at"}),
    ALERT.name: frozenset({"since", "told", "over", "over_told"}),
    WEB_SESSION.name: frozenset({"hash", "csrf", "began", "seen", "expires", "ended"}),
    WEB_LOGIN.name: frozenset({"hash", "expires"}),
}
_OPAQUE_IN_AUDIT: Final = frozenset({"at", "run", "day", "digest", "event", "exit_code", "expires"})
# Shorter ones turn up in raw bytes by chance, where one cell ends and the next begins.
_LONG_ENOUGH: Final = 6


def take_out(connection: Connection, ids: Iterable[str]) -> Counter[str]:
    """Takes these people out of all texts that are about somebody else, and whole images that hold one of them."""
    wanted = sought(ids)
    in_images = sought(f"{Kind.ACCOUNT}:{each}" for each in ids)
    counts: Counter[str] = Counter()
    if wanted:
        counts["before-images"] = _rewrite(connection, CHANGE.c.before, CHANGE.c.id, in_images, lambda _: ERASED_IMAGE)
        for column, key, new in (
            (CHANGE.c.reason, CHANGE.c.id, wanted.taken_out_of),
            (CHANGE.c.detail, CHANGE.c.id, wanted.taken_out_of),
            (RUN.c.summary, RUN.c.id, lambda text: _within_json(text, wanted)),
            (HOLD.c.examples, HOLD.c.id, lambda text: _within_json(text, wanted)),
            (HOLD.c.likely, HOLD.c.id, wanted.taken_out_of),
            (APPROVAL.c.reason, APPROVAL.c.id, wanted.taken_out_of),
            (DECISION.c.verdict, DECISION.c.subject, wanted.taken_out_of),
            (ASKED.c.what, ASKED.c.id, wanted.taken_out_of),
            (ASKED.c.by, ASKED.c.id, wanted.taken_out_of),
            (ASKED.c.reason, ASKED.c.id, wanted.taken_out_of),
            (ASKED.c.said, ASKED.c.id, wanted.taken_out_of),
        ):
            counts["mentions"] += _rewrite(connection, column, key, wanted, new)
    return counts


def search(connection: Connection, file: Path | None, texts: Sequence[str]) -> dict[str, int]:
    """By table and column, or by file, how often any of these texts stands there."""
    wanted, found = sought(texts), Counter[str]()
    if wanted:
        for place, cell in cells(connection):
            found[place] += bool(wanted.found_in(cell))
        for path in (file, file.with_name(f"{file.name}-wal")) if file else ():
            found[path.name] += len(_in_bytes(connection, path, texts)) if path.exists() else 0
    return {place: number for place, number in sorted(found.items()) if number}


def cells(connection: Connection) -> Iterator[tuple[str, str]]:
    """Every text that may name somebody, with its table and column."""
    for table in METADATA.sorted_tables:
        opaque = OPAQUE.get(table.name, frozenset())
        columns = [column for column in table.columns if column.type.python_type is str and column.name not in opaque]
        if columns:
            for row in connection.execute(select(*columns)).yield_per(5000):
                for column, cell in zip(columns, row, strict=True):
                    if cell:
                        yield f"{table.name}.{column.name}", _text_of(table.name, cell)


def texts_of_audit(body: Mapping[str, Any]) -> list[str]:
    """What a record of the chain may say of somebody."""
    return [str(value) for name, value in body.items() if name not in _OPAQUE_IN_AUDIT]


def _text_of(table: str, cell: str) -> str:
    if table == AUDIT.name:
        return "" if cell.startswith(ERASED) else " ".join(texts_of_audit(json.loads(cell)))
    return unescaped(cell)


def _rewrite(
    connection: Connection, column: Column[str], key: Column[Any], wanted: Sought, new: Callable[[str], str]
) -> int:
    """Exchanges the texts in which somebody is named; how many there were."""
    texts = select(key, column).where(column != "")
    if column is DECISION.c.verdict:  # all others are values of ours: a size, a moment, another's id
        texts = texts.where(key.startswith(NO, autoescape=True))
    rows = [
        {"the_key": each, "new": new(text)}
        for each, text in connection.execute(texts).yield_per(5000)
        if wanted.found_in(_text_of(column.table.name, text))
    ]
    if rows:
        to_new = update(column.table).where(key == bindparam("the_key")).values({column: bindparam("new")})
        connection.execute(to_new, rows)
    return len(rows)


def _within_json(text: str, wanted: Sought) -> str:
    def without(part: Any) -> Any:
        match part:
            case str():
                return wanted.taken_out_of(part)
            case list():
                return [without(each) for each in part]
            case dict():
                return {name: without(each) for name, each in part.items()}
        return part

    return canonical(without(json.loads(text)))


def _in_bytes(connection: Connection, path: Path, texts: Iterable[str]) -> set[str]:
    """Those that stand in the file's bytes and in no row: left behind in a page that is not in use."""
    content = _read_apart(path)
    forms = {each: {each.encode(), json.dumps(each)[1:-1].encode()} for each in texts if len(each) >= _LONG_ENOUGH}
    there = {each for each, written in forms.items() if any(form in content for form in written)}
    for table in METADATA.sorted_tables if there else ():
        for row in connection.execute(select(table)).yield_per(5000):
            there -= {
                each for each in there if any(each in str(cell) or json.dumps(each)[1:-1] in str(cell) for cell in row)
            }
    return there


def _read_apart(path: Path) -> bytes:
    """The file's bytes, read by another process: closing it in this one would end the locks that SQLite has on it."""
    reads = "import shutil, sys; shutil.copyfileobj(open(sys.argv[1], 'rb'), sys.stdout.buffer)"
    command = [sys.executable, "-I", "-S", "-c", reads, str(path)]
    try:
        return subprocess.run(command, check=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE).stdout  # noqa: S603  our own words, and no shell
    except (OSError, subprocess.CalledProcessError) as error:
        raise JournalError(f"journal {path}: its bytes cannot be read ({type(error).__name__})") from None
