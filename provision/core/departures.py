"""What is taken away: never because of our own failure, and of people only what is proven to be over."""

from collections.abc import Iterator, Set
from typing import Final

from provision.core.compare import is_guardian_only, locked
from provision.core.ground import Ground
from provision.core.links import without_referred
from provision.core.plan import Delete, Disable, Update, Withdraw
from provision.core.references import linked
from provision.core.sightings import missing_for
from provision.core.state import Key, Kind, Record, same

# Said of everybody who is in the SIS and should not be in this target, whatever the cause.
_OUT_OF_SCOPE: Final = "out of scope"
_NOT_TOLD: Final = "what may not be told of a pupil any more"


def withdrawals(ground: Ground) -> Iterator[Withdraw | Update]:
    """What goes at once, whatever is in doubt: people who are withheld, and what may no longer be told of others."""
    gone = ground.desired.withheld | ground.links.lonely
    for key, before in sorted(ground.actual.records.items()):
        if key in gone:
            yield Withdraw(before, *ground.place(key, before), _OUT_OF_SCOPE)
        elif key.kind is Kind.ACCOUNT:
            told, after = ground.links.once_withdrawn(before), ground.links.stripped(before)
            if after is not told and not same(told, after):
                yield Update(told, after, *ground.place(key, before), _NOT_TOLD)


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
    return [record for key, record in sorted(ground.leaving.items()) if key.kind is kind and key not in gone]


def _is_guardian_in_use(record: Record, ground: Ground) -> bool:
    return record.active and is_guardian_only(record, ground.traits)


def _leave(before: Record, ground: Ground) -> Iterator[Delete | Disable]:
    key, evidence = before.key, ground.evidence
    sighting = evidence.sightings.get(key)
    orgs, role = ground.place(key, before)
    missing = missing_for(sighting, ground.policy.nights)
    disabled = ground.is_disabled(key, before)
    if alike := ground.lookalikes.get(key) or evidence.lookalikes.get(key):
        ground.held[key] = f"{missing}; {alike}"
    elif doubt := ground.may_not_lose(key, orgs):
        if not disabled:
            ground.held[key] = f"{missing}; kept, because {doubt}"
    elif key.sourced_id in evidence.placed:
        if not disabled:
            yield Disable(before, locked(before, ground.traits), orgs, role, _OUT_OF_SCOPE)
    elif sighting is None or sighting.nights < ground.policy.nights:
        if not disabled:
            ground.waiting[key] = missing
    elif not disabled:
        yield Disable(before, locked(before, ground.traits), orgs, role, missing)
    elif _retention_over(key, ground) and evidence.judgement.fresh:
        yield Delete(before, orgs, role, f"disabled for {ground.policy.retention_days} days; {missing}")


def _retention_over(key: Key, ground: Ground) -> bool:
    since = ground.evidence.disabled.get(key)
    return since is not None and (ground.evidence.roster.day - since).days >= ground.policy.retention_days


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
        yield Delete(before, orgs, role, f"over since {until}" if over else _OUT_OF_SCOPE)
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
