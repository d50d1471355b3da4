"""What the journal remembers from night to night: sightings, sources, holds, approvals, decisions."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from provision.core.history import Sighting
from provision.core.plan import Update
from provision.core.state import Key, Kind, Member, Record
from provision.errors import UsageError
from provision.journal import Journal
from provision.journal.codec import before_image, read_image, write_image
from tests.app.journals import Clock, a_hold, begun, database, on_both

ANNA = Key(Kind.ACCOUNT, "p1")
SEEN = Sighting(date(2026, 11, 22), frozenset({"974588145", "974575086"}), "teacher")
GONE = Sighting(
    date(2026, 11, 20), frozenset(), "student", until=date(2027, 7, 31), nights=2, counted=date(2026, 11, 22)
)


def a_run(journal: Journal) -> str:
    with journal.lease("nightly") as lease:
        return begun(journal, lease)


@on_both
def test_sightings_come_back_as_they_were_and_the_rest_stays(journal: Journal) -> None:
    group = Key(Kind.GROUP, "a:b, 100 %")
    journal.remember({ANNA: SEEN, group: GONE}, {"sis": datetime(2026, 11, 22, 23, 0)})  # noqa: DTZ001 - as a source has it
    journal.remember({ANNA: GONE}, {"care": datetime(2026, 11, 1, tzinfo=timezone(timedelta(hours=1)))})
    history = journal.history()
    assert history.sightings == {ANNA: GONE, group: GONE}
    assert history.as_of["sis"].isoformat() == "2026-11-22T23:00:00"
    assert history.as_of["care"].isoformat() == "2026-11-01T00:00:00+01:00"


@on_both
def test_a_sources_newer_moment_replaces_the_older(journal: Journal) -> None:
    for day in (22, 23):
        journal.remember({}, {"sis": datetime(2026, 11, day, tzinfo=UTC)})
    assert journal.history().as_of == journal.as_of() == {"sis": datetime(2026, 11, 23, tzinfo=UTC)}


def test_only_what_differs_is_written(journal: Journal, tmp_path: Path) -> None:
    many = {Key(Kind.ACCOUNT, str(number)): SEEN for number in range(5000)}
    log = database(tmp_path).with_name("journal.db-wal")
    journal.remember(many, {"sis": datetime(2026, 11, 22, tzinfo=UTC)})
    with journal._store.engine.connect() as connection:
        connection.exec_driver_sql("SELECT 1")
    before = log.stat().st_size, log.stat().st_mtime_ns
    journal.remember(many, {"sis": datetime(2026, 11, 22, tzinfo=UTC)})
    assert (log.stat().st_size, log.stat().st_mtime_ns) == before
    journal.remember({**many, ANNA: SEEN}, {})
    assert (log.stat().st_size, log.stat().st_mtime_ns) != before


@on_both
def test_a_hold_keeps_the_time_it_was_first_seen_until_it_is_gone(journal: Journal, clock: Clock) -> None:
    first, run = clock.now, a_run(journal)
    journal.save_holds(run, "feide", [a_hold(), a_hold("99999999aa", org="974575086")])
    clock.pass_(days=1)
    grown = replace(a_hold("abcdef0123"), count=213)
    journal.save_holds(run, "feide", [grown])
    journal.save_holds(run, "lms", [replace(a_hold("1111111111"), target="lms")])
    assert [(row.hold.target, row.hold.id, row.first_seen) for row in journal.holds()] == [
        ("feide", "H-abcdef01", first),
        ("lms", "H-11111111", clock.now),
    ]
    assert journal.holds()[0].hold == grown
    journal.save_holds(run, "feide", [])
    journal.save_holds(run, "feide", [grown])
    assert journal.holds()[0].first_seen == clock.now


@on_both
def test_an_approval_names_the_changes_of_the_hold_and_ends_with_its_time(journal: Journal, clock: Clock) -> None:
    journal.save_holds(a_run(journal), "feide", [a_hold()])
    expires = clock.now + timedelta(days=1)
    approval = journal.approve("h-0a1b2c3d", "rektor", "class 8 has moved", expires)
    assert (approval.target, approval.org, approval.loss) == ("feide", "974588145", "disable account")
    assert approval.digests == a_hold().digests
    assert journal.approvals(clock.now) == (approval,)
    assert journal.approvals(expires) == ()


@on_both
def test_an_approval_ends_at_the_same_moment_in_every_time_zone(journal: Journal, clock: Clock) -> None:
    journal.save_holds(a_run(journal), "feide", [a_hold()])
    expires = clock.now + timedelta(hours=1)
    journal.approve("H-0a1b2c3d", "rektor", "seen", expires.astimezone(timezone(timedelta(hours=-9))))
    for hours in (-9, 0, 9):
        zone = timezone(timedelta(hours=hours))
        assert len(journal.approvals((expires - timedelta(minutes=1)).astimezone(zone))) == 1
        assert journal.approvals((expires + timedelta(minutes=1)).astimezone(zone)) == ()


@on_both
def test_an_approval_that_was_used_up_allows_nothing_more(journal: Journal, clock: Clock) -> None:
    run = a_run(journal)
    journal.save_holds(run, "feide", [a_hold(), a_hold("99999999aa", org="974575086")])
    for name in ("H-0a1b2c3d", "H-99999999"):
        journal.approve(name, "rektor", "seen", clock.now + timedelta(days=1))
    journal.use_up(run, ["H-0a1b2c3d"])
    assert [approval.hold for approval in journal.approvals(clock.now)] == ["H-99999999"]


@on_both
@pytest.mark.parametrize("held", [[], [a_hold(), a_hold("99999999aa", org="974575086")]])
def test_approving_what_is_not_held_names_what_is(journal: Journal, clock: Clock, held: list[object]) -> None:
    journal.save_holds(a_run(journal), "feide", held)  # type: ignore[arg-type]  # holds, or none
    expected = "held now: H-0a1b2c3d, H-99999999" if held else "held now: none"
    with pytest.raises(UsageError, match=expected):
        journal.approve("H-17", "rektor", "seen", clock.now)
    assert journal.approvals(clock.now - timedelta(days=1)) == ()


@on_both
def test_the_latest_word_on_a_subject_counts(journal: Journal) -> None:
    journal.decide("account:p1", "new", "ikt")
    journal.decide("account:p2", "new", "ikt")
    journal.decide("account:p1", "the entry of uid=kari", "ikt")
    assert journal.decisions() == {"account:p1": "the entry of uid=kari", "account:p2": "new"}


TEXTS = st.text(st.characters(exclude_categories=("Cs", "Nd")), min_size=1)
KEYS = st.builds(Key, st.sampled_from(Kind), TEXTS)
VALUES = st.one_of(TEXTS, KEYS, st.frozensets(st.one_of(TEXTS, KEYS), min_size=1))
MEMBERS = st.builds(Member, KEYS, TEXTS, st.sampled_from(["", "2026-08-01"]), st.just(""), st.booleans())
NAMES = st.text("abcdef", min_size=1, max_size=3)
RECORDS = st.builds(
    Record, st.just(ANNA), st.dictionaries(NAMES, VALUES), st.frozensets(MEMBERS, max_size=3), st.booleans()
)


@given(before=RECORDS, after=RECORDS)
@settings(suppress_health_check=[HealthCheck.too_slow])
def test_the_image_of_any_update_undoes_it(before: Record, after: Record) -> None:
    change = Update(before, after, frozenset(), "student", "")
    image = read_image(write_image(before_image(change, frozenset())))
    undone = {name: value for name, value in {**after.fields, **image.fields}.items() if value is not None}
    assert undone == before.fields
    assert (after.members if image.members is None else image.members) == before.members
    assert (after.active if image.active is None else image.active) == before.active
