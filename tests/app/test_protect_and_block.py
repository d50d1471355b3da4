"""`protect` and `block` act at once, whatever is down; nothing that is ever written says whom they are about."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from lxml import etree

from provision.wiring import open_journal_of, open_place
from tests.app.edits import group_of, one, placed_as, renumbered, texts, without_group
from tests.app.sites import SOUTH, Held, Said, Site, carries, day, hashed_as, pupils
from tests.app.test_two_targets import enrolled, in_directory, package, users


@pytest.fixture
def who(both: Site) -> str:
    return pupils(both, SOUTH)[3]


def say(site: Site, measure: str, person: str, *more: str, night: int = 0, code: int = 0) -> Said:
    return site.cli(measure, person, "--json", "--day", str(day(night)), *more, code=code)


def entry(site: Site, sourced_id: str) -> Held:
    return next(held for held in site.entries().values() if carries(held, sourced_id))


def nowhere(site: Site, sourced_id: str) -> bool:
    listed = sourced_id in users(site) or enrolled(site, sourced_id)
    return not listed and not in_directory(site, sourced_id)


def others(site: Site, sourced_id: str) -> tuple[dict[str, Held], set[str]]:
    """Everybody else, in both targets."""
    held = {dn: each for dn, each in site.entries().items() if not carries(each, sourced_id)}
    return held, users(site).keys() - {sourced_id}


def guardians_of(site: Site, sourced_id: str) -> set[str]:
    """Those of whom the learning platform is told as this pupil's guardians."""
    return set(users(site)[sourced_id]["agentSourcedIds"].split(",")) - {""}


def is_locked(site: Site, sourced_id: str) -> bool:
    there = entry(site, sourced_id)
    gone = not there.keys() & {"eduPersonEntitlement", "eduPersonAffiliation", "eduPersonOrgUnitDN"}
    return (
        "pwdAccountLockedTime" in there
        and gone
        and users(site)[sourced_id]["enabledUser"] == "false"
        and not enrolled(site, sourced_id)
    )


def sis_gone(site: Site) -> None:
    site.sis.unlink()


def care_gone(site: Site) -> None:
    (site.folder / "data" / "care.csv").unlink()


def care_odd(site: Site) -> None:
    """Many are protected all of a sudden: nobody has said yet that this is right."""
    site.append("data/care.csv", *(f"{pupil},,1,,," for pupil in pupils(site, SOUTH)[10:40]))


def nothing_kept(site: Site) -> None:
    site.sis.unlink()
    shutil.rmtree(site.folder / "var" / "kept")


def kept_damaged(site: Site) -> None:
    site.sis.unlink()
    for path in (site.folder / "var" / "kept" / "nightly").iterdir():
        path.write_bytes(path.read_bytes()[:-3])


def all_well(site: Site) -> None:
    pass


TROUBLE = (all_well, sis_gone, care_gone, care_odd, nothing_kept, kept_damaged)


@pytest.mark.parametrize("trouble", TROUBLE)
def test_a_protected_person_is_out_of_every_target_at_once_and_nobody_else_is(
    both: Site, who: str, trouble: Callable[[Site], None]
) -> None:
    trouble(both)
    before, guardians = others(both, who), guardians_of(both, who)
    said = say(both, "protect", who)
    assert [(t["target"], t["failure"]) for t in said.json["targets"]] == [("feide", None), ("lms", None)]
    assert all(t["done"].get("done") for t in said.json["targets"])
    assert any("made by hand" in step for step in said.json["by_hand"])
    assert nowhere(both, who)
    directory, lms = others(both, who)
    assert directory == before[0]
    assert before[1] - lms <= guardians


@pytest.mark.parametrize("trouble", TROUBLE)
def test_a_blocked_person_is_locked_out_everywhere_at_once_and_nothing_else_happens(
    both: Site, who: str, trouble: Callable[[Site], None]
) -> None:
    trouble(both)
    before, password = others(both, who), entry(both, who)["userPassword"]
    say(both, "block", who)
    assert is_locked(both, who)
    assert entry(both, who)["userPassword"] == password
    assert others(both, who) == before


