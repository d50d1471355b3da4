"""Which ids a PIFU-IMS document uses, and which of them replace others."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from provision.formats.pifu_ims_fields import SourcedId

CONTESTED: Final = "sourcedid: two sources give the same id"


@dataclass(slots=True)
class Ids:
    """The ids of one kind of object: which were seen, from which source, and which replace others."""

    sources: dict[str, str] = field(default_factory=dict)
    successors: dict[str, str] = field(default_factory=dict)  # former id -> present id
    contested: set[str] = field(default_factory=set)  # given by two sources, hence perhaps to two

    def note(self, key: SourcedId) -> str:
        """What is wrong with this id, "" where nothing is."""
        if not key.id:
            return "sourcedid: no id"
        for former in key.former:
            self.successors.setdefault(former, key.id)
        if key.id not in self.sources:
            self.sources[key.id] = key.source
            return ""
        if self.sources[key.id] == key.source:
            return "sourcedid: the same id stands twice"
        self.contested.add(key.id)
        return CONTESTED

    def present(self, sourced_id: str) -> str:
        """The id under which an object that is referred to by `sourced_id` goes now."""
        if sourced_id in self.sources:
            return sourced_id
        return self.successors.get(sourced_id, sourced_id)

    def changes(self) -> Iterable[tuple[str, str]]:
        """(old, new) for each announced change of id; an old id that is in use is no change."""
        return ((old, new) for old, new in self.successors.items() if old not in self.sources)
