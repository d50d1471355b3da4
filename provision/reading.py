"""What the sources say tonight, under the ids that count now, and what people have said of who is who."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from loguru import logger

from provision.caution import REASON
from provision.core.absence import older
from provision.core.care import under_known_ids
from provision.core.decided import (
    changed_ids,
    distinct_people,
    id_changes,
    void_changes,
)
from provision.core.extract import Extract
from provision.core.guardians import related
from provision.core.history import History
from provision.core.id_changes import IdChanges
from provision.core.ports import Source
from provision.core.relinks import Relinks, find_relinks, waiting_for
from provision.core.roster import Roster
from provision.core.sightings import tells_of_guardians
from provision.core.state import Key, Kind
from provision.core.subjects import Placed, placed_people
from provision.core.tables import build_roster
from provision.core.words import with_words
from provision.errors import SourceError
from provision.journal.journal import Journal

# Is told of the roster, of the ids of everybody in it and of what it is made from before anything else is done, and may
# refuse them.
Accept = Callable[[Roster, IdChanges, History, Sequence[Extract]], None]


@dataclass(frozen=True, slots=True)
class Reading:
    """What the sources say tonight, under the ids that count now, and what earlier nights saw.

    `relinks` are new ids that nobody announced. Where they are so many that the export must have changed and not the
    people, they are followed by nobody, and `relinking` says so; else `recognised` are those whose number says it, and
    `alike` says of the others who they may be. `distinct` are newcomers who were said to be nobody else, `confirmed`
    former ids of which a person said whose they are.
    """

    roster: Roster
    people: Mapping[str, Placed]
    history: History
    relinks: Relinks
    relinking: str
    distinct: frozenset[str]
    confirmed: frozenset[str]

    @property
    def recognised(self) -> Mapping[str, str]:
        return {} if self.relinking else self.relinks.certain

    @property
    def alike(self) -> dict[Key, str]:
        told = {} if self.relinking else waiting_for(self.relinks)
        return {Key(Kind.ACCOUNT, person): reason for person, reason in told.items()}


def read_roster(sources: Sequence[Source], day: date, journal: Journal, accept: Accept = lambda *_: None) -> Reading:
    """The roster of the day and what earlier nights saw. Raises SourceError: half a source says nothing."""
    extracts = [_read(source, day) for source in sources]
    roster, history, decisions = build_roster(extracts, day), journal.history(), journal.decisions()
    _refuse_the_past(roster, history)
    ids = IdChanges({**id_changes(decisions), **roster.id_changes}, void_changes(decisions))
    roster = replace(roster, id_changes=ids.leading(roster.present))
    people, known, distinct = placed_people(roster), journal.prints(), distinct_people(decisions)
    guardians = related(roster) if tells_of_guardians(history) else frozenset()
    relinks = find_relinks(roster, (people.keys() | guardians) - distinct, known, journal.keyed)
    relinking = _relinking(relinks) if relinks.is_mass(len(known)) else ""
    recognised = {} if relinking else relinks.certain
    ids = IdChanges({**ids.counted, **recognised}, ids.void, relinks.pairs)
    roster = under_known_ids(roster, ids)
    accept(roster, ids, history, extracts)
    return Reading(
        roster=with_words(roster, journal.words(), ids),
        people=people,
        history=history,
        relinks=relinks,
        relinking=relinking,
        distinct=distinct,
        confirmed=changed_ids(journal.decided_by_people()),
    )


def _read(source: Source, day: date) -> Extract:
    logger.info("reading {}", source.name)
    extract = source.read()
    if extract.completeness:
        _refuse_the_future(extract, day)
    return extract


def _refuse_the_past(roster: Roster, history: History) -> None:
    if stale := older(roster, history):
        raise SourceError(
            f"{stale} is from {roster.as_of[stale]:%Y-%m-%d %H:%M}, older than what was read last "
            f"({history.as_of[stale]:%Y-%m-%d %H:%M}); fetch a new export"
        )


def _relinking(relinks: Relinks) -> str:
    certain, proposed = len(relinks.certain), len(relinks.proposed)
    return (
        f"the SIS seems to have given {certain + proposed} people new ids ({certain} have the same identity number, "
        f"{proposed} the same name and birth date). If so: provision approve {relinks.id} {REASON}"
    )


def _refuse_the_future(extract: Extract, day: date) -> None:
    """One wrong clock, believed once, would make every later export look old."""
    latest = max(day, extract.read_at.date()) + timedelta(days=1)
    if extract.as_of is not None and extract.as_of.date() > latest:
        raise SourceError(
            f"{extract.source} says that it is from {extract.as_of:%Y-%m-%d}, which is yet to come; "
            "set the clock of the machine that exports it"
        )
