"""Names to draw from, by origin; no combination means anybody."""

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from random import Random
from typing import Final

_DOUBLE_GIVEN: Final = 0.3
_DOUBLE_FAMILY: Final = 0.12


@dataclass(frozen=True, slots=True)
class Origin:
    """Given and family names that go together, and how many families in a thousand have them."""

    weight: int
    given: tuple[str, ...]
    family: tuple[str, ...]


@cache
def origins() -> tuple[Origin, ...]:
    """The shipped lists, in the order of their file."""
    text = files("provision.sample").joinpath("namelists.toml").read_text(encoding="utf-8")
    lists = tomllib.loads(text).values()
    return tuple(Origin(o["weight"], tuple(o["given"].split()), tuple(o["family"].split())) for o in lists)


def draw_origin(rng: Random) -> Origin:
    """An origin, as often as its weight says."""
    return rng.choices(origins(), [o.weight for o in origins()])[0]


def draw_given(rng: Random, origin: Origin) -> str:
    """One given name, or two."""
    first, second = rng.choice(origin.given), rng.choice(origin.given)
    if first == second or rng.random() > _DOUBLE_GIVEN:
        return first
    return f"{first}{rng.choice(' -')}{second}"


def draw_family(rng: Random, origin: Origin) -> str:
    """One family name, or two."""
    first, second = rng.choice(origin.family), rng.choice(origin.family)
    if first == second or rng.random() > _DOUBLE_FAMILY:
        return first
    return f"{first} {second}"
