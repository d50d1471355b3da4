"""SIGTERM and Ctrl-C: the change at work comes to its end, what was written is recorded, the next run does the rest."""

import signal
import sqlite3
import subprocess
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import fields, replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from provision import run as runs
from provision.cli.session import Bar, request
from provision.handover import Handover, Newcomer
from provision.journal import Journal, open_journal
from provision.leaving import Leave, Leaving
from provision.request import Mode
from provision.wiring import open_journal_of, open_place, open_routes, pepper, sources
from tests.app.directories import held, uid_of
from tests.app.sites import DAY, PEOPLE, Site, finished, process, with_lms
from tests.servers.slapd import Slapd
from tests.service.benches import scheduled
from tests.service.test_serve import heard, serving, turns

SIGNALS = (signal.SIGTERM, signal.SIGINT)
FEW, WITHIN = 3, 60.0
NIGHT = ("run", "--json", "--day", str(DAY))


@contextmanager
def mid_run(site: Site, slapd: Slapd) -> Iterator[subprocess.Popen[str]]:
    """A run that has made some people and waits for an answer, which the server does not give it yet."""
    running = process(*NIGHT, "--site", str(site.folder))
    try:
        until_some_are_made(slapd)
        assert running.poll() is None
        slapd.pause()
        yield running
    finally:
        slapd.resume()
        running.kill()
        running.communicate()


def until_some_are_made(slapd: Slapd) -> None:
    deadline = time.monotonic() + WITHIN
    while len(people(slapd)) <= FEW:
        assert time.monotonic() < deadline


def journal_of(site: Site) -> Journal:
    return open_journal_of(open_place(site.folder, "nightly"))


def people(slapd: Slapd) -> set[str]:
    """The usernames that the server holds."""
    return {uid_of(dn) for dn in held(slapd, PEOPLE) if dn != PEOPLE}


def recorded(site: Site) -> Counter[tuple[str, str]]:
    """What became of the changes, by kind of record and status."""
    with closing(sqlite3.connect(site.folder / "var" / "journal.db")) as journal:
        rows = journal.execute("SELECT key, status FROM change")
        return Counter((key.partition(":")[0], status) for key, status in rows)


@pytest.mark.parametrize("asked", SIGNALS, ids=lambda each: each.name)
def test_a_run_ends_the_change_at_work_records_it_and_begins_no_other(
    served: Site, slapd: Slapd, asked: signal.Signals
) -> None:
    with mid_run(served, slapd) as running:
        running.send_signal(asked)
        slapd.resume()
        said = finished(running)
    assert said.code == said.json["error"]["code"] == 128 + asked
    line = said.err.splitlines()[-1]
    assert f"left, as {asked.name} asks: " in line
    assert f"`provision run nightly --site {served.folder}`" in line
    made, status = people(slapd), recorded(served)
    assert status["account", "done"] == len(made)
    assert {what for _, what in status} == {"done", "left to the next run"}
    assert set(served.passwords()) == made, "nobody else has been handed a password"
    with journal_of(served) as journal:
        assert journal.open_intents() == 0
        (run,) = journal.runs()
        assert (run.status, run.exit_code) == ("finished", 128 + asked)
        assert journal.verify_audit() is None
    served.search(said, ids_only=True)
    served.run(0)
    assert people(slapd) == set(served.passwords()) > made
    assert served.run(0).target["counts"] == {}


def test_whoever_asks_twice_is_obeyed_at_once(served: Site, slapd: Slapd) -> None:
    with mid_run(served, slapd) as running:
        running.terminate()
        while running.poll() is None:
            running.terminate()
        assert running.returncode == 128 + signal.SIGTERM
    assert served.run(0).target["counts"] != {}
    assert served.run(0).target["counts"] == {}


def test_a_service_that_is_stopped_leaves_a_run_in_order_and_the_next_does_the_rest(served: Site, slapd: Slapd) -> None:
    scheduled(served.folder, 'sync = "0 1 * * *"')
    with journal_of(served) as journal:
        journal.slots().begin_after("nightly", "sync", "2000-01-01T01:00")
    with serving(served.folder) as service:
        until_some_are_made(slapd)
        slapd.pause()
        service.terminate()
        heard(service, "asked to stop")
        slapd.resume()
        assert service.wait(WITHIN) == 0
    made = people(slapd)
    assert recorded(served)["account", "done"] == len(made)
    with journal_of(served) as journal:
        assert journal.open_intents() == 0
        assert [(run.status, run.exit_code) for run in journal.runs()] == [("finished", 143)]
    assert [turn.exit_code for turn in turns(served.folder)] == [143]
    with serving(served.folder) as service:
        heard(service, "ended with exit code 0")
    assert people(slapd) > made


def test_a_service_that_is_stopped_while_it_is_being_made_ends_with_0(served: Site) -> None:
    with serving(served.folder) as service:
        while not hears(service, signal.SIGTERM):
            assert service.poll() is None
        service.terminate()
        assert service.wait(WITHIN) == 0
        assert "stopped before anything was begun" in service.communicate()[1]


def hears(running: "subprocess.Popen[str]", number: signal.Signals) -> bool:
    """Whether the process has said what it does when it gets this signal."""
    status = Path(f"/proc/{running.pid}/status").read_text(encoding="utf-8")
    caught = next(int(line.split()[1], 16) for line in status.splitlines() if line.startswith("SigCgt:"))
    return bool(caught >> (number - 1) & 1)


