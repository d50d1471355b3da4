"""Why one person has what they have: the SIS, each target, the last changes, and what made each field."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from provision.core.desired import Desired
from provision.core.history import Sighting
from provision.core.judgement import unproven
from provision.core.ports import Source
from provision.core.roster import Enrollment, Role, Roster, User
from provision.core.rules.context import Site
from provision.core.sightings import as_guardian, missing_for
from provision.core.stages import Stage
from provision.core.state import Key, Kind, Record, State, values
from provision.core.words import Measure
from provision.errors import TargetUnavailable
from provision.journal.changes import ChangeRow
from provision.journal.journal import Journal
from provision.night import Night, Route
from provision.outlook import awaited, by_run
from provision.outlook import planned as planned_for
from provision.person import Known, find_person, in_journal
from provision.reports.run import RouteReport, RunReport
from provision.request import RunRequest
from provision.run import planned

_LET_IN = "waits until [stages] of the job let it in"
_ANSWERS = "waits until it can be asked"
_SECRET = "(an identity number)"  # noqa: S105  what is shown instead of one


@dataclass(frozen=True, slots=True)
class FieldView:
    """One field: what it should be, what it is, and what makes it. Identity numbers are not shown."""

    name: str
    wanted: tuple[str, ...]
    actual: tuple[str, ...]
    origin: str


@dataclass(frozen=True, slots=True)
class TargetView:
    """`by_run`: the next run changes something; `awaited` is what must happen before it does the rest, or anything."""

    target: str
    verdict: str
    active: bool | None
    fields: tuple[FieldView, ...]
    by_run: bool = False
    awaited: str = ""

    def as_json(self) -> dict[str, Any]:
        return {
            "target": self.target,
            "verdict": self.verdict,
            "active": self.active,
            "by_run": self.by_run,
            "awaited": self.awaited or None,
            "fields": [
                {"name": f.name, "wanted": list(f.wanted), "actual": list(f.actual), "from": f.origin}
                for f in self.fields
            ],
        }


@dataclass(frozen=True, slots=True)
class Explanation:
    """For a person's own screen: names may be shown, identity numbers never."""

    person: str
    username: str
    user: User | None
    enrollments: tuple[Enrollment, ...]
    roster: Roster
    findings: tuple[str, ...]
    sighting: Sighting | None
    targets: tuple[TargetView, ...]
    changes: tuple[ChangeRow, ...]
    asked: Mapping[str, str] = field(default_factory=dict)  # by run that was asked for by hand: by whom and why

    def as_json(self) -> dict[str, Any]:
        """The document that docs/json.md describes."""
        return {
            "format": 1,
            "person": self.person,
            "username": self.username or None,
            "in_sis": self.user is not None,
            "name": self.user.full_name if self.user else None,
            "enrollments": [
                {
                    "org": e.org,
                    "class": e.school_class or None,
                    "role": e.role.value,
                    "begin": e.begin.isoformat() if e.begin else None,
                    "end": e.end.isoformat() if e.end else None,
                    "primary": e.primary,
                }
                for e in self.enrollments
            ],
            "findings": list(self.findings),
            "last_seen": self.sighting.last_seen.isoformat() if self.sighting else None,
            "targets": [target.as_json() for target in self.targets],
            "changes": [
                {
                    "at": c.intended.isoformat(),
                    "run": c.run,
                    "target": c.target,
                    "change": c.verb,
                    "status": c.status,
                    "reason": c.reason,
                    "detail": c.detail,
                    "asked": self.asked.get(c.run),
                }
                for c in self.changes
            ],
        }


def explain(
    person: str, request: RunRequest, sources: Sequence[Source], routes: Sequence[Route], journal: Journal, site: Site
) -> Explanation:
    """Everything that decides about one person, named as `find_person` says. Raises UsageError for an unknown one."""
    night, report = planned(request, sources, routes, journal, site)
    sourced_id = find_person(person, who_may_know(night, journal))
    key, stages = Key(Kind.ACCOUNT, sourced_id), site.policy.stages
    changes = tuple(journal.last_changes(key))
    wanted = [night.desired(route, site) for route in routes]
    placed = sourced_id in night.people or any(sourced_id in each.guardians for each in wanted)
    return Explanation(
        person=sourced_id,
        username=_username(sourced_id, night, journal),
        user=night.roster.users.get(sourced_id),
        enrollments=night.roster.enrollments.get(sourced_id, ()),
        roster=night.roster,
        findings=(*_blocked(sourced_id, night, journal), *_findings(sourced_id, night, site, placed=placed)),
        sighting=_sighting(sourced_id, night),
        targets=tuple(
            _view(route, key, each, _told_of(report, route), off=stages.of(route.target.name) is Stage.OFF)
            for route, each in zip(routes, wanted, strict=True)
        ),
        changes=changes,
        asked=journal.asking().behind({change.run for change in changes}),
    )


