"""Findings as they are listed: one line for each person, and for each group one line for all who are in it."""

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, NamedTuple

from provision.core.preflight.finding import Finding, Found, Mend
from provision.core.state import Key

_FEW: Final = 3
_ORDER: Final = {finding: place for place, finding in enumerate(Finding)}
_NUMBER: Final = re.compile(r"(?<!\d)\d{6}[ -]?\d{5,6}(?!\d)")


class Sight(NamedTuple):
    """One finding on one record, by its key, or on an entry of others, by its DN."""

    found: Found
    mend: Mend
    who: Key | str
    orgs: frozenset[str]


@dataclass(frozen=True, slots=True)
class Line:
    """`key` or `entry` says whom it is about; of a group neither, but how many `people` it concerns, and a few."""

    found: Found
    mend: Mend
    orgs: frozenset[str]
    key: Key | None = None
    entry: str = ""
    people: int = 1
    examples: tuple[str, ...] = ()


def lines(sights: Iterable[Sight]) -> tuple[Line, ...]:
    """What holds somebody back first, then finding by finding."""
    found: list[Line] = []
    of_groups: defaultdict[tuple[Found, Mend], dict[Key | str, frozenset[str]]] = defaultdict(dict)
    for sight in sights:
        if sight.found.group:
            of_groups[sight.found, sight.mend][sight.who] = sight.orgs
        else:
            found.append(_of_one(sight))
    found += [_of_group(what, mend, members) for (what, mend), members in of_groups.items()]
    return tuple(sorted(found, key=_place))


def masked(text: str) -> str:
    """A DN or an id without what may be an identity number: others may have used one in either."""
    return _NUMBER.sub("…", text)


def _of_one(sight: Sight) -> Line:
    if isinstance(sight.who, Key):
        return Line(sight.found, sight.mend, sight.orgs, key=sight.who)
    return Line(sight.found, sight.mend, sight.orgs, entry=masked(sight.who))


def _of_group(found: Found, mend: Mend, members: dict[Key | str, frozenset[str]]) -> Line:
    orgs = frozenset({found.org}) if found.org else frozenset[str]().union(*members.values())
    examples = sorted(masked(str(who)) for who in members)[:_FEW]
    return Line(found, mend, orgs, people=len(members), examples=tuple(examples))


def _place(line: Line) -> tuple[object, ...]:
    found = line.found
    return not found.holds, _ORDER[found.finding], found, line.mend, str(line.key or ""), line.entry
