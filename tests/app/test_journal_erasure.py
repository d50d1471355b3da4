"""What is erased from the journal is in no row and no byte of it; what is within its time stays; the chain holds."""

import json
import sqlite3
import subprocess
import sys
import tempfile
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import event, select

from provision.core.history import Sighting
from provision.core.outcome import Result, Status
from provision.core.plan import Change
from provision.core.relinks import Prints
from provision.core.state import Key, Kind, Record
from provision.core.words import Measure
from provision.errors import JournalError
from provision.journal import Journal, audit
from provision.journal.codec import write_moment
from provision.journal.erasure import Cut
from provision.journal.mentions import OPAQUE, cells
from provision.journal.tables import AUDIT, METADATA
from tests import builders
from tests.app.journals import NIGHT, Clock, database, on_both, opened

NOBODY = frozenset[str]()
NEVER = Cut("", "")
CUT = Cut("2027-06-01", "2027-01-01")
WHO, NAME, MAIL = "p0000042", "karnor", "kari.nordmann@skole.no"


def account(sourced_id: str) -> Key:
    return Key(Kind.ACCOUNT, sourced_id)


def record(sourced_id: str, name: str) -> Record:
    return Record(account(sourced_id), {"cn": name, "mail": MAIL})


def lived(journal: Journal, clock: Clock, sourced_id: str = WHO, name: str = NAME) -> None:
    """Somebody came, was changed and was deleted; all of it is recorded."""
    before = record(sourced_id, "Kari Nordmann")
    with journal.lease("a run") as lease:
        run = journal.begin("nightly", "run", clock.now.date(), lease)
        journal.reserve({name: sourced_id})
        journal.remember({account(sourced_id): Sighting(clock.now.date(), frozenset({"974588145"}))}, {})
        journal.remember_prints({sourced_id: Prints("a hash", "another", "one more")})
        changes: list[Change] = [builders.update(before, record(sourced_id, "Kari Ås")), builders.delete(before)]
        journal.intend(run, "feide", changes, lease)
        journal.settle(run, "feide", [Result(change, Status.DONE) for change in changes])
        journal.decide(f"id old-{sourced_id}", sourced_id, "the SIS")
        journal.finish(run, 0, {"ending": [{"id": sourced_id}]})


def careless(journal: Journal) -> None:
    """From now on the database leaves the bytes of what is deleted where they are, as some builds do."""

    @event.listens_for(journal._store.engine, "connect")
    def _on_connect(connection: sqlite3.Connection, _record: object) -> None:
        connection.execute("PRAGMA secure_delete=OFF")

    journal._store.engine.dispose()


def raw(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in database(folder).parent.glob("journal.db*"))


def test_nothing_of_somebody_forgotten_is_in_any_row_or_byte(tmp_path: Path, clock: Clock) -> None:
    with opened(tmp_path, clock) as journal:
        lived(journal, clock)
        lived(journal, clock, "p0000043", "olanor")
        texts = journal.erasure().texts_of({WHO})
        assert texts == {WHO, NAME, MAIL, "Kari Nordmann"}
        assert journal.erasure().search(texts)
        head = audit_head(journal)
        counts = journal.erasure().erase(NEVER, {WHO, f"old-{WHO}"}, rehearse=False)
        assert journal.erasure().compact() == ""
        assert journal.erasure().search({WHO, NAME}) == {}
        assert journal.verify_audit(head) is None
        assert journal.usernames() == {"olanor": "p0000043"}
        assert {"changes": 2, "sightings": 1, "prints": 1, "decisions": 1, "usernames": 1, "mentions": 1}.items() <= (
            counts.items()
        )
        assert len(journal.last_changes(account("p0000043"))) == 2
        everything = raw(tmp_path)
    assert not [each for each in (WHO, NAME) if each.encode() in everything]
    assert b"p0000043" in everything


def test_bytes_that_a_deleted_row_left_behind_are_found(tmp_path: Path, clock: Clock) -> None:
    with opened(tmp_path, clock) as journal:
        careless(journal)
        lived(journal, clock)
        journal.erasure().erase(NEVER, {WHO, f"old-{WHO}"}, rehearse=False)
        assert journal.erasure().search({WHO, NAME, "Kari Nordmann"}).keys() == {"journal.db-wal"}
        with journal._store.alone() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        assert journal.erasure().search({WHO, NAME, "Kari Nordmann"}).keys() == {"journal.db"}
        journal.erasure().compact()
        assert journal.erasure().search({WHO, NAME, "Kari Nordmann"}) == {}


