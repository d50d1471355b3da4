"""What has been found wrong with the rows of a night, and about whom."""

from collections import Counter
from dataclasses import dataclass, field

from provision.core.roster import Issue


@dataclass(slots=True)
class Judged:
    """`doubtful` and `doubtful_classes` are never removed on the word of these rows; `unreadable` counts by org.

    `inactive` are people of whom the source says that they have ended.
    """

    issues: list[Issue] = field(default_factory=list)
    doubtful: set[str] = field(default_factory=set)
    doubtful_classes: set[str] = field(default_factory=set)
    unreadable: Counter[str] = field(default_factory=Counter)
    inactive: set[str] = field(default_factory=set)

    def reject(self, source: str, table: str, sourced_id: str, org: str, reason: str) -> None:
        self.unreadable[org] += 1
        self.note(source, table, sourced_id, reason, org)

    def note(self, source: str, table: str, sourced_id: str, reason: str, org: str = "") -> None:
        self.issues.append(Issue(source, table, sourced_id, reason, org))
        if sourced_id:
            (self.doubtful_classes if table in ("classes", "orgs") else self.doubtful).add(sourced_id)
