"""What one source said in whatever dialect: tables of text, and per school what they prove."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import pandas as pd

# The columns of each table of an Extract, in order. Every cell is text; "" is absent; dates are YYYY-MM-DD;
# flags are "1", "0" or "". `org` and `parent` hold an org's sourced_id, which is its organisation number.
COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    "orgs": ("sourced_id", "type", "name", "legal_name", "parent", "mail"),
    "sessions": ("sourced_id", "title", "begin", "end"),
    "users": (
        "sourced_id",
        "status",
        "given_name",
        "family_name",
        "full_name",
        "national_id",
        "birth_date",
        "mail",
        "mobile",
        "principal_name",
    ),
    "classes": ("sourced_id", "class_type", "title", "org", "subject_code", "grade", "begin", "end"),
    "enrollments": ("user", "org", "school_class", "role", "begin", "end", "primary"),
    "relationships": ("user", "related", "relation"),
    "care": ("sourced_id", "related_id", "protected", "responsible", "lives_with", "barred"),
    "stays": ("sourced_id", "until", "owner", "reason"),
    "id_changes": ("old", "new"),
    "rejects": ("table", "sourced_id", "org", "reason"),
}


@dataclass(frozen=True, slots=True)
class Completeness:
    """What one school's part of a source proves. `proof` is "" while unproven, and `doubt` then says why.

    `rows` counts what was read for the school, `unreadable` what was not, `unidentified` those of
    the unreadable that do not even say whom they are about.
    """

    rows: int = 0
    unreadable: int = 0
    unidentified: int = 0
    proof: str = ""
    doubt: str = ""


@dataclass(frozen=True, slots=True)
class Extract:
    """All that one source said, every cell still text; `tables` holds the tables of COLUMNS that it speaks of.

    A row of `rejects` stands for a row that could not be read: whose it is (sourced_id, "" when unknown),
    at which org ("" when unknown), and a reason without personal data.
    `as_of` is when the source says the content was true, in the source's own clock; `whole` is how the source
    knows that nothing is missing ("" when it cannot know, as with a bare CSV folder).
    """

    source: str
    read_at: datetime
    as_of: datetime | None
    tables: "Mapping[str, pd.DataFrame]"
    completeness: Mapping[str, Completeness] = field(default_factory=dict)
    whole: str = ""
