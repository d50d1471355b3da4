"""People with address protection are nowhere, and nothing that anybody can see says why."""

import pytest
from lxml import etree

from tests.app.edits import group_of, rekeyed, renumbered, without_group
from tests.app.sites import SOUTH, Site, carries, day, protected, pupils


def traces(site: Site, sourced_id: str) -> list[str]:
    return [
        dn for dn, held in site.entries().items() if any(sourced_id in v for values in held.values() for v in values)
    ]


WORDS = ("protect", "kode 6", "kode 7", "strengt", "fortrolig", "withdraw", "withheld", "care.csv")


def silent(site: Site, sourced_id: str, night: int) -> None:
    """Nothing that is said of this person, or kept for showing, says why they are not there."""
    when = ["--day", str(day(night))]
    explain = ("explain", sourced_id, *when)
    for command in (("plan", "--all", *when), ("plan", "--json", *when), explain, (*explain, "--json"), ("status",)):
        said = site.cli(*command)
        told = (said.out + said.err).replace(str(site.folder), "").lower()
        assert not [word for word in WORDS if word in told], command
    log = (site.folder / "var" / "log" / "provision.jsonl").read_text(encoding="utf-8")
    assert sourced_id not in log


def test_a_protected_person_is_never_written(site: Site) -> None:
    for sourced_id in protected(site):
        assert traces(site, sourced_id) == []
        assert sourced_id not in "".join(
            path.read_text() for path in (site.folder / "out").rglob("*") if path.is_file()
        )
        silent(site, sourced_id, 0)


@pytest.mark.parametrize("school_gone", [False, True], ids=["all is well", "the school is unproven"])
def test_whoever_becomes_protected_is_taken_out_the_same_night(site: Site, *, school_gone: bool) -> None:
    hidden = pupils(site, SOUTH)[3]
    assert traces(site, hidden) != []
    site.append("data/care.csv", f"{hidden},,1,,,")
    edits = [without_group(group_of(etree.fromstring(site.pristine), SOUTH))] if school_gone else []
    said = site.night(1, *edits, code=6 if school_gone else 0)
    (change,) = said.target["changes"]
    assert (change["change"], change["key"], change["status"]) == ("disable", f"account:{hidden}", "done")
    assert traces(site, hidden) == []
    silent(site, hidden, 1)
    assert site.night(2, *edits, code=said.code).target["changes"] == []


def test_protection_follows_an_announced_id(site: Site) -> None:
    hidden = min(protected(site))
    for number in (1, 2):
        site.night(number, renumbered(hidden, "ny-0001"))
        assert traces(site, hidden) + traces(site, "ny-0001") == []
    site.night(3, rekeyed(hidden, "ny-0001"))
    assert traces(site, "ny-0001") == [], "also when it is not announced any more"


NOTHING_ELSE = "nothing was done but withdrawals"


@pytest.mark.parametrize("somebody", [True, False], ids=["somebody newly protected", "nobody"])
def test_without_its_source_a_run_takes_out_who_may_not_wait_and_says_the_same_as_any_other(
    site: Site, *, somebody: bool
) -> None:
    hidden, before = pupils(site, SOUTH)[3], site.entries()
    stays = {dn for dn, held in before.items() if not carries(held, hidden)}
    if somebody:
        site.append("data/care.csv", f"{hidden},,1,,,")
    whole = site.sis.read_bytes()
    site.sis.write_bytes(whole[: len(whole) // 2])
    said = site.run(1, code=4)
    first, last = said.json["error"]["messages"]
    assert "sis.xml" in first
    assert last == NOTHING_ELSE
    assert hidden not in said.out + said.err
    after = site.entries()
    assert after == ({dn: before[dn] for dn in stays} if somebody else before)
    (latest, *_) = site.cli("status", "--json", code=0).json["runs"]
    assert (latest["exit_code"], latest["summary"]) == (4, {"error": first.replace(f" --site {site.folder}", "")})
    assert site.night(2).target["counts"] == {}


def test_a_plan_without_its_source_writes_nothing(site: Site) -> None:
    site.append("data/care.csv", f"{pupils(site, SOUTH)[3]},,1,,,")
    site.sis.unlink()
    before = site.entries()
    assert NOTHING_ELSE not in site.plan(1, code=4).messages
    assert site.entries() == before


def test_a_care_file_that_nobody_believes_yet_takes_out_nobody_without_a_source_either(site: Site) -> None:
    before = site.entries()
    site.append("data/care.csv", *(f"{who},,1,,," for who in pupils(site, SOUTH)))
    for gone in (False, True):
        if gone:
            site.sis.unlink()
        site.run(1, code=4)
        assert site.entries() == before


def test_without_its_source_a_target_that_is_down_too_changes_nothing_about_the_message(site: Site) -> None:
    hidden, directory = pupils(site, SOUTH)[3], site.ldif.read_bytes()
    site.append("data/care.csv", f"{hidden},,1,,,")
    site.sis.unlink()
    site.ldif.write_bytes(b"dn: \n\nthis is none")
    said = site.run(1, code=4)
    assert said.json["error"]["messages"][-1] == NOTHING_ELSE
    assert "feide is unavailable" in said.err
    site.ldif.write_bytes(directory)
    site.run(1, code=4)
    assert traces(site, hidden) == []
