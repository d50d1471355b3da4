"""Whether what figures would stand on is suddenly much less than it was: an export cut short, or a filter set wrong."""

from collections.abc import Iterable, Set
from typing import Final

from provision.core.figures import Tally

# So few are gone any day.
_FEW: Final = 10


def shrunk(before: Iterable[Tally], now: Iterable[Tally], percent: int, allowed: Set[str] = frozenset()) -> list[Tally]:
    """Those of `before` that now hold over `percent` less; not those whose names a person has `allowed` to."""
    counts = {each.name: each.count for each in now}
    lost = ((each, each.count - counts.get(each.name, each.count)) for each in before if each.name not in allowed)
    return [each for each, gone in lost if gone > _FEW and 100 * gone > percent * each.count]
