"""The audit chain shows every way in which somebody might rewrite what was done."""

from pathlib import Path

import pytest
from sqlalchemy import select

from provision.core.outcome import Result, Status
from provision.journal.audit import link
from provision.journal.tables import AUDIT
from tests import builders
from tests.app.journals import begun, execute, on_both, opened

pytestmark = on_both

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
    assert execute(folder, *statements) == len(statements)


def bodies(folder: Path) -> list[str]:
    with opened(folder) as journal, journal._store.read() as connection:
        return list(connection.scalars(select(AUDIT.c.body)))


def test_what_nobody_touched_is_whole_night_after_night(tmp_path: Path) -> None:
    heads = [a_night(tmp_path), a_night(tmp_path)]
    assert [head.partition(":")[0] for head in heads] == ["22", "44"]
    assert [verified(tmp_path, head) for head in ("", *heads)] == [None, None, None]


def test_every_change_is_in_the_chain_before_and_after(tmp_path: Path) -> None:
    a_night(tmp_path)
    found = [body for body in bodies(tmp_path) if "intend" in body or ('"settle"' in body and "done" in body)]
    assert len(found) == 20


def test_the_chain_holds_ids_only(tmp_path: Path) -> None:
    a_night(tmp_path)
    everything = " ".join(bodies(tmp_path))
    assert "account:p1" in everything
    assert "Prøve" not in everything.encode().decode("unicode_escape")
    assert "pup00001" not in everything


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
    forged = link(b"a guess", last, FORGED)
    execute(tmp_path, "INSERT INTO audit VALUES (23, :body, :hash)", body=FORGED, hash=forged)
    assert "record 23" in str(verified(tmp_path))


@pytest.mark.parametrize("cut", ["DELETE FROM audit WHERE seq = 22", "DELETE FROM audit"])
def test_records_cut_off_the_end_show_against_a_head_kept_elsewhere(tmp_path: Path, cut: str) -> None:
    head = a_night(tmp_path)
    execute(tmp_path, cut)
    assert verified(tmp_path) is None
    assert "were cut off" in str(verified(tmp_path, head))


def test_a_chain_cut_and_grown_anew_is_not_the_one_that_was_kept(tmp_path: Path) -> None:
    head = a_night(tmp_path)
    tampered(tmp_path, "DELETE FROM audit WHERE seq = 22")
    a_night(tmp_path)
    assert verified(tmp_path) is None
    assert "record 22 is not the one whose hash was kept" in str(verified(tmp_path, head))
