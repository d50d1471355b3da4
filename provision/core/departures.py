"""What is taken away: never because of our own failure, and of people only what is proven to be over."""

from collections.abc import Iterator, Set
from dataclasses import replace
from datetime import date, timedelta
from typing import Final

from provision.core.cause import Cause, cause_of
from provision.core.compare import accounts, is_guardian_only, locked
from provision.core.ground import Ground
from provision.core.history import Sighting
from provision.core.links import without_referred
from provision.core.plan import Delete, Disable, Update, Withdraw, group_of
from provision.core.references import linked
from provision.core.sightings import missing_for
from provision.core.state import Key, Kind, Record, same

# Said of everybody who is in the SIS and should not be in this target, whatever the cause.
_OUT_OF_SCOPE: Final = "out of scope"
_NOT_TOLD: Final = "what may not be told of a pupil any more"
_SAID: Final = {Cause.GRADUATED: "finished", Cause.ENDED: "left, as the SIS said,"}


def withdrawals(ground: Ground) -> Iterator[Withdraw | Disable | Update]:
    """What goes at once, whatever is in doubt: people who are withheld, the accounts of those who are blocked, and
    what may no longer be told of others."""
    gone = ground.desired.withheld | ground.links.lonely
    records = sorted(ground.actual.records.items())
    yield from (Withdraw(r, *ground.place(key, r), _OUT_OF_SCOPE) for key, r in records if key in gone)
    for key, before in records:
        if key.kind is not Kind.ACCOUNT or key in gone:
            continue
        told, after = ground.links.once_withdrawn(before), ground.links.stripped(before)
        if key in ground.desired.blocked and before.active:
            place = ground.place(key, before)
            yield Disable(told, _blocked(after, ground), *place, _OUT_OF_SCOPE, Cause.OUT_OF_SCOPE, at_once=True)
        elif after is not told and not same(told, after):
            yield Update(told, after, *ground.place(key, before), _NOT_TOLD, Cause.WITHHELD)


def _blocked(before: Record, ground: Ground) -> Record:
    """Locked as whoever has left, but with those whom the record names: guardians of a blocked pupil stay so."""
    after = locked(before, ground.traits)
    links = {name: value for name, value in before.fields.items() if accounts(value)}
    return replace(after, fields={**after.fields, **links})


def leavers(ground: Ground) -> Iterator[Delete | Disable]:
    """People who have left; those who are guardians and nothing else go by what their children's records say."""
    for before in _leaving(ground, Kind.ACCOUNT):
        if not _is_guardian_in_use(before, ground):
            for change in _leave(before, ground):
                ground.linked[change.key] = linked(change.after) if isinstance(change, Disable) else frozenset()
                yield change


def guardians_leave(ground: Ground) -> Iterator[Disable]:
    """A guardian's place is their children's: it ends when nobody here has them as guardian any more."""
    guardians = [record for record in _leaving(ground, Kind.ACCOUNT) if _is_guardian_in_use(record, ground)]
    needed = {key for _, _, each in ground.still_linked() for key in each} if guardians else set()
    for before in guardians:
        key = before.key
        if key.sourced_id in ground.evidence.roster.doubtful:
            ground.held[key] = "kept, because a row about this person cannot be read"
        elif stay := ground.kept_by_exception(key):
            ground.waiting[key] = f"kept, because {stay}"
        elif key in needed:
            ground.waiting[key] = "kept while a pupil here has this guardian"
        else:
            orgs, role = ground.place(key, before)
            yield Disable(before, locked(before, ground.traits), orgs, role, "is nobody's guardian here any more")


def classes_end(ground: Ground) -> Iterator[Delete]:
    """Classes that are over, and the courses and sessions that nothing needs any more."""
    ended = [change for record in _leaving(ground, Kind.GROUP) for change in _end(record, ground)]
    yield from ended
    yield from _unused({change.key for change in ended}, ground)


def _leaving(ground: Ground, kind: Kind) -> list[Record]:
    gone = ground.desired.withheld | ground.links.lonely
    leaving = [(key, record) for key, record in sorted(ground.leaving.items()) if key.kind is kind and key not in gone]
    return [record for key, record in leaving if not _is_blocked_here(key, record, ground)]


def _is_blocked_here(key: Key, record: Record, ground: Ground) -> bool:
    """Whether the account goes at once, or has gone so and its owner still has a place here."""
    blocked = key in ground.desired.blocked
    return blocked and (record.active or key.sourced_id in ground.desired.guardians)


def _is_guardian_in_use(record: Record, ground: Ground) -> bool:
    return record.active and is_guardian_only(record, ground.traits)


