"""Matching people with entries that others made: by evidence, never by guess."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provision.core.identity import Match, match_orgs, match_people
from provision.core.roster import Org, OrgType, User
from provision.core.state import Kind, Stranger

NIN = "15851250066"
OTHER = "05917797813"


def user(sourced_id: str = "p1", **fields: object) -> User:
    standard = {
        "given_name": "Kari",
        "family_name": "Nordmann",
        "full_name": "Kari Anne Nordmann",
        "birth_date": date(2012, 5, 15),
    }
    return User(sourced_id, **{**standard, **fields})  # type: ignore[arg-type]  # any field may be given


def entry(handle: str = "uid=kari", **fields: object) -> Stranger:
    return Stranger(handle, Kind.ACCOUNT, ("kari",), **fields)


NAMED = frozenset({"kari nordmann"})


def test_the_principal_name_is_certain_and_comes_first() -> None:
    found = match_people(
        [user(principal_name="kari@x.no", national_id=NIN)],
        [entry("a", principal_name="Kari@X.no"), entry("b", national_id=NIN)],
    )
    [match] = found.certain
    assert (match.handle, match.evidence) == ("a", "principal name")


def test_the_identity_number_is_certain() -> None:
    [match] = match_people([user(national_id=NIN)], [entry(national_id=NIN, names=NAMED)]).certain
    assert match.evidence == "identity number"


def test_name_and_birth_date_are_a_proposal() -> None:
    found = match_people([user()], [entry(names=NAMED, birth_date="20120515")])
    assert found.certain == ()
    assert [m.evidence for m in found.proposals] == ["name and birth date"]


@pytest.mark.parametrize("spelling", ["KARI  NORDMANN", "Kari Anne Nordmann", "kari nordmann "])
def test_a_name_matches_whatever_its_spelling_and_also_as_the_legal_name(spelling: str) -> None:
    assert match_people([user()], [entry(names=frozenset({spelling}), birth_date="20120515")]).proposals


@pytest.mark.parametrize(
    ("who", "what", "reason"),
    [
        (user(), entry(names=NAMED), "no birth date to compare"),
        (user(birth_date=None), entry(names=NAMED, birth_date="20120515"), "no birth date to compare"),
        (
            user(principal_name="k@x", national_id=NIN),
            entry(principal_name="k@x", national_id=OTHER),
            "its identity number is another",
        ),
        (user(principal_name="k@x"), entry(principal_name="k@x", birth_date="19990101"), "its birth date is another"),
        (
            user(national_id=NIN),
            entry(names=NAMED, birth_date="20120515", national_id=OTHER),
            "its identity number is another",
        ),
    ],
)
def test_evidence_that_contradicts_itself_or_is_too_thin_is_held(who: User, what: Stranger, reason: str) -> None:
    found = match_people([who], [what])
    assert reason in found.ambiguous["p1"]
    assert found.claimed == {"p1"}


def test_a_namesake_born_on_another_day_is_somebody_else() -> None:
    assert match_people([user()], [entry(names=NAMED, birth_date="20130101")]).claimed == set()


def test_two_entries_for_one_person_and_two_people_for_one_entry_are_held() -> None:
    two_entries = match_people([user(national_id=NIN)], [entry("a", national_id=NIN), entry("b", national_id=NIN)])
    assert two_entries.ambiguous == {"p1": "2 entries match by identity number"}
    twins = match_people([user("p1"), user("p2")], [entry(names=NAMED, birth_date="20120515")])
    assert twins.ambiguous.keys() == {"p1", "p2"}
    assert twins.proposals == ()


def test_what_is_no_identity_number_is_no_evidence_and_the_next_is_asked() -> None:
    assert match_people([user(national_id="12345")], [entry(national_id="12345")]).claimed == set()
    [match] = match_people(
        [user(principal_name="k@x", national_id=NIN)], [entry("a", national_id=NIN), entry("b", birth_date="20120515")]
    ).certain
    assert (match.handle, match.evidence) == ("a", "identity number")


def test_an_entry_of_several_people_says_so_to_each_and_the_others_are_matched() -> None:
    twins = [user("p1"), user("p2"), user("p3", national_id=NIN)]
    found = match_people(twins, [entry(names=NAMED, birth_date="20120515"), entry("uid=p3", national_id=NIN)])
    assert set(found.ambiguous.values()) == {"the entry that matches also matches somebody else"}
    assert found.ambiguous.keys() == {"p1", "p2"}
    assert [m.sourced_id for m in found.certain] == ["p3"]


def test_no_reason_holds_a_persons_data() -> None:
    found = match_people(
        [user(principal_name="k@x", national_id=NIN)], [entry(principal_name="k@x", national_id=OTHER)]
    )
    assert NIN not in str(found)
    assert OTHER not in str(found)
    assert "Kari" not in str(found)


PEOPLE = st.lists(
    st.builds(
        user,
        sourced_id=st.sampled_from([f"p{n}" for n in range(6)]),
        principal_name=st.sampled_from(["", "a@x", "b@x"]),
        national_id=st.sampled_from(["", NIN, OTHER]),
        birth_date=st.sampled_from([None, date(2012, 5, 15), date(2013, 1, 1)]),
    ),
    unique_by=lambda u: u.sourced_id,
)
ENTRIES = st.lists(
    st.builds(
        entry,
        handle=st.sampled_from([f"e{n}" for n in range(6)]),
        principal_name=st.sampled_from(["", "a@x", "b@x"]),
        national_id=st.sampled_from(["", NIN, OTHER]),
        birth_date=st.sampled_from(["", "20120515", "20130101"]),
        names=st.sampled_from([NAMED, frozenset({"somebody else"})]),
    ),
    unique_by=lambda s: s.handle,
)


@given(PEOPLE, ENTRIES)
def test_every_person_and_every_entry_is_matched_at_most_once(people: list[User], entries: list[Stranger]) -> None:
    found = match_people(people, entries)
    matches = [*found.certain, *found.proposals]
    assert len({m.handle for m in matches}) == len(matches)
    assert len({m.sourced_id for m in matches}) == len(matches)
    assert not {m.sourced_id for m in matches} & found.ambiguous.keys()


@given(PEOPLE, ENTRIES)
def test_the_order_does_not_matter(people: list[User], entries: list[Stranger]) -> None:
    assert match_people(people, entries) == match_people(people[::-1], entries[::-1])


# ── Orgs ─────────────────────────────────────────────────────────────────────────────────────────────────────────
BASE = "dc=nordlys,dc=no"


def org(sourced_id: str, name: str = "Nord skole", legal_name: str = "") -> Org:
    return Org(sourced_id, OrgType.SCHOOL, name, legal_name, "", "")


def unit(handle: str, *names: str, kind: Kind = Kind.ORG) -> Stranger:
    return Stranger(handle, kind, (), names=frozenset(names))


def test_an_org_is_the_entry_at_its_place_whatever_that_is_called_and_else_the_one_of_its_name() -> None:
    orgs = [org("3", "Vest skole", legal_name="Vest ungdomsskole"), org("1", "Nordlys"), org("2"), org("4", "Ingen")]
    entries = [
        unit("ou=nord", "NORD  skole", "Annet"),
        unit("DC=Nordlys, DC=no", "Gamle Nordlys"),
        unit("ou=vest", "vest ungdomsskole"),
        unit("ou=nordlys", "nordlys"),
    ]
    found = match_orgs(orgs, entries, {"1": BASE})
    assert found.certain == (
        Match("1", "DC=Nordlys, DC=no", (), "its place"),
        Match("2", "ou=nord", (), "name"),
        Match("3", "ou=vest", (), "name"),
    )
    assert (found.proposals, found.ambiguous) == ((), {})


def test_an_org_with_two_entries_of_its_name_is_held_and_blocks_no_other() -> None:
    entries = [unit("ou=a", "nord skole"), unit("ou=b", "Nord skole"), unit("ou=vest", "vest skole")]
    found = match_orgs([org("1"), org("2", "Vest skole")], entries, {})
    assert found.ambiguous == {"1": "2 entries match by name"}
    assert [(m.sourced_id, m.handle) for m in found.certain] == [("2", "ou=vest")]


def test_an_account_is_no_orgs_entry() -> None:
    account = unit("uid=nord", "nord skole", kind=Kind.ACCOUNT)
    assert match_orgs([org("1")], [account], {"1": "uid=nord"}).claimed == set()


@pytest.mark.parametrize("number", ["00000000000", "000000000000", "999999999999"])
def test_a_placeholder_is_nobodys_number(number: str) -> None:
    who = User("p1", "Kari", "Nordmann", "Kari Nordmann", national_id=number, birth_date=date(2012, 5, 15))
    other = Stranger("uid=ola", Kind.ACCOUNT, ("ola",), national_id=number, names=frozenset({"ola hansen"}))
    assert match_people([who], [other]).claimed == set()


def test_a_number_with_another_birth_date_is_held_as_it_is_for_new_ids() -> None:
    number = "15851250066"
    who = User("p1", "Kari", "Nordmann", "Kari Nordmann", national_id=number, birth_date=date(2012, 5, 15))
    other = Stranger(
        "uid=ola", Kind.ACCOUNT, ("ola",), national_id=number, names=frozenset({"ola hansen"}), birth_date="19990101"
    )
    assert match_people([who], [other]).certain == ()


def test_two_schools_of_one_name_do_not_both_take_the_only_entry_of_that_name() -> None:
    schools = [Org(each, OrgType.SCHOOL, "Sentrum skole", "", "d", "") for each in ("1", "2")]
    found = match_orgs(schools, [Stranger("ou=sentrum", Kind.ORG, (), names=frozenset({"sentrum skole"}))], {})
    assert found.certain == ()
    assert found.ambiguous.keys() == {"1", "2"}


def test_an_entry_at_the_place_of_one_org_is_not_also_taken_by_another_of_its_name() -> None:
    orgs = [Org("1", OrgType.DISTRICT, "Sentrum", "", "", ""), Org("2", OrgType.SCHOOL, "Sentrum", "", "1", "")]
    entry = Stranger("dc=sentrum,dc=no", Kind.ORG, (), names=frozenset({"sentrum"}))
    found = match_orgs(orgs, [entry], {"1": "dc=sentrum,dc=no"})
    assert [match.sourced_id for match in found.certain] == ["1"]
