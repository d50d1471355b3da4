"""What the sources say tonight, under the ids that count now, and what people have said of who is who."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

from loguru import logger

from provision.caution import REASON
from provision.core.absence import older
from provision.core.care import under_known_ids
from provision.core.decided import distinct_people, id_change, id_changes, is_distinct, void_changes, voided
from provision.core.history import History
from provision.core.ports import Source
from provision.core.relinks import Relinks, find_relinks, waiting_for
from provision.core.roster import Extract, Roster
from provision.core.state import Key, Kind
from provision.core.subjects import Placed, placed_people
from provision.core.tables import build_roster
from provision.core.words import with_words
from provision.errors import SourceError, UsageError
from provision.journal.journal import Journal

# Is told of the roster and of what it is made from before anything else is done, and may refuse them.
Accept = Callable[[Roster, History, Sequence[Extract]], None]


@dataclass(frozen=True, slots=True)
class Reading:
    """What the sources say tonight, under the ids that count now, and what earlier nights saw.

    `relinks` are new ids that nobody announced. Where they are so many that the export must have changed and not the
    people, they are followed by nobody, and `relinking` says so; else `alike` says of a few who they may be.
    """

    roster: Roster
    people: Mapping[str, Placed]
    history: History
    relinks: Relinks = field(default_factory=Relinks)
    relinking: str = ""
    alike: Mapping[str, str] = field(default_factory=dict)


def read_roster(sources: Sequence[Source], day: date, journal: Journal, accept: Accept = lambda *_: None) -> Reading:
    """The roster of the day and what earlier nights saw. Raises SourceError: half a source says nothing."""
    extracts: list[Extract] = []
    for source in sources:
        logger.info("reading {}", source.name)
        extracts.append(source.read())
        if extracts[-1].completeness:
            _refuse_the_future(extracts[-1], day)
    roster, history = build_roster(extracts, day), journal.history()
    if stale := older(roster, history):
        raise SourceError(
            f"{stale} is from {roster.as_of[stale]:%Y-%m-%d %H:%M}, older than what was read last "
            f"({history.as_of[stale]:%Y-%m-%d %H:%M}); fetch a new export"
        )
    decisions = journal.decisions()
    changes, void = {**id_changes(decisions), **roster.id_changes}, void_changes(decisions)
    roster = under_known_ids(roster, changes, void)
    accept(roster, history, extracts)
    people, known = placed_people(roster), journal.prints()
    relinks = find_relinks(roster, people.keys() - distinct_people(decisions), known, journal.keyed)
    relinking = _relinking(relinks) if relinks.is_mass(len(known)) else ""
    if not relinking and relinks.certain:
        changes = {**changes, **relinks.certain}
        roster = under_known_ids(roster, changes, void)
    stricter = under_known_ids(roster, {**changes, **relinks.pairs}, void)  # nobody is uncovered by an id in question
    roster = replace(
        roster,
        protected=stricter.protected,
        care=stricter.care,
        refused=stricter.refused,
        relationships=stricter.relationships,
    )
    changes = {**changes, **relinks.pairs}
    roster = with_words(roster, journal.words(), changes, void)
    return Reading(roster, people, history, relinks, relinking, {} if relinking else waiting_for(relinks))


def _relinking(relinks: Relinks) -> str:
    certain, proposed = len(relinks.certain), len(relinks.proposed)
    return (
        f"the SIS seems to have given {certain + proposed} people new ids ({certain} have the same identity number, "
        f"{proposed} the same name and birth date). If so: provision approve {relinks.id} {REASON}"
    )


def approve_relinks(reading: Reading, identity: str, journal: Journal, by: str) -> int:
    """A person says that all these new ids are the people's who had the old ones; how many. Raises UsageError."""
    relinks = reading.relinks
    if not reading.relinking or relinks.id.casefold() != identity.strip().casefold():
        proposed = relinks.id if reading.relinking else "nothing"
        raise UsageError(f"{identity} is not proposed now, {proposed} is; see `provision plan`")
    journal.decide_all({id_change(old): new for old, new in relinks.pairs.items()}, by)
    return len(relinks.pairs)


def _refuse_the_future(extract: Extract, day: date) -> None:
    """One wrong clock, believed once, would make every later export look old."""
    latest = max(day, extract.read_at.date()) + timedelta(days=1)
    if extract.as_of is not None and extract.as_of.date() > latest:
        raise SourceError(
            f"{extract.source} says that it is from {extract.as_of:%Y-%m-%d}, which is yet to come; "
            "set the clock of the machine that exports it"
        )


def remember_id_changes(roster: Roster, journal: Journal, recognised: Mapping[str, str]) -> None:
    """An id change is announced once: it is kept until an account has followed it. One whose old id is back is void.

    What was only `recognised` is found again every night, unless it was a mistake that somebody has corrected.
    """
    decisions = journal.decisions()
    for old, new in roster.id_changes.items():
        if old not in recognised and decisions.get(id_change(old)) != new:
            journal.decide(id_change(old), new, "the SIS")
    for old, new in id_changes(decisions).items():
        if old in roster.users:
            journal.decide(id_change(old), voided(new), "the SIS")


def declare_same(old: str, new: str, roster: Roster, journal: Journal, by: str) -> None:
    """A person says that two ids are one person's. Raises UsageError where the SIS says otherwise."""
    if old in roster.present:
        raise UsageError(f"{old} is still in the SIS, so {new} is somebody else")
    if Key(Kind.ACCOUNT, old) not in journal.history().sightings and old not in journal.usernames().values():
        raise UsageError(f"nobody was ever known as {old}; write --same OLD=NEW")
    if new not in roster.users:
        raise UsageError(f"{new} is not in the SIS; write --same OLD=NEW")
    journal.decide(id_change(old), new, by)


def declare_distinct(person: str, roster: Roster, journal: Journal, by: str) -> None:
    """A person says that somebody new is none of those who look like them. Raises UsageError for who is not there."""
    if person not in roster.users:
        raise UsageError(f"{person} is not in the SIS; give the id that the SIS uses")
    journal.decide(is_distinct(person), "", by)
    told = journal.decided_by_people()
    for old, new in id_changes(journal.decisions()).items():
        if new == person and id_change(old) not in told:
            journal.decide(id_change(old), voided(new), by)
