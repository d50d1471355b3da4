"""What tonight's plan has for one person at one target, and what must happen before a run does it."""

from provision.caution import REASON
from provision.core.guard import Hold
from provision.core.losses import in_class
from provision.core.plan import Change
from provision.core.state import Key
from provision.reports.run import RouteReport, verb


def planned(told: RouteReport, key: Key) -> str:
    """Everything that the plan says of this person, "" where it says nothing."""
    waits = told.plan.held.get(key) or told.plan.waiting.get(key)
    changes = [f"{verb(c)} planned: {c.reason}" for c in told.plan.changes if c.key == key]
    held = [f"held by the guard as {hold.id}" for hold in told.verdict.holds if key in hold.keys]
    return "; ".join([*([waits] if waits else []), *changes, *held])


def by_run(told: RouteReport, key: Key) -> bool:
    """Whether the next run changes anything of this person."""
    return any(_is_about(change, key) for change in told.verdict.allowed)


def awaited(told: RouteReport, key: Key) -> str:
    """What must happen before a run does the rest, or anything; "" where there is nothing more to do."""
    if told.failure:
        return f"unavailable: {told.failure}"
    keys = {change.key for change in told.plan.changes if _is_about(change, key)}
    if holds := [hold for hold in told.verdict.holds if keys & hold.keys]:
        return "; ".join(map(what_it_takes, holds))
    if keys and not by_run(told, key):
        return "kept back by [stages] or [[freezes]] of the job; comes when they let it in"
    if key in told.plan.held:
        return "waits until what is said above is mended"
    return "waits until its time has come" if key in told.plan.waiting else ""


def _is_about(change: Change, key: Key) -> bool:
    """Whether it changes this person's account, or who is in a class and they with it."""
    before, after = in_class(change)
    return change.key == key or key in before ^ after


def what_it_takes(hold: Hold) -> str:
    """What must happen before what is held is done."""
    if hold.kept_back:
        return f"held as {hold.id}, and kept back {hold.kept_back}"
    if hold.rejected:
        mend = f"mend it in the SIS, or approve it after all: `provision approve {hold.id} {REASON}`"
        return f"held as {hold.id}, and rejected by {hold.rejected.by} ({hold.rejected.reason}); {mend}"
    return f"waits for a yes: look with `provision plan --hold {hold.id}`, then `provision approve {hold.id} {REASON}`"
