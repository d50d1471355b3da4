"""What a night proves, once it is judged: in words, and with everything in doubt."""

import pytest

from provision.core.extract import Completeness
from provision.core.judgement import Judgement, doubted, unproven
from tests.town import NORTH, SOUTH

PROVEN = Completeness(rows=100, proof="the file is whole")
UNPROVEN = Completeness(rows=7, doubt="half of it is missing")


@pytest.mark.parametrize("flag", [True, False])
def test_a_doubt_about_the_whole_leaves_nothing_proven_and_every_doubt_that_was(*, flag: bool) -> None:
    schools = {NORTH: PROVEN, SOUTH: UNPROVEN}
    judged = Judgement(schools, frozenset({NORTH}), newer=flag, in_a_row=not flag, nights=5, fresh=flag)
    found = doubted(judged, "all ids are new")
    left = {NORTH: Completeness(rows=100, doubt="all ids are new"), SOUTH: UNPROVEN}
    assert found == Judgement(left, frozenset(), newer=flag, in_a_row=not flag, nights=5, fresh=flag)


def test_the_first_school_in_doubt_says_why_nobody_may_be_removed() -> None:
    judged = Judgement({"a": PROVEN, "b": UNPROVEN, "c": Completeness(doubt="another")}, frozenset())
    assert unproven({"a"}, judged) == unproven((), judged) == ""
    assert unproven(["c", "b", "a"], judged) == "b: half of it is missing"
    assert unproven({"a", "x"}, judged) == "x: the school is not in the export"
