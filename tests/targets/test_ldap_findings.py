"""What `doctor` is told about an LDAP server, without anything being written there."""

from dataclasses import replace
from pathlib import Path

import pytest

from provision.directory import Directory
from provision.targets.ldap import Finding
from tests.builders import BASE, a_pupil
from tests.canaries import PASSWORD
from tests.servers.feide import KARI, a_server, a_target, filled
from tests.servers.slapd import Slapd


def findings(slapd: Slapd, **other: object) -> list[Finding]:
    with Directory(slapd.settings(**other)) as directory:
        return a_target(directory).findings()


def worst(slapd: Slapd, **other: object) -> list[tuple[str, str]]:
    return [(f.level, f.text) for f in findings(slapd, **other) if f.level != "ok"]


def test_a_server_as_it_should_be_gives_no_complaint(tmp_path: Path) -> None:
    with a_server(tmp_path / "server") as server:
        with Directory(server.settings()) as directory:
            filled(server, a_target(directory), replace(a_pupil(1), active=False), a_pupil(2))
        before = server.entries(attributes=["*", "+"])
        assert worst(server) == []
        assert len(findings(server)) >= 4
        assert server.entries(attributes=["*", "+"]) == before, "doctor writes nothing"


def test_every_complaint_says_what_to_do(tmp_path: Path) -> None:
    options = {"without": frozenset({"norEduPersonLIN"}), "policy_module": False, "read_only": True}
    with a_server(tmp_path / "server", **options) as server:
        complaints = [finding for finding in findings(server) if finding.level != "ok"]
    assert len(complaints) == 4
    assert all(finding.remedy for finding in complaints)


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        ({"without": frozenset({"norEduPersonLIN"})}, "its schema lacks attribute norEduPersonLIN"),
        ({"policy_module": False}, "its schema lacks attribute pwdAccountLockedTime"),
        ({"policy_module": False}, "it has no password policy overlay"),
        ({"pwd_lockout": False}, "its password policy does not lock anybody out"),
        ({"read_only": True}, "it takes no writes now"),
        ({"suffix": "dc=elsewhere"}, f"it holds nothing at {BASE}"),
    ],
)
def test_what_is_missing_is_named(tmp_path: Path, options: dict[str, object], complaint: str) -> None:
    with a_server(tmp_path / "server", **options) as server:
        assert any(level == "error" and text.endswith(complaint) for level, text in worst(server))


def test_locking_that_was_never_tried_is_not_called_safe(tmp_path: Path) -> None:
    with a_server(tmp_path / "server") as server:
        assert worst(server) == [("warning", "nobody is locked out yet, so that locking could not be tried")]


def test_a_lock_that_no_policy_heeds_is_found_out(tmp_path: Path) -> None:
    """The overlay is loaded, the attribute is known and written, and yet the person can log in."""
    with a_server(tmp_path / "server", policy_overlay=False) as server:
        with Directory(server.settings()) as directory:
            filled(server, a_target(directory), replace(a_pupil(1), active=False))
        assert server.can_log_in(KARI, PASSWORD)
        assert worst(server) == [("error", "its password policy is not asked when people log in")]


def test_an_account_without_rights_is_told_so(tmp_path: Path) -> None:
    nobody = f"cn=nobody,{BASE}"
    with a_server(tmp_path / "server") as server:
        device = {"objectClass": ["device", "simpleSecurityObject"], "cn": "nobody", "userPassword": PASSWORD}
        server.add(nobody, device)
        server.allow_reading(nobody)
        complaints = worst(server, bind_dn=nobody, password=PASSWORD)
    assert [level for level, _ in complaints] == ["error", "warning"]
    assert "has no right to it" in complaints[0][1]


def test_a_wrong_password_is_the_only_finding(tmp_path: Path) -> None:
    with a_server(tmp_path / "server") as server:
        [(level, text)] = worst(server, password="wrong")
    assert level == "error"
    assert "LDAP_PASSWORD" in text
