"""What a person says yes to is done at once, from what was read last and what the targets hold now."""

import pytest

from provision.wiring import open_journal_of, open_place
from tests.app.edits import named, without
from tests.app.sites import NORTH, SOUTH, Said, Site, day, pupils
from tests.app.test_guarded_nights import held, locked

NIGHT = ("--day", str(day(3)))


@pytest.fixture
def leavers(site: Site) -> list[str]:
    """More of a school's pupils than may go unseen, of many classes."""
    return pupils(site, SOUTH)[4::7]


def approve(site: Site, hold: str, *more: str, code: int) -> Said:
    return site.cli("approve", hold, "--reason", "gone", "--json", *NIGHT, *more, code=code)


def test_it_is_carried_out_at_once_without_any_export(site: Site, leavers: list[str]) -> None:
    hold = held(site, without(leavers))
    site.sis.unlink()
    said = approve(site, hold, code=0)
    (target,) = said.json["run"]["targets"]
    assert (target["counts"], target["done"]) == ({"disable": len(leavers)}, {"done": len(leavers)})
    assert locked(site) == set(leavers)
    assert site.cli("status", "--json", code=0).json["holds"] == []


def test_it_says_what_was_approved_and_what_became_of_it(site: Site, leavers: list[str]) -> None:
    hold = held(site, without(leavers))
    told = site.cli("approve", hold, "--reason", "gone", *NIGHT, code=0).out
    assert f"Approved {hold}: {len(leavers)} changes" in told
    assert f"feide: {len(leavers)} disabled" in told


def test_a_delivery_that_nobody_has_read_yet_is_not_carried_out(site: Site, leavers: list[str]) -> None:
    hold = held(site, without(leavers))
    stays = pupils(site, SOUTH)[0]
    site.export(4, without(pupils(site, NORTH)), named(stays, "Nytt", "Navn"))
    approve(site, hold, code=0)
    assert locked(site) == set(leavers)
    assert not any("Nytt Navn" in held["cn"] for held in site.entries().values() if "cn" in held)


def test_the_targets_are_read_again(site: Site, leavers: list[str]) -> None:
    hold = held(site, without(leavers))
    text = site.ldif.read_text(encoding="utf-8")
    by_hand = next(entry for entry in text.split("\n\n") if f":localnin:{leavers[0]}\n" in entry)
    site.ldif.write_text(text.replace(f"{by_hand}\n\n", ""), encoding="utf-8")
    (target,) = approve(site, hold, code=0).json["run"]["targets"]
    assert target["done"] == {"done": len(leavers) - 1}, (
        "what somebody has taken away meanwhile is not there to be locked"
    )
    assert locked(site) == set(leavers[1:])


def test_a_run_once_a_night_still_counts_once(site: Site, leavers: list[str]) -> None:
    more = pupils(site, SOUTH)[:2]
    for number in (1, 2):
        site.night(number, without(leavers))
    (hold,) = site.night(3, without(leavers + more), code=5).target["holds"]
    approve(site, hold["hold"], code=0)
    waiting = {each["key"]: each["reason"] for each in site.plan(3).target["waiting"]}
    assert {key.partition(":")[2] for key in waiting} == set(more)
    assert all("missing 1 of 3" in reason for reason in waiting.values())


def test_where_nothing_is_kept_the_approval_stands_and_the_next_run_carries_it_out(
    site: Site, leavers: list[str]
) -> None:
    hold = held(site, without(leavers))
    for path in (site.folder / "var" / "kept" / "nightly").iterdir():
        path.unlink()
    said = approve(site, hold, code=4)
    assert "nothing is kept of pifu_ims" in said.messages
    assert f"{hold} is approved all the same; the next run carries it out" in said.messages
    assert locked(site) == set()
    assert site.night(4, without(leavers)).target["done"] == {"done": len(leavers)}


def test_while_another_run_is_at_work_the_approval_stands(site: Site, leavers: list[str]) -> None:
    hold = held(site, without(leavers))
    with open_journal_of(open_place(site.folder, "nightly")) as journal, journal.lease("another"):
        said = approve(site, hold, code=8)
    assert f"{hold} is approved all the same" in said.messages
    assert locked(site) == set()
    assert site.run(3).target["done"] == {"done": len(leavers)}


def test_the_word_on_something_odd_carries_nothing_out(site: Site, leavers: list[str]) -> None:
    held(site, without(leavers))
    runs = site.cli("status", "--json", code=0).json["runs"]
    site.cli("approve", "care.csv", "--reason", "looked at", code=0)
    assert site.cli("status", "--json", code=0).json["runs"] == runs
