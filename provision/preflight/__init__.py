"""What Feide's own validator would say: of tonight's records before they are written, and of a directory as it is."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import chain
from typing import Any, Protocol, runtime_checkable

from provision.core.desired import Desired, desired_state
from provision.core.language import Language
from provision.core.mapping import TargetMapping
from provision.core.mapping_file import suggestion
from provision.core.ports import Source
from provision.core.preflight.finding import Found
from provision.core.preflight.texts import told
from provision.core.roster import Roster
from provision.core.rules.context import Site
from provision.core.state import Key
from provision.core.subjects import Placed
from provision.core.usernames import DEFAULT_SCHEME, assign_usernames
from provision.errors import UsageError
from provision.formats.entry import Standing
from provision.journal.journal import Journal
from provision.night import Route
from provision.preflight.directory import ASKED, Tonight, on_entries
from provision.preflight.line import Line, Sight, lines, masked
from provision.preflight.ours import on_groups, on_records
from provision.preflight.waits import Wait, waits
from provision.reading import Reading, read_roster

_FAMILY = "feide"


@runtime_checkable
class Listing(Protocol):
    """A target whose entries can be looked at as they stand."""

    def entries(self, attributes: frozenset[str]) -> Iterator[Standing]: ...


@dataclass(frozen=True, slots=True)
class TargetFindings:
    """`read`: what stands in the directory was looked at, else what is to be written there.

    `examined` records or entries; `not_examined` are records that could not even be made.
    """

    target: str
    read: bool
    examined: int
    not_examined: int
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Preflight:
    """`waits` is what else waits for somebody to mend a source. `roster` and `people` are for one's own screen only."""

    job: str
    day: date
    targets: tuple[TargetFindings, ...]
    roster: Roster = field(repr=False)
    people: Mapping[str, Placed] = field(repr=False)
    waits: tuple[Wait, ...] = ()

    @property
    def exit_code(self) -> int:
        return 6 if any(target.lines for target in self.targets) else 0

    def as_json(self, language: Language) -> dict[str, Any]:
        """The document that docs/json.md describes. Ids, DNs of entries and names of attributes."""
        return {
            "format": 1,
            "job": self.job,
            "day": self.day.isoformat(),
            "language": language.value,
            "exit_code": self.exit_code,
            "targets": [
                {
                    "target": target.target,
                    "read": target.read,
                    "examined": target.examined,
                    "not_examined": target.not_examined,
                    "findings": [_json(line, language) for line in target.lines],
                }
                for target in self.targets
            ],
            "waits": [wait.as_json() for wait in self.waits],
        }


def preflight(  # noqa: PLR0913  the job with its parts, and which target is to be read
    job: str,
    day: date,
    sources: Sequence[Source],
    routes: Sequence[Route],
    journal: Journal,
    site: Site,
    *,
    target: str = "",
) -> Preflight:
    """Every finding on the records of all directories, or on the entries of the one that is named. Writes nothing.

    People with address protection are in neither. Raises UsageError for a target that is no directory.
    """
    chosen = _chosen(routes, target)
    reading = read_roster(sources, day, journal)
    desired = [_desired(reading.roster, reading.people, route.mapping, journal, site) for route in chosen]
    found = [_look(route, each, reading, site, read=bool(target)) for route, each in zip(chosen, desired, strict=True)]
    return Preflight(job, day, tuple(found), reading.roster, reading.people, waits(reading, desired))


def _chosen(routes: Sequence[Route], target: str) -> list[Route]:
    known = {route.target.name: route for route in routes}
    directories = [name for name, route in known.items() if route.mapping.family == _FAMILY]
    if not directories:
        raise UsageError("the job has no directory among its targets; this is about Feide's rules for one")
    if not target:
        return [known[name] for name in directories]
    if target not in directories:
        what = "is no directory" if target in known else "is no target of the job"
        raise UsageError(f"{target} {what}{suggestion(target, set(directories))}")
    if not isinstance(known[target].target, Listing):
        raise UsageError(f"{target} cannot list what stands in it; without --target you see what is to be written")
    return [known[target]]


def _look(route: Route, desired: Desired, reading: Reading, site: Site, *, read: bool) -> TargetFindings:
    roster, people = reading.roster, reading.people
    sights = list(on_records(desired, route.mapping, roster, site))
    if read and isinstance(route.target, Listing):
        tonight = Tonight(route.mapping, roster, site.realm, desired, _by_key(sights))
        examined, seen = on_entries(route.target.entries(ASKED), tonight)
        return TargetFindings(route.target.name, read=True, examined=examined, not_examined=0, lines=lines(seen))
    examined = len(desired.records) + len(desired.flawed)
    groups = on_groups(desired, route.mapping, roster, people, site)
    return TargetFindings(
        route.target.name,
        read=False,
        examined=examined,
        not_examined=_not_examined(desired, roster),
        lines=lines(chain(sights, groups)),
    )


def _not_examined(desired: Desired, roster: Roster) -> int:
    """How many records are held before they are made, or have a row that could not be used."""
    issues = [issue.sourced_id for issue in roster.issues if issue.table != "care"]
    held = {key.sourced_id for key in desired.held.keys() - desired.flawed.keys()}
    return len(held | set(filter(None, issues))) + issues.count("")


def _desired(
    roster: Roster, people: Mapping[str, Placed], mapping: TargetMapping, journal: Journal, site: Site
) -> Desired:
    """What should be there, as far as it is known without asking anybody: a new username may turn out to be taken."""
    named = [roster.users[each] for each in people]
    usernames = assign_usernames(named, mapping.scheme or DEFAULT_SCHEME, journal.usernames(), {}, roster.id_changes)
    return desired_state(roster, people, mapping, usernames, site)


def _by_key(sights: Sequence[Sight]) -> dict[Key, set[Found]]:
    found: defaultdict[Key, set[Found]] = defaultdict(set)
    for sight in sights:
        if isinstance(sight.who, Key):
            found[sight.who].add(sight.found)
    return found


def _json(line: Line, language: Language) -> dict[str, Any]:
    found = line.found
    return {
        "finding": found.finding.value,
        "holds": found.holds,
        "orgs": sorted(line.orgs),
        "key": str(line.key) if line.key else None,
        "entry": line.entry or None,
        "group": masked(found.group) or None,
        "people": line.people,
        "examples": list(line.examples),
        "attribute": found.attribute,
        "mend": line.mend.value,
        "text": told(found, line.mend, language),
    }
