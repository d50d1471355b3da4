"""Targets and schools that are let in step by step, and freezes: what is planned, held, asked and told meanwhile."""

from datetime import UTC, datetime, time

import pytest
import time_machine

from tests.app.directories import InFile, a_person, containers
from tests.app.edits import joined, known_as, moved, placed_as, without
from tests.app.sites import NORTH, REALM, SOUTH, Site, carries, day, pupils
from tests.app.test_guarded_nights import locked
from tests.app.test_two_targets import enrolled, package, rows, users

JOB = "jobs/nightly.toml"
EXAMS = ("[[freezes]]", f"begin = {day(3)}", f"end = {day(9)}")


@pytest.fixture
def leavers(site: Site) -> list[str]:
    """More of a school's pupils than may go unseen, of many classes."""
    return pupils(site, SOUTH)[4::7]


def stage(site: Site, **targets: str) -> None:
    site.append(JOB, "[stages.targets]", *(f'{name} = "{each}"' for name, each in targets.items()))


def let_in(site: Site) -> None:
    path = site.folder / JOB
    path.write_text(path.read_text(encoding="utf-8").rpartition("[stages.targets]")[0], encoding="utf-8")


def closed_since(site: Site, *schools: str) -> None:
    site.append(JOB, *EXAMS, f"schools = [{', '.join(f'{school!r}' for school in schools)}]")


def levels(site: Site, target: str, code: int = 0) -> list[tuple[str, str]]:
    findings = site.cli("doctor", "--json", code=code).json["findings"]
    return [(each["level"], each["text"]) for each in findings if each["text"].startswith(f"{target}:")]


def test_what_is_held_during_a_freeze_is_shown_with_its_day_and_can_be_approved_after_it(
    site: Site, leavers: list[str]
) -> None:
    closed_since(site, SOUTH)
    for number in (1, 2):
        site.night(number, without(leavers))
    said = site.night(3, without(leavers))
    (hold,) = said.target["holds"]
    until = f"until {day(9)} ([[freezes]])"
    assert (hold["count"], hold["kept_back"], said.target["kept_back"]) == (len(leavers), until, len(leavers))
    with time_machine.travel(datetime.combine(day(3), time(6), UTC)):
        assert f"Kept back {until}" in " ".join(site.cli("status", code=0).out.split())
    shown = " ".join(site.cli("plan", "--day", str(day(3)), code=0).out.split())
    assert f"Kept back {until}" in shown
    refused = site.cli("approve", hold["hold"], "--reason", "gone", "--day", str(day(9)), "--json", code=2)
    assert refused.messages == f"{hold['hold']} is kept back {until}; approve it once that is over"
    (again,) = site.night(10, without(leavers), code=5).target["holds"]
    assert (again["hold"], again["kept_back"]) == (hold["hold"], None)
    site.cli("approve", hold["hold"], "--reason", "gone", "--day", str(day(10)), "--json", code=0)
    assert locked(site) == set(leavers)


def test_a_yes_from_before_a_freeze_is_not_used_up_and_the_hold_stays_in_sight(site: Site, leavers: list[str]) -> None:
    for number in (1, 2):
        site.night(number, without(leavers))
    (hold,) = site.night(3, without(leavers), code=5).target["holds"]
    site.cli("approve", hold["hold"], "--reason", "gone", "--later", "--hours", "168", "--json", code=0)
    closed_since(site, SOUTH)
    (kept,) = site.night(4, without(leavers)).target["holds"]
    assert (kept["hold"], bool(kept["kept_back"])) == (hold["hold"], True)
    assert [held["hold"] for held in site.cli("status", "--json", code=0).json["holds"]] == [kept["hold"]]
    assert locked(site) == set()
    assert site.night(10, without(leavers)).target["done"] == {"done": len(leavers)}, "then it counts"