def test_looking_through_the_bytes_leaves_others_nothing_to_clear_away(tmp_path: Path, clock: Clock) -> None:
    """Whoever thinks to be the last to close the database deletes its log, with what others have written meanwhile."""
    with opened(tmp_path, clock) as journal:
        lived(journal, clock)
        journal.erasure().search({WHO})
        script = "import sqlite3, sys; d = sqlite3.connect(sys.argv[1]); d.execute('SELECT * FROM lease'); d.close()"
        subprocess.run([sys.executable, "-c", script, str(database(tmp_path))], check=True)
        assert database(tmp_path).with_name("journal.db-wal").exists()


def test_values_of_ours_are_no_mentions_of_somebody_whose_id_looks_like_one(tmp_path: Path, clock: Clock) -> None:
    with opened(tmp_path, clock) as journal:
        journal.decide("size pifu_ims", "2026", "the program")
        journal.decide("word schools", "2026-11-30T00:00:00+00:00", "it: 2026 was odd")
        journal.erasure().erase(NEVER, {"2026"}, rehearse=False)
        decisions = journal.decisions()
    assert decisions["size pifu_ims"] == "2026"
    assert decisions["word schools"] == "2026-11-30T00:00:00+00:00"


def test_the_write_ahead_log_is_not_said_to_be_empty_while_somebody_reads_it(tmp_path: Path, clock: Clock) -> None:
    with opened(tmp_path, clock) as journal:
        lived(journal, clock)
        reader = sqlite3.connect(database(tmp_path))
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM change").fetchone()
        journal.erasure().erase(NEVER, {WHO, f"old-{WHO}"}, rehearse=False)
        assert "another program is reading" in journal.erasure().compact()
        reader.close()
        assert journal.erasure().compact() == ""


@on_both
def test_a_rehearsal_counts_the_same_and_changes_nothing(tmp_path: Path, clock: Clock) -> None:
    with opened(tmp_path, clock) as journal:
        lived(journal, clock)
        before = cells_of(journal)
        said = journal.erasure().erase(CUT, {WHO}, rehearse=True)
        assert cells_of(journal) == before
        assert said == journal.erasure().erase(CUT, {WHO}, rehearse=False)


def test_only_columns_that_there_are_go_unsearched() -> None:
    known = {table.name: {column.name for column in table.columns} for table in METADATA.sorted_tables}
    assert {table: names - known[table] for table, names in OPAQUE.items() if names - known[table]} == {}


