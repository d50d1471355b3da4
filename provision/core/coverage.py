"""From machines and a roster to the figures of a day, for everybody down to each class."""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Self

import pandas as pd

from provision.core.calendar import AUGUST
from provision.core.counted import FOR_PUPILS, Counted
from provision.core.devices import DeviceKind
from provision.core.figures import Figures, Group, Level, Link, in_order
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
        if places and roster.orgs[school := primary_org(places)].type is OrgType.SCHOOL:
            here = [e for e in places if e.org == school]
            rows.append((person, school, grade_of(here, roster.classes), _class_of(here, roster)))
    return pd.DataFrame(rows, columns=["person", "school", "grade", "class"], dtype=str)


def coverage(
    machines: Machines, pupils: pd.DataFrame, roster: Roster, name: str, links: Mapping[str, Link]
) -> tuple[Figures, ...]:
    """The figures of the roster's day: of all schools together, called `name`, then school by school.

    `pupils` are those of the roster, as `pupils_of` has them.
    """
    return in_order(_figures(machines.table, pupils, roster, name, links))


def _class_of(places: Iterable[Enrollment], roster: Roster) -> str:
    """A pupil's own class; the first by its id where the SIS gives several."""
    classes = (roster.classes[e.school_class] for e in places if e.school_class)
    return min((c.sourced_id for c in classes if c.class_type is ClassType.HOMEROOM), default="")


def with_machines(pupils: pd.DataFrame, machines: pd.DataFrame) -> pd.DataFrame:
    """Every pupil with `has`: how many machines they have to themselves, where 2 is two or more."""
    counts = machines.loc[machines["counted"].isin(_IN_HAND), "person"].value_counts()
    return pupils.assign(has=pupils["person"].map(counts).fillna(0).clip(upper=2).astype(int))


def _figures(
    machines: pd.DataFrame, pupils: pd.DataFrame, roster: Roster, name: str, links: Mapping[str, Link]
) -> Iterator[Figures]:
    people = with_machines(pupils, machines)
    held = machines.drop(columns="school").merge(people, on="person")
    named = not held.empty
    everything = _Counts.of(people, machines, [], named=named)
    years = _Counts.of(people, held, ["grade"], named=named)
    schools = _Counts.of(people, machines.assign(school=machines["place"]), ["school"], named=named)
    grades = _Counts.of(people, held, ["school", "grade"], named=named)
    classes = _Counts.of(people, held, ["school", "class"], named=named)
    of_class = {str(key): frozenset(each) for key, each in pupils.groupby("class")["grade"]}
    yield everything.figures(Group(Level.MUNICIPALITY, "", name))
    for grade in years.under():
        yield years.figures(Group(Level.GRADE, "", grade, grade), (grade,))
    for org in (o for o in roster.orgs.values() if o.type is OrgType.SCHOOL):
        number = org.sourced_id
        yield schools.figures(Group(Level.SCHOOL, number, org.name), (number,), link=links.get(number))
        for grade in grades.under(number):
            yield grades.figures(Group(Level.GRADE, number, grade, grade), (number, grade))
        for key in classes.under(number) - {""}:
            group = Group(Level.CLASS, number, roster.classes[key].title, key)
            yield classes.figures(group, (number, key), grades=of_class[key])


@dataclass(frozen=True, slots=True)
class _Counts:
    """By place (a school, a grade or a class of it): pupils by how many machines they have, machines by `Counted` and
    by whether their time is over, and those for pupils by kind and by the school year that ends their time.
    """

    pupils: Mapping[_Place, Mapping[int, int]]
    machines: Mapping[_Place, Mapping[str, int]]
    past_end: Mapping[_Place, Mapping[str, int]]
    kinds: Mapping[_Place, Mapping[str, int]]
    ends: Mapping[_Place, Mapping[float, int]]
    named: bool

    @classmethod
    def of(cls, pupils: pd.DataFrame, machines: pd.DataFrame, by: Sequence[str], *, named: bool) -> Self:
        """`pupils` with `has`, `machines` as a table of Machines, both with the columns of `by`."""
        past = machines[machines["past_end"].astype(bool) & (machines["counted"] != Counted.GONE)]
        usable = machines[machines["counted"].isin(FOR_PUPILS)]
        end = usable["end_of_life"].dt
        return cls(
            _nested(pupils, by, "has"),
            _nested(machines, by, "counted"),
            _nested(past, by, "counted"),
            _nested(usable.assign(kind=usable["kind"].fillna(DeviceKind.OTHER)), by, "kind"),
            _nested(usable.assign(end=end.year - (end.month < AUGUST)), by, "end"),
            named,
        )

    def under(self, *place: str) -> set[str]:
        """What there is of pupils one level below a place."""
        return {str(each[-1]) for each in self.pupils if each[:-1] == place}

    def figures(
        self, group: Group, place: _Place = (), *, link: Link | None = None, grades: frozenset[str] = frozenset()
    ) -> Figures:
        has = self.pupils.get(place, {})
        return Figures(
            group=group,
            pupils=sum(has.values()),
            counted={Counted(name): count for name, count in self.machines.get(place, {}).items()},
            without=has.get(0, 0),
            with_one=has.get(1, 0),
            with_more=has.get(2, 0),
            past_end=sum(self.past_end.get(place, {}).values()),
            link=link,
            kinds={DeviceKind(name): count for name, count in self.kinds.get(place, {}).items()},
            ends={int(year): count for year, count in self.ends.get(place, {}).items()},
            named=self.named,
            grades=grades,
        )


def _nested(frame: pd.DataFrame, by: Sequence[str], value: str) -> dict[_Place, dict[Any, int]]:
    """How often each value stands at each place."""
    found: defaultdict[_Place, dict[Any, int]] = defaultdict(dict)
    for keys, count in frame.groupby([*by, value], sort=False).size().items():
        *place, name = keys if isinstance(keys, tuple) else (keys,)
        found[tuple(place)][name] = int(count)
    return dict(found)