def test_a_protected_person_stays_out_and_comes_back_under_the_same_name(both: Site, who: str) -> None:
    name, old = next(iter(entry(both, who)["uid"])), entry(both, who)["userPassword"]
    say(both, "protect", who)
    assert [t["counts"] for t in both.night(1).json["targets"]] == [{}, {}]
    assert nowhere(both, who)
    say(both, "protect", who, "--end", night=1)
    assert nowhere(both, who), "the next run makes it anew"
    both.night(2)
    assert entry(both, who)["uid"] == {name}
    assert entry(both, who)["userPassword"] != old
    (stored,) = entry(both, who)["userPassword"]
    assert hashed_as(stored, both.passwords()[name])
    assert enrolled(both, who)


def test_a_blocked_person_stays_locked_and_has_the_same_account_afterwards(both: Site, who: str) -> None:
    before, classes, row = both.entries(), enrolled(both, who), users(both)[who]
    say(both, "block", who)
    for number in (1, 2, 200):
        assert [t["counts"] for t in both.night(number).json["targets"]] == [{}, {}]
    assert is_locked(both, who)
    say(both, "block", who, "--end", night=200)
    assert [t["counts"]["enable"] for t in both.night(201).json["targets"]] == [1, 1]
    assert both.entries() == before
    assert enrolled(both, who) == classes
    assert users(both)[who] == row


def test_a_username_says_whom_as_well(both: Site, who: str) -> None:
    (name,) = entry(both, who)["uid"]
    say(both, "block", name.upper())
    assert is_locked(both, who)


@pytest.mark.parametrize("measure", ["protect", "block"])
def test_a_target_that_is_down_keeps_the_others_from_nothing_and_is_done_first_next_time(
    both: Site, who: str, measure: str
) -> None:
    whole = package(both).read_bytes()
    package(both).write_bytes(whole[:100])
    said = say(both, measure, who, code=7)
    assert [bool(t["failure"]) for t in said.json["targets"]] == [False, True]
    assert (not in_directory(both, who)) if measure == "protect" else "pwdAccountLockedTime" in entry(both, who)
    package(both).write_bytes(whole)
    first = both.night(1).json["targets"][1]["changes"][0]
    assert (first["change"], first["key"], first["status"]) == ("disable", f"account:{who}", "done")
    assert nowhere(both, who) if measure == "protect" else is_locked(both, who)


@pytest.mark.parametrize("measure", ["protect", "block"])
def test_while_another_run_is_at_work_the_word_stands_and_the_next_run_begins_with_it(
    both: Site, who: str, measure: str
) -> None:
    with open_journal_of(open_place(both.folder, "nightly")) as journal, journal.lease("another"):
        said = say(both, measure, who, code=8)
    assert "the word stands all the same; the next run begins with it" in said.messages
    assert in_directory(both, who)
    both.night(1)
    assert nowhere(both, who) if measure == "protect" else is_locked(both, who)


def test_a_block_asks_no_budget_and_no_proof(both: Site) -> None:
    many = pupils(both, SOUTH)[:12]
    missing = without_group(group_of(etree.fromstring(both.pristine), SOUTH))
    with open_journal_of(open_place(both.folder, "nightly")) as journal, journal.lease("another"):
        for each in many:
            say(both, "block", each, code=8)
    said = both.night(1, missing, code=6)
    assert not any(t["holds"] for t in said.json["targets"])
    assert all(is_locked(both, each) for each in many)
    assert not is_locked(both, pupils(both, SOUTH)[20])


@pytest.mark.parametrize("measure", ["protect", "block"])
def test_the_word_follows_an_announced_id(both: Site, who: str, measure: str) -> None:
    say(both, measure, who)
    both.night(1, renumbered(who, "ny-0001"))
    both.night(2, renumbered(who, "ny-0001"))
    assert nowhere(both, "ny-0001")
    assert nowhere(both, who) if measure == "protect" else is_locked(both, who)


def test_both_words_on_one_person_are_two_and_each_ends_by_itself(both: Site, who: str) -> None:
    say(both, "block", who)
    say(both, "protect", who)
    assert nowhere(both, who)
    say(both, "protect", who, "--end")
    both.night(1)
    assert nowhere(both, who), "whoever is blocked gets no account"
    say(both, "block", who, "--end", night=1)
    both.night(2)
    assert in_directory(both, who)


