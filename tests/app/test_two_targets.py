"""One job, two targets: each gets its own, one that fails leaves the other alone, and people are the same in both."""

import csv
import io
from pathlib import Path
from zipfile import ZipFile

from tests.app.edits import (
    Export,
    joined,
    named,
    new_ids,
    numbered,
    one,
    person,
    rekeyed,
    renumbered,
    without,
    without_number,
)
from tests.app.sites import DAY, SOUTH, Said, Site, carries, protected, pupils

TABLES = ("users", "roles", "classes", "enrollments", "orgs")
Rows = list[dict[str, str]]


def package(site: Site) -> Path:
    return site.folder / "out" / "oneroster.zip"


def rows(site: Site, table: str) -> Rows:
    with ZipFile(package(site)) as opened:
        return list(csv.DictReader(io.StringIO(opened.read(f"{table}.csv").decode())))


def users(site: Site) -> dict[str, dict[str, str]]:
    return {row["sourcedId"]: row for row in rows(site, "users")}


def enrolled(site: Site, sourced_id: str) -> set[str]:
    return {row["classSourcedId"] for row in rows(site, "enrollments") if row["userSourcedId"] == sourced_id}


def counts(said: Said) -> dict[str, dict[str, int]]:
    return {each["target"]: each["counts"] for each in said.json["targets"]}


def in_directory(site: Site, sourced_id: str) -> bool:
    return any(carries(held, sourced_id) for held in site.entries().values())


def test_both_hold_the_same_people_under_the_same_names(both: Site) -> None:
    staff_and_pupils = {who: row for who, row in users(both).items() if not row["username"].startswith("guardian_")}
    names = {min(held["uid"]) for held in both.entries().values() if "uid" in held}
    assert {row["username"] for row in staff_and_pupils.values()} == names
    assert all(row["enabledUser"] == "true" for row in staff_and_pupils.values())
    who = pupils(both, SOUTH)[0]
    assert enrolled(both, who)
    assert not protected(both) & users(both).keys()


def test_a_second_run_plans_nothing_and_touches_no_file(both: Site) -> None:
    before = {path: path.stat().st_mtime_ns for path in (package(both), both.ldif)}
    assert counts(both.run(0)) == {"feide": {}, "lms": {}}
    assert {path: path.stat().st_mtime_ns for path in before} == before


def test_guardians_are_those_whom_care_csv_calls_responsible(both: Site) -> None:
    with (both.folder / "data" / "care.csv").open(encoding="utf-8", newline="") as fh:
        care = list(csv.DictReader(fh))
    responsible = {row["related_id"] for row in care if row["responsible"] == "1" and row["barred"] != "1"}
    told = {who for who, row in users(both).items() if row["username"].startswith("guardian_")}
    assert told
    assert told <= responsible
    agents = {agent for row in users(both).values() for agent in row["agentSourcedIds"].split(",") if agent}
    assert told <= agents <= users(both).keys()


def test_a_package_that_cannot_be_read_leaves_the_directory_alone(both: Site) -> None:
    who = pupils(both, SOUTH)[0]
    package(both).write_bytes(package(both).read_bytes()[:-40])
    broken = package(both).read_bytes()
    said = both.night(1, rekeyed(who, "new-pupil"), code=7)
    failed = {each["target"]: each["failure"] for each in said.json["targets"]}
    assert failed["feide"] is None
    assert "oneroster.zip" in failed["lms"]
    assert package(both).read_bytes() == broken
    package(both).unlink()
    assert counts(both.run(1, code=None))["feide"] == {}


def test_a_directory_that_cannot_be_read_leaves_the_package_alone(both: Site) -> None:
    gone = pupils(both, SOUTH)[0]
    whole = both.ldif.read_text(encoding="utf-8")
    both.ldif.write_text(whole.replace("dn: ", "dm: ", 1), encoding="utf-8")
    for night in (1, 2, 3):
        said = both.night(night, without([gone]), code=7)
    assert counts(said)["lms"] == {"disable": 1}
    assert users(both)[gone]["enabledUser"] == "false"
    assert enrolled(both, gone) == set()
    both.ldif.write_text(whole, encoding="utf-8")
    assert counts(both.night(4, without([gone]))) == {"feide": {"disable": 1}, "lms": {}}


def test_a_new_pupil_waits_for_a_name_while_the_directory_cannot_be_asked_and_not_while_the_package_cannot(
    both: Site,
) -> None:
    whole, kept = both.ldif.read_text(encoding="utf-8"), package(both).read_bytes()
    who = pupils(both, SOUTH)[0]
    both.ldif.write_text(whole.replace("dn: ", "dm: ", 1), encoding="utf-8")
    both.night(1, joined(who, "newcomer"), code=7)
    assert "newcomer" not in users(both)
    both.ldif.write_text(whole, encoding="utf-8")
    package(both).write_bytes(b"no zip")
    both.night(2, joined(who, "newcomer"), code=7)
    assert in_directory(both, "newcomer")
    package(both).write_bytes(kept)
    both.run(2)
    assert "newcomer" in users(both)


def test_who_becomes_protected_is_taken_out_of_both_at_once(both: Site) -> None:
    who = pupils(both, SOUTH)[0]
    both.append("data/care.csv", f"{who},,1,,,")
    both.night(1)
    assert not in_directory(both, who)
    for table in TABLES:
        assert not [row for row in rows(both, table) if who in ",".join(row.values()).replace("/", ",").split(",")]


