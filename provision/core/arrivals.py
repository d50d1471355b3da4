"""What is made and what changes: everything that should be in a target and is not, or not so."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from provision.core.cause import cause_of_loss
from provision.core.compare import (
    Sign,
    by_person,
    is_guardian_only,
    orgs_of,
    settled,
    signs,
    somebody_else,
    told,
)
from provision.core.ground import Ground
from provision.core.plan import Change, Create, Rekey, Update
from provision.core.references import has_links, linked
from provision.core.sightings import missing_for
from provision.core.state import KINDS, Key, Kind, Record, Value, same, values


def arrivals(ground: Ground) -> Iterator[Change]:
    """Creates, updates and new ids of all but guardians; who may be somebody else already is held."""
    lookalikes = by_person(ground.leaving, ground.traits, ground.desired.withheld)
    for key in _todo(ground, guardians=False):
        yield from _arrival(key, lookalikes, ground)


def guardians(ground: Ground) -> Iterator[Change]:
    """The same of everybody who is a guardian, once it is known what becomes of their children."""
    for key in _todo(ground, guardians=True):
        yield from _arrival(key, {}, ground)


def _todo(ground: Ground, *, guardians: bool) -> list[Key]:
    as_wanted = ground.actual.unchanged | ground.actual.ambiguous.keys()
    keys = (key for key in ground.desired.records if key not in as_wanted and _has_children(key, ground) is guardians)
    return sorted(keys, key=lambda key: _turn(key, ground))


def _has_children(key: Key, ground: Ground) -> bool:
    records = (ground.desired.records.get(key), ground.actual.records.get(key))
    return any(record is not None and bool(ground.traits.kin & record.fields.keys()) for record in records)


def _arrival(key: Key, lookalikes: Mapping[Sign, Key], ground: Ground) -> Iterator[Change]:
    after = ground.links.to_those_there(ground.desired.records[key], ground.held)
    before = ground.actual.records.get(key)
    if before is not None:
        yield from _update(ground.links.as_it_will_be(before), after, ground)
    elif key in ground.renamed:
        orgs, role = ground.place(key, after)
        confirmed = ground.renamed[key].sourced_id in ground.evidence.confirmed
        reason = "has a new id, as somebody confirmed" if confirmed else "the SIS gave them a new id"
        yield Rekey(key, "", ground.renamed[key], orgs, role, reason, confirmed)
    elif key in ground.held:
        return
    elif reason := _waits(after, ground) or _may_be_somebody(after, lookalikes, ground):
        ground.held[key] = reason
    else:
        yield Create(after, *ground.place(key, after), "new in the SIS")


def _turn(key: Key, ground: Ground) -> tuple[int, bool]:
    """Kind by kind; who refers to other accounts comes after them."""
    return KINDS.index(key.kind), key.kind is Kind.ACCOUNT and has_links(ground.desired.records[key])


def _waits(after: Record, ground: Ground) -> str:
    """The org, course or session that the record refers to and that is held."""
    if after.key.sourced_id in ground.evidence.claimed and after.key.kind in (Kind.ORG, Kind.ACCOUNT):
        return "an entry that others made may be this one's; see `provision adopt`"
    if after.key.kind is Kind.ORG:
        return ""
    keys = (v for value in after.fields.values() for v in values(value) if isinstance(v, Key))
    held = next((key for key in keys if key.kind is not Kind.ACCOUNT and key in ground.held), None)
    return f"waits for {held}: {ground.held[held]}" if held else ""


def _may_be_somebody(after: Record, lookalikes: Mapping[Sign, Key], ground: Ground) -> str:
    """Who of those that vanished this newcomer may be; the account that may be theirs waits as well."""
    if after.key.kind is not Kind.ACCOUNT or after.key.sourced_id in ground.evidence.distinct:
        return ""
    other = next((lookalikes[sign] for sign in signs(after, ground.traits) if sign in lookalikes), None)
    if other is None:
        return ""
    old, new = other.sourced_id, after.key.sourced_id
    ground.lookalikes[other] = f"kept, because {new} may be the same person"
    ground.lookalikes[after.key] = (
        f"looks like {old}, who is in the SIS too; see which of the two is right there"
        if old in ground.evidence.roster.present
        else f"looks like {old}, who is no longer in the SIS. If they are one person: "
        f"`provision adopt --same {old}={new}`, else `provision adopt --distinct {new}`"
    )
    return ground.lookalikes[after.key]


def _update(before: Record, wanted: Record, ground: Ground) -> Iterator[Change]:
    if reason := ground.evidence.lookalikes.get(wanted.key) or somebody_else(before, wanted, ground.traits):
        ground.held[wanted.key] = ground.lookalikes[wanted.key] = reason
        return
    orgs, role = ground.place(wanted.key, before)
    keep = ground.may_not_lose(wanted.key, orgs) or _still_expected(before, ground)
    by_others = not before.active and not ground.is_disabled(wanted.key, before)
    after = settled(before, wanted, ground.traits, keep=bool(keep), locked_by_others=by_others)
    after = _at_schools_of_children(before, ground.links.spared(before, after), ground)
    ground.linked[after.key] = linked(after)
    if wanted.active and not after.active:
        ground.waiting[wanted.key] = "locked out by others in the target; left so"
    if not same(before, after):
        roster = ground.evidence.roster
        cause = cause_of_loss(orgs_of(before, roster), orgs_of(after, roster), ground.new_year)
        yield Update(before, after, orgs, role, told(before, after, keep), cause)


def _still_expected(before: Record, ground: Ground) -> str:
    """Why a pupil or employee who is now only somebody's guardian keeps their own places: that is not proven yet."""
    key, evidence = before.key, ground.evidence
    if key.kind is not Kind.ACCOUNT or key.sourced_id in evidence.placed or not before.active:
        return ""
    sighting = evidence.sightings.get(key)
    if is_guardian_only(before, ground.traits) or (sighting and sighting.nights >= ground.policy.nights):
        return ""
    return missing_for(sighting, ground.policy.nights)


def _at_schools_of_children(before: Record, after: Record, ground: Ground) -> Record:
    """The record after, with the schools of children who stay here although the SIS does not show them tonight."""
    fields: dict[str, Value] = dict(after.fields)
    for name in ground.traits.kin & before.fields.keys():
        lost = values(before.fields[name]) - values(after.fields.get(name))
        kept = lost & ground.schools_of_staying().get(before.key, frozenset()) if lost else lost
        if kept:
            fields[name] = values(after.fields.get(name)) | kept
    return replace(after, fields=fields)
