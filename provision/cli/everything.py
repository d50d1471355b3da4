"""`explain --all`: what is held about somebody, for a person's own screen or as a document to send on."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from rich.console import Console
from rich.text import Text

from provision.cli import show
from provision.cli.output import print_json
from provision.cli.session import Bar, request, session
from provision.cli.terminal import counted, heading, here, out
from provision.request import Mode
from provision.wiring import Place, all_jobs, open_routes, papers, sources

if TYPE_CHECKING:
    from provision.explain_all import Everything

_READ_FIRST: Final = "Others are named here too: guardians, children, who approved what. Read it before you send it on."
_CAREFUL: Final = (
    "This person is protected. Do not send this unread, and not to an address from the SIS: schools, classes and "
    "relatives tell where somebody is. Agree with the person how it is to be handed over."
)
_WORDS: Final = {
    "sightings": "when last seen, where and as what",
    "account_states": "since when locked out",
    "usernames": "usernames, kept until the person is forgotten, then as keyed hashes",
    "keyed_hashes": "keyed hashes of the identity number, and of name and birth date, to know them again",
    "changes": "what was changed, why, and what was there before",
    "decisions": "what was said of their ids",
    "words": "what was said of them at once",
    "requests": "what was asked for by hand, for them or by them",
    "sessions": "their logins to the pages",
    "mentions": "where in the journal they are named",
}


def explain_all(folder: Path, job: str, day: date, person: str, *, as_json: bool) -> int:
    from provision.explain_all import explain_all as explained

    with session(folder, job) as (place, journal), Bar() as bar, open_routes(place) as routes:
        found = explained(
            person,
            request(place, Mode.PLAN, day, bar),
            sources(place, bar.reading),
            routes,
            journal,
            place.site,
            papers(all_jobs(place), delivered=True),
        )
    if as_json:
        print_json(found.as_json(), here(place))
    else:
        _tell(place, found)
    return 0


def _tell(place: Place, found: "Everything") -> None:
    console = out(place)
    console.print(Text(_CAREFUL if found.careful else _READ_FIRST), style="bold red" if found.careful else "yellow")
    show.explanation(place, found.explanation)
    heading("What the sources say")
    for row in found.rows:
        _fields(console, f"{row.source}, {row.table}", row.cells)
    for table, rows in found.journal.items():
        heading(f"Journal: {_WORDS[table]}")
        for each in rows:
            _fields(console, "", each)
    heading("Files that name them")
    for path, number in found.files.items():
        console.print(Text(f"  {path}: {counted(number, 'line')}"))
    console.print("  Identity numbers are held where it says so, and are not shown here.")


def _fields(console: Console, title: str, cells: Mapping[str, Any]) -> None:
    said = ", ".join(f"{name}: {_shown(value)}" for name, value in cells.items() if value not in ("", None, [], {}))
    console.print(Text(f"  {title}{': ' if title else ''}{said}"))


def _shown(value: Any) -> str:
    """Lists and images without the brackets of a document."""
    match value:
        case list():
            return " ".join(map(_shown, value))
        case dict():
            return "; ".join(f"{name} = {_shown(each)}" for name, each in value.items())
    return str(value)
