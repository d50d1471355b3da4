"""What a source said as one Extract, with what it proves of each of its schools."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from provision.core.extract import Completeness, Extract
from provision.formats.rows import Rows

Reject = tuple[str, str, str, str]  # table, sourced_id, org, reason

# A contact that is missing says nothing of who is at the school.
_OF_NO_SCHOOL: Final = frozenset({"relationships"})


def extract_of(  # noqa: PLR0913 - what an Extract says of itself, each given by its name
    tables: Sequence[Rows],
    rejected: Iterable[Reject],
    *,
    source: str,
    read_at: datetime,
    as_of: datetime | None,
    whole: str,
    doubt: str = "",
) -> Extract:
    """All tables of a source, orgs, classes and enrollments among them, and what could not be used.

    `whole` is how it is known that nothing is missing; with a `doubt` no school is proven.
    """
    rejects = Rows("rejects")
    for reject in rejected:
        rejects.add(*reject)
    named = {rows.table: rows for rows in (*tables, rejects)}
    return Extract(
        source=source,
        read_at=read_at,
        as_of=as_of,
        tables={name: rows.frame() for name, rows in named.items()},
        completeness=_judge(named, proof="" if doubt else whole, doubt=doubt),
        whole="" if doubt else whole,
    )


def supplement_of(path: Path, tables: Sequence[Rows], *, source: str, read_at: datetime) -> Extract:
    """All lines of a file that the site keeps itself: they are as old as the file, and prove nothing of any school."""
    return Extract(
        source=source,
        read_at=read_at,
        as_of=datetime.fromtimestamp(path.stat().st_mtime, UTC),
        tables={rows.table: rows.frame() for rows in tables},
        whole="every line of the file was read",
    )


def located(rejected: Iterable[tuple[str, str, str]], orgs_of: Mapping[str, Set[str]]) -> Iterator[Reject]:
    """Rows of rejects for people, at the school where they are members when there is exactly one."""
    for table, sourced_id, reason in rejected:
        orgs = orgs_of.get(sourced_id, frozenset())
        yield table, sourced_id, next(iter(orgs)) if len(orgs) == 1 else "", reason


def _judge(tables: Mapping[str, Rows], *, proof: str, doubt: str) -> Mapping[str, Completeness]:
    """Per org. A reject that names no school may be of any of them, so it counts at each."""
    rows = Counter(tables["classes"].column("org")) + Counter(tables["enrollments"].column("org"))
    unreadable: Counter[str] = Counter()
    unidentified: Counter[str] = Counter()
    for table, sourced_id, org in zip(*map(tables["rejects"].column, ("table", "sourced_id", "org")), strict=True):
        if table not in _OF_NO_SCHOOL:
            unreadable[org] += 1
            unidentified[org] += not sourced_id
    return {
        org: Completeness(
            rows=rows[org],
            unreadable=unreadable[org] + unreadable[""],
            unidentified=unidentified[org] + unidentified[""],
            proof=proof,
            doubt=doubt,
        )
        for org in tables["orgs"].column("sourced_id")
    }
