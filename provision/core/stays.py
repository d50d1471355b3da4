"""What the site says of accounts that have no place in the SIS: named exceptions, and when people.csv's lines end."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from provision.core.extract import Extract
from provision.core.id_changes import IdChanges
from provision.core.roster import Ending, Roster, Stay
from provision.core.rows import day_of, rows

PEOPLE_FILE: Final = "people.csv"
EXCEPTIONS_FILE: Final = "exceptions.csv"
PEOPLE_SOURCE: Final = "people_csv"


@dataclass(frozen=True, slots=True)
class LastDay:
    """Somebody's last day, at which orgs where that is known, and the file in which to change it."""

    until: date
    sourced_id: str
    orgs: frozenset[str]
    file: str


def stays_of(extracts: Sequence[Extract], day: date) -> dict[str, Stay]:
    """The named exceptions that count on `day`; a day that is over counts for nothing."""
    found = {
        who: Stay(date.fromisoformat(until), owner, reason)
        for extract in extracts
        for who, until, owner, reason in rows(extract, "stays")
    }
    return {who: stay for who, stay in found.items() if stay.until >= day}


def stays_under_all_ids(stays: Mapping[str, Stay], ids: IdChanges) -> dict[str, Stay]:
    """The same for every id of each person; where two count, the longer."""
    found = dict(stays)
    for who, stay in stays.items():
        for each in ids.all_of({who}):
            found[each] = max(stay, found.get(each, stay), key=lambda s: s.until)
    return found


def endings_of(extracts: Iterable[Extract], users: Iterable[str]) -> dict[str, Ending]:
    """When the last line of each person in people.csv ends."""
    known = set(users)
    lasts: dict[str, dict[str, date]] = {}
    for extract in extracts:
        if extract.source == PEOPLE_SOURCE:
            for who, org, _class, _role, _begin, end, _primary in rows(extract, "enrollments"):
                until = day_of(end)
                if who in known and until:
                    by_org = lasts.setdefault(who, {})
                    by_org[org] = max(until, by_org.get(org, until))
    return {who: _ending(by_org) for who, by_org in lasts.items()}


def exceptions(roster: Roster) -> list[tuple[str, Stay]]:
    """Everybody's exception by the id that counts now, in a fixed order."""
    return [(who, roster.stays[who]) for who in sorted(roster.stays.keys() - roster.id_changes.keys())]


def last_days(roster: Roster, days: int) -> tuple[LastDay, ...]:
    """Who is in no SIS, or kept by exception, and has the last day today or within so many days; soonest first."""
    latest = roster.day + timedelta(days=days)
    found = [LastDay(each.until, who, each.orgs, PEOPLE_FILE) for who, each in roster.endings.items()]
    found += [LastDay(stay.until, who, frozenset(), EXCEPTIONS_FILE) for who, stay in exceptions(roster)]
    soon = (each for each in found if roster.day <= each.until <= latest)
    return tuple(sorted(soon, key=lambda each: (each.until, each.sourced_id, each.file)))


def _ending(by_org: Mapping[str, date]) -> Ending:
    last = max(by_org.values())
    return Ending(last, frozenset(org for org, until in by_org.items() if until == last))
