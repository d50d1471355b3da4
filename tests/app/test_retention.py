"""Who is gone from everywhere is forgotten when the time is over, and nothing that was written names them any more."""

import gzip
import json
import re
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, time

import pytest
import time_machine
from lxml import etree

from provision.wiring import open_journal_of, open_place
from tests.app.edits import Edit, Export, joined, named, one, person, texts, without
from tests.app.sites import SOUTH, Said, Site, carries, day, pupils
from tests.app.test_two_targets import package


def at(number: int) -> time_machine.travel:
    return time_machine.travel(datetime.combine(day(number), time(12), UTC))


def night(site: Site, number: int, *edits: Edit, code: int = 0) -> Said:
    with at(number):
        return site.night(number, *edits, code=code)


def retention(site: Site, number: int, *more: str, code: int = 0) -> Said:
    with at(number):
        return site.cli("retention", "--json", *more, code=code)


@pytest.fixture
def who(both: Site) -> str:
    return pupils(both, SOUTH)[3]


@pytest.fixture
def deleted(both: Site, who: str) -> Site:
    """A site that had somebody, locked them out and deleted them, all on record."""
    both.replace("jobs/nightly.toml", ("retention_days = 180", "retention_days = 10"))
    kept_for(both, before_images=20, runs=30, people=40, passwords=25, log=20)
    night(both, 1, named(who, "Kjærstin", "Øverås Åsgård"))
    for number in (2, 3, 4):
        night(both, number, without([who]))
    night(both, 14, without([who]))
    assert not [dn for dn, held in both.entries().items() if carries(held, who)]
    return both


def kept_for(site: Site, **days: int) -> None:
    path = site.folder / "jobs" / "nightly.toml"
    text = path.read_text(encoding="utf-8")
    for what, number in days.items():
        text, found = re.subn(rf"^{what}_days = [0-9]+", f"{what}_days = {number}", text, flags=re.MULTILINE)
        assert found == 1, what
    path.write_text(text, encoding="utf-8")


def without_places(who: str) -> Edit:
    """Still in the SIS, and nowhere in it."""

    def edit(root: Export) -> None:
        for member in list(root.iterfind("{*}membership/{*}member")):
            if one(member, "sourcedid/id").text == who:
                parent = member.getparent()
                assert parent is not None
                parent.remove(member)

    return edit


def username(site: Site, sourced_id: str) -> str:
    with open_journal_of(open_place(site.folder, "nightly")) as journal:
        return next(name for name, owner in journal.usernames().items() if owner == sourced_id)


def everything(site: Site) -> Iterator[tuple[str, str]]:
    """What stands in every file that the program wrote, packed or not."""
    for path in (site.folder / "var").rglob("*"):
        if path.is_file():
            raw = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
            yield str(path.relative_to(site.folder)), raw.decode("utf-8", "replace")
    for path in (site.folder / "out" / "passwords").glob("*"):
        yield str(path.relative_to(site.folder)), path.read_text(encoding="utf-8")


def names(site: Site, *wanted: str) -> dict[str, list[str]]:
    """By file, which of these it holds, also as JSON writes them."""
    forms = {form for each in wanted for form in (each, json.dumps(each)[1:-1])}
    found = {place: sorted(form for form in forms if form in text) for place, text in everything(site)}
    return {place: each for place, each in found.items() if each}


def test_nothing_of_somebody_who_is_forgotten_is_left_in_anything_that_was_written(deleted: Site, who: str) -> None:
    name = username(deleted, who)
    before = names(deleted, who, name, "Øverås Åsgård")
    assert {"var/journal.db"} <= before.keys()
    night(deleted, 55, without([who]), code=0)
    said = retention(deleted, 55)
    assert said.json["people"] == 1
    assert said.json["left"] == {}
    assert said.json["erased"]["usernames"] == 1
    assert said.json["erased"]["changes"]
    assert said.json["erased"]["files of first passwords"]
    assert names(deleted, who, name, "Øverås Åsgård") == {}
    assert deleted.cli("status", "--json", code=0).json["audit"] is None


def test_who_comes_back_under_the_same_id_gets_the_same_name_and_nobody_else_ever_does(deleted: Site, who: str) -> None:
    name, like = username(deleted, who), pupils(deleted, SOUTH)[4]
    (told,) = texts(person(etree.fromstring(deleted.pristine), who), "name/fn")
    given, _, family = told.rpartition(" ")
    night(deleted, 55, without([who]))
    retention(deleted, 55)
    night(deleted, 56, without([who]), joined(like, "ny-1"), named("ny-1", given, family))
    assert username(deleted, "ny-1") == f"{name}2"
    night(deleted, 57, joined(like, "ny-1"), named(who, "Helt", "Annerledes"))
    (entry,) = (held for held in deleted.entries().values() if carries(held, who))
    assert entry["uid"] == {name}
    assert username(deleted, who) == name


