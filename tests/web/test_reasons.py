"""Reasons in the reader's language: every sentence of the program is known, and none is taken for another."""

import ast
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from html import unescape
from importlib.resources import files
from pathlib import Path
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

import provision
from provision.core.language import Language
from provision.web.known_faults import FAILURES, ROWS
from provision.web.known_reasons import NIGHTS, PEOPLE, VERDICTS
from provision.web.reasons import Part, Worded, understood, worded
from provision.web.texts import catalogue
from provision.web.told import CHANGES
from tests.app.sites import SOUTH, Site, pupils
from tests.web.looked import finished, looked
from tests.web.served import served
from tests.web.troubles import much_later, troubled

PATTERNS: Final = (*PEOPLE, *NIGHTS, *VERDICTS, *ROWS, *FAILURES)
VALUE: Final = re.compile(r"%\((\w+)\)s")
# Where reasons are made that people at schools read.
REASONED: Final = (
    *(
        f"core/{name}"
        for name in ("absence", "arrivals", "care", "clues", "compare", "departures", "desired", "enrollments")
    ),
    *(f"core/{name}" for name in ("ground", "holding", "judgement", "losses", "number_policy", "relinks", "scope")),
    *(f"core/{name}" for name in ("sightings", "sizes", "stages", "tables", "usernames")),
    *(f"sources/oneroster/{name}" for name in ("checks", "classes", "enrollments", "orgs", "people", "relationships")),
    *(f"sources/pifu_ims/{name}" for name in ("ids", "people", "places", "roles")),
    *("caution", "explain", "night", "outlook", "reading", "run"),
)
# What is set together as it is said: each with a sentence that has it.
PIECES: Final = {
    "\0 on \0; \0": "finished on 2026-06-19; missing 3 of 3 proven nights, last seen 2026-06-19",
    "left, as the SIS said,": "left, as the SIS said, on 2026-06-19",
    "\0 \0; say which with \0": "has the name and birth date of p1; say which with `provision adopt --same OLD=NEW`",
    "has had the identity number of": "has had the identity number of p1; say which with `provision adopt --same O=N`",
    "has the name and birth date of": "has the name and birth date of p1 and of p2; say which with `provision adopt`",
    " and of ": "has the name and birth date of p1 and of p2; say which with `provision adopt`",
    " or ": "kept, because p1 or p2 may be the same person",
    " and ": "no new usernames while feide and lms cannot be asked which are taken there",
    "is there as something else": "whom it was asked for is there as something else; nobody else changes",
    "whom it was asked for \0; nobody else changes": "whom it was asked for joins; nobody else changes",
    "agentSourcedIds: an agent \0 (\0)": "agentSourcedIds: an agent is not among the users (p1)",
    "is no guardian or relative": "agentSourcedIds: an agent is no guardian or relative (p1)",
    "is not among the users": "agentSourcedIds: an agent is not among the users (p1)",
    "\0 of the \0 people of school \0 are at \0": "3 of the 4 people of school 1 are at 2, where they were not last "
    "night. Has the SIS exchanged the schools' organisation numbers? If it is right: provision approve schools",
    "mend it in the SIS, or approve it after all: \0": "held as H-1, and rejected by it@x (no); mend it in the SIS, or "
    'approve it after all: `provision approve H-1 --reason "…"`',
    ", and has none yet": "should have an account here, and has none yet",
    ", and has one": "should have no account here, and has one",
    "\0 planned: \0": "rekey planned: the SIS gave them a new id",
    "held as \0, and rejected by \0 (\0); \0": "held as H-1, and rejected by it@x (no: wait); mend it in the SIS, or "
    'approve it after all: `provision approve H-1 --reason "…"`',
}
MOVED: Final = (
    "\0, where they were not last night. Has the SIS exchanged the schools' organisation numbers? If it is right: \0"
)
# Other ways in which those are set together.
COMPOSED: Final = (
    *(f"{verb} planned: new in the SIS" for verb in CHANGES),
    "changed: mail, sn",
    "template {given_name}",
    "/out/feide.ldif, line 1: no colon after an attribute name",
    "whom it was asked for leaves; nobody else changes",
    "/srv/*: no complete file (sis.xml has no end); have one delivered there, and run again 60 seconds after it has",
)
# What nobody reads as a reason on a page: proofs, terms and names, the log, what stops a command.
NO_REASON: Final = frozenset(
    {
        "closed for good, says the site",
        "person \0 \0 \0",
        "\0 \0 \0",
        "\0 with \0",
        "\0 without \0",
        "\0",
        "(an identity number)",
        "nobody else keeps anything in this file, so there is nothing to take over",
        "a scheme is made of {given}, {family}, {given:3}, {family:3} and the characters a-z 0-9 . -",
        MOVED,
        "\0: letters damaged by a wrong encoding; export it as UTF-8",
        "\0, line \0: letters damaged by a wrong encoding; declare the one that the file really has",
        "finished with exit code {}; audit head {}",
        "make room: until the next run, approvals are not carried out at once",
        "what was read cannot be kept ({}); {}",
        "{} is off, and cannot be asked which usernames are taken: {}",
        "{} is unavailable: {}",
        "{}: {} changes, {} groups held",
    }
)


