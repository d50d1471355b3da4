"""`provision audit`: is the chain as it was written, and what does it say."""

from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from provision.cli.options import HERE, JobOption, JsonOption, SiteOption, as_day

commands = typer.Typer(
    name="audit",
    help="The audit chain: who did what, when, on whose word; by ids.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


@commands.command("verify")
def _verify(
    head: Annotated[
        list[str] | None,
        typer.Option("--head", help="An end of the chain as an earlier run logged it.", metavar="NUMBER:HEX"),
    ] = None,
    heads: Annotated[
        Path | None, typer.Option("--heads", help="A file of such ends, as AUDIT_HEADS writes it.", metavar="FILE")
    ] = None,
    site: SiteOption = HERE,
    job: JobOption = "nightly",
    as_json: JsonOption = False,  # noqa: FBT002  a flag is how a command line says yes
) -> None:
    """Is anything altered, dropped or moved; with an end that was kept elsewhere also: was anything cut off."""
    from provision.cli import chain

    raise typer.Exit(chain.verify(site, job, head or (), heads, as_json=as_json))


@commands.command("search")
def _search(
    person: Annotated[str, typer.Option("--person", help="The SIS's id.", metavar="ID")] = "",
    run: Annotated[str, typer.Option("--run", help="The run's id.", metavar="RUN")] = "",
    since: Annotated[
        date | None, typer.Option("--since", help="From this day on.", parser=as_day, metavar="YYYY-MM-DD")
    ] = None,
    site: SiteOption = HERE,
    job: JobOption = "nightly",
    as_json: JsonOption = False,  # noqa: FBT002  a flag is how a command line says yes
) -> None:
    """What the chain says of a person, of a run, since a day."""
    from provision.cli import chain

    raise typer.Exit(chain.search(site, job, (person, run, since), as_json=as_json))
