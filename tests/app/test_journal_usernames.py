"""The username ledger: whatever happens, a name that was given stays with the one it was given to."""

import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from provision.core.history import Sighting
from provision.core.outcome import Result, Status
from provision.core.state import Key, Kind
from provision.errors import JournalError
from provision.journal import Journal, audit
from tests import builders
from tests.app.journals import NIGHT, begun, database, on_both, opened

NAMES = st.sampled_from(["karnor", "KarNor", "karnor2", "olanor", "åse"])
IDS = st.sampled_from(["p1", "p2", "p3"])


@on_both
def test_a_name_once_given_is_refused_to_anybody_else(tmp_path: Path) -> None:
    with opened(tmp_path) as journal:
        journal.reserve({"karnor": "p1"})
        with pytest.raises(JournalError, match="meant for p2 was given to p1") as refused:
            journal.reserve({"olanor": "p2", "KARNOR": "p2"})
        assert "karnor" not in str(refused.value).lower()
        assert journal.usernames() == {"karnor": "p1"}


@on_both
def test_one_name_for_two_in_one_go_is_refused(tmp_path: Path) -> None:
    with opened(tmp_path) as journal, pytest.raises(JournalError, match="given to p1"):
        journal.reserve({"karnor": "p1", "Karnor": "p2"})


@on_both
def test_thousands_of_names_are_kept_and_may_be_asked_for_again(tmp_path: Path) -> None:
    names = {f"name{number}": f"p{number}" for number in range(3456)}
    with opened(tmp_path) as journal:
        journal.reserve(names)
        with journal._store.read() as connection:
            head = audit.head(connection)
        journal.reserve(names)
        with journal._store.read() as connection:
            assert audit.head(connection) == head
    with opened(tmp_path) as journal:
        assert journal.usernames() == names


@on_both
def test_two_at_once_cannot_give_one_name_away_twice(tmp_path: Path) -> None:
    with opened(tmp_path) as one, opened(tmp_path) as other:
        one.reserve({"karnor": "p1"})
        with pytest.raises(JournalError):
            other.reserve({"karnor": "p2"})
        assert other.usernames() == {"karnor": "p1"}


def rekeyed(journal: Journal, old: Key, new: Key, status: Status = Status.DONE) -> None:
    """An entry gets its new id, as a run does it."""
    change = builders.rekey(new, previous=old)
    with journal.lease("nightly") as lease:
        run = begun(journal, lease)
        journal.intend(run, "feide", [change], lease)
        journal.settle(run, "feide", [Result(change, status)])


@on_both
def test_names_and_sightings_follow_an_entry_to_its_new_id(tmp_path: Path) -> None:
    seen, newer = Sighting(NIGHT, nights=2), Sighting(NIGHT)
    with opened(tmp_path) as journal:
        journal.reserve({"karnor": "old", "karnor2": "old", "olanor": "older"})
        before = {Key(Kind.ACCOUNT, "old"): seen, Key(Kind.GROUP, "old"): seen, Key(Kind.ACCOUNT, "x:old"): newer}
        journal.remember(before, {})
        for _ in range(2):
            rekeyed(journal, Key(Kind.ACCOUNT, "old"), Key(Kind.ACCOUNT, "new"))
            assert journal.usernames() == {"karnor": "new", "karnor2": "new", "olanor": "older"}
            assert journal.history().sightings == {
                Key(Kind.ACCOUNT, "new"): seen,
                Key(Kind.GROUP, "old"): seen,
                Key(Kind.ACCOUNT, "x:old"): newer,
            }


@on_both
def test_where_both_ids_were_seen_the_new_ones_own_sighting_stands(tmp_path: Path) -> None:
    old, new = Key(Kind.ACCOUNT, "old"), Key(Kind.ACCOUNT, "new")
    with opened(tmp_path) as journal:
        journal.remember({old: Sighting(NIGHT, nights=2), new: Sighting(NIGHT)}, {})
        rekeyed(journal, new, new)
        assert journal.history().sightings.keys() == {old, new}
        rekeyed(journal, old, new)
        assert journal.history().sightings == {new: Sighting(NIGHT)}


@on_both
def test_names_stay_until_the_entry_has_its_new_id(tmp_path: Path) -> None:
    old, new = Key(Kind.ACCOUNT, "old"), Key(Kind.ACCOUNT, "new")
    with opened(tmp_path) as journal:
        journal.reserve({"karnor": "old"})
        for status in set(Status) - {Status.DONE}:
            rekeyed(journal, old, new, status)
        rekeyed(journal, Key(Kind.ORG, "old"), Key(Kind.ORG, "new"))
        assert journal.usernames() == {"karnor": "old"}


def test_names_move_only_where_the_result_itself_is_recorded(tmp_path: Path) -> None:
    change = builders.rekey(Key(Kind.ACCOUNT, "new"), previous=Key(Kind.ACCOUNT, "old"))
    with opened(tmp_path) as journal, journal.lease("nightly") as lease:
        journal.reserve({"karnor": "old"})
        run = begun(journal, lease)
        journal.intend(run, "feide", [change], lease)
        with journal._store.write() as connection:  # the very last row of a settlement finds no place
            connection.exec_driver_sql(
                "CREATE TRIGGER full BEFORE INSERT ON audit WHEN new.body LIKE '%settle%' "
                "BEGIN SELECT RAISE(ABORT, 'full'); END"
            )
        with pytest.raises(JournalError):
            journal.settle(run, "feide", [Result(change, Status.DONE)])
        assert journal.usernames() == {"karnor": "old"}
        assert journal.open_intents() == 1


class Ledger(RuleBasedStateMachine):
    """Names are given, ids change, the journal is closed, opened and restored; the model is a dict."""

    @initialize()
    def begin(self) -> None:
        self.folder = Path(tempfile.mkdtemp())
        self.journal = opened(self.folder)
        self.given: dict[str, str] = {}

    @rule(names=st.dictionaries(NAMES, IDS, max_size=3))
    def reserve(self, names: dict[str, str]) -> None:
        wanted = {(name.lower(), owner) for name, owner in names.items()}
        free = len({name for name, _ in wanted}) == len(wanted)
        if free and all(self.given.get(name, owner) == owner for name, owner in wanted):
            self.journal.reserve(names)
            self.given.update(wanted)
        else:
            with pytest.raises(JournalError):
                self.journal.reserve(names)

    @rule(old=IDS, new=IDS)
    def rekey(self, old: str, new: str) -> None:
        rekeyed(self.journal, Key(Kind.ACCOUNT, old), Key(Kind.ACCOUNT, new))
        self.given = {name: new if owner == old else owner for name, owner in self.given.items()}

    @rule()
    def reopen(self) -> None:
        self.journal.close()
        self.journal = opened(self.folder)

    @rule()
    def move_to_another_disk(self) -> None:
        self.journal.close()
        other = Path(tempfile.mkdtemp())
        shutil.copytree(database(self.folder).parent, database(other).parent)
        shutil.rmtree(self.folder)
        self.folder, self.journal = other, opened(other)

    @invariant()
    def every_name_has_its_owner(self) -> None:
        if hasattr(self, "journal"):
            assert self.journal.usernames() == self.given

    def teardown(self) -> None:
        if hasattr(self, "journal"):
            assert self.journal.verify_audit() is None
            self.journal.close()
            shutil.rmtree(self.folder)


TestLedger = Ledger.TestCase
TestLedger.settings = settings(max_examples=15, stateful_step_count=20, deadline=None)
