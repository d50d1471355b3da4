"""Absence is proven before anyone is removed: which schools a source proves, and how long somebody has been missing."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

from provision.core.history import History, Sighting
from provision.core.policy import Policy
from provision.core.roster import Completeness, OrgType, Role, Roster
from provision.core.state import Key, Kind

# A night's content may be this old for an account to be deleted on its word.
_FRESH_DAYS: Final = 7
# Two nights are in a row when their content lies no further apart: once a day, whatever the hour.
_NIGHT: Final = timedelta(hours=36)
_GUARDIAN: Final = "guardian "


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the sources prove. `schools` decides about people; `readable` are schools without any doubt but that
    a class is missing, so that the class's own nights can be counted.

    `newer` says whether this is a night at all: the content is of a later day than what was read last. `in_a_row`
    says that no night lies between, which matters until somebody has been missing for `nights`. `fresh` says that the
    content is of these days, so that accounts may be deleted.
    """

    schools: Mapping[str, Completeness]
    readable: frozenset[str]
    newer: bool = True
    in_a_row: bool = True
    nights: int = 3
    fresh: bool = True


def judge(roster: Roster, history: History, policy: Policy) -> Judgement:
    """What tonight's sources prove, school by school, in the light of earlier nights.

    A school is proven when the source is whole and not older than the last one, the school and every class of it that
    is known and not over is there, every row says whom it is about, and few rows are unreadable.
    """
    known = {key.sourced_id for key in history.sightings if key.kind is Kind.ORG}
    doubts: dict[str, str] = {}
    for org in sorted(known | roster.orgs.keys() | policy.closed_schools):
        closed = org in policy.closed_schools and org not in roster.orgs
        doubts[org] = "" if closed else _doubt(org, roster, roster.completeness.get(org, Completeness()), policy)
    readable = frozenset(org for org, doubt in doubts.items() if not doubt)
    night = _night(roster, history, policy, readable)
    gone = _missing_classes(roster, history, night)
    judged = {
        org: _judged(org, doubt or gone.get(org, ""), roster.completeness.get(org, Completeness()), roster)
        for org, doubt in doubts.items()
    }
    return replace(night, schools=_with_districts(judged, roster))


def _night(roster: Roster, history: History, policy: Policy, readable: frozenset[str]) -> Judgement:
    """What tonight is, compared with the nights before."""
    before = [(moment.date() - history.as_of[s].astimezone(moment.tzinfo).date()).days
              for s, moment in roster.as_of.items() if s in history.as_of]  # fmt: skip
    gaps = [moment - history.as_of[s] for s, moment in roster.as_of.items() if s in history.as_of]
    return Judgement(
        schools={},
        readable=readable,
        newer=all(days > 0 for days in before),
        in_a_row=all(gap <= _NIGHT for gap in gaps),
        nights=policy.nights,
        fresh=all((roster.day - moment.date()).days <= _FRESH_DAYS for moment in roster.as_of.values()),
    )


def _judged(org: str, doubt: str, said: Completeness, roster: Roster) -> Completeness:
    proof = said.proof if org in roster.orgs else "closed for good, says the site"
    return replace(said, proof="" if doubt else proof, doubt=doubt)


def _doubt(org: str, roster: Roster, said: Completeness, policy: Policy) -> str:
    if org not in roster.orgs:
        return "the school is not in the export; if it closed for good, add it to closed_schools"
    if not said.proof:
        return said.doubt or "the source cannot prove that it is whole"
    if said.unidentified:
        return f"{said.unidentified} rows do not say whom they are about"
    if said.unreadable > policy.unreadable_share * (said.rows + said.unreadable):
        return f"{said.unreadable} of {said.rows + said.unreadable} rows cannot be read"
    return ""


def older(roster: Roster, history: History) -> str:
    """The source that is older than the content last accepted from it, "" where none is."""
    return next((s for s, moment in roster.as_of.items() if s in history.as_of and moment < history.as_of[s]), "")


def _missing_classes(roster: Roster, history: History, night: Judgement) -> dict[str, str]:
    """By school, a known class that should be there and is not; one missing for so many nights is accepted as gone."""
    gone: dict[str, str] = {}
    for key, sighting in history.sightings.items():
        if key.kind is Kind.GROUP and key.sourced_id not in roster.classes:
            over = sighting.until is not None and sighting.until < roster.day
            if not over and _missed(key, sighting, roster, night).nights < night.nights:
                for org in sighting.orgs:
                    gone[org] = f"class {key.sourced_id} is missing from the export"
    return gone


