from io import StringIO

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from provision.formats.entry import Attributes
from provision.formats.ldif import LdifError, read_entries, write_changes, write_entries
from provision.formats.operations import Add, Mod, Modify, Remove

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=90) | st.text(" :<#\0\r\næa-", max_size=5)
OCTETS = st.binary(max_size=6).map(lambda octets: octets.decode("utf-8", "surrogateescape"))
NAMES = st.sampled_from(["cn", "objectClass", "cn;lang-nb", "userPassword", "1.2.3"])
VALUES = st.frozensets(TEXT | OCTETS, min_size=1, max_size=3)
ENTRIES = st.lists(st.tuples(TEXT, st.dictionaries(NAMES, VALUES, max_size=4)), max_size=4)


def _read(text: str) -> list[tuple[str, Attributes]]:
    return list(read_entries(StringIO(text)))


def _written(entries: list[tuple[str, dict[str, frozenset[str]]]]) -> str:
    fh = StringIO()
    write_entries(fh, entries)
    return fh.getvalue()


@given(ENTRIES)
@example([("cn=a", {"cn": frozenset({"", " ", ":", "<", "#", "a ", "\n", "\r", "\0", "æ", "x" * 200})})])
def test_any_entries_come_back_as_they_were_written(entries: list[tuple[str, dict[str, frozenset[str]]]]) -> None:
    assert _read(_written(entries)) == entries


@given(ENTRIES)
@example([("cn=a", {"cn": frozenset({"", "a ", "æ", "x" * 200})})])
def test_what_is_written_is_short_lines_of_plain_ascii(entries: list[tuple[str, dict[str, frozenset[str]]]]) -> None:
    lines = _written(entries).split("\n")
    assert all(len(line) <= 76 and line.isascii() and (line.isprintable() or not line) for line in lines)
    assert not any(line != line.rstrip() for line in lines)


def test_the_same_entries_always_give_the_same_text() -> None:
    values = [f"v{number}" for number in range(50)]
    there, back = ({"cn": frozenset(each)} for each in (values, values[::-1]))
    assert _written([("cn=a", there)]) == _written([("cn=a", back)])


def test_folded_lines_comments_and_windows_line_ends_are_understood() -> None:
    text = (
        "\ufeff# a comment\r\n  that goes on\r\nversion: 1\r\n\r\n\r\ndn: cn=a,\r\n dc=no\r\n"
        "CN:no space\r\n# another\r\ncn:   three\r\ncn:: w6Ygw7g=\r\ncn:\r\n\r\n# the last\r\ndn:: Y249Yg=="
    )
    assert _read(text) == [
        ("cn=a,dc=no", {"CN": frozenset({"no space", "three", "æ ø", ""})}),
        ("cn=b", {}),
    ]


def test_an_attribute_has_one_name_however_it_is_spelled() -> None:
    assert _read("dn: cn=a\nCN: a\ncn: b\n\ndn: cn=b\ncn: c\n") == [
        ("cn=a", {"CN": frozenset({"a", "b"})}),
        ("cn=b", {"CN": frozenset({"c"})}),
    ]


def test_what_many_entries_have_alike_is_held_once() -> None:
    (_, one), (_, other) = _read("dn: cn=a\nou: x\nou: y\n\ndn: cn=b\nou: y\nou: x\n")
    assert one["ou"] is other["ou"]


def test_an_empty_text_holds_no_entry() -> None:
    assert _read("") == _read("version: 1\n") == _read("# nothing\n\n\n") == []


@pytest.mark.parametrize(
    ("text", "line", "complaint"),
    [
        ("dn: cn=a\ncn: secret\nsecret\n", 3, "no colon"),
        ("dn: cn=a\ncn:: s%cret\n", 2, "not base64"),
        ("dn: cn=a\ncn:: YQ\n", 2, "not base64"),
        ("dn: cn=a\ncn:: Y%Q==\n", 2, "not base64"),
        ("dn: cn=a\nphoto:< file:///secret\n", 2, "another file"),
        ("dn: cn=a\nse cret: x\n", 2, "not an attribute name"),
        ("dn: cn=a\nchangetype: delete\n", 2, "a change record"),
        ("cn: secret\n", 1, "an entry begins"),
        ("version: 2\n", 1, "an entry begins"),
        ("dn: cn=a\ncn: b\ndn: cn=secret\n", 3, "an entry begins"),
        ("\n secret\n", 2, "continues a line"),
        ("# one\n#\n\ndn: cn=a\ncn: a\n b\n\nsecret\n", 8, "no colon"),
    ],
)
def test_a_bad_line_is_named_by_its_number_and_not_repeated(text: str, line: int, complaint: str) -> None:
    with pytest.raises(LdifError, match=f"^line {line}: .*{complaint}") as caught:
        _read(text)
    assert "secret" not in str(caught.value)


def test_entries_before_a_bad_line_are_read_one_by_one() -> None:
    entries = read_entries(StringIO("dn: cn=a\ncn: a\n\nbad\n"))
    assert next(entries) == ("cn=a", {"cn": frozenset({"a"})})
    with pytest.raises(LdifError):
        next(entries)


def test_changes_are_written_as_change_records() -> None:
    fh = StringIO()
    mods = (Mod("delete", "sn", frozenset({"Old"})), Mod("add", "sn", frozenset({"Ny", "Å"})))
    write_changes(
        fh,
        [
            Add("cn=a", {"objectClass": frozenset({"device"}), "cn": frozenset({"a"})}),
            Modify("cn=b", mods),
            Remove("cn=c"),
        ],
        "three changes",
    )
    assert fh.getvalue() == (
        "# three changes\nversion: 1\n\n"
        "dn: cn=a\nchangetype: add\nobjectClass: device\ncn: a\n\n"
        "dn: cn=b\nchangetype: modify\ndelete: sn\nsn: Old\n-\nadd: sn\nsn: Ny\nsn:: w4U=\n-\n\n"
        "dn: cn=c\nchangetype: delete\n"
    )
