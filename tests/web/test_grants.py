"""From a login and the roster to what somebody may see, on the day."""

from datetime import date
from typing import Any

import pytest

from provision.config.web_job import WebJob
from provision.core.roster import User
from provision.web.access import Role, Who
from provision.web.grants import Identity, Staff, staff_of, who_is
from tests.town import DAY, DISTRICT, NORTH, SOUTH, Town, person, place

REALM = "provedal.kommune.no"
HEAD = "head"


def number_of(user: User) -> str:
    return f"hash of {user.national_id}" if user.national_id else ""


def town(**role: str) -> Town:
    """A town with a head of the northern school, and a teacher there."""
    found = Town().add_teacher("teacher")
    found.users.append(person(HEAD, birth_date="1970-02-03"))
    found.enrollments.append(place(HEAD, **{"role": "principal", **role}))
    return found.add_pupils(2)


def staff(found: Town, night: int = 0, **names: str) -> Staff:
    return staff_of(found.roster(night), REALM, {"heha": HEAD, "tete": "teacher", "pupp": "p1", **names}, number_of)


def who(found: Staff, login: str, day: date = DAY, **web: Any) -> Who:
    identity = Identity("https://login.example", "s-1", login)
    return who_is(identity, found, WebJob.model_validate(web), day)


def test_the_head_of_a_school_sees_that_school() -> None:
    head = who(staff(town()), f"HEHA@{REALM}")
    assert (head.person, head.grants) == (HEAD, {Role.PRINCIPAL: {NORTH}})


def test_others_who_manage_a_school_see_it_only_where_the_site_says_that_its_sis_tells_none_apart() -> None:
    found = staff(town(role="administrator"))
    assert who(found, f"heha@{REALM}").grants == {}
    assert who(found, f"heha@{REALM}", heads="administrators").grants == {Role.PRINCIPAL: {NORTH}}
    assert who(staff(town()), f"heha@{REALM}", heads="administrators").grants == {Role.PRINCIPAL: {NORTH}}
    assert who(found, f"tete@{REALM}", heads="administrators").grants == {}


def test_teachers_and_pupils_see_nothing() -> None:
    found = staff(town())
    assert who(found, f"tete@{REALM}").grants == {}
    assert who(found, f"pupp@{REALM}") == Who("", f"pupp@{REALM}")


@pytest.mark.parametrize(
    ("night", "sees"), [(-1, False), (0, True), (6, True), (7, False)], ids=["before", "first day", "last day", "after"]
)
def test_a_head_sees_the_school_from_the_first_day_to_the_last(night: int, *, sees: bool) -> None:
    found = town(begin="2026-11-23", end="2026-11-29")
    assert bool(who(staff(found, night), f"heha@{REALM}").grants) == sees


def test_who_leads_the_municipality_leads_no_school_by_that() -> None:
    found = Town()
    found.users.append(person(HEAD))
    found.enrollments.append(place(HEAD, DISTRICT, role="principal"))
    assert who(staff(found), f"heha@{REALM}").grants == {}


def test_a_stand_in_sees_the_school_up_to_the_day_and_while_working_here() -> None:
    acting = [{"person": "teacher", "school": SOUTH, "until": "2026-11-30"}]
    found = staff(town())
    assert who(found, f"tete@{REALM}", date(2026, 11, 30), acting=acting).grants == {Role.PRINCIPAL: {SOUTH}}
    assert who(found, f"tete@{REALM}", date(2026, 12, 1), acting=acting).grants == {}
    gone = staff(town().without("teacher"))
    assert who(gone, f"tete@{REALM}", acting=acting).grants == {}


def test_a_name_that_two_have_is_nobodys() -> None:
    found = town()
    found.users[0]["principal_name"] = f"heha@{REALM}"
    assert who(staff(found), f"heha@{REALM}").person == ""


def test_whoever_is_blocked_sees_nothing() -> None:
    found = staff(town())
    roster = town().roster()
    object.__setattr__(roster, "blocked", frozenset({HEAD}))
    assert who(found, f"heha@{REALM}").grants
    assert who(staff_of(roster, REALM, {"heha": HEAD}, number_of), f"heha@{REALM}").grants == {}


def test_a_name_at_another_realm_is_nobodys() -> None:
    assert who(staff(town()), "heha@annendal.kommune.no").person == ""


def test_entra_is_known_by_the_object_that_the_job_names() -> None:
    found, web = staff(town()), {"provider": "entra", "object_ids": {"A-1": HEAD, "A-2": "nobody"}}
    assert who(found, "a-1", **web).person == HEAD
    assert who(found, "a-2", **web).person == ""
    assert who(found, f"heha@{REALM}", **web).person == ""


def test_id_porten_is_known_by_the_hash_of_the_number_alone() -> None:
    found = town()
    found.users[-3]["national_id"] = "01857012345"
    web = WebJob(provider="id_porten")
    known = Identity("https://idporten.example", "s-1", number="hash of 01857012345")
    assert who_is(known, staff(found), web, DAY).person == HEAD
    assert who_is(Identity("https://idporten.example", "s-1"), staff(found), web, DAY).person == ""


def test_no_identity_number_stays_with_the_names() -> None:
    found = town()
    found.users[-3]["national_id"] = "01857012345"
    assert "01857012345" not in repr(staff(found))


def test_admins_and_it_are_whom_the_job_names() -> None:
    found = staff(town())
    web = {"it_people": ["it@x.no"], "admin_people": [HEAD], "school_admins": {SOUTH: [f"Tete@{REALM}"]}}
    assert who(found, "IT@x.no", **web).grants == {Role.IT: None, Role.ADMIN: None}
    assert who(found, f"heha@{REALM}", **web).grants == {Role.PRINCIPAL: {NORTH}, Role.ADMIN: None}
    assert who(found, f"tete@{REALM}", **web).grants == {Role.ADMIN: {SOUTH}}


def test_neither_login_nor_name_is_in_a_repr() -> None:
    shown = repr(who(staff(town()), f"heha@{REALM}")) + repr(staff(town()))
    assert "heha" not in shown
    assert "Prøve" not in shown


def test_whoever_is_blocked_may_nothing_also_by_what_the_job_says_of_their_login() -> None:
    staff = Staff(by_login={"kari@hemne.no": "t1"}, blocked=frozenset({"t1"}))
    web = WebJob(provider="feide", it_people=("kari@hemne.no",), admin_groups=("admins",))
    asks = Identity("https://issuer", "s-1", "Kari@hemne.no", groups=frozenset({"admins"}))
    assert not who_is(asks, staff, web, date(2026, 11, 23)).grants
    assert who_is(asks, Staff(), web, date(2026, 11, 23)).grants