def _leave(before: Record, ground: Ground) -> Iterator[Delete | Disable]:
    key = before.key
    missing = missing_for(ground.evidence.sightings.get(key), ground.policy.nights)
    if now := ground.evidence.roster.id_changes.get(key.sourced_id):
        missing = f"has the id {now} now; {missing}"
    if alike := ground.lookalikes.get(key) or ground.evidence.lookalikes.get(key):
        ground.held[key] = f"{missing}; {alike}"
    elif stay := ground.kept_by_exception(key):
        ground.waiting[key] = f"{missing}; kept, because {stay}"
    elif ground.is_disabled(key, before):
        yield from _delete(before, missing, ground)
    else:
        yield from _disable(before, missing, ground)


def _disable(before: Record, missing: str, ground: Ground) -> Iterator[Disable]:
    """An account in use is taken out of use once it is proven that its owner has left, and why."""
    key, evidence = before.key, ground.evidence
    sighting = evidence.sightings.get(key)
    orgs, role = ground.place(key, before)
    cause = cause_of(sighting, evidence.roster.day)
    after = locked(before, ground.traits)
    if doubt := ground.may_not_lose(key, orgs):
        ground.held[key] = f"{missing}; kept, because {doubt}"
    elif key.sourced_id in evidence.placed:
        yield Disable(before, after, orgs, role, _OUT_OF_SCOPE, Cause.OUT_OF_SCOPE)
    elif sighting is None or sighting.nights < ground.policy.nights:
        ground.waiting[key] = missing
    elif (day := _let_in_until(sighting, cause, role, ground)) >= evidence.roster.day:
        ground.waiting[key] = f"{missing}; let in until {day.isoformat()}"
    else:
        yield Disable(before, after, orgs, role, _why(cause, sighting, missing), cause)


def _delete(before: Record, missing: str, ground: Ground) -> Iterator[Delete]:
    """An account out of use is deleted once its time is over and its owner is still proven to be gone."""
    key, evidence = before.key, ground.evidence
    sighting = evidence.sightings.get(key)
    orgs, role = ground.place(key, before)
    gone = sighting is not None and sighting.nights >= ground.policy.nights and key.sourced_id not in evidence.placed
    if gone and not ground.may_not_lose(key, orgs) and _retention_over(key, role, ground) and evidence.judgement.fresh:
        cause = cause_of(sighting, evidence.roster.day)
        kept = f"disabled for {ground.policy.ladder(group_of(role)).retention_days} days"
        yield Delete(before, orgs, role, f"{kept}; {_why(cause, sighting, missing)}", cause)


def _why(cause: Cause, sighting: Sighting | None, missing: str) -> str:
    """The reason in words, with its evidence."""
    if cause in _SAID and sighting and sighting.until:
        return f"{_SAID[cause]} on {sighting.until.isoformat()}; {missing}"
    return f"gone without a reason in the SIS; {missing}"


def _let_in_until(sighting: Sighting, cause: Cause, role: str, ground: Ground) -> date:
    """The last day on which somebody who vanished is still let in: they may turn up at another school."""
    days = ground.policy.ladder(group_of(role)).missing_days if cause is Cause.VANISHED else 0
    return sighting.last_seen + timedelta(days=days)


def _retention_over(key: Key, role: str, ground: Ground) -> bool:
    since, days = ground.evidence.disabled.get(key), ground.policy.ladder(group_of(role)).retention_days
    return since is not None and (ground.evidence.roster.day - since).days >= days


def _end(before: Record, ground: Ground) -> Iterator[Delete]:
    """A class ends when its dates say so, when it may not go out any more, or when it is proven to be gone."""
    key, roster, judgement = before.key, ground.evidence.roster, ground.evidence.judgement
    orgs, role = ground.place(key, before)
    sighting = ground.evidence.sightings.get(key)
    known = roster.classes.get(key.sourced_id)
    until = known.end if known else sighting.until if sighting else None
    over = until is not None and until < roster.day
    missing = missing_for(sighting, ground.policy.nights)
    if key.sourced_id in roster.doubtful_classes or not orgs <= judgement.readable:
        ground.held[key] = "kept, because its school's part of the export is in doubt"
    elif over or known:
        if over:
            yield Delete(before, orgs, role, f"over since {until}", Cause.GRADUATED)
        else:
            yield Delete(before, orgs, role, _OUT_OF_SCOPE, Cause.OUT_OF_SCOPE)
    elif sighting is None or sighting.nights < ground.policy.nights:
        ground.waiting[key] = missing
    elif judgement.fresh:
        yield Delete(before, orgs, role, missing)


def _unused(ended: Set[Key], ground: Ground) -> Iterator[Delete]:
    """Courses and sessions that nothing which stays refers to."""
    kinds = (Kind.SESSION, Kind.COURSE)
    leaving = [record for key, record in ground.leaving.items() if key.kind in kinds]
    staying = [record for key, record in ground.leaving.items() if key.kind is Kind.GROUP and key not in ended]
    for states in (ground.desired.records, ground.actual.records) if leaving else ():
        staying += [r for key, r in states.items() if key.kind in (*kinds, Kind.GROUP) and key not in ground.leaving]
    for record in without_referred(leaving, staying):
        yield Delete(record, *ground.place(record.key, record), "nothing is taught in it any more")
