"""Ids that the SIS announced as changed: whom they lead to, and who is the same person under another id."""

from collections.abc import Mapping, Set


def followed(changes: Mapping[str, str], present: Set[str]) -> dict[str, str]:
    """Each former id with the id that counts now: chains are followed to their end.

    An id that is in the SIS itself is nobody's former one, whatever was announced; nor is one in a circle.
    """
    found: dict[str, str] = {}
    for old in changes:
        seen, new = {old}, changes[old]
        while new in changes and new not in present and new not in seen:
            seen.add(new)
            new = changes[new]
        if old not in present and new not in seen:
            found[old] = new
    return found


def under_all_ids(people: Set[str], changes: Mapping[str, str], void: Mapping[str, str]) -> frozenset[str]:
    """The same people by every id that they were ever announced to have, before or after.

    A `void` change is one whose old id came back: it may be another person's now, so it leads only to the new one.
    """
    linked: dict[str, set[str]] = {}
    for old, new in changes.items():
        linked.setdefault(old, set()).add(new)
        linked.setdefault(new, set()).add(old)
    for old, new in void.items():
        linked.setdefault(old, set()).add(new)
    found, ahead = set(people), list(people)
    while ahead:
        for other in linked.get(ahead.pop(), ()):
            if other not in found:
                found.add(other)
                ahead.append(other)
    return frozenset(found)
