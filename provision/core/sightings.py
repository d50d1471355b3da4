"""Who was seen tonight, and how many proven nights everybody else has been missing."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Final

from provision.core.cause import expected_end, final_grades, homerooms_of
from provision.core.compare import orgs_of
from provision.core.desired import Desired
from provision.core.guardians import related
from provision.core.history import History, Sighting
from provision.core.judgement import Judgement
from provision.core.references import linked
from provision.core.roster import Role, Roster
from provision.core.state import Actual, Key, Kind, Record
from provision.core.subjects import Placed

_GUARDIAN: Final = "guardian "


def sightings(
    roster: Roster,
    people: Mapping[str, Placed],
    history: History,
    judgement: Judgement,
    targets: Sequence[tuple[Desired, Actual]],
) -> dict[Key, Sighting]:
    """The sightings after tonight: everybody whom a target should hold or would, were nothing in the way.

    Whoever a target holds and nobody ever saw, since the journal was lost, is counted from tonight.
    """
    accounts = [(k, r) for _, actual in targets for k, r in actual.records.items() if k.kind is Kind.ACCOUNT]
    tonight = seen_tonight(roster, people) | _guardians(roster, history, [desired.guardians for desired, _ in targets])
    held = {
        as_guardian(g.sourced_id): _held(record, roster, Role.GUARDIAN)
        for _, record in accounts
        for g in linked(record)
    }
    guardians = held.keys() | tonight.keys() | history.sightings.keys()
    for key, record in accounts:
        if key.sourced_id not in people:
            role = Role.GUARDIAN if as_guardian(key.sourced_id) in guardians else ""
            held[key] = _held(record, roster, role)
    waiting = _under_former_ids(roster, [actual for _, actual in targets])
    tonight |= {old: tonight[new] for old, new in waiting.items() if new in tonight}
    return observe(roster, history, tonight, held, judgement)


def _held(record: Record, roster: Roster, role: str) -> Sighting:
    return Sighting(roster.day, orgs_of(record, roster), role)


def _under_former_ids(roster: Roster, targets: Iterable[Actual]) -> dict[Key, Key]:
    """Accounts that somewhere still stand under a former id alone, with the id that counts now: a new id may wait."""
    found: dict[Key, Key] = {}
    for actual in targets:
        there = actual.records.keys() | actual.unchanged
        for old, new in roster.id_changes.items():
            account = Key(Kind.ACCOUNT, old)
            if account in there and Key(Kind.ACCOUNT, new) not in there:
                found |= {account: Key(Kind.ACCOUNT, new), as_guardian(old): as_guardian(new)}
    return found


def observe(
    roster: Roster,
    history: History,
    wanted: Mapping[Key, Sighting],
    known: Mapping[Key, Sighting],
    judgement: Judgement,
) -> dict[Key, Sighting]:
    """Those seen tonight, and all others with one night more where their absence is proven.

    `wanted` are those seen tonight; `known` others whose record a target holds (a lost journal starts counting
    anew). A night counts once per local date, only with content of a later day, and only where every
    school of the person is proven.
    """
    seen = dict(history.sightings)
    for key, sighting in known.items():
        seen.setdefault(key, sighting)
    for former in roster.id_changes:
        if (key := Key(Kind.ACCOUNT, former)) not in known:  # a target that still knows the old id needs its evidence
            seen.pop(key, None)
    for key, sighting in seen.items():
        if key not in wanted:
            seen[key] = missed(key, sighting, roster, judgement)
    return seen | dict(wanted)


def missed(key: Key, sighting: Sighting, roster: Roster, judgement: Judgement) -> Sighting:
    """The sighting after a night without it: one night more where its schools are proven."""
    doubtful = roster.doubtful_classes if key.kind is Kind.GROUP else roster.doubtful
    who = key.sourced_id.removeprefix(_GUARDIAN)
    if (
        not judgement.newer
        or sighting.counted == roster.day
        or not doubtful.isdisjoint((who, roster.id_changes.get(who)))
    ):
        return sighting
    proven = judgement.readable if key.kind is Kind.GROUP else _proven(judgement)
    if not (sighting.orgs or judgement.schools.keys()) <= proven:
        return sighting
    before = sighting.nights if judgement.in_a_row or sighting.nights >= judgement.nights else 0
    return replace(sighting, nights=before + 1, counted=roster.day)


def _proven(judgement: Judgement) -> frozenset[str]:
    return frozenset(org for org, said in judgement.schools.items() if said.proof)


def seen_tonight(roster: Roster, people: Mapping[str, Placed]) -> dict[Key, Sighting]:
    """Everybody and everything seen tonight: people by their schools and role, orgs, and classes until they end."""
    day = roster.day
    final = final_grades(roster)
    seen = {Key(Kind.ACCOUNT, person): _person(placed, roster, final) for person, placed in people.items()}
    seen |= {Key(Kind.ORG, org): Sighting(day, frozenset({org})) for org in roster.orgs}
    for school_class in roster.classes.values():
        where = frozenset({school_class.org})
        seen[Key(Kind.GROUP, school_class.sourced_id)] = Sighting(day, where, until=school_class.end)
    return seen


def _person(placed: Placed, roster: Roster, final: Mapping[str, str]) -> Sighting:
    classes = homerooms_of(placed.enrollments, roster)
    until, leaving = expected_end(placed.enrollments, classes, roster, final)
    return Sighting(
        last_seen=roster.day,
        orgs=placed.orgs,
        role=str(min(placed.roles)),
        until=until,
        leaving=leaving,
        homeroom=min((c.sourced_id for c in classes), default=""),
    )


def as_guardian(sourced_id: str) -> Key:
    """Whom somebody is sighted as who is a guardian: they may have left as a teacher and still be seen as this."""
    return Key(Kind.ACCOUNT, f"{_GUARDIAN}{sourced_id}")


def guardians_of_targets(roster: Roster, sightings: Mapping[Key, Sighting]) -> dict[str, Sighting]:
    """Whom a target was told of as somebody's guardian, and who still is that in the SIS."""
    told = {
        key.sourced_id.removeprefix(_GUARDIAN): sighting
        for key, sighting in sightings.items()
        if key.kind is Kind.ACCOUNT and key.sourced_id.startswith(_GUARDIAN)
    }
    somebodys = related(roster) if told else frozenset()
    return {guardian: sighting for guardian, sighting in told.items() if guardian in somebodys}


def tells_of_guardians(history: History) -> bool:
    """Whether any target was ever told of anybody's guardian."""
    return any(key.kind is Kind.ACCOUNT and key.sourced_id.startswith(_GUARDIAN) for key in history.sightings)


def _guardians(roster: Roster, history: History, told: Iterable[Mapping[str, frozenset[str]]]) -> dict[Key, Sighting]:
    """Guardians seen tonight: those whom a target is to be told of, with the schools of their children, and those who
    were seen before and still are somebody's in the SIS, whatever target could be asked tonight."""
    now: dict[str, frozenset[str]] = {}
    for each in told:
        now |= each
    still = {who: s.orgs for who, s in guardians_of_targets(roster, history.sightings).items()}
    return {as_guardian(g): Sighting(roster.day, orgs, Role.GUARDIAN) for g, orgs in {**still, **now}.items()}


def missing_for(sighting: Sighting | None, nights: int) -> str:
    """Evidence in words, for whoever asks why somebody was or was not removed."""
    if sighting is None:
        return "missing, first noticed tonight"
    return f"missing {sighting.nights} of {nights} proven nights, last seen {sighting.last_seen.isoformat()}"
