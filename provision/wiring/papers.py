"""The files of a site that hold people, of all its jobs: they share one journal."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from provision.wiring.place import Place, open_place
from provision.wiring.sources import kept

if TYPE_CHECKING:
    from provision.papers import Papers


def all_jobs(place: Place) -> list[Place]:
    """The site once for each of its jobs. Raises ConfigurationError."""
    names = sorted(path.stem for path in (place.folder / "jobs").glob("*.toml"))
    return [place if name == place.job_name else open_place(place.folder, name) for name in names]


def papers(places: list[Place], *, delivered: bool = False) -> "Papers":
    """What the program writes beside the journal; with what it reads, and what its targets are, where asked for."""
    from provision.papers import Papers

    handed = {place.path(target.passwords.folder) for place in places for target in place.job.targets}
    others = {path for place in places for path in _others(place)} if delivered else set()
    return Papers(
        kept=tuple(map(kept, places)),
        log=places[0].folder / "var" / "log",
        passwords=tuple(sorted(handed)),
        written=tuple(sorted(others)),
    )


def _others(place: Place) -> Iterator[Path]:
    source = place.job.source
    listed = (each.path for each in place.job.devices.inventories) if place.job.devices else ()
    for given in (source.path, *source.supplements.values(), *listed):
        if given:
            path = place.path(given)
            yield from [path] if path.exists() else path.parent.glob(path.name)
    for target in place.job.targets:
        if target.path:
            path = place.path(target.path)
            yield from path.parent.glob(f"{path.stem}*{path.suffix}")
