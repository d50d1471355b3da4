"""What the journal keeps of logins, requests and the schedule: shown to whom it is of, and erased when it is over."""

from datetime import timedelta
from pathlib import Path
from typing import Final

import pytest
from sqlalchemy import func, select

from provision.core.scope import Extent, Scope, Shown
from provision.core.telling import Told
from provision.journal import Journal
from provision.journal.alerts import Watch
from provision.journal.asked import Wish
from provision.journal.codec import write_moment
from provision.journal.erasure import Cut
from provision.journal.tables import ALERT, ASKED, PROGRESS, SLOT, WEB_LOGIN, WEB_SESSION
from provision.journal.web_sessions import ABSOLUTE
from tests.app.journals import Clock, on_both, opened

WHO: Final = "a0000042"
CLAIMS: Final = {"login": "karnor@hemne.kommune.no", "number": "0a1b", "groups": ["it"], "local": False}
TABLES: Final = (WEB_SESSION, WEB_LOGIN, ASKED, SLOT, PROGRESS, ALERT)


def login(journal: Journal, person: str = WHO) -> str:
    return journal.web_sessions().begin("https://login.example", "subject", person, CLAIMS)


def wish(by: str, sourced_id: str, reason: str = "") -> Wish:
    return Wish("nightly", Scope(Extent.PERSON, sourced_id), by, reason, Shown(frozenset()))


def asked(journal: Journal, by: str, sourced_id: str, reason: str = "") -> None:
    journal.asking().finish(journal.asking().ask(wish(by, sourced_id, reason)).id, None, 0)


def busy(journal: Journal, clock: Clock, slot: str) -> None:
    """A night of the service: everything that it notes."""
    login(journal)
    journal.web_sessions().begin_login({"kind": "link"}, timedelta(minutes=10))
    asked(journal, "it", "p1")
    mine = journal.slots().claim("nightly", "sync", slot, "a service", None, 300)
    assert mine
    journal.slots().finish(mine, 0, "", None)
    journal.progress().note(f"nightly/sync/{slot}", "reading", 1, 2)
    over = Told("late", slot, clock.now, {}, clock.now, clock.now, clock.now)
    journal.telling("nightly").save([*journal.telling("nightly").rows(), over], Watch())


def left(journal: Journal) -> dict[str, int]:
    with journal._store.read() as connection:
        return {each.name: connection.scalar(select(func.count()).select_from(each)) or 0 for each in TABLES}


def cut(clock: Clock, days: int) -> Cut:
    before = write_moment(clock.now - timedelta(days=days))
    return Cut(before, before, write_moment(clock.now))


@on_both
def test_what_is_over_goes_and_of_each_kind_the_last_slot_stays(tmp_path: Path, clock: Clock) -> None:
    with opened(tmp_path, clock) as journal:
        for day in ("2026-11-23", "2026-11-24", "2026-11-25"):
            busy(journal, clock, f"{day}T01:15")
            clock.pass_(days=1)
        clock.pass_(days=100)
        journal.erasure().erase(cut(clock, 102), frozenset(), rehearse=False)
        assert left(journal) == {"web_session": 0, "web_login": 0, "asked": 2, "slot": 2, "progress": 2, "alert": 2}
        counts = journal.erasure().erase(cut(clock, 30), frozenset(), rehearse=False)
        assert left(journal) == {"web_session": 0, "web_login": 0, "asked": 0, "slot": 1, "progress": 0, "alert": 0}
        assert {"requests": 2, "slots": 1, "progress": 2, "alerts": 2}.items() <= counts.items()
        assert journal.slots().latest()["nightly", "sync"].slot == "2026-11-25T01:15"


@on_both
def test_a_session_goes_when_it_was_ended_or_is_over_and_not_before(tmp_path: Path, clock: Clock) -> None:
    with opened(tmp_path, clock) as journal:
        sessions = journal.web_sessions()
        login(journal, "a1")
        clock.pass_(minutes=1)
        login(journal, "a2")
        sessions.end(sessions.living()[0].id, "it")
        sessions.begin_login({}, timedelta(minutes=10))
        assert journal.erasure().erase(cut(clock, 400), frozenset(), rehearse=False)["sessions"] == 1
        assert [each.person for each in sessions.living()] == ["a1"]
        clock.now += ABSOLUTE - timedelta(minutes=1)
        counts = journal.erasure().erase(cut(clock, 400), frozenset(), rehearse=False)
        assert (counts["sessions"], counts["logins"]) == (1, 1)
        assert left(journal)["web_session"] == 0


@on_both
def test_who_is_forgotten_has_no_session_any_more(tmp_path: Path, clock: Clock) -> None:
    with opened(tmp_path, clock) as journal:
        login(journal, "a1")
        login(journal)
        journal.erasure().erase(Cut("", ""), {WHO}, rehearse=False)
        assert [each.person for each in journal.web_sessions().living()] == ["a1"]


@on_both
def test_logins_and_requests_are_in_the_answer_to_a_request_for_access(tmp_path: Path, clock: Clock) -> None:
    with opened(tmp_path, clock) as journal:
        journal.reserve({"karnor": WHO})
        token = login(journal)
        login(journal, "a1")
        for by, person, reason in (
            ("it", WHO, ""),
            (WHO, "p1", ""),
            ("karnor@hemne.kommune.no", "p2", ""),
            ("it", "p3", f"as {WHO} asked"),
            ("it", "p4", "as karnor asked"),
        ):
            asked(journal, by, person, reason)
        found = journal.about({WHO})
        (session,) = found["sessions"]
        assert (session["person"], session["login"], session["groups"]) == (WHO, CLAIMS["login"], ["it"])
        assert [row["what"] for row in found["requests"]] == [f"person {WHO}", "person p1", "person p2", "person p3"]
        living = journal.web_sessions().find(token)
        assert living
        for secret in (token, living.csrf, "0a1b", living.id):
            assert secret not in str(found)


@pytest.mark.parametrize("who", ["a0000043", "p9"])
def test_nobody_gets_what_is_anothers(journal: Journal, who: str) -> None:
    login(journal)
    asked(journal, WHO, "p1")
    assert journal.about({who}) == {}
