"""How long what is held about people is kept, and who is to be forgotten."""

from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass
from datetime import date, timedelta

from provision.core.id_changes import IdChanges


@dataclass(frozen=True, slots=True)
class Terms:
    """So many whole days each is kept: what changes replaced; runs, with the changes and what people said to them;
    people after their last trace, once no target and no source knows them; files of first passwords; lines of the log.

    In this order none of the first three is kept for longer than the next: then nothing is left when a person goes.
    """

    before_images_days: int = 180
    runs_days: int = 365
    people_days: int = 365
    passwords_days: int = 90
    log_days: int = 30


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody by every id that they had, and the last day of which anything is recorded, None where of none is."""

    ids: frozenset[str]
    last: date | None


def is_over(last: date, days: int, today: date) -> bool:
    """Whether so many whole days have gone by since."""
    return last + timedelta(days=days) < today


def people(traces: Mapping[str, date | None], changes: Mapping[str, str]) -> list[Person]:
    """Everybody of whom there is a trace, with all their ids; `changes` lead from former ids to later ones."""
    linked = IdChanges(changes)
    found: list[Person] = []
    done: set[str] = set()
    for one in sorted(traces):
        if one not in done:
            ids = linked.all_of({one})
            done |= ids
            found.append(Person(ids, max(filter(None, map(traces.get, ids)), default=None)))
    return found


def to_forget(known: Iterable[Person], needed: Set[str], days: int, today: date) -> list[Person]:
    """Those whose time is over, and none of whose ids is needed any more."""
    return [
        person
        for person in known
        if not person.ids & needed and (person.last is None or is_over(person.last, days, today))
    ]
