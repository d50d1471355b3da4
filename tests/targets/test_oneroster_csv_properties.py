"""Whatever records and changes come, the OneRoster target's package is valid, and says what was carried out."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given
from hypothesis import strategies as st

from provision.core.outcome import Result, Status
from provision.core.plan import Change, Create, Disable, Update
from provision.core.state import Key, Kind, Member, Record, State
from provision.targets.oneroster_csv import OneRosterCsvTarget
from tests.builders import (
    COURSE,
    DISTRICT,
    LMS_FIELDS,
    LMS_MEMBERSHIPS,
    a_class,
    a_course,
    a_session,
    a_user,
    an_org,
    create,
    delete,
    disable,
    rekey,
    update,
    with_fields,
    withdraw,
)
from tests.oneroster import load

ORGS = (an_org(DISTRICT), an_org(), a_session(), a_course())
NOON = datetime(2026, 9, 1, 12, tzinfo=UTC)


def _target(path: Path) -> OneRosterCsvTarget:
    return OneRosterCsvTarget("lms", path, LMS_FIELDS, frozenset(), site_name="x", secret=b"", clock=lambda: NOON)


@contextmanager
def _package() -> Iterator[Path]:
    """A place for a package, in which the orgs are."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "oneroster.zip"
        assert len(_apply(path, *map(create, ORGS))) == len(ORGS)
        yield path


def _apply(path: Path, *changes: Change) -> list[Result]:
    results = list(_target(path).apply(changes))
    assert [result.change for result in results] == list(changes)
    assert load(path).faults == []
    return results


def _read(path: Path) -> State:
    return _target(path).read({}).records


_text = st.text(max_size=12)
_texts = st.frozensets(_text, max_size=3)


@given(id_=_text, name=_text, given_name=_text, grades=_texts, mail=_text, class_id=_text)
def test_any_text_is_read_back_or_refused(
    id_: str, name: str, given_name: str, grades: frozenset[str], mail: str, class_id: str
) -> None:
    user = replace(
        with_fields(a_user(), familyName=name, givenName=given_name, grades=grades, email=mail),
        key=Key(Kind.ACCOUNT, id_),
    )
    group = replace(a_class(), key=Key(Kind.GROUP, class_id), members=frozenset({Member(user.key, "student")}))
    with _package() as path:
        for record in (user, group):
            (result,) = _apply(path, create(record))
            there = _read(path)
            if result.status is Status.REJECTED:
                assert (record.key in there, bool(result.detail)) == (False, True)
                continue
            read = there[record.key]
            assert {name: _plain(value) for name, value in record.fields.items() if _plain(value)} == {
                name: _plain(value) for name, value in read.fields.items()
            }
            assert read.members == frozenset(m for m in record.members if m.account in there)
            before = path.stat()
            assert [each.status for each in _apply(path, update(record, record))] == [Status.DONE]
            assert path.stat().st_mtime_ns == before.st_mtime_ns


def _plain(value: object) -> frozenset[object]:
    """A field's values with their line breaks as a package has them."""
    each = value if isinstance(value, frozenset) else frozenset({value})
    return frozenset(" ".join(v.splitlines()) if isinstance(v, str) else v for v in each) - {""}


@st.composite
def _users(draw: st.DrawFn) -> Record:
    number = draw(st.integers(1, 4))
    agents = frozenset(Key(Kind.ACCOUNT, f"p{n}") for n in draw(st.frozensets(st.integers(1, 5), max_size=2)))
    family = draw(st.sampled_from(["Prøve", "Ny", None]))
    return a_user(number, familyName=family, agentSourcedIds=agents or None)


@st.composite
def _classes(draw: st.DrawFn) -> Record:
    places = draw(st.frozensets(st.tuples(st.integers(1, 5), st.sampled_from(["student", "teacher"])), max_size=4))
    members = [Member(Key(Kind.ACCOUNT, f"p{n}"), role, "", draw(_ends)) for n, role in sorted(places)]
    course = draw(st.sampled_from([COURSE, Key(Kind.COURSE, "other")]))
    return a_class(draw(st.integers(1, 2)), *members, courseSourcedId=course)


_ends = st.sampled_from(["", "2026-12-31"])
_other_course = a_course(Key(Kind.COURSE, "other"))
_records = st.one_of(_users(), _classes(), st.sampled_from([*ORGS, _other_course]))
_kinds = st.sampled_from(["create", "update", "disable", "delete", "withdraw", "rekey"])


def _change(kind: str, record: Record, held: State) -> Change:
    """A change as a plan that knows what is held would make it."""
    before = held.get(record.key, record)
    match kind:
        case "rekey" if record.key.kind is Kind.ACCOUNT:
            return rekey(Key(Kind.ACCOUNT, f"{record.key.sourced_id}0"), previous=record.key)
        case "withdraw" if record.key.kind is Kind.ACCOUNT:
            return withdraw(before)
        case "disable" if record.key.kind is Kind.ACCOUNT:
            return disable(before)
        case "delete":
            return delete(before)
        case "update":
            return update(before, record)
        case _:
            return create(record)


@given(runs=st.lists(st.lists(st.tuples(_kinds, _records), max_size=6), max_size=4))
def test_after_any_changes_the_package_is_valid_and_says_what_was_carried_out(
    runs: list[list[tuple[str, Record]]],
) -> None:
    with _package() as path:
        for run in runs:
            held = _read(path)
            by_key = {record.key: (kind, record) for kind, record in run}
            changes = [_change(kind, record, held) for kind, record in by_key.values()]
            results = _apply(path, *changes)
            there = _read(path)
            for result in results:
                _check(result, held, there, {change.key for change in changes})
            content = path.read_bytes()
            again = _apply(path, *(result.change for result in results if result.status is Status.DONE))
            assert (Status.REJECTED in {each.status for each in again}, path.read_bytes()) == (False, content)


def _check(result: Result, held: State, there: State, changed: set[Key]) -> None:
    change = result.change
    match change:
        case _ if result.status is not Status.DONE:
            assert result.detail
            was, is_ = held.get(change.key), there.get(change.key)
            assert was is None or is_ is None or _hard(was) == _hard(is_)
        case Create(after) | Update(_, after):
            assert _hard(there[change.key]) == _hard(after)
            assert there[change.key].members <= after.members
        case Disable():
            assert not there[change.key].active
            assert not there[change.key].fields.keys() & LMS_MEMBERSHIPS
            assert change.key not in {m.account for record in there.values() for m in record.members}
        case _:
            assert change.key in changed


def _hard(record: Record) -> dict[str, object]:
    """What of a record does not go when other people go."""
    return {name: value for name, value in record.fields.items() if name != "agentSourcedIds"}
