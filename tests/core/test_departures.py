"""Why somebody or something goes, as what it counts, and what keeps them for now."""

from dataclasses import replace
from datetime import timedelta

from provision.core.cause import Cause
from provision.core.plan import Change, Delete, Disable, Update, Withdraw
from provision.core.policy import Policy
from provision.core.roster import ClassType, Role
from provision.core.words import Words
from tests.core.nights import World
from tests.core.test_class_records import LINKED, MAPPING, account, agents, group, town, with_choir, world
from tests.town import DAY, Town, place, school_class


def gone(here: World, told: Town) -> list[tuple[type[Change], str, Cause]]:
    """Who goes tonight, and as what it counts."""
    plan, _ = here.run(told)
    return [(type(c), c.key.sourced_id, c.cause) for c in plan.changes if isinstance(c, Delete | Disable)]


def leaver(days: int) -> Town:
    """Thirty pupils, and one whose time here ends so many days after the first."""
    told = Town().add_pupils(30).add_pupil("p31")
    told.enrollments[-1] = place("p31", end=(DAY + timedelta(days=days)).isoformat())
    return told


def test_a_person_and_a_class_out_of_scope_are_shown_as_that_and_not_as_departures() -> None:
    here = world()
    here.run(with_choir())
    here.mapping = replace(MAPPING, entries=tuple(replace(e, roles=e.roles - {Role.TEACHER}) for e in MAPPING.entries))
    here.policy = replace(LINKED, groups=frozenset({ClassType.HOMEROOM}))
    found = gone(here, with_choir())
    assert (Disable, "t1", Cause.OUT_OF_SCOPE) in found
    assert (Delete, "Kor", Cause.OUT_OF_SCOPE) in found
    assert account("t1") in here.records
    assert group("Kor") not in here.records


def test_a_class_that_is_over_ends_as_expected() -> None:
    here, told = world(), town()
    told.classes.append(school_class("Kor", end=DAY.isoformat()))
    here.run(told)
    assert (Delete, "Kor", Cause.GRADUATED) in gone(here, told)


def test_who_vanishes_is_let_in_for_some_days_and_who_left_as_the_sis_said_is_not() -> None:
    here, told = World(policy=Policy(nights=1, missing_days=10)), leaver(0)
    here.run(told)
    assert gone(here, told.without("p7", "p31")) == [(Disable, "p31", Cause.ENDED)]


def test_a_deletion_says_what_the_sis_had_said() -> None:
    here, told = World(policy=Policy(nights=1, retention_days=2)), leaver(0)
    here.run(told)
    here.run(told.without("p31"))
    here.run(told.without("p31"))
    plan, _ = here.run(told.without("p31"))
    [change] = plan.changes
    assert isinstance(change, Delete)
    assert change.reason.startswith(f"disabled for 2 days; left, as the SIS said, on {DAY.isoformat()}; missing")


def test_a_disabled_account_is_not_deleted_before_its_absence_is_proven_anew_where_the_evidence_was_lost() -> None:
    here, told = World(), Town().add_pupils(30)
    here.run(told)
    for _ in range(3):
        here.run(told.without("p7"))
    since = {("feide", account("p7")): DAY - timedelta(days=200)}
    here.history = replace(here.history, sightings={}, disabled=since)
    found = [gone(here, told.without("p7")) for _ in range(3)]
    assert found == [[], [], [(Delete, "p7", Cause.VANISHED)]]


def test_what_goes_at_once_says_why_and_goes_once() -> None:
    here, told = world(), town()
    told.relationships += [{"user": pupil, "related": "g1", "relation": "guardian"} for pupil in ("p2", "p3")]
    here.run(told)
    here.words = Words(blocked=frozenset({"p1"}))
    told.care = [{"sourced_id": pupil, "related_id": "g1", "barred": "1"} for pupil in ("p2", "p3")]
    told.care.append({"sourced_id": "p2", "protected": "1"})
    plan, _ = here.run(told)
    of = {who: [c for c in plan.changes if c.key == account(who)] for who in ("p1", "p2", "p3")}
    [blocked], [withdrawn], [stripped] = of["p1"], of["p2"], of["p3"]
    assert isinstance(blocked, Disable)
    assert (blocked.reason, blocked.cause, blocked.at_once) == ("out of scope", Cause.OUT_OF_SCOPE, True)
    assert isinstance(withdrawn, Withdraw)
    assert isinstance(stripped, Update)
    assert (stripped.reason, stripped.cause) == ("what may not be told of a pupil any more", Cause.WITHHELD)
    assert agents(here, "p1") == {"account:g1"}, "the guardians of whoever is blocked stay theirs"
    assert "g1" in here.active()
