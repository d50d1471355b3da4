"""What targets do that hold groups: classes with members, the courses and sessions that these need, and agents."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from provision.core.outcome import Status
from provision.core.plan import Change
from provision.core.state import Key, Kind, Record
from tests.builders import (
    COURSE,
    OTHER_SCHOOL,
    SCHOOL,
    SCHOOL_YEAR,
    a_class,
    a_course,
    a_member,
    a_session,
    a_user,
    an_org,
    create,
    delete,
    disable,
    rekey,
    update,
    withdraw,
)
from tests.contract.duties import done, fill, needed, only, read, state
from tests.contract.factories import WITH_GROUPS, Bench

CLASS = a_class(1, a_member(1), a_member(2), a_member(3, "teacher", primary=True))
TEACHER = a_user(3, student=None, teacher=frozenset({SCHOOL}))


@pytest.fixture(params=WITH_GROUPS)
def bench(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Bench]:
    with WITH_GROUPS[request.param](tmp_path) as bench:
        yield bench
        bench.check()


@pytest.fixture
def filled(bench: Bench) -> Bench:
    """A class with two pupils and their teacher."""
    fill(bench, a_user(1), a_user(2), TEACHER, CLASS)
    return bench


def _without(record: Record, *accounts: Record) -> Record:
    gone = {account.key for account in accounts}
    return replace(record, members=frozenset(m for m in record.members if m.account not in gone))


def test_10_an_empty_group_is_held(filled: Bench) -> None:
    empty = replace(CLASS, members=frozenset())
    done(filled, update(CLASS, empty), create(a_class(2)))
    assert read(filled) == state(filled, a_user(1), a_user(2), TEACHER, empty, a_class(2))
    done(filled, update(empty, CLASS))
    assert read(filled)[CLASS.key] == CLASS


def test_11_a_member_without_an_account_is_left_out_and_told_of(filled: Bench) -> None:
    wanted = a_class(2, a_member(1), a_member(77), a_member(78))
    results = list(filled.target().apply([create(wanted)]))
    assert [(result.status, "2" in result.detail) for result in results] == [(Status.DONE, True)]
    assert read(filled)[wanted.key] == a_class(2, a_member(1))
    done(filled, create(a_user(77)), update(a_class(2, a_member(1)), wanted))
    assert read(filled)[wanted.key] == a_class(2, a_member(1), a_member(77))


def test_11_a_member_whose_account_is_refused_keeps_nobody_else_out(filled: Bench) -> None:
    nowhere = a_user(4, Key(Kind.ORG, "000000000"))
    wanted = a_class(2, a_member(1), a_member(4))
    results = list(filled.target().apply([create(nowhere), create(wanted)]))
    assert [result.status for result in results] == [Status.REJECTED, Status.DONE]
    assert read(filled)[wanted.key] == a_class(2, a_member(1))


@pytest.mark.parametrize("go", [delete, withdraw])
def test_11_whoever_goes_is_a_member_of_nothing_and_named_by_nobody(filled: Bench, go: type[Change]) -> None:
    child = a_user(1, agentSourcedIds=frozenset({a_user(9).key, a_user(2).key}))
    done(filled, create(a_user(9)), update(a_user(1), child))
    done(filled, go(a_user(2)))
    left = a_user(1, agentSourcedIds=frozenset({a_user(9).key}))
    assert read(filled) == state(filled, left, a_user(9), TEACHER, _without(CLASS, a_user(2)))
    done(filled, go(a_user(9)))
    assert read(filled) == state(filled, a_user(1), TEACHER, _without(CLASS, a_user(2)))


def test_11_a_disabled_person_is_a_member_of_nothing(filled: Bench) -> None:
    gone = disable(a_user(2))
    done(filled, gone)
    assert read(filled) == state(filled, a_user(1), gone.after, TEACHER, _without(CLASS, a_user(2)))


def test_11_a_disabled_guardian_is_still_the_childs(filled: Bench) -> None:
    child = a_user(1, agentSourcedIds=frozenset({a_user(2).key}))
    done(filled, update(a_user(1), child))
    done(filled, disable(a_user(2)))
    assert read(filled)[child.key] == child


def test_11_who_left_on_the_way_makes_no_other_change_stale(filled: Bench) -> None:
    child = a_user(1, agentSourcedIds=frozenset({a_user(2).key}))
    done(filled, update(a_user(1), child))
    seen = read(filled)
    newcomer = replace(CLASS, members=_without(CLASS, a_user(2)).members | {a_member(4)})
    done(filled, withdraw(a_user(2)))
    done(filled, create(a_user(4)), update(child, a_user(1, familyName="Ny")), update(seen[CLASS.key], newcomer))
    assert read(filled) == state(filled, a_user(1, familyName="Ny"), a_user(4), TEACHER, newcomer)


def test_11_a_new_id_is_followed_by_everything_that_names_it(filled: Bench) -> None:
    child = a_user(1, agentSourcedIds=frozenset({a_user(2).key}))
    done(filled, update(a_user(1), child))
    new = Key(Kind.ACCOUNT, "p9")
    moved = a_member(2)._replace(account=new)
    wanted = replace(CLASS, members=_without(CLASS, a_user(1), a_user(2)).members | {moved})
    done(filled, rekey(new, previous=a_user(2).key), update(CLASS, wanted))
    actual = read(filled)
    assert actual[wanted.key] == wanted
    assert actual[child.key] == a_user(1, agentSourcedIds=frozenset({new}))
    assert a_user(2).key not in actual


def test_11_a_new_id_may_be_named_before_it_is_given(filled: Bench) -> None:
    old, new = (a_user(1, agentSourcedIds=frozenset({Key(Kind.ACCOUNT, agent)})) for agent in ("p2", "p9"))
    done(filled, update(a_user(1), old))
    done(filled, update(old, new), rekey(Key(Kind.ACCOUNT, "p9"), previous=a_user(2).key))
    assert read(filled)[new.key] == new


def test_12_a_members_role_and_dates_change(filled: Bench) -> None:
    changed = replace(CLASS, members=frozenset({a_member(1, "teacher"), a_member(2, end="2026-12-31"), a_member(3)}))
    done(filled, update(CLASS, changed))
    assert read(filled)[CLASS.key] == changed


def test_12_one_person_may_be_several_things_at_several_times(filled: Bench) -> None:
    later = a_member(1, begin="2027-01-01")
    earlier = a_member(1, end="2026-10-01")
    several = replace(CLASS, members=frozenset({earlier, later, a_member(1, "teacher", begin="", end="")}))
    done(filled, update(CLASS, several))
    assert read(filled)[CLASS.key] == several


def test_12_a_group_that_is_deleted_takes_its_memberships_with_it(filled: Bench) -> None:
    done(filled, delete(CLASS))
    assert read(filled) == state(filled, a_user(1), a_user(2), TEACHER)
    done(filled, delete(CLASS))


def test_12_a_group_that_somebody_changed_is_left(filled: Bench) -> None:
    for change in (
        update(a_class(1, a_member(1)), a_class(1, a_member(2))),
        delete(a_class(1, a_member(1))),
        update(a_class(9), a_class(9, title="Ny")),
    ):
        assert only(filled, change).status is Status.STALE


def test_15_what_others_need_stays(filled: Bench) -> None:
    for record in (an_org(), a_session(), a_course()):
        refused = only(filled, delete(record))
        assert (refused.status, "still refers to it" in refused.detail) == (Status.REJECTED, True), record.key


def test_15_what_needs_something_that_is_not_there_is_refused(filled: Bench) -> None:
    for name, missing in (("courseSourcedId", Key(Kind.COURSE, "x")), ("schoolSourcedId", Key(Kind.ORG, "x"))):
        refused = only(filled, create(a_class(2, **{name: missing})))
        assert (refused.status, str(missing) in refused.detail) == (Status.REJECTED, True)


def test_15_the_order_within_one_run_does_not_matter(bench: Bench) -> None:
    guardian = a_user(9, student=None, guardian=frozenset({SCHOOL}), agentSourcedIds=frozenset({a_user(1).key}))
    child = a_user(1, agentSourcedIds=frozenset({guardian.key}))
    wanted = state(bench, child, guardian, a_class(1, a_member(1)))
    done(bench, *map(create, reversed(wanted.values())))
    assert read(bench) == wanted
    done(bench, *map(delete, (an_org(), a_session(), a_course(), a_class(1, a_member(1)), child, guardian)))
    assert read(bench).keys() == state(bench).keys() - {SCHOOL, SCHOOL_YEAR, COURSE}


def test_03_a_whole_school_year_later_nothing_is_left_to_do(filled: Bench) -> None:
    year = a_session(Key(Kind.SESSION, "2027-2028"), startDate="2027-08-01", endDate="2028-08-01", schoolYear="2028")
    moved = a_user(1, OTHER_SCHOOL)
    next_class = a_class(
        2, a_member(2, begin="2027-08-01", end="2028-07-31"), termSourcedIds=frozenset({year.key, SCHOOL_YEAR})
    )
    wanted = state(filled, moved, a_user(2), TEACHER, year, next_class)
    done(filled, *needed(filled, wanted), delete(CLASS))
    assert read(filled) == wanted
    assert needed(filled, wanted) == []
