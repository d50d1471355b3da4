"""Absence is proven before anyone is removed: which schools a source proves tonight, and which it does not."""

from dataclasses import replace
from datetime import timedelta
from typing import Final

from provision.core.extract import Completeness
from provision.core.history import History
from provision.core.judgement import Judgement
from provision.core.policy import Policy
from provision.core.roster import OrgType, Roster
from provision.core.sightings import missed
from provision.core.sizes import shrunken
from provision.core.state import Kind

# A night's content may be this old for an account to be deleted on its word.
_FRESH_DAYS: Final = 7
# Two nights are in a row when their content lies no further apart: once a day, whatever the hour.
_NIGHT: Final = timedelta(hours=36)


def judge(roster: Roster, history: History, policy: Policy) -> Judgement:
    """What tonight's sources prove, school by school, in the light of earlier nights.

    A school is proven when the source is whole and not older than the last one, the school and every class of it that
    is known and not over is there, all of them are about as large as they were, every row says whom it is about, and
    few rows are unreadable.
    """
    known = {key.sourced_id for key in history.sightings if key.kind is Kind.ORG}
    doubts: dict[str, str] = {}
    for org in sorted(known | roster.orgs.keys() | policy.closed_schools):
        closed = org in policy.closed_schools and org not in roster.orgs
        doubts[org] = "" if closed else _doubt(org, roster, roster.completeness.get(org, Completeness()), policy)
    readable = frozenset(org for org, doubt in doubts.items() if not doubt)
    night = _night(roster, history, policy, readable)
    gone = {**shrunken(roster, history.sightings, policy.nights), **_missing_classes(roster, history, night)}
    judged = {
        org: _judged(org, doubt or gone.get(org, ""), roster.completeness.get(org, Completeness()), roster)
        for org, doubt in doubts.items()
    }
    return replace(night, schools=_with_districts(judged, roster))


def _night(roster: Roster, history: History, policy: Policy, readable: frozenset[str]) -> Judgement:
    """What tonight is, compared with the nights before."""
    before = [
        (moment.date() - history.as_of[s].astimezone(moment.tzinfo).date()).days
        for s, moment in roster.as_of.items()
        if s in history.as_of
    ]
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
            if not over and missed(key, sighting, roster, night).nights < night.nights:
                for org in sighting.orgs:
                    gone[org] = f"class {key.sourced_id} is missing from the export"
    return gone


def _with_districts(judged: dict[str, Completeness], roster: Roster) -> dict[str, Completeness]:
    """Those who work centrally are proven absent only where nothing is in doubt anywhere."""
    first, doubt = next(((org, said.doubt) for org, said in judged.items() if said.doubt), ("", ""))
    for org in roster.orgs.values():
        if org.type is OrgType.DISTRICT and doubt:
            why = judged[org.sourced_id].doubt or f"{first}: {doubt}"
            judged[org.sourced_id] = replace(judged[org.sourced_id], proof="", doubt=why)
    return judged
