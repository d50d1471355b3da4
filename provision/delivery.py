"""Carry out what one target may get: withdrawals first, then first passwords, then everything else."""

from collections.abc import Iterable, Sequence

from loguru import logger

from provision.apply import Applied, Hand, carry_out
from provision.core.outcome import Result, Status
from provision.core.plan import AT_ONCE, Change, Create, stage
from provision.core.state import Key, Kind
from provision.errors import ProvisionError, TargetUnavailable
from provision.handover import Handover, Newcomer
from provision.leaving import Leave
from provision.night import Night, Route


def deliver(route: Route, changes: Sequence[Change], night: Night, hand: Hand) -> tuple[Applied, tuple[str, ...]]:
    """What became of the changes, and the password files that remain.

    Nothing that goes wrong with passwords keeps a withdrawal waiting. Raises AlreadyRunning and JournalError.
    """
    if moved := _moved_before(route, night):
        hand.journal.follow(moved)
    urgent = [change for change in changes if stage(change) == AT_ONCE]
    rest = [change for change in changes if stage(change) != AT_ONCE]
    applied = carry_out(route.target, urgent, hand) if urgent else Applied()
    if applied.failure:
        return applied, ()
    if route.passwords is None:
        return _joined(applied, carry_out(route.target, rest, hand)), ()
    with hand.leaving.in_order():  # slips are never left of accounts that are not made
        return _with_passwords(route, route.passwords, rest, night, hand, applied)


def _moved_before(route: Route, night: Night) -> dict[Key, Key]:
    """Accounts that the target held under their new id before this run: so the id was changed by an earlier one."""
    held = {key for key in night.surveys[route.target.name].names.values() if key}
    changes = {Key(Kind.ACCOUNT, old): Key(Kind.ACCOUNT, new) for old, new in night.roster.id_changes.items()}
    return {old: new for old, new in changes.items() if new in held and old not in held}


def _with_passwords(
    route: Route, passwords: Handover, changes: Sequence[Change], night: Night, hand: Hand, applied: Applied
) -> tuple[Applied, tuple[str, ...]]:
    try:
        waiting = passwords.hand_over(hand.run, _newcomers(changes, night))
    except TargetUnavailable as error:
        applied.failure = str(error)
        return applied, _keep(route, passwords, ())
    refused = [Result(c, Status.REJECTED, waiting[c.key]) for c in changes if c.key in waiting]
    try:
        done = carry_out(route.target, [change for change in changes if change.key not in waiting], hand)
    except (ProvisionError, Leave):
        _keep(route, passwords, ())
        raise
    done.results += refused
    applied = _joined(applied, done)
    return applied, _keep(route, passwords, applied.results)


def _joined(first: Applied, second: Applied) -> Applied:
    return Applied([*first.results, *second.results], second.failure)


def _newcomers(changes: Iterable[Change], night: Night) -> list[Newcomer]:
    """Everybody who is about to get an account, with the school that hands the password over."""
    created = (change.key for change in changes if isinstance(change, Create))
    return [_newcomer(key, night) for key in created if key.kind is Kind.ACCOUNT]


def _newcomer(key: Key, night: Night) -> Newcomer:
    user, placed = night.roster.users[key.sourced_id], night.people[key.sourced_id]
    org = night.roster.orgs.get(placed.school)
    return Newcomer(
        key=key,
        school=placed.school,
        school_name=org.name if org else "",
        name=f"{user.given_name} {user.family_name}",
        group=placed.homeroom(night.roster),
        username=night.usernames.names[key.sourced_id],
    )


def _keep(route: Route, passwords: Handover, results: Sequence[Result]) -> tuple[str, ...]:
    """The files that remain: of accounts that were made, or may have been."""
    refused = {r.change.key for r in results if r.status in (Status.REJECTED, Status.STALE)}
    try:
        return tuple(map(str, passwords.drop(refused | passwords.unused())))
    except TargetUnavailable as error:
        logger.warning("{}: {}", route.target.name, error)
        return ()
