"""From what should be and what is to a plan. Departures come from proven absence, never from our own failure."""

from collections import Counter
from collections.abc import Sequence
from hashlib import blake2b

from provision.core.arrivals import arrivals, guardians
from provision.core.clues import Clues, by_homeroom
from provision.core.compare import is_guardian_only
from provision.core.departures import classes_end, guardians_leave, leavers, withdrawals
from provision.core.desired import Desired
from provision.core.ground import Evidence, Ground
from provision.core.plan import Change, Create, Delete, Disable, Plan, Update, change_digest, group_of, stage
from provision.core.policy import Policy
from provision.core.roster import Role
from provision.core.state import Actual, Kind
from provision.core.traits import Traits


def make_plan(
    target: str, desired: Desired, actual: Actual, evidence: Evidence, traits: Traits, policy: Policy
) -> Plan:
    """The changes that bring `actual` to `desired`, and what waits instead, each with its reason."""
    ground = Ground(desired, actual, evidence, traits, policy)
    at_once = list(withdrawals(ground))
    people = [*arrivals(ground), *leavers(ground)]
    kin = [*guardians(ground), *guardians_leave(ground)]
    changes: list[Change] = [*at_once, *kin, *people, *classes_end(ground)]
    changes.sort(key=stage)  # within a stage in the mapping's order: an org that others lie below comes before them
    digests = "\0".join(change_digest(change, traits.secret) for change in changes)
    return Plan(
        target=target,
        changes=tuple(changes),
        held=ground.held,
        waiting=ground.waiting,
        existing=_existing(ground),
        digest=blake2b(f"{target}\0{digests}".encode(), digest_size=12).hexdigest(),
        lookalikes=ground.lookalikes,
        clues=_clues(changes, ground),
    )


def _existing(ground: Ground) -> dict[tuple[str, str], int]:
    """Active accounts by org and by what people are there as, before the plan. Guardians count with their children."""
    counted: Counter[tuple[str, str]] = Counter()
    for key in ground.actual.unchanged:
        role = ground.desired.roles.get(key, "")
        if key.kind is Kind.ACCOUNT and role != Role.GUARDIAN:
            for org in ground.desired.orgs.get(key, ()):
                counted.update({(org, ""), (org, group_of(role))})
    for key, record in ground.actual.records.items():
        if key.kind is Kind.ACCOUNT and record.active and not is_guardian_only(record, ground.traits):
            orgs, role = ground.place(key, record)
            for org in orgs:
                counted.update({(org, ""), (org, group_of(role))})
    return dict(counted)


def _clues(changes: Sequence[Change], ground: Ground) -> Clues:
    """Gathered for those who lose something only."""
    before = ground.evidence.before
    losing = {s.homeroom for c in changes if isinstance(c, Disable | Delete | Update) and (s := before.get(c.key))}
    here = (k for k in (*ground.actual.unchanged, *ground.actual.records) if k.kind is Kind.ACCOUNT)
    active = (k for k in here if k not in ground.actual.records or ground.actual.records[k].active)
    newcomers: Counter[str] = Counter()
    for change in changes:
        if isinstance(change, Create) and change.key.kind is Kind.ACCOUNT:
            newcomers.update(change.orgs)
    missing = {k.sourced_id for k in before if k.kind is Kind.GROUP} - ground.evidence.roster.classes.keys()
    homerooms = by_homeroom(((k, before[k].homeroom) for k in active if k in before), losing - {""}) if losing else {}
    return Clues(homerooms, frozenset(missing), newcomers, ground.evidence.shorter)
