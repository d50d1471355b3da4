"""The figures of each day that was counted: of groups, never of people, and only what changed from day to day."""

import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime

from sqlalchemy import Connection, and_, delete, func, insert, select

from provision.core.counted import Counted
from provision.core.devices import DeviceKind
from provision.core.figures import Coverage, Figures, Group, Level, Link, Tally, in_order
from provision.core.trend import Point, thinned
from provision.journal.tables import FIGURE, FIGURE_DAY

_Key = tuple[str, str, str]


def remember(connection: Connection, coverage: Coverage) -> None:
    """Stores one day's figures; those of a day that was counted before are replaced. Days may come in any order."""
    day = coverage.day.isoformat()
    wanted = {_key(f.group): _written(f) for f in coverage.figures}
    before = _state(connection, day, inclusive=False)
    later = connection.scalar(select(func.min(FIGURE_DAY.c.day)).where(FIGURE_DAY.c.day > day))
    replaced = _state(connection, day, inclusive=True) if later else {}
    connection.execute(delete(FIGURE).where(FIGURE.c.day == day))
    connection.execute(delete(FIGURE_DAY).where(FIGURE_DAY.c.day == day))
    counted = {"day": day, "definitions": coverage.definitions, "stands_on": _told(coverage.stands_on)}
    connection.execute(insert(FIGURE_DAY), counted)
    _store(connection, day, _changes(before, wanted))
    if later:  # what stood there because nothing had changed must go on standing there
        own = {_row_key(row) for row in connection.execute(select(FIGURE).where(FIGURE.c.day == later))}
        changed = _changes(wanted, replaced)
        _store(connection, later, {key: counts for key, counts in changed.items() if key not in own})


def trends(connection: Connection, groups: Iterable[Group], since: date, most: int) -> dict[Group, tuple[Point, ...]]:
    """Each group's figures, in order, on the same days: all that were counted, but of more than `most` only so many.

    Days on which there was no such group are left out.
    """
    day = FIGURE_DAY.c.day
    query = select(day, FIGURE_DAY.c.definitions).where(day >= since.isoformat()).order_by(day)
    days = thinned([(each.day, each.definitions) for each in connection.execute(query)], most)
    return {group: tuple(_points(days, _rows(connection, group), _key(group))) for group in groups}


def _rows(connection: Connection, group: Group) -> dict[str, str]:
    of_group = and_(FIGURE.c.org == group.org, FIGURE.c.level == group.level.value, FIGURE.c.key == group.key)
    return {day: counts for day, counts in connection.execute(select(FIGURE.c.day, FIGURE.c.counts).where(of_group))}


def last(connection: Connection, day: date) -> Coverage | None:
    """Everything as it was on the last counted day up to this one; None where there is none."""
    until = FIGURE_DAY.c.day <= day.isoformat()
    found = connection.execute(select(FIGURE_DAY).where(until).order_by(FIGURE_DAY.c.day.desc()).limit(1)).first()
    if found is None:
        return None
    state = _state(connection, found.day, inclusive=True)
    figures = tuple(_read(counts, key) for key, counts in state.items())
    return Coverage(date.fromisoformat(found.day), found.definitions, in_order(figures), _tallies(found.stands_on))


def _points(days: Sequence[tuple[str, int]], rows: dict[str, str], key: _Key) -> Iterator[Point]:
    changes = sorted(rows)
    at, figures = 0, None
    for day, definitions in days:
        before = at
        while at < len(changes) and changes[at] <= day:
            at += 1
        if at > before:
            counts = rows[changes[at - 1]]
            figures = _read(counts, key) if counts else None
        if figures:
            yield Point(date.fromisoformat(day), definitions, figures)


def _state(connection: Connection, day: str, *, inclusive: bool) -> dict[_Key, str]:
    """Every group's counts as they stood on the last counted day before (or on) this one."""
    earlier = FIGURE.c.day <= day if inclusive else FIGURE.c.day < day
    names = (FIGURE.c.org, FIGURE.c.level, FIGURE.c.key)
    last = select(*names, func.max(FIGURE.c.day).label("day")).where(earlier).group_by(*names).subquery()
    same = [FIGURE.c[name] == last.c[name] for name in ("org", "level", "key", "day")]
    rows = connection.execute(select(FIGURE).join(last, and_(*same)))
    return {_row_key(row): row.counts for row in rows if row.counts}


def _changes(before: dict[_Key, str], after: dict[_Key, str]) -> dict[_Key, str]:
    """What differs; "" for a group that there is no more."""
    gone = dict.fromkeys(before.keys() - after.keys(), "")
    return gone | {key: counts for key, counts in after.items() if before.get(key) != counts}


def _store(connection: Connection, day: str, changed: dict[_Key, str]) -> None:
    rows = [
        {"org": org, "level": level, "key": key, "day": day, "counts": counts}
        for (org, level, key), counts in changed.items()
    ]  # fmt: skip - a row a line
    if rows:
        connection.execute(insert(FIGURE), rows)


def _key(group: Group) -> _Key:
    return group.org, group.level.value, group.key


def _row_key(row: object) -> _Key:
    return row.org, row.level, row.key  # type: ignore[attr-defined]  # a row of FIGURE


def _written(figures: Figures) -> str:
    told = {
        "name": figures.group.name,
        "pupils": figures.pupils,
        "has": [figures.without, figures.with_one, figures.with_more],
        "counted": {each.value: count for each, count in figures.counted.items() if count},
        "past_end": figures.past_end,
        "link": [figures.link.kbit, figures.link.kbit_each] if figures.link else None,
        "kinds": {each.value: count for each, count in figures.kinds.items() if count},
        "ends": {str(year): count for year, count in figures.ends.items() if count},
        "named": figures.named,
        "grades": sorted(figures.grades),
    }
    return json.dumps(told, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def _read(text: str, key: _Key) -> Figures:
    """What is not told was not counted yet when that was written."""
    told, (org, level, of) = json.loads(text), key
    without, with_one, with_more = told["has"]
    return Figures(
        group=Group(Level(level), org, told["name"], of),
        pupils=told["pupils"],
        counted={Counted(name): count for name, count in told["counted"].items()},
        without=without,
        with_one=with_one,
        with_more=with_more,
        past_end=told["past_end"],
        link=Link(*told["link"]) if told["link"] else None,
        kinds={DeviceKind(name): count for name, count in told.get("kinds", {}).items()},
        ends={int(year): count for year, count in told.get("ends", {}).items()},
        named=told.get("named", True),
        grades=frozenset(told.get("grades", ())),
    )


def _told(tallies: Sequence[Tally]) -> str:
    rows = [(each.name, each.count, each.as_of and each.as_of.isoformat()) for each in tallies]
    return json.dumps(rows, ensure_ascii=False, separators=(",", ":"))


def _tallies(text: str) -> tuple[Tally, ...]:
    return tuple(Tally(name, count, as_of and datetime.fromisoformat(as_of)) for name, count, as_of in json.loads(text))
