"""What waits for no proof, no night and no budget: people who are withheld or blocked, and what may not be told."""

from dataclasses import replace

from provision.core.departures import withdrawals
from provision.core.desired import Desired
from provision.core.ground import Evidence, Ground
from provision.core.plan import Change, Plan, stage
from provision.core.policy import Policy
from provision.core.state import Actual
from provision.core.traits import Traits


def plan_at_once(
    target: str, desired: Desired, actual: Actual, evidence: Evidence, traits: Traits, policy: Policy
) -> Plan:
    """These changes and no others."""
    changes: list[Change] = list(withdrawals(Ground(desired, actual, evidence, traits, policy)))
    return Plan(target, tuple(sorted(changes, key=stage)))


def of_themselves(plan: Plan, desired: Desired) -> Plan:
    """The plan where the roster is not whole: who else is told of because of these people, nobody can say then."""
    about = desired.withheld | desired.blocked
    return replace(plan, changes=tuple(change for change in plan.changes if change.key in about))