def _with_districts(judged: dict[str, Completeness], roster: Roster) -> dict[str, Completeness]:
    """Those who work centrally are proven absent only where nothing is in doubt anywhere."""
    first, doubt = next(((org, said.doubt) for org, said in judged.items() if said.doubt), ("", ""))
    for org in roster.orgs.values():
        if org.type is OrgType.DISTRICT and doubt:
            why = doubt if judged[org.sourced_id].doubt else f"{first}: {doubt}"
            judged[org.sourced_id] = replace(judged[org.sourced_id], proof="", doubt=why)
    return judged


def observe(
    roster: Roster,
    history: History,
    wanted: Mapping[Key, Sighting],
    known: Mapping[Key, frozenset[str]],
    judgement: Judgement,
) -> dict[Key, Sighting]:
    """The sightings after tonight.

    `wanted` are those seen tonight; `known` others whose record a target holds, with their schools (a lost journal
    starts counting anew). A night counts once per local date, only with content of a later day, and only where every
    school of the person is proven.
    """
    seen = dict(history.sightings)
    for key, orgs in known.items():
        seen.setdefault(key, Sighting(roster.day, orgs))
    for former in roster.id_changes:
        if (key := Key(Kind.ACCOUNT, former)) not in known:  # a target that still knows the old id needs its evidence
            seen.pop(key, None)
    for key, sighting in seen.items():
        if key not in wanted:
            seen[key] = _missed(key, sighting, roster, judgement)
    return seen | dict(wanted)


def _missed(key: Key, sighting: Sighting, roster: Roster, judgement: Judgement) -> Sighting:
    doubtful = roster.doubtful_classes if key.kind is Kind.GROUP else roster.doubtful
    if not judgement.newer or key.sourced_id.removeprefix(_GUARDIAN) in doubtful or sighting.counted == roster.day:
        return sighting
    proven = judgement.readable if key.kind is Kind.GROUP else _proven(judgement)
    if not (sighting.orgs or judgement.schools.keys()) <= proven:
        return sighting
    before = sighting.nights if judgement.in_a_row or sighting.nights >= judgement.nights else 0
    return replace(sighting, nights=before + 1, counted=roster.day)


def _proven(judgement: Judgement) -> frozenset[str]:
    return frozenset(org for org, said in judgement.schools.items() if said.proof)


def sightings(roster: Roster, people: Mapping[str, frozenset[str]], roles: Mapping[str, str]) -> dict[Key, Sighting]:
    """Everybody and everything seen tonight: people by their schools and role, orgs, and classes until they end."""
    day = roster.day
    seen = {Key(Kind.ACCOUNT, p): Sighting(day, orgs, roles.get(p, "")) for p, orgs in people.items()}
    seen |= {Key(Kind.ORG, org): Sighting(day, frozenset({org})) for org in roster.orgs}
    for school_class in roster.classes.values():
        where = frozenset({school_class.org})
        seen[Key(Kind.GROUP, school_class.sourced_id)] = Sighting(day, where, until=school_class.end)
    return seen


def as_guardian(sourced_id: str) -> Key:
    """Whom somebody is sighted as who is a guardian: they may have left as a teacher and still be seen as this."""
    return Key(Kind.ACCOUNT, f"{_GUARDIAN}{sourced_id}")


def guardian_sightings(
    roster: Roster, history: History, told: Iterable[Mapping[str, frozenset[str]]]
) -> dict[Key, Sighting]:
    """Guardians seen tonight: those whom a target is to be told of, with the schools of their children, and those who
    were seen before and still are somebody's in the SIS, whatever target could be asked tonight."""
    now: dict[str, frozenset[str]] = {}
    for each in told:
        now |= each
    before = {key.sourced_id.removeprefix(_GUARDIAN): s.orgs for key, s in history.sightings.items()
              if key.kind is Kind.ACCOUNT and key.sourced_id.startswith(_GUARDIAN)}  # fmt: skip
    linked = {r.related for each in roster.relationships.values() for r in each} if before else set()
    still = {guardian: orgs for guardian, orgs in before.items() if guardian in linked}
    return {as_guardian(g): Sighting(roster.day, orgs, Role.GUARDIAN) for g, orgs in {**still, **now}.items()}


def unproven(orgs: Iterable[str], judgement: Judgement) -> str:
    """Why nobody may be removed from these schools, "" where they are all proven."""
    for org in sorted(orgs):
        said = judgement.schools.get(org)
        if said is None or not said.proof:
            return f"{org}: {said.doubt if said else 'the school is not in the export'}"
    return ""


def missing_for(sighting: Sighting | None, nights: int) -> str:
    """Evidence in words, for whoever asks why somebody was or was not removed."""
    if sighting is None:
        return "missing, first noticed tonight"
    return f"missing {sighting.nights} of {nights} proven nights, last seen {sighting.last_seen.isoformat()}"
