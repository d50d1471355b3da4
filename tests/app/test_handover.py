"""First passwords: one file of rows and one of slips per school and run, for their owner's eyes only."""

import csv
import re
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from provision.core.state import Key, Kind
from provision.errors import TargetUnavailable
from provision.handover import Handover, Newcomer
from tests.servers.openssl import require_openssl
from tests.town import NORTH, SOUTH

NOW = datetime.now(UTC)  # the certificates of these tests are made now, for a day


def key(number: int) -> Key:
    return Key(Kind.ACCOUNT, f"p{number}")


def newcomer(number: int, school: str = NORTH, name: str = "Åse Prøve") -> Newcomer:
    return Newcomer(key(number), school, "Nord skole", name, "6A", f"asepro{number}")


def handover(folder: Path, certificates: Path | None = None) -> Handover:
    return Handover(folder / "passwords", certificates, "Prøvedal kommune", "feide", lambda: NOW)


def rows(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8-sig", newline="") as fh:
        return list(csv.reader(fh, delimiter=";"))


def test_each_school_gets_its_own_two_files_that_only_their_owner_can_read(tmp_path: Path) -> None:
    passwords = handover(tmp_path)
    passwords.hand_over("run-1", [newcomer(1), newcomer(2), newcomer(3, SOUTH)])
    files = sorted(p.name for p in (tmp_path / "passwords").iterdir())
    assert files == [f"{s}-feide-run-1.{kind}" for s in sorted((NORTH, SOUTH)) for kind in ("csv", "html")]
    assert {p.stat().st_mode & 0o777 for p in (tmp_path / "passwords").iterdir()} == {0o600}
    assert (tmp_path / "passwords").stat().st_mode & 0o777 == 0o700
    head, *people = rows(tmp_path / "passwords" / f"{NORTH}-feide-run-1.csv")
    assert head == ["gruppe", "navn", "brukernavn", "passord"]
    assert [(p[2], p[3]) for p in people] == [(f"asepro{n}", passwords.first(key(n))) for n in (1, 2)]


def test_passwords_are_long_random_and_easy_to_read_on_paper(tmp_path: Path) -> None:
    passwords = handover(tmp_path)
    passwords.hand_over("run-1", [newcomer(n) for n in range(200)])
    made = [passwords.first(key(n)) or "" for n in range(200)]
    assert len(set(made)) == 200
    assert all(re.fullmatch(r"[a-km-np-z2-9]{4}-[a-km-np-z2-9]{4}-[a-km-np-z2-9]{4}", each) for each in made)
    assert passwords.first(key(999)) is None


def test_a_slip_shows_the_name_as_text_whatever_it_is(tmp_path: Path) -> None:
    passwords = handover(tmp_path)
    passwords.hand_over("run-1", [newcomer(1, name="<script>alert(1)</script>"), newcomer(2, name='=cmd|"x"')])
    page = (tmp_path / "passwords" / f"{NORTH}-feide-run-1.html").read_text()
    assert "<script>" not in page
    assert "&lt;script&gt;" in page
    assert rows(tmp_path / "passwords" / f"{NORTH}-feide-run-1.csv")[2][1] == '\'=cmd|"x"'


def test_nothing_of_a_password_is_in_the_text_of_the_object(tmp_path: Path) -> None:
    passwords = handover(tmp_path)
    passwords.hand_over("run-1", [newcomer(1)])
    assert (passwords.first(key(1)) or "?") not in repr(passwords)
    assert "Åse" not in repr(passwords)


def test_those_whose_account_was_refused_are_taken_out_again(tmp_path: Path) -> None:
    passwords = handover(tmp_path)
    passwords.hand_over("run-1", [newcomer(1), newcomer(2), newcomer(3, SOUTH)])
    left = passwords.drop({key(2), key(3)})
    assert [p.name for p in left] == [f"{NORTH}-feide-run-1.csv", f"{NORTH}-feide-run-1.html"]
    assert [p[2] for p in rows(left[0])[1:]] == ["asepro1"]
    assert "asepro2" not in left[1].read_text()


def certificate(path: Path, algorithm: str) -> Path:
    """A self-signed certificate at the path; its key beside it."""
    require_openssl()
    key = path.with_suffix(".key")
    made = ["openssl", "req", "-x509", "-newkey", *algorithm.split(), "-nodes", "-days", "1", "-subj", "/CN=Nord skole"]
    subprocess.run([*made, "-keyout", key, "-out", path], check=True, capture_output=True)
    return key


def test_with_a_certificate_only_the_school_can_read_its_file(tmp_path: Path) -> None:
    key_file = certificate(tmp_path / f"{NORTH}.pem", "rsa:2048")
    passwords = handover(tmp_path, tmp_path)
    passwords.hand_over("run-1", [newcomer(1)])
    sealed = tmp_path / "passwords" / f"{NORTH}-feide-run-1.csv.p7m"
    assert (passwords.first(key(1)) or "?").encode() not in sealed.read_bytes()
    opened = tmp_path / "opened.csv"
    subprocess.run(["openssl", "cms", "-decrypt", "-in", sealed, "-inkey", key_file, "-out", opened], check=True)
    assert rows(opened)[1][2:] == ["asepro1", passwords.first(key(1))]
    assert not list((tmp_path / "passwords").glob("*.csv"))


def test_a_school_without_a_usable_certificate_waits_alone_and_is_told_why(tmp_path: Path) -> None:
    certificate(tmp_path / f"{SOUTH}.pem", "rsa:2048")
    passwords = handover(tmp_path, tmp_path)
    people = [newcomer(1), newcomer(2, SOUTH)]
    assert f"{NORTH}.pem: no certificate" in passwords.hand_over("run-1", people)[key(1)]
    (tmp_path / f"{NORTH}.pem").write_text("not a certificate")
    assert "is not a certificate in PEM form" in passwords.hand_over("run-2", people)[key(1)]
    certificate(tmp_path / f"{NORTH}.pem", "rsa:2048")
    later = Handover(tmp_path / "later", tmp_path, "Prøvedal kommune", "feide", lambda: NOW + timedelta(days=2))
    assert "has expired" in later.hand_over("run-2", people)[key(1)]
    certificate(tmp_path / f"{NORTH}.pem", "ec -pkeyopt ec_paramgen_curve:P-256")
    waiting = passwords.hand_over("run-3", people)
    assert waiting.keys() == {key(1)}
    assert "must be of an RSA key" in waiting[key(1)]
    assert passwords.first(key(1)) is None
    assert passwords.first(key(2))
    assert not list((tmp_path / "passwords").glob(f"{NORTH}-*"))


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "passwords").write_text("in the way")
    with pytest.raises(TargetUnavailable, match="first passwords cannot be handed over"):
        handover(tmp_path).hand_over("run-1", [newcomer(1)])
