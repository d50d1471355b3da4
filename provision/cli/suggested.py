"""Commands to copy that stand in a text: each is made to say for which site and job it is."""

import re
import shlex
from collections.abc import Iterator
from functools import cache
from itertools import chain, pairwise, zip_longest
from pathlib import Path
from typing import Final, NamedTuple

# What every site's job is called that has no reason to call it otherwise: the default of every command.
_USUAL: Final = "nightly"
_JOB_AS_ARGUMENT: Final = ("plan", "run", "adopt", "retention", "preflight", "doctor", "ratios", "verify")
_JOB_AS_OPTION: Final = (
    "approve",
    "reject",
    "protect",
    "block",
    "explain",
    "status",
    "resync",
    "health",
    "audit verify",
)
# Of those, what they are about comes first.
_ABOUT: Final = ("approve", "reject", "protect", "block", "explain", "resync")

_WORD: Final = r'[^\s`"]*[^\s`".,;:)]'
_OPTION: Final = rf' --[a-z-]+(?: (?!--)(?:"[^"]*"|{_WORD}))?'


class Here(NamedTuple):
    """For which job of which site a command is meant."""

    job: str
    folder: Path


def completed(text: str, here: Here) -> str:
    """The text, in which every command says its site and job; one that says its site already is left as it is.

    A command ends with its options: let it stand between backticks, or let its last word be an option's.
    """
    found = list(additions(text, here))
    ends = [0, *(place for place, _ in found), len(text)]
    told = (text[begin:end] for begin, end in pairwise(ends))
    return "".join(chain.from_iterable(zip_longest(told, (more for _, more in found), fillvalue="")))


def additions(text: str, here: Here) -> Iterator[tuple[int, str]]:
    """What is to be added to a text at which of its places."""
    if "provision " not in text:
        return
    for found in _commands(here.job).finditer(text):
        if "--site" in found[0]:
            continue
        if found["own"] is None:
            job = "" if here.job == _USUAL or "--job" in found[0] else f" --job {here.job}"
            yield found.end(), job + at(here.folder)
        else:
            if not found["job"]:
                yield found.end("own"), f" {here.job}"
            yield found.end(), at(here.folder)


def at(folder: Path) -> str:
    """What a suggested command must say to mean this site."""
    return "" if folder == Path() else f" --site {shlex.quote(str(folder))}"


@cache
def _commands(job: str) -> re.Pattern[str]:
    about = rf"(?:{'|'.join(_ABOUT)}) (?!--){_WORD}|(?:{'|'.join(_JOB_AS_OPTION)})\b"
    own = rf"(?P<own>{'|'.join(_JOB_AS_ARGUMENT)})\b(?P<job> {re.escape(job)}\b)?"
    return re.compile(rf"(?<![\w/])provision (?:{own}|{about})(?:{_OPTION})*")
