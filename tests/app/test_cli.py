"""The command line: exit codes, one document or a clear word for whatever is asked, and nothing private told."""

import os
import pty
import subprocess
import sys
from contextlib import suppress

import pytest

from provision.cli import commands
from provision.cli.main import app
from tests.app.edits import named
from tests.app.sites import SOUTH, Said, Site, carries, day, environment, number_of, pupils
from tests.canaries import NAME, NIN

TODAY = ("--day", str(day(0)))


# ── Documents ────────────────────────────────────────────────────────────────────────────────────────────────────
ASKED = {
    "plan": (("plan", *TODAY), 0),
    "run": (("run", *TODAY), 0),
    "adopt": (("adopt", *TODAY), 0),
    "status": (("status",), 0),
    "doctor": (("doctor",), 0),
    "unknown command": (("frobnicate",), 2),
    "unknown option": (("plan", "--nosuch"), 2),
    "retention": (("retention", "--dry-run"), 0),
    "preflight": (("preflight", *TODAY), 6),
    "preflight of a directory": (("preflight", "--target", "feide", *TODAY), 6),
    "no directory to look at": (("preflight", "--target", "lms", *TODAY), 2),
    "no language": (("preflight", "--language", "sv", *TODAY), 2),
    "no reason": (("approve", "H-12345678"), 2),
    "unknown hold": (("approve", "H-12345678", "--reason", "x"), 2),
    "no reason for a no": (("reject", "H-12345678"), 2),
    "a no to an unknown hold": (("reject", "H-12345678", "--reason", "x"), 2),
    "unknown hold in a plan": (("plan", "--hold", "H-12345678"), 2),
    "unknown job": (("run", "nigthly"), 3),
    "unknown person": (("explain", "nobody", *TODAY), 2),
    "nobody to protect": (("protect", "nobody"), 2),
    "nobody to block": (("block", "nobody"), 2),
    "a wrong digest": (("adopt", "--approve", "0123456789ab", *TODAY), 2),
    "no day": (("run", "--day", "nonsense"), 2),
    "a day that never was": (("run", "--day", "2026-02-30"), 2),
    "a week": (("run", "--day", "2026-W08"), 2),
    "ratios": (("ratios",), 0),
    "no time": (("approve", "H-1", "--reason", "x", "--hours", "0"), 2),
}


@pytest.mark.parametrize("what", ASKED)
def test_json_is_always_one_document_and_errors_say_their_code(site: Site, what: str) -> None:
    arguments, code = ASKED[what]
    said = site.cli(*arguments, "--json", code=code)
    assert said.json["format"] == 1
    if code in (2, 3):
        assert said.json["error"]["code"] == code
        assert all(message in said.err for message in said.json["error"]["messages"])


def test_every_command_has_been_asked() -> None:
    offered = {command.name or command.callback.__name__ for command in app.registered_commands if command.callback}
    # One needs no site, one does not end, and two have tests of their own for every end.
    elsewhere = {"demo", "sample", "serve", "resync", "verify"}
    assert (
        offered
        == {arguments[0] for arguments, code in ASKED.values() if code != 2}
        | {"approve", "block", "explain", "health", "protect", "reject"}
        | elsewhere
    )


def test_explain_says_who_and_why_and_no_identity_number(site: Site) -> None:
    somebody = next(p for p in pupils(site, SOUTH) if number_of(site, p))
    said = site.cli("explain", somebody, "--json", *TODAY, code=0)
    (target,) = said.json["targets"]
    (number,) = [f for f in target["fields"] if f["name"] == "norEduPersonNIN"]
    assert number["actual"] == ["(an identity number)"]
    assert said.json["username"] in site.cli("explain", said.json["username"].upper(), *TODAY, code=0).out


SUGGESTED = {
    "job": (("plan", "nigthly"), 'no job "nigthly"', 'did you mean "nightly"?'),
    "hold": (("plan", "--hold", "H-12345678", *TODAY), "nothing is held as H-12345678", "held: nothing"),
    "day": (("plan", "--day", "23.11.2026"), "23.11.2026 is no day", "write it as 2026-11-23"),
    "approval": (("approve", "H-12345678", "--reason", "x"), "H-12345678 is not held", "held now: none"),
}


@pytest.mark.parametrize("what", SUGGESTED)
def test_what_is_not_known_is_answered_with_what_is(site: Site, what: str) -> None:
    arguments, wrong, right = SUGGESTED[what]
    said = site.cli(*arguments)
    assert said.code in (2, 3)
    assert wrong in said.err
    assert right in said.err


