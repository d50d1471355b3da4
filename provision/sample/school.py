"""Makes up one school: the same plan, year, seed and guests always give the same school."""

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import Final

from provision.formats.pifu_ims import INSTRUCTOR, LEARNER, ORG_LEVELS, SCHEME_ORG
from provision.formats.pifu_ims_write import Group, Part
from provision.sample.children import draw_children
from provision.sample.families import Pupil, enrol
from provision.sample.groups import form_groups
from provision.sample.numbers import Numbers
from provision.sample.plans import SchoolPlan, SchoolYear, homerooms
from provision.sample.roll import Desk, Roll
from provision.sample.staff import employ

_UNIT: Final = ORG_LEVELS[1]
_SCHOOL_TYPES: Final = {(1, 7): "barneskole", (8, 10): "ungdomsskole"}
# Every third school lends a teacher to the next two, a pupil and a family to the next one.
_LENDS_EVERY: Final = 3


@dataclass(frozen=True, slots=True)
class Guests:
    """People of earlier schools who belong to the next one too: teachers with the schools they still go to."""

    teachers: tuple[tuple[str, int], ...] = ()
    pupils: tuple[str, ...] = ()
    guardians: tuple[str, ...] = ()


def make_school(plan: SchoolPlan, year: SchoolYear, seed: int, numbers: Numbers, guests: Guests) -> tuple[Roll, Guests]:
    """A whole school, and who of it goes on to the next."""
    rng = Random(f"{seed}/{plan.index}")  # noqa: S311 - made-up people need no secrecy
    desk = Desk(plan, year, rng, numbers, Roll())
    kind, legal_name = _SCHOOL_TYPES.get(plan.grades, ""), f"{plan.town.title} {plan.name}".upper()
    school = desk.roll.open(unit(plan, school_type=kind, legal_name=legal_name))
    rooms = homerooms(plan, rng)
    staff = employ(desk, school, len(rooms))
    children = draw_children(rooms, year, rng, awkward=plan.awkward)
    pupils = enrol(children, desk, staff.teachers[0], guests.guardians)
    for pupil in pupils:
        desk.roll.join(school, pupil.id, Part(LEARNER, begin=year.begin, end=year.end, primary=True))
    teaching = form_groups(desk, school, rooms, pupils, staff)
    _welcome(desk, school, teaching, guests)
    return desk.roll, _lend(plan, staff.teachers[-1], pupils, guests)


def unit(plan: SchoolPlan, *, school_type: str, legal_name: str = "") -> Group:
    """A school or kindergarten, below the municipality."""
    return Group(
        id=f"skole-{plan.code}",
        scheme=SCHEME_ORG,
        level=_UNIT.level,
        type=_UNIT.text,
        title=plan.name,
        parent=plan.town.code,
        parent_type="skoleeier",
        organisation_number=plan.organisation_number,
        legal_name=legal_name,
        mail=f"post@{plan.code}.{plan.town.domain}",
        school_type=school_type,
    )


def _welcome(desk: Desk, school: str, teaching: str, guests: Guests) -> None:
    for teacher, _ in guests.teachers:
        desk.roll.join(school, teacher, Part(INSTRUCTOR, primary=False))
        desk.roll.join(teaching, teacher, Part(INSTRUCTOR, "faglærer"))
    for pupil in guests.pupils:
        desk.roll.join(school, pupil, Part(LEARNER, begin=desk.year.begin, end=desk.year.end, primary=False))
        desk.roll.join(teaching, pupil, Part(LEARNER))


def _lend(plan: SchoolPlan, teacher: str, pupils: Sequence[Pupil], guests: Guests) -> Guests:
    travelling = tuple((id_, schools - 1) for id_, schools in guests.teachers if schools > 1)
    turn = plan.index % _LENDS_EVERY
    if turn == 0:
        families = [p.guardians for p in pupils if p.child.household.form == "together"]
        return Guests(((teacher, 2),), (pupils[0].id,), families[-1] if families else ())
    return Guests((*travelling, (teacher, 1)) if turn == 1 else travelling)
