"""Groups of a PIFU-IMS document to rows of orgs and classes: what each is, and which school it belongs to."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from provision.core.roster import ClassType, OrgType
from provision.formats.completeness import Reject
from provision.formats.grades import grade_of_code, grade_of_title
from provision.formats.organisation_number import organisation_number
from provision.formats.pifu_ims import (
    GRADE_CODE,
    KINDERGARTEN,
    ORGANISATION_NUMBER,
    SCHEME_ORG,
    SHORT_LENGTH,
    SUBJECT_CODE,
    SUBJECT_CODE_SHORT,
    UPPER_SECONDARY,
    class_type,
    org_type,
)
from provision.formats.pifu_ims_groups import Group
from provision.formats.rows import Rows
from provision.sources.pifu_ims.ids import CONTESTED, Ids

_NO_NUMBER: Final = "pifu_id organizationNumber is missing, wrong or another school's; correct it in the SIS"


class Place(NamedTuple):
    """Where a group's members are: at `org`, in `school_class` ("" for the org itself).

    With a `fault` nothing may be placed there; `org` is then the school it would be at, as far as that is known.
    """

    org: str
    school_class: str
    class_type: ClassType | None
    fault: str = ""


@dataclass(slots=True)
class Places:
    """`at` holds every group by its id, and by the ids that it replaces; deleted groups are None."""

    orgs: Rows = field(default_factory=lambda: Rows("orgs"))
    classes: Rows = field(default_factory=lambda: Rows("classes"))
    rejected: list[Reject] = field(default_factory=list)
    at: dict[str, Place | None] = field(default_factory=dict)
    ids: Ids = field(default_factory=Ids)


def arrange(groups: Sequence[Group]) -> Places:
    """Every group of the document in its place."""
    places = Places()
    known = _known(groups, places)
    numbers = _place_orgs(known, places)
    for group in known.values():
        if group.scheme != SCHEME_ORG:
            _place_class(group, known, numbers, places)
    for former, present in places.ids.successors.items():
        if present in places.at:
            places.at.setdefault(former, places.at[present])
    return places


def _known(groups: Iterable[Group], places: Places) -> Mapping[str, Group]:
    """The groups by id, less those whose id is in doubt."""
    known: dict[str, Group] = {}
    for group in groups:
        table = "orgs" if group.scheme == SCHEME_ORG else "classes"
        if fault := places.ids.note(group.key):
            places.rejected.append((table, group.key.best, "", f"{fault} (line {group.line})"))
        else:
            known[group.key.id] = group
    for contested in sorted(places.ids.contested):
        group = known.pop(contested)
        table = "orgs" if group.scheme == SCHEME_ORG else "classes"
        places.rejected.append((table, contested, "", f"{CONTESTED} (line {group.line})"))
        places.at[contested] = Place("", "", None, CONTESTED)
    return known


def _place_orgs(known: Mapping[str, Group], places: Places) -> Mapping[str, str]:
    """The organisation number of each org group that can be used; "" for those that cannot."""
    numbers: dict[str, str] = {}
    taken: set[str] = set()
    kinds = {key: _org_type(group) for key, group in known.items() if group.scheme == SCHEME_ORG}
    for key, kind in kinds.items():
        number = organisation_number(known[key].numbers.get(ORGANISATION_NUMBER, ""))
        fault = _org_fault(known[key], kind, number, taken)
        numbers[key] = "" if fault else number
        if fault:
            places.rejected.append(("orgs", key, key, f"{fault} (line {known[key].line})"))
            places.at[key] = Place(key, "", None, f"its school: {fault}")
        else:
            taken.add(number)
            places.at[key] = Place(number, "", None)
    for key, kind in kinds.items():
        if numbers[key] and kind is not None:
            group = known[key]
            parent = numbers.get(_nearest(group, known, numbers), "")
            places.orgs.add(numbers[key], kind, _title(group), group.legal_name, parent, group.mail)
    return numbers


def _org_type(group: Group) -> OrgType | None:
    kind = org_type(group.scheme, group.level, group.type)
    children_only = group.school_types and all(each == KINDERGARTEN for each in group.school_types)
    return OrgType.KINDERGARTEN if kind is OrgType.SCHOOL and children_only else kind


def _org_fault(group: Group, kind: OrgType | None, number: str, taken: set[str]) -> str:
    if group.deleted:
        return "recstatus 3 in a full file; leave the group out, or leave out its recstatus"
    if kind is None:
        return "grouptype: an org that is neither skoleeier nor skole"
    if not number or number in taken:
        return _NO_NUMBER
    return "" if _title(group) else "description/short is missing or empty"


def _place_class(group: Group, known: Mapping[str, Group], numbers: Mapping[str, str], places: Places) -> None:
    key = group.key.id
    if group.deleted:
        places.at[key] = None
        return
    school = _nearest(group, known, numbers)
    kind = class_type(group.scheme, group.level, group.type)
    title = _title(group)
    fault = ""
    if not school:
        fault = "relationship: leads to no school"
    elif not numbers[school]:
        fault = "its school could not be used"
    elif not title:
        fault = "description/short is missing or empty"
    place = Place(numbers.get(school) or school, key, kind, fault)
    places.at[key] = place
    if fault:
        places.rejected.append(("classes", key, place.org, f"{fault} (line {group.line})"))
        return
    grade = _grade(group, kind, known, upper=UPPER_SECONDARY in known[school].school_types)
    code = _subject_code(group, known)
    places.classes.add(key, kind, title, place.org, code, grade, group.begin, group.end)


def _title(group: Group) -> str:
    """The short description, or the long one where the format's limit has cut the short."""
    cut = len(group.short) >= SHORT_LENGTH and group.long.startswith(group.short)
    return group.long if cut or not group.short else group.short


