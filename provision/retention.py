"""Erases what the site no longer needs to keep, and shows that nothing is left of the people it forgets."""

from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any, Final

from provision.core.decided import id_changes
from provision.core.extract import Extract
from provision.core.mentions import sought
from provision.core.ports import Target
from provision.core.retention import Terms, is_over, people, to_forget
from provision.core.state import Kind
from provision.errors import TargetUnavailable
from provision.journal.codec import write_moment
from provision.journal.erasure import Cut
from provision.journal.journal import Journal
from provision.leaving import Leaving
from provision.papers import Papers

# What was read last may be this old for somebody to be forgotten on its word.
_FRESH_DAYS: Final = 7
# Where people's ids stand in what a source said.
IDS: Final[Mapping[str, tuple[str, ...]]] = {
    "users": ("sourced_id",),
    "enrollments": ("user",),
    "relationships": ("user", "related"),
    "care": ("sourced_id", "related_id"),
    "stays": ("sourced_id",),
    "id_changes": ("old", "new"),
    "rejects": ("sourced_id",),
}
_NAMES: Final = ("given_name", "family_name", "full_name", "mail", "mobile", "principal_name")


@dataclass(frozen=True, slots=True)
class Asked:
    """On what terms, for which day, by whom. `rehearse` changes nothing; `now` is the one clock."""

    terms: Terms
    today: date
    now: Callable[[], datetime]
    owner: str
    rehearse: bool = False
    leaving: Leaving = field(default_factory=Leaving)


@dataclass(frozen=True, slots=True)
class Retained:
    """What was erased, or would be, by what it was; how many people were forgotten; where any of them is still named.

    `due` are their ids, of a rehearsal only. `failures` say why nobody could be forgotten, `notes` what is left to do.
    """

    rehearsed: bool
    erased: Mapping[str, int]
    people: int = 0
    due: tuple[str, ...] = ()
    left: Mapping[str, int] | None = None
    failures: Mapping[str, str] | None = None
    notes: tuple[str, ...] = ()

    @property
    def exit_code(self) -> int:
        if self.failures:
            return 7
        return 6 if self.left else 0

    def as_json(self) -> dict[str, Any]:
        """The document that docs/json.md describes."""
        return {
            "format": 1,
            "dry_run": self.rehearsed,
            "exit_code": self.exit_code,
            "people": self.people,
            "due": list(self.due),
            "erased": dict(sorted(self.erased.items())),
            "left": dict(self.left) if self.left is not None else None,
            "failures": dict(self.failures or {}),
            "notes": list(self.notes),
        }


def retain(asked: Asked, journal: Journal, targets: Sequence[Target], papers: Papers) -> Retained:
    """Erases what is over; who is in no target and in no source any more is forgotten when their time is over too.

    While a target cannot be asked, or no night has looked, nobody is forgotten. Raises SourceError where a kept extract
    cannot be read, before anything is erased, AlreadyRunning, JournalError and OSError.
    """
    with nullcontext() if asked.rehearse else journal.lease(asked.owner):
        extracts = list(papers.extracts(asked.now()))
        there, failures = _in_targets(targets, journal)
        needed = there | _in_sources(extracts) | journal.words().protected | journal.words().blocked
        known = people(journal.erasure().traces(), id_changes(journal.decisions()))
        unread = _unread(asked.today, journal)
        due = [] if failures or unread else to_forget(known, needed, asked.terms.people_days, asked.today)
        ids = frozenset(each for person in due for each in person.ids)
        with asked.leaving.in_order():
            told = _erase(asked, journal, papers, ids, _telling(journal.erasure().texts_of(ids), ids, extracts))
    shown = tuple(sorted(ids)) if asked.rehearse else ()
    notes = (*unread, *map(_must_be_asked, failures), *told.notes)
    return replace(told, people=len(due), failures=failures, due=shown, notes=notes)


def _must_be_asked(target: str) -> str:
    return (
        f"{target} must be asked even while it is off, since it may hold whoever is to be forgotten; is it gone for "
        "good, see that nobody is left in it and take it out of the job"
    )


def _erase(asked: Asked, journal: Journal, papers: Papers, ids: Set[str], texts: Set[str]) -> Retained:
    """`texts` are what these people are searched by afterwards."""
    now, terms, erasure = asked.now(), asked.terms, journal.erasure()
    cut = Cut(*(write_moment(now - timedelta(days=days)) for days in (terms.before_images_days, terms.runs_days, 0)))
    erased = {**erasure.erase(cut, ids, rehearse=asked.rehearse), **papers.tidy(terms, now, rehearse=asked.rehearse)}
    if asked.rehearse:
        return Retained(rehearsed=True, erased=erased)
    notes = [erasure.compact()]
    if sealed := papers.sealed() if ids else 0:
        notes.append(f"{sealed} files of first passwords are encrypted to a school and cannot be searched")
    left = {f"journal {place}": number for place, number in erasure.search(texts).items()}
    left |= {str(path): number for path, number in papers.search(sought(texts)).items()} if texts else {}
    return Retained(rehearsed=False, erased=erased, left=left, notes=tuple(filter(None, notes)))


def _unread(today: date, journal: Journal) -> tuple[str, ...]:
    """Why nobody can be said to be gone: no night has looked."""
    last = max((moment.date() for moment in journal.as_of().values()), default=None)
    if last is not None and not is_over(last, _FRESH_DAYS, today):
        return ()
    since = f"since {last.isoformat()}" if last else "yet"
    return (f"nothing has been read from the sources {since}, so nobody is forgotten; have the nightly run mended",)


def _in_targets(targets: Iterable[Target], journal: Journal) -> tuple[frozenset[str], dict[str, str]]:
    """The ids of all accounts that any target holds, and why a target could not be asked."""
    there: set[str] = set()
    failures: dict[str, str] = {}
    for target in targets:
        try:
            ours = {key.sourced_id for key in target.names().values() if key and key.kind is Kind.ACCOUNT}
        except TargetUnavailable as error:
            failures[target.name] = str(error)
        else:
            there |= ours
            if not ours and journal.knows_accounts(target.name):
                failures[target.name] = "it holds none of the accounts that we made there; is it the right one?"
    return frozenset(there), failures


def _in_sources(extracts: Iterable[Extract]) -> frozenset[str]:
    return frozenset(
        each
        for extract in extracts
        for table, columns in IDS.items()
        if table in extract.tables
        for column in columns
        for each in extract.tables[table][column]
    )


def _telling(texts: Set[str], ids: Set[str], extracts: Iterable[Extract]) -> frozenset[str]:
    """Those that tell of nobody but whom they were of: a namesake who is still here is not to be found."""
    here: set[str] = set()
    for users in (extract.tables["users"] for extract in extracts if "users" in extract.tables):
        for column in _NAMES:
            here |= {cell.lower() for cell in users[column]}
        here |= {f"{a} {b}".lower() for a, b in zip(users["given_name"], users["family_name"], strict=True)}
    here |= {word for cell in here for word in cell.split()}
    return frozenset(text for text in texts if text in ids or text.lower() not in here)
