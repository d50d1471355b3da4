"""What every target does, on the real thing it writes to.

The numbers are those of the duties of a target. What only directories can do is in test_targets_directories.py, what
only targets with groups can in test_targets_groups.py (10 to 12), what only those in a file can in
test_targets_files.py.
"""

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest

from provision import wiring
from provision.config.kinds import TARGET_KINDS
from provision.core.outcome import Status
from provision.core.plan import Change
from provision.core.rules.families import FAMILIES
from provision.core.state import Key, Kind, Record, fingerprint
from provision.errors import TargetUnavailable
from tests.builders import OTHER_SCHOOL, create, delete, disable, rekey, update, withdraw
from tests.canaries import NAME, NIN, PASSWORD
from tests.contract.duties import AWKWARD, NAME_LENGTH, away, done, fill, needed, only, read, state
from tests.contract.factories import DIRECTORIES, IN_A_FILE, SECRET, TARGETS, WITH_GROUPS, Bench


@pytest.fixture(params=TARGETS, scope="module")
def opened(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    with TARGETS[request.param](tmp_path_factory.mktemp(request.param)) as bench:
        yield bench


@pytest.fixture
def bench(opened: Bench) -> Iterator[Bench]:
    opened.clear()
    yield opened
    opened.check()


@pytest.fixture
def filled(bench: Bench) -> Bench:
    """The orgs and two pupils are there."""
    fill(bench, bench.says.a_pupil(1), bench.says.a_pupil(2))
    return bench


def test_no_target_escapes_the_contract() -> None:
    assert TARGETS.keys() == wiring.TARGETS.keys()
    directories = {name for name, kind in TARGET_KINDS.items() if FAMILIES[kind.family].directory}
    assert DIRECTORIES.keys() == directories
    assert WITH_GROUPS.keys() == TARGETS.keys() - directories
    assert IN_A_FILE.keys() == {name for name, kind in TARGET_KINDS.items() if "path" in kind.keys}


def test_01_there_is_nothing_of_ours_to_begin_with(bench: Bench) -> None:
    actual = bench.target().read({bench.says.a_pupil().key: b"expected"})
    assert (dict(actual.records), set(actual.unchanged)) == ({}, set())
    assert bench.target().names() == {}


def test_02_what_was_applied_reads_back_exactly(filled: Bench) -> None:
    one, two = filled.says.a_pupil(1), filled.says.a_pupil(2)
    assert read(filled) == state(filled, one, two)
    after = filled.says.a_pupil(1, OTHER_SCHOOL, family="Ny", optional=None, several=frozenset({"a", "A"}))
    done(filled, update(one, after))
    assert read(filled) == state(filled, after, two)


def test_02_every_username_is_known_with_whose_it_is(filled: Bench) -> None:
    assert filled.target().names() == {
        "pup00001": filled.says.a_pupil(1).key,
        "pup00002": filled.says.a_pupil(2).key,
    }


def test_03_nothing_is_left_to_do(filled: Bench) -> None:
    one = filled.says.a_pupil(1)
    wanted = state(filled, one, filled.says.a_pupil(2))
    assert needed(filled, wanted) == []
    expected = {key: fingerprint(record, SECRET) for key, record in wanted.items()}
    actual = filled.target().read(expected)
    assert (set(actual.unchanged), dict(actual.records)) == (set(wanted), {})
    stale = filled.target().read(expected | {one.key: b"other"})
    assert dict(stale.records) == {one.key: one}


CHANGES: dict[str, Callable[[Bench], Change]] = {
    "create": lambda bench: create(bench.says.a_pupil(3)),
    "create inactive": lambda bench: create(replace(bench.says.a_pupil(3), active=False)),
    "update": lambda bench: update(
        bench.says.a_pupil(1), bench.says.a_pupil(1, OTHER_SCHOOL, family="Ny", optional=None)
    ),
    "disable": lambda bench: disable(bench.says.a_pupil(1)),
    "withdraw": lambda bench: withdraw(bench.says.a_pupil(1)),
    "delete": lambda bench: delete(bench.says.a_pupil(1)),
    "rekey": lambda bench: rekey(Key(Kind.ACCOUNT, "p9"), previous=bench.says.a_pupil(1).key),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
def test_04_a_change_made_twice_ends_the_same(filled: Bench, change: Callable[[Bench], Change]) -> None:
    before = filled.entries()
    done(filled, change(filled))
    once = filled.entries()
    assert once != before
    done(filled, change(filled))
    assert filled.entries() == once


def test_05_what_the_mapping_does_not_name_is_left_alone(filled: Bench) -> None:
    says = filled.says
    for name, value in says.unmanaged.items():
        filled.set(says.place(1), name, value)
    changed = says.a_pupil(1, family="Ny")
    done(filled, update(says.a_pupil(1), changed))
    done(filled, disable(changed))
    entry = filled.entries()[says.place(1)]
    assert {name: entry[name.lower()] for name in says.unmanaged} == {
        name: {value} for name, value in says.unmanaged.items()
    }
    assert read(filled)[changed.key] == disable(changed).after


def test_05_what_is_written_once_is_never_rewritten(filled: Bench) -> None:
    one = filled.says.a_pupil(1)
    done(filled, update(one, filled.says.a_pupil(1, username="another", family="Ny")))
    assert read(filled)[one.key] == filled.says.a_pupil(1, family="Ny")
    assert filled.target().names()["pup00001"] == one.key


def test_05_no_two_accounts_get_one_username(filled: Bench) -> None:
    wanted = state(filled, filled.says.a_pupil(1), filled.says.a_pupil(2))
    for username in ("pup00001", "PUP00001"):
        refused = only(filled, create(filled.says.a_pupil(3, username=username)))
        assert (refused.status, bool(refused.detail)) == (Status.REJECTED, True)
    newcomers = [filled.says.a_pupil(number, username="newcomer") for number in (4, 5)]
    statuses = [result.status for result in filled.target().apply(map(create, newcomers))]
    assert statuses == [Status.DONE, Status.REJECTED]
    assert read(filled) == wanted | {newcomers[0].key: newcomers[0]}


def test_06_an_id_that_the_source_changed_follows(filled: Bench) -> None:
    one = filled.says.a_pupil(1)
    new = Key(Kind.ACCOUNT, "p9")
    done(filled, rekey(new, previous=one.key))
    assert filled.target().names()["pup00001"] == new
    assert read(filled).keys() == {*state(filled), new, filled.says.a_pupil(2).key}
    refused = only(filled, rekey(new, previous=filled.says.a_pupil(2).key))
    assert (refused.status, bool(refused.detail)) == (Status.REJECTED, True)
    gone = only(filled, rekey(Key(Kind.ACCOUNT, "p8"), previous=one.key))
    assert (gone.status, bool(gone.detail)) == (Status.STALE, True)


def test_07_a_disabled_person_is_inactive_and_belongs_nowhere(filled: Bench) -> None:
    change = disable(filled.says.a_pupil(1))
    done(filled, change)
    assert read(filled) == state(filled, change.after, filled.says.a_pupil(2))
    assert not change.after.active
    assert change.after.fields.keys() < change.before.fields.keys()


def test_08_whoever_comes_back_has_the_same_account(filled: Bench) -> None:
    one = filled.says.a_pupil(1)
    gone = disable(one)
    done(filled, gone)
    done(filled, update(gone.after, one))
    assert read(filled)[one.key] == one


def test_09_what_is_gone_already_is_deleted_without_complaint(filled: Bench) -> None:
    one, two = filled.says.a_pupil(1), filled.says.a_pupil(2)
    done(filled, delete(one))
    assert filled.says.place(1) not in filled.entries()
    done(filled, delete(one), withdraw(one), delete(filled.says.a_pupil(99)))
    assert read(filled) == state(filled, two)


def test_13_a_whole_municipality_is_read(bench: Bench) -> None:
    people = [bench.says.a_pupil(number) for number in range(1, 1002)]
    fill(bench, *people)
    assert read(bench) == state(bench, *people)
    assert len(bench.target().names()) == 1001


@pytest.mark.parametrize("text", AWKWARD.values(), ids=AWKWARD.keys())
def test_14_any_text_survives_in_values_and_names(bench: Bench, text: str) -> None:
    says = bench.says
    school = next(org for org in says.orgs if says.words["org_name"] in org.fields)

    def named(made: str) -> Record:
        several = frozenset({says.item(made), "x"})
        return says.a_pupil(1, username=made[:NAME_LENGTH], shown=made, family=made, several=several)

    fill(bench, named(text))
    done(bench, update(school, says.said(school, org_name=text)))
    there, renamed = named(says.written(text)), says.said(school, org_name=says.written(text))
    assert read(bench) == state(bench, there, renamed)
    assert bench.target().names()[says.written(text[:NAME_LENGTH]).lower()] == there.key
    changed = says.said(there, shown="Kari", several=frozenset({"y"}))
    done(bench, update(there, changed))
    assert read(bench)[there.key] == changed
    done(bench, delete(changed))
    assert read(bench) == state(bench, renamed)


def test_14_a_name_composed_otherwise_is_written_as_it_should_be(bench: Bench) -> None:
    apart, composed = (bench.says.a_pupil(1, shown=name) for name in ("A\u030ase", "Åse"))
    fill(bench, apart)
    done(bench, update(apart, composed))
    assert read(bench)[composed.key] == composed


def test_15_a_rejected_change_leaves_its_record_and_blocks_nobody_else(filled: Bench) -> None:
    says = filled.says
    one, two, three = (says.a_pupil(number) for number in (1, 2, 3))
    nowhere = says.a_pupil(1, family="Ny", school=Key(Kind.ORG, "000000000"))
    changed = says.a_pupil(2, family="Ny")
    changes: list[Change] = [update(two, changed), update(one, nowhere), create(three)]
    results = {result.change.key: result for result in filled.target().apply(changes)}
    statuses = [results[change.key].status for change in changes]
    assert statuses == [Status.DONE, Status.REJECTED, Status.DONE]
    assert "org:000000000" in results[one.key].detail
    assert read(filled) == state(filled, one, changed, three)


def test_15_what_somebody_changed_since_it_was_read_is_left(filled: Bench) -> None:
    says = filled.says
    wanted = state(filled, says.a_pupil(1), says.a_pupil(2))
    target = filled.target()
    seen = target.read({}).records[says.a_pupil(1).key]
    filled.set(says.place(1), says.words["shown"], "Theirs")
    for change in (update(seen, says.a_pupil(1, shown="Ours")), disable(seen), delete(seen)):
        before = filled.entries()
        assert [result.status for result in target.apply([change])] == [Status.STALE]
        assert filled.entries() == before
    done(filled, *needed(filled, wanted))
    assert read(filled) == wanted


def test_15_what_somebody_writes_while_changes_are_taken_is_left(filled: Bench) -> None:
    says = filled.says

    def meanwhile() -> Iterator[Change]:
        filled.set(says.place(1), says.words["shown"], "Theirs")
        yield update(says.a_pupil(1), says.a_pupil(1, family="Ny"))

    with suppress(TargetUnavailable):
        assert [result.status for result in filled.target().apply(meanwhile())] == [Status.STALE]
    assert filled.entries()[says.place(1)][says.words["shown"].lower()] == {"Theirs"}


def test_16_a_far_side_that_goes_away_is_unavailable_and_the_next_run_finishes(bench: Bench) -> None:
    fill(bench)
    people = [bench.says.a_pupil(number) for number in range(1, 9)]

    def interrupted() -> Iterator[Change]:
        yield from map(create, people[:3])
        bench.stop()
        yield from map(create, people[3:])

    with away(bench):
        with pytest.raises(TargetUnavailable):
            list(bench.target().apply(interrupted()))
        target = bench.target()
        uses: list[Callable[[], object]] = [target.names, lambda: target.read({}), lambda: list(target.apply([]))]
        for use in uses if target.ours_alone else [*uses[:2], target.strangers]:
            with pytest.raises(TargetUnavailable):
                use()
    left = needed(bench, state(bench, *people))
    assert 5 <= len(left) <= 8
    done(bench, *left)
    assert read(bench) == state(bench, *people)


def test_17_no_message_holds_a_person_or_a_secret(filled: Bench) -> None:
    says = filled.says
    secret: dict[str, Any] = {"shown": NAME, "family": NAME, "secret": NIN}
    changes: list[Change] = [
        create(says.a_pupil(6, **{**secret, "school": Key(Kind.ORG, "0")})),
        update(says.a_pupil(1, family="was otherwise"), says.a_pupil(1, **secret)),
        update(says.a_pupil(8), says.a_pupil(8, **secret)),
    ]
    results = list(filled.target().apply(changes))
    assert {result.status for result in results} == {Status.REJECTED, Status.STALE}
    said = [text for result in results for text in (result.detail, repr(result))]
    target = filled.target()
    filled.stop()
    with away(filled), pytest.raises(TargetUnavailable) as caught:
        list(target.apply([create(says.a_pupil(6, **secret))]))
    said += [str(caught.value), repr(target)]
    assert not [text for text in said for canary in (NAME, NIN, PASSWORD) if canary in text]
    assert all(result.detail for result in results)