def _above(group: Group, known: Mapping[str, Group]) -> Iterator[Group]:
    """The group and all above it, nearest first, each once."""
    seen = {group.key.id}
    level = [group]
    while level:
        yield from level
        above = dict.fromkeys(parent for each in level for parent in each.parents if parent in known)
        level = [known[parent] for parent in above if parent not in seen]
        seen.update(above)


def _nearest(group: Group, known: Mapping[str, Group], orgs: Mapping[str, str]) -> str:
    """The id of the first org above the group, "" where there is none."""
    return next((each.key.id for each in _above(group, known) if each is not group and each.key.id in orgs), "")


def _subject_code(group: Group, known: Mapping[str, Group]) -> str:
    """The group's own GREP code, else that of the subject it belongs to; addresses and UUIDs are no codes."""
    for each in _above(group, known):
        own_or_subject = each is group or class_type(each.scheme, each.level, each.type) is ClassType.SUBJECT
        code = each.numbers.get(SUBJECT_CODE_SHORT) or each.numbers.get(SUBJECT_CODE, "").rpartition("/")[2]
        if own_or_subject and code and not code.casefold().startswith("uuid") and not grade_of_code(code):
            return code.upper()
    return ""


def _grade(group: Group, kind: ClassType, known: Mapping[str, Group], *, upper: bool) -> str:
    """The grade by the group's own code, else by that of the grade it belongs to, else by its title."""
    for each in _above(group, known):
        is_grade = class_type(each.scheme, each.level, each.type) is ClassType.GRADE
        if each is not group and not is_grade:
            continue
        for number in (GRADE_CODE, SUBJECT_CODE, SUBJECT_CODE_SHORT):
            if grade := grade_of_code(each.numbers.get(number, "")):
                return grade
        titled = is_grade or (each is group and kind is ClassType.HOMEROOM)
        if titled and (grade := grade_of_title(_title(each))):
            return f"vg{grade}" if upper else grade
    return ""
