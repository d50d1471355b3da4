"""What a whole PIFU-IMS document proves of each school in it."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Set
from typing import Final

from provision.core.roster import Completeness
from provision.formats.rows import Rows
from provision.sources.pifu_ims.places import Places

PROOF: Final = "the file is whole and well-formed"

# A contact that is missing says nothing of who is at the school.
_OF_NO_SCHOOL: Final = frozenset({"relationships"})


def located(
    rejected: Iterable[tuple[str, str, str]], orgs_of: Mapping[str, Set[str]]
) -> Iterator[tuple[str, str, str, str]]:
    """Rows of rejects for people, at the school where they are members when there is exactly one."""
    for table, sourced_id, reason in rejected:
        orgs = orgs_of.get(sourced_id, frozenset())
        yield table, sourced_id, next(iter(orgs)) if len(orgs) == 1 else "", reason


def judge(places: Places, enrollments: Rows, rejects: Rows) -> Mapping[str, Completeness]:
    """Per org of the document. A reject that names no school may be of any of them, so it counts at each."""
    rows = Counter(places.classes.column("org")) + Counter(enrollments.column("org"))
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
            proof=PROOF,
        )
        for org in places.orgs.column("sourced_id")
    }
