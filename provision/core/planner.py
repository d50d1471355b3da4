"""From what should be and what is to a plan. Departures come from proven absence, never from our own failure."""

from collections import Counter
from hashlib import blake2b

from provision.core.arrivals import arrivals, guardians
from provision.core.compare import is_guardian_only
from provision.core.departures import classes_end, guardians_leave, leavers, withdrawals
from provision.core.desired import Desired
from provision.core.ground import Evidence, Ground
from provision.core.plan import Change, Plan, Update, change_digest, stage
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
        refused={c.key: ground.links.not_told(c.before) for c in at_once if isinstance(c, Update)},
    )


def _existing(ground: Ground) -> dict[str, int]:
    """Active accounts by org, before the plan; guardians are counted by their children."""
    counted: Counter[str] = Counter()
    for key in ground.actual.unchanged:
        if key.kind is Kind.ACCOUNT and ground.desired.roles.get(key) != Role.GUARDIAN:
            counted.update(ground.desired.orgs.get(key, ()))
    for key, record in ground.actual.records.items():
        if key.kind is Kind.ACCOUNT and record.active and not is_guardian_only(record, ground.traits):
            counted.update(ground.place(key, record)[0])
    return dict(counted)