@settings(max_examples=25)  # each is a journal of its own
@given(st.lists(st.integers(0, 900), min_size=1, max_size=4), st.integers(1, 400), st.integers(0, 400))
def test_nothing_within_its_time_is_erased_and_nothing_beyond_it_stays(
    ages: list[int], images_days: int, more: int
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        clock = Clock()
        end = clock.now
        with opened(Path(folder), clock) as journal:
            for number, age in enumerate(ages):
                clock.now = end - timedelta(days=age)
                lived(journal, clock, f"p{number}", f"name{number}")
            clock.now = end
            runs_days = images_days + more
            cut = Cut(*(write_moment(end - timedelta(days=days)) for days in (images_days, runs_days)))
            journal.erasure().erase(cut, NOBODY, rehearse=False)
            for number, age in enumerate(ages):
                delete, *others = journal.last_changes(account(f"p{number}"))
                assert bool(delete.before.fields) == (age <= images_days)
                assert bool(others) == bool(delete.reason) == (age <= runs_days)
            assert len(journal.runs(99)) == len(ages), "each has somebody's last change"
            assert [bool(run.summary) for run in journal.runs(99)] == [age <= runs_days for age in sorted(ages)]
            assert journal.usernames().keys() == {f"name{number}" for number in range(len(ages))}
            assert journal.verify_audit() is None
            said = [(json.loads(body)["at"] if body.startswith("{") else "") for body in bodies(journal)]
            assert all(moment >= cut.runs for moment in said if moment)
            assert sum(map(bool, said)) == 8 * sum(age <= runs_days for age in ages) + 1


def test_an_erased_record_cannot_be_made_by_whoever_has_no_secret(tmp_path: Path, clock: Clock) -> None:
    with opened(tmp_path, clock) as journal:
        lived(journal, clock)
    tamper(tmp_path, "UPDATE audit SET body = 'erased ' || hash WHERE seq = 4")
    with opened(tmp_path, clock) as journal:
        assert "record 4 is not as it was" in str(journal.verify_audit())
        with pytest.raises(JournalError, match=r"record 4 .* nothing is erased"):
            journal.erasure().erase(CUT, {WHO}, rehearse=False)
        assert journal.usernames() == {NAME: WHO}


@pytest.mark.parametrize(
    ("statement", "where"),
    [
        ("UPDATE audit SET body = (SELECT body FROM audit WHERE seq = 5) WHERE seq = 6", "record 6"),
        ("UPDATE audit SET hash = (SELECT hash FROM audit WHERE seq = 5) WHERE seq = 6", "record 6"),
        ("UPDATE audit SET body = 'erased æ' WHERE seq = 6", "record 6"),
        ("DELETE FROM audit WHERE seq = 6", "record 6 is missing"),
    ],
)
def test_a_chain_with_erased_records_shows_tampering_as_ever(tmp_path: Path, statement: str, where: str) -> None:
    clock = Clock()
    with opened(tmp_path, clock) as journal:
        lived(journal, clock)
        lived(journal, clock, "p2", "ola")
        journal.erasure().erase(Cut("9999", "9999"), NOBODY, rehearse=False)
        assert journal.verify_audit() is None
    tamper(tmp_path, statement)
    with opened(tmp_path, clock) as journal:
        assert where in str(journal.verify_audit())


@on_both
def test_a_retired_name_is_its_owners_for_ever(tmp_path: Path, clock: Clock) -> None:
    with opened(tmp_path, clock) as journal:
        lived(journal, clock)
        journal.erasure().erase(NEVER, {WHO}, rehearse=False)
        assert journal.is_retired()(NAME.upper())
        assert not journal.is_retired()("karnor2")
        assert journal.returning({"p1", WHO}) == {NAME: WHO}
        assert journal.returning({"p1"}) == {}
        with pytest.raises(JournalError, match="somebody who is forgotten"):
            journal.reserve({"Karnor": "p1"})
        journal.reserve({NAME: WHO})
        assert journal.usernames() == {NAME: WHO}
        assert not journal.is_retired()(NAME)


@on_both
def test_words_on_somebody_forgotten_go_and_those_on_others_stay(tmp_path: Path, clock: Clock) -> None:
    with opened(tmp_path, clock) as journal:
        for person in (WHO, "p1"):
            journal.say(Measure.PROTECT, person, begins=True, by="somebody", reason="")
        assert journal.erasure().erase(NEVER, {WHO}, rehearse=False)["words"] == 1
        assert journal.words().protected == {"p1"}


@on_both
def test_a_trace_is_as_old_as_the_latest_thing_that_is_known(tmp_path: Path, clock: Clock) -> None:
    with opened(tmp_path, clock) as journal:
        lived(journal, clock)
        clock.pass_(days=5)
        journal.note_disabled("feide", {account(WHO): date(2026, 12, 24)})
        journal.remember_prints({"p9": Prints("a", "b", "c")})
        assert journal.erasure().traces() == {WHO: date(2026, 12, 24), f"old-{WHO}": NIGHT, "p9": None}


def audit_head(journal: Journal) -> str:
    with journal._store.read() as connection:
        return audit.head(connection)


def bodies(journal: Journal) -> list[str]:
    with journal._store.read() as connection:
        return list(connection.scalars(select(AUDIT.c.body)))


def cells_of(journal: Journal) -> list[tuple[str, str]]:
    with journal._store.read() as connection:
        return list(cells(connection))


def tamper(folder: Path, statement: str) -> None:
    connection = sqlite3.connect(database(folder))
    connection.execute(statement)
    connection.commit()
    connection.close()
