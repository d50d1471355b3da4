"""What a school loses at once is held until somebody says yes to exactly that; everything else goes on."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from tests.app.edits import Edit, named, named_as, rekeyed, renumbered, without, without_number
from tests.app.sites import SOUTH, Site, carries, day, pupils


@pytest.fixture
def leavers(site: Site) -> list[str]:
    """More of a school's pupils than may go unseen, of many classes."""
    return pupils(site, SOUTH)[4::7]


def held(site: Site, *edits: Edit) -> str:
    """Three nights with these edits; the hold that they end in."""
    for number in (1, 2):
        site.night(number, *edits)
    (hold,) = site.night(3, *edits, code=5).target["holds"]
    return str(hold["hold"])


def locked(site: Site) -> set[str]:
    """The SIS ids of those who cannot log in."""
    entries = site.entries().values()
    return {lin.rpartition(":")[2] for h in entries if "pwdAccountLockedTime" in h for lin in h["norEduPersonLIN"]}


def test_more_leavers_than_may_go_are_held_after_three_nights_and_the_rest_is_done(
    site: Site, leavers: list[str]
) -> None:
    stays = pupils(site, SOUTH)[0]
    for number in (1, 2):
        assert len(site.night(number, without(leavers)).target["waiting"]) == len(leavers)
    said = site.night(3, without(leavers), named(stays, "Nytt", "Navn"), code=5)
    (hold,) = said.target["holds"]
    assert (hold["org"], hold["loss"], hold["count"], hold["limit"]) == (SOUTH, "disable", len(leavers), 5)
    assert (hold["role"], hold["cause"]) == ("student", "vanished")
    assert said.target["done"] == {"done": 1}, "the new name went through"
    assert locked(site) == set()


def test_half_a_school_gone_is_no_proof_until_it_is_the_schools_size_and_then_it_is_held(site: Site) -> None:
    half = pupils(site, SOUTH)[:25]
    for number in (1, 2, 3):
        said = site.night(number, without(half), code=6)
        (doubt,) = {school["doubt"] for school in said.json["schools"] if school["org"] == SOUTH}
        assert doubt.startswith("25 of "), number
        assert said.target["counts"] == {}
    for number in (4, 5):
        assert len(site.night(number, without(half)).target["waiting"]) == 25
    (hold,) = site.night(6, without(half), code=5).target["holds"]
    assert (hold["count"], hold["limit"]) == (25, 0), "whole classes are among them"
    assert "all of class" in hold["likely"]
    assert locked(site) == set()


def test_a_hold_says_who_is_to_decide(site: Site, leavers: list[str]) -> None:
    site.append("jobs/nightly.toml", "[owners]", 'all = "Skole-IT"', f'{SOUTH} = "rektor"')
    held(site, without(leavers))
    assert site.cli("status", "--json", code=0).json["holds"][0]["owner"] == "rektor"
    assert "To decide: rektor" in site.cli("status", code=0).out
    assert "To decide: rektor" in site.cli("plan", "--day", str(day(3)), code=5).out


def test_a_hold_can_be_looked_at_and_approved_and_then_exactly_that_is_done(site: Site, leavers: list[str]) -> None:
    hold = held(site, without(leavers))
    looked = site.cli("plan", "--hold", hold.lower(), "--day", str(day(3)), code=5)
    gone = "gone without a reason in the SIS; missing 3 of 3 proven nights"
    assert all(f"disable {sourced_id}: {gone}" in looked.out for sourced_id in leavers)
    assert hold in site.cli("status", code=0).out
    approved = site.cli("approve", hold, "--reason", "moved to another municipality", "--later", "--json", code=0)
    assert (approved.json["hold"], approved.json["changes"]) == (hold, len(leavers))
    assert site.night(4, without(leavers)).target["done"] == {"done": len(leavers)}
    assert locked(site) == set(leavers)
    assert site.night(5, without(leavers)).target["counts"] == {}
    assert site.cli("status", "--json", code=0).json["holds"] == []


def test_those_who_come_back_have_their_old_account_with_its_old_password(site: Site, leavers: list[str]) -> None:
    before = site.entries()
    site.cli("approve", held(site, without(leavers)), "--reason", "gone", "--later", code=0)
    site.night(4, without(leavers))
    assert site.night(5).target["counts"] == {"enable": len(leavers)}
    assert site.entries() == before