# ── A target that is written as one ──────────────────────────────────────────────────────────────────────────────
def asked_when_done(site: Site, target: str) -> int:
    """A run that is asked to leave once this target is written; its exit code."""
    leaving = Leaving()

    def ask(what: str, done: int, total: int) -> None:
        if what == target and done == total:
            leaving.number = signal.SIGTERM

    place = open_place(site.folder, "nightly")
    with open_journal_of(place) as journal, open_routes(place) as routes, Bar() as bar:
        asked = replace(request(place, Mode.RUN, DAY, bar), progress=ask, leaving=leaving)
        return runs.run(asked, sources(place, bar.reading), routes, journal, place.site).exit_code


def test_a_file_is_written_whole_and_the_next_target_is_left(fresh: Site) -> None:
    with_lms(fresh)
    with pytest.raises(Leave, match=r"0 of \d+ changes at lms"):
        asked_when_done(fresh, "feide")
    whole = fresh.entries()
    assert not (fresh.folder / "out" / "oneroster.zip").exists()
    by_name = {each["target"]: each["counts"] for each in fresh.run(0).json["targets"]}
    assert by_name["feide"] == {}
    assert by_name["lms"] != {}
    assert fresh.entries() == whole


def test_who_is_asked_while_a_file_is_being_made_gets_it_whole(fresh: Site) -> None:
    leaving = Leaving()

    def clock() -> datetime:
        if (fresh.folder / "out" / "passwords").exists():  # so the first changes are being recorded
            leaving.number = signal.SIGTERM
        return datetime.now(UTC)

    place = open_place(fresh.folder, "nightly")
    with open_journal(place.journal_url, pepper(place), clock) as journal, open_routes(place) as routes, Bar() as bar:
        asked = replace(request(place, Mode.RUN, DAY, bar), leaving=leaving)
        told = runs.run(asked, sources(place, bar.reading), routes, journal, place.site)
    assert leaving.number
    assert told.exit_code == 0
    assert fresh.run(0).target["counts"] == {}


def test_no_slip_is_left_of_an_account_that_is_not_made_when_somebody_asks_while_slips_are_written(
    served: Site, slapd: Slapd
) -> None:
    leaving = Leaving()

    class Interrupted(Handover):
        """Somebody asks once the first file is written."""

        def _write(self, base: Path, people: Sequence[Newcomer]) -> None:
            Handover._write(self, base, people)
            leaving.ask(signal.SIGTERM)

    place = open_place(served.folder, "nightly")
    folder = served.folder / "out" / "passwords"
    with open_journal_of(place) as journal, open_routes(place) as routes, Bar() as bar:
        (route,) = routes
        assert route.passwords
        given = {each.name: getattr(route.passwords, each.name) for each in fields(Handover) if each.init}
        slow = [replace(route, passwords=Interrupted(**given))]
        asked = replace(request(place, Mode.RUN, DAY, bar), leaving=leaving)
        leaving.ready()
        with pytest.raises(Leave, match="as SIGTERM asks"):
            runs.run(asked, sources(place, bar.reading), slow, journal, place.site)
        assert journal.open_intents() == 0
    assert leaving.number
    assert folder.exists()
    assert people(slapd) == set(served.passwords()) == set()
    served.run(0)
    assert people(slapd) == set(served.passwords()) != set()


def test_who_is_asked_when_nothing_is_left_to_do_ends_as_ever(fresh: Site) -> None:
    with_lms(fresh)
    assert asked_when_done(fresh, "lms") == 0
    with journal_of(fresh) as journal:
        assert [(run.status, run.exit_code) for run in journal.runs()] == [("finished", 0)]


def test_nothing_is_begun_once_somebody_has_asked(fresh: Site) -> None:
    place = open_place(fresh.folder, "nightly")
    with open_journal_of(place) as journal, open_routes(place) as routes, Bar() as bar:
        asked = replace(request(place, Mode.RUN, DAY, bar), leaving=Leaving(signal.SIGINT))
        with pytest.raises(Leave, match="SIGINT"):
            runs.run(asked, sources(place, bar.reading), routes, journal, place.site)
        assert journal.runs() == []


# ── Being asked ──────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_run_that_is_over_stays_as_it_ended(journal: Journal) -> None:
    with journal.lease("somebody") as lease:
        over = journal.begin("nightly", "run", DAY, lease)
        journal.finish(over, 0, {"issues": 0})
        journal.leave(over, 143, {"error": "left"})
        other = journal.begin("nightly", "run", DAY, lease)
        journal.leave(other, 143, {"error": "left"})
    told = {run.id: (run.status, run.exit_code, run.summary) for run in journal.runs()}
    assert told == {over: ("finished", 0, {"issues": 0}), other: ("finished", 143, {"error": "left"})}


def test_who_is_asked_leaves_at_once_when_ready_and_not_before_what_is_at_work_has_ended() -> None:
    leaving = Leaving()
    leaving.ask(signal.SIGTERM)  # nothing can be left yet
    with pytest.raises(Leave) as left:
        leaving.ready()
    assert left.value.exit_code == 143
    leaving = Leaving()
    leaving.ready()
    with leaving.in_order(), leaving.in_order():
        leaving.ask(signal.SIGINT)
    with pytest.raises(Leave, match="as SIGINT asks"):
        leaving.check()
    leaving.over()
    leaving.ready()
    with pytest.raises(Leave):
        leaving.ask(signal.SIGTERM)


def test_what_catches_errors_does_not_keep_anybody() -> None:
    assert not issubclass(Leave, Exception)