@pytest.mark.parametrize("measure", ["protect", "block"])
def test_guardians_of_nobody_else_go_with_a_protected_pupil_and_stay_with_a_blocked_one(
    both: Site, measure: str
) -> None:
    of = {who: guardians for who in users(both) if (guardians := guardians_of(both, who))}
    child = next(w for w, each in of.items() if not each & set().union(*(of[v] for v in of if v != w)))
    say(both, measure, child)
    assert of[child] & users(both).keys() == (set() if measure == "protect" else of[child])
    both.night(1)
    assert of[child] & users(both).keys() == (set() if measure == "protect" else of[child])


@pytest.mark.parametrize("trouble", [nothing_kept, kept_damaged])
def test_while_nobody_knows_who_else_there_is_a_protected_pupil_goes_alone(
    both: Site, trouble: Callable[[Site], None]
) -> None:
    child = next(who for who in users(both) if guardians_of(both, who))
    guardians = guardians_of(both, child)
    trouble(both)
    say(both, "protect", child)
    assert nowhere(both, child)
    assert guardians <= users(both).keys(), "they may be there for somebody, or something, else"


@pytest.mark.parametrize("measure", ["protect", "block"])
def test_who_is_unknown_is_told_so_and_not_repeated(both: Site, measure: str) -> None:
    runs = both.cli("status", "--json", code=0).json["runs"]
    said = both.cli(measure, "17870995040", code=2)
    assert "nobody is known under this" in said.err
    assert "17870995040" not in said.err + said.out
    assert both.cli("status", "--json", code=0).json["runs"] == runs


@pytest.mark.parametrize("measure", ["protect", "block"])
def test_only_what_was_said_can_be_ended(both: Site, who: str, measure: str) -> None:
    assert "no such word stands" in both.cli(measure, who, "--end", code=2).err


def test_somebody_who_is_only_in_the_last_export_can_be_protected_before_they_have_a_place(both: Site) -> None:
    root = etree.fromstring(both.pristine)
    placed = {one(member, "sourcedid/id").text for member in root.iterfind("{*}membership/{*}member")}
    (newcomer, *_) = (p for p in texts(root, "person/sourcedid/id") if p not in placed and p not in users(both))
    say(both, "protect", newcomer)
    model = pupils(both, SOUTH)[0]
    both.night(1, placed_as(newcomer, model))
    assert nowhere(both, newcomer)


def test_what_stands_is_kept_sealed_with_every_word_of_one_length(both: Site, who: str) -> None:
    say(both, "protect", who, "--reason", "a letter of some length", "--by", "the head of the school")
    say(both, "block", pupils(both, SOUTH)[4])
    stored = Path(both.folder / "var" / "journal.db")
    with open_journal_of(open_place(both.folder, "nightly")) as journal, journal._store.read() as connection:
        sealed = connection.exec_driver_sql("select sealed from care_word").scalars().all()
    assert len(sealed) == 2
    assert len({len(each) for each in sealed}) == 1
    raw = stored.read_bytes() + b"".join(path.read_bytes() for path in stored.parent.glob("journal.db-*"))
    assert b"a letter of some length" not in raw
    assert b"head of the school" not in raw


@pytest.mark.parametrize("stage", ["shadow", "off"])
@pytest.mark.parametrize("measure", ["protect", "block"])
def test_a_target_that_is_not_written_yet_is_left_to_people_who_are_told_so(
    both: Site, who: str, measure: str, stage: str
) -> None:
    both.append("jobs/nightly.toml", "[stages.targets]", f'lms = "{stage}"')
    before = package(both).read_bytes()
    said = say(both, measure, who, code=6)
    assert [(t["target"], t["stage"], bool(t["done"])) for t in said.json["targets"]] == [
        ("feide", "full", True),
        ("lms", stage, False),
    ]
    assert said.json["by_hand"][0].startswith(f"lms is not written to ([stages] has it as {stage}): ")
    assert package(both).read_bytes() == before
    assert not in_directory(both, who) if measure == "protect" else "pwdAccountLockedTime" in entry(both, who)
    shown = both.cli(measure, pupils(both, SOUTH)[4], "--day", str(day(0)), code=6).out
    assert f"- {said.json['by_hand'][0]}" in shown.replace("\n", " ")
    (run, *_) = both.cli("status", "--json", code=0).json["runs"]
    assert run["exit_code"] == 0, "else the journal would tell such a run from any other"
