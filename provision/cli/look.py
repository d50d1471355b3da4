"""The commands that look, and write nothing to any target."""

from pathlib import Path
from typing import Annotated

import typer

from provision.cli.complete import targets
from provision.cli.options import (
    HERE,
    DayOption,
    JobArgument,
    JobOption,
    JsonOption,
    LanguageOption,
    PersonArgument,
    SiteOption,
    day_of,
)


def status(
    site: SiteOption = HERE,
    job: JobOption = "nightly",
    as_json: JsonOption = False,
) -> None:
    """The latest runs, how old what they read is, what is held and why, and whether the audit chain is whole."""
    from provision.cli import commands

    raise typer.Exit(commands.status(site, job, as_json=as_json))


def health(
    site: SiteOption = HERE,
    job: JobOption = "nightly",
    sites: Annotated[
        Path | None, typer.Option("--sites", help="A folder of sites: each of them.", metavar="DIR")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Exit 0 when all is well, 1 when not: with each condition and the next step."""
    from provision.cli import health as checking

    raise typer.Exit(checking.check(site, job, sites, as_json=as_json))


def explain(
    person: PersonArgument,
    site: SiteOption = HERE,
    job: JobOption = "nightly",
    day: DayOption = None,
    every: Annotated[
        bool, typer.Option("--all", help="Everything that is held about them: the answer to a request for access.")
    ] = False,
    kept: Annotated[bool, typer.Option("--kept", help="By what was last accepted of the sources.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Why somebody has what they have: the SIS, each target, the last changes, the rule behind each field."""
    if every:
        from provision.cli import everything

        raise typer.Exit(everything.explain_all(site, job, day_of(day), person, as_json=as_json))
    from provision.cli import commands

    raise typer.Exit(commands.explain(site, job, day_of(day), person, kept=kept, as_json=as_json))


def preflight(
    job: JobArgument = "nightly",
    site: SiteOption = HERE,
    day: DayOption = None,
    target: Annotated[
        str,
        typer.Option(
            "--target",
            help="Look at what stands in this directory, whoever wrote it.",
            metavar="NAME",
            autocompletion=targets,
        ),
    ] = "",
    kept: Annotated[bool, typer.Option("--kept", help="By what was last accepted of the sources.")] = False,
    language: LanguageOption = None,
    as_json: JsonOption = False,
) -> None:
    """What Feide's validator would find, by school, with the field of the SIS to mend. Writes nothing."""
    from provision.cli import preflight as checking
    from provision.core.language import Language

    spoken = Language(language) if language else None
    found = checking.check(site, job, day_of(day), target=target, kept=kept, language=spoken, as_json=as_json)
    raise typer.Exit(found)


def doctor(
    site: SiteOption = HERE,
    job: JobArgument = "nightly",
    head: Annotated[
        str, typer.Option("--head", help="The audit chain's end as an earlier run logged it.", metavar="NUMBER:HEX")
    ] = "",
    as_json: JsonOption = False,
) -> None:
    """Check settings, secrets, files, TLS, bind, schema, permissions, password policy, disk and clock."""
    from provision.cli import commands

    raise typer.Exit(commands.doctor(site, job, head=head, as_json=as_json))
