"""Standard output and standard error: there whatever the caller left open, and whatever letters they take."""

import json
import os
import sys
from collections.abc import Mapping
from io import TextIOWrapper
from typing import Any

from provision.cli.suggested import Here, completed


def prepare() -> None:
    """Both streams exist, and neither stumbles over a letter that it cannot write."""
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:  # closed by whoever started us
            setattr(sys, name, os.fdopen(os.open(os.devnull, os.O_WRONLY), "w"))
        elif isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def print_json(document: Mapping[str, Any], here: Here | None = None) -> None:
    """One document, with its commands completed for a place; a reader who has gone changes nothing."""
    plain = (sys.stdout.encoding or "utf-8").lower() != "utf-8"
    try:
        sys.stdout.write(
            json.dumps(_completed(document, here) if here else document, ensure_ascii=plain, indent=2) + "\n"
        )
        sys.stdout.flush()
    except BrokenPipeError:
        mute()


def mute() -> None:
    """Nobody reads on: what is still to be said goes nowhere, and the exit code stays what it is."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)


def _completed(value: Any, here: Here) -> Any:
    match value:
        case str():
            return completed(value, here)
        case list():
            return [_completed(each, here) for each in value]
        case dict():
            return {name: _completed(each, here) for name, each in value.items()}
    return value
