"""The command line: each command is a thin shell around one call; heavy imports wait until it is given."""

import atexit
import gc
import sys
from pathlib import Path
from typing import Annotated, Final, Literal

import typer
from typer.exceptions import TyperException

from provision.cli import audit, care, resync, retention, serve, verify
from provision.cli.failure import say, tell, unexpected
from provision.cli.options import (
    HERE,
    CountDayOption,
    DayOption,
    JobOption,
    JsonOption,
    LanguageOption,
    PersonArgument,
    SiteOption,
    day_of,
)
from provision.cli.output import mute, prepare
from provision.errors import ProvisionError, UsageError

app = typer.Typer(
    name="provision",
    help="Pupils and staff from the school administration system into the Feide directory and the LMS, every night.",
    epilog="Examples:  provision sample var/demo  ·  provision plan nightly --site var/demo  ·  provision doctor",
    add_completion=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    invoke_without_command=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

JobArgument = Annotated[str, typer.Argument(help="The job: jobs/JOB.toml.")]
_INTERRUPTED: Final = 130


@app.callback()
def _start(context: typer.Context) -> None:
    if context.invoked_subcommand is None:
        from provision.cli.demo import demo

        raise typer.Exit(demo(Path("var/demo")))


@app.command()
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


@app.command()
def run(
    job: JobArgument = "nightly",
    site: SiteOption = HERE,
    day: DayOption = None,
    as_json: JsonOption = False,
) -> None:
    """Read, plan, and carry out what the guard allows. Running again resumes and repairs."""
    from provision.cli import commands

    raise typer.Exit(commands.run(site, job, day_of(day), as_json=as_json))


@app.command()
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


care.add_to(app)
app.command()(retention.retention)
app.command()(resync.resync)
app.command()(serve.serve)
app.command()(verify.verify)
app.add_typer(audit.commands)


@app.command()
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


@app.command()
def status(
    site: SiteOption = HERE,
    job: JobOption = "nightly",
    as_json: JsonOption = False,
) -> None:
    """The latest runs, how old what they read is, what is held and why, and whether the audit chain is whole."""
    from provision.cli import commands

    raise typer.Exit(commands.status(site, job, as_json=as_json))


@app.command()
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


@app.command()
def explain(
    person: PersonArgument,
    site: SiteOption = HERE,
    job: JobOption = "nightly",
    day: DayOption = None,
    every: Annotated[
        bool, typer.Option("--all", help="Everything that is held about them: the answer to a request for access.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Why somebody has what they have: the SIS, each target, the last changes, the rule behind each field."""
    if every:
        from provision.cli import everything

        raise typer.Exit(everything.explain_all(site, job, day_of(day), person, as_json=as_json))
    from provision.cli import commands

    raise typer.Exit(commands.explain(site, job, day_of(day), person, as_json=as_json))


@app.command()
def preflight(
    job: JobArgument = "nightly",
    site: SiteOption = HERE,
    day: DayOption = None,
    target: Annotated[
        str, typer.Option("--target", help="Look at what stands in this directory, whoever wrote it.", metavar="NAME")
    ] = "",
    language: LanguageOption = None,
    as_json: JsonOption = False,
) -> None:
    """What Feide's validator would find, by school, with the field of the SIS to mend. Writes nothing."""
    from provision.cli import preflight as checking
    from provision.core.language import Language

    spoken = Language(language) if language else None
    raise typer.Exit(checking.check(site, job, day_of(day), target=target, language=spoken, as_json=as_json))


@app.command()
def ratios(
    job: JobArgument = "nightly",
    site: SiteOption = HERE,
    day: CountDayOption = None,
    school: Annotated[str, typer.Option("--school", help="One school, by number or name.")] = "",
    grade: Annotated[str, typer.Option("--grade", help="One grade, such as 6 or vg1, with its classes.")] = "",
    behind: Annotated[
        str, typer.Option("--behind", help="The pupils or machines that a figure counts.", metavar="FIGURE")
    ] = "",
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
    asked = counting.Asked(school, grade, behind, spoken, form, out)
    if backfill:
        raise typer.Exit(ratio_backfill.backfill(site, job, backfill, day_of(day)))
    if sites:
        raise typer.Exit(ratio_sites.cooperation(sites, job, day_of(day), asked))
    raise typer.Exit(counting.count(site, job, day_of(day), asked, fewer or ()))


@app.command()
def sample(
    folder: Annotated[Path, typer.Argument(help="The folder to make; a new one or an earlier sample.", metavar="DIR")],
    pupils: Annotated[int | None, typer.Option("--pupils", help="How many; default Hemne's 640.", min=1)] = None,
    schools: Annotated[int | None, typer.Option("--schools", help="How many; default by the pupils.", min=1)] = None,
    municipalities: Annotated[
        int | None, typer.Option("--municipalities", help="A folder of so many sites that share mappings.", min=1)
    ] = None,
    seed: Annotated[int, typer.Option("--seed", help="The same seed makes the same people.")] = 0,
    day: DayOption = None,
    dialect: Annotated[
        Literal["pifu_ims", "oneroster_1.1", "oneroster_1.2"],
        typer.Option("--dialect", help="What the SIS exports; the same people in each, as far as it can say them."),
    ] = "pifu_ims",
    as_json: JsonOption = False,
) -> None:
    """Make a whole site with a municipality of people who do not exist, ready for `provision run nightly`."""
    from provision.cli import commands

    if municipalities is not None:
        if pupils is not None or schools is not None:
            raise UsageError("--municipalities makes each as large as it likes; leave out --pupils and --schools")
        commands.sample_cooperation(
            folder, municipalities=municipalities, seed=seed, day=day_of(day), dialect=dialect, as_json=as_json
        )
        return
    commands.sample(
        folder, pupils=pupils, schools=schools, seed=seed, day=day_of(day), dialect=dialect, as_json=as_json
    )


@app.command()
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


def main() -> None:
    """Run the command line; every error becomes a message and an exit code, never a traceback."""
    prepare()
    _collect_seldom()
    code = 1
    try:
        code = app(standalone_mode=False) or 0
        sys.stdout.flush()
    except TyperException as error:
        code = tell(UsageError(error.format_message()))
    except ProvisionError as error:
        code = tell(error)
    except OSError as error:
        code = tell(ProvisionError(f"{error.filename or 'the output'}: {error.strerror}; mend that and run again"))
    except Exception as error:  # noqa: BLE001  the last resort: nobody is shown a traceback with people in it
        code = tell(ProvisionError(unexpected(error)))
    if code == _INTERRUPTED:
        say("interrupted; the next run finishes what was begun")
    _let_go()
    sys.exit(code)


def _collect_seldom() -> None:
    """Modules, and what a run reads, last as long as the process: the collector would walk them again and again."""
    gc.set_threshold(100_000, 50, 100)
    atexit.register(gc.freeze)  # and once more at the end


def _let_go() -> None:
    """What standard output will not take is not tried again when the process ends."""
    try:
        sys.stdout.flush()
    except OSError:
        mute()
