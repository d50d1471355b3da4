"""One person, class or school put right at once: it is shown first, and then that is done and nothing else."""

import csv
import io
import json
import re
import zipfile
from pathlib import Path
from typing import Any

import pytest

from provision.wiring import open_journal_of, open_place
from tests.app.edits import moved, named, without
from tests.app.sites import NORTH, SOUTH, Said, Site, carries, copy, day, finished, process, pupils
from tests.app.test_guarded_nights import held, locked

NIGHT = ("--day", str(day(1)))


def resync(site: Site, what: str, *more: str, code: int | None = None, number: int = 1) -> Said:
    return site.cli("resync", what, "--day", str(day(number)), *more, code=code)


def spoiled(site: Site, *people: str) -> None:
    """Somebody writes another given name on these people's entries by hand."""
    entries = site.ldif.read_text(encoding="utf-8").split("\n\n")
    for number, entry in enumerate(entries):
        if any(f":localnin:{person}\n" in f"{entry}\n" for person in people):
            entries[number] = re.sub(r"(?m)^givenName::? .*$", "givenName: Feil", entry)
    site.ldif.write_text("\n\n".join(entries), encoding="utf-8")


def wrong(site: Site, *people: str) -> set[str]:
    """Those of them whose entry still says what somebody wrote by hand."""
    entries = site.entries().values()
    return {p for p in people for each in entries if carries(each, p) and each["givenName"] == {"Feil"}}


def changed(document: Any) -> set[tuple[str, str]]:
    return {(target["target"], change["key"]) for target in document["targets"] for change in target["changes"]}


@pytest.fixture
def two(site: Site) -> tuple[str, str]:
    """Two pupils of a school, with a fault on the entry of each."""
    one, other, *_ = pupils(site, SOUTH)
    spoiled(site, one, other)
    return one, other


def test_a_person_is_put_right_and_nobody_else_and_the_night_does_the_rest(site: Site, two: tuple[str, str]) -> None:
    one, other = two
    site.sis.unlink()
    said = resync(site, one, "--yes", "--json", code=0).json
    assert said["what"] == f"person {one}"
    assert (said["changes"], said["removals"]) == (1, 0)
    assert changed(said["done"]) == {("feide", f"account:{one}")}
    assert wrong(site, *two) == {other}
    assert resync(site, one, "--yes", "--json", code=0).json["done"] is None, "there is nothing more to do"
    site.night(1)
    assert wrong(site, *two) == set()


def test_a_school_by_its_name_is_everybody_there(site: Site, two: tuple[str, str]) -> None:
    elsewhere = pupils(site, NORTH)[0]
    spoiled(site, elsewhere)
    said = resync(site, "Hvalbakken skole", "--yes", "--json", code=0).json
    assert said["what"] == f"school {SOUTH}"
    assert changed(said["done"]) == {("feide", f"account:{person}") for person in two}
    assert wrong(site, *two, elsewhere) == {elsewhere}


def test_all_is_what_a_run_does(site: Site, two: tuple[str, str]) -> None:
    said = resync(site, "all", "--yes", "--json", code=0).json
    assert said["what"] == "all"
    assert wrong(site, *two) == set()
    assert site.run(1).target["counts"] == {}


def test_without_a_yes_it_is_shown_and_nothing_is_done(site: Site, two: tuple[str, str]) -> None:
    before = site.state()
    said = resync(site, two[0], code=2)
    assert "feide: 1 change (1 update)" in said.out
    assert "changed: givenName" in said.out
    assert "by what was last accepted: pifu_ims of 23.11.2026" in said.out
    assert "nothing was done; to do it without being asked: add --yes" in said.err
    told = resync(site, two[0], "--json", code=2)
    assert told.json["done"] is None
    assert site.state() == before
    assert len(site.cli("status", "--json").json["runs"]) == 1


def test_only_the_targets_that_were_named_are_written(both: Site) -> None:
    pupil = pupils(both, SOUTH)[0]
    both.export(1, named(pupil, "Nytt", "Navn"))
    said = resync(both, pupil, "--fresh", "--target", "lms", "--yes", "--json", code=0).json
    assert [target["target"] for target in said["targets"]] == ["lms"]
    assert changed(said["done"]) == {("lms", f"account:{pupil}")}
    assert changed(both.plan(1).json) == {("feide", f"account:{pupil}")}
    assert "the job has no target nix; it has feide, lms" in resync(both, pupil, "--target", "nix", code=2).err


def test_what_the_sis_says_now_counts_only_where_it_is_asked_afresh(site: Site) -> None:
    pupil = pupils(site, SOUTH)[0]
    site.export(1, named(pupil, "Nytt", "Navn"))
    assert resync(site, pupil, "--json", code=0).json["changes"] == 0
    assert resync(site, pupil, "--fresh", "--yes", "--json", code=0).json["fresh"] is True
    assert any("Nytt Navn" in each.get("cn", ()) for each in site.entries().values())


def test_who_moves_comes_to_the_new_class_and_leaves_the_old_and_nobody_else_does(both: Site) -> None:
    one, other, *_, like = pupils(both, SOUTH)
    both.export(1, moved(one, like), moved(other, like))
    before = both.plan(1).json
    said = resync(both, one, "--fresh", "--yes", "--json", code=0).json
    classes = {key for _, key in changed(said["done"]) if key.startswith("group:")}
    assert classes
    rest = changed(both.plan(1).json)
    assert ("lms", f"account:{one}") not in rest
    assert {("lms", f"account:{other}")} & changed(before) <= rest
    assert {("lms", key) for key in classes} & rest, "the other one's places are still to come"
    both.run(1)
    assert changed(both.plan(1).json) == set()


