"""One pupil gets address protection on a Tuesday: all that is written from then on, searched for who it is and why."""

import json
import sqlite3
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any, Final

import pytest

from provision.wiring import open_journal_of, open_place
from tests.app.edits import Edit, Export, joined, named, one, person, without
from tests.app.sites import SOUTH, Said, Site, copy, day, pupils
from tests.app.test_protected import NOTHING_ELSE, WORDS
from tests.app.test_two_targets import in_directory, users

PUPIL: Final = "kanarifugl-7071"
GIVEN: Final = "Kvitveisa"
FAMILY: Final = "Løyndomsdotter"
NUMBER: Final = "17871450137"
# Where a person's past is: what was done with the account, when they were seen, which name is theirs. Not why.
PAST: Final = {"change", "sighting", "username", "audit", "account_state", "print"}


@dataclass
class Told:
    """All that was said since the pupil became protected, by command."""

    site: Site
    said: list[tuple[str, Said]] = field(default_factory=list)

    def ask(self, *arguments: str) -> Said:
        said = self.site.cli(*arguments)
        self.said.append((" ".join(arguments), said))
        return said


def edits(site: Site) -> tuple[Edit, ...]:
    model = pupils(site, SOUTH)[30]
    return joined(model, PUPIL), named(PUPIL, GIVEN, FAMILY), _numbered


def _numbered(root: Export) -> None:
    number = deepcopy(one(root, "person/userid[@useridtype='personNIN']"))
    number.text = NUMBER
    one(person(root, PUPIL), "name").addprevious(number)


def by_list(told: Told) -> None:
    told.site.append("data/care.csv", f"{PUPIL},,1,,,")


def by_word(told: Told) -> None:
    told.ask("protect", PUPIL, "--day", str(day(1)))
    told.said.clear()  # whoever gave the word knows what it was


def by_list_without_a_source(told: Told) -> None:
    by_list(told)
    whole = told.site.sis.read_bytes()
    told.site.sis.write_bytes(whole[:2000])
    told.ask("run", "--day", str(day(2)))
    told.ask("run", "--day", str(day(2)), "--json")
    told.site.sis.write_bytes(whole)


def nights(told: Told, *always: Edit) -> None:
    """A night with it, and then some with leavers, a hold, an approval, and no source: everything is asked for."""
    site, leavers = told.site, pupils(told.site, SOUTH)[4::7]
    gone = without(leavers)
    for number in (2, 3, 4, 5):
        site.export(number, *always, *([gone] if number > 2 else []))
        when = ("--day", str(day(number)))
        if number in (2, 5):
            told.ask("plan", "--all", *when)
            told.ask("plan", "--json", *when)
        told.ask("run", *when, *(("--json",) if number % 2 else ()))
    holds = told.site.cli("status", "--json").json["holds"]
    assert holds
    for hold in holds:
        told.ask("approve", hold["hold"], "--reason", "gone", "--day", str(day(5)))
    for command in (("status",), ("status", "--json"), ("doctor",), ("plan", "--json", "--day", str(day(5)))):
        told.ask(*command)
    told.ask("explain", pupils(site, SOUTH)[31], "--day", str(day(5)))
    site.sis.unlink()
    told.ask("run", "--day", str(day(6)))


@pytest.fixture(scope="module", params=[by_list, by_word, by_list_without_a_source])
def told(request: pytest.FixtureRequest, both_site: Site, tmp_path_factory: pytest.TempPathFactory) -> Told:
    site = copy(both_site, tmp_path_factory.mktemp("canary") / "site")
    site.night(1, *edits(site))
    assert in_directory(site, PUPIL)
    assert PUPIL in users(site)
    for path in (site.folder / "out" / "passwords").iterdir():
        path.unlink()  # handed out
    told = Told(site)
    request.param(told)
    nights(told, *edits(site))
    return told


def rows(site: Site) -> Iterator[tuple[str, str]]:
    """Every row of the journal as text, with its table."""
    with sqlite3.connect(site.folder / "var" / "journal.db") as connection:
        for (name,) in connection.execute("select name from sqlite_master where type = 'table'").fetchall():
            for row in connection.execute(f'select * from "{name}"'):  # noqa: S608  our own tables
                yield name, repr(row)


