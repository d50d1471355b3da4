"""What is possible but too odd to act on: nothing is done until somebody says that it is right."""

from pathlib import Path

import pytest

from tests.app.edits import rekeyed, without, without_number
from tests.app.sites import SOUTH, Site, protected, pupils

HEAD = "sourced_id,related_id,protected,responsible,lives_with,barred"


def care(site: Site, *lines: str) -> None:
    (site.folder / "data" / "care.csv").write_text("\n".join((HEAD, *lines, "")), encoding="utf-8")


def care_lines(site: Site) -> list[str]:
    return (site.folder / "data" / "care.csv").read_text(encoding="utf-8").splitlines()[1:]


def word(site: Site, subject: str) -> None:
    site.cli("approve", subject, "--reason", "looked at", code=0)


def people(site: Site) -> set[str]:
    return {dn for dn in site.entries() if dn.startswith("uid=")}


def test_an_emptied_care_file_uncovers_nobody_until_somebody_says_that_it_is_right(site: Site) -> None:
    hidden, before = protected(site), people(site)
    assert len(hidden) > 1
    care(site)
    for command in (site.plan, site.run):
        said = command(1, code=4)
        assert "care.csv says much less than last time" in said.messages
        assert "provision approve care.csv" in said.messages
    assert people(site) == before
    word(site, "care.csv")
    created = [c["key"] for c in site.night(1).target["changes"] if c["change"] == "create"]
    assert {f"account:{who}" for who in hidden} >= set(created) != set()


def test_one_person_may_be_freed_without_a_word(site: Site) -> None:
    freed = sorted(protected(site))[0]
    care(site, *(line for line in care_lines(site) if not line.startswith(f"{freed},,1")))
    site.night(1)


def barred(site: Site) -> list[str]:
    """The rows of care.csv, with every guardian in them barred."""
    return [line if line.split(",")[2] else f"{line.rstrip(',')},1" for line in care_lines(site)]


def test_guardians_who_are_no_longer_barred_are_believed_only_on_somebodys_word(site: Site) -> None:
    said = care_lines(site)
    care(site, *barred(site))
    site.night(1)
    care(site, *said)
    assert "says of much fewer guardians than last time" in site.run(1, code=4).messages
    word(site, "care.csv")
    site.run(1)


def test_one_guardian_may_be_allowed_without_a_word(site: Site) -> None:
    said = barred(site)
    care(site, *said)
    site.night(1)
    first = next(line for line in said if line.endswith(",1,1"))
    care(site, *(line if line != first else line[:-1] for line in said))
    site.run(1)


def test_a_flag_on_every_guardian_takes_nobody_out_until_somebody_says_that_it_is_right(site: Site) -> None:
    guardians = {line.split(",")[1] for line in care_lines(site)} - {""}
    site.append("data/care.csv", *(f"{who},,1,,," for who in guardians))
    assert "would take out a large part of everybody" in site.run(1, code=4).messages


def test_a_flag_on_every_row_takes_nobody_out_until_somebody_says_that_it_is_right(site: Site) -> None:
    before = people(site)
    site.append("data/care.csv", *(f"{who},,1,,," for who in pupils(site, SOUTH)))
    said = site.run(1, code=4)
    assert "would take out a large part of everybody" in said.messages
    assert people(site) == before


def test_an_emptied_people_file_removes_nobody_until_somebody_says_that_it_is_right(site: Site) -> None:
    file = site.folder / "data" / "people.csv"
    file.write_text(file.read_text(encoding="utf-8").splitlines()[0] + "\n", encoding="utf-8")
    assert "people.csv held people and now holds none" in site.run(1, code=4).messages
    word(site, "people.csv")
    site.night(1)


@pytest.mark.parametrize("how", ["gone", "empty"])
def test_a_directory_that_lost_everything_is_not_filled_anew_until_somebody_says_that_it_is_right(
    site: Site, how: str
) -> None:
    if how == "gone":
        site.ldif.unlink()
    else:
        site.ldif.write_text("version: 1\n", encoding="utf-8")
    files = set(_password_files(site))
    said = site.run(1, code=7)
    assert "holds none of the accounts that we made there" in said.target["failure"]
    assert set(_password_files(site)) == files
    assert people(site) == set()
    word(site, "feide")
    site.night(1)
    assert people(site) != set()


def test_a_word_is_for_one_thing_and_for_some_hours_only(site: Site) -> None:
    care(site)
    word(site, "people.csv")
    site.run(1, code=4)
    site.cli("approve", "care.csv", "--reason", "for an hour", "--hours", "1", code=0)
    site.night(1)