def everywhere(site: Site) -> dict[str, object]:
    """What both targets hold, but for when it was written."""
    found: dict[str, object] = dict(site.entries())
    with zipfile.ZipFile(site.folder / "out" / "oneroster.zip") as package:
        for name in package.namelist():
            rows = csv.DictReader(io.TextIOWrapper(package.open(name), encoding="utf-8"))
            found[name] = {tuple(sorted((k, v) for k, v in row.items() if k != "dateLastModified")) for row in rows}
    return found


@pytest.mark.parametrize("what", ["person", f"{SOUTH}/1-2", SOUTH, "all"])
def test_a_part_and_then_a_night_come_to_what_the_night_alone_comes_to(both: Site, tmp_path: Path, what: str) -> None:
    one, other, third, *_, like = pupils(both, SOUTH)
    both.export(1, moved(one, like), moved(other, like), named(third, "Nytt", "Navn"))
    alone = copy(both, tmp_path / "alone")
    alone.run(1)
    typed = one if what == "person" else what
    assert resync(both, typed, "--fresh", "--yes", "--json").json["changes"] > 0
    assert resync(both, typed, "--yes", "--json").json["changes"] == 0, "twice is once"
    both.run(1)
    assert changed(both.plan(1).json) == set()
    assert everywhere(both) == everywhere(alone)


def test_a_removal_is_shown_in_a_box_of_its_own_and_counted(both: Site) -> None:
    one, *_, like = pupils(both, SOUTH)
    both.export(1, moved(one, like))
    said = resync(both, one, "--fresh", code=2)
    assert "something away" in said.out
    document = resync(both, one, "--fresh", "--json", code=2).json
    removals = [change["key"] for target in document["targets"] for change in target["removals"]]
    assert document["removals"] == len(removals) > 0
    assert not {change["key"] for target in document["targets"] for change in target["sample"]} & {
        key for key in removals if key.startswith("group:")
    }


@pytest.fixture
def leavers(site: Site) -> list[str]:
    """More of a school's pupils than may go unseen, of many classes."""
    return pupils(site, SOUTH)[4::7]


def test_the_guard_judges_the_whole_and_what_it_holds_is_held_for_one_as_well(site: Site, leavers: list[str]) -> None:
    hold = held(site, without(leavers))
    said = resync(site, leavers[0], "--yes", "--json", code=5, number=3).json
    assert said["changes"] == 0
    (told,) = said["targets"][0]["holds"]
    assert (told["hold"], told["count"]) == (hold, len(leavers))
    assert f"provision approve {hold}" in told["remedy"]
    assert locked(site) == set()
    stays = pupils(site, SOUTH)[0]
    assert resync(site, stays, "--yes", "--json", code=0, number=3).json["targets"][0]["holds"] == []


def test_whom_nobody_knows_is_told_with_what_there_is(site: Site) -> None:
    said = resync(site, "Ola Normann", code=2)
    assert "nobody is known under this" in said.err
    assert "nor is it a class, by id or title" in said.err
    assert "Ola" not in said.err
    assert "there is no such school" in resync(site, "school:nowhere", code=2).err
    assert "put right whom?" in site.cli("resync", code=2).err


def test_a_class_is_known_by_its_id_or_by_its_title_with_the_school_where_several_have_it(site: Site) -> None:
    said = resync(site, "class:1-2", code=2)
    assert "this may be several; say which: class:s0001-2026-1-12 (1-2, Mones skole), class:s0002-" in said.err
    for typed in (f"{NORTH}/1-2", "mones skole/1-2", "s0001-2026-1-12", "class:s0001-2026-1-12"):
        assert resync(site, typed, "--json", code=0).json["what"] == "class s0001-2026-1-12"


def test_who_asked_and_why_is_in_the_audit_chain_and_with_the_run(site: Site, two: tuple[str, str]) -> None:
    run = resync(site, two[0], "--reason", "mangler tilgang", "--yes", "--json", code=0).json["done"]["run"]
    status = site.cli("status", "--json", code=0).json
    (summary,) = [each["summary"] for each in status["runs"] if each["run"] == run]
    assert summary["resync"]["what"] == f"person {two[0]}"
    assert summary["resync"]["reason"] == "mangler tilgang"
    assert status["runs"][0]["mode"] == "run"
    explained = site.cli("explain", two[0], *NIGHT, code=0).out
    assert "mangler tilgang" in explained
    assert "mangler tilgang" not in site.cli("explain", two[1], *NIGHT, code=0).out


def test_where_nothing_is_kept_it_is_told_and_nothing_is_done(site: Site, two: tuple[str, str]) -> None:
    for path in (site.folder / "var" / "kept" / "nightly").iterdir():
        path.unlink()
    assert "nothing is kept of pifu_ims" in resync(site, two[0], "--yes", "--json", code=4).messages
    assert wrong(site, *two) == set(two)


def test_while_a_run_is_at_work_it_is_told_so(site: Site, two: tuple[str, str]) -> None:
    with open_journal_of(open_place(site.folder, "nightly")) as journal, journal.lease("another"):
        resync(site, two[0], "--yes", code=8)
    assert wrong(site, *two) == set(two)


def test_in_a_process_of_its_own_without_a_terminal_it_asks_nobody(site: Site, two: tuple[str, str]) -> None:
    said = finished(process("resync", two[0], *NIGHT, "--site", str(site.folder)))
    assert said.code == 2
    assert "add --yes" in said.err
    assert json.loads(finished(process("resync", two[0], *NIGHT, "--yes", "--json", "--site", str(site.folder))).out)
    assert wrong(site, *two) == {two[1]}
