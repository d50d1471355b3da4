"""Which words of `protect` and `block` stand, so that none is forgotten."""

from pathlib import Path
from typing import Any, Final

from provision.cli.output import print_json
from provision.cli.session import session
from provision.cli.terminal import WHEN, counted, out
from provision.core.clocks import local
from provision.core.words import Measure
from provision.journal.words import Word
from provision.wiring import Asks, Place

# Of people with address protection a smaller number says too much.
_MASKED: Final = 5


def list_words(measure: Measure, folder: Path, job: str, *, as_json: bool) -> int:
    """Who is blocked, since when, by whom and why. Of `protect` only how many words stand, small numbers masked."""
    with session(folder, job, Asks.NOTHING) as (place, journal):
        words = journal.words_of(measure)
    if as_json:
        print_json(_document(measure, words))
    elif measure is Measure.BLOCK:
        _tell_blocked(place, words)
    else:
        out(place).print(
            f"{_number(words)} of these words stand; care.csv may protect others. "
            "Whether one stands for somebody: provision explain PERSON --all"
        )
    return 0


def _tell_blocked(place: Place, words: list[Word]) -> None:
    console = out(place)
    console.print(f"{counted(len(words), 'person is', 'people are')} blocked", style="bold")
    for word in words:
        why = f": {word.reason}" if word.reason else ""
        console.print(f"  {word.person}, since {local(word.since):{WHEN}}, by {word.by}{why}")
        console.print(f"    When it is over: provision block {word.person} --end")


def _number(words: list[Word]) -> str:
    return f"fewer than {_MASKED}" if len(words) < _MASKED else str(len(words))


def _document(measure: Measure, words: list[Word]) -> dict[str, Any]:
    """The document that docs/json.md describes."""
    blocked = words if measure is Measure.BLOCK else []
    masked = measure is Measure.PROTECT and len(words) < _MASKED
    return {
        "format": 1,
        "measure": measure.value,
        "count": None if masked else len(words),
        "standing": [
            {"id": each.person, "since": each.since.isoformat(), "by": each.by, "reason": each.reason}
            for each in blocked
        ],
    }