def test_shadow_shows_the_holds_that_there_would_be_and_how_much_is_kept_back_and_writes_nothing(
    site: Site, leavers: list[str]
) -> None:
    stage(site, feide="shadow")
    before = site.state()
    for number in (1, 2):
        site.night(number, without(leavers))
    said = site.night(3, without(leavers))
    (hold,) = said.target["holds"]
    assert (hold["loss"], hold["count"]) == ("disable", len(leavers))
    assert hold["kept_back"] == "while feide is let in as shadow ([stages])"
    assert (said.target["counts"], said.target["kept_back"]) == ({"disable": len(leavers)}, len(leavers))
    assert site.state() == before
    assert "is let in as shadow" in site.cli("approve", hold["hold"], "--reason", "x", "--json", code=2).messages
    let_in(site)
    (same,) = site.run(3, code=5).target["holds"]
    assert same["hold"] == hold["hold"]


def test_what_is_added_at_a_school_goes_on_while_what_is_held_there_is_kept_back(
    site: Site, leavers: list[str]
) -> None:
    site.append(JOB, "[stages.schools]", f'{SOUTH} = "add-only"')
    for number in (1, 2):
        site.night(number, without(leavers))
    said = site.night(3, without(leavers), joined(pupils(site, SOUTH)[0], "newcomer"))
    assert (said.target["done"], said.target["kept_back"]) == ({"done": 1}, len(leavers))
    assert [hold["kept_back"] for hold in said.target["holds"]] == [f"while {SOUTH} is let in as add-only ([stages])"]
    assert locked(site) == set()


@pytest.mark.parametrize("closed", [SOUTH, NORTH], ids=["the new school", "the old school"])
def test_who_moves_while_a_school_stands_still_is_never_without_a_class(both: Site, closed: str) -> None:
    who, like = pupils(both, NORTH)[0], pupils(both, SOUTH)[0]
    before, other = enrolled(both, who), enrolled(both, like)
    assert before
    closed_since(both, closed)
    both.night(3, moved(who, like))
    assert enrolled(both, who) == (before if closed == SOUTH else before | other)
    both.night(10, moved(who, like))
    assert enrolled(both, who) == other


def test_where_only_is_added_whoever_moves_is_in_the_old_classes_as_well(both: Site) -> None:
    who, like = pupils(both, NORTH)[0], pupils(both, SOUTH)[0]
    before, other = enrolled(both, who), enrolled(both, like)
    stage(both, lms="add-only")
    both.night(1, moved(who, like))
    assert enrolled(both, who) == before | other
    let_in(both)
    both.night(2, moved(who, like))
    assert enrolled(both, who) == other


def test_who_comes_to_two_schools_of_which_one_stands_still_is_in_no_class_before_there_is_an_account(
    both: Site,
) -> None:
    here, there = pupils(both, SOUTH)[0], pupils(both, NORTH)[0]
    closed_since(both, NORTH)
    both.night(3, joined(here, "waits"), placed_as("waits", there), moved(pupils(both, SOUTH)[1], here))
    assert "waits" not in users(both)
    assert {row["userSourcedId"] for row in rows(both, "enrollments")} <= users(both).keys()
    both.night(10, joined(here, "waits"), placed_as("waits", there))
    assert enrolled(both, "waits") == enrolled(both, here) | enrolled(both, there)


def test_a_directory_that_is_off_is_asked_which_names_are_taken_and_nothing_else(both: Site) -> None:
    like = pupils(both, SOUTH)[0]
    InFile(both).put(a_person("nykpro", "En", "Annen"))
    stage(both, feide="off")
    before = both.ldif.read_bytes()
    said = both.night(1, joined(like, "newcomer"))
    assert [each["target"] for each in said.json["targets"]] == ["lms"]
    name = users(both)["newcomer"]["username"]
    assert name.startswith("nykpro")
    assert name != "nykpro", "somebody else has it in the directory"
    assert both.ldif.read_bytes() == before


