"""The options that several commands have."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated, Final, Literal

import typer

from provision.cli.complete import jobs
from provision.core.clocks import local_day
from provision.formats.days import is_day

HERE: Final = Path()


def as_day(text: str) -> date:
    """A day as it is written on the command line. Raises BadParameter."""
    if not is_day(text):
        raise typer.BadParameter(f"{text} is no day; write it as 2026-11-23")
    return date.fromisoformat(text)


def day_of(given: date | None) -> date:
    """The day that was given, or today."""
    return given or local_day(datetime.now(UTC))


SiteOption = Annotated[Path, typer.Option("--site", help="The site's folder.", metavar="DIR")]
JsonOption = Annotated[bool, typer.Option("--json", help="One JSON document on standard output (docs/json.md).")]
JobArgument = Annotated[str, typer.Argument(help="The job: jobs/JOB.toml.", autocompletion=jobs)]
JobOption = Annotated[str, typer.Option("--job", help="The job.", autocompletion=jobs)]
PersonArgument = Annotated[str, typer.Argument(help="The SIS's id, or a username.")]
DayOption = Annotated[
    date | None,
    typer.Option("--day", help="The day to run for; default today.", parser=as_day, metavar="YYYY-MM-DD"),
]
# The day that figures are counted on is called their date where such figures are reported.
CountDayOption = Annotated[
    date | None,
    typer.Option("--day", "--date", help="The day to count for; default today.", parser=as_day, metavar="YYYY-MM-DD"),
]
LanguageOption = Annotated[
    Literal["nb", "nn", "en"] | None,
    typer.Option("--language", help="Of what is shown; default as the job says."),
]
