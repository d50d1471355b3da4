"""How findings are gathered into lines, from pure values: a town, a mapping, the entries of a directory."""

from collections.abc import Iterable
from dataclasses import replace

from provision.core.desired import Desired, desired_state
from provision.core.mapping import TargetMapping
from provision.core.policy import Policy
from provision.core.preflight.finding import Finding, Found, Mend
from provision.core.roster import ClassType
from provision.core.rules.context import Site
from provision.core.state import Key, Kind
from provision.core.subjects import placed_people
from provision.core.usernames import Usernames
from provision.formats.entry import Standing
from provision.preflight.directory import Tonight, on_entries
from provision.preflight.line import Sight, lines, masked
from provision.preflight.ours import managed_attributes, on_groups, on_records
from tests.core.nights import MAPPING, REALM
from tests.town import NORTH, SOUTH, Town, place, school_class

SMS = Found(Finding.INVALID_MOBILE, "mobile")
SURNAME = Found(Finding.MISSING_ATTRIBUTE, "sn")
MAIL = Found(Finding.MISSING_ATTRIBUTE, "mail")
P1, P2 = Key(Kind.ACCOUNT, "p1"), Key(Kind.ACCOUNT, "p2")
AT_NORTH = frozenset({NORTH})


def in_group(number: int) -> Sight:
    found = Found(Finding.GROUP_WITHOUT_CODE, "eduPersonEntitlement", "6a", NORTH)
    return Sight(found, Mend.SIS, Key(Kind.ACCOUNT, f"p{number}"), AT_NORTH)


def test_what_holds_a_record_comes_first_and_people_by_their_id() -> None:
    sights = [Sight(found, Mend.SIS, who, AT_NORTH) for found in (SMS, MAIL, SURNAME) for who in (P2, P1)]
    told = [(line.found, line.key) for line in lines(sights)]
    assert told == [(found, who) for found in (SURNAME, MAIL, SMS) for who in (P1, P2)]


def test_a_group_is_one_line_with_how_many_are_in_it_and_a_few_of_them() -> None:
    (line,) = lines([in_group(number) for number in (5, 3, 1, 4, 2, 1)])
    assert (line.people, line.examples) == (5, ("account:p1", "account:p2", "account:p3"))
    assert (line.orgs, line.key, line.entry) == (AT_NORTH, None, "")


def test_what_may_be_an_identity_number_is_masked_and_nothing_else() -> None:
    assert masked("uid=15851250066,ou=people") == "uid=…,ou=people"
    assert masked("cn=158512 50066") == masked("cn=158512-50066") == "cn=…"
    assert masked("duf=158512500661") == "duf=…"
    assert masked("p0000012 NO974588145 2026-08-01") == "p0000012 NO974588145 2026-08-01"


# ── What we make ─────────────────────────────────────────────────────────────────────────────────────────────────
def a_town() -> Town:
    """Two pupils in a teaching group without a subject code, at each school."""
    groups = [school_class("na", class_type="scheduled"), school_class("sa", SOUTH, class_type="scheduled")]
    town = Town(classes=groups).add_pupil("p1", NORTH, "na").add_pupil("p2", NORTH, "na")
    return town.add_pupil("p3", SOUTH, "sa").add_pupil("p4", SOUTH, "sa")


def wanted(town: Town, mapping: TargetMapping = MAPPING) -> Desired:
    roster = town.roster()
    people = placed_people(roster)
    names = Usernames({p: f"user{n}" for n, p in enumerate(sorted(people))}, {})
    return desired_state(roster, people, mapping, names, Site(REALM))


def groups_without_code(town: Town, policy: Policy | None = None) -> dict[str, set[str]]:
    """By group, who is in it."""
    roster, people = town.roster(), placed_people(town.roster())
    found: dict[str, set[str]] = {}
    for sight in on_groups(wanted(town), MAPPING, roster, people, Site(REALM, policy or Policy())):
        assert isinstance(sight.who, Key)
        found.setdefault(sight.found.group, set()).add(sight.who.sourced_id)
    return found


def test_a_teaching_group_without_a_code_is_found_at_each_school() -> None:
    assert groups_without_code(a_town()) == {"na": {"p1", "p2"}, "sa": {"p3", "p4"}}


def test_a_class_or_a_group_with_its_code_or_one_that_does_not_go_out_is_not() -> None:
    town = a_town()
    town.classes = [school_class("na"), school_class("sa", SOUTH, class_type="scheduled", subject_code="MAT0006")]
    assert groups_without_code(town) == {}
    only_classes = Policy(school_groups={SOUTH: frozenset({ClassType.HOMEROOM})})
    assert groups_without_code(a_town(), only_classes).keys() == {"na"}


def test_who_is_protected_is_not_counted_in_a_group() -> None:
    town = a_town()
    town.care = [{"sourced_id": "p1", "protected": "1"}]
    assert groups_without_code(town)["na"] == {"p2"}


def test_where_two_entries_are_for_people_only_what_both_name_is_missed() -> None:
    (account,) = [entry for entry in MAPPING.entries if entry.of == "person"]
    fewer = replace(account, fields=tuple(each for each in account.fields if each.name not in ("sn", "cn")))
    for entries in ((account, fewer), (fewer, account)):
        managed = managed_attributes(replace(MAPPING, entries=entries))["person"]
        assert "givenname" in managed
        assert not managed & {"sn", "cn"}


def test_a_reference_to_an_org_that_is_not_made_is_found_on_the_record() -> None:
    without_schools = replace(MAPPING, entries=tuple(entry for entry in MAPPING.entries if entry.of != "school"))
    town = Town().add_pupil("p1")
    sights = on_records(wanted(town, without_schools), without_schools, town.roster(), Site(REALM))
    assert {sight.found.attribute for sight in sights if sight.found.finding is Finding.MISSING_ORG_UNIT} == {
        "eduPersonOrgUnitDN",
        "eduPersonPrimaryOrgUnitDN",
    }


# ── What stands there ────────────────────────────────────────────────────────────────────────────────────────────
def looked_at(*entries: Standing) -> tuple[int, set[tuple[Key | str, Finding]]]:
    town = Town(enrollments=[place("p9")])
    examined, sights = on_entries(entries, tonight(town))
    return examined, {(sight.who, sight.found.finding) for sight in sights}


def tonight(town: Town, ours: Iterable[Sight] = ()) -> Tonight:
    found = {sight.who: {sight.found} for sight in ours if isinstance(sight.who, Key)}
    return Tonight(MAPPING, town.roster(), REALM, wanted(town), found)


def standing(dn: str, *classes: str, **held: str) -> Standing:
    return Standing(
        dn, None, locked=False, held={n: frozenset({v}) for n, v in held.items()} | {"objectclass": frozenset(classes)}
    )


def test_a_person_is_known_by_the_class_or_by_the_feide_name_and_nothing_else_is_one() -> None:
    name = f"kari@{REALM}"
    for who in (standing("cn=a", "eduPerson"), standing("cn=a", "user", edupersonprincipalname=name)):
        examined, found = looked_at(who)
        assert examined == 1
        assert ("cn=a", Finding.MISSING_ATTRIBUTE) in found
    assert looked_at(standing("cn=service", "person"), standing("ou=people", "organizationalUnit")) == (0, set())


def test_an_empty_directory_has_no_findings() -> None:
    assert looked_at() == (0, set())
