"""What OneRoster says of one school, row by row."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Final

from provision.core.roster import ClassType, OrgType, Role
from provision.core.rules.oneroster import GRADES
from provision.formats.grades import grade_of_code
from provision.formats.oneroster import COLUMNS, EXTENSION, Version
from provision.formats.oneroster_write import Cell
from provision.formats.pifu_ims import MENTOR
from provision.formats.pifu_ims_write import Group, Person
from provision.sample.places import Place, Places, between, classes_of, kind_of_class, kind_of_org, org_of, role_in
from provision.sample.roll import Roll

Row = Sequence[Cell]

_BLANK: Final = ("", "")  # status and dateLastModified
_STANDARD_TYPES: Final = (ClassType.HOMEROOM, ClassType.SCHEDULED)
_STANDARD_ROLES: Final = (Role.STUDENT, Role.TEACHER, Role.ADMINISTRATOR)
# The one word of version 1.1 for all who lead.
_LEADERS: Final = ("principal", "siteAdministrator")
_LEADER_1_1: Final = "administrator"


def rows(roll: Roll, at: Places, version: Version) -> Mapping[str, Iterator[Row]]:
    """The rows of each file that the school adds to; `at` is who has which role there."""
    found = {
        "academicSessions": _sessions(roll),
        "orgs": _orgs(roll),
        "courses": _courses(roll),
        "classes": _classes(roll),
        "users": _users(roll, at, version),
        "enrollments": _enrollments(roll),
        "demographics": _demographics(roll),
    }
    return found if version == "1.1" else {**found, "roles": _roles(at)}


def _sessions(roll: Roll) -> Iterator[Row]:
    """Each period that a class of the school has, once."""
    for begin, end in dict.fromkeys(map(_period, classes_of(roll))):
        title, dates = f"{begin.year}/{end.year}", between(begin, end)
        yield _session(begin, end), *_BLANK, title, "schoolYear", *dates, "", str(end.year)


def _orgs(roll: Roll) -> Iterator[Row]:
    org = org_of(roll)
    kind = kind_of_org(org)
    word = f"{EXTENSION}{kind}" if kind is OrgType.KINDERGARTEN else str(kind)
    yield org.id, *_BLANK, org.title, word, org.organisation_number, org.parent if org.parent != org.id else ""


def _courses(roll: Roll) -> Iterator[Row]:
    """A course for each subject and, since every class must have one, for each kind of class without a subject."""
    school = org_of(roll).id
    first: dict[str, Group] = {}
    for group in classes_of(roll):
        first.setdefault(f"{school}.{_course(group)}", group)
    for course, group in first.items():
        code, title = group.subject_code, group.subject_code or group.type
        yield course, *_BLANK, _session(*_period(group)), title, code, (), school, (), _listed(code)


def _classes(roll: Roll) -> Iterator[Row]:
    school = org_of(roll).id
    for group in classes_of(roll):
        kind = kind_of_class(group)
        word = str(kind) if kind in _STANDARD_TYPES else f"{EXTENSION}{kind}"
        grades = _listed(GRADES.get(grade_of_code(group.grade_code), ""))
        yield (
            group.id, *_BLANK, group.title, grades, f"{school}.{_course(group)}", "", word, "", school,
            (_session(*_period(group)),), (), _listed(group.subject_code), (),
        )  # fmt: skip  # the cells of one row


def _users(roll: Roll, at: Places, version: Version) -> Iterator[Row]:
    """Everybody who is in the roll as a person; by version 1.1 with the first of their roles and its school."""
    for person in roll.people:
        here = at.get(person.id, ())
        yield person.id, *_BLANK, "true", *_before(here, version), *_person(person), *_after(here, version)


def _before(here: Sequence[Place], version: Version) -> Row:
    if version == "1.2":
        return ()
    return tuple(p.org for p in here[:1]), *(word_1_1(p.word) for p in here[:1])


def word_1_1(word: str) -> str:
    """What version 1.1 calls a role."""
    return _LEADER_1_1 if word in _LEADERS else word


def _person(person: Person) -> Row:
    agents = tuple(contact.person for contact in person.contacts)
    return (
        person.id, (), person.given_name, person.family_name, "", person.national_id, person.mail, person.mobile, "",
        agents, (), "",
    )  # fmt: skip  # the cells of one row


def _after(here: Sequence[Place], version: Version) -> Row:
    main = next((p.org for p in here if p.main), "")
    return () if version == "1.1" else ("", "", "", "", main, "")


def _roles(at: Places) -> Iterator[Row]:
    for each in at.values():
        for number, p in enumerate(each):
            rank = "secondary" if number else "primary"
            yield f"{p.user}.{p.org}.{p.word}", *_BLANK, p.user, rank, p.word, p.begin, p.end, p.org, ""


def _enrollments(roll: Roll) -> Iterator[Row]:
    """One row for each role that somebody has in a class; a contact teacher is the one whose row is primary."""
    school = org_of(roll).id
    for group in classes_of(roll):
        for member in roll.members[group.id]:
            # Mentors last: where somebody teaches the class too, being its contact teacher says it all.
            parts = sorted(member.parts, key=lambda part: part.type == MENTOR)
            for role, part in {role_in(part, group): part for part in parts}.items():
                word = str(role) if role in _STANDARD_ROLES else f"{EXTENSION}{role}"
                primary = str(part.type == MENTOR).lower() if role is Role.TEACHER else ""
                name, dates = f"{group.id}.{member.person}.{role}", between(part.begin, part.end)
                yield name, *_BLANK, group.id, school, member.person, word, primary, *dates


def _demographics(roll: Roll) -> Iterator[Row]:
    unsaid = ("",) * (len(COLUMNS["demographics"]) - 1)
    for person in roll.people:
        if person.birth_date:
            yield person.id, *_BLANK, person.birth_date.isoformat(), *unsaid


def _course(group: Group) -> str:
    return group.subject_code or str(kind_of_class(group))


def _period(group: Group) -> tuple[date, date]:
    if group.begin is None or group.end is None:
        raise ValueError(f"{group.id}: OneRoster wants a term, so a class must begin and end")
    return group.begin, group.end


def _session(begin: date, end: date) -> str:
    return f"{begin.isoformat()}_{end.isoformat()}"


def _listed(item: str) -> tuple[str, ...]:
    return (item,) if item else ()
