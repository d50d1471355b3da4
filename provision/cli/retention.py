"""`retention`: erases what is over, on the site's own terms, and shows that nothing is left of the forgotten."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from provision.cli.complete import jobs
from provision.cli.options import HERE, JsonOption, SiteOption, day_of
from provision.cli.output import print_json
from provision.cli.signals import LEAVING

if TYPE_CHECKING:
    from provision.core.ports import Target
    from provision.papers import Papers
    from provision.retention import Retained
    from provision.wiring import Place

JobArgument = Annotated[
    str,
    typer.Argument(help="The job whose [retention] says for how long: jobs/JOB.toml.", autocompletion=jobs),
]
RehearseOption = Annotated[bool, typer.Option("--dry-run", help="Only say what would be erased; erase nothing.")]


def retention(
    job: JobArgument = "nightly",
    *,
    site: SiteOption = HERE,
    dry_run: RehearseOption = False,
    as_json: JsonOption = False,
) -> None:
    """Erase what need not be kept any longer, forget people who are gone from everywhere, and prove it."""
    raise typer.Exit(_retain(site, job, rehearse=dry_run, as_json=as_json))


def _retain(folder: Path, job: str, *, rehearse: bool, as_json: bool) -> int:
    from provision.cli.session import session
    from provision.cli.terminal import here
    from provision.retention import Asked, retain
    from provision.wiring import clock, owner

    with session(folder, job) as (place, journal), _everywhere(place) as (targets, papers):
        asked = Asked(place.job.retention.terms(), day_of(None), clock, owner(), rehearse, LEAVING)
        told = retain(asked, journal, targets, papers)
    if as_json:
        print_json(told.as_json(), here(place))
    else:
        _tell(place, told)
    return told.exit_code


@contextmanager
def _everywhere(place: "Place") -> "Iterator[tuple[list[Target], Papers]]":
    """The targets and files of all jobs of the site: they share one journal."""
    from provision.wiring import all_jobs, open_routes, papers

    places = all_jobs(place)
    with ExitStack() as opened:
        routes = [route for each in places for route in opened.enter_context(open_routes(each))]
        yield [route.target for route in routes], papers(places)


def _tell(place: "Place", told: "Retained") -> None:
    from rich.text import Text

    from provision.cli.terminal import counted, out

    console = out(place)
    terms = place.job.retention
    console.print(
        f"{place.settings.site_name}: kept are before-images for {terms.before_images_days} days, runs for "
        f"{terms.runs_days}, people for {terms.people_days} after they are gone, first passwords for "
        f"{terms.passwords_days}, the log for {terms.log_days}",
        style="bold",
    )
    for target, failure in (told.failures or {}).items():
        console.print(Text(f"nobody was forgotten: {target} cannot be asked who is there: {failure}"), style="red")
    forgotten = counted(told.people, "person", "people")
    console.print(f"{forgotten} would be forgotten" if told.rehearsed else f"{forgotten} forgotten")
    for sourced_id in told.due:
        console.print(Text(f"  {sourced_id}"))
    if told.erased:
        console.print("would be erased:" if told.rehearsed else "erased:")
    else:
        console.print("nothing is over")
    for what, number in sorted(told.erased.items()):
        console.print(f"  {number} {what}")
    for note in told.notes:
        console.print(Text(f"  ! {note}"), style="yellow")
    for where, number in (told.left or {}).items():
        console.print(Text(f"  still named in {where}: {counted(number, 'time')}"), style="red")
    if told.rehearsed:
        console.print("Nothing was erased. To erase it: provision retention")
    elif told.people and not told.left:
        console.print(
            "searched: journal, write-ahead log, kept extracts, log, first passwords; nothing is left of them"
        )
