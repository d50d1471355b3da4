"""The SIS gives everybody new ids overnight: one proposal, and nobody is created or removed until somebody decides."""

import pwd

import pytest

from tests.app.edits import new_ids, rekeyed
from tests.app.sites import SOUTH, Site, day, pupils


@pytest.fixture
def before(site: Site) -> dict[str, frozenset[str]]:
    """Who had which username before the SIS changed the ids."""
    return usernames(site)


def acts_as(monkeypatch: pytest.MonkeyPatch, user: int) -> None:
    """As sudo leaves it behind for a user whom the system knows."""
    monkeypatch.setenv("SUDO_UID", str(user))
    monkeypatch.setenv("SUDO_USER", pwd.getpwuid(user).pw_name)


def usernames(site: Site) -> dict[str, frozenset[str]]:
    return {dn: held["norEduPersonLIN"] for dn, held in site.entries().items() if "norEduPersonLIN" in held}


def test_while_nobody_has_decided_nothing_but_the_question_happens(
    site: Site, before: dict[str, frozenset[str]]
) -> None:
    for number in (1, 2, 3, 4):
        said = site.night(number, new_ids("x-"), code=5)
        assert said.target["counts"] == {}, number
    assert usernames(site) == before
    told = site.cli("plan", "--day", str(day(4)), code=5)
    assert "the SIS seems to have given" in told.out
    assert "provision approve R-" in " ".join(told.out.split())


def test_one_yes_gives_everybody_their_own_account_under_the_new_id(
    site: Site, before: dict[str, frozenset[str]]
) -> None:
    said = site.night(1, new_ids("x-"), code=5)
    words = said.json["relinking"].split()
    proposal = words[words.index("approve") + 1]
    passwords = {dn: held.get("userPassword") for dn, held in site.entries().items()}
    approved = site.cli("approve", proposal, "--reason", "the vendor moved us", "--day", str(day(1)), "--json")
    assert approved.json["people"] > 50
    assert approved.json["run"]["relinking"] is None
    after = usernames(site)
    assert after.keys() == before.keys(), "nobody is there twice, and nobody is gone"
    others = {value for values in after.values() for value in values if "x-" not in value}
    assert others == {value for values in before.values() for value in values if ":x0" in value}, "who is in no SIS"
    assert {dn: held.get("userPassword") for dn, held in site.entries().items()} == passwords
    assert site.night(2, new_ids("x-")).target["counts"] == {}


def test_another_proposal_than_tonights_is_refused(site: Site) -> None:
    site.night(1, new_ids("x-"), code=5)
    refused = site.cli("approve", "R-00000000", "--reason", "in haste", "--day", str(day(1)), code=2)
    assert "is not proposed now" in refused.err


def test_so_many_people_take_the_yes_of_two(
    site: Site, before: dict[str, frozenset[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    site.replace("jobs/nightly.toml", ("[policy]\n", "[policy]\ntwo_people_above = 20\n"))
    said = site.night(1, new_ids("x-"), code=5)
    words = said.json["relinking"].split()
    yes = ("approve", words[words.index("approve") + 1], "--reason", "a merger", "--day", str(day(1)))
    for name in ("", "ola"):
        monkeypatch.setenv("SUDO_USER", name)  # who only says to be somebody else is not
        monkeypatch.delenv("SUDO_UID", raising=False)
        first = site.cli(*yes, code=5)
        assert "second person says it" in " ".join(first.out.split()), name
    assert usernames(site) == before
    acts_as(monkeypatch, 1)
    second = site.cli(*yes, "--json", code=0)
    assert second.json["run"]["relinking"] is None
    assert usernames(site).keys() == before.keys()
    assert usernames(site) != before


def test_in_the_night_of_new_ids_a_cut_list_of_the_protected_is_refused_as_in_any_other(site: Site) -> None:
    everybody = pupils(site, SOUTH)
    protected = everybody[2::9][:4]
    care = site.folder / "data" / "care.csv"
    kept = care.read_text(encoding="utf-8")
    care.write_text(kept + "".join(f"{who},,1,,,\n" for who in protected), encoding="utf-8")
    site.night(1)
    care.write_text(kept, encoding="utf-8")
    refused = site.night(2, new_ids("x-"), code=4)
    care.write_text(kept + "".join(f"{who},,1,,,\n" for who in protected), encoding="utf-8")
    assert site.night(3, new_ids("x-"), code=5).json["relinking"], "the whole list, by the ids of before, is none of it"
    assert "care.csv says much less than last time" in refused.err
    assert "approve care.csv" in refused.err


def test_a_few_new_ids_with_the_same_identity_number_are_followed_at_once(site: Site) -> None:
    """As when one person's row is made anew in the SIS."""
    who = pupils(site, SOUTH)[3]
    names = usernames(site)
    site.night(1, rekeyed(who, "y-1"))
    after = usernames(site)
    assert after.keys() == names.keys()
    assert sum("y-1" in value for values in after.values() for value in values) == 1