def test_while_a_directory_that_is_off_cannot_be_asked_nobody_new_gets_a_name_and_the_rest_goes_on(both: Site) -> None:
    who, like = pupils(both, SOUTH)[:2]
    stage(both, feide="off")
    whole = both.ldif.read_bytes()
    both.ldif.write_bytes(whole.replace(b"dn: ", b"dm: ", 1))
    said = both.night(1, joined(like, "newcomer"), moved(who, pupils(both, NORTH)[0]), code=6)
    (lms,) = said.json["targets"]
    assert "feide is off, and cannot be asked which usernames are taken" in said.err
    reasons = {each["key"]: each["reason"] for each in lms["held"]}
    assert reasons == {"account:newcomer": "no new usernames while feide cannot be asked which are taken there"}
    assert enrolled(both, who) == enrolled(both, pupils(both, NORTH)[0])
    assert levels(both, "feide")[0][0] == "warn"
    both.ldif.write_bytes(whole)
    both.run(1)
    assert "newcomer" in users(both)


def test_a_package_that_is_off_is_not_asked_at_all(both: Site) -> None:
    stage(both, lms="off")
    package(both).write_bytes(b"no zip")
    said = both.night(1, joined(pupils(both, SOUTH)[0], "newcomer"))
    assert [each["target"] for each in said.json["targets"]] == ["feide"]
    assert "lms" not in said.err
    assert any(carries(held, "newcomer") for held in both.entries().values())
    assert levels(both, "lms") == [("ok", "lms: off ([stages]), hence not looked at")]
    (feide, lms) = both.cli("explain", "newcomer", "--json", "--day", str(day(1)), code=0).json["targets"]
    assert (feide["active"], lms["active"], lms["fields"]) == (True, None, [])
    assert lms["verdict"] == "off ([stages]), hence not looked at"


def test_the_doctor_fails_on_no_directory_that_is_off(both: Site) -> None:
    stage(both, feide="off")
    assert levels(both, "feide") == [("ok", "feide: off ([stages]), and only asked which usernames are taken there")]
    both.ldif.write_text("dm: no ldif\n\n", encoding="utf-8")
    [(level, text)] = levels(both, "feide")
    assert level == "warn"
    assert "does not say which names it has" in text


def test_the_doctor_names_schools_that_no_run_has_found(both: Site) -> None:
    both.append(JOB, "[owners]", 'all = "a"', f'{SOUTH} = "b"', '974588145 = "c"')
    findings = both.cli("doctor", "--json", code=0).json["findings"]
    assert [each["text"] for each in findings if each["level"] == "warn" and "names" in each["text"]] == [
        "owners names 974588145, which no run has found in the SIS"
    ]


@pytest.mark.parametrize("first", ["shadow", "off"])
def test_nothing_is_adopted_in_a_directory_that_is_not_written_yet(fresh: Site, first: str) -> None:
    fresh.export(0, known_as(pupils(fresh, SOUTH)[0], f"gammel@{REALM}"))
    InFile(fresh).put(*containers(), a_person("gammel", "En", "Gammel"))
    stage(fresh, feide=first)
    today = ("--day", str(day(0)))
    shown = fresh.cli("adopt", "--json", *today)
    (target,) = shown.json["targets"]
    assert (target["stage"], bool(target["adopt"])) == (first, first == "shadow")
    before = fresh.ldif.read_bytes()
    told = " ".join(fresh.cli("adopt", *today, code=shown.code).out.split())
    if first == "off":
        assert "feide: off ([stages]), hence not looked at" in told
        return
    assert shown.code in {0, 6}, "nothing waits for an approval"
    assert "Nothing is stamped while [stages] has feide as shadow" in told
    refused = fresh.cli("adopt", "--approve", shown.json["digest"], *today, "--json", code=2)
    assert "let it in as add-only or full, look again, and approve then" in refused.messages
    assert fresh.ldif.read_bytes() == before
    let_in(fresh)
    stage(fresh, feide="add-only")
    again = fresh.cli("adopt", "--json", *today)
    assert again.code == 5
    fresh.cli("adopt", "--approve", again.json["digest"], *today, "--json", code=0)
    assert fresh.ldif.read_bytes() != before
