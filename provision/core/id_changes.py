"""Ids that the SIS announced as changed: whom they lead to, and who is the same person under another id."""

from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass, field
from itertools import product


@dataclass(slots=True)
class IdChanges:
    """Which ids lead to which. `counted` are by former id the later one, which the account follows too; `perhaps` may
    be one person's, so that care follows them and no account does.

    A `void` change is one whose old id came back: it may be another person's now, so it leads only to the new one.
    """

    counted: Mapping[str, str] = field(default_factory=dict)
    void: Mapping[str, str] = field(default_factory=dict)
    perhaps: Mapping[str, str] = field(default_factory=dict)
    _linked: dict[str, set[str]] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        for old, new in (*self.counted.items(), *self.perhaps.items()):
            self._linked.setdefault(old, set()).add(new)
            self._linked.setdefault(new, set()).add(old)
        for old, new in self.void.items():
            self._linked.setdefault(old, set()).add(new)

    def leading(self, present: Set[str]) -> dict[str, str]:
        """Each former id with the id that counts now: chains are followed to their end.

        An id that is in the SIS itself is nobody's former one, whatever was announced; nor is one in a circle.
        """
        changes = self.counted
        found: dict[str, str] = {}
        for old in changes:
            seen, new = {old}, changes[old]
            while new in changes and new not in present and new not in seen:
                seen.add(new)
                new = changes[new]
            if old not in present and new not in seen:
                found[old] = new
        return found

    def all_of(self, people: Set[str]) -> frozenset[str]:
        """The same people by every id that they were ever announced to have, before or after."""
        return reached(people, self._linked)

    def pairs_of(self, pair: tuple[str, str]) -> Iterator[tuple[str, str]]:
        """The same two people by every id of both."""
        ones, others = (self.all_of({who}) for who in pair)
        return product(ones, others)


def reached(start: Set[str], linked: Mapping[str, Set[str]]) -> frozenset[str]:
    """These, and all that any number of links leads to."""
    found, ahead = set(start), list(start)
    while ahead:
        for other in linked.get(ahead.pop(), ()):
            if other not in found:
                found.add(other)
                ahead.append(other)
    return frozenset(found)
