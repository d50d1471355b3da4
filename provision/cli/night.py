"""The commands of the night: what would be done, doing it, and what waits for somebody's word."""

from typing import Annotated

import typer

from provision.cli.options import HERE, DayOption, JobArgument, JsonOption, SiteOption, day_of


def plan(
    job: JobArgument = "nightly",
    site: SiteOption = HERE,
    day: DayOption = None,
    hold: Annotated[str, typer.Option("--hold", help="Only the changes of this hold.", metavar="HOLD")] = "",
    every: Annotated[bool, typer.Option("--all", help="Every change and all who wait, not only a few.")] = False,
    exit_code: Annotated[bool, typer.Option("--exit-code", help="Exit 10 where there are changes.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Show what a run would do, with the reason for each change. Writes nothing to any target."""
    from provision.cli import commands

    code, changes = commands.plan(site, job, day_of(day), hold=hold, every=every, as_json=as_json)
    raise typer.Exit(10 if exit_code and changes and code in (0, 5, 6) else code)


def run(
    job: JobArgument = "nightly",
    site: SiteOption = HERE,
    day: DayOption = None,
    as_json: JsonOption = False,
) -> None:
    """Read, plan, and carry out what the guard allows. Running again resumes and repairs."""
    from provision.cli import commands

    raise typer.Exit(commands.run(site, job, day_of(day), as_json=as_json))


def approve(
    hold: Annotated[str, typer.Argument(help="The hold's id, such as H-1a2b3c4d, or what a message names.")],
    reason: Annotated[str, typer.Option("--reason", help="Why it is right.")],
    site: SiteOption = HERE,
    job: Annotated[str, typer.Option("--job", help="The job that the hold is of.")] = "nightly",
    hours: Annotated[int, typer.Option("--hours", help="How long the approval holds.", min=1, max=168)] = 24,
    later: Annotated[bool, typer.Option("--later", help="Leave the changes of a hold to the next run.")] = False,
    day: DayOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say yes to exactly the changes of one hold, and carry them out; or to what a message asks about."""
    from provision.cli import approval

    raise typer.Exit(
        approval.approve(site, job, day_of(day), hold, reason=reason, hours=hours, later=later, as_json=as_json)
    )


def reject(
    hold: Annotated[str, typer.Argument(help="The hold's id, such as H-1a2b3c4d.")],
    reason: Annotated[str, typer.Option("--reason", help="Why it is wrong.")],
    site: SiteOption = HERE,
    job: Annotated[str, typer.Option("--job", help="The job that the hold is of.")] = "nightly",
    as_json: JsonOption = False,
) -> None:
    """Say no to the changes of one hold: it is left alone, and waits for nobody, as long as it is the same."""
    from provision.cli import approval

    raise typer.Exit(approval.reject(site, job, hold, reason=reason, as_json=as_json))


def adopt(
    job: JobArgument = "nightly",
    site: SiteOption = HERE,
    day: DayOption = None,
    yes: Annotated[
        str, typer.Option("--approve", help="Stamp exactly the set shown with this digest.", metavar="DIGEST")
    ] = "",
    proposals: Annotated[
        bool, typer.Option("--with-proposals", help="Also those matched by name and birth date only.")
    ] = False,
    same: Annotated[
        list[str] | None, typer.Option("--same", help="These two ids are one person's.", metavar="OLD=NEW")
    ] = None,
    distinct: Annotated[
        list[str] | None,
        typer.Option("--distinct", help="This person is none of those who look like them.", metavar="ID"),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Match entries that others made with people in the SIS, and on approval give them our id, nothing else."""
    from provision.cli import commands

    if same or distinct:
        commands.declare(site, job, day_of(day), same=same or (), distinct=distinct or (), as_json=as_json)
        return
    raise typer.Exit(commands.adopt(site, job, day_of(day), approve=yes, proposals=proposals, as_json=as_json))
