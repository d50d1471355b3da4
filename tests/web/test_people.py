"""Finding a person, and what is told of her to whom."""

import re
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provision.web.access import Role, Who
from provision.web.roll import Person, Roll, search, sees_person
from provision.web.told import PEOPLE
from tests.app.edits import without
from tests.app.sites import NORTH, SOUTH, Site, day, number_of, protected, pupils
from tests.web.looked import finished, said
from tests.web.served import Person as Reader
from tests.web.served import Served, served
from tests.web.test_access import at_school, somebody

WORDS: Final = st.sampled_from(["Kari", "Karin", "Åse", "Ola-Nils", "Nordmann", "Ås"])
NAMES: Final = st.lists(WORDS, max_size=3).map(" ".join)
IDS: Final = st.sampled_from([f"p{number}" for number in range(6)])
ROLLS: Final = st.dictionaries(IDS, NAMES).map(
    lambda found: Roll({each: Person(each, name, frozenset({"A"})) for each, name in found.items()})
)


@pytest.fixture
def admin(pages: Served) -> Reader:
    return somebody(pages, "school admin")


def found_by(reader: Reader, typed: str) -> list[str]:
    return re.findall(r'href="/people/([^"]+)"', reader.send_form("/people", who=typed).text)


def test_a_person_is_found_by_name_username_and_id(pages: Served, admin: Reader) -> None:
    pupil = pages.site.roll().people[at_school(pages, NORTH)]
    username = next(name for name, owner in pages.site.journal.usernames().items() if owner == pupil.id)
    given, *_, family = pupil.name.split()
    for typed in (pupil.name, f"{family[:4]} {given[:4]}", username.upper(), f"{username}@hemne.kommune.no", pupil.id):
        assert pupil.id in found_by(admin, typed), typed
    assert found_by(admin, f"{pupil.name} x") == []
    assert found_by(admin, "") == []


def test_nobody_of_another_school_is_found_or_shown(pages: Served, admin: Reader) -> None:
    pupil = pages.site.roll().people[at_school(pages, SOUTH)]
    assert pupil.id in found_by(somebody(pages, "it"), pupil.name)
    for typed in (pupil.name, pupil.id):
        assert pupil.id not in found_by(admin, typed)
    foreign, unknown = admin.open(f"/people/{pupil.id}"), admin.open("/people/p9999999")
    assert (foreign.status_code, unknown.status_code) == (404, 404)
    assert foreign.text.replace(pupil.id, "p9999999") == unknown.text
    assert admin.open(f"/resync?what=person:{pupil.id}").status_code == 404


def test_a_name_in_an_address_finds_nobody(pages: Served, admin: Reader) -> None:
    pupil = pages.site.roll().people[at_school(pages, NORTH)]
    for name in ("q", "who"):
        assert pupil.id not in admin.open(f"/people?{name}={pupil.name}").text
    form = admin.open("/people").text
    assert '<form method="post" action="/people"' in form


def test_at_most_fifty_are_shown_and_that_there_are_more_is_said(pages: Served) -> None:
    it = somebody(pages, "it")
    crowd = Roll({str(number): Person(str(number), "Kari Berg", frozenset({NORTH})) for number in range(51)})
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(pages.site, "_roll", crowd)
        answer = it.send_form("/people", who="kari")
    assert len(re.findall(r'href="/people/', answer.text)) == 50
    assert "Mer enn 50 personer" in answer.text


def test_the_page_says_why_somebody_has_what_she_has_and_no_identity_number(
    pages: Served, admin: Reader, counted_site: Site
) -> None:
    pupil = at_school(pages, NORTH)
    first = admin.open(f"/people/{pupil}")
    assert first.status_code == 200
    text = said(finished(admin, f"/people/{pupil}"))
    for expected in ("feide kan logge inn", "skal ha konto her", "Regel:", "ny i skolesystemet", "Rett opp nå"):
        assert expected in text
    assert number_of(counted_site, pupil)
    assert number_of(counted_site, pupil) not in text


def test_a_principal_sees_why_and_cannot_put_right(pages: Served) -> None:
    head, pupil = somebody(pages, "principal"), at_school(pages, NORTH)
    assert "/resync" not in finished(head, f"/people/{pupil}").text
    assert head.open(f"/resync?what=person:{pupil}").status_code == 404