def test_withdrawals_wait_for_no_password_file(site: Site) -> None:
    hidden = pupils(site, SOUTH)[3]
    site.append("data/care.csv", f"{hidden},,1,,,")
    site.append("data/people.csv", f"x-99,Ny,Vikar,teacher,{SOUTH},2026-08-01,2027-06-30,1980-02-03,,")
    passwords = site.folder / "out" / "passwords"
    for path in passwords.iterdir():
        path.unlink()
    passwords.rmdir()
    passwords.write_text("in the way", encoding="utf-8")
    said = site.night(1, code=7)
    assert "first passwords cannot be handed over" in said.target["failure"]
    done = [c["key"] for c in said.target["changes"] if c["status"] == "done"]
    assert done == [f"account:{hidden}"]


def test_a_school_without_a_certificate_keeps_only_its_own_new_accounts_waiting(fresh: Site) -> None:
    certificates = fresh.folder / "certificates"
    certificates.mkdir()
    fresh.replace(
        "jobs/nightly.toml", ('folder = "out/passwords"', 'folder = "out/passwords"\ncertificates = "certificates"')
    )
    said = fresh.run(0, code=6)
    refused = {c["detail"] for c in said.target["changes"] if c["status"] == "rejected"}
    assert all("no certificate to encrypt first passwords to" in text for text in refused)
    assert len(refused) >= 2
    assert people(fresh) == set()
    assert any(dn.startswith("norEduOrgUnitUniqueIdentifier=") for dn in fresh.entries())


def test_two_ids_that_somebody_calls_one_person_become_one(site: Site) -> None:
    gone = pupils(site, SOUTH)[0]
    said = site.cli("adopt", "--same", f"{gone}=nobody", code=2)
    assert f"{gone} is still in the SIS" in said.err
    site.export(1, without([gone]))
    said = site.cli("adopt", "--same", f"{gone}=nobody", "--day", "2026-11-24", code=2)
    assert "nobody is not in the SIS" in said.err


def test_a_newcomer_who_looks_like_somebody_gone_waits_until_a_person_says_one_or_two(site: Site) -> None:
    gone, newcomer = pupils(site, SOUTH)[0], "ny-0001"
    said = site.night(1, rekeyed(gone, newcomer), without_number(newcomer), code=6)
    assert {h["key"] for h in said.target["held"]} == {f"account:{gone}", f"account:{newcomer}"}
    when = ("--day", "2026-11-24")
    told = site.cli("adopt", "--same", f"{gone}={newcomer}", "--json", *when, code=0).json
    assert told == {"format": 1, "same": [f"{gone}={newcomer}"], "distinct": []}
    before = people(site)
    (change,) = site.run(1).target["changes"]
    assert (change["change"], change["key"], change["status"]) == ("rekey", f"account:{newcomer}", "done")
    assert people(site) == before
    (change,) = site.run(1).target["changes"]
    assert (change["change"], change["fields"]) == ("update", ["norEduPersonNIN"])
    assert site.run(1).target["changes"] == []


def test_a_newcomer_who_is_said_to_be_nobody_else_gets_an_account_and_the_other_goes_the_usual_way(site: Site) -> None:
    gone, newcomer = pupils(site, SOUTH)[0], "ny-0001"
    edits = rekeyed(gone, newcomer), without_number(newcomer)
    site.night(1, *edits, code=6)
    site.cli("adopt", "--distinct", newcomer, "--day", "2026-11-24", code=0)
    before = people(site)
    (created,) = site.run(1).target["changes"]
    assert (created["change"], created["key"]) == ("create", f"account:{newcomer}")
    assert len(people(site) - before) == 1
    ended = [c for night in (2, 3) for c in site.night(night, *edits).target["changes"]]
    assert [(c["change"], c["key"]) for c in ended] == [("disable", f"account:{gone}")]


def test_status_and_approve_need_no_password_of_the_directory(site: Site) -> None:
    site.replace("jobs/nightly.toml", ('kind = "ldif"', 'kind = "ldap"'), ('path = "out/feide.ldif"', ""))
    assert "LDAP_PASSWORD" in site.cli("plan", code=3).err
    site.cli("status", code=0)
    site.cli("approve", "care.csv", "--reason", "looked at", code=0)


def _password_files(site: Site) -> list[Path]:
    return sorted((site.folder / "out" / "passwords").glob("*"))
