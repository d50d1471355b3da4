"""Alerts, by mail and by webhook, to servers that take them, refuse them or are not there."""

import json
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import pytest

from provision.alerts.tell import tell, tell_unusable
from provision.core.conditions import What
from provision.errors import JournalError
from provision.journal import Journal
from provision.wiring import Asks, open_journal_of, open_place
from tests import canaries
from tests.app.journals import a_hold
from tests.app.sites import Site
from tests.servers.certificates import Authority
from tests.servers.smtp import PASSWORD, Mailbox, mail_server
from tests.servers.web import Asked, Reply, Web

# The library does not know that a connection is encrypted from its start.
pytestmark = pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")

# Content of the sample is of this day.
MORNING: Final = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)
TO: Final = ["skole-it@hemne.kommune.no", "vakt@hemne.kommune.no"]
SECRET: Final = "4b1d6f0e9a7c"


@dataclass(slots=True)
class Desk:
    """A site whose alerts go somewhere, and its clock."""

    site: Site
    now: datetime = MORNING

    def set_up(self, job: str, **settings: str) -> None:
        self.site.append("jobs/nightly.toml", "[alerts]", job)
        self.site.append(".env", *(f'{name}="{value}"' for name, value in settings.items()))

    def hold(self, *holds: Any) -> None:
        with self.journal() as journal:
            journal.save_holds(journal.runs(1)[0].id, "feide", holds)

    @contextmanager
    def journal(self) -> Iterator[Journal]:
        with open_journal_of(open_place(self.site.folder, "nightly", Asks.NOTHING)) as journal:
            yield journal

    def look(self, minutes: int = 1) -> tuple[list[str], list[str]]:
        """Of what was told now that it began, and that it is over."""
        self.now += timedelta(minutes=minutes)
        place = open_place(self.site.folder, "nightly", Asks.NOTHING)
        with open_journal_of(place) as journal:
            told = tell(place, journal, self.now)
        return [row.what for row in told.begun], [row.what for row in told.over]

    def shown(self) -> list[str]:
        return [each["condition"] for each in self.site.cli("status", "--json").json["conditions"]]


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture
def desk(site: Site) -> Desk:
    return Desk(site)


@pytest.fixture
def mailbox(desk: Desk, authority: Authority) -> Iterator[Mailbox]:
    canaries.plant(PASSWORD, "the password of the mail server")
    with mail_server(authority.server("localhost")) as mailbox:
        by_mail(desk, mailbox, authority)
        yield mailbox


def by_mail(desk: Desk, mailbox: Mailbox, authority: Authority, **settings: str) -> None:
    where = {"SMTP_URL": mailbox.url, "SMTP_PASSWORD": PASSWORD, "SMTP_CA_FILE": str(authority.ca_file)}
    desk.set_up(f"mail = {json.dumps(TO)}", **{**where, **settings})


def test_a_hold_is_mailed_once_with_the_next_step_and_a_link_and_then_that_it_is_over(
    desk: Desk, mailbox: Mailbox
) -> None:
    desk.site.append(".env", 'PUBLIC_URL="https://provision.hemne.kommune.no"')
    desk.hold(a_hold())
    assert desk.look() == (["held"], [])
    assert desk.look() == ([], [])
    desk.hold()
    assert desk.look() == ([], ["held"])
    assert desk.look() == ([], [])
    begun, over = mailbox.mails
    assert "provision plan" in begun.get_content()
    assert "https://provision.hemne.kommune.no/" in begun.get_content()
    assert begun["Subject"].startswith("[Hemne kommune] ")
    assert "Tilbake til normalt" in over["Subject"]


def test_a_mail_says_that_a_program_sent_it_and_holds_nobodys_name(desk: Desk, mailbox: Mailbox) -> None:
    desk.hold(a_hold())
    desk.look()
    (mail,) = mailbox.mails
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["From"] == "provision@hemne.kommune.no"
    assert mail["To"] == ", ".join(TO)
    assert mail["Message-ID"].endswith("@hemne.kommune.no>")
    assert mail.get_content_type() == "text/plain"
    assert not [each for each in desk.site.personal | desk.site.secrets if each in mail.as_string()]


