"""What the settings of the LDAP client may be, and who may use the library below it."""

import ast
from pathlib import Path

import pytest

import provision
from provision.directory import Directory, DirectorySettings
from provision.errors import ConfigurationError
from tests.canaries import PASSWORD


def test_only_the_directory_package_knows_the_library() -> None:
    root = Path(provision.__file__).parent
    users = {path for path in root.rglob("*.py") if _imports_ldap3(path)}
    assert users, "nothing was found: the search is broken"
    assert {path.parent for path in users} == {root / "directory"}


def test_connections_are_made_in_one_place() -> None:
    root = Path(provision.__file__).parent / "directory"
    makers = {path.name for path in root.rglob("*.py") if _calls(path) & {"Server", "Connection", "Tls", "ServerPool"}}
    assert makers == {"connection.py"}


def _imports_ldap3(path: Path) -> bool:
    imported = [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Import | ast.ImportFrom)]
    modules = {node.module or "" for node in imported if isinstance(node, ast.ImportFrom)}
    modules |= {alias.name for node in imported if isinstance(node, ast.Import) for alias in node.names}
    return any(module.split(".")[0] == "ldap3" for module in modules)


def _calls(path: Path) -> set[str]:
    calls = [node.func for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call)]
    return {c.attr for c in calls if isinstance(c, ast.Attribute)} | {c.id for c in calls if isinstance(c, ast.Name)}


@pytest.mark.parametrize(
    ("url", "complaint"),
    [
        ("", "LDAP_URL"),
        ("http://localhost", "LDAP_URL"),
        ("ldaps://", "LDAP_URL"),
        ("ldaps://localhost:many", "LDAP_URL"),
        ("ldaps://localhost/dc=no", "only scheme, host and port"),
        ("ldaps://user:secret@localhost", "only scheme, host and port"),
        ("ldap://ldap.nordlys.kommune.no", "in the clear"),
        ("ldap://10.0.0.1", "in the clear"),
        (" LDAP://10.0.0.1", "in the clear"),
    ],
)
def test_an_address_that_cannot_be_is_refused_before_anything_is_sent(url: str, complaint: str) -> None:
    with pytest.raises(ConfigurationError, match=complaint):
        Directory(DirectorySettings(url, "cn=x", "y"))


def test_all_faults_of_the_settings_are_listed_at_once(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError) as caught:
        Directory(DirectorySettings("ftp://x", "", "", tmp_path / "absent.pem"))
    assert [fault.split(":")[0] for fault in caught.value.faults] == [
        "LDAP_URL",
        "LDAP_BIND_DN",
        "LDAP_PASSWORD",
        "LDAP_CA_FILE",
    ]


def test_start_tls_on_an_encrypted_port_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="LDAP_START_TLS"):
        Directory(DirectorySettings("ldaps://localhost", "cn=x", "y", start_tls=True))


def test_an_authority_matters_only_where_something_is_encrypted(tmp_path: Path) -> None:
    absent, garbage = tmp_path / "absent.pem", tmp_path / "garbage.pem"
    garbage.write_text("no certificate")
    for file in (absent, garbage):
        Directory(DirectorySettings("ldap://localhost", "cn=x", "y", file))
        for url, start_tls in (("ldaps://localhost", False), ("LDAPS://localhost", False), ("ldap://localhost", True)):
            with pytest.raises(ConfigurationError, match=f"LDAP_CA_FILE: .*{file.name}"):
                Directory(DirectorySettings(url, "cn=x", "y", file, start_tls=start_tls))


def test_the_password_is_not_shown() -> None:
    assert PASSWORD not in repr(DirectorySettings("ldaps://localhost", "cn=x", PASSWORD))
