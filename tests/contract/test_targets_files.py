"""What targets do that keep all that they hold in one file: it is there as a whole or not at all."""

import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from provision.core.plan import Change
from provision.errors import TargetUnavailable
from tests.builders import create, disable, update
from tests.contract.duties import done, fill, read
from tests.contract.factories import IN_A_FILE, FileBench
from tests.disks import disk_of


@pytest.fixture(params=IN_A_FILE)
def bench(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[FileBench]:
    with IN_A_FILE[request.param](tmp_path) as bench:
        yield bench


@pytest.fixture
def filled(bench: FileBench) -> FileBench:
    """The orgs and a pupil are there."""
    fill(bench, bench.says.a_pupil(1))
    return bench


def _nothing_else(bench: FileBench) -> bool:
    """Whether the file and what belongs beside it are all that there is."""
    return {each.name for each in bench.path.parent.iterdir()} == {bench.path.name, *bench.beside}


def test_no_file_holds_nothing_and_looking_makes_none(bench: FileBench) -> None:
    bench.path.unlink(missing_ok=True)
    bench.path.parent.rmdir()
    target = bench.target()
    assert (dict(target.read({}).records), dict(target.names()), list(target.strangers())) == ({}, {}, [])
    assert not bench.path.parent.exists()


def test_what_is_written_is_for_its_owner_only_and_nothing_lies_beside_it(filled: FileBench) -> None:
    assert _nothing_else(filled)
    for each in filled.path.parent.iterdir():
        assert stat.S_IMODE(each.stat().st_mode) == 0o600, each


def test_results_come_only_when_everything_is_in_the_file(filled: FileBench) -> None:
    results = filled.target().apply([create(filled.says.a_pupil(number)) for number in (2, 3)])
    assert filled.says.place(3) not in filled.entries()
    next(results)
    assert filled.says.place(3) in filled.entries()


def test_nothing_is_written_where_nothing_changes(filled: FileBench) -> None:
    one = filled.says.a_pupil(1)
    before = filled.path.stat()
    done(filled, create(one), update(one, one))
    after = filled.path.stat()
    assert (before.st_ino, before.st_mtime_ns) == (after.st_ino, after.st_mtime_ns)


@pytest.mark.parametrize("share", [0, 0.5, 1.2])
def test_a_full_disk_leaves_the_old_file_and_nothing_else(filled: FileBench, share: float) -> None:
    before = filled.path.read_bytes()
    newcomers = [filled.says.a_pupil(number) for number in range(5, 50)]
    target = filled.target()
    with (
        disk_of(int(len(before) * share)),
        pytest.raises(TargetUnavailable, match=rf"{filled.path.name} cannot be written: File too"),
    ):
        list(target.apply(map(create, newcomers)))
    assert filled.path.read_bytes() == before
    assert _nothing_else(filled)
    assert newcomers[0].key not in target.read({}).records


def test_what_is_left_of_a_run_that_died_is_written_over(filled: FileBench) -> None:
    filled.path.with_name(f"{filled.path.name}.new").write_text("half")
    done(filled, create(filled.says.a_pupil(5)))
    assert _nothing_else(filled)


@pytest.mark.parametrize("what", ["a folder", "below a file"])
def test_a_place_that_is_no_file_is_unavailable(bench: FileBench, what: str) -> None:
    bench.path.unlink(missing_ok=True)
    if what == "a folder":
        bench.path.mkdir()
    else:
        bench.path.parent.rmdir()
        bench.path.parent.touch()
    before = sorted(bench.path.parent.parent.rglob("*"))
    with pytest.raises(TargetUnavailable, match="cannot be"):
        list(bench.target().apply([*bench.says.first, *map(create, bench.says.orgs)]))
    assert sorted(bench.path.parent.parent.rglob("*")) == before


def test_a_file_that_somebody_else_writes_while_changes_are_taken_is_left(filled: FileBench) -> None:
    shown = filled.says.words["shown"]

    def meanwhile() -> Iterator[Change]:
        yield create(filled.says.a_pupil(5))
        filled.set(filled.says.place(1), shown, "Theirs")

    with pytest.raises(TargetUnavailable, match="changed by somebody else"):
        list(filled.target().apply(meanwhile()))
    entries = filled.entries()
    assert entries[filled.says.place(1)][shown.lower()] == {"Theirs"}
    assert filled.says.place(5) not in entries


def test_one_change_builds_on_another_of_the_same_stage(filled: FileBench) -> None:
    one, moved = filled.says.a_pupil(1), filled.says.a_pupil(1, family="Ny")
    done(filled, update(one, moved), disable(moved), create(filled.says.a_pupil(2)))
    assert read(filled)[one.key] == disable(moved).after