def test_a_new_id_that_the_sis_announces_is_followed_in_both(both: Site) -> None:
    who = pupils(both, SOUTH)[0]
    before, name = enrolled(both, who), users(both)[who]["username"]
    said = both.night(1, renumbered(who, "new-id"))
    assert counts(said) == {"feide": {"rekey": 1}, "lms": {"rekey": 1}}
    assert (enrolled(both, "new-id"), users(both)["new-id"]["username"]) == (before, name)
    assert counts(both.run(1)) == {"feide": {}, "lms": {}}


def test_a_newcomer_who_looks_like_somebody_gone_waits_in_both_until_a_person_says_who_it_is(both: Site) -> None:
    who = pupils(both, SOUTH)[0]
    before = enrolled(both, who)
    said = both.night(1, rekeyed(who, "new-id"), without_number("new-id"), code=6)
    assert counts(said) == {"feide": {}, "lms": {}}
    assert "new-id" not in users(both)
    both.cli("adopt", "--same", f"{who}=new-id", "--day", "2026-11-24", code=0)
    both.run(1)
    assert enrolled(both, "new-id") == before
    assert who not in users(both)


def test_explain_tells_of_both_and_which_classes_somebody_is_in(both: Site) -> None:
    who = pupils(both, SOUTH)[0]
    said = both.cli("explain", who, "--day", "2026-11-23", "--json", code=0)
    fields = {t["target"]: {f["name"]: f for f in t["fields"]} for t in said.json["targets"]}
    assert fields.keys() == {"feide", "lms"}
    assert fields["lms"]["classes"]["wanted"] == fields["lms"]["classes"]["actual"]
    assert len(fields["lms"]["classes"]["actual"]) == len(enrolled(both, who))


def test_an_id_that_the_sis_gives_to_somebody_else_changes_neither(both: Site) -> None:
    who = pupils(both, SOUTH)[0]
    entries, row = both.entries(), users(both)[who]

    def another(root: Export) -> None:
        numbered(who, "17870995040")(root)
        named(who, "Helt", "Annensen")(root)
        one(person(root, who), "demographics/bday").text = "2013-07-07"

    said = both.night(1, another, code=6)
    held = {each["target"]: [h["key"] for h in each["held"]] for each in said.json["targets"]}
    assert held == {"feide": [f"account:{who}"], "lms": [f"account:{who}"]}
    assert both.entries() == entries
    assert users(both)[who] == row


def test_a_guardian_is_explained_by_the_name_in_the_package_and_has_a_place(both: Site) -> None:
    who, name = next((who, row["username"]) for who, row in users(both).items() if "guardian_" in row["username"])
    both.night(1)
    said = both.cli("explain", name.upper(), "--day", "2026-11-24", "--json", code=0)
    assert (said.json["person"], said.json["username"]) == (who, name)
    assert said.json["last_seen"] == "2026-11-24"
    assert said.json["findings"] == []


def test_a_year_and_the_term_that_lasts_as_long_have_names_of_their_own(both: Site) -> None:
    titles = [row["title"] for row in rows(both, "academicSessions")]
    assert {"2026/2027", "Hele året 2026/2027"} <= set(titles)
    assert len(set(titles)) == len(titles)


def test_what_was_made_is_counted_by_kind(both: Site) -> None:
    package(both).unlink()
    both.cli("approve", "lms", "--reason", "made anew", code=0)
    planned = both.cli("plan", "--day", str(DAY), code=0).out
    done = both.cli("run", "--day", str(DAY), code=0).out
    guardians = sum("guardian_" in row["username"] for row in users(both).values())
    told = f"{len(users(both)) - guardians} people, {guardians} guardians, {len(rows(both, 'classes'))} classes"
    assert told in planned
    assert told in done


def test_the_status_says_why_a_target_did_nothing(both: Site) -> None:
    package(both).write_bytes(b"no zip")
    failure = next(t["failure"] for t in both.night(1, code=7).json["targets"] if t["target"] == "lms")
    told = both.cli("status", code=0).out.splitlines()[1]
    assert f"feide: 0 changes, lms: unavailable: {failure.partition('`')[0]}" in told


def test_when_everybody_gets_a_new_id_guardians_keep_their_accounts_too(both: Site) -> None:
    """Those of whom the SIS says enough to know them again."""
    before = {row["username"]: row["enabledUser"] for row in users(both).values()}
    said = both.night(1, new_ids("x-"), code=5)
    words = said.json["relinking"].split()
    both.cli("approve", words[words.index("approve") + 1], "--reason", "a merger", "--day", str(DAY), code=0)
    assert {row["username"]: row["enabledUser"] for row in users(both).values()} == before
    assert counts(both.night(2, new_ids("x-"))) == {"feide": {}, "lms": {}}


def test_while_it_is_not_known_who_the_guardians_are_nobody_is_told_of_them_anew(both: Site) -> None:
    """Their old accounts stay, and so do the pupils' links to them."""
    guardians = sorted(who for who, row in users(both).items() if row["username"].startswith("guardian_"))
    before = users(both)
    anew = [rekeyed(who, f"x-{number}") for number, who in enumerate([*guardians, *pupils(both, SOUTH)[-6:]])]
    said = both.night(1, *anew, code=5)
    assert said.json["relinking"]
    assert counts(said) == {"feide": {}, "lms": {}}
    assert users(both) == before


def test_care_under_an_id_that_somebody_had_is_not_taken_for_misspelt(both: Site) -> None:
    with (both.folder / "data" / "care.csv").open(encoding="utf-8", newline="") as fh:
        told = [row["sourced_id"] for row in csv.DictReader(fh) if row["related_id"]]
    pupil = next(who for who in told if who in users(both))
    before = both.run(0).json["issues"]
    assert both.night(1, rekeyed(pupil, "y-1")).json["issues"] == before
