"""What people are told of a night, of what waits for them, and of somebody: no less and no more than is true."""

import re
from collections.abc import Callable

import pytest

from tests.app.edits import joined, named, new_ids, without
from tests.app.sites import NORTH, SOUTH, Said, Site, day, pupils
from tests.app.test_new_ids import acts_as
from tests.app.test_protect_and_block import guardians_of, nowhere, say
from tests.app.test_two_targets import users


def text(site: Site, *command: str, number: int = 0, code: int | None = None) -> str:
    on = () if command[0] == "status" or "--list" in command else ("--day", str(day(number)))
    return site.cli(*command, *on, code=code).out


def nights_of_leavers(site: Site, numbers: range) -> None:
    for number in numbers:
        site.export(number, without(pupils(site, SOUTH)[4::7]))
        site.run(number, code=None)


# Holds and proposals


def test_of_a_hold_that_takes_two_the_first_yes_is_told_wherever_the_hold_is(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.replace("jobs/nightly.toml", ("[policy]\n", "[policy]\ntwo_people_above = 1\n"))
    nights_of_leavers(site, range(1, 4))
    (hold,) = (each["hold"] for each in site.plan(3, code=5).target["holds"])
    assert [each["yes"] for each in site.plan(3, code=5).target["holds"]] == [[]]
    assert "of 2 yes" not in text(site, "plan", number=3) + text(site, "status")
    acts_as(monkeypatch, 1)
    site.cli("approve", hold, "--reason", "they moved", "--later", code=5)
    for said in (text(site, "plan", number=3), text(site, "status"), text(site, "run", number=3)):
        assert re.search(r"1 of 2 yes, by daemon\S*; a second person must approve", said), said
    for held in (site.run(3, code=5).target["holds"], site.cli("status", "--json", code=0).json["holds"]):
        assert [name.partition("@")[0] for each in held for name in each["yes"]] == ["daemon"]
    acts_as(monkeypatch, 2)
    site.cli("approve", hold, "--reason", "they moved", "--later", code=0)
    assert re.search(r"yes, by bin\S*, daemon\S*; the next run carries it out", text(site, "status"))
    assert "yes" not in text(site, "run", number=3, code=0) + text(site, "status")


def test_new_ids_for_all_are_proposed_by_the_plan_with_the_run_that_must_come_first(site: Site) -> None:
    site.export(1, new_ids("x-"))
    planned = text(site, "plan", number=1, code=5)
    first = planned.index("First, since `approve` goes by what a run has read and kept: provision run nightly --site")
    (proposal,) = set(re.findall(r"R-[0-9a-f]{8}", planned))
    assert first < planned.index(f"provision approve {proposal}")
    too_early = site.cli("approve", proposal, "--reason", "a merger", "--day", str(day(1)), code=2)
    assert "this goes by what the last run read; where the SIS has said more since: provision run" in too_early.err
    site.run(1, code=5)
    assert "First" not in text(site, "plan", number=1, code=5)
    assert "First" not in text(site, "run", number=1, code=5)
    assert site.cli("approve", proposal, "--reason", "a merger", "--day", str(day(1)), code=0)


def test_new_ids_for_all_are_told_by_the_status_until_somebody_has_decided(site: Site) -> None:
    assert site.cli("status", "--json", code=0).json["relinking"] is None
    site.night(1, new_ids("x-"), code=5)
    said = site.cli("status", "--json", code=0).json["relinking"]
    assert said in text(site, "status").replace(f" --site {site.folder}", "") or said in text(site, "status")
    (proposal,) = set(re.findall(r"R-[0-9a-f]{8}", text(site, "status")))
    site.cli("approve", proposal, "--reason", "a merger", "--day", str(day(1)), code=0)
    assert site.cli("status", "--json", code=0).json["relinking"] is None
    assert "R-" not in text(site, "status")


def test_while_the_export_is_old_what_has_its_day_still_happens_as_is_said(fresh: Site) -> None:
    fresh.replace("data/people.csv", ("staff,300010105,2026-08-01,", "staff,300010105,2026-11-26,"))
    gone = pupils(fresh, SOUTH)[0]
    fresh.night(0)
    fresh.night(1, without([gone]))
    said = text(fresh, "run", number=4, code=0)
    assert "3 days ago" in said
    assert "what has its day in the export, such as a beginning or the end of a class, still happens on it" in said
    assert "feide: 1 created" in said
    assert "no further night counts for those who are missing" in said
    assert f"waits: {gone}: missing 1 of 3 proven nights" in said


# What a run will do of somebody


def last_lines(site: Site, who: str, number: int) -> list[str]:
    """What `explain` ends with, of each target and in all."""
    said = text(site, "explain", who, number=number, code=0)
    return [
        line
        for line in said.splitlines()
        if line.startswith(("A run", "feide: ", "lms: ")) and "should have" not in line
    ]


def a_new_name(site: Site) -> str:
    (who, *_) = pupils(site, SOUTH)
    site.export(1, named(who, "Nyere", "Namn"))
    return who


def test_a_run_is_recommended_where_it_changes_something(both: Site) -> None:
    (last,) = last_lines(both, a_new_name(both), 1)
    assert last.startswith("A run puts right what differs in feide and lms: provision run nightly --site")


def test_a_run_is_recommended_for_a_new_place_in_a_class(both: Site) -> None:
    model = pupils(both, SOUTH)[0]
    both.export(1, joined(model, "ny-0001"))
    assert "feide and lms: provision run" in last_lines(both, "ny-0001", 1)[0]


def test_a_run_is_not_recommended_where_nothing_differs(both: Site) -> None:
    assert last_lines(both, pupils(both, SOUTH)[0], 0) == ["A run changes nothing here."]


def test_of_somebody_blocked_is_said_how_that_ends_and_not_that_a_run_opens_it(both: Site) -> None:
    who = a_new_name(both)
    say(both, "block", who)
    said = text(both, "explain", who, number=1, code=0)
    assert f"when that is over: `provision block {who} --end --site" in said
    assert last_lines(both, who, 1) == ["A run changes nothing here."]


def test_of_somebody_held_is_said_who_must_say_yes(site: Site) -> None:
    nights_of_leavers(site, range(1, 4))
    who = pupils(site, SOUTH)[4]
    (hold,) = (each["hold"] for each in site.plan(3, code=5).target["holds"])
    (last,) = last_lines(site, who, 3)
    assert last.startswith(f"feide: waits for a yes: look with `provision plan nightly --hold {hold} --site")
    assert f"provision approve {hold} --reason" in last


@pytest.mark.parametrize(
    ("added", "lms", "feide"),
    [
        (('[stages.targets]\nlms = "shadow"',), "kept back by [stages] or [[freezes]]", "A run puts right"),
        (('[stages.targets]\nlms = "off"',), "waits until [stages] of the job let it in", "A run puts right"),
        (("[[freezes]]", "begin = 2026-11-20", "end = 2026-11-30"), "kept back by", "feide: kept back by"),
    ],
    ids=["shadow", "off", "frozen"],
)
def test_of_what_stages_and_freezes_keep_back_no_run_is_recommended(
    both: Site, added: tuple[str, ...], lms: str, feide: str
) -> None:
    who = a_new_name(both)
    both.append("jobs/nightly.toml", *added)
    lines = last_lines(both, who, 1)
    assert any(line.startswith(f"lms: {lms}") for line in lines), lines
    assert any(line.startswith(feide) for line in lines), lines
    assert not any("and lms: provision run" in line for line in lines), lines


def test_of_somebody_who_waits_is_said_that_a_run_changes_nothing_yet(site: Site) -> None:
    who = pupils(site, SOUTH)[4]
    site.night(1, without([who]))
    site.export(2, without([who]))
    assert last_lines(site, who, 2) == ["feide: waits until its time has come"]


def test_a_target_that_cannot_be_planned_for_is_what_must_be_mended(site: Site) -> None:
    site.ldif.write_text("", encoding="utf-8")
    (last,) = last_lines(site, pupils(site, SOUTH)[0], 0)
    assert last.startswith("feide: unavailable: it holds none of the accounts that we made there")


# Whose word stands


def test_who_is_blocked_is_listed_with_since_when_by_whom_and_why_until_it_ends(both: Site) -> None:
    first, second = pupils(both, SOUTH)[3:5]
    assert both.cli("block", "--list", code=0).out == "0 people are blocked\n"
    say(both, "block", first, "--reason", "a stolen phone", "--by", "the head")
    say(both, "block", second)
    say(both, "block", first, "--reason", "stolen still", "--by", "the deputy")
    listed = both.cli("block", "--list", "--json", code=0).json
    assert [(each["id"], each["reason"]) for each in listed["standing"]] == [(first, "stolen still"), (second, "")]
    assert listed["standing"][0]["by"] == "the deputy"
    assert listed["standing"][0]["since"] < listed["standing"][1]["since"], "since it was said first"
    shown = both.cli("block", "--list", code=0).out
    assert re.search(rf"{first}, since \d\d\.\d\d\.\d{{4}} \d\d:\d\d, by the deputy: stolen still\n", shown)
    assert f"provision block {second} --end --site" in shown
    assert "2 people are blocked, the first since" in text(both, "status")
    say(both, "block", first, "--end")
    say(both, "block", second, "--end")
    assert both.cli("status", "--json", code=0).json["blocked"] == {"count": 0, "since": None}
    assert "blocked" not in text(both, "status")


@pytest.mark.parametrize(("number", "told"), [(0, "fewer than 5"), (1, "fewer than 5"), (4, "fewer than 5"), (5, "5")])
def test_of_the_protected_only_how_many_words_stand_is_told_and_few_are_masked(
    site: Site, number: int, told: str
) -> None:
    them = pupils(site, SOUTH)[:number]
    for who in them:
        say(site, "protect", who)
    shown = site.cli("protect", "--list", code=0).out
    assert shown.startswith(f"{told} of these words stand")
    document = site.cli("protect", "--list", "--json", code=0).json
    assert (document["count"], document["standing"]) == (number if number >= 5 else None, [])
    assert not [who for who in them if who in shown]


def test_whoever_is_named_by_no_word_is_asked_for(site: Site) -> None:
    assert "block whom? Give the id that the SIS uses, or a username; or --list" in site.cli("block", code=2).err


@pytest.mark.parametrize("measure", ["protect", "block"])
def test_the_run_of_a_word_is_recorded_as_a_night_on_which_nothing_happens(both: Site, measure: str) -> None:
    both.night(1, without(pupils(both, NORTH)[:1]))
    quiet = both.run(1)
    assert [t["counts"] for t in quiet.json["targets"]] == [{}, {}]
    say(both, measure, pupils(both, SOUTH)[3], night=1)
    said, before, *_ = both.cli("status", "--json", code=0).json["runs"]
    names = ("job", "mode", "day", "status", "exit_code", "summary")
    assert {name: said[name] for name in names} == {name: before[name] for name in names}
    shown, as_before = (re.sub(r"\S+  run", "run", line) for line in text(both, "status").splitlines()[1:3])
    assert shown[20:] == as_before[20:]


def test_the_run_of_a_word_before_any_night_is_recorded_as_one_too(fresh: Site) -> None:
    fresh.cli("plan", "--day", str(day(0)), code=0)
    said = site_of_a_word(fresh)
    assert [(run["exit_code"], run["summary"]["targets"]["feide"]["done"]) for run in said] == [(0, {})]
    assert "feide: 0 changes" in text(fresh, "status")


def site_of_a_word(site: Site) -> list[dict[str, dict[str, dict[str, dict[str, str]]]]]:
    """The runs after a word on somebody who is only known from `adopt --distinct`."""
    who = pupils(site, SOUTH)[0]
    site.cli("adopt", "--distinct", who, "--day", str(day(0)), code=0)
    say(site, "protect", who)
    runs: list[dict[str, dict[str, dict[str, dict[str, str]]]]] = site.cli("status", "--json", code=0).json["runs"]
    return runs


def test_a_night_that_holds_something_is_repeated_by_the_run_of_a_word(site: Site) -> None:
    nights_of_leavers(site, range(1, 4))
    say(site, "protect", pupils(site, SOUTH)[0], night=3)
    said, before, *_ = site.cli("status", "--json", code=0).json["runs"]
    assert said["exit_code"] == before["exit_code"] == 5
    assert said["summary"]["targets"]["feide"]["holds"] == before["summary"]["targets"]["feide"]["holds"] != []


# Who is meant

COMMANDS: tuple[Callable[[Site, str, int], Said], ...] = (
    lambda site, person, code: site.cli("explain", person, "--day", str(day(0)), code=code),
    lambda site, person, code: site.cli("explain", "--all", person, "--day", str(day(0)), code=code),
    lambda site, person, code: site.cli("protect", person, "--day", str(day(0)), code=code),
    lambda site, person, code: site.cli("block", person, "--day", str(day(0)), code=code),
)


@pytest.mark.parametrize("how", [lambda _, name: name, lambda _, name: name.upper(), lambda who, _: who])
@pytest.mark.parametrize("command", COMMANDS)
def test_a_guardian_is_meant_by_the_id_and_by_what_the_learning_platform_calls_them(
    both: Site, command: Callable[[Site, str, int], Said], how: Callable[[str, str], str]
) -> None:
    guardian = min(guardians_of(both, next(who for who in users(both) if guardians_of(both, who))))
    name = users(both)[guardian]["username"]
    assert name != guardian
    command(both, how(guardian, name), 0)


@pytest.mark.parametrize("command", COMMANDS)
def test_the_key_under_which_a_guardian_is_sighted_means_nobody(
    both: Site, command: Callable[[Site, str, int], Said]
) -> None:
    guardian = min(guardians_of(both, next(who for who in users(both) if guardians_of(both, who))))
    said = command(both, f"guardian {guardian}", 2)
    assert "nobody is known under this" in said.err
    assert f"guardian {guardian}" not in said.err


def test_a_guardian_is_protected_by_what_the_learning_platform_calls_them(both: Site) -> None:
    guardian = min(guardians_of(both, next(who for who in users(both) if guardians_of(both, who))))
    say(both, "protect", users(both)[guardian]["username"])
    assert nowhere(both, guardian)
    assert guardian not in users(both)