@pytest.mark.parametrize(("language", "word"), [("nb", "godkjenning"), ("nn", "Neste steg: Sjå"), ("en", "waits for")])
def test_a_mail_speaks_the_sites_language(desk: Desk, mailbox: Mailbox, language: str, word: str) -> None:
    desk.site.replace("jobs/nightly.toml", ('language = "nb"', f'language = "{language}"'))
    desk.hold(a_hold())
    desk.look()
    assert word in mailbox.mails[0].get_content()


def test_starttls_is_asked_for(desk: Desk, authority: Authority) -> None:
    with mail_server(authority.server("localhost"), "smtp") as mailbox:
        by_mail(desk, mailbox, authority)
        desk.hold(a_hold())
        assert desk.look() == (["held"], [])


def test_a_server_that_anybody_could_be_is_told_nothing(desk: Desk, authority: Authority, tmp_path: Path) -> None:
    stranger = Authority(tmp_path / "stranger")
    with mail_server(stranger.server("localhost")) as mailbox:
        by_mail(desk, mailbox, authority)
        desk.hold(a_hold())
        assert desk.look() == ([], [])
        assert mailbox.mails == []
    assert "undelivered" in desk.shown()


def test_what_does_not_get_through_is_shown_and_sent_again_and_then_shown_no_more(desk: Desk, mailbox: Mailbox) -> None:
    desk.hold(a_hold())
    mailbox.answer = "451 try again later"
    assert desk.look() == ([], [])
    assert "undelivered" in desk.shown()
    mailbox.answer = ""
    assert desk.look(minutes=2) == ([], []), "not so soon"
    assert desk.look(minutes=4) == (["held"], [])
    assert "undelivered" not in desk.shown()
    assert len(mailbox.mails) == 1


def test_a_wrong_password_is_told_as_such(desk: Desk, mailbox: Mailbox, authority: Authority) -> None:
    wrong = canaries.plant("not the password of it", "a wrong password")
    desk.site.replace(".env", (PASSWORD, wrong))
    desk.hold(a_hold())
    desk.look()
    (found,) = [
        each for each in desk.site.cli("status", "--json").json["conditions"] if each["condition"] == "undelivered"
    ]
    assert "user or password is refused" in found["text"]
    assert wrong not in json.dumps(found)


def test_that_some_recipients_are_refused_is_told(desk: Desk, mailbox: Mailbox) -> None:
    mailbox.refused = frozenset(TO[:1])
    desk.hold(a_hold())
    desk.look()
    assert "undelivered" in desk.shown()


@contextmanager
def workflow(desk: Desk, status: int = 202) -> Iterator[Web]:
    """A webhook; its answer is the first of `status` as long as the test leaves it."""

    def answer(asked: Asked) -> Reply:
        return Reply(status=status)

    with Web(answer) as web:
        address = canaries.plant(f"/workflows/{SECRET}/triggers", "the address of a webhook")
        desk.set_up("webhook = true", ALERT_WEBHOOK_URL=f"{web.url}{address}?sig={SECRET}")
        yield web


def test_a_workflow_is_posted_an_adaptive_card(desk: Desk) -> None:
    with workflow(desk) as web:
        desk.hold(a_hold())
        assert desk.look() == (["held"], [])
    (asked,) = web.asked
    assert asked.query == {"sig": SECRET}
    (attachment,) = json.loads(asked.body)["attachments"]
    assert attachment["contentType"] == "application/vnd.microsoft.card.adaptive"
    assert attachment["content"]["type"] == "AdaptiveCard"
    assert "974588145" in asked.body.decode()


@pytest.mark.parametrize("status", [302, 400, 401, 404, 429, 500])
def test_a_workflow_that_refuses_is_shown_without_its_address(desk: Desk, status: int) -> None:
    with workflow(desk, status):
        desk.hold(a_hold())
        assert desk.look() == ([], [])
    said = desk.site.cli("status", "--json")
    assert "undelivered" in [each["condition"] for each in said.json["conditions"]]
    assert SECRET not in said.out + said.err


