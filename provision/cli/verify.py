"""`verify`: does each target still hold what we think? Reads the targets, and of the sources what was kept."""

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from provision.cli.options import HERE, DayOption, JobArgument, JsonOption, SiteOption, day_of
from provision.cli.output import print_json

if TYPE_CHECKING:
    from provision.verify import Verified
    from provision.wiring import Place


def verify(
    job: JobArgument = "nightly",
    *,
    site: SiteOption = HERE,
    day: DayOption = None,
    as_json: JsonOption = False,
) -> None:
    """Does each target still hold what we think? Exit 10 where one does not. Writes nothing."""
    raise typer.Exit(_verify(site, job, day, as_json=as_json))


def _verify(folder: Path, job: str, day: date | None, *, as_json: bool) -> int:
    from provision.cli.session import Bar, request, session
    from provision.cli.terminal import here
    from provision.request import Mode
    from provision.verify import verify as compare
    from provision.wiring import Asks, kept_sources, open_routes

    with session(folder, job, Asks.TARGETS) as (place, journal), Bar() as bar, open_routes(place) as routes:
        asked = request(place, Mode.PLAN, day_of(day), bar)
        found = compare(asked, kept_sources(place), routes, journal, place.site)
    if as_json:
        print_json(found.as_json(), here(place))
    else:
        _tell(place, found)
    return found.exit_code


def _tell(place: "Place", found: "Verified") -> None:
    from rich.text import Text

    from provision.cli.terminal import out

    console = out(place)
    for target, failure in sorted(found.failures.items()):
        console.print(Text(f"{target} cannot be asked: {failure}"), style="red")
    for target, differences in sorted(found.differences.items()):
        if differences:
            told = ", ".join(f"{number} to {verb}" for verb, number in sorted(differences.items()))
            console.print(f"{target} differs: {told}", style="yellow")
        else:
            console.print(f"{target} holds what it should", style="green")
    if any(found.differences.values()):
        console.print("What and why: provision plan. To mend it: provision run")
