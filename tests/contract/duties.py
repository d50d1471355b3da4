"""What the tests of the duties of a target have in common."""

from collections.abc import Iterator
from contextlib import contextmanager

from provision.core.outcome import Result, Status
from provision.core.plan import Change, stage
from provision.core.state import Key, Record, State, same
from tests.builders import create, update
from tests.contract.factories import Bench

AWKWARD = {
    "apostrophe": "Åse D'Arcy, Ø+B",
    "hash": "#Kari",
    "trailing blanks": "Kari  ",
    "filter": "*)(uid=*",
    "quotes": '"Kari" <x>; y=z\\',
    "long": "Kari Å" * 40,
    "several lines": "Kari\r\nPrøve",
    "Sámi": "Áŋgel Čáhppe Đŧ",
}
NAME_LENGTH = 100  # OpenLDAP keeps a naming value, as written and normalised, in 511 octets


def state(bench: Bench, *people: Record) -> dict[Key, Record]:
    """What is there when nothing is but these people and the orgs."""
    return {record.key: record for record in (*bench.says.orgs, *people)}


def done(bench: Bench, *changes: Change) -> None:
    results = list(bench.target().apply(changes))
    assert len(results) == len(changes) > 0
    assert {result.status for result in results} == {Status.DONE}, [result.detail for result in results]


def only(bench: Bench, change: Change) -> Result:
    """What becomes of a change that must change nothing."""
    before = bench.entries()
    (result,) = bench.target().apply([change])
    assert bench.entries() == before
    return result


def read(bench: Bench) -> State:
    return bench.target().read({}).records


def needed(bench: Bench, wanted: State) -> list[Change]:
    """What the target lacks of this, in the order of a plan."""
    actual = read(bench)
    changes: list[Change] = []
    for key, after in wanted.items():
        if key not in actual:
            changes.append(create(after))
        elif not same(actual[key], after):
            changes.append(update(actual[key], after))
    return sorted(changes, key=stage)


def fill(bench: Bench, *people: Record) -> None:
    """Everything that people need is there, and then they are."""
    if bench.says.first:
        done(bench, *bench.says.first)
    done(bench, *needed(bench, state(bench)))
    if people:
        done(bench, *map(create, people))


@contextmanager
def away(bench: Bench) -> Iterator[None]:
    """The far side, which is stopped in here, is back afterwards."""
    try:
        yield
    finally:
        bench.start()
