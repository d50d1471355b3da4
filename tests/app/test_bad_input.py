"""Bad exports, supplements and settings: said clearly, nothing lost by them, and mended by the next good night."""

from collections.abc import Callable
from copy import deepcopy
from pathlib import Path

import pytest
from lxml import etree

from tests.app.edits import Edit, Export, group_of, named, numbered, one, person, without_group
from tests.app.sites import SOUTH, Said, Site, number_of, pupils


def broken(site: Site, change: Callable[[bytes], bytes], night: int = 1) -> Said:
    """A night whose export was changed, byte by byte, and the good one after it."""
    before = site.state()
    site.export(night)
    site.sis.write_bytes(change(site.sis.read_bytes()))
    said = site.run(night, code=4)
    assert site.state() == before, "nothing was changed"
    assert str(site.sis) in said.messages
    told = [line for line in said.err.splitlines() if line.startswith("provision: ")]
    assert len(told) == 2, "one line of what is wrong, and one of what was done"
    assert site.night(max(night, 0) + 1).target["counts"] == {}, "the next good night needs nobody"
    return said


# ── The export as a whole ────────────────────────────────────────────────────────────────────────────────────────
CUTS = [0, 1, 30, 90, 200, 400, 1_000, 60_000, 107_000, 150_000, 230_000, 290_000, -1, -2, -14, -16, -100]


def test_an_export_that_is_cut_anywhere_changes_nothing(site: Site) -> None:
    before = site.state()
    site.export(1)
    whole = site.sis.read_bytes()
    for cut in CUTS:
        site.sis.write_bytes(whole[:cut])
        said = site.run(1, code=4)
        assert any(word in said.messages for word in ("sis.xml, line ", "sis.xml is empty", "no root element")), cut
        assert site.state() == before, cut
    assert site.night(2).target["counts"] == {}


def emptied(*names: str) -> Edit:
    def edit(root: Export) -> None:
        for name in names:
            for element in list(root.iterfind(f"{{*}}{name}")):
                root.remove(element)

    return edit


@pytest.mark.parametrize("names", [("person",), ("person", "group", "membership"), ("group", "membership")])
def test_the_right_header_and_nothing_under_it_is_a_broken_export_and_no_exodus(
    site: Site, names: tuple[str, ...]
) -> None:
    before = site.state()
    said = site.night(1, emptied(*names), code=4)
    assert "export " in said.messages
    assert site.state() == before
    assert site.night(2).target["counts"] == {}


WRONG: dict[str, tuple[Callable[[bytes], bytes], str]] = {
    "delta": (lambda c: c.replace(b"<type>full", b"<type>delta"), "line 3: this is a delta file"),
    "event": (lambda c: c.replace(b"<type>full", b"<type>event"), "set the export to full"),
    "doctype": (lambda c: c.replace(b"<enterprise", b'<!DOCTYPE e [<!ENTITY a "b">]><enterprise', 1), "DOCTYPE"),
    "latin-1": (lambda c: c.decode().encode("latin-1", "replace"), "encoding"),
    "damaged": (lambda c: c.decode().encode().decode("latin-1").encode(), "damaged by a wrong encoding"),
    "web page": (lambda _: b"<html><body>Log in</body></html>", "not <enterprise>"),
    "json": (lambda _: b'{"error": 401}', "line 1"),
    "nul": (lambda c: c.replace(b"Mones", b"Mo\0nes"), "line"),
    "no moment": (lambda c: c.replace(b"<datetime>2026", b"<datetime>MMXXVI"), "should be as 2026-08-17T02:00:00"),
}


@pytest.mark.parametrize("what", WRONG)
def test_a_file_that_is_not_a_whole_export_is_refused_with_what_would_be_right(site: Site, what: str) -> None:
    change, told = WRONG[what]
    assert told in broken(site, change).messages


def test_an_export_that_is_missing_or_a_folder_changes_nothing(site: Site) -> None:
    before = site.state()
    site.sis.unlink()
    assert "sis.xml does not exist" in site.run(1, code=4).messages
    site.sis.mkdir()
    assert "sis.xml cannot be read: Is a directory" in site.run(1, code=4).messages
    assert site.state() == before


def test_an_older_export_is_refused_and_yesterdays_is_no_new_night(site: Site) -> None:
    gone = without_group(group_of(etree.fromstring(site.pristine), SOUTH))
    site.night(5)
    before = site.entries()
    assert "older than what was read last (2026-11-28 02:00); fetch a new export" in site.night(4, code=4).messages
    for number in (6, 7, 8, 9):  # the same file, night after night
        site.export(5, gone)
        site.run(number, code=6)
    assert site.entries() == before


def test_an_export_from_the_future_is_not_believed(site: Site) -> None:
    site.export(1)
    site.sis.write_bytes(site.sis.read_bytes().replace(b"<datetime>2026", b"<datetime>2099"))
    assert "from 2099-11-24, which is yet to come; set the clock" in site.run(1, code=4).messages
    site.night(2)


