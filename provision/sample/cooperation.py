"""Writes a folder of sample sites that share their mappings: municipalities of one cooperation, side by side."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from random import Random
from typing import Final

from provision.errors import UsageError
from provision.sample.dialects import DEFAULT
from provision.sample.export import Municipality
from provision.sample.plans import SchoolPlan, plan_schools
from provision.sample.site import Progress, Summary, claim, write_municipality, write_text
from provision.sample.town import Town

_NAMES: Final = (
    "Aukra", "Aure", "Averøy", "Gjemnes", "Halsa", "Hemne", "Hustadvika", "Kristiansund", "Rindal", "Smøla", "Sunndal",
    "Surnadal", "Tingvoll",
)  # fmt: skip  # a list to read, not thirteen lines
_FEWEST, _MOST = 60, 300
_LARGE: Final = 150
_LETTERS: Final = str.maketrans("æøå", "aoa")
_MAPPINGS: Final = "mappings"


def write_cooperation(  # noqa: PLR0913 - the options of one command, each given by its name
    folder: Path,
    *,
    municipalities: int,
    seed: int,
    day: date,
    templates: Mapping[str, str],
    dialect: str = DEFAULT,
    progress: Progress = lambda _done, _total: None,
) -> tuple[Summary, ...]:
    """Writes that many sites into the folder, each named after its municipality, and the mappings that all share.

    No id, number, realm or school's name of one is found in another. `templates` are the files of every site; the
    mappings among them are written once, and each site has a link to their folder. UsageError where there are not as
    many municipalities, or the folder holds anything but a sample.
    """
    planned = plan_cooperation(municipalities, day, seed)
    claim(folder)
    shared = {path: text for path, text in templates.items() if Path(path).parts[0] == _MAPPINGS}
    for path, text in shared.items():
        write_text(folder, path, text)
    own = {path: text for path, text in templates.items() if path not in shared}
    made = []
    for number, municipality in enumerate(planned, start=1):
        site = folder / municipality.town.code
        made.append(write_municipality(site, municipality, own, dialect))
        _share(site / _MAPPINGS)
        progress(number, len(planned))
    return tuple(made)


def plan_cooperation(municipalities: int, day: date, seed: int) -> tuple[Municipality, ...]:
    """The municipalities in the order of their names, with one or two schools each."""
    if not 1 <= municipalities <= len(_NAMES):
        raise UsageError(f"--municipalities {municipalities}: there are 1 to {len(_NAMES)} in a sample cooperation")
    rng = Random(f"{seed}/cooperation")  # noqa: S311 - made-up people need no secrecy
    towns = [
        Town(name.lower().translate(_LETTERS), name, number)
        for number, name in enumerate(_NAMES[:municipalities], start=1)
    ]
    sizes = [rng.randint(_FEWEST, _MOST) for _ in towns]
    schools = [1 + (size > _LARGE) for size in sizes]
    plans = iter(plan_schools(sum(sizes), sum(schools), seed))
    return tuple(
        Municipality(tuple(_schools(plans, number, size, town)), day, seed * 100 + town.number, town)
        for town, size, number in zip(towns, sizes, schools, strict=True)
    )


def _schools(plans: Iterator[SchoolPlan], number: int, pupils: int, town: Town) -> Iterator[SchoolPlan]:
    """The next so many schools, with the municipality's pupils spread evenly over them."""
    for place in range(number):
        plan = next(plans)
        share = pupils // number + (place < pupils % number)
        devices = tuple(round(each * share / plan.pupils) for each in plan.devices)
        yield replace(plan, pupils=share, devices=(devices[0], devices[1]), town=town)


def _share(link: Path) -> None:
    """A link to the mappings beside the site, so that the folder may be moved as a whole."""
    if not link.is_symlink():
        link.symlink_to(Path("..") / _MAPPINGS, target_is_directory=True)
