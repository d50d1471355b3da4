"""Whatever people are called: one entry, in its place, found by its name and by no other."""

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from provision.core.dn import child, equals_filter, format_dn, parse_dn, present_filter
from provision.directory import Directory
from provision.errors import ChangeRejected
from tests.servers.slapd import SUFFIX, Slapd

FUZZ = f"ou=fuzz,{SUFFIX}"


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Directory]:
    with Slapd(tmp_path_factory.mktemp("slapd") / "server") as server, Directory(server.settings()) as client:
        client.add(FUZZ, {"objectClass": frozenset({"organizationalUnit"}), "ou": frozenset({"fuzz"})})
        yield client


AWKWARD = (
    "*)(uid=*",
    "#Kari",
    "Smith+Jones, Jr",
    "blank at the end ",
    " blank",
    "a\0b",
    "a\\,b",
    "\\",
    "=",
    "æøå",
    "*",
)
_LETTERS = st.characters(exclude_categories=("Cs", "Cn", "Co"))


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(name=st.text(st.sampled_from(' #,+"\\<>;=*()\0aæŋ😀') | _LETTERS, min_size=1, max_size=12))
def test_any_name_makes_one_entry_just_where_it_should_be(directory: Directory, name: str) -> None:
    _one_entry_in_its_place(directory, name)


@pytest.mark.parametrize("name", AWKWARD)
def test_an_awkward_name_makes_one_entry_just_where_it_should_be(directory: Directory, name: str) -> None:
    assert _one_entry_in_its_place(directory, name), "the server should take this name"


def _one_entry_in_its_place(directory: Directory, name: str) -> bool:
    """Added, found by DN and by filter, alone below its parent, and gone again; False where the server refuses it."""
    dn = child("cn", name, FUZZ)
    try:
        directory.add(dn, {"objectClass": frozenset({"device"}), "cn": frozenset({name})})
    except ChangeRejected:
        assert _below(directory) == []
        return False
    assert directory.get(dn, ["cn"]) == {"cn": frozenset({name})}
    [(found, attributes)] = directory.search(FUZZ, equals_filter("cn", name), ["cn"])
    assert attributes == {"cn": frozenset({name})}
    assert parse_dn(found)[1:] == parse_dn(FUZZ)
    assert _below(directory) == [found]
    directory.delete(format_dn(parse_dn(found)))
    assert _below(directory) == []
    return True


def _below(directory: Directory) -> list[str]:
    return [dn for dn, _ in directory.search(FUZZ, present_filter("cn"), ["cn"])]
