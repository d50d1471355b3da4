"""What would be found on the records that we make tonight."""

from collections.abc import Iterator, Mapping

from provision.core.desired import Desired, managed_by
from provision.core.mapping import TargetMapping
from provision.core.preflight.entry import Entry, Held, Of, held
from provision.core.preflight.finding import Finding, Found
from provision.core.preflight.rules import OF, duplicate_org_units, findings, missing_org_unit
from provision.core.preflight.texts import mended
from provision.core.roster import ClassType, Roster
from provision.core.rules.context import Site
from provision.core.state import Key, Kind, values
from provision.core.subjects import Placed
from provision.preflight.line import Sight

_ENTITLEMENTS = "edupersonentitlement"


def on_records(desired: Desired, mapping: TargetMapping, roster: Roster, site: Site) -> Iterator[Sight]:
    """On every record that is to be written, and on those that are held for what is found."""
    managed = managed_attributes(mapping)
    units = {key for key in (*desired.records, *desired.held) if key.kind is Kind.ORG}
    records = {**desired.records, **desired.flawed}
    numbers = duplicate_org_units(n for k, r in records.items() if k.kind is Kind.ORG for n in _numbers(held(r.fields)))
    for key, record in records.items():
        of: Of = "person" if key.kind is Kind.ACCOUNT else OF[roster.orgs[key.sourced_id].type]
        entry = Entry(of, held(record.fields), site.realm, managed[of])
        orgs = desired.orgs.get(key, frozenset())
        for found in (*findings(entry), *missing_org_unit(entry.held, units)):
            yield Sight(found, mended(found), key, orgs)
        for number in numbers.intersection(_numbers(entry.held)):
            found = Found(Finding.DUPLICATE_ORG_UNIT, "norEduOrgUnitUniqueIdentifier", detail=number)
            yield Sight(found, mended(found), key, orgs)


def on_groups(
    desired: Desired, mapping: TargetMapping, roster: Roster, people: Mapping[str, Placed], site: Site
) -> Iterator[Sight]:
    """Teaching groups without a subject code: they go out as groups of another kind, which no record shows."""
    if _ENTITLEMENTS not in managed_attributes(mapping)["person"]:
        return
    for sourced_id, placed in people.items():
        key = Key(Kind.ACCOUNT, sourced_id)
        for enrollment in placed.enrollments if key in desired.orgs else ():
            group = roster.classes.get(enrollment.school_class)
            if group is None or group.class_type is not ClassType.SCHEDULED or group.subject_code:
                continue
            if ClassType.SCHEDULED in site.policy.groups_at(group.org):
                found = Found(Finding.GROUP_WITHOUT_CODE, "eduPersonEntitlement", group.sourced_id, group.org)
                yield Sight(found, mended(found), key, frozenset({group.org}))


def managed_attributes(mapping: TargetMapping) -> Mapping[Of, frozenset[str]]:
    """What the mapping answers for in every entry of a kind, in lower case."""
    found: dict[Of, frozenset[str]] = {}
    for entry in mapping.entries:
        of, named = OF[entry.of], managed_by(entry)
        found[of] = found[of] & named if of in found else named
    return {of: found.get(of, frozenset()) for of in OF.values()}


def _numbers(attributes: Held) -> frozenset[str]:
    return frozenset(map(str, values(attributes.get("noreduorgunituniqueidentifier"))))