def test_an_approval_is_good_once(site: Site, leavers: list[str]) -> None:
    site.cli("approve", held(site, without(leavers)), "--reason", "gone", "--later", code=0)
    site.night(4, without(leavers))
    site.night(5)
    for number in (6, 7):
        site.night(number, without(leavers))
    site.night(8, without(leavers), code=5)
    assert locked(site) == set()


def test_an_approval_that_has_expired_allows_nothing(site: Site, leavers: list[str]) -> None:
    hold = held(site, without(leavers))
    site.cli("approve", hold, "--reason", "gone", "--hours", "1", "--later", code=0)
    with time_machine.travel(datetime.now(UTC) + timedelta(minutes=61)):
        assert site.night(4, without(leavers), code=5).target["done"] == {}
    assert locked(site) == set()


def test_an_approved_set_that_has_grown_is_refused(site: Site, leavers: list[str]) -> None:
    more = pupils(site, SOUTH)[:3]
    site.night(1, without(leavers))
    for number in (2, 3):
        said = site.night(number, without(leavers + more), code=5 if number == 3 else 0)
    hold = str(said.target["holds"][0]["hold"])
    site.cli("approve", hold, "--reason", "gone", "--later", code=0)
    (grown,) = site.night(4, without(leavers + more), code=5).target["holds"]
    assert (grown["count"], grown["hold"] != hold) == (len(leavers) + 3, True)
    assert locked(site) == set()
    site.cli("approve", hold, "--reason", "gone", code=2)


def test_an_approved_set_that_has_shrunk_goes(site: Site, leavers: list[str]) -> None:
    site.cli("approve", held(site, without(leavers)), "--reason", "gone", "--later", code=0)
    assert site.night(4, without(leavers[:6])).target["done"] == {"done": 6}
    assert locked(site) == set(leavers[:6])


def test_few_leavers_need_nobody_and_are_kept_until_the_retention_time_is_over(site: Site) -> None:
    gone = pupils(site, SOUTH)[:2]
    for number in (1, 2, 3):
        said = site.night(number, without(gone))
    assert said.target["counts"] == {"disable": 2}
    for number in (4, 180, 181, 182):
        assert site.night(number, without(gone)).target["counts"] == {}
    assert site.night(183, without(gone)).target["counts"] == {"delete": 2}
    said = site.night(184)
    assert said.target["counts"] == {"create": 2}


def test_a_username_is_not_given_to_anybody_else_after_its_account_is_gone(site: Site) -> None:
    gone, other = pupils(site, SOUTH)[:2]
    (username,) = next(held["uid"] for held in site.entries().values() if carries(held, gone))
    for number in (1, 2, 3, 181, 182, 183):
        said = site.night(number, without([gone, other]))
    assert said.target["counts"] == {"delete": 2}
    heir = [named_as(other, gone), rekeyed(other, "ny-0001"), without_number("ny-0001"), without([gone])]
    assert site.night(184, *heir).target["counts"] == {"create": 1}
    (name,) = next(held["uid"] for held in site.entries().values() if carries(held, "ny-0001"))
    assert name != username
    assert name.startswith(username.rstrip("0123456789"))


def test_an_announced_id_keeps_username_dn_and_password(site: Site) -> None:
    old = pupils(site, SOUTH)[7]
    before = site.entries()
    (dn,) = [dn for dn, held in before.items() if carries(held, old)]
    said = site.night(1, renumbered(old, "ny-0001"))
    assert said.target["counts"] == {"rekey": 1}
    for number in (2, 3, 4, 5):
        assert site.night(number, renumbered(old, "ny-0001")).target["counts"] == {}
    after = site.entries()
    assert after.keys() == before.keys()
    assert {name for name in before[dn] if before[dn][name] != after[dn][name]} == {"norEduPersonLIN"}
    assert carries(after[dn], "ny-0001")


def test_an_id_that_changes_unannounced_waits_for_a_look_where_there_is_no_identity_number(site: Site) -> None:
    old = pupils(site, SOUTH)[7]
    before = site.entries()
    said = site.night(1, rekeyed(old, "ny-0001"), without_number("ny-0001"), code=6)
    reasons = {waits["key"]: waits["reason"] for waits in said.target["held"]}
    assert set(reasons) == {"account:ny-0001", f"account:{old}"}
    assert reasons["account:ny-0001"].startswith(f"looks like {old}, who is no longer in the SIS")
    assert site.entries() == before
