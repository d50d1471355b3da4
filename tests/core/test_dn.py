import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from provision.core.dn import (
    DN,
    and_,
    child,
    equals_filter,
    escape_rdn_value,
    folded,
    format_dn,
    is_under,
    normal,
    or_,
    parse_dn,
    present_filter,
)

VALUES = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
AWKWARD = st.text(' #=+,;<>\\"\0\r\nåK09a', max_size=8)
ATTRIBUTES = st.sampled_from(["uid", "ou", "CN", "dc", "norEduOrgUnitUniqueIdentifier", "2.5.4.3"])
PAIRS = st.tuples(ATTRIBUTES, VALUES | AWKWARD)
DNS = st.lists(st.lists(PAIRS, min_size=1, max_size=3).map(tuple), max_size=4).map(tuple)


@given(DNS)
def test_a_dn_made_of_any_values_comes_apart_into_the_same_parts(parts: DN) -> None:
    assert parse_dn(format_dn(parts)) == parts


@given(VALUES | AWKWARD)
@example("")
@example(" ")
@example("\0")
@example("#Kari")
@example("Smith+Jones, Jr")
@example("trailing ")
def test_a_value_never_leaves_its_place(value: str) -> None:
    dn = child("uid", value, "ou=people,dc=no")
    assert parse_dn(dn) == ((("uid", value),), (("ou", "people"),), (("dc", "no"),))


@pytest.mark.parametrize(
    ("value", "escaped"),
    [
        ("", ""),
        (" ", "\\ "),
        ("  ", "\\ \\ "),
        (" a b ", "\\ a b\\ "),
        ("#1", "\\#1"),
        ("a#1", "a#1"),
        ('x"+,;<>\\y', 'x\\"\\+\\,\\;\\<\\>\\\\y'),
        ("a\0b", "a\\00b"),
        ("Grønn", "Grønn"),
    ],
)
def test_what_has_a_meaning_in_a_dn_is_escaped(value: str, escaped: str) -> None:
    assert escape_rdn_value(value) == escaped


@pytest.mark.parametrize(
    ("written", "parts"),
    [
        ("", ()),
        ("cn=a, ou=x", ((("cn", "a"),), (("ou", "x"),))),
        ("cn = a ;ou=x ", ((("cn", "a"),), (("ou", "x"),))),
        ("cn=Smith\\2C Jr", ((("cn", "Smith, Jr"),),)),
        ("ou=Gr\\c3\\b8nn", ((("ou", "Grønn"),),)),
        ("cn=a\\20", ((("cn", "a "),),)),
        ("cn=a+uid=b,dc=no", ((("cn", "a"), ("uid", "b")), (("dc", "no"),))),
        ("cn=a=b", ((("cn", "a=b"),),)),
        ("cn=,dc=no", ((("cn", ""),), (("dc", "no"),))),
    ],
)
def test_legal_spellings_are_understood(written: str, parts: DN) -> None:
    assert parse_dn(written) == parts


@pytest.mark.parametrize(
    "written", ["Kari", "cn", "=a", "c_n=a", "cn=a,", "cn=a,,dc=b", "cn=a\\", "cn=a\\x", 'cn="a"', "cn=<a>", "cn=#04"]
)
def test_what_is_no_dn_is_refused_without_repeating_it(written: str) -> None:
    with pytest.raises(ValueError, match=r"^not a DN") as caught:
        parse_dn(written)
    assert written not in str(caught.value)


def test_octets_that_are_no_utf8_come_back_as_they_were() -> None:
    assert format_dn(parse_dn("cn=a\\ffb")) == "cn=a\\ffb"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("UID=Kari,OU=People,DC=no", "uid=kari,ou=people,dc=no"),
        ("ou=Grønn  Skole, dc=no", "OU=GRØNN skole,dc=NO"),
        ("ou=A\u030as,dc=no", "ou=Ås,dc=no"),
        ("cn=a+uid=b,dc=no", "uid=B+cn=A,dc=no"),
        ("ou=Gr\\c3\\b8nn,dc=no", "ou=Grønn,dc=no"),
        ("not a dn", "NOT a dn "),
    ],
)
def test_two_spellings_of_one_name_are_equal(one: str, other: str) -> None:
    assert normal(one) == normal(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [("uid=a,dc=no", "uid=b,dc=no"), ("uid=a\\,dc=no", "uid=a,dc=no"), ("cn=a b", "cn=ab"), ("cn=a", "uid=a")],
)
def test_different_names_stay_different(one: str, other: str) -> None:
    assert normal(one) != normal(other)


@given(DNS)
def test_comparing_what_is_brought_to_one_form_changes_nothing_more(parts: DN) -> None:
    once = normal(format_dn(parts))
    assert normal(once) == once


@given(st.text())
def test_comparing_never_fails(text: str) -> None:
    assert normal(text) == normal(text)


@given(st.from_regex(r"[A-Za-z0-9=,._@-]*", fullmatch=True))
def test_the_short_way_for_plain_names_gives_what_the_long_one_gives(dn: str) -> None:
    assert normal(dn) == normal(dn + " ")


def test_case_spaces_and_composition_do_not_matter_in_a_value() -> None:
    assert folded("  Å  Berg ") == folded("A\u030a berg") == "å berg"


@pytest.mark.parametrize(
    ("dn", "base", "under"),
    [
        ("uid=a,ou=people,dc=no", "OU=People, DC=no", True),
        ("ou=people,dc=no", "ou=people,dc=no", True),
        ("uid=a,ou=morepeople,dc=no", "ou=people,dc=no", False),
        ("uid=a\\,ou=people,dc=no", "ou=people,dc=no", False),
        ("uid=a\\\\,ou=people,dc=no", "ou=people,dc=no", True),
        ("dc=no", "ou=people,dc=no", False),
        ("dc=no", "", True),
    ],
)
def test_an_entry_is_under_its_ancestors_and_itself(dn: str, base: str, under: bool) -> None:  # noqa: FBT001 - a column
    assert is_under(dn, base) is under


@given(VALUES | AWKWARD)
@example("*)(uid=*")
def test_a_filter_keeps_any_value_a_value(value: str) -> None:
    made = equals_filter("uid", value)
    inside = made.removeprefix("(uid=").removesuffix(")")
    assert made.isascii()
    assert not set(inside) & set("*()\0 ")
    assert _unescaped(inside) == value.encode()


def _unescaped(text: str) -> bytes:
    first, *rest = text.split("\\")
    return first.encode() + b"".join(bytes.fromhex(part[:2]) + part[2:].encode() for part in rest)


def test_filters_are_put_together() -> None:
    kari = and_(present_filter("uid"), equals_filter("sn", "a*"), or_("(a=1)", "(b=2)"))
    assert kari == "(&(uid=*)(sn=a\\2a)(|(a=1)(b=2)))"


@pytest.mark.parametrize("name", ["uid)(a", "", "1x", "u id", "uid;", "é"])
def test_only_a_legal_attribute_name_enters_a_filter_or_dn(name: str) -> None:
    for use in (present_filter, lambda n: equals_filter(n, "x"), lambda n: child(n, "x", "dc=no")):
        with pytest.raises(ValueError, match="attribute name"):
            use(name)
