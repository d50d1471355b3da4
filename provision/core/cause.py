"""Why somebody goes: what the SIS said before it stopped showing them, and what the site says."""

from collections.abc import Iterable, Mapping, Sequence, Set
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

from provision.core.calendar import school_year
from provision.core.history import Sighting
from provision.core.roster import ClassType, Enrollment, Role, Roster, SchoolClass

# Exports drop those who finish some time between the last day of school and the end of their class, and classes end
# and begin around the turn of the school year: a date anywhere else may be somebody's mistake.
_SUMMER: Final = timedelta(days=60)
_NEW: Final = timedelta(days=30)


class Cause(StrEnum):
    """The reason of a removal, from the expected to the odd; `VANISHED` is all that comes without one.

    What is `WITHHELD` may not be told any more, and goes whatever else is the matter.
    """

    GRADUATED = "graduated"
    ENDED = "ended"
    MOVED = "moved"
    OUT_OF_SCOPE = "out_of_scope"
    VANISHED = "vanished"
    WITHHELD = "withheld"


def cause_of(sighting: Sighting | None, day: date) -> Cause:
    """Why somebody who was last seen like this is gone on `day`.

    The SIS said when their time here ends, that day has passed, and they were there until shortly before it; else
    they vanished, whatever the date is now.
    """
    if sighting is None or sighting.until is None or not sighting.leaving:
        return Cause.VANISHED
    over = sighting.until < day and sighting.last_seen + _SUMMER >= sighting.until
    return Cause(sighting.leaving) if over else Cause.VANISHED


def expected_end(
    enrollments: Iterable[Enrollment], classes: Sequence[SchoolClass], roster: Roster, final: Mapping[str, str]
) -> tuple[date | None, str]:
    """When the SIS says that somebody's time at their schools ends, and as what; (None, "") where it does not say.

    `classes` are a pupil's own, as `homerooms_of` gives them; `final` is the last grade by school.

    A pupil of the school's last grade who stays until their class is over at the end of a school year graduates, on the
    class's last day or, where it has none, the last of the sessions that the source tells of.
    """
    places = tuple(enrollments)
    if classes:
        class_end = _latest([c.end or _year_end(roster) for c in classes])
        own = _latest([e.end for e in places if e.role is Role.STUDENT and not e.school_class])
        if own and (class_end is None or own < class_end):
            return own, Cause.ENDED
        if class_end is None:
            return None, ""
        last = all(c.grade and c.grade == final.get(c.org) for c in classes)
        at_the_end = class_end + _SUMMER >= school_year(class_end)[1]
        return class_end, Cause.GRADUATED if last and at_the_end else Cause.ENDED
    end = _latest([e.end for e in places])
    return end, Cause.ENDED if end else ""


def new_year_at(roster: Roster) -> frozenset[str]:
    """The schools at which a school year has just begun: it is that time, and no class there is older than weeks."""
    if roster.day - school_year(roster.day)[0] > _SUMMER:
        return frozenset()
    begins: dict[str, date] = {}
    for each in roster.classes.values():
        if each.class_type is ClassType.HOMEROOM and each.current(roster.day):
            begins[each.org] = min(begins.get(each.org, date.max), each.begin or date.min)
    return frozenset(org for org, begin in begins.items() if roster.day - begin <= _NEW)


def cause_of_loss(before: Set[str], after: Set[str], new_year: Set[str]) -> Cause:
    """Why somebody who stays loses something: at the beginning of a year as everybody does, by moving, or for none.

    `before` and `after` are the orgs that they belong to.
    """
    if after and (before | after) & new_year:
        return Cause.GRADUATED
    return Cause.MOVED if after and before - after else Cause.VANISHED


def final_grades(roster: Roster) -> dict[str, str]:
    """By school, the highest grade that has a class of its own tonight."""
    found: dict[str, str] = {}
    for each in roster.classes.values():
        if each.class_type is ClassType.HOMEROOM and each.current(roster.day) and each.grade:
            found[each.org] = max(found.get(each.org, ""), each.grade, key=lambda grade: (len(grade), grade))
    return found


def homerooms_of(enrollments: Iterable[Enrollment], roster: Roster) -> list[SchoolClass]:
    """A pupil's own class; none of those who are no pupils."""
    classes = (roster.classes[e.school_class] for e in enrollments if e.school_class and e.role is Role.STUDENT)
    return [c for c in classes if c.class_type is ClassType.HOMEROOM]


def _year_end(roster: Roster) -> date | None:
    return max((s.end for s in roster.sessions.values() if s.begin <= roster.day <= s.end), default=None)


def _latest(ends: list[date | None]) -> date | None:
    """None also where one of them is open."""
    known = [end for end in ends if end is not None]
    return max(known) if known and len(known) == len(ends) else None
