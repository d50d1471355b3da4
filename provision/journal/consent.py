"""What waits for a person and what a person has said: holds, approvals, decisions."""

import json
from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import blake2b
from typing import Any, Final

from sqlalchemy import Connection, Row, Select, delete, insert, select, update

from provision.core.guard import Approval, Hold, Rejection, is_of
from provision.errors import UsageError
from provision.journal import audit
from provision.journal.codec import canonical, read_moment, read_names, redact, write_moment, write_names
from provision.journal.lease import fence_at_work
from provision.journal.store import Store
from provision.journal.tables import APPROVAL, DECISION, HOLD

# Who decides without being a person.
NOBODY: Final = ("the SIS", "the run")
# Before a hold's id, the subject of a decision that it is not to be carried out; the verdict is why.
NO: Final = "no "


@dataclass(frozen=True, slots=True)
class HoldRow:
    """A hold as it stands since `first_seen`, last confirmed by `run`."""

    hold: Hold
    run: str
    first_seen: datetime


def save_holds(connection: Connection, store: Store, run: str, target: str, holds: Sequence[Hold]) -> None:
    """These are the target's holds now. A group that was held before keeps its first-seen time.

    A no ends with the hold that it was said to.
    """
    of_target = HOLD.c.target == target
    before = connection.execute(select(HOLD).where(of_target)).all()
    since = {(row.org, row.loss, row.role, row.cause): row.first_seen for row in before}
    _end_noes(connection, {row.id for row in before} - {hold.id for hold in holds})
    connection.execute(delete(HOLD).where(of_target))
    now = store.now()
    rows = [
        {
            "target": target,
            "org": hold.org,
            "loss": hold.loss,
            "role": hold.role,
            "cause": hold.cause,
            "id": hold.id,
            "losses": hold.count,
            "allowed": hold.limit,
            "existing": hold.existing,
            "digest": hold.digest,
            "digests": write_names(hold.digests),
            "examples": canonical([redact(example) for example in hold.examples]),
            "likely": redact(hold.likely),
            "owner": hold.owner,
            "run": run,
            "first_seen": since.get((hold.org, hold.loss, hold.role, hold.cause), now),
        }
        for hold in holds
    ]
    if rows:
        connection.execute(insert(HOLD), rows)
    entries = [
        {"event": "hold", "run": run, "target": target, "hold": hold.id, "digest": hold.digest} for hold in holds
    ]
    audit.append(connection, store, entries)


def holds(connection: Connection) -> list[HoldRow]:
    rows = connection.execute(select(HOLD).order_by(HOLD.c.target, HOLD.c.org, HOLD.c.loss, HOLD.c.role, HOLD.c.cause))
    noes = rejections(connection)
    return [
        HoldRow(
            Hold(
                target=row.target,
                org=row.org,
                loss=row.loss,
                count=row.losses,
                limit=row.allowed,
                existing=row.existing,
                digest=row.digest,
                digests=read_names(row.digests),
                examples=tuple(json.loads(row.examples)),
                role=row.role,
                cause=row.cause,
                likely=row.likely,
                owner=row.owner,
                rejected=noes.get(row.id),
            ),
            run=row.run,
            first_seen=read_moment(row.first_seen),
        )
        for row in rows
    ]


def approve(connection: Connection, store: Store, hold_id: str, consent: tuple[str, str, datetime]) -> Approval:
    """Records a person's yes (approver, reason, expiry) to a hold that is open now, and takes back a no to it.

    Raises UsageError.
    """
    hold = _one_hold([row.hold for row in holds(connection)], hold_id)
    approver, reason, expires = consent
    _end_noes(connection, {hold.id})
    return say_yes(
        connection,
        store,
        Approval(
            hold=hold.id,
            target=hold.target,
            org=hold.org,
            loss=hold.loss,
            digests=hold.digests,
            approver=approver,
            reason=reason,
            expires=expires,
            role=hold.role,
            cause=hold.cause,
        ),
    )


def say_yes(connection: Connection, store: Store, approval: Approval) -> Approval:
    """Records a person's yes to exactly the changes that it names; as it is read back."""
    approval = replace(approval, reason=redact(approval.reason), expires=read_moment(write_moment(approval.expires)))
    row = {
        "hold": approval.hold,
        "target": approval.target,
        "org": approval.org,
        "loss": approval.loss,
        "role": approval.role,
        "cause": approval.cause,
        "digests": write_names(approval.digests),
        "approver": approval.approver,
        "reason": approval.reason,
        "approved": store.now(),
        "expires": write_moment(approval.expires),
    }
    connection.execute(insert(APPROVAL), row)
    entry = {name: value for name, value in row.items() if name not in ("digests", "approved")}
    digest = blake2b("\0".join(sorted(approval.digests)).encode(), digest_size=12).hexdigest()
    audit.append(connection, store, [{"event": "approve", "digest": digest, **entry}])
    return approval