def _username(sourced_id: str, night: Night, journal: Journal) -> str:
    """Tonight's, or that which was reserved for somebody who has no place now, or what a target calls them."""
    former = (name for name, owner in journal.usernames().items() if owner == sourced_id)
    there = (name for name, owner in _in_targets(night).items() if owner == sourced_id)
    return night.usernames.names.get(sourced_id) or next(former, "") or next(there, "")


def _in_targets(night: Night) -> Mapping[str, str]:
    """Who has which name in any target; guardians have one nowhere else."""
    accounts = (item for survey in night.surveys.values() for item in survey.names.items())
    return {name: key.sourced_id for name, key in accounts if key and key.kind is Kind.ACCOUNT}


def _sighting(sourced_id: str, night: Night) -> Sighting | None:
    """When somebody was last seen, as whatever."""
    seen = map(night.history.sightings.get, (Key(Kind.ACCOUNT, sourced_id), as_guardian(sourced_id)))
    return max(filter(None, seen), key=lambda each: each.last_seen, default=None)


def who_may_know(night: Night, journal: Journal) -> Iterator[Known]:
    """Who may know whom somebody means, in the order in which they are believed."""
    yield in_journal(journal)
    names = {name: owner for owner, name in night.usernames.names.items()}
    yield Known(night.roster.users.keys() | night.roster.present, names)
    there = _in_targets(night)
    yield Known(frozenset(there.values()), there)


def _blocked(sourced_id: str, night: Night, journal: Journal) -> Iterator[str]:
    former = {old for old, new in night.roster.id_changes.items() if new == sourced_id}
    for word in journal.words_of(Measure.BLOCK):
        if word.person in former | {sourced_id}:
            yield f"is blocked since {word.since:%d.%m.%Y}; when that is over: `provision block {word.person} --end`"


def _findings(sourced_id: str, night: Night, site: Site, *, placed: bool) -> list[str]:
    """What stands in the way, in words."""
    roster = night.roster
    found = [f"{i.table}: {i.reason}" for i in roster.issues if i.sourced_id == sourced_id]
    found += [roster.held[sourced_id]] if sourced_id in roster.held else []
    found += [night.usernames.held[sourced_id]] if sourced_id in night.usernames.held else []
    if sourced_id in roster.users and not placed:
        found.append("is in the SIS, but has no current place at a school: no class, group or post on this day")
    if sourced_id not in roster.users:
        sighting = _sighting(sourced_id, night)
        found.append(f"is not in the SIS: {missing_for(sighting, site.policy.nights)}")
        if sighting and (doubt := unproven(sighting.orgs, night.judgement)):
            found.append(f"the absence is not proven: {doubt}")
    return found


def _told_of(report: RunReport, route: Route) -> RouteReport:
    return next((each for each in report.routes if each.target == route.target.name), RouteReport(route.target.name))


def _view(route: Route, key: Key, desired: Desired, told: RouteReport, *, off: bool) -> TargetView:
    wanted = desired.records.get(key)
    if off:
        return TargetView(route.target.name, "off ([stages]), hence not looked at", None, (), awaited=_LET_IN)
    try:
        held = route.target.read({}).records
    except TargetUnavailable as error:
        return TargetView(route.target.name, f"cannot be asked: {error}", None, (), awaited=_ANSWERS)
    actual = held.get(key)
    of = "guardian" if desired.roles.get(key) == Role.GUARDIAN else "person"
    origins = {f.name: f.origin for entry in route.mapping.entries if entry.of == of for f in entry.fields}
    secret = route.mapping.traits().secret
    names = sorted({*(wanted.fields if wanted else ()), *(actual.fields if actual else ())})
    fields = tuple(
        FieldView(n, _shown(wanted, n, secret), _shown(actual, n, secret), origins.get(n, "not in the mapping"))
        for n in names
    )
    if any(entry.members for entry in route.mapping.entries):
        enrolled = _classes(key, desired.records), _classes(key, held)
        fields += (FieldView("classes", *enrolled, "the mapping's members"),) if any(enrolled) else ()
    return TargetView(
        target=route.target.name,
        verdict="; ".join(filter(None, (_verdict(wanted, actual), planned_for(told, key)))),
        active=actual.active if actual else None,
        fields=fields,
        by_run=by_run(told, key),
        awaited=awaited(told, key),
    )


def _classes(key: Key, records: State) -> tuple[str, ...]:
    """The classes that somebody is in, and as what."""
    groups = (record for record in records.values() if record.key.kind is Kind.GROUP)
    found = ((g.key.sourced_id, m.role) for g in groups for m in g.members if m.account == key)
    return tuple(f"{sourced_id} ({role})" for sourced_id, role in sorted(found))


def _verdict(wanted: Record | None, actual: Record | None) -> str:
    if wanted is None:
        return "should have no account here" + ("" if actual is None else ", and has one")
    return "should have an account here" + (", and has none yet" if actual is None else "")


def _shown(record: Record | None, name: str, secret: frozenset[str]) -> tuple[str, ...]:
    if record is None or name not in record.fields:
        return ()
    if name in secret:
        return (_SECRET,)
    return tuple(sorted(map(str, values(record.fields[name]))))
