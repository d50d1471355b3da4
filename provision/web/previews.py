"""A preview of a resync as a page shows it: of the command's document, what the reader may see, in their language."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from provision.core.scope import Shown
from provision.web.looks import Document, Look
from provision.web.told import CHANGES, LOSSES, Named, Told, word

# So many of what takes something away, and of what waits, are shown of each target; the command line lists each.
MOST: Final = 100


@dataclass(frozen=True, slots=True)
class Line:
    """One change, or what waits. `named` is None, and `reason` "", where it is not the reader's to see."""

    what: str
    named: Named | None
    reason: str


@dataclass(frozen=True, slots=True)
class HoldView:
    """`kept_back` says why nobody can say yes today; where it does not, and it is not `over`, it waits for a yes."""

    id: str
    said: str
    who: tuple[Named, ...] = ()
    kept_back: str = ""
    over: bool = False


@dataclass(frozen=True, slots=True)
class TargetView:
    target: str
    failure: str
    stage: str
    counts: tuple[tuple[str, int], ...]
    removals: tuple[Line, ...]
    removed: int
    sample: tuple[Line, ...]
    holds: tuple[HoldView, ...]
    waits: tuple[Line, ...]
    waiting: int
    absent: tuple[Named | None, ...]
    kept_back: int


@dataclass(frozen=True, slots=True)
class PreviewView:
    """`digest` names all that was shown; `ages` are of when what each source says is."""

    digest: str
    changes: int
    removals: int
    fresh: bool
    ages: tuple[tuple[str, str], ...]
    issues: tuple[Line, ...]
    targets: tuple[TargetView, ...] = field(repr=False)


def shown_of(said: Document) -> Shown:
    return Shown(frozenset(said["shown"]))


def is_of(look: Look, what: str, digest: str) -> bool:
    """Whether a finished look showed exactly this."""
    return look.said is not None and not look.fault and look.said["what"] == what and look.said["digest"] == digest


def view(us: Told, said: Document) -> PreviewView:
    return PreviewView(
        digest=said["digest"],
        changes=said["changes"],
        removals=said["removals"],
        fresh=said["fresh"],
        ages=tuple((e["source"], us.ask.moment(datetime.fromisoformat(e["as_of"]))) for e in said["sources"]),
        issues=tuple(_issues(us, said["issues"])),
        targets=tuple(_target(us, each) for each in said["targets"]),
    )


def line(us: Told, what: str, key: str, reason: str) -> Line:
    named = us.key(key)
    return Line(what, named, us.plain(reason) if named else "")


def counts(us: Told, found: Mapping[str, int]) -> tuple[tuple[str, int], ...]:
    """In the order in which kinds of changes are told."""
    order = list(CHANGES)
    known = sorted(found.items(), key=lambda each: order.index(each[0]) if each[0] in order else len(order))
    return tuple((word(us.ask, CHANGES, verb), number) for verb, number in known)


def _target(us: Told, said: Mapping[str, Any]) -> TargetView:
    waits = [*said["held"], *said["waiting"]]
    return TargetView(
        target=said["target"],
        failure=said["failure"] or "",
        stage=said["stage"],
        counts=counts(us, said["counts"]),
        removals=tuple(_changes(us, said["removals"][:MOST])),
        removed=len(said["removals"]),
        sample=tuple(_changes(us, said["sample"])),
        holds=tuple(_hold(us, each) for each in said["holds"] if us.school(each["org"])),
        waits=tuple(line(us, "", each["key"], each["reason"]) for each in waits[:MOST]),
        waiting=len(waits),
        absent=tuple(us.key(each) for each in said["classes_not_there_yet"]),
        kept_back=said["kept_back"],
    )


def _changes(us: Told, said: Sequence[Mapping[str, Any]]) -> Iterable[Line]:
    return (line(us, word(us.ask, CHANGES, each["change"]), each["key"], each["reason"]) for each in said)


def _hold(us: Told, said: Mapping[str, Any]) -> HoldView:
    people = us.ask.ngettext("%(num)s person", "%(num)s people", said["count"])
    lost = word(us.ask, LOSSES, said["loss"])
    who = tuple(found for each in said["examples"] if (found := us.key(f"account:{each}")))
    return HoldView(said["hold"], f"{people} {lost}", who, said["kept_back"] or "")


def _issues(us: Told, said: Sequence[Mapping[str, Any]]) -> Iterable[Line]:
    for each in said[:MOST]:
        found = line(us, each["table"], f"account:{each['id']}", each["reason"])
        if found.named:
            yield found
