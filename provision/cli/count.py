"""The command that counts machines and pupils."""

from pathlib import Path
from typing import Annotated

import typer

from provision.cli.options import HERE, CountDayOption, JobArgument, JsonOption, LanguageOption, SiteOption, day_of


def ratios(
    job: JobArgument = "nightly",
    site: SiteOption = HERE,
    day: CountDayOption = None,
    school: Annotated[str, typer.Option("--school", help="One school, by number or name.")] = "",
    grade: Annotated[str, typer.Option("--grade", help="One grade, such as 6 or vg1, with its classes.")] = "",
    behind: Annotated[
        str, typer.Option("--behind", help="The pupils or machines that a figure counts.", metavar="FIGURE")
    ] = "",
    kept: Annotated[bool, typer.Option("--kept", help="With --behind: by what was last accepted of the SIS.")] = False,
    out: Annotated[
        Path | None, typer.Option("--out", help="Also write pages, a workbook and a CSV file here.", metavar="FOLDER")
    ] = None,
    language: LanguageOption = None,
    fewer: Annotated[
        list[str] | None,
        typer.Option("--fewer", help="What may hold much less than when it was last counted.", metavar="NAME"),
    ] = None,
    sites: Annotated[
        Path | None, typer.Option("--sites", help="A folder of sites: what each counted last.", metavar="DIR")
    ] = None,
    backfill: Annotated[
        Path | None, typer.Option("--backfill", help="Take figures of earlier days from this.", metavar="FILE")
    ] = None,
    as_json: JsonOption = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="Rows for other programs on standard output.")] = False,
) -> None:
    """Count devices and pupils, keep the figures of the day, and show them."""
    from provision.cli import ratio_backfill, ratio_sites
    from provision.cli import ratios as counting
    from provision.core.language import Language

    spoken = Language(language) if language else None
    form: counting.Form = "json" if as_json else "csv" if as_csv else "text"
    asked = counting.Asked(school, grade, behind, spoken, form, out, kept=kept)
    if backfill:
        raise typer.Exit(ratio_backfill.backfill(site, job, backfill, day_of(day)))
    if sites:
        raise typer.Exit(ratio_sites.cooperation(sites, job, day_of(day), asked))
    raise typer.Exit(counting.count(site, job, day_of(day), asked, fewer or ()))
