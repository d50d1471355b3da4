"""What a source that is whole proves of each of its schools."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Set
from typing import Final

from provision.core.roster import Completeness
from provision.formats.rows import Rows

# A contact that is missing says nothing of who is at the school.
_OF_NO_SCHOOL: Final = frozenset({"relationships"})


def located(
    rejected: Iterable[tuple[str, str, str]], orgs_of: Mapping[str, Set[str]]
) -> Iterator[tuple[str, str, str, str]]:
    """Rows of rejects for people, at the school where they are members when there is exactly one."""
    for table, sourced_id, reason in rejected:
        orgs = orgs_of.get(sourced_id, frozenset())
        yield table, sourced_id, next(iter(orgs)) if len(orgs) == 1 else "", reason


def judge(
    orgs: Rows, classes: Rows, enrollments: Rows, rejects: Rows, *, proof: str, doubt: str = ""
) -> Mapping[str, Completeness]:
    """Per org. A reject that names no school may be of any of them, so it counts at each."""
    rows = Counter(classes.column("org")) + Counter(enrollments.column("org"))
    unreadable: Counter[str] = Counter()
    unidentified: Counter[str] = Counter()
    for table, sourced_id, org in zip(*map(rejects.column, ("table", "sourced_id", "org")), strict=True):
        if table not in _OF_NO_SCHOOL:
            unreadable[org] += 1
            unidentified[org] += not sourced_id
    return {
        org: Completeness(
            rows=rows[org],
            unreadable=unreadable[org] + unreadable[""],
            unidentified=unidentified[org] + unidentified[""],
            proof="" if doubt else proof,
            doubt=doubt,
        )
        for org in orgs.column("sourced_id")
    }