def test_nobody_is_forgotten_a_day_too_early(deleted: Site, who: str) -> None:
    for number in (53, 54):
        night(deleted, number, without([who]))
        assert retention(deleted, number).json["people"] == 0
    assert username(deleted, who)


def test_a_rehearsal_says_who_and_how_much_and_changes_nothing(deleted: Site, who: str) -> None:
    night(deleted, 55, without([who]))
    before = dict(everything(deleted))
    said = retention(deleted, 55, "--dry-run")
    assert said.json["due"] == [who]
    assert dict(everything(deleted)).keys() == before.keys()
    assert username(deleted, who)
    real = retention(deleted, 55)
    assert (real.json["people"], real.json["erased"]) == (said.json["people"], said.json["erased"])
    assert real.json["due"] == []


def test_while_a_target_cannot_be_asked_nobody_is_forgotten(deleted: Site, who: str) -> None:
    night(deleted, 55, without([who]))
    whole = package(deleted).read_bytes()
    package(deleted).write_bytes(whole[:100])
    said = retention(deleted, 55, code=7)
    assert said.json["people"] == 0
    assert list(said.json["failures"]) == ["lms"]
    assert any("lms must be asked even while it is off" in note for note in said.json["notes"])
    assert any("gone for good" in note and "take it out of the job" in note for note in said.json["notes"])
    assert username(deleted, who)
    package(deleted).write_bytes(whole)
    assert retention(deleted, 55).json["people"] == 1


def test_while_a_target_holds_none_of_our_accounts_nobody_is_forgotten(deleted: Site, who: str) -> None:
    night(deleted, 55, without([who]))
    package(deleted).unlink()
    said = retention(deleted, 55, code=7)
    assert "none of the accounts" in said.json["failures"]["lms"]
    assert username(deleted, who)


def test_who_is_in_a_target_of_another_job_is_not_forgotten(deleted: Site, who: str) -> None:
    shutil.copy(deleted.folder / "jobs" / "nightly.toml", deleted.folder / "jobs" / "weekly.toml")
    deleted.replace("jobs/weekly.toml", ('path = "out/feide.ldif"', 'path = "out/other.ldif"'))
    night(deleted, 55, without([who]))
    held, other = deleted.ldif.read_bytes(), deleted.folder / "out" / "other.ldif"
    other.write_bytes(held.replace(f"localnin:{pupils(deleted, SOUTH)[5]}".encode(), f"localnin:{who}".encode()))
    assert retention(deleted, 55).json["people"] == 0
    other.write_bytes(held)
    assert retention(deleted, 55).json["people"] == 1


def test_of_whom_a_word_stands_is_not_forgotten_until_it_is_ended(deleted: Site, who: str) -> None:
    night(deleted, 55, without([who]))
    with at(55):
        deleted.cli("block", who, "--json", code=0)
    assert retention(deleted, 55).json["people"] == 0
    with at(55):
        deleted.cli("block", who, "--end", "--json", code=0)
    said = retention(deleted, 55).json
    assert (said["people"], said["erased"]["words"]) == (1, 2)


def test_while_no_night_has_looked_nobody_is_forgotten(deleted: Site, who: str) -> None:
    assert retention(deleted, 120).json["people"] == 0
    assert "nothing has been read" in " ".join(retention(deleted, 120).json["notes"])
    assert username(deleted, who)


def test_who_is_still_in_the_sis_is_never_forgotten(both: Site) -> None:
    before = len(_usernames(both))
    for number in (1, 60, 120):
        night(both, number)
    assert retention(both, 120).json["people"] == 0
    assert len(_usernames(both)) == before


def test_who_is_in_what_was_last_read_is_not_forgotten_though_they_have_no_place(deleted: Site, who: str) -> None:
    night(deleted, 55, without_places(who))
    assert retention(deleted, 55).json["people"] == 0
    night(deleted, 56, without([who]))
    assert retention(deleted, 56).json["people"] == 1


def test_terms_by_which_something_would_outlast_whom_it_is_about_are_refused(both: Site) -> None:
    kept_for(both, runs=500)
    assert "before_images_days <= runs_days <= people_days" in both.cli("retention", code=3).err


def test_what_is_over_is_told_in_words(deleted: Site, who: str) -> None:
    night(deleted, 55, without([who]))
    with at(55):
        told = deleted.cli("retention", code=0).out
    assert "1 person forgotten" in told
    assert "nothing is left of them" in told
    assert who not in told


def _usernames(site: Site) -> dict[str, str]:
    with open_journal_of(open_place(site.folder, "nightly")) as journal:
        return dict(journal.usernames())
