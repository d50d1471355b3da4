"""What people say of somebody at once, without waiting for a list or an export: protected, or blocked."""

from dataclasses import dataclass, field, replace
from enum import StrEnum

from provision.core.id_changes import IdChanges
from provision.core.roster import Roster


class Measure(StrEnum):
    """Protected: in no system that the site's policy does not name. Blocked: locked out, until it is ended."""

    PROTECT = "protect"
    BLOCK = "block"


@dataclass(frozen=True, slots=True)
class Words:
    """Of whom which measure stands now, by the ids that were given."""

    protected: frozenset[str] = field(default=frozenset(), repr=False)
    blocked: frozenset[str] = field(default=frozenset(), repr=False)


def with_words(roster: Roster, words: Words, ids: IdChanges) -> Roster:
    """The roster with what people said, by every id that they whom it is about were ever announced to have."""
    return replace(
        roster,
        protected=roster.protected | ids.all_of(words.protected),
        blocked=ids.all_of(words.blocked),
    )
