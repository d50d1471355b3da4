"""The service killed with -9 all through a night: started again it ends the night as if nothing had been."""

import random
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from provision.wiring import open_journal_of, open_place
from tests.app.sites import call
from tests.service.killing import Heard, World, directories, kill, missed_night, wanted_since_long
from tests.service.test_serve import serving, turns

PUPILS: Final = 150
IN_STEPS: Final = 4
IN_WRITING: Final = 6

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells which processes a service began")


@pytest.fixture
def worlds(tmp_path: Path) -> Iterator[list[World]]:
    """The same eve twice."""
    night = missed_night(tmp_path / "site", PUPILS)
    wanted_since_long(night)
    with directories(tmp_path, [night, night]) as made:
        yield made


def test_killed_at_ten_moments_of_a_night_the_service_ends_it_as_if_nothing_had_been(worlds: list[World]) -> None:
    undisturbed, world = worlds
    with serving(undisturbed.site.folder) as process:
        heard = Heard(process)
        heard.wait_for("ended with exit code 0")
    whole, steps = undisturbed.count(), heard.steps()
    seed = int(time.time())
    chance = random.Random(seed)  # noqa: S311  no secret
    # After some of the steps before anything is written, then whenever a good part more of it is written.
    moments = [(number, 0) for number in sorted(chance.sample(range(steps - 1), IN_STEPS))]
    moments += [(0, int(whole * (part + chance.random()) / (IN_WRITING + 1))) for part in range(IN_WRITING)]
    for number, (told, written) in enumerate(moments):
        with serving(world.site.folder) as process:
            heard = Heard(process)
            heard.wait_for("begun")
            while heard.steps() < told or world.count() < written:
                heard.must_not_say("ended with")
            kill(process, with_its_command=bool(number % 2))
    with serving(world.site.folder) as process:
        Heard(process).wait_for("ended with exit code 0")
    assert world.entries() == undisturbed.entries(), f"seed {seed}"
    (done,) = turns(world.site.folder)
    assert (done.exit_code, done.attempts) == (0, len(moments) + 1)
    with open_journal_of(open_place(world.site.folder, "nightly")) as journal:
        assert [run.exit_code for run in journal.runs(99)].count(0) == 1
        assert journal.open_intents() == 0
        assert journal.verify_audit() is None
    assert call("verify", "--json", "--site", str(world.site.folder)).code == 0
