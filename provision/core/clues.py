"""What explains a loss to whoever must decide about it: whole classes, a shorter file, as many new as gone."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass, field
from typing import Final

from provision.core.history import History
from provision.core.roster import Roster
from provision.core.state import Key

_SHORTER: Final = 0.1
_CLASS: Final = 2


@dataclass(frozen=True, slots=True)
class Clues:
    """`homerooms` are the pupils with an account here by their own class, of the classes that lose somebody.

    `missing` are known classes that the export does not show; `newcomers` counts by org who would be new; `shorter`
    says of a source that it holds much less than last time.
    """

    homerooms: Mapping[str, frozenset[Key]] = field(default_factory=dict)
    missing: frozenset[str] = frozenset()
    newcomers: Mapping[str, int] = field(default_factory=dict)
    shorter: str = ""

    def whole_classes(self, people: Set[Key]) -> list[str]:
        """The classes of which nobody would be left."""
        return sorted(c for c, pupils in self.homerooms.items() if len(pupils) >= _CLASS and pupils <= people)

    def likely(self, people: Set[Key], org: str) -> str:
        """Why so many go at once, as far as it shows; "" where nothing explains it."""
        counted = Counter(c for c, pupils in self.homerooms.items() for _ in pupils & people)
        gone = [c for c, count in counted.most_common() if 2 * count >= len(people)]
        if gone and gone[0] in self.missing:
            return f"class {gone[0]} is missing from the export"
        if self.shorter:
            return self.shorter
        if whole := self.whole_classes(people):
            return f"all of class {', '.join(whole)}"
        if self.newcomers.get(org, 0) >= len(people):
            return "as many people are new at this school: have they been given new ids?"
        return f"most of them are of class {gone[0]}" if gone and counted[gone[0]] > 1 else ""


def shrunk(roster: Roster, history: History) -> str:
    """Says of the source that has shrunk most by how much, "" where none has by more than a tenth."""
    shares = {name: 1 - size / history.sizes[name] for name, size in roster.sizes.items() if history.sizes.get(name)}
    name = max(shares, key=lambda each: shares[each], default="")
    return f"{name} holds {shares[name]:.0%} fewer people than last night" if name and shares[name] > _SHORTER else ""


def by_homeroom(homerooms: Iterable[tuple[Key, str]], wanted: Set[str]) -> dict[str, frozenset[Key]]:
    """The pupils of these classes."""
    found: defaultdict[str, set[Key]] = defaultdict(set)
    for key, homeroom in homerooms:
        if homeroom in wanted:
            found[homeroom].add(key)
    return {homeroom: frozenset(keys) for homeroom, keys in found.items()}
