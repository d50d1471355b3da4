"""What is possible but too odd to act on without somebody's word: nothing is done until a person says it is right.

The word is given with `provision approve SUBJECT`, for the subject that the message names, and holds for some hours.
"""

from collections.abc import Collection, Container, Iterable, Mapping
from datetime import datetime
from hashlib import blake2b
from typing import Final

from provision.core.history import History
from provision.core.id_changes import IdChanges
from provision.core.roster import Role, Roster
from provision.core.sizes import relocated
from provision.core.state import Actual, Kind
from provision.core.stays import EXCEPTIONS_FILE, PEOPLE_FILE, PEOPLE_SOURCE
from provision.errors import SourceError, TargetUnavailable
from provision.journal.journal import Journal

# How a command to copy ends; what must be said to mean one site and job goes after it.
REASON: Final = '--reason "…"'
CARE: Final = "care.csv"
PEOPLE: Final = PEOPLE_FILE
EXCEPTIONS: Final = EXCEPTIONS_FILE
SCHOOLS: Final = "schools"
_WORD: Final = "word "
_PROTECTED: Final = "protected"
_REFUSED: Final = "refused"
_SIZE: Final = "size "
_UNTIL: Final = "kept until"

# So many may be freed from protection, or be protected, without a second look.
_FEW: Final = 5
_SHARE: Final = 0.05
# No more than this part of those of whom something was said may be said nothing of any more, or one.
_PART: Final = 5


def give_word(subject: str, journal: Journal, by: str, expires: datetime) -> None:
    """A person says that what looks odd is right."""
    journal.decide(_WORD + subject, expires.isoformat(), by)


def word_until(subject: str, journal: Journal, now: datetime) -> datetime | None:
    """Until when a person's word counts; None where none does."""
    decisions = journal.decisions()
    return datetime.fromisoformat(decisions[_WORD + subject]) if _has_word(subject, decisions, now) else None


def asked_about(said: str, targets: Iterable[str]) -> str | None:
    """What a run that went no further wants a person's word on, by what it said; None where it wants none."""
    return next((each for each in (CARE, PEOPLE, EXCEPTIONS, SCHOOLS, *targets) if _say(each) in said), None)


def check_roster(roster: Roster, ids: IdChanges, journal: Journal, secret: bytes, now: datetime) -> None:
    """Raises SourceError where a supplement looks emptied, cut short or filled by mistake.

    By all `ids` that people have or may have had: new ids for everybody hide nobody of whom much less is said.
    """
    decisions = journal.decisions()
    if not _has_word(CARE, decisions, now):
        _check_care(roster, ids, decisions.get(_PROTECTED, ""), secret)
        _check_refused(roster, ids, decisions.get(_REFUSED, ""), secret)
    had = int(decisions.get(_SIZE + PEOPLE_SOURCE, "0"))
    if had and not roster.sizes.get(PEOPLE_SOURCE, had) and not _has_word(PEOPLE, decisions, now):
        raise SourceError(f"people.csv held people and now holds none; if that is right: {_say(PEOPLE)}")


def check_exceptions(roster: Roster, journal: Journal, now: datetime) -> None:
    """Raises SourceError where exceptions.csv is emptied before the last of its days has come."""
    decisions = journal.decisions()
    until = decisions.get(_UNTIL, "")
    if until >= roster.day.isoformat() and not roster.stays and not _has_word(EXCEPTIONS, decisions, now):
        raise SourceError(
            f"exceptions.csv kept accounts until {until} and now keeps none; if that is right: {_say(EXCEPTIONS)}"
        )


def check_schools(roster: Roster, history: History, journal: Journal, now: datetime) -> None:
    """Raises SourceError where a school's people are at another school overnight."""
    moved = relocated(roster, history.sightings)
    if moved and not _has_word(SCHOOLS, journal.decisions(), now):
        raise SourceError(
            f"{moved}, where they were not last night. Has the SIS exchanged the schools' organisation numbers? "
            f"If it is right: {_say(SCHOOLS)}"
        )


def remember_roster(roster: Roster, journal: Journal, secret: bytes) -> None:
    """What the next run's supplements are compared with: sizes, and keyed hashes that tell nobody who it is."""
    decisions = journal.decisions()
    hashed = " ".join(sorted(_hash(who, secret) for who in roster.protected))
    refused = " ".join(sorted(_hash_pair(pair, secret) for pair in roster.refused))
    until = max((stay.until for stay in roster.stays.values()), default=None)
    wanted = {
        _PROTECTED: hashed,
        _REFUSED: refused,
        _SIZE + PEOPLE_SOURCE: str(roster.sizes.get(PEOPLE_SOURCE, 0)),
        _UNTIL: until.isoformat() if until else "",
    }
    for subject, verdict in wanted.items():
        if decisions.get(subject, "") != verdict:
            journal.decide(subject, verdict, "the run")


def check_target(name: str, actual: Actual, journal: Journal, now: datetime) -> None:
    """Raises TargetUnavailable where everything that we made is gone: it is hardly the same directory."""
    ours = any(key.kind is Kind.ACCOUNT for keys in (actual.unchanged, actual.records) for key in keys)
    if not ours and journal.knows_accounts(name) and not _has_word(name, journal.decisions(), now):
        raise TargetUnavailable(
            f"it holds none of the accounts that we made there. Is it the right directory, and is it restored? "
            f"If it was emptied on purpose: {_say(name)}"
        )


def _check_care(roster: Roster, ids: IdChanges, before: str, secret: bytes) -> None:
    known = set(before.split())

    def was(who: str) -> bool:
        return any(_hash(each, secret) in known for each in ids.all_of({who}))

    enrolled = {p for p, each in roster.enrollments.items() if any(e.role is not Role.GUARDIAN for e in each)}
    guardians = {r.related for each in roster.relationships.values() for r in each}
    for everybody in (enrolled, guardians):
        newly = [who for who in roster.protected & everybody if not was(who)]
        if len(newly) > max(_FEW, _SHARE * len(everybody)):
            raise SourceError(f"care.csv would take out a large part of everybody; if that is right: {_say(CARE)}")
    if _frees_many([who for who in roster.users if was(who)] if known else (), roster.protected):
        raise SourceError(f"care.csv says much less than last time; if that is right: {_say(CARE)}")


def _check_refused(roster: Roster, ids: IdChanges, before: str, secret: bytes) -> None:
    """The same of guardians who were barred or not responsible, and of whom that is no longer said."""
    known = set(before.split())
    pairs = ((pupil, r.related) for pupil, each in roster.relationships.items() for r in each) if known else ()
    were = [pair for pair in pairs if any(_hash_pair(each, secret) in known for each in ids.pairs_of(pair))]
    if _frees_many(were, roster.refused):
        raise SourceError(
            f"care.csv says of much fewer guardians than last time that they may not be told of; "
            f"if that is right: {_say(CARE)}"
        )


def _frees_many(were: Collection[object], still: Container[object]) -> bool:
    """Whether much less is said than last time of those who are in the SIS."""
    return sum(who not in still for who in were) > max(1, len(were) // _PART)


def _has_word(subject: str, decisions: Mapping[str, str], now: datetime) -> bool:
    until = decisions.get(_WORD + subject)
    return until is not None and datetime.fromisoformat(until) > now


def _say(subject: str) -> str:
    return f"provision approve {subject} {REASON}"


def _hash(sourced_id: str, secret: bytes) -> str:
    return blake2b(sourced_id.encode(), key=secret[:64], digest_size=8).hexdigest()


def _hash_pair(pair: tuple[str, str], secret: bytes) -> str:
    return _hash("\0".join(pair), secret)
