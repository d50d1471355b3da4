"""The LDAP client on a real server: whole answers or none, and nobody else gets our password."""

import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from provision.core.dn import and_, child, equals_filter, present_filter
from provision.directory import (
    Directory,
    DirectorySettings,
    EntryExists,
    LostReply,
    NoSuchEntry,
    TakesNoWrites,
    Unwilling,
)
from provision.errors import ChangeRejected, ChangeStale, TargetUnavailable
from tests.canaries import NAME, PASSWORD
from tests.servers.proxy import Proxy
from tests.servers.slapd import SUFFIX, Slapd, SlapdOptions

PEOPLE = f"ou=people,{SUFFIX}"
OU = {"objectClass": frozenset({"organizationalUnit"})}


@pytest.fixture(scope="module")
def slapd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Slapd]:
    with Slapd(tmp_path_factory.mktemp("slapd") / "server") as server:
        server.add(PEOPLE, {"objectClass": ["organizationalUnit"], "ou": ["people"]})
        yield server


@pytest.fixture
def own_slapd(tmp_path: Path) -> Iterator[Slapd]:
    with Slapd(tmp_path / "server") as server:
        yield server


@pytest.fixture
def directory(slapd: Slapd) -> Iterator[Directory]:
    with Directory(slapd.settings()) as client:
        yield client


def an_ou(name: str) -> tuple[str, dict[str, frozenset[str]]]:
    return child("ou", name, PEOPLE), OU | {"ou": frozenset({name})}


def test_a_slash_after_the_address_does_no_harm(slapd: Slapd) -> None:
    with Directory(slapd.settings(url=slapd.url + "/")) as client:
        assert client.get(SUFFIX, ["dc"]) == {"dc": frozenset({"hemne"})}


def test_a_wrong_password_is_explained_and_not_repeated(slapd: Slapd) -> None:
    with (
        Directory(slapd.settings(password=PASSWORD)) as client,
        pytest.raises(TargetUnavailable, match="LDAP_PASSWORD") as caught,
    ):
        client.get(SUFFIX, ["dc"])
    assert PASSWORD not in str(caught.value)


def test_nobody_at_the_address_is_unavailable() -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    client = Directory(DirectorySettings(f"ldap://127.0.0.1:{port}", "cn=x", "y"))
    with pytest.raises(TargetUnavailable, match=f"127.0.0.1:{port}: nobody answers there"):
        client.get("", ["*"])


def test_what_is_added_is_read_back_whatever_it_holds(directory: Directory) -> None:
    dn, attributes = an_ou("Ærlig & talt, <Øst>")
    attributes["description"] = frozenset({" space at both ends ", "*)(uid=*", "\\2a", "æ" * 200})
    directory.add(dn, attributes)
    assert directory.get(dn, ["objectClass", "ou", "description"]) == attributes


def test_octets_that_are_no_utf_8_come_and_go_unaltered(directory: Directory) -> None:
    dn = child("cn", "octets", PEOPLE)
    photo = frozenset({b"\xff\xd8\x00 not text".decode("utf-8", "surrogateescape")})
    classes = frozenset({"device", "extensibleObject"})
    directory.add(dn, {"objectClass": classes, "cn": frozenset({"octets"}), "jpegPhoto": photo})
    assert directory.get(dn, ["jpegPhoto"]) == {"jpegPhoto": photo}


def test_a_missing_entry_is_none_and_cannot_be_changed(directory: Directory) -> None:
    dn, _ = an_ou("never made")
    assert directory.get(dn, ["ou"]) is None
    with pytest.raises(NoSuchEntry):
        directory.modify(dn, [("add", "description", ["x"])])
    with pytest.raises(NoSuchEntry):
        directory.delete(dn)
    with pytest.raises(NoSuchEntry):
        list(directory.search(dn, present_filter("ou"), ["ou"]))


def test_an_entry_is_not_added_twice(directory: Directory) -> None:
    directory.add(*an_ou("twice"))
    with pytest.raises(EntryExists):
        directory.add(*an_ou("twice"))


