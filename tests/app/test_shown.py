"""What people see: an export that grows old, who is held and who waits, and commands that can be copied as they are."""

import shlex
import shutil
from datetime import UTC, datetime, time

import pytest
import time_machine

from tests.app.edits import numbered, without
from tests.app.sites import NORTH, SOUTH, Said, Site, call, day, number_of, pupils


@pytest.fixture
def gone(site: Site) -> list[str]:
    """Whose absence is proven for the third time tonight, and who are too many to go unseen."""
    leavers = pupils(site, SOUTH)[4::7]
    for number in (1, 2):
        site.night(number, without(leavers))
    site.export(3, without(leavers))
    return leavers


def told(said: Said, word: str) -> list[str]:
    """Whom the text says this of."""
    return [line.split(": ")[1] for line in said.out.splitlines() if line.startswith(f"    {word}: ")]


def keys(said: Said, name: str) -> list[str]:
    return [each["key"].partition(":")[2] for each in said.target[name]]


def test_a_sis_that_delivers_nothing_new_is_told_after_two_days(site: Site) -> None:
    for number in (0, 2):
        assert "days ago" not in site.cli("run", "--day", str(day(number)), code=0).out
    said = site.cli("run", "--day", str(day(3)), code=0)
    assert "pifu_ims is of 23.11.2026, 3 days ago. See why nothing newer has come" in said.out
    assert [(s["source"], s["days"]) for s in site.plan(3, code=0).json["sources"]] == [("pifu_ims", 3)]


def test_the_status_says_how_old_is_what_was_last_read(site: Site) -> None:
    content = "last read of pifu_ims: content of 23.11.2026 02:00"
    for days, ago in ((0, ""), (1, ", 1 day ago"), (3, ", 3 days ago")):
        with time_machine.travel(datetime.combine(day(days), time(12), UTC)):
            assert [line.strip() for line in site.cli("status", code=0).out.splitlines()][2] == content + ago
            assert site.cli("status", "--json", code=0).json["sources"] == [
                {"source": "pifu_ims", "as_of": "2026-11-23T02:00:00+01:00", "days": days}
            ]


def test_the_status_tells_of_no_source_before_one_was_read(fresh: Site) -> None:
    assert "last read" not in fresh.cli("status", code=0).out
    assert fresh.cli("status", "--json", code=0).json["sources"] == []


def test_who_is_held_and_who_waits_is_called_so_in_the_text_and_in_the_document(site: Site) -> None:
    north, absent = pupils(site, NORTH), pupils(site, SOUTH)[:5]
    site.export(1, without(absent), numbered(north[1], number_of(site, north[0])))
    document = site.plan(1, code=6)
    every = site.cli("plan", "--all", "--day", str(day(1)), code=6)
    for word, name in (("held", "held"), ("waits", "waiting")):
        assert told(every, word) == keys(document, name) != []
    few = site.cli("plan", "--day", str(day(1)), code=6)
    assert told(few, "waits") == sorted(absent)[:3]
    assert "… and 2 more waits" in few.out


def test_a_plan_that_is_held_looks_like_no_other_and_a_run_of_it_does_not_say_that_there_was_nothing(
    site: Site, gone: list[str]
) -> None:
    assert f"feide: {len(gone)} changes, {len(gone)} of them held" in site.cli("plan", "--day", str(day(3)), code=5).out
    assert f"feide: nothing done; {len(gone)} held" in site.cli("run", "--day", str(day(3)), code=5).out
    assert "feide: 0 changes, 1 hold" in site.cli("status", code=0).out
    hold = site.plan(3, code=5).target["holds"][0]["hold"]
    site.cli("approve", hold, "--reason", "gone", "--later", code=0)
    assert f"feide: {len(gone)} disabled\n    {len(gone)} people\n" in site.cli("run", "--day", str(day(3)), code=0).out


def test_a_command_that_is_suggested_works_as_it_is_whatever_site_and_job(site: Site, gone: list[str]) -> None:
    odd = site.folder.with_name("a site")
    shutil.move(site.folder, odd)
    shutil.move(odd / "jobs" / "nightly.toml", odd / "jobs" / "evening.toml")
    said = call("run", "evening", "--site", str(odd), "--day", str(day(3)))
    assert said.code == 5, said
    suggested = [line.partition("provision ")[2] for line in said.out.splitlines() if "provision " in line]
    assert len(suggested) == 2
    for line, code in zip(suggested, (5, 0), strict=True):
        words = shlex.split(line)
        assert call(*words, "--day", str(day(3))).code == code, line


def test_the_word_that_a_message_asks_for_can_be_given_as_it_is_said(site: Site) -> None:
    shutil.move(site.folder / "jobs" / "nightly.toml", site.folder / "jobs" / "evening.toml")
    site.append("data/care.csv", *(f"{who},,1,,," for who in pupils(site, SOUTH)))
    refused = call("run", "evening", "--site", str(site.folder), "--day", str(day(0)))
    assert refused.code == 4
    suggested = refused.err.partition("if that is right: provision ")[2].splitlines()[0]
    assert suggested in call("status", "--job", "evening", "--site", str(site.folder)).out
    assert call(*shlex.split(suggested)).code == 0
    assert call("plan", "evening", "--site", str(site.folder), "--day", str(day(0))).code == 0


def test_a_delivery_that_is_passed_over_is_told_to_whoever_looks(site: Site) -> None:
    inbox = site.folder / "inbox"
    inbox.mkdir()
    shutil.copy2(site.sis, inbox / "first.xml")
    (inbox / "second.xml").write_bytes(site.pristine[:1000])
    site.replace("jobs/nightly.toml", ("data/sis.xml", "inbox/*.xml"))
    for command in ("plan", "run"):
        assert "second.xml was written" in site.cli(command, "--day", str(day(0))).err


@pytest.mark.parametrize("command", ["status", "doctor"])
def test_a_folder_without_an_env_is_told_what_to_copy(site: Site, command: str) -> None:
    (site.folder / ".env").unlink()
    first, *others = site.cli(command, "--json", code=3).json["error"]["messages"]
    assert first == "there is no .env; copy .env.example to it and fill it in"
    assert [fault.split(" ")[1] for fault in others] == ["BASE_DN:", "REALM:", "SITE_NAME:"]


@pytest.mark.parametrize("command", ["status", "doctor"])
def test_an_env_that_cannot_be_read_is_told_as_that_and_not_as_one_that_says_nothing(site: Site, command: str) -> None:
    (site.folder / ".env").unlink()
    (site.folder / ".env").mkdir()
    (fault,) = site.cli(command, "--json", code=3).json["error"]["messages"]
    assert fault == ".env: Is a directory; make it a file that the account which runs this can read"