# ── Parts of the export ──────────────────────────────────────────────────────────────────────────────────────────
def test_a_school_that_is_missing_keeps_everybody_for_any_number_of_nights(site: Site) -> None:
    before = site.entries()
    gone = without_group(group_of(etree.fromstring(site.pristine), SOUTH))
    for number in range(1, 6):
        said = site.night(number, gone, code=6)
    assert site.entries() == before
    (doubt,) = [s["doubt"] for s in said.json["schools"] if s["org"] == SOUTH]
    assert doubt == "the school is not in the export; if it closed for good, add it to closed_schools"
    assert len(said.target["held"]) > len(pupils(site, SOUTH))
    assert site.night(6).target["counts"] == {}


def test_a_class_that_is_missing_takes_nothing_from_anybody_until_it_is_proven_gone(site: Site) -> None:
    before = site.entries()
    said = site.night(1, without_group("s0002-2026-1-12"))
    (doubt,) = [s["doubt"] for s in said.json["schools"] if s["org"] == SOUTH]
    assert "is missing from the export" in doubt
    assert site.entries() == before
    assert site.night(2).target["counts"] == {}


def a_stranger_teaches(root: Export) -> None:
    membership = next(m for m in root.iterfind("{*}membership") if one(m, "sourcedid/id").text == "s0002-2026-1-12")
    teacher = deepcopy(one(membership, "member"))
    one(teacher, "sourcedid/id").text = "nobody-9"
    one(teacher, "role").set("roletype", "02")
    membership.append(teacher)


def test_a_teacher_who_is_in_no_list_is_told_with_the_class_and_costs_nobody_else(site: Site) -> None:
    before = site.entries()
    said = site.night(1, a_stranger_teaches, code=6)
    (issue,) = said.json["issues"]
    assert (issue["source"], issue["table"], issue["id"]) == ("pifu_ims", "enrollments", "nobody-9")
    assert "s0002-2026-1-12" in issue["reason"]
    assert said.target["held"] == []
    assert site.entries() == before
    assert site.night(2).json["issues"] == []


def unreadable(root: Export) -> None:
    for number, element in enumerate(root.iterfind("{*}person")):
        if number % 10 < 3:
            one(element, "name/n/family").text = ""


def test_a_file_with_thirty_per_cent_unreadable_rows_removes_nobody_in_any_number_of_nights(site: Site) -> None:
    before = site.entries()
    for number in range(1, 6):
        said = site.night(number, unreadable, code=6)
    assert site.entries() == before
    assert all("rows cannot be read" in s["doubt"] for s in said.json["schools"])
    assert "name/n/family is missing or empty (line 4)" in {i["reason"] for i in said.json["issues"]}
    assert site.night(6).target["counts"] == {}


def test_rows_without_an_id_prove_nothing_about_anybody(site: Site) -> None:
    def edit(root: Export) -> None:
        for sourced_id in pupils(site, SOUTH)[:3]:
            one(person(root, sourced_id), "sourcedid/id").text = ""

    before = site.entries()
    for number in range(1, 5):
        said = site.night(number, edit, code=6)
    assert site.entries() == before
    assert {s["doubt"] for s in said.json["schools"]} >= {"3 rows do not say whom they are about"}


NAMES = (
    "K" * 300,
    "*)(uid=*",
    "#Kari",
    "Smith+Jones, Jr",
    " Kari ",
    '=1+"1',
    "a\\b;<>",
    "王小明",
    "!",
    "\u202eN\u00a0N",
)


def test_names_of_any_kind_become_accounts_and_stay_as_they_are(fresh: Site) -> None:
    everybody = pupils(fresh, SOUTH)
    edits = [named(sourced_id, name, name) for sourced_id, name in zip(everybody, NAMES, strict=False)]
    assert fresh.night(0, *edits).target["counts"]["create"] > len(NAMES)
    entries = list(fresh.entries().values())
    shown = {value for held in entries for value in held.get("sn", ())}
    assert {"K" * 300, "*)(uid=*", "#Kari", "Smith+Jones, Jr", "Kari", "王小明", "N N"} <= shown
    usernames = {value for held in entries for value in held.get("uid", ())}
    assert all(name.isascii() and name.isalnum() and name == name.lower() for name in usernames)
    assert fresh.night(1, *edits).target["counts"] == {}


def test_a_name_that_is_no_name_holds_that_one_person_only(fresh: Site) -> None:
    one_person = pupils(fresh, SOUTH)[0]
    said = fresh.night(0, named(one_person, "N" * 3000, "N"), code=6)
    assert {i["id"] for i in said.json["issues"]} == {one_person}
    assert "name is longer than 2048 characters" in said.json["issues"][0]["reason"]
    assert fresh.night(1).target["counts"] == {"create": 1}