def of_the_code(module: str, spaces: int = 2) -> Iterator[str]:
    """Every text of so many spaces or more that is no docstring, with NUL for each value and command."""
    tree = ast.parse(Path(str(files(provision))).joinpath(f"{module}.py").read_text(encoding="utf-8"))
    inner = {id(part) for each in ast.walk(tree) if isinstance(each, ast.JoinedStr) for part in each.values}
    documented = {id(each.value) for each in ast.walk(tree) if isinstance(each, ast.Expr)}
    for each in ast.walk(tree):
        if id(each) in inner | documented:
            continue
        text = _text(each)
        if text.replace("\0", "").count(" ") >= spaces:
            yield shape_of(text)


def _text(node: ast.AST) -> str:
    match node:
        case ast.Constant(value=str() as text):
            return text
        case ast.JoinedStr(values=parts):
            return "".join(str(part.value) if isinstance(part, ast.Constant) else "\0" for part in parts)
    return ""


def shape_of(text: str) -> str:
    """With NUL for each value and each command."""
    return re.sub(r"\0+", "\0", re.sub(r"`provision [^`]*`|(?<!`)provision [a-z]+ .*$", "\0", VALUE.sub("\0", text)))


SHAPES: Final = frozenset(map(shape_of, PATTERNS))


def is_known(text: str) -> bool:
    """Whether it is made of sentences of the table, with others where it has values."""
    parts = text.split("; ")
    heads = (("; ".join(parts[:end]), parts[end:]) for end in range(len(parts), 0, -1))
    return any((head == "\0" or head in SHAPES) and (not rest or is_known("; ".join(rest))) for head, rest in heads)


@pytest.mark.parametrize("module", REASONED)
def test_every_reason_in_the_code_is_known(module: str) -> None:
    found = {each for each in of_the_code(module) if not is_known(each) and not understood(each)}
    assert sorted(found - NO_REASON - PIECES.keys()) == []


def test_what_is_set_together_is_known_as_it_is_said() -> None:
    assert [each for each in (*PIECES.values(), *COMPOSED) if not understood(each)] == []


def _runs(parts: Sequence[str]) -> Iterator[Sequence[str]]:
    return (parts[begin:end] for begin in range(len(parts)) for end in range(begin + 1, len(parts) + 1))


def _all_of(parts: Iterable[Part]) -> Iterator[Part]:
    for part in parts:
        yield part
        yield from _all_of(part.inner)


def test_nothing_is_known_that_the_program_never_says() -> None:
    root = Path(str(files(provision)))
    modules = (path.relative_to(root).with_suffix("") for path in root.rglob("*.py") if "web" not in path.parts)
    said = {text for module in modules for text in of_the_code(str(module), spaces=1)}
    parts = {"; ".join(part).removeprefix("\0: ") for text in said for part in _runs(text.split("; "))}
    composed = {part.pattern for each in (*PIECES.values(), *COMPOSED) for part in _all_of(understood(each))}
    assert sorted(each for each in PATTERNS if shape_of(each) not in parts and each not in composed) == []


WORDS: Final = st.text(st.characters(exclude_categories=("Z", "C")), min_size=1).filter(
    lambda text: "`" not in text and not text.endswith(";")
)
LINES: Final = st.lists(WORDS, min_size=1, max_size=4).map(" ".join).filter(lambda text: "; " not in text)
DAYS: Final = st.dates().map(str)
COMMANDS: Final = LINES.map(lambda text: f"`provision {text}`")
NUMBERS: Final = st.integers(0, 10**6).map(str)
VALUES: Final[Mapping[str, st.SearchStrategy[str]]] = {
    **dict.fromkeys(("all", "come", "days", "go", "num", "of"), NUMBERS),
    **dict.fromkeys(("by", "fault", "fields", "group", "names", "rule", "source", "what", "words"), LINES),
    **dict.fromkeys(("command", "other"), COMMANDS),
    **dict.fromkeys(("before", "moment"), st.datetimes().map(lambda at: f"{at:%Y-%m-%d %H:%M}".zfill(16))),
    "day": DAYS,
    "share": NUMBERS.map("{}%".format),
    "since": st.dates().map(lambda day: f"{day.day:02}.{day.month:02}.{day.year:04}"),
    "why": st.sampled_from([each for each in PATTERNS if not VALUE.search(each)]),
}


