"""How long a login lasts, and that nothing that is stored opens one."""

from datetime import timedelta

from provision.journal import Journal
from provision.journal.web_sessions import ABSOLUTE, IDLE
from tests.app.conftest import clock, journal  # noqa: F401 - fixtures
from tests.app.journals import Clock, database
from tests.app.sites import read_apart
from tests.web.served import Person, Served

CLAIMS = {"login": "kari@hemne.kommune.no", "number": "", "groups": [], "local": False}


def test_a_session_ends_half_an_hour_after_it_was_used_last(journal: Journal, clock: Clock) -> None:  # noqa: F811 - a fixture
    sessions = journal.web_sessions()
    token = sessions.begin("issuer", "s-1", "p1", CLAIMS)
    for _ in range(3):
        clock.now += IDLE - timedelta(minutes=1)
        assert sessions.find(token) is not None
    clock.now += IDLE
    assert sessions.find(token) is None


def test_no_session_lasts_longer_than_a_working_day(journal: Journal, clock: Clock) -> None:  # noqa: F811 - a fixture
    sessions = journal.web_sessions()
    token, began = sessions.begin("issuer", "s-1", "p1", CLAIMS), clock.now
    while clock.now < began + ABSOLUTE - IDLE:
        clock.now += IDLE - timedelta(minutes=1)
        assert sessions.find(token) is not None
    clock.now = began + ABSOLUTE
    assert sessions.find(token) is None


def test_what_is_begun_can_be_taken_once_and_in_time(journal: Journal, clock: Clock) -> None:  # noqa: F811 - a fixture
    sessions = journal.web_sessions()
    first, second = (sessions.begin_login({"n": n}, timedelta(minutes=10)) for n in (1, 2))
    assert sessions.take_login(first) == {"n": 1}
    assert sessions.take_login(first) is None
    clock.pass_(minutes=10)
    assert sessions.take_login(second) is None


def test_the_journal_holds_nothing_that_opens_a_session(
    journal: Journal,  # noqa: F811 - a fixture
    tmp_path: object,
) -> None:
    sessions = journal.web_sessions()
    tokens = [sessions.begin("issuer", "s-1", "p1", CLAIMS), sessions.begin_login({}, IDLE)]
    folder = database(tmp_path).parent  # type: ignore[arg-type]  # a path
    stored = b"".join(read_apart(path) for path in folder.iterdir())
    assert not [token for token in tokens if token.encode() in stored]
    living = sessions.living()
    assert sessions.find(living[0].id) is None


def test_sessions_that_are_over_are_forgotten(journal: Journal, clock: Clock) -> None:  # noqa: F811 - a fixture
    sessions = journal.web_sessions()
    sessions.begin("issuer", "s-1", "p1", CLAIMS)
    clock.pass_(days=2)
    sessions.begin("issuer", "s-2", "p2", CLAIMS)
    assert [each.subject for each in sessions.living()] == ["s-2"]
    assert journal.verify_audit() is None


def test_whoever_logs_out_is_out_also_with_a_copy_of_the_cookie(pages: Served) -> None:
    person = pages.named("it@hemne.kommune.no")
    copy = Person(pages.url, person.cookies["provision"])
    assert copy.open("/").status_code == 200
    assert person.send_form("/logout").status_code == 303
    assert copy.open("/").status_code == 303


def test_it_can_end_a_login(pages: Served) -> None:
    it, other = pages.it(), pages.named("admin@hemne.kommune.no")
    (session,) = (each for each in pages.site.journal.web_sessions().living() if each.csrf == other.csrf)
    assert f"/sessions/{session.id}/end" in it.open("/sessions").text
    assert it.send_form(f"/sessions/{session.id}/end").status_code == 303
    assert other.open("/").status_code == 303
    assert it.send_form(f"/sessions/{session.id}/end").status_code == 404


def test_the_cookie_is_the_browsers_alone(pages: Served) -> None:
    made = pages.nobody().send_form("/language", language="nn", next="/login").headers["Set-Cookie"]
    assert "HttpOnly" in made
    assert "SameSite=lax" in made
