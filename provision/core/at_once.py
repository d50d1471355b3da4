"""What waits for no proof, no night and no budget: people who are withheld or blocked, and what may not be told."""

from provision.core.departures import withdrawals
from provision.core.desired import Desired
from provision.core.ground import Evidence, Ground
from provision.core.plan import Change, Plan, stage
from provision.core.policy import Policy
from provision.core.state import Actual
from provision.core.traits import Traits


def plan_at_once(  # noqa: PLR0913  what any plan is made from
    target: str, desired: Desired, actual: Actual, evidence: Evidence, traits: Traits, policy: Policy, *, whole: bool
) -> Plan:
    """These changes and no others. Where the roster is not `whole`, only those of the people whom it is about: who else
    is told of because of them, nobody can say then."""
    changes: list[Change] = list(withdrawals(Ground(desired, actual, evidence, traits, policy)))
    if not whole:
        changes = [change for change in changes if change.key in desired.withheld | desired.blocked]
    return Plan(target, tuple(sorted(changes, key=stage)))
