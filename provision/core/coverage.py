"""From machines and a roster to the figures of a day, for everybody down to each class."""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Self

import pandas as pd

from provision.core.counted import Counted
from provision.core.devices import Stocktake
from provision.core.figures import DEFINITIONS, Coverage, Figures, Group, Level, Link, in_order
from provision.core.machines import Machines
from provision.core.placement import grade_of, primary_org
from provision.core.roster import ClassType, Enrollment, OrgType, Role, Roster

_IN_HAND: Final = (Counted.OWN, Counted.LOAN)
_Place = tuple[Hashable, ...]


def pupils_of(roster: Roster) -> pd.DataFrame:
    """Every pupil once, at the school where they count: person, school, grade, and their own class ("" for none)."""
    rows = []
    for person, enrollments in roster.enrollments.items():
        places = [e for e in enrollments if e.role is Role.STUDENT]
        school = primary_org(places)
        if places and roster.orgs[school].type is OrgType.SCHOOL:
            here = [e for e in places if e.org == school]
            rows.append((person, school, grade_of(here, roster.classes), _class_of(here, roster)))
    return pd.DataFrame(rows, columns=["person", "school", "grade", "class"], dtype=str)


def coverage(
    machines: Machines, stocktakes: Iterable[Stocktake], roster: Roster, name: str, links: Mapping[str, Link]
) -> Coverage:
    """The figures of the roster's day: of all schools together, called `name`, then school by school."""
    pupils = pupils_of(roster)
    return Coverage(
        day=roster.day,
        definitions=DEFINITIONS,
        figures=in_order(_figures(machines.table, pupils, roster, name, links)),
        as_of={each.inventory: each.as_of for each in stocktakes},
        issues=machines.issues,
        grades={str(key): frozenset(each) for key, each in pupils.groupby("class")["grade"]},
    )


def _class_of(places: Iterable[Enrollment], roster: Roster) -> str:
    """A pupil's own class; the first by its id where the SIS gives several."""
    classes = (roster.classes[e.school_class] for e in places if e.school_class)
    return min((c.sourced_id for c in classes if c.class_type is ClassType.HOMEROOM), default="")


def _figures(
    machines: pd.DataFrame, pupils: pd.DataFrame, roster: Roster, name: str, links: Mapping[str, Link]
) -> Iterator[Figures]:
    in_hand = machines[machines["counted"].isin(_IN_HAND)]
    has = pupils["person"].map(in_hand["person"].value_counts()).fillna(0).clip(upper=2).astype(int)
    people = pupils.assign(has=has)
    held = in_hand.merge(people, on="person")
    everything = _Counts.of(people, machines, [])
    yield everything.figures(Group(Level.MUNICIPALITY, "", name))
    schools = _Counts.of(people, machines.assign(school=machines["place"]), ["school"])
    grades = _Counts.of(people, held.assign(school=held["school_y"]), ["school", "grade"])
    classes = _Counts.of(people, held.assign(school=held["school_y"]), ["school", "class"])
    for org in (o for o in roster.orgs.values() if o.type is OrgType.SCHOOL):
        number = org.sourced_id
        yield schools.figures(Group(Level.SCHOOL, number, org.name), (number,), links.get(number))
        for grade in grades.under(number):
            yield grades.figures(Group(Level.GRADE, number, grade, grade), (number, grade))
        for key in classes.under(number) - {""}:
            yield classes.figures(Group(Level.CLASS, number, roster.classes[key].title, key), (number, key))


@dataclass(frozen=True, slots=True)
class _Counts:
    """By place (a school, a grade or a class of it): pupils by how many machines they have, and machines by `Counted`
    and by whether their time is over.
    """

    pupils: Mapping[_Place, Mapping[int, int]]
    machines: Mapping[_Place, Mapping[str, int]]
    past_end: Mapping[_Place, int]

    @classmethod
    def of(cls, pupils: pd.DataFrame, machines: pd.DataFrame, by: Sequence[str]) -> Self:
        """`pupils` with `has`, `machines` with `counted` and `past_end`, both with the columns of `by`."""
        ours = machines[machines["counted"] != Counted.GONE]
        past = ours[ours["past_end"].astype(bool)].assign(counted="past_end")
        over = {place: sum(each.values()) for place, each in _nested(past, by, "counted").items()}
        return cls(_nested(pupils, by, "has"), _nested(machines, by, "counted"), over)

    def under(self, school: str) -> set[str]:
        """The grades or classes of a school."""
        return {str(place[1]) for place in self.pupils if place[0] == school}

    def figures(self, group: Group, place: _Place = (), link: Link | None = None) -> Figures:
        has = self.pupils.get(place, {})
        return Figures(
            group=group,
            pupils=sum(has.values()),
            counted={Counted(name): count for name, count in self.machines.get(place, {}).items()},
            without=has.get(0, 0),
            with_one=has.get(1, 0),
            with_more=has.get(2, 0),
            past_end=self.past_end.get(place, 0),
            link=link,
        )


def _nested(frame: pd.DataFrame, by: Sequence[str], value: str) -> dict[_Place, dict[Any, int]]:
    """How often each value stands at each place."""
    found: defaultdict[_Place, dict[Any, int]] = defaultdict(dict)
    for keys, count in frame.groupby([*by, value], sort=False).size().items():
        *place, name = keys if isinstance(keys, tuple) else (keys,)
        found[tuple(place)][name] = int(count)
    return dict(found)
