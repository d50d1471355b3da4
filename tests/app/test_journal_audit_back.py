"""The audit chain searched from its end: the same records as from its beginning, so many at a time."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provision.journal import Journal
from tests.app.journals import NIGHT, on_both, opened


@pytest.fixture(scope="module")
def journal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Journal]:
    with opened(tmp_path_factory.mktemp("search")) as made, made.lease("somebody@here") as lease:
        for number in range(3):
            run = made.begin("nightly", "run", NIGHT, lease)
            made.finish(run, number, {})
            made.reserve({f"user{number}": f"p{number}"})
            made.decide(f"same 100%_{number}", f"Øyvind {number}", f'a "quoted" \\ name{number}')
        yield made


WORDS: Final = st.sampled_from(
    ["", "p0", "P1", "p", "user", "100%_2", "øyvind", "Øyvind 1", '"quoted"', "name2", "\\", "%", "_"]
)


def told(journal: Journal, person: str, run: str) -> list[int]:
    """From the end to the beginning."""
    return [record.seq for record in journal.audit_records(person, run).records][::-1]


@given(WORDS, st.integers(0, 3), st.integers(1, 30), st.none() | st.integers(1, 30))
def test_the_latest_first_are_the_same_records(
    journal: Journal, person: str, run: int, most: int, before: int | None
) -> None:
    of_run = journal.runs()[run].id if run < 3 else ""
    everything = [each for each in told(journal, person, of_run) if before is None or each < before]
    found = journal.latest_audit_records(person, of_run, None, before=before, most=most)
    assert [record.seq for record in found.records] == everything[:most]
    assert found.more == (len(everything) > most)


@on_both
def test_every_kind_of_journal_is_searched_back(tmp_path: Path) -> None:
    with opened(tmp_path) as made, made.lease("somebody@here") as lease:
        run = made.begin("nightly", "run", NIGHT, lease)
        made.decide("same pÅ_1", "p2", "somebody")
        found = made.latest_audit_records("på_1", "", None, before=None, most=5)
        assert [record.seq for record in found.records] == [2]
        found = made.latest_audit_records("", run, NIGHT, before=None, most=5)
        assert [record.seq for record in found.records] == [1]
