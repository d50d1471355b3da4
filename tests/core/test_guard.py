"""The guard: each limit at its boundary, whole groups or nothing, and approvals that may shrink but never grow."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from provision.core.cause import Cause
from provision.core.clues import Clues
from provision.core.guard import Approval, Budget, Hold, guard
from provision.core.losses import Losses
from provision.core.plan import Change, Create, Delete, Disable, Plan, Rekey, Update, Withdraw
from provision.core.policy import DEFAULT_BUDGETS
from provision.core.state import Key, Kind, Member, Record
from provision.core.traits import Traits
from tests.core.nights import World
from tests.town import NIGHT, NORTH, SOUTH, Town

TRAITS = Traits(fields=frozenset({"cn", "groups", "nin"}), membership=frozenset({"groups"}), secret=frozenset({"nin"}))
ONE = {**dict.fromkeys(DEFAULT_BUDGETS, Budget(share=0.0, least=1))}


def record(number: int, **fields: frozenset[str] | str) -> Record:
    return Record(Key(Kind.ACCOUNT, f"p{number:03}"), {"cn": "x", **fields})


def disable(number: int, *orgs: str) -> Disable:
    before = record(number)
    return Disable(before, replace(before, active=False), frozenset(orgs or (NORTH,)), "student", "missing")


def plan(*changes: Change, existing: int = 100) -> Plan:
    return Plan(
        "feide",
        changes,
        existing={(org, role): existing for org in (NORTH, SOUTH) for role in ("", "student", "staff")},
    )


def approval(hold: Hold, **changed: object) -> Approval:
    scope = {name: getattr(hold, name) for name in ("target", "org", "loss", "role", "cause", "digests")}
    given = Approval(hold.id, **scope, approver="kari", reason="right", expires=NIGHT + timedelta(hours=1))
    return replace(given, **changed)  # type: ignore[arg-type]  # any field may be changed


def losses(change: Change) -> dict[str, tuple[str, ...]]:
    return {loss.kind: loss.lost for loss in Losses(plan(change), TRAITS).of(change)}


@pytest.mark.parametrize(
    ("share", "least", "existing", "limit"),
    [
        (0.03, 5, 1000, 30),
        (0.03, 5, 100, 5),
        (0.03, 5, 44, 5),
        (0.03, 5, 24, 4),
        (0.03, 5, 25, 5),
        (0.03, 5, 6, 1),
        (0.03, 5, 4, 1),
        (0.03, 5, 1, 1),
        (0.03, 5, 0, 0),
        (0.5, 0, 9, 4),
        (0.0, 0, 1000, 0),
        (1.0, 0, 7, 7),
    ],
)
def test_a_budget_is_a_share_or_a_least_number_but_never_more_than_a_fifth(
    share: float, least: int, existing: int, limit: int
) -> None:
    assert Budget(share, least).limit(existing) == limit


def test_exactly_the_limit_goes_and_one_more_is_held_whole() -> None:
    assert guard(plan(disable(1)), ONE, TRAITS, (), NIGHT).holds == ()
    verdict = guard(plan(disable(1), disable(2)), ONE, TRAITS, (), NIGHT)
    assert verdict.allowed == ()
    [hold] = verdict.holds
    assert (hold.org, hold.loss, hold.count, hold.limit, hold.existing) == (NORTH, "disable", 2, 1, 100)
    assert hold.examples == ("p001", "p002")


def test_a_change_at_two_schools_counts_in_both_and_waits_where_either_is_held() -> None:
    both, north = disable(1, NORTH, SOUTH), disable(2, NORTH)
    south = disable(3, SOUTH)
    verdict = guard(plan(both, north), ONE, TRAITS, (), NIGHT)
    assert verdict.allowed == ()
    assert {h.org for h in verdict.holds} == {NORTH}
    verdict = guard(plan(both, north, south), ONE, TRAITS, (), NIGHT)
    assert {h.org for h in verdict.holds} == {NORTH, SOUTH}


def test_one_school_in_trouble_does_not_stop_another() -> None:
    verdict = guard(plan(disable(1), disable(2), disable(3, SOUTH)), ONE, TRAITS, (), NIGHT)
    assert [c.key.sourced_id for c in verdict.allowed] == ["p003"]


def test_a_change_of_no_school_has_a_budget_too() -> None:
    nowhere = [replace(disable(n), orgs=frozenset()) for n in (1, 2)]
    assert guard(plan(*nowhere), ONE, TRAITS, (), NIGHT).allowed == ()


def test_withdrawals_and_what_takes_nothing_away_are_never_held() -> None:
    none = dict.fromkeys(DEFAULT_BUDGETS, Budget(share=0.0, least=0))
    free = [
        Withdraw(record(1), frozenset({NORTH}), "student", "out of scope"),
        Create(record(2), frozenset({NORTH}), "student", "new"),
        Update(record(3), record(3, cn="y"), frozenset({NORTH}), "student", "changed"),
        Rekey(Key(Kind.ACCOUNT, "p4"), "uid=x", None, frozenset({NORTH}), "student", "adopted"),
    ]
    assert guard(plan(*free), none, TRAITS, (), NIGHT).allowed == tuple(free)


GROUPS = frozenset({"a", "b"})
SCHOOL, OTHER_SCHOOL = frozenset({Key(Kind.ORG, NORTH)}), frozenset({Key(Kind.ORG, SOUTH)})


@pytest.mark.parametrize(
    ("before", "after", "lost"),
    [
        ({"groups": GROUPS}, {"groups": frozenset({"a"})}, {"memberships": ("groups=b",)}),
        ({"groups": GROUPS}, {}, {"memberships": ("groups=a", "groups=b")}),
        ({"groups": GROUPS}, {"groups": frozenset({"a", "c"})}, {}),
        ({"groups": GROUPS}, {"groups": GROUPS | {"c"}}, {}),
        ({"groups": SCHOOL}, {"groups": OTHER_SCHOOL}, {"memberships": (f"groups=org:{NORTH}",)}),
        ({"groups": SCHOOL}, {"groups": SCHOOL | OTHER_SCHOOL}, {}),
        ({"nin": "1"}, {}, {"fields": ("nin",)}),
        ({"nin": "1"}, {"nin": "2"}, {}),
        ({"foreign": "1"}, {}, {}),
        ({"groups": GROUPS, "nin": "1"}, {}, {"memberships": ("groups=a", "groups=b"), "fields": ("nin",)}),
    ],
)
def test_what_somebody_loses_by_an_update(
    before: dict[str, str], after: dict[str, str], lost: dict[str, tuple[str, ...]]
) -> None:
    update = Update(record(1, **before), record(1, **after), frozenset({NORTH}), "student", "changed")
    assert losses(update) == lost


def test_a_delete_and_an_announced_id_are_losses_of_their_own() -> None:
    key = Key(Kind.ACCOUNT, "p1")
    assert losses(Delete(record(1), frozenset(), "", "old")) == {"delete": ()}
    assert losses(Rekey(key, "", Key(Kind.ACCOUNT, "p0"), frozenset(), "", "new id")) == {"id": ("account:p0",)}


def delete(number: int) -> Delete:
    return Delete(record(number), frozenset({NORTH}), "student", "disabled for 90 days")


def new_id(number: int) -> Rekey:
    return Rekey(record(number).key, "", record(number + 100).key, frozenset({NORTH}), "student", "a new id")


def reduced(number: int) -> Update:
    return Update(record(number, groups=GROUPS), record(number), frozenset({NORTH}), "student", "changed")


def blanked(number: int) -> Update:
    return Update(record(number, nin="1"), record(number), frozenset({NORTH}), "student", "changed")


@pytest.mark.parametrize(
    ("made", "loss", "budget"),
    [
        (disable, "disable", "vanished"),
        (delete, "delete", "vanished"),
        (lambda n: replace(disable(n), cause=Cause.GRADUATED), "disable", "graduated"),
        (lambda n: replace(disable(n), cause=Cause.ENDED), "disable", "ended"),
        (lambda n: replace(delete(n), cause=Cause.GRADUATED), "delete", "graduated"),
        (lambda n: replace(disable(n), cause=Cause.OUT_OF_SCOPE), "disable", "out_of_scope"),
        (new_id, "id", "id"),
        (reduced, "memberships", "memberships"),
        (lambda n: replace(reduced(n), cause=Cause.MOVED), "memberships", "moved"),
        (lambda n: replace(reduced(n), cause=Cause.GRADUATED), "memberships", "graduated"),
        (blanked, "fields", "fields"),
        (lambda n: replace(blanked(n), cause=Cause.MOVED), "fields", "fields"),
    ],
)
def test_each_kind_of_loss_counts_the_people_and_is_held_beyond_its_own_budget(
    made: Callable[[int], Change], loss: str, budget: str
) -> None:
    budgets = {**dict.fromkeys(DEFAULT_BUDGETS, Budget(share=1.0, least=100)), budget: Budget(share=0.0, least=1)}
    assert guard(plan(made(1)), budgets, TRAITS, (), NIGHT).holds == ()
    verdict = guard(plan(made(1), made(2)), budgets, TRAITS, (), NIGHT)
    [hold] = verdict.holds
    assert (hold.loss, hold.count, hold.examples, verdict.allowed) == (loss, 2, ("p001", "p002"), ())


def test_what_a_held_change_names_may_change_and_leave_all_the_same() -> None:
    away, there = ({record(n).key for n in numbers} for numbers in ((1, 2), (3, 4, 5)))
    cls = Record(Key(Kind.GROUP, "6A"), {}, frozenset(Member(who, "student") for who in away | there))
    emptied = Update(cls, replace(cls, members=frozenset()), frozenset({SOUTH}), "", "changed")
    free = [Update(record(3), record(3, cn="y"), frozenset({NORTH}), "student", "changed"), disable(4), delete(5)]
    verdict = guard(plan(emptied, *free), dict.fromkeys(DEFAULT_BUDGETS, Budget(0.0, 1)), TRAITS, (), NIGHT)
    assert [hold.loss for hold in verdict.holds] == ["memberships"]
    assert verdict.allowed == tuple(free)


def test_a_held_class_keeps_what_its_course_needs_in_turn() -> None:
    term, year, spare = (Record(Key(Kind.SESSION, name), {}) for name in ("term", "year", "spare"))
    course = Record(Key(Kind.COURSE, "MUS"), {"terms": frozenset({term.key})})
    term = replace(term, fields={"parent": year.key})
    pupils = frozenset(Member(record(n).key, "student") for n in (1, 2))
    cls = Record(Key(Kind.GROUP, "Kor"), {"course": course.key}, pupils)
    gone = [Delete(each, frozenset({NORTH}), "", "over") for each in (cls, course, term, year, spare)]
    verdict = guard(plan(*gone), ONE, TRAITS, (), NIGHT)
    assert [hold.loss for hold in verdict.holds] == ["memberships"]
    assert verdict.allowed == (gone[-1],)


def test_an_approval_lets_exactly_its_changes_through_and_fewer_of_them() -> None:
    three = plan(disable(1), disable(2), disable(3))
    [hold] = guard(three, ONE, TRAITS, (), NIGHT).holds
    yes = approval(hold)
    verdict = guard(three, ONE, TRAITS, (yes,), NIGHT)
    assert len(verdict.allowed) == 3
    assert verdict.used == {hold.id: frozenset(c.key for c in three.changes)}
    assert len(guard(plan(disable(1), disable(3)), ONE, TRAITS, (yes,), NIGHT).allowed) == 2


@pytest.mark.parametrize(
    "spoil",
    [
        lambda a: replace(a, expires=NIGHT),
        lambda a: replace(a, target="other"),
        lambda a: replace(a, org=SOUTH),
        lambda a: replace(a, loss="delete"),
        lambda a: replace(a, role="staff"),
        lambda a: replace(a, cause="graduated"),
        lambda a: replace(a, digests=frozenset(sorted(a.digests)[1:])),
    ],
)
def test_an_approval_of_anything_else_lets_nothing_through(spoil: Callable[[Approval], Approval]) -> None:
    three = plan(disable(1), disable(2), disable(3))
    [hold] = guard(three, ONE, TRAITS, (), NIGHT).holds
    assert guard(three, ONE, TRAITS, (spoil(approval(hold)),), NIGHT).allowed == ()


def test_an_approval_is_not_used_while_another_school_still_holds_the_same_people() -> None:
    both = plan(*(disable(n, NORTH, SOUTH) for n in (1, 2)))
    north, south = guard(both, ONE, TRAITS, (), NIGHT).holds
    first = guard(both, ONE, TRAITS, (approval(south),), NIGHT)
    assert (first.allowed, first.used) == ((), {})
    assert [h.id for h in first.holds] == [north.id]
    second = guard(both, ONE, TRAITS, (approval(south), approval(north)), NIGHT)
    assert second.allowed == both.changes
    assert second.used.keys() == {north.id, south.id}


def test_what_is_held_is_the_same_the_night_after_its_additions_went_through() -> None:
    def moved(number: int, before: frozenset[str | Key], groups: frozenset[str]) -> Update:
        old = Record(Key(Kind.ACCOUNT, f"p{number}"), {"schools": before, "groups": groups})
        new = Record(old.key, {"schools": OTHER_SCHOOL, "groups": frozenset({"b"})})
        return Update(old, new, frozenset({NORTH}), "student", "changed")

    traits = replace(TRAITS, fields=frozenset({"schools", "groups"}), membership=frozenset({"schools", "groups"}))
    first = guard(plan(*(moved(n, SCHOOL, frozenset({"a"})) for n in (1, 2))), ONE, traits, (), NIGHT)
    [change, _] = first.allowed
    assert isinstance(change, Update)
    assert change.after.fields == {"schools": SCHOOL | OTHER_SCHOOL, "groups": frozenset({"b"})}
    again = plan(*(moved(n, SCHOOL | OTHER_SCHOOL, frozenset({"b"})) for n in (1, 2)))
    assert guard(again, ONE, traits, (), NIGHT).holds[0].digest == first.holds[0].digest


def test_an_approved_set_may_not_grow() -> None:
    two = plan(disable(1), disable(2))
    [hold] = guard(two, ONE, TRAITS, (), NIGHT).holds
    assert guard(plan(disable(1), disable(2), disable(3)), ONE, TRAITS, (approval(hold),), NIGHT).allowed == ()


def changed(number: int, after: frozenset[str], **other: str) -> Update:
    before, now = record(number, groups=GROUPS, nin="1"), record(number, groups=after, **other)
    return Update(before, now, frozenset({NORTH}), "student", "changed")


def test_what_a_held_change_adds_goes_through_and_what_it_takes_away_does_not() -> None:
    verdict = guard(plan(*(changed(n, frozenset({"c"}), nin="1") for n in (1, 2))), ONE, TRAITS, (), NIGHT)
    assert [h.loss for h in verdict.holds] == ["memberships"]
    assert [c.after.fields["groups"] for c in verdict.allowed if isinstance(c, Update)] == [GROUPS | {"c"}] * 2
    nothing_left = guard(plan(*(changed(n, frozenset({"a"}), nin="1") for n in (1, 2))), ONE, TRAITS, (), NIGHT)
    assert nothing_left.allowed == ()


def test_two_kinds_of_loss_count_in_both_budgets() -> None:
    verdict = guard(plan(changed(1, GROUPS), changed(2, frozenset({"a"}))), ONE, TRAITS, (), NIGHT)
    assert [(h.loss, h.count) for h in verdict.holds] == [("fields", 2)]


def test_an_approval_holds_whatever_else_happens_to_the_record() -> None:
    two = plan(*(changed(n, frozenset({"a"}), nin="1") for n in (1, 2)))
    [hold] = guard(two, ONE, TRAITS, (), NIGHT).holds
    renamed = plan(*(changed(n, frozenset({"a"}), nin="1", cn="another") for n in (1, 2)))
    assert len(guard(renamed, ONE, TRAITS, (approval(hold),), NIGHT).allowed) == 2
    further = plan(*(changed(n, frozenset(), nin="1") for n in (1, 2)))
    assert guard(further, ONE, TRAITS, (approval(hold),), NIGHT).allowed == ()


def test_a_digest_says_nothing_about_an_identity_number() -> None:
    def hold(number: str) -> str:
        gone = [Update(record(n, nin=number), record(n), frozenset({NORTH}), "student", "changed") for n in (1, 2)]
        return guard(plan(*gone), ONE, TRAITS, (), NIGHT).holds[0].digest

    assert hold("15851250066") == hold("15851250067")


def _missing(share: float) -> tuple[Town, Town]:
    town = Town().add_pupils(60).add_pupils(40, SOUTH, "6B", "s")
    gone = int(60 * share)
    return town, town.without(*(f"p{n}" for n in range(1, gone + 1)))


@pytest.mark.parametrize("share", [0.1, 0.5, 1.0])
def test_an_emptied_or_halved_school_is_always_held_and_nobody_there_loses_anything(share: float) -> None:
    town, short = _missing(share)
    world = World()
    world.run(town)
    holds = []
    for _ in range(6):
        _, verdict = world.run(short)
        holds += verdict.holds
        assert len(world.active()) == 100
    assert {(h.org, h.loss) for h in holds} == {(NORTH, "disable")}


def test_the_small_school_may_lose_two() -> None:
    town = Town().add_pupils(44)
    world = World()
    world.run(town)
    for _ in range(3):
        _, verdict = world.run(town.without("p1", "p2"))
        assert verdict.holds == ()
    assert len(world.active()) == 42


def test_pupils_staff_and_causes_have_budgets_of_their_own() -> None:
    teacher = replace(disable(2), role="teacher")
    graduate = replace(disable(3), cause=Cause.GRADUATED)
    assert guard(plan(disable(1), teacher, graduate), ONE, TRAITS, (), NIGHT).holds == ()
    aide = replace(disable(4), role="aide")
    [hold] = guard(plan(disable(1), teacher, aide, graduate), ONE, TRAITS, (), NIGHT).holds
    assert (hold.role, hold.cause, hold.count) == ("staff", "vanished", 2)
    nobodys = [replace(disable(n), role="") for n in (5, 6)]
    [hold] = guard(plan(*nobodys, teacher), ONE, TRAITS, (), NIGHT).holds
    assert (hold.role, hold.count) == ("", 2)


def test_no_budget_covers_a_whole_class_unless_it_has_come_to_its_end() -> None:
    roomy = dict.fromkeys(DEFAULT_BUDGETS, Budget(share=0.5, least=10))
    pupils = frozenset(record(n).key for n in (1, 2))
    of_two = replace(plan(disable(1), disable(2)), clues=Clues(homerooms={"10B": pupils}))
    [hold] = guard(of_two, roomy, TRAITS, (), NIGHT).holds
    assert (hold.count, hold.limit, hold.likely) == (2, 0, "all of class 10B")
    assert guard(replace(of_two, changes=of_two.changes[:1]), roomy, TRAITS, (), NIGHT).holds == ()
    graduates = tuple(replace(c, cause=Cause.GRADUATED) for c in of_two.changes)
    assert guard(replace(of_two, changes=graduates), roomy, TRAITS, (), NIGHT).holds == ()
    [deleted] = guard(replace(of_two, changes=(delete(1), delete(2))), roomy, TRAITS, (), NIGHT).holds
    assert (deleted.loss, deleted.limit) == ("delete", 0)
    alone = replace(plan(disable(1)), clues=Clues(homerooms={"1A": frozenset({record(1).key})}))
    assert guard(alone, roomy, TRAITS, (), NIGHT).holds == ()


def test_above_a_number_of_people_it_takes_the_yes_of_two() -> None:
    three = plan(disable(1), disable(2), disable(3))
    [hold] = guard(three, ONE, TRAITS, (), NIGHT).holds
    kari, again, ola = approval(hold), approval(hold, approver="KARI"), approval(hold, approver="ola")
    assert guard(three, ONE, TRAITS, (kari,), NIGHT, two_people_above=3).holds == ()
    assert guard(three, ONE, TRAITS, (kari, again), NIGHT, two_people_above=2).allowed == ()
    assert guard(three, ONE, TRAITS, (kari, ola), NIGHT, two_people_above=2).allowed == three.changes


@pytest.mark.parametrize(
    ("clues", "likely"),
    [
        (Clues(), ""),
        (Clues({"10B": frozenset(record(n).key for n in (1, 2, 3, 9))}), "most of them are of class 10B"),
        (
            Clues({"10B": frozenset(record(n).key for n in (1, 2, 9))}, missing=frozenset({"10B"})),
            "class 10B is missing from the export",
        ),
        (Clues(newcomers={NORTH: 3}), "as many people are new at this school: have they been given new ids?"),
        (Clues(newcomers={NORTH: 2}), ""),
        (Clues(newcomers={NORTH: 3}, shorter="sis holds 40% fewer people"), "sis holds 40% fewer people"),
    ],
)
def test_a_hold_says_what_explains_it(clues: Clues, likely: str) -> None:
    three = replace(plan(disable(1), disable(2), disable(3)), clues=clues)
    [hold] = guard(three, ONE, TRAITS, (), NIGHT).holds
    assert hold.likely == likely


def test_of_two_one_on_the_pages_and_one_at_the_command_line_are_not_enough() -> None:
    two = plan(disable(1), disable(2))
    [hold] = guard(two, ONE, TRAITS, (), NIGHT).holds
    here, there = approval(hold, approver="kari@host"), approval(hold, approver="pages:kari@hemne.kommune.no")
    also_there = approval(hold, approver="PAGES:4711")
    assert guard(two, ONE, TRAITS, (here, there), NIGHT, two_people_above=1).allowed == ()
    assert guard(two, ONE, TRAITS, (there, there), NIGHT, two_people_above=1).allowed == ()
    assert guard(two, ONE, TRAITS, (there,), NIGHT, two_people_above=2).allowed == two.changes
    assert guard(two, ONE, TRAITS, (there, also_there), NIGHT, two_people_above=1).allowed == two.changes