@st.composite
def sentences(draw: st.DrawFn) -> tuple[str, dict[str, str]]:
    pattern = draw(st.sampled_from(PATTERNS))
    return pattern, {name: draw(VALUES.get(name, WORDS)) for name in VALUE.findall(pattern)}


@given(sentences())
def test_a_sentence_is_known_with_its_values_whole(made: tuple[str, dict[str, str]]) -> None:
    pattern, values = made
    (found,) = understood(pattern % values)
    assert found.pattern == pattern
    for language in (Language.NB, Language.NN):
        shown = said(pattern % values, language)
        assert shown.language == ""
        assert all(values[name] in shown.text for name in values.keys() - {"day", "ids", "why"})
    assert found.values == {name: value for name, value in values.items() if name != "why"}
    assert "".join(part.pattern for part in found.inner) == values.get("why", "")


@given(st.lists(sentences(), min_size=1, max_size=4))
def test_no_part_of_what_is_joined_is_lost(made: list[tuple[str, dict[str, str]]]) -> None:
    text = "; ".join(pattern % values for pattern, values in made)
    found = understood(text)
    assert "; ".join(_again(part) for part in found) == text


def _again(part: Part) -> str:
    inner = "; ".join(map(_again, part.inner))
    return part.pattern % {**part.values, "why": inner}


@given(st.text() | LINES)
def test_what_is_not_known_stays_as_it_is(text: str) -> None:
    for each in (text, f"{text} is new here", f"kept, because {text} was odd"):
        if not understood(each) and " " in each:
            assert said(each) == Worded(each, "en")


def said(text: str, language: Language = Language.NB) -> Worded:
    def gettext(text: str, **values: object) -> str:
        return catalogue(language).gettext(text) % values

    return worded(text, gettext, lambda day: f"{day.day}.{day.month}.{day.year}")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("new in the SIS", "ny i skolesystemet"),
        ("create planned: new in the SIS", "skal opprettes: ny i skolesystemet"),
        ("changed: mail, sn; losses held", "endret: mail, sn; det som tas bort, holdes tilbake"),
        (
            "missing 1 of 3 proven nights, last seen 2026-11-20; kept, because 974588145: the school is not in the "
            "export; if it closed for good, add it to closed_schools",
            "borte 1 av 3 sikre netter, sist sett 20.11.2026; beholdes, fordi: 974588145: skolen er ikke i uttrekket; "
            "hvis den er lagt ned, føres den opp i closed_schools",
        ),
        ("kept, because p1 or p2 may be the same person", "beholdes, fordi p1, p2 kan være samme person"),
        ("kept, because … may be the same person", "beholdes, fordi … kan være samme person"),
        ("has the id %(x)s now", "har nå id-en %(x)s"),
        (
            "users: name/n/family is missing or empty (line 7)",
            "users: etternavn (name/n/family) mangler eller er tomt (linje 7)",
        ),
    ],
)
def test_a_reason_is_read_in_bokmal(text: str, expected: str) -> None:
    assert said(text) == Worded(expected)


def test_markup_in_a_value_stays_text() -> None:
    assert said("has the id <b>x</b> now").__html__() == "har nå id-en &lt;b&gt;x&lt;/b&gt;"
    assert said("<b>what is this</b>").__html__() == '<span lang="en">&lt;b&gt;what is this&lt;/b&gt;</span>'


def test_a_long_text_is_answered_at_once() -> None:
    for text in ("kept, because " * 140, "losses held; " * 150, "a: " * 600, "x " * 900 + "; y"):
        assert said(text) == Worded(text, "en")


def in_english(page: str) -> list[str]:
    """What a page says in English, but the name of the language itself."""
    found = re.findall(r'<(\w+)[^>]* lang="en"[^>]*>(.*?)</\1>', page, re.DOTALL)
    return [unescape(text) for _, text in found if text != "English"]


@pytest.mark.parametrize("away", [True, False])
def test_no_reason_on_a_page_is_in_english(own_site: Site, tmp_path: Path, *, away: bool) -> None:
    site = troubled(own_site, tmp_path / "troubled")
    if not away:
        site.ldif.with_suffix(".away").rename(site.ldif)
    with served([site.folder], now=much_later(site)) as pages:
        it = pages.named("it@hemne.kommune.no")
        held = [each for row in pages.site.journal.holds() for each in row.hold.examples]
        paths = ["/", "/holds", "/targets", "/runs", f"/schools/{SOUTH}/mend", f"/people/{pupils(site, SOUTH)[0]}"]
        paths += [*(f"/runs/{run.id}" for run in pages.site.journal.runs(5)), f"/people/{held[0]}"]
        said = {path: finished(it, path).text for path in [*paths, looked(it, "all")]}
    assert {path: left for path, page in said.items() if (left := in_english(page))} == {}
    person = said[f"/people/{held[0]}"]
    assert ("ikke noe kolon etter" if away else "skal stenges: borte uten grunn i skolesystemet") in person
