"""The figures of a cooperation: of its municipalities, and of them together."""

from collections import Counter
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time
from typing import TypeVar

from provision.core.figures import DEFINITIONS, Coverage, Figures, Group, Level, Tally
from provision.core.roster import Issue

_K = TypeVar("_K", bound=Hashable)


def together(name: str, day: date, sites: Mapping[str, Coverage]) -> Coverage:
    """The cooperation called `name`, then each municipality, whose `org` is its site.

    Each stands on what was counted there last, and its tally says when that was. What was counted by other definitions
    is left out and told, since two kinds of figures make no sum.
    """
    alike = {site: each for site, each in sorted(sites.items()) if each.definitions == DEFINITIONS}
    parts = {site: whole for site, each in alike.items() for whole in _whole(site, each.figures)}
    why = f"was counted by other definitions than {DEFINITIONS}; count anew"
    return Coverage(
        day=day,
        definitions=DEFINITIONS,
        figures=(_sum(Group(Level.COOPERATION, "", name), [*parts.values()]), *parts.values()),
        stands_on=tuple(Tally(f.group.name, f.pupils, _midnight(alike[site].day)) for site, f in parts.items()),
        issues=tuple(Issue(site, "figures", "", why) for site in sorted(sites.keys() - alike.keys())),
    )


def _whole(site: str, figures: Sequence[Figures]) -> Iterable[Figures]:
    return (replace(f, group=replace(f.group, org=site)) for f in figures if f.group.level is Level.MUNICIPALITY)


def _sum(group: Group, parts: Sequence[Figures]) -> Figures:
    return Figures(
        group=group,
        pupils=sum(each.pupils for each in parts),
        counted=_added(each.counted for each in parts),
        without=sum(each.without for each in parts),
        with_one=sum(each.with_one for each in parts),
        with_more=sum(each.with_more for each in parts),
        past_end=sum(each.past_end for each in parts),
        kinds=_added(each.kinds for each in parts),
        ends=_added(each.ends for each in parts),
        named=all(each.named for each in parts),
    )


def _added(parts: Iterable[Mapping[_K, int]]) -> Mapping[_K, int]:
    total: Counter[_K] = Counter()
    for each in parts:
        total.update(each)
    return dict(total)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)
