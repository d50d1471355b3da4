"""Which schools a sample municipality has, how large they are, and which classes they form."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import count
from math import ceil
from random import Random
from typing import Final

from provision.errors import UsageError
from provision.sample.numbers import organisation_number
from provision.sample.town import HEMNE, Town

MAX_PUPILS: Final = 1_000_000
_USUAL_SIZE: Final = 250
_FULL_CLASS: Final = 26
_SMALL_GRADE: Final = 12
_FIRST_SCHOOL: Final = 100
_AWKWARD_EVERY: Final = 20
_PROTECTED_SHARE: Final = 0.002
# Hemne 2003: machines for pupils and for staff, per pupil.
_PUPIL_DEVICES: Final = 73 / 640
_STAFF_DEVICES: Final = 14 / 640
_MIXED: Final = ((1, 2), (3, 4), (5, 7), (8, 10))
_GRADES: Final = ((1, 7), (1, 7), (1, 7), (8, 10), (1, 10))
_STEMS: Final = (
    "Aune Berg Bjørk Bratt Elve Eng Fager Fjell Foss Furu Gran Gull Haug Holm Hval Kalv Kirke Kvern Lang Lauv Li Lund "
    "Lyng Mo Myr Nord Os Rogn Rønn Sol Stein Stor Strand Sund Svart Tind Ulv Vest Øst Åker"
)
_ENDINGS: Final = (
    "bakken dal eid fjord heim lia løkka marka moen nes sletta stad sund tun vang vatn vik vollen åsen øya"
)


@dataclass(frozen=True, slots=True)
class SchoolYear:
    begin: date
    end: date


@dataclass(frozen=True, slots=True)
class SchoolPlan:
    """What one school shall be. `devices` are for pupils and for staff; `awkward` has all difficult people at once."""

    index: int
    code: str
    name: str
    organisation_number: str
    grades: tuple[int, int]
    pupils: int
    devices: tuple[int, int]
    awkward: bool
    protected_share: float
    town: Town = HEMNE


@dataclass(frozen=True, slots=True)
class Homeroom:
    """A class: how many pupils of which grade."""

    title: str
    sizes: tuple[tuple[int, int], ...]

    @property
    def grade(self) -> int | None:
        """The one grade, None in a class of several."""
        return self.sizes[0][0] if len(self.sizes) == 1 else None


def school_year(day: date) -> SchoolYear:
    """The school year that the day is in: 1 August to 31 July."""
    first = day.year if day >= date(day.year, 8, 1) else day.year - 1
    return SchoolYear(date(first, 8, 1), date(first + 1, 7, 31))


def plan_schools(pupils: int | None, schools: int | None, seed: int) -> tuple[SchoolPlan, ...]:
    """Hemne with its figures of 2003 when neither number is given, else that many pupils at that many schools."""
    if pupils is None and schools is None:
        return _hemne()
    if schools is None:
        schools = max(1, round((pupils or 0) / _USUAL_SIZE))
    if pupils is None:
        pupils = schools * _USUAL_SIZE
    if not 1 <= schools <= pupils <= MAX_PUPILS:
        raise UsageError(
            f"{pupils} pupils at {schools} schools: give 1 to {MAX_PUPILS:,} pupils, and one for each school"
        )
    rng = Random(f"{seed}/schools")  # noqa: S311 - made-up people need no secrecy
    sizes = apportion(pupils - schools, [rng.uniform(0.2, 1.8) for _ in range(schools)])
    places = _places(rng)
    return tuple(_plan(index, next(places), 1 + size, rng) for index, size in enumerate(sizes))


def apportion(total: int, weights: Sequence[float]) -> list[int]:
    """Whole numbers that sum to `total`, as near to the weights as can be (largest remainder)."""
    whole = sum(weights)
    exact = [total * weight / whole for weight in weights]
    shares = [int(share) for share in exact]
    by_remainder = sorted(range(len(weights)), key=lambda i: (shares[i] - exact[i], i))
    for i in by_remainder[: total - sum(shares)]:
        shares[i] += 1
    return shares


def homerooms(plan: SchoolPlan, rng: Random) -> tuple[Homeroom, ...]:
    """The classes of a school: several to a grade in a large one, several grades to a class in a small one."""
    first, last = plan.grades
    grades = range(first, last + 1)
    sizes = dict(zip(grades, apportion(plan.pupils, [rng.uniform(0.8, 1.2) for _ in grades]), strict=True))
    rooms = _mixed(sizes) if plan.pupils <= _SMALL_GRADE * len(sizes) else _parallel(sizes)
    return tuple(room for room in rooms if room.sizes)


def _mixed(sizes: dict[int, int]) -> Iterator[Homeroom]:
    for first, last in _MIXED:
        inside = tuple((grade, sizes[grade]) for grade in range(first, last + 1) if sizes.get(grade))
        yield Homeroom(f"{first}-{last}", inside)


def _parallel(sizes: dict[int, int]) -> Iterator[Homeroom]:
    for grade, size in sizes.items():
        rooms = ceil(size / _FULL_CLASS)
        for number, part in enumerate(apportion(size, [1.0] * rooms)):
            yield Homeroom(f"{grade}{_letters(number)}", ((grade, part),))


def _letters(number: int) -> str:
    rest, last = divmod(number, 26)
    return (_letters(rest - 1) if rest else "") + chr(ord("A") + last)


def _hemne() -> tuple[SchoolPlan, ...]:
    figures = (
        ("sodin", "Sodin skole", (1, 10), 545, (37, 9)),
        ("vinjeora", "Vinjeøra skole", (1, 7), 51, (20, 3)),
        ("svanem", "Svanem skole", (1, 7), 44, (16, 2)),
    )
    return tuple(
        SchoolPlan(
            index=index,
            code=code,
            name=name,
            organisation_number=organisation_number(_FIRST_SCHOOL + index),
            grades=grades,
            pupils=pupils,
            devices=devices,
            awkward=index == 0,
            protected_share=0.0,
        )
        for index, (code, name, grades, pupils, devices) in enumerate(figures)
    )


def _plan(index: int, place: str, pupils: int, rng: Random) -> SchoolPlan:
    grades = rng.choice(_GRADES) if index else (1, 10)
    return SchoolPlan(
        index=index,
        code=f"s{index + 1:04}",
        name=f"{place} {'ungdomsskole' if grades == (8, 10) else 'skole'}",
        organisation_number=organisation_number(_FIRST_SCHOOL + index),
        grades=grades,
        pupils=pupils,
        devices=(round(pupils * _PUPIL_DEVICES), round(pupils * _STAFF_DEVICES)),
        awkward=index % _AWKWARD_EVERY == 0,
        protected_share=_PROTECTED_SHARE,
    )


def _places(rng: Random) -> Iterator[str]:
    """Made-up names of places, each once; with a number when they run out."""
    names = [f"{stem}{ending}" for stem in _STEMS.split() for ending in _ENDINGS.split()]
    rng.shuffle(names)
    yield from names
    for number in count(2):
        yield from (f"{name} {number}" for name in names)