def test_a_modification_is_all_or_nothing(directory: Directory) -> None:
    dn, attributes = an_ou("whole")
    directory.add(dn, attributes)
    with pytest.raises(ChangeStale):
        directory.modify(dn, [("add", "description", ["new"]), ("delete", "street", ["never there"])])
    assert directory.get(dn, ["description", "street"]) == {}
    directory.modify(dn, [("add", "description", ["one", "two"]), ("replace", "street", ["Storgata 1"])])
    directory.modify(dn, [("delete", "description", ["one"]), ("add", "description", ["three"])])
    assert directory.get(dn, ["description", "street"]) == {
        "description": frozenset({"two", "three"}),
        "street": frozenset({"Storgata 1"}),
    }


def test_a_write_under_an_assertion_that_no_longer_holds_is_stale(directory: Directory) -> None:
    dn, attributes = an_ou("asserted")
    directory.add(dn, attributes)
    version = (directory.get(dn, ["entryCSN"]) or {})["entryCSN"]
    assertion = equals_filter("entryCSN", *version)
    directory.modify(dn, [("add", "description", ["first"])], assertion)
    with pytest.raises(ChangeStale):
        directory.modify(dn, [("add", "description", ["second"])], assertion)
    with pytest.raises(ChangeStale):
        directory.delete(dn, and_(assertion, present_filter("objectClass")))
    assert directory.get(dn, ["description"]) == {"description": frozenset({"first"})}


@pytest.mark.parametrize(
    ("attributes", "names"),
    [
        ({"objectClass": frozenset({"inetOrgPerson"}), "cn": frozenset({NAME})}, "sn"),
        (OU | {"nickname": frozenset({NAME})}, "nickname"),
        (OU | {"givenName": frozenset({NAME})}, "givenName"),
        (OU | {"seeAlso": frozenset({NAME})}, "seeAlso"),
        ({"objectClass": frozenset({NAME})}, "objectClass"),
    ],
)
def test_a_refusal_names_what_is_wrong_and_no_value(
    directory: Directory, attributes: dict[str, frozenset[str]], names: str
) -> None:
    with pytest.raises(ChangeRejected) as caught:
        directory.add(child("ou", NAME, PEOPLE), {"ou": frozenset({NAME})} | attributes)
    assert names in str(caught.value)
    assert not any(word in str(caught.value) for word in NAME.split())
    assert caught.value.__suppress_context__


def test_what_the_account_may_not_write_is_refused(slapd: Slapd, directory: Directory) -> None:
    with pytest.raises(Unwilling, match="access rules"):
        directory.modify(slapd.policy_dn, [("add", "description", ["x"])])


def test_the_account_sets_passwords_and_never_sees_one(slapd: Slapd, directory: Directory) -> None:
    dn = child("uid", "see", PEOPLE)
    account = {"objectClass": frozenset({"account", "simpleSecurityObject"}), "uid": frozenset({"see"})}
    directory.add(dn, account | {"userPassword": frozenset({PASSWORD})})
    assert slapd.can_log_in(dn, PASSWORD)
    assert directory.get(dn, ["userPassword", "uid"]) == {"uid": frozenset({"see"})}


def test_the_server_says_what_it_is(directory: Directory) -> None:
    schema = directory.schema()
    assert {"noredupersonlin", "uid", "userid", "pwdaccountlockedtime"} <= schema.attributes
    assert {"noreduperson", "inetorgperson"} <= schema.object_classes
    assert SUFFIX in schema.naming_contexts
    assert (schema.vendor, schema.has_assertion, schema.has_password_policy) == ("OpenLDAP", True, True)


@pytest.fixture(scope="module")
def limited(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Slapd]:
    """A server with 1,001 entries below the base that gives 500 at a time."""
    with Slapd(tmp_path_factory.mktemp("limited") / "server", SlapdOptions(size_limit="500")) as server:
        with server.admin() as connection:
            for number in range(1001):
                connection.add(f"cn=n{number},{SUFFIX}", "device")
        yield server


def test_more_entries_than_the_server_gives_at_once_come_in_pages(limited: Slapd) -> None:
    with Directory(limited.settings(page_size=500)) as client:
        found = [dn for dn, _ in client.search(SUFFIX, equals_filter("objectClass", "device"), ["cn"])]
    assert len(set(found)) == len(found) == 1001


def test_a_size_limit_gives_an_error_and_never_a_part_as_if_it_were_all(tmp_path: Path) -> None:
    options = SlapdOptions(size_limit="3", size_limit_paged="hard")
    with Slapd(tmp_path / "server", options) as server, Directory(server.settings(page_size=2)) as client:
        for number in range(5):
            client.add(f"ou=n{number},{SUFFIX}", OU | {"ou": frozenset({f"n{number}"})})
        with pytest.raises(TargetUnavailable, match=r"size limit .* olcLimits"):
            list(client.search(SUFFIX, present_filter("ou"), ["ou"]))