def test_an_unknown_person_is_answered_with_the_nearest_ids_and_not_with_what_was_typed(site: Site) -> None:
    somebody = pupils(site, SOUTH)[0]
    assert somebody in site.cli("explain", f"{somebody}x", *TODAY, code=2).err
    for private in (NIN, NAME):
        said = site.cli("explain", private, "--json", *TODAY, code=2)
        assert private not in said.out + said.err


def test_exit_code_ten_says_that_there_are_changes(site: Site) -> None:
    site.plan(0, "--exit-code", code=0)
    site.export(1, named(pupils(site, SOUTH)[0], "Nytt", "Navn"))
    site.plan(1, "--exit-code", code=10)
    site.plan(1, code=0)
    site.sis.unlink()
    site.plan(1, "--exit-code", code=4)


# ── Settings, jobs, mappings ─────────────────────────────────────────────────────────────────────────────────────
def test_every_typo_in_a_mapping_is_told_at_once_with_file_and_key(site: Site) -> None:
    site.replace(
        "mappings/feide.toml",
        ('rule = "org_units"', 'rule = "org_unit"'),
        ('"{given_name} {family_name}"]', '"{givenname} {family_name}"]'),
        ('attribute = "norEduOrgNIN"', 'atribute = "norEduOrgNIN"'),
    )
    said = site.run(0, code=3)
    told = "\n".join(sorted(said.json["error"]["messages"]))
    assert (
        'mappings/feide.toml: entry.account.fields.eduPersonOrgUnitDN: no rule "org_unit"; did you mean "org_units"?'
        in told
    )
    assert "entry.account.fields.cn: no placeholder {givenname}" in told
    assert 'entry.organisation.id.atribute: unknown key; did you mean "attribute"?' in told
    assert site.cli("doctor", code=3).err == site.cli("plan", code=3).err


FAULTS: dict[str, tuple[str, tuple[str, str], str]] = {
    "nights": ("jobs/nightly.toml", ("nights = 3", "nights = 0"), "policy.nights: Input should be greater"),
    "share": ("jobs/nightly.toml", ("ended = { share = 0.10", "ended = { share = 5"), "guard.ended.share: "),
    "key": ("jobs/nightly.toml", ("nights = 3", "nigths = 3"), 'unknown key; did you mean "nights"?'),
    "syntax": ("jobs/nightly.toml", ("nights = 3", "nights = = 3"), "jobs/nightly.toml: Invalid value (at line "),
    "mapping": ("jobs/nightly.toml", ('mapping = "feide"', 'mapping = "fiede"'), 'did you mean "feide"?'),
    "group": (
        "jobs/nightly.toml",
        ('["homeroom", "sch', '["homerom", "sch'),
        "groups.allow.0: Input should be 'homeroom'",
    ),
    "realm": (".env", ('"hemne.kommune.no"', '"Hemne kommune"'), ".env: REALM: "),
    "base": (".env", ('"dc=hemne,dc=kommune,dc=no"', '"hemne"'), ".env: BASE_DN: "),
    "no value": (".env", ("REALM=", "REALM\n#"), ".env: REALM: write REALM=value"),
    "journal": (".env", ("SITE_NAME", 'JOURNAL_URL="nonsense"\nSITE_NAME'), "no database URL; write sqlite:"),
    "file": (".env", ("SITE_NAME", 'PEPPER_FILE="/nowhere"\nSITE_NAME'), "PEPPER_FILE: cannot read /nowhere"),
}


@pytest.mark.parametrize("what", FAULTS)
def test_a_fault_in_what_the_site_says_stops_before_anything_is_read(site: Site, what: str) -> None:
    file, change, told = FAULTS[what]
    before = site.state()
    site.replace(file, change)
    site.sis.unlink()  # would be exit 4
    assert told in site.run(0, code=3).messages
    assert site.state() == before


def test_a_password_that_is_set_stands_in_no_message(site: Site) -> None:
    site.secrets.add("hemmelig-passord-1")
    site.append(".env", 'LDAP_PASSWORD="hemmelig-passord-1"')
    site.replace("jobs/nightly.toml", ('kind = "ldif"', 'kind = "ldap"'), ('path = "out/feide.ldif"', ""))
    assert "LDAP_URL (or LDAP_URL_FILE) is missing" in site.run(0, code=3).messages
    site.append(".env", 'LDAP_URL="https://ldap.example"', 'LDAP_BIND_DN="cn=x,dc=example"')
    assert "LDAP_URL: not the address of an LDAP server" in site.run(0, code=3).messages
    assert "FAIL  feide: LDAP_URL" in site.cli("doctor", code=3).out


