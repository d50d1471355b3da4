"""Taking over a directory that exists: entries that others made are matched, shown, and on approval get our id."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import blake2b
from typing import Any

from provision.apply import Applied, Hand, carry_out
from provision.core.identity import Match
from provision.core.outcome import Status
from provision.core.plan import Rekey
from provision.core.plan import stage as turn
from provision.core.ports import Source
from provision.core.roster import Roster
from provision.core.rules.context import Site
from provision.core.stages import Stage
from provision.core.state import Key, Kind
from provision.errors import TargetUnavailable, UsageError
from provision.journal.journal import Journal
from provision.night import Night, Route, prepare
from provision.request import RunRequest, begun

_STAMP = "adopted by {}"


@dataclass(frozen=True, slots=True)
class TargetAdoption:
    """One target: what would be stamped (`changes`), what only a person can say, and what was done.

    Nothing is stamped while its `stage` is shadow, and one that is off is not even read.
    """

    target: str
    changes: tuple[Rekey, ...]
    certain: tuple[Match, ...]
    proposals: tuple[Match, ...]
    ambiguous: Mapping[str, str]
    untouched: int
    applied: Applied
    failure: str = ""
    stage: Stage = Stage.FULL


@dataclass(frozen=True, slots=True)
class AdoptionReport:
    """`digest` names exactly the set that an approval stamps."""

    run: str
    digest: str
    targets: tuple[TargetAdoption, ...]
    roster: Roster

    @property
    def exit_code(self) -> int:
        """7 a target was unavailable, 5 something waits for approval, 6 something is ambiguous or was refused."""
        if any(t.failure or t.applied.failure for t in self.targets):
            return 7
        if not self.run and any(t.changes and t.stage is not Stage.SHADOW for t in self.targets):
            return 5
        refused = any(r.status is not Status.DONE for t in self.targets for r in t.applied.results)
        return 6 if refused or any(t.ambiguous for t in self.targets) else 0

    def as_json(self) -> dict[str, Any]:
        """The document that docs/json.md describes."""
        return {
            "format": 1,
            "run": self.run or None,
            "digest": self.digest,
            "exit_code": self.exit_code,
            "targets": [_json(target) for target in self.targets],
        }


def adopt(  # noqa: PLR0913  a run's parts, and what was said yes to
    request: RunRequest,
    sources: Sequence[Source],
    routes: Sequence[Route],
    journal: Journal,
    site: Site,
    *,
    approve: str,
    proposals: bool,
) -> AdoptionReport:
    """Match, and where `approve` names exactly what was found, stamp it. Nothing but our id is written.

    Raises UsageError where the digest names another set: something changed since it was shown, and where it is about a
    target that may not be written.
    """
    night = prepare(sources, routes, journal, site.policy, request.day)
    found = [_found(route, night, site.policy.stages.of(route.target.name), proposals=proposals) for route in routes]
    digest = _digest(found)
    if not approve:
        return AdoptionReport("", digest, tuple(found), night.roster)
    if approve != digest:
        raise UsageError(f"what is found now has the digest {digest}, not {approve}; look again before approving")
    if waiting := [each.target for each in found if each.changes and each.stage is Stage.SHADOW]:
        raise UsageError(
            f"{' and '.join(waiting)} may not be written yet: [stages] has it as shadow, so nothing is stamped; let it "
            "in as add-only or full, look again, and approve then"
        )
    with begun(request, journal, "adopt") as (run, lease):
        hand = Hand(run, journal, lease, request.progress, request.leaving)
        done = [_stamp(route, each, hand) for route, each in zip(routes, found, strict=True)]
        report = AdoptionReport(run, digest, tuple(done), night.roster)
        journal.finish(run, report.exit_code, {"adopted": sum(len(t.applied.results) for t in done)})
    return report


def _found(route: Route, night: Night, stage: Stage, *, proposals: bool) -> TargetAdoption:
    name = route.target.name
    nothing = TargetAdoption(name, (), (), (), {}, 0, Applied())
    return replace(nothing if stage is Stage.OFF else _match(route, night, proposals=proposals), stage=stage)


def _match(route: Route, night: Night, *, proposals: bool) -> TargetAdoption:
    name = route.target.name
    survey = night.surveys[name]
    if survey.failure:
        return TargetAdoption(name, (), (), (), {}, 0, Applied(), survey.failure)
    matching = survey.matching
    try:
        strangers = route.target.strangers()
        ours = route.target.read({}).records.keys()
    except TargetUnavailable as error:
        return TargetAdoption(name, (), (), (), {}, 0, Applied(), str(error))
    chosen = (*matching.certain, *(matching.proposals if proposals else ()))
    people = [_rekey(match, night) for match in chosen]
    orgs = [_rekey_org(match) for match in survey.orgs.certain if Key(Kind.ORG, match.sourced_id) not in ours]
    unsure = {p: reason for p, reason in survey.orgs.ambiguous.items() if Key(Kind.ORG, p) not in ours}
    changes = tuple(sorted((*orgs, *people), key=lambda change: (turn(change), change.key)))
    return TargetAdoption(
        target=name,
        changes=changes,
        certain=matching.certain,
        proposals=matching.proposals,
        ambiguous={**unsure, **matching.ambiguous},
        untouched=len(strangers) - len(changes),
        applied=Applied(),
    )


def _rekey(match: Match, night: Night) -> Rekey:
    placed = night.people[match.sourced_id]
    key = Key(Kind.ACCOUNT, match.sourced_id)
    return Rekey(key, match.handle, None, placed.orgs, str(min(placed.roles)), _STAMP.format(match.evidence))


def _rekey_org(match: Match) -> Rekey:
    key = Key(Kind.ORG, match.sourced_id)
    return Rekey(key, match.handle, None, frozenset({match.sourced_id}), "", _STAMP.format(match.evidence))


def _stamp(route: Route, found: TargetAdoption, hand: Hand) -> TargetAdoption:
    if found.failure or not found.changes:
        return found
    applied = carry_out(route.target, found.changes, hand)
    return replace(found, applied=applied)


def _digest(found: Sequence[TargetAdoption]) -> str:
    parts = [f"{t.target}\0{c.key}\0{c.handle}" for t in found for c in t.changes]
    return blake2b("\0".join(parts).encode(), digest_size=6).hexdigest()


def _json(target: TargetAdoption) -> dict[str, Any]:
    status = {r.change.key: r for r in target.applied.results}
    return {
        "target": target.target,
        "failure": target.failure or target.applied.failure or None,
        "stage": target.stage,
        "adopt": [
            {
                "key": str(change.key),
                "entry": change.handle,
                "evidence": change.reason,
                "status": status[change.key].status.value if change.key in status else None,
            }
            for change in target.changes
        ],
        "proposals": [{"id": m.sourced_id, "entry": m.handle, "evidence": m.evidence} for m in target.proposals],
        "ambiguous": [{"id": p, "reason": reason} for p, reason in target.ambiguous.items()],
        "left_alone": target.untouched,
    }
