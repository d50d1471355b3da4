"""Who leads a school is told apart without changing what anybody is in a target."""

import pytest

from provision.core.desired import desired_state
from provision.core.rules.context import Site
from provision.core.state import Key, Kind, Record, fingerprint
from provision.core.subjects import placed_people
from provision.core.usernames import Usernames
from tests.core.nights import MAPPING, REALM
from tests.core.test_class_records import MAPPING as LMS
from tests.town import DISTRICT, NORTH, Town, person, place


def town(role: str, org: str = NORTH) -> Town:
    return Town(users=[person("h1")], enrollments=[place("h1", org, role=role)])


@pytest.mark.parametrize("mapping", [MAPPING, LMS], ids=["feide", "oneroster"])
@pytest.mark.parametrize("org", [NORTH, DISTRICT])
def test_the_entry_of_a_head_is_that_of_everybody_who_manages_a_school(mapping: object, org: str) -> None:
    def made(role: str) -> Record:
        roster = town(role, org).roster()
        names = Usernames({"h1": "heha"}, {})
        desired = desired_state(roster, placed_people(roster), mapping, names, Site(REALM))  # type: ignore[arg-type]  # either
        assert desired.roles[Key(Kind.ACCOUNT, "h1")] == "administrator"
        return desired.records[Key(Kind.ACCOUNT, "h1")]

    assert made("principal") == made("administrator")
    assert fingerprint(made("principal"), b"key") == fingerprint(made("administrator"), b"key")


def test_the_roster_knows_the_head_and_whoever_else_manages_a_school() -> None:
    both = town("principal")
    both.users.append(person("i1"))
    both.enrollments.append(place("i1", role="administrator"))
    places = both.roster().enrollments
    assert [(each.role.value, each.leads) for each in (*places["h1"], *places["i1"])] == [
        ("administrator", True),
        ("administrator", False),
    ]