def test_two_people_with_one_identity_number_both_wait_until_it_is_corrected(fresh: Site) -> None:
    first, second, *_ = (p for p in pupils(fresh, SOUTH) if number_of(fresh, p))
    said = fresh.night(0, numbered(second, number_of(fresh, first)), code=6)
    reasons = {h["key"]: h["reason"] for h in said.target["held"]}
    assert set(reasons) == {f"account:{first}", f"account:{second}"}
    assert f"the same identity number as {second}; correct it in the SIS" in reasons[f"account:{first}"]
    assert fresh.night(1).target["counts"] == {"create": 2}


def test_an_account_whose_number_turns_up_twice_stays_as_it_was(site: Site) -> None:
    before = site.entries()
    first, second, *_ = (p for p in pupils(site, SOUTH) if number_of(site, p))
    for number in range(1, 5):
        said = site.night(number, numbered(second, number_of(site, first)), code=6)
    assert len(said.target["held"]) == 2
    assert site.entries() == before


# ── The supplements ──────────────────────────────────────────────────────────────────────────────────────────────
def rewritten(old: str, new: str) -> Callable[[Path], object]:
    return lambda path: path.write_text(path.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-5])


SUPPLEMENTS: dict[str, tuple[str, Callable[[Path], object], str]] = {
    "care missing": ("care.csv", Path.unlink, "care.csv cannot be read: No such file"),
    "care empty": ("care.csv", lambda path: path.write_text(""), "care.csv is empty"),
    "care cut": ("care.csv", cut, "may be cut"),
    "care flag": ("care.csv", rewritten(",1,,,", ",yes,,,"), "line 6, column protected: neither 1 (yes) nor 0 (no)"),
    "care header": ("care.csv", rewritten("protected", "hidden"), "line 1: no column protected"),
    "care encoding": ("care.csv", lambda p: p.write_bytes(p.read_bytes() + b"p\xe6,,1,,,\n"), "not UTF-8"),
    "people missing": ("people.csv", Path.unlink, "people.csv cannot be read"),
    "people without id": ("people.csv", rewritten("x0000001,", ","), "line 2, column sourced_id: empty"),
}


@pytest.mark.parametrize("what", SUPPLEMENTS)
def test_a_supplement_that_cannot_be_read_whole_stops_the_night(site: Site, what: str) -> None:
    name, change, told = SUPPLEMENTS[what]
    path, before = site.folder / "data" / name, site.state()
    good = path.read_bytes()
    change(path)
    site.export(1)
    said = site.run(1, code=4)
    assert told in said.messages
    assert name in said.messages
    assert site.state() == before, "and nobody who must not be seen was written"
    path.write_bytes(good)
    assert site.night(2).target["counts"] == {}


def test_a_bad_line_about_somebody_who_is_in_no_sis_costs_that_person_nothing(site: Site) -> None:
    before = site.entries()
    site.replace("data/people.csv", ("2027-07-31,1988", "31.07.2027,1988"))
    for number in range(1, 5):
        said = site.night(number, code=6)
    (issue,) = said.json["issues"]
    assert (issue["id"], issue["reason"]) == ("x0000001", "end: not a date as 2026-06-30 (line 2)")
    assert site.entries() == before


@pytest.mark.parametrize("name", ["care.csv", "people.csv", "exceptions.csv"])
def test_a_supplement_that_is_suddenly_empty_is_believed_only_on_somebodys_word(site: Site, name: str) -> None:
    path, before = site.folder / "data" / name, site.state()
    path.write_text(path.read_text(encoding="utf-8").splitlines()[0] + "\n", encoding="utf-8")
    said = site.night(1, code=4)
    assert f"provision approve {name} --reason" in said.messages
    assert site.state() == before
    site.cli("approve", name, "--reason", "so it is", "--json", code=0)
    site.night(2)


# ── A day that is wrong ──────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("wrong", ["2036-11-23", "2016-11-23"])
def test_a_day_typed_wrong_locks_nobody_out_and_the_right_one_restores_the_rest(site: Site, wrong: str) -> None:
    before = site.entries()
    site.export(1)
    for _ in range(4):
        said = site.cli("run", "--json", "--day", wrong)
    assert {change["change"] for change in said.target["changes"]} <= {"update"}
    told = [*said.target["waiting"], *said.target["held"]]
    assert {each["reason"].split(",")[0] for each in told} == {"missing 0 of 3 proven nights"}
    assert site.entries().keys() == before.keys()
    assert not any("pwdAccountLockedTime" in held for held in site.entries().values())
    assert site.night(2).target["waiting"] == []
    assert site.entries() == before


def test_care_for_somebody_who_is_not_in_the_sis_is_told_every_night_and_stops_nothing(site: Site) -> None:
    site.append("data/care.csv", "p-misspelt,,1,,,")
    for number in (1, 2):
        said = site.night(number)
        assert [(i["table"], i["id"]) for i in said.json["issues"]] == [("care", "p-misspelt")]
