"""How a command that failed says so: on standard error, and where asked for as a document."""

import sys
from contextlib import suppress
from pathlib import Path

from provision.cli.output import print_json
from provision.errors import ConfigurationError, ProvisionError, UsageError
from provision.leaving import Leave


def tell(error: ProvisionError | Leave) -> int:
    """Says what was wrong, or that we leave, on standard error and where asked for as a document; the exit code."""
    faults = error.faults if isinstance(error, ConfigurationError) else tuple(str(error).splitlines())
    notes = getattr(error, "__notes__", ())
    if "--json" in sys.argv:
        with suppress(OSError):  # where standard output is what fails
            print_json({"format": 1, "error": {"code": error.exit_code, "messages": [*faults, *notes]}})
    if len(faults) > 1:
        say(f"{len(faults)} faults")
        for fault in faults:
            sys.stderr.write(f"  {fault}\n")
    else:
        say(faults[0])
    for note in notes:
        say(note)
    if isinstance(error, UsageError):
        sys.stderr.write("Try `provision --help`.\n")
    return error.exit_code


def say(text: str) -> None:
    """One line on standard error, under our name."""
    sys.stderr.write(f"provision: {text}\n")


def unexpected(error: BaseException) -> str:
    """Where it happened and what kind it is; its own text may hold a person's data and stays out."""
    trace = error.__traceback__
    while trace and trace.tb_next:
        trace = trace.tb_next
    place = f"{Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}" if trace else "unknown place"
    return f"unexpected {type(error).__name__} at {place}; please report it. A rerun is safe: it resumes and repairs."