def test_a_referral_is_not_followed_and_nobody_there_gets_our_password(own_slapd: Slapd) -> None:
    with socket.create_server(("127.0.0.1", 0)) as stranger, Directory(own_slapd.settings()) as client:
        stranger.settimeout(0)
        elsewhere = f"ldap://127.0.0.1:{stranger.getsockname()[1]}/ou=away,{SUFFIX}"
        with own_slapd.admin() as connection:
            manage = [("2.16.840.1.113730.3.4.2", True, None)]  # manageDsaIT: the referral itself, not its goal
            classes = {"objectClass": ["referral", "extensibleObject"], "ou": "away", "ref": elsewhere}
            connection.add(f"ou=away,{SUFFIX}", attributes=classes, controls=manage)
        found = [dn for dn, _ in client.search(SUFFIX, present_filter("objectClass"), ["objectClass"])]
        assert found == [SUFFIX]
        with pytest.raises(TakesNoWrites, match="another server"):
            client.modify(f"ou=away,{SUFFIX}", [("add", "description", ["x"])])
        with pytest.raises(TargetUnavailable):
            client.get(f"ou=away,{SUFFIX}", ["ou"])
        with pytest.raises(BlockingIOError):
            stranger.accept()


def test_a_read_only_server_takes_no_writes(own_slapd: Slapd) -> None:
    own_slapd.read_only(on=True)
    with Directory(own_slapd.settings()) as client, pytest.raises(TakesNoWrites, match="takes no writes"):
        client.add(f"ou=x,{SUFFIX}", OU | {"ou": frozenset({"x"})})


def test_a_server_that_hangs_is_unavailable_within_the_time(own_slapd: Slapd) -> None:
    with Directory(own_slapd.settings(timeout=1.0)) as client:
        client.get(SUFFIX, ["dc"])
        own_slapd.pause()
        began = time.monotonic()
        with pytest.raises(TargetUnavailable, match="no answer in time"):
            client.get(SUFFIX, ["dc"])
        with pytest.raises(TargetUnavailable):
            client.modify(SUFFIX, [("add", "description", ["x"])])
        assert time.monotonic() - began < 5
        own_slapd.resume()
        assert client.get(SUFFIX, ["dc"])


def test_a_connection_that_ended_while_idle_is_made_anew_for_reading(own_slapd: Slapd) -> None:
    with Directory(own_slapd.settings()) as client:
        assert client.get(SUFFIX, ["dc"])
        own_slapd.restart()
        assert client.get(SUFFIX, ["dc"])
        own_slapd.restart()
        assert list(client.search(SUFFIX, present_filter("dc"), ["dc"]))


def test_a_search_cut_off_between_pages_is_an_error(limited: Slapd) -> None:
    with Proxy(limited.port) as proxy, Directory(limited.settings(url=proxy.url, page_size=100)) as client:
        found = client.search(SUFFIX, equals_filter("objectClass", "device"), ["cn"])
        next(found)
        proxy.cut()
        with pytest.raises(TargetUnavailable):
            list(found)


def test_a_lost_reply_to_a_write_is_told_apart_and_the_client_goes_on(slapd: Slapd) -> None:
    dn, attributes = an_ou("lost")
    with Proxy(slapd.port) as proxy, Directory(slapd.settings(url=proxy.url)) as client:
        client.schema()
        proxy.swallow("add")
        with pytest.raises(LostReply):
            client.add(dn, attributes)
        assert proxy.swallowed == 1
        client.reconnect()
        assert client.get(dn, ["ou"]) == {"ou": frozenset({"lost"})}


def test_a_lost_connection_is_sought_with_growing_pauses_and_not_for_ever() -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    pauses: list[float] = []
    client = Directory(DirectorySettings(f"ldap://127.0.0.1:{port}", "cn=x", "y", retry_for=2.0), sleep=pauses.append)
    with pytest.raises(TargetUnavailable):
        client.reconnect()
    assert len(pauses) > 3
    assert sum(pauses) == pytest.approx(2.0)
    assert pauses[:-1] == sorted(pauses[:-1])
