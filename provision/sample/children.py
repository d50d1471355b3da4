"""Makes up a school's pupils, with brothers and sisters, and gives the cast its seats."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import cache
from importlib.resources import files
from itertools import count
from random import Random
from typing import Any, Final

from provision.sample.namelists import Origin, draw_family, draw_given, draw_origin
from provision.sample.plans import Homeroom, SchoolYear

_SIBLING: Final = 0.38
_FORMS: Final = (
    ("together", 700),
    ("apart", 180),
    ("single", 100),
    ("kin", 10),
    ("foster", 6),
    ("none", 3),
    ("barred", 1),
)
_NUMBERS: Final = (("plain", 984), ("d", 10), ("none", 5), ("duf", 1))
_STARTING_AGE: Final = 6


@dataclass(frozen=True, slots=True)
class Household:
    """Where a child grows up. `form` says who its guardians are and what care.csv knows about them."""

    number: int
    form: str
    family_name: str = field(repr=False)
    origin: Origin = field(repr=False)


@dataclass(frozen=True, slots=True)
class Child:
    """A pupil before they get an id. `number` is the kind of identity number."""

    grade: int
    homeroom: int
    given_name: str = field(repr=False)
    household: Household
    birth: date = field(repr=False)
    number: str
    protected: bool = False


def draw_children(rooms: Sequence[Homeroom], year: SchoolYear, rng: Random, *, awkward: bool) -> list[Child]:
    """The pupils of all classes, class by class, the cast among them where the school is awkward."""
    children: list[Child] = []
    numbers = count(1)
    siblings: list[Child] = []
    for index, room in enumerate(rooms):
        for grade in (grade for grade, size in room.sizes for _ in range(size)):
            household = _household(siblings, grade, numbers, rng)
            child = _child(household, grade, index, year, rng)
            siblings.append(child)
            children.append(child)
    return _seat_cast(children, numbers, rng) if awkward else children


def birthday(born: int, rng: Random) -> date:
    """Some day of the year."""
    return date(born, 1, 1) + timedelta(days=rng.randrange(365))


def _child(household: Household, grade: int, homeroom: int, year: SchoolYear, rng: Random) -> Child:
    return Child(
        grade=grade,
        homeroom=homeroom,
        given_name=draw_given(rng, household.origin),
        household=household,
        birth=birthday(year.begin.year - _STARTING_AGE + 1 - grade, rng),
        number=_weighted(_NUMBERS, rng),
    )


def _household(siblings: list[Child], grade: int, numbers: "count[int]", rng: Random) -> Household:
    """The household of a child in another grade, or a new one."""
    if siblings and rng.random() < _SIBLING:
        elder = siblings.pop(rng.randrange(len(siblings)))
        if elder.grade != grade:
            return elder.household
    origin = draw_origin(rng)
    return Household(next(numbers), _weighted(_FORMS, rng), draw_family(rng, origin), origin)


def _weighted(choices: Sequence[tuple[str, int]], rng: Random) -> str:
    return rng.choices([name for name, _ in choices], [weight for _, weight in choices])[0]


@cache
def _cast() -> Mapping[str, Any]:
    return tomllib.loads(files("provision.sample").joinpath("cast.toml").read_text(encoding="utf-8"))


def _seat_cast(children: Sequence[Child], numbers: "count[int]", rng: Random) -> list[Child]:
    """The children with the cast in the places of some; who finds no seat in a small school stays away."""
    seated = list(children)
    free = set(range(len(seated)))
    for pair in _cast()["pair"]:
        seats = _two_seats(children, free, rng)
        free -= set(seats)
        seated = _seat_pair(seated, seats, pair, numbers)
    for place, person in zip(rng.sample(sorted(free), len(free)), _cast()["pupil"], strict=False):
        seated[place] = _seat(seated[place], person, numbers)
    return seated


def _two_seats(children: Sequence[Child], free: set[int], rng: Random) -> tuple[int, ...]:
    """Two places in one grade of one class, or none."""
    benches: dict[tuple[int, int], list[int]] = {}
    for place in sorted(free):
        benches.setdefault((children[place].homeroom, children[place].grade), []).append(place)
    wide = [places for places in benches.values() if len(places) > 1]
    return tuple(rng.choice(wide)[:2]) if wide else ()


def _seat_pair(
    children: Sequence[Child], seats: Sequence[int], pair: Mapping[str, Any], numbers: "count[int]"
) -> list[Child]:
    seated = list(children)
    for place, given in zip(seats, pair["given"], strict=False):
        seated[place] = _seat(children[place], {"given": given, "family": pair["family"]}, numbers)
    if seats:
        first, second = seats
        if pair["same_birth"]:
            seated[second] = replace(seated[second], birth=seated[first].birth)
        if pair["siblings"]:
            seated[second] = replace(seated[second], household=seated[first].household)
    return seated


def _seat(child: Child, person: Mapping[str, Any], numbers: "count[int]") -> Child:
    household = replace(
        child.household,
        number=next(numbers),
        family_name=person["family"],
        form=person.get("family_form", "together"),
    )
    return replace(
        child,
        given_name=person["given"],
        household=household,
        number=person.get("number", "plain"),
        protected=person.get("protected", False),
    )
