"""Forms a school's groups and says who is in them, as a SIS would."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from provision.core.names import ascii_fold
from provision.formats.pifu_ims import ASSISTANT, GROUP_LEVELS, INSTRUCTOR, LEARNER, MEMBER, MENTOR, SCHEME_GROUP
from provision.formats.pifu_ims_write import Group, Part
from provision.sample.families import Pupil
from provision.sample.plans import Homeroom
from provision.sample.roll import Desk
from provision.sample.staff import Staff

_LEVELS: Final = {level.text: level for level in GROUP_LEVELS}
_HOMEROOM, _TEACHING, _CONTACT, _GRADE = "basisgruppe", "undervisningsgruppe", "kontaktlærergruppe", "trinn"
_GUARDIANS, _LANGUAGE, _COMPOSITE = "foresattegruppe", "språkopplæring", "sammensattgruppe"
_COUNCIL, _AFTER_SCHOOL = "elevråd", "sfo"

_PUPIL: Final = Part(LEARNER)
_TEACHER: Final = Part(INSTRUCTOR, "faglærer")
_CONTACT_TEACHER: Final = (Part(MENTOR), Part(INSTRUCTOR))
# Subjects that a class has together, those of its contact teacher first.
_SUBJECTS: Final = (
    ("NOR0214", "Norsk"),
    ("MAT0015", "Matematikk"),
    ("SAF0010", "Samfunnsfag"),
    ("ENG0025", "Engelsk"),
    ("NAT0010", "Naturfag"),
    ("RLE0030", "KRLE"),
)
_OWN_SUBJECTS: Final = 3
_LOWER_SECONDARY: Final = 8
_LAST_AFTER_SCHOOL: Final = 4
_FULL_GROUP: Final = 25
_LANGUAGE_SHARE: Final = 0.03
_SPECIAL_SHARE: Final = 0.02
_AFTER_SCHOOL_SHARE: Final = 0.6
_CLASS_WITHOUT_TEACHER: Final = 4


@dataclass(frozen=True, slots=True)
class ClassRoom:
    """One class with its people. `contact` is "" where it has no teacher."""

    number: int
    room: Homeroom
    pupils: tuple[Pupil, ...]
    contact: str


def form_groups(desk: Desk, school: str, rooms: Sequence[Homeroom], pupils: Sequence[Pupil], staff: Staff) -> str:
    """All groups of a school; gives the id of a teaching group that guests may join."""
    classes = _classes(desk, rooms, pupils, staff)
    teaching = [_form_class(desk, school, classroom, staff) for classroom in classes]
    _form_grades(desk, school, pupils)
    _form_electives(desk, school, pupils, staff)
    _form_aside(desk, school, pupils, staff)
    return teaching[0]


def _classes(desk: Desk, rooms: Sequence[Homeroom], pupils: Sequence[Pupil], staff: Staff) -> tuple[ClassRoom, ...]:
    inside: dict[int, list[Pupil]] = {number: [] for number in range(len(rooms))}
    for pupil in pupils:
        inside[pupil.child.homeroom].append(pupil)
    without = min(_CLASS_WITHOUT_TEACHER, len(rooms) - 1) if desk.plan.awkward and len(rooms) > 1 else -1
    return tuple(
        ClassRoom(number, room, tuple(inside[number]), "" if number == without else staff.teachers[number])
        for number, room in enumerate(rooms)
    )


def _form_class(desk: Desk, school: str, classroom: ClassRoom, staff: Staff) -> str:
    """The class itself, its guardians, its contact group in lower secondary school, and its teaching groups.

    Gives the id of the first of these.
    """
    title, grade = classroom.room.title, classroom.room.grade
    homeroom = _open(desk, _HOMEROOM, title, (school, "skole"), grade=grade)
    _join_pupils(desk, homeroom, classroom.pupils, Part(LEARNER, primary=True))
    if classroom.contact:
        desk.roll.join(homeroom, classroom.contact, *_CONTACT_TEACHER)
    if classroom.number < len(staff.assistants):
        desk.roll.join(homeroom, staff.assistants[classroom.number], Part(ASSISTANT))
    guardians = _open(desk, _GUARDIANS, f"Foresatte {title}", (homeroom, _HOMEROOM))
    for place, guardian in enumerate(_guardians(classroom.pupils)):
        desk.roll.join(guardians, guardian, Part(MEMBER, "" if place else "foresattrepresentant"))
    if grade and grade >= _LOWER_SECONDARY and classroom.contact:
        contact = _open(desk, _CONTACT, f"{title} kontaktgruppe", (homeroom, _HOMEROOM))
        _join_pupils(desk, contact, classroom.pupils, _PUPIL)
        desk.roll.join(contact, classroom.contact, Part(MENTOR))
    return _form_teaching(desk, school, classroom, staff)


def _form_teaching(desk: Desk, school: str, classroom: ClassRoom, staff: Staff) -> str:
    groups = []
    for number, (code, subject) in enumerate(_SUBJECTS):
        # The comma and the plus sign are in real titles, and mean something in a DN.
        title = f"{subject} {classroom.room.title}" + (", gr. 1 + 2" if number == 0 else "")
        group = _open(desk, _TEACHING, title, (school, "skole"), subject=code)
        _join_pupils(desk, group, classroom.pupils, _PUPIL)
        own = number < _OWN_SUBJECTS and classroom.contact
        other = staff.teachers[(classroom.number * len(_SUBJECTS) + number) % len(staff.teachers)]
        desk.roll.join(group, classroom.contact if own else other, _TEACHER)
        groups.append(group)
    return groups[0]


def _form_grades(desk: Desk, school: str, pupils: Sequence[Pupil]) -> None:
    for grade in sorted({pupil.child.grade for pupil in pupils}):
        group = _open(desk, _GRADE, f"{grade}. trinn", (school, "skole"), grade=grade)
        _join_pupils(desk, group, [p for p in pupils if p.child.grade == grade], _PUPIL)


def _form_electives(desk: Desk, school: str, pupils: Sequence[Pupil], staff: Staff) -> None:
    """Subjects that pupils of several grades have together."""
    upper = [p for p in pupils if p.child.grade >= _LOWER_SECONDARY]
    middle = [p for p in pupils if p.child.grade == _LOWER_SECONDARY - 2]
    tongues = [desk.rng.choice(("Tysk", "Fransk", "Spansk")) for _ in upper]
    choices: list[tuple[str, str, list[Pupil]]] = [
        (code, f"{tongue} 8-10", [p for p, t in zip(upper, tongues, strict=True) if t == tongue])
        for code, tongue in (("FSP0160", "Tysk"), ("FSP0157", "Fransk"), ("FSP0159", "Spansk"))
    ]
    choices.append(("PRG0010", "Programmering 8-10", upper[::3]))
    choices.append(("MHE0010", "Mat & helse 5-7", middle))
    for number, (code, title, chosen) in enumerate(choices):
        for part, start in enumerate(range(0, len(chosen), _FULL_GROUP), start=1):
            group = _open(desk, _TEACHING, f"{title} ({part})", (school, "skole"), subject=code)
            _join_pupils(desk, group, chosen[start : start + _FULL_GROUP], _PUPIL)
            desk.roll.join(group, staff.teachers[-1 - number % len(staff.teachers)], _TEACHER)


def _form_aside(desk: Desk, school: str, pupils: Sequence[Pupil], staff: Staff) -> None:
    """Groups that no connected system should hear of unless the site says so."""
    young = [p for p in pupils if p.child.grade <= _LAST_AFTER_SCHOOL]
    aside = (
        (_LANGUAGE, "Særskilt språkopplæring", _some(desk, pupils, _LANGUAGE_SHARE), INSTRUCTOR),
        (_COMPOSITE, "Spesialundervisning", _some(desk, pupils, _SPECIAL_SHARE), INSTRUCTOR),
        (_COUNCIL, "Elevråd", list(pupils[::_FULL_GROUP]), INSTRUCTOR),
        (_AFTER_SCHOOL, "SFO", _some(desk, young, _AFTER_SCHOOL_SHARE), MEMBER),
    )
    for type_, title, chosen, role in aside:
        if chosen:
            group = _open(desk, type_, title, (school, "skole"))
            _join_pupils(desk, group, chosen, _PUPIL)
            leader = staff.assistants[-1] if role == MEMBER else staff.teachers[-1]
            desk.roll.join(group, leader, Part(role))


def _some(desk: Desk, pupils: Sequence[Pupil], share: float) -> list[Pupil]:
    """About that share of the pupils, at least one where there are any."""
    return [p for place, p in enumerate(pupils) if place == 0 or desk.rng.random() < share]


def _guardians(pupils: Iterable[Pupil]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(guardian for pupil in pupils for guardian in pupil.guardians))


def _join_pupils(desk: Desk, group: str, pupils: Iterable[Pupil], part: Part) -> None:
    for pupil in pupils:
        desk.roll.join(group, pupil.id, part)


def _open(
    desk: Desk, type_: str, title: str, parent: tuple[str, str], *, grade: int | None = None, subject: str = ""
) -> str:
    level = _LEVELS[type_]
    return desk.roll.open(
        Group(
            id=f"{desk.plan.code}-{desk.year.begin.year}-{level.level}-{ascii_fold(title)}",
            scheme=SCHEME_GROUP,
            level=level.level,
            type=level.text,
            title=title,
            parent=parent[0],
            parent_type=parent[1],
            begin=desk.year.begin,
            end=desk.year.end,
            subject_code=subject,
            grade_code=f"aarstrinn{grade}" if grade else "",
        )
    )
