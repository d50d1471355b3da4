"""The command line: each command is a thin shell around one call; heavy imports wait until it is given."""

import atexit
import gc
import sys
from pathlib import Path

import typer
from typer.exceptions import TyperException

from provision.cli import audit, begin, care, count, look, night, resync, retention, serve, verify
from provision.cli.examples import show_examples, with_examples
from provision.cli.failure import tell, unexpected
from provision.cli.output import mute, prepare
from provision.cli.signals import LEAVING, listening
from provision.errors import ProvisionError, UsageError
from provision.leaving import Leave

app = typer.Typer(
    name="provision",
    help=with_examples(
        "Pupils and staff from the school administration system into the Feide directory and the LMS, every night."
    ),
    context_settings={"help_option_names": ["-h", "--help"]},
    invoke_without_command=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


@app.callback()
def _start(context: typer.Context) -> None:
    if context.invoked_subcommand != serve.serve.__name__:
        LEAVING.ready()  # that one leaves in its own way
    if context.invoked_subcommand is None:
        from provision.cli.front import front

        raise typer.Exit(front(Path()))


app.command()(night.plan)
app.command()(night.run)
app.command()(night.approve)
app.command()(night.reject)
app.command()(night.adopt)
care.add_to(app)
app.command()(resync.resync)
app.command()(retention.retention)
app.command()(serve.serve)
app.command()(verify.verify)
app.add_typer(audit.commands)
app.command()(look.status)
app.command()(look.health)
app.command()(look.explain)
app.command()(look.preflight)
app.command()(look.doctor)
app.command()(count.ratios)
app.command()(begin.sample)
app.command()(begin.demo)
show_examples(app)


def main() -> None:
    """Run the command line; every error becomes a message and an exit code, never a traceback."""
    prepare()
    _collect_seldom()
    with listening():
        try:
            code = _answered()
        except Leave as left:  # asked for while an error was told
            code = tell(left)
    _let_go()
    sys.exit(code)


def _answered() -> int:
    try:
        code = app(prog_name="provision", standalone_mode=False) or 0
        sys.stdout.flush()
    except Leave as left:
        code = tell(left)
    except TyperException as error:
        code = tell(UsageError(error.format_message()))
    except ProvisionError as error:
        code = tell(error)
    except OSError as error:
        code = tell(ProvisionError(f"{error.filename or 'the output'}: {error.strerror}; mend that and run again"))
    except Exception as error:  # noqa: BLE001  the last resort: nobody is shown a traceback with people in it
        code = tell(ProvisionError(unexpected(error)))
    return code


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
