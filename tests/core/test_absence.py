"""What a night's sources prove, school by school, and what counts as a night of absence."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from provision.core.absence import judge, older
from provision.core.extract import Completeness
from provision.core.history import History, Sighting
from provision.core.judgement import unproven
from provision.core.policy import Policy
from provision.core.sightings import missing_for, observe, seen_tonight
from provision.core.state import Key, Kind
from provision.core.subjects import placed_people
from tests.town import DAY, DISTRICT, NIGHT, NORTH, SOUTH, Town

POLICY = Policy(unreadable_share=0.05)
YESTERDAY = DAY - timedelta(days=1)
P1 = Key(Kind.ACCOUNT, "p1")


def known(*classes: str, until: int = 200) -> History:
    """A history that knows both schools and these classes at the north one."""
    seen = {Key(Kind.ORG, org): Sighting(YESTERDAY, frozenset({org})) for org in (DISTRICT, NORTH, SOUTH)}
    end = DAY + timedelta(days=until)
    seen |= {Key(Kind.GROUP, c): Sighting(YESTERDAY, frozenset({NORTH}), until=end) for c in classes}
    return History(seen, {"sis": NIGHT - timedelta(days=1)})


def test_a_whole_newer_export_with_every_class_proves_every_school() -> None:
    judgement = judge(Town().roster(), known("6A"), POLICY)
    assert all(said.proof and not said.doubt for said in judgement.schools.values())
    assert unproven({NORTH, SOUTH, DISTRICT}, judgement) == ""


@pytest.mark.parametrize(
    ("said", "doubt"),
    [
        (Completeness(rows=100, proof=""), "cannot prove that it is whole"),
        (Completeness(rows=100, proof="", doubt="its manifest is missing"), "its manifest is missing"),
        (Completeness(rows=100, unidentified=1, proof="whole"), "1 rows do not say whom they are about"),
        (Completeness(rows=94, unreadable=6, proof="whole"), "6 of 100 rows cannot be read"),
        (Completeness(rows=95, unreadable=5, proof="whole"), ""),
    ],
)
def test_what_makes_a_school_unproven(said: Completeness, doubt: str) -> None:
    town = Town()
    town.completeness[NORTH] = said
    judgement = judge(town.roster(), known(), POLICY)
    assert doubt in judgement.schools[NORTH].doubt
    assert bool(judgement.schools[NORTH].proof) == (doubt == "")
    assert judgement.schools[SOUTH].proof
    assert bool(judgement.schools[DISTRICT].proof) == (doubt == ""), "central staff need every school proven"


def test_a_school_that_is_not_in_the_export_is_unproven_unless_the_site_says_that_it_closed() -> None:
    town = Town()
    town.orgs.pop()
    town.classes.pop()
    judgement = judge(town.roster(), known(), POLICY)
    assert "not in the export" in judgement.schools[SOUTH].doubt
    closed = judge(town.roster(), known(), replace(POLICY, closed_schools=frozenset({SOUTH})))
    assert closed.schools[SOUTH].proof
    assert closed.schools[DISTRICT].proof


def test_saying_that_a_school_closed_means_nothing_while_the_school_is_in_the_export() -> None:
    town = Town()
    town.completeness[SOUTH] = Completeness(rows=10, unreadable=90, proof="whole")
    closed = judge(town.roster(), known(), replace(POLICY, closed_schools=frozenset({SOUTH})))
    assert not closed.schools[SOUTH].proof


def test_a_missing_class_makes_its_school_unproven_but_not_once_it_is_over() -> None:
    judgement = judge(Town().roster(), known("6A", "6X"), POLICY)
    assert judgement.schools[NORTH].doubt == "class 6X is missing from the export"
    assert NORTH in judgement.readable
    assert judge(Town().roster(), known("6A", "6X", until=-1), POLICY).schools[NORTH].proof
    assert judge(Town().roster(), known("6A", "6X", until=0), POLICY).schools[NORTH].doubt


def test_a_class_missing_for_all_its_nights_is_accepted_as_gone() -> None:
    history = known("6A", "6X")
    seen = dict(history.sightings)
    for nights, proven in ((1, False), (2, True)):  # tonight is one more
        seen[Key(Kind.GROUP, "6X")] = replace(seen[Key(Kind.GROUP, "6X")], nights=nights)
        assert bool(judge(Town().roster(), replace(history, sightings=seen), POLICY).schools[NORTH].proof) == proven


def test_an_older_export_is_told_and_an_equal_one_is_not_newer() -> None:
    roster = Town().roster()
    assert older(roster, History(as_of={"sis": NIGHT + timedelta(seconds=1)})) == "sis"
    assert older(roster, History(as_of={"sis": NIGHT})) == ""
    assert not judge(roster, History(as_of={"sis": NIGHT}), POLICY).newer
    assert not judge(roster, History(as_of={"sis": NIGHT - timedelta(minutes=59)}), POLICY).newer, "the same day"
    assert judge(roster, History(as_of={"sis": NIGHT - timedelta(days=1)}), POLICY).newer
    assert judge(roster, History(), POLICY).newer


def test_a_day_without_an_export_between_starts_the_count_anew() -> None:
    assert missed(Town(), replace(known(), as_of={"sis": NIGHT - timedelta(days=2)}), NORTHERNER).nights == 1
    assert missed(Town(), known(), NORTHERNER).nights == 2


def test_content_at_another_hour_of_the_next_night_is_in_a_row() -> None:
    late = replace(known(), as_of={"sis": NIGHT - timedelta(hours=36)})
    assert missed(Town(), late, NORTHERNER).nights == 2
    assert missed(Town(), replace(known(), as_of={"sis": NIGHT - timedelta(hours=37)}), NORTHERNER).nights == 1


def test_what_was_proven_once_stays_proven_over_a_weekend() -> None:
    proven = replace(NORTHERNER, nights=3)
    assert missed(Town(), replace(known(), as_of={"sis": NIGHT - timedelta(days=3)}), proven).nights == 4


def test_content_of_last_month_is_not_fresh() -> None:
    roster = Town().roster()
    for days, fresh in ((0, True), (7, True), (8, False), (400, False)):
        assert judge(replace(roster, day=DAY + timedelta(days=days)), History(), POLICY).fresh == fresh


def missed(town: Town, history: History, sighting: Sighting) -> Sighting:
    """What becomes of the sighting of somebody who is not there tonight."""
    roster = town.roster()
    history = replace(history, sightings={**history.sightings, P1: sighting})
    return observe(roster, history, seen_tonight(roster, {}), {}, judge(roster, history, POLICY))[P1]


NORTHERNER = Sighting(YESTERDAY, frozenset({NORTH}), "student", nights=1, counted=YESTERDAY)


def test_a_proven_night_counts_once() -> None:
    once = missed(Town(), known(), NORTHERNER)
    assert (once.nights, once.counted, once.last_seen) == (2, DAY, YESTERDAY)
    assert missed(Town(), known(), once) == once


def test_a_night_does_not_count_without_proof_without_newer_content_or_in_doubt() -> None:
    unproven_town, rejected = Town(), Town()
    unproven_town.completeness[NORTH] = Completeness()
    rejected.rejects = [{"table": "users", "sourced_id": "p1", "reason": "no name"}]
    assert missed(unproven_town, known(), NORTHERNER) == NORTHERNER
    assert missed(rejected, known(), NORTHERNER) == NORTHERNER
    assert missed(Town(), replace(known(), as_of={"sis": NIGHT}), NORTHERNER) == NORTHERNER


def test_somebody_at_two_schools_is_missed_only_where_both_are_proven() -> None:
    town = Town()
    town.completeness[SOUTH] = Completeness()
    both = replace(NORTHERNER, orgs=frozenset({NORTH, SOUTH}))
    assert missed(town, known(), both).nights == 1
    assert missed(Town(), known(), both).nights == 2


def test_somebody_whose_school_nobody_knows_is_missed_only_where_everything_is_proven() -> None:
    town = Town()
    town.completeness[SOUTH] = Completeness()
    nowhere = replace(NORTHERNER, orgs=frozenset())
    assert missed(town, known(), nowhere).nights == 1
    assert missed(Town(), known(), nowhere).nights == 2


def test_an_account_that_no_journal_remembers_is_counted_from_tonight() -> None:
    roster = Town().roster()
    seen = observe(roster, known(), {}, {P1: Sighting(DAY, frozenset({NORTH}))}, judge(roster, known(), POLICY))
    assert (seen[P1].nights, seen[P1].last_seen) == (1, DAY)


def test_being_seen_again_starts_from_nothing() -> None:
    town = Town().add_pupil("p1")
    roster = town.roster()
    history = replace(known(), sightings={P1: NORTHERNER})
    seen = observe(
        roster,
        history,
        seen_tonight(roster, {"p1": placed_people(roster)["p1"]}),
        {},
        judge(roster, history, POLICY),
    )
    assert seen[P1] == Sighting(
        DAY, frozenset({NORTH}), "student", until=date(2027, 7, 31), leaving="graduated", homeroom="6A"
    )


def test_evidence_reads_as_a_sentence() -> None:
    assert missing_for(NORTHERNER, 3) == "missing 1 of 3 proven nights, last seen 2026-11-22"
    assert missing_for(None, 3) == "missing, first noticed tonight"


@pytest.mark.parametrize(("minute", "newer"), [(59, True), (60, False)])
def test_whether_content_is_of_another_day_says_the_sources_own_clock(minute: int, *, newer: bool) -> None:
    there = timezone(timedelta(hours=1))
    moment = datetime(2026, 11, 24, 5, 0, tzinfo=there)
    before = datetime(2026, 11, 23, 22, 0, tzinfo=UTC) + timedelta(minutes=minute)
    roster = replace(Town().roster(), as_of={"sis": moment})
    assert judge(roster, History(as_of={"sis": before}), POLICY).newer is newer


def test_how_many_nights_a_class_must_be_missing_says_the_policy() -> None:
    patient = replace(POLICY, nights=5)
    assert judge(Town().roster(), known("6A"), patient).nights == 5
    history = known("6A", "6X")
    for nights, proven in ((3, False), (4, True)):
        seen = history.sightings[group := Key(Kind.GROUP, "6X")]
        missing = replace(history, sightings={**history.sightings, group: replace(seen, nights=nights)})
        assert bool(judge(Town().roster(), missing, patient).schools[NORTH].proof) is proven


def test_a_school_is_proven_by_what_the_source_says_or_by_the_site_where_it_has_closed() -> None:
    town = Town()
    town.orgs.pop()
    town.classes.pop()
    judged = judge(town.roster(), known(), replace(POLICY, closed_schools=frozenset({SOUTH}))).schools
    assert {org: said.proof for org, said in judged.items()} == {
        NORTH: "the file is whole",
        DISTRICT: "the file is whole",
        SOUTH: "closed for good, says the site",
    }


@pytest.mark.parametrize(("org", "doubt"), [(NORTH, f"{NORTH}: cut short"), (DISTRICT, "cut short")])
def test_those_who_work_centrally_are_in_doubt_as_the_school_that_is(org: str, doubt: str) -> None:
    town = Town()
    town.completeness[org] = Completeness(rows=100, doubt="cut short")
    judged = judge(town.roster(), known(), POLICY).schools
    assert (judged[DISTRICT].proof, judged[DISTRICT].doubt) == ("", doubt)
    assert bool(judged[SOUTH].proof)


def test_a_district_in_doubt_itself_says_its_own_doubt() -> None:
    town = Town()
    town.completeness[DISTRICT] = Completeness(rows=100, doubt="no staff at all")
    town.completeness[SOUTH] = Completeness(rows=100, doubt="cut short")
    assert judge(town.roster(), History(), Policy()).schools[DISTRICT].doubt == "no staff at all"