def test_whose_address_is_protected_is_shown_to_those_alone_who_see_everybody(
    pages: Served, counted_site: Site
) -> None:
    hidden = next(each for each in pages.site.roll().people.values() if each.protected and each.orgs)
    assert {hidden.id} <= protected(counted_site)
    owner = Who("x", grants={Role.ADMIN: hidden.orgs})
    assert not sees_person(owner, PEOPLE, hidden)
    it = somebody(pages, "it")
    assert hidden.id not in found_by(it, hidden.name)
    assert found_by(it, hidden.id) == [hidden.id]
    assert "skal ikke ha konto her" in said(finished(it, f"/people/{hidden.id}"))


def test_of_another_school_of_hers_nothing_is_told(pages: Served, own_site: Site) -> None:
    both = next(
        (e for e in pages.site.roll().people.values() if e.orgs == {NORTH, SOUTH} and e.name and not e.protected), None
    )
    assert both, "nobody is at both schools"
    name = pages.site.staff().schools[SOUTH]
    text = said(finished(somebody(pages, "school admin"), f"/people/{both.id}"))
    assert "Også på en skole som du ikke skal se" in text
    assert name not in text
    assert SOUTH not in text
    wide = said(finished(somebody(pages, "it"), f"/people/{both.id}"))
    assert name in wide


def test_who_is_gone_from_the_sis_is_found_by_those_of_the_last_school(own_site: Site) -> None:
    pupil = pupils(own_site, NORTH)[0]
    own_site.night(1, without([pupil]))
    with served([own_site.folder]) as pages:
        admin = somebody(pages, "school admin")
        assert found_by(admin, pupil) == [pupil]
        text = said(finished(admin, f"/people/{pupil}"))
    assert "ikke lenger" in text
    assert "er ikke i skolesystemet" in text


def test_what_cannot_be_looked_up_says_so_and_names_no_folder(own_site: Site) -> None:
    with served([own_site.folder]) as pages:
        admin, pupil = somebody(pages, "school admin"), at_school(pages, NORTH)
        own_site.replace(".env", ("BASE_DN=", "BASE_DN=?"))
        answer = finished(admin, f"/people/{pupil}")
    assert "Dette kunne ikke slås opp nå" in answer.text
    assert str(own_site.folder) not in answer.text


def test_the_command_line_says_the_same_by_what_was_last_accepted(own_site: Site) -> None:
    pupil = pupils(own_site, NORTH)[0]
    own_site.sis.unlink()
    said_so = own_site.cli("explain", pupil, "--kept", "--day", str(day(0)), "--json", code=0).json
    assert (said_so["person"], said_so["in_sis"]) == (pupil, True)
    own_site.cli("explain", pupil, "--day", str(day(0)), "--json", code=4)


@given(ROLLS, NAMES | IDS, st.frozensets(IDS))
def test_a_search_finds_only_who_may_be_seen_and_by_every_word(roll: Roll, typed: str, mine: frozenset[str]) -> None:
    found = list(search(roll, {}, typed, lambda each: each.id in mine))
    assert {each.id for each in found} <= mine
    assert len({each.id for each in found}) == len(found)
    for each in found:
        name = re.split("[ -]", each.name.casefold())
        words = re.split("[ -]", typed.casefold())
        assert typed == each.id or all(any(part.startswith(word) for part in name) for word in words)


@given(ROLLS)
def test_everybody_is_found_by_the_whole_name_and_by_its_end_first(roll: Roll) -> None:
    for each in roll.people.values():
        for typed in (each.name, " ".join(reversed(each.name.split()))):
            if len(typed) >= 2:
                assert each in list(search(roll, {}, typed, lambda _: True))


@given(
    grants=st.dictionaries(st.sampled_from([*Role]), st.none() | st.frozensets(st.sampled_from("AB"))),
    hidden=st.booleans(),
)
def test_a_person_is_seen_exactly_where_a_role_reaches_one_of_her_schools(
    *, grants: dict[Role, frozenset[str] | None], hidden: bool
) -> None:
    person = Person("p", orgs=frozenset("A"), protected=hidden)
    wide = any(role in grants and grants[role] is None for role in PEOPLE)
    near = any("A" in (grants.get(role) or ()) for role in PEOPLE)
    assert sees_person(Who("x", grants=grants), PEOPLE, person) == (wide or (near and not hidden))
