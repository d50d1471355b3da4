"""Whether a school and its classes are about as large as they have been: the proof where a format counts nothing."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from provision.core.cause import Cause, cause_of, new_year_at
from provision.core.history import Sighting
from provision.core.roster import Role, Roster
from provision.core.state import Key, Kind

# More than so many people, and more than this share of a school or class, do not vanish from one night to another.
_FEW: Final = 5
_OF_SCHOOL: Final = 0.2
_OF_CLASS: Final = 0.5


@dataclass(slots=True)
class _Counts:
    """Of one school: who was there in these days, who of them is gone without a reason, and from which class."""

    there: int = 0
    gone: int = 0
    classes: Counter[str] = field(default_factory=Counter)
    gone_from: Counter[str] = field(default_factory=Counter)


def shrunken(roster: Roster, before: Mapping[Key, Sighting], nights: int) -> dict[str, str]:
    """By school, what is missing there that was there in the last `nights` days before this in which anybody was seen.

    What stays away for longer is the school's size by then, and the nights of those who are missing begin to count.
    Those under protection are not counted, so that no figure tells of them.
    """
    counts: defaultdict[str, _Counts] = defaultdict(_Counts)
    earlier = (sighting.last_seen for sighting in before.values() if sighting.last_seen < roster.day)
    latest = max(earlier, default=roster.day)
    for key, sighting in before.items():
        lately = (latest - sighting.last_seen).days < nights and key.sourced_id not in roster.protected
        lately &= sighting.counted != roster.day  # else a run before this one has proven the absence today
        if lately and key.kind is Kind.ACCOUNT and sighting.role != Role.GUARDIAN:
            _count(key, sighting, roster, counts)
    return {org: doubt for org, each in counts.items() if (doubt := next(_doubts(each), ""))}


def _count(key: Key, sighting: Sighting, roster: Roster, counts: Mapping[str, _Counts]) -> None:
    now = roster.id_changes.get(key.sourced_id, key.sourced_id)
    gone = now not in roster.enrollments and now not in roster.doubtful
    if gone and cause_of(sighting, roster.day) is Cause.GRADUATED:
        return
    for org in sighting.orgs:
        counts[org].there += 1
        counts[org].gone += gone
        if sighting.homeroom:
            counts[org].classes[sighting.homeroom] += 1
            counts[org].gone_from[sighting.homeroom] += gone


def _doubts(counts: _Counts) -> Iterator[str]:
    if counts.gone > max(_FEW, _OF_SCHOOL * counts.there):
        yield f"{counts.gone} of {counts.there} people who were there some nights ago are not in the export"
    for homeroom, gone in sorted(counts.gone_from.items()):
        if gone > max(_FEW, _OF_CLASS * counts.classes[homeroom]):
            yield f"{gone} of {counts.classes[homeroom]} pupils of class {homeroom} are not in the export"


def relocated(roster: Roster, before: Mapping[Key, Sighting]) -> str:
    """The first school of which most people are at another one tonight, in words; "" where there is none.

    At the beginning of a school year schools do merge.
    """
    there: Counter[str] = Counter()
    away: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for key, sighting in before.items():
        enrollments = roster.enrollments.get(key.sourced_id) if key.kind is Kind.ACCOUNT else None
        if enrollments and sighting.nights == 0 and key.sourced_id not in roster.protected:
            now = {enrollment.org for enrollment in enrollments}
            for org in sighting.orgs:
                there[org] += 1
                away[org].update(now if org not in now else ())
    new_year = new_year_at(roster)
    for org, elsewhere in sorted(away.items()):
        other, count = next(iter(elsewhere.most_common(1)), ("", 0))
        if count > max(_FEW, there[org] // 2) and not {org, other} & new_year:
            return f"{count} of the {there[org]} people of school {org} are at {other}"
    return ""
