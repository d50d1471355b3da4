"""A disk that is full from some moment on: nothing is done that cannot be recorded, and the next run finishes."""

import errno
import os
import resource
from contextlib import AbstractContextManager, nullcontext

from tests.crashes.children import Go
from tests.crashes.conftest import Staged
from tests.crashes.points import Point
from tests.crashes.stage import Stage
from tests.crashes.trials import Blow, at_every

UNRECORDED = 1
UNAVAILABLE = 7


def nothing_more(_point: Point, _go: Go) -> None:
    """No file may grow from now on, the journal's among them."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))


def no_room(point: Point, _go: Go) -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), point.what.rpartition(" ")[2])


def full(_stage: Stage) -> AbstractContextManager[Blow]:
    return nullcontext(Blow({UNRECORDED}, act=nothing_more))


def full_for_files(_stage: Stage) -> AbstractContextManager[Blow]:
    return nullcontext(Blow({UNAVAILABLE}, act=no_room, lasts=True))


def test_a_disk_full_at_any_commit_costs_a_night_at_most(everywhere: Staged) -> None:
    stages, known = everywhere
    assert len(at_every(stages, known, lambda point: point.is_commit, full)) > 12


def test_a_disk_full_at_any_file_costs_a_night_at_most(everywhere: Staged) -> None:
    stages, known = everywhere
    points = at_every(stages, known, lambda point: point.is_of_file("out/"), full_for_files)
    assert len(points) == sum(point.is_of_file("out/") for point in known.points)