def test_where_the_mail_server_is_away_the_workflow_tells_and_the_mail_catches_up(
    desk: Desk, authority: Authority
) -> None:
    with mail_server(authority.server("localhost")) as mailbox:
        by_mail(desk, mailbox, authority)
        mailbox.answer = "451 later"
        with Web(lambda _: Reply(status=202)) as web:
            desk.site.append("jobs/nightly.toml", "webhook = true")
            desk.site.append(".env", f'ALERT_WEBHOOK_URL="{web.url}/hook"')
            desk.hold(a_hold())
            assert desk.look() == (["held"], [])
            mailbox.answer = ""
            assert desk.look(minutes=6) == ([], [])
            assert (len(mailbox.mails), len(web.asked)) == (1, 1)
    assert "undelivered" not in desk.shown()


def test_of_two_that_look_at_once_one_tells(desk: Desk, mailbox: Mailbox) -> None:
    desk.hold(a_hold())
    with desk.journal() as journal:
        assert journal.telling("nightly").take_turn(desk.now, 180) is not None
    assert desk.look() == ([], [])
    assert desk.look(minutes=3) == (["held"], []), "one that died lets another tell"


def test_two_jobs_of_one_site_tell_each_their_own(desk: Desk, mailbox: Mailbox) -> None:
    other = desk.site.folder / "jobs" / "other.toml"
    text = (desk.site.folder / "jobs" / "nightly.toml").read_text(encoding="utf-8")
    other.write_text(text.replace('name = "feide"', 'name = "elsewhere"'), encoding="utf-8")
    desk.hold(a_hold())
    assert desk.look() == (["held"], [])
    place = open_place(desk.site.folder, "other", Asks.NOTHING)
    with open_journal_of(place) as journal:
        assert not tell(place, journal, desk.now)
    assert desk.look() == ([], [])
    assert len(mailbox.mails) == 1


def test_who_is_named_nowhere_is_told_nothing_and_it_is_shown_all_the_same(desk: Desk) -> None:
    desk.hold(a_hold())
    assert desk.look() == ([], [])
    assert desk.shown() == ["held"]


def test_that_the_journal_cannot_be_used_is_told_once_and_then_that_it_can(desk: Desk, mailbox: Mailbox) -> None:
    place, error = open_place(desk.site.folder, "nightly", Asks.NOTHING), JournalError("the disk is full")
    assert tell_unusable(place, error, desk.now)
    assert not tell_unusable(place, error, desk.now + timedelta(minutes=1))
    assert desk.look(minutes=5) == ([], [What.JOURNAL])
    assert mailbox.mails[0]["Subject"] == "[Hemne kommune] HASTER: Journalen kan ikke brukes"
    assert desk.look() == ([], [])


def test_a_job_that_wants_alerts_needs_to_say_where_they_go(desk: Desk) -> None:
    desk.set_up('mail = ["vakt@hemne.kommune.no"]\nwebhook = true')
    said = desk.site.cli("status", code=3)
    assert "SMTP_URL" in said.err
    assert "ALERT_WEBHOOK_URL" in said.err


@pytest.mark.parametrize("address", ["vakt", "a@b, c@d", "Vakt <vakt@hemne.kommune.no>", "a@b\\r\\nBcc: c@d"])
def test_a_recipient_that_is_none_is_a_fault_of_the_job(desk: Desk, address: str) -> None:
    desk.set_up(f'mail = ["{address}"]')
    assert "alerts.mail" in desk.site.cli("status", code=3).err


def test_the_doctor_says_whether_mail_could_be_sent_and_sends_none(desk: Desk, mailbox: Mailbox) -> None:
    said = desk.site.cli("doctor", "--json").json["findings"]
    assert [each["level"] for each in said if each["text"].startswith("alerts by mail")] == ["ok"]
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        desk.site.replace(".env", (str(mailbox.port), str(taken.getsockname()[1])))
        failed = desk.site.cli("doctor", "--json").json["findings"]
    assert [each["level"] for each in failed if each["text"].startswith("alerts by mail")] == ["fail"]
    assert mailbox.mails == []
