"""The audit chain shows every way in which somebody might rewrite what was done."""

import sqlite3
from pathlib import Path

import pytest

from provision.core.outcome import Result, Status
from provision.journal.audit import link
from tests import builders
from tests.app.journals import begun, database, opened

FORGED = '{"event":"approve","hold":"H-1"}'


def a_night(folder: Path) -> str:
    """Ten people are created. Returns the head of the chain."""
    changes = [builders.create(builders.a_pupil(number)) for number in range(10)]
    with opened(folder) as journal, journal.lease("nightly") as lease:
        run = begun(journal, lease)
        journal.intend(run, "feide", changes, lease)
        journal.settle(run, "feide", [Result(change, Status.DONE) for change in changes])
        return journal.finish(run, 0, {})


def verified(folder: Path, head: str = "") -> str | None:
    with opened(folder) as journal:
        return journal.verify_audit(head)


def tampered(folder: Path, *statements: str) -> None:
    connection = sqlite3.connect(database(folder))
    for statement in statements:
        assert connection.execute(statement).rowcount == 1
    connection.commit()
    connection.close()


def test_what_nobody_touched_is_whole_night_after_night(tmp_path: Path) -> None:
    heads = [a_night(tmp_path), a_night(tmp_path)]
    assert [head.partition(":")[0] for head in heads] == ["22", "44"]
    assert [verified(tmp_path, head) for head in ("", *heads)] == [None, None, None]


def test_every_change_is_in_the_chain_before_and_after(tmp_path: Path) -> None:
    a_night(tmp_path)
    connection = sqlite3.connect(database(tmp_path))
    found = connection.execute(
        "SELECT count(*) FROM audit WHERE body LIKE '%intend%' OR body LIKE '%\"settle\"%done%'"
    ).fetchone()
    connection.close()
    assert found == (20,)


def test_the_chain_holds_ids_only(tmp_path: Path) -> None:
    a_night(tmp_path)
    connection = sqlite3.connect(database(tmp_path))
    bodies = " ".join(body for (body,) in connection.execute("SELECT body FROM audit"))
    connection.close()
    assert "account:p1" in bodies
    assert "Prøve" not in bodies.encode().decode("unicode_escape")
    assert "pup00001" not in bodies


@pytest.mark.parametrize(
    ("statements", "where"),
    [
        (["UPDATE audit SET body = replace(body, 'p3', 'p4') WHERE seq = 5"], "record 5 is not as"),
        (["UPDATE audit SET hash = 'abc' WHERE seq = 5"], "record 5 is not as"),
        (["DELETE FROM audit WHERE seq = 5"], "record 5 is missing"),
        (["DELETE FROM audit WHERE seq = 1"], "record 1 is missing"),
        (
            [
                "UPDATE audit SET seq = 99 WHERE seq = 5",
                "UPDATE audit SET seq = 5 WHERE seq = 6",
                "UPDATE audit SET seq = 6 WHERE seq = 99",
            ],
            "record 5 is not as",
        ),
        (["INSERT INTO audit SELECT 23, body, hash FROM audit WHERE seq = 5"], "record 23 is not as"),
    ],
    ids=["altered", "hash", "deleted", "first", "reordered", "added"],
)
def test_tampering_is_found_where_it_was_done(tmp_path: Path, statements: list[str], where: str) -> None:
    a_night(tmp_path)
    tampered(tmp_path, *statements)
    assert where in str(verified(tmp_path))


def test_a_chain_rebuilt_without_the_secret_does_not_hold(tmp_path: Path) -> None:
    last = a_night(tmp_path).partition(":")[2]
    connection = sqlite3.connect(database(tmp_path))
    connection.execute("INSERT INTO audit VALUES (23, ?, ?)", (FORGED, link(b"a guess", last, FORGED)))
    connection.commit()
    connection.close()
    assert "record 23" in str(verified(tmp_path))


@pytest.mark.parametrize("cut", ["DELETE FROM audit WHERE seq = 22", "DELETE FROM audit"])
def test_records_cut_off_the_end_show_against_a_head_kept_elsewhere(tmp_path: Path, cut: str) -> None:
    head = a_night(tmp_path)
    connection = sqlite3.connect(database(tmp_path))
    connection.execute(cut)
    connection.commit()
    connection.close()
    assert verified(tmp_path) is None
    assert "were cut off" in str(verified(tmp_path, head))


def test_a_chain_cut_and_grown_anew_is_not_the_one_that_was_kept(tmp_path: Path) -> None:
    head = a_night(tmp_path)
    tampered(tmp_path, "DELETE FROM audit WHERE seq = 22")
    a_night(tmp_path)
    assert verified(tmp_path) is None
    assert "record 22 is not the one whose hash was kept" in str(verified(tmp_path, head))