def written(site: Site) -> Iterator[tuple[str, str]]:
    """Every file that a night leaves, save the exports and what was kept of them."""
    for path in site.folder.rglob("*"):
        place = path.relative_to(site.folder)
        if path.is_file() and place.parts[0] not in ("data", "jobs", "mappings") and place.parts[:2] != ("var", "kept"):
            yield str(place), path.read_bytes().decode("utf-8", "replace")


def test_neither_name_nor_number_is_written_anywhere(told: Told) -> None:
    with open_journal_of(open_place(told.site.folder, "nightly")) as journal:
        journal.as_of()  # while it is open the write-ahead log is there as well
        files = dict(written(told.site))
    assert "var/journal.db" in files
    # `plan` is for a person's own screen, and names whoever would lose an account.
    spoken = {command: said.out + said.err for command, said in told.said if not command.startswith("plan --all")}
    for place, text in {**files, **spoken}.items():
        assert not [each for each in (GIVEN, FAMILY, NUMBER) if each in text], place


def test_nothing_is_said_of_the_pupil_but_that_they_are_out_of_scope(told: Told) -> None:
    first = [c for _, said in told.said if said.out.startswith("{") for c in _changes(said.json) if PUPIL in c["key"]]
    assert {(c["change"], c["reason"]) for c in first} <= {("disable", "out of scope")}
    for command, said in told.said:
        text = (said.out + said.err).replace(str(told.site.folder), "").replace(NOTHING_ELSE, "")
        assert command == "doctor" or not [word for word in WORDS if word in text.lower()], command
        spoken = [line for line in text.splitlines() if PUPIL in line and '"key"' not in line]
        assert all("out of scope" in line for line in spoken), command


def test_the_log_names_nobody_and_gives_no_reason(told: Told) -> None:
    log = (told.site.folder / "var" / "log" / "provision.jsonl").read_text(encoding="utf-8")
    messages = [json.loads(line)["record"]["message"] for line in log.splitlines()]
    assert messages
    assert PUPIL not in log
    # Which source is read is the same every night.
    assert not [m for m in messages if not m.startswith("reading ") and any(word in m.lower() for word in WORDS)]


def test_the_journal_knows_of_an_account_that_ended_and_not_why(told: Told) -> None:
    about = [(table, row) for table, row in rows(told.site) if PUPIL in row]
    assert {table for table, _ in about} <= PAST
    assert not [row for _, row in about if any(word in row.lower() for word in WORDS)]
    ended = [row for table, row in about if table == "change" and "'create'" not in row]
    assert ended
    assert all("'disable'" in row and "'out of scope'" in row for row in ended)


def test_no_figure_of_any_report_differs_from_those_of_a_site_that_never_knew_the_pupil(
    both: Site, both_site: Site, tmp_path_factory: pytest.TempPathFactory
) -> None:
    knows, never = Told(both), Told(copy(both_site, tmp_path_factory.mktemp("never") / "site"))
    both.night(1, *edits(both))
    never.site.night(1)
    by_word(knows)
    nights(knows, *edits(both))
    nights(never)
    for (command, ours), (_, theirs) in zip(knows.said, never.said, strict=True):
        assert ours.code == theirs.code, command
        if ours.out.startswith("{"):
            assert _figures(ours.json) == _figures(theirs.json), command


def _changes(document: Any) -> list[dict[str, str]]:
    return [change for target in document.get("targets", ()) for change in target.get("changes", ())]


def _figures(document: Any) -> Any:
    """Without what names a run, and without the rows of the export itself."""
    if isinstance(document, dict):
        unlike = ("run", "rows", "digest", "hold", "runs", "holds", "since", "messages", "summary", "password_files")
        unlike += ("last_run", "last_tried", "last_good")
        return {name: _figures(value) for name, value in document.items() if name not in unlike or name == "holds"}
    return [_figures(each) for each in document] if isinstance(document, list) else document