# ── A journal that is lost or wrong ──────────────────────────────────────────────────────────────────────────────
def test_a_lost_journal_costs_history_and_nothing_else(site: Site) -> None:
    before = site.entries()
    for path in (site.folder / "var").glob("journal.db*"):
        path.unlink()
    assert site.night(1).target["counts"] == {}
    somebody = pupils(site, SOUTH)[0]
    site.night(2, named(somebody, "Nytt", "Navn"))
    names = {h["uid"] for h in before.values() if carries(h, somebody)}
    assert names == {h["uid"] for h in site.entries().values() if carries(h, somebody)}


def test_a_journal_that_is_no_journal_or_anothers_is_told_with_its_path(site: Site) -> None:
    before = site.state()
    pepper = site.folder / "var" / "pepper"
    kept = pepper.read_text()
    pepper.write_text("another")
    assert "it was begun with another secret; put that secret back" in site.run(1, code=3).messages
    pepper.write_text(kept)
    (site.folder / "var" / "journal.db").write_bytes(b"no database" * 1000)
    assert "journal.db: the file is not a journal" in site.run(1, code=1).messages
    assert "FAIL" in site.cli("doctor", code=3).out
    assert site.state() == before


# ── Streams ──────────────────────────────────────────────────────────────────────────────────────────────────────
def shell(site: Site, line: str, **more: str) -> Said:
    """A line of bash in which `provision` is ours."""
    ours = f'provision() {{ "{sys.executable}" -m provision "$@" --site "{site.folder}"; }}; set -o pipefail; '
    done = subprocess.run(
        ["bash", "-c", ours + line], env=environment(**more), capture_output=True, text=True, check=False
    )
    return Said(done.returncode, done.stdout, done.stderr)


@pytest.mark.parametrize("how", ["", "--json"])
def test_a_reader_who_goes_away_changes_neither_the_work_nor_the_exit_code(site: Site, how: str) -> None:
    site.export(1, named(pupils(site, SOUTH)[0], "Nytt", "Navn"))
    site.replace("data/people.csv", ("2027-07-31,1988", "31.07.2027,1988"))
    said = shell(site, f"provision run {how} --day {day(1)} | true")
    assert said.code == 6
    assert "Exception" not in said.err
    assert site.run(1, code=6).target["counts"] == {}


def test_an_output_that_takes_nothing_is_told(site: Site) -> None:
    for how in ("", "--json"):
        said = shell(site, f"provision status {how} > /dev/full")
        assert (said.code, said.err) == (1, "provision: the output: No space left on device; mend that and run again\n")


def test_closed_streams_and_poor_letters_stop_nothing(site: Site) -> None:
    assert shell(site, f"provision run {' '.join(TODAY)} >&- 2>&-").code == 0
    somebody = pupils(site, SOUTH)[0]
    site.night(1, named(somebody, "Ánde", "王"))
    explain = f"provision explain {somebody} --day {day(1)}"
    assert shell(site, f"{explain} --json", PYTHONIOENCODING="ascii").json["name"] == "Ánde 王"
    said = shell(site, explain, PYTHONIOENCODING="ascii")
    assert (said.code, "\\xc1nde" in said.out) == (0, True)


def on_a_terminal(site: Site, **more: str) -> str:
    controller, terminal = pty.openpty()
    command = [sys.executable, "-m", "provision", "status", "--site", str(site.folder)]
    given = environment(**{"TERM": "xterm", "NO_COLOR": "", **more})
    with subprocess.Popen(command, stdout=terminal, stderr=terminal, env=given) as running:
        os.close(terminal)
        said = b""
        with suppress(OSError):  # how a terminal ends on Linux
            while chunk := os.read(controller, 4096):
                said += chunk
    os.close(controller)
    assert running.returncode == 0
    return said.decode()


def test_colour_is_for_terminals_that_want_it(site: Site) -> None:
    assert "\x1b[" in on_a_terminal(site)
    assert "\x1b[" not in on_a_terminal(site, NO_COLOR="1")
    assert "\x1b[" not in site.cli("status", code=0).out


def test_the_last_resort_shows_where_and_never_what(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> int:
        raise RuntimeError(f"about {NAME}, {NIN}")

    monkeypatch.setattr(commands, "status", fail)
    said = site.cli("status", "--json", code=1)
    assert "unexpected RuntimeError at test_cli.py:" in said.messages
    assert "please report it" in said.err
    assert NIN not in said.out + said.err