def reject(connection: Connection, store: Store, hold_id: str, refusal: Rejection) -> Hold:
    """Records a person's no to a hold that is open now, and takes back every yes to the same kind of loss there.

    Raises UsageError where there is no such hold, and while a run is at work: it has read what was said before it.
    """
    if fence_at_work(connection, store.now()):
        raise UsageError("a run is at work, and goes by what was said before it began; say no once it is over")
    hold = _one_hold([row.hold for row in holds(connection)], hold_id)
    by, reason, now = redact(refusal.by), redact(refusal.reason), write_moment(refusal.at)
    yes = [row.id for row in connection.execute(_valid(refusal.at)) if is_of(_approval(row), hold)]
    connection.execute(update(APPROVAL).where(APPROVAL.c.id.in_(yes)).values(expires=now))
    _end_noes(connection, {hold.id})
    row = {"subject": NO + hold.id, "verdict": reason, "decided_by": by, "decided": now}
    connection.execute(insert(DECISION), row)
    entry = {"target": hold.target, "org": hold.org, "loss": hold.loss, "role": hold.role, "cause": hold.cause}
    said = {"event": "reject", "hold": hold.id, "digest": hold.digest, "by": by, "reason": reason, **entry}
    audit.append(connection, store, [{**said, "taken_back": len(yes)}])
    return replace(hold, rejected=Rejection(by, reason, read_moment(now)))


def rejections(connection: Connection) -> dict[str, Rejection]:
    """By hold, the noes that stand."""
    rows = connection.execute(select(DECISION).where(DECISION.c.subject.startswith(NO, autoescape=True)))
    return {
        row.subject.removeprefix(NO): Rejection(row.decided_by, row.verdict, read_moment(row.decided)) for row in rows
    }


def _end_noes(connection: Connection, hold_ids: Set[str]) -> None:
    connection.execute(delete(DECISION).where(DECISION.c.subject.in_([NO + each for each in hold_ids])))


def approvals(connection: Connection, now: datetime) -> tuple[Approval, ...]:
    """Those that are neither expired nor used up."""
    return tuple(map(_approval, connection.execute(_valid(now))))


def _valid(now: datetime) -> Select[Any]:
    valid = select(APPROVAL).where(APPROVAL.c.used_by.is_(None), APPROVAL.c.expires > write_moment(now))
    return valid.order_by(APPROVAL.c.id)


def _approval(row: Row[Any]) -> Approval:
    return Approval(
        hold=row.hold,
        target=row.target,
        org=row.org,
        loss=row.loss,
        digests=read_names(row.digests),
        approver=row.approver,
        reason=row.reason,
        expires=read_moment(row.expires),
        role=row.role,
        cause=row.cause,
    )


def use_up(connection: Connection, store: Store, run: str, hold_ids: Iterable[str]) -> None:
    """The changes that these approvals allowed have been carried out; a later loss needs a new yes."""
    used = sorted(set(hold_ids))
    if not used:
        return
    valid = update(APPROVAL).where(APPROVAL.c.hold.in_(used), APPROVAL.c.used_by.is_(None))
    connection.execute(valid.values(used_by=run))
    audit.append(connection, store, [{"event": "use", "run": run, "hold": hold} for hold in used])


def decide(connection: Connection, store: Store, subject: str, verdict: str, by: str) -> None:
    """Records a fact that a person settled; the latest word on a subject counts."""
    by = redact(by)
    connection.execute(delete(DECISION).where(DECISION.c.subject == subject))
    row = {"subject": subject, "verdict": verdict, "decided_by": by, "decided": store.now()}
    connection.execute(insert(DECISION), row)
    audit.append(connection, store, [{"event": "decide", "subject": subject, "verdict": verdict, "by": by}])


def decisions(connection: Connection) -> dict[str, str]:
    return dict(connection.execute(select(DECISION.c.subject, DECISION.c.verdict)).all())


def decided_by_people(connection: Connection) -> frozenset[str]:
    """Subjects of which the latest word is neither a source's nor a run's."""
    return frozenset(connection.scalars(select(DECISION.c.subject).where(DECISION.c.decided_by.not_in(NOBODY))))


def _one_hold(open_holds: Sequence[Hold], hold_id: str) -> Hold:
    matching = [hold for hold in open_holds if hold.id.casefold() == hold_id.strip().casefold()]
    if len(matching) == 1:
        return matching[0]
    listed = ", ".join(sorted(hold.id for hold in open_holds)) or "none"
    fault = "is the id of more than one hold" if matching else "is not held"
    raise UsageError(f"{hold_id} {fault}; held now: {listed}")
