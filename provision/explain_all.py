"""The answer to a request for access: everything that is held about somebody, and where."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from provision.core.decided import id_changes
from provision.core.extract import Extract
from provision.core.mentions import sought
from provision.core.ports import Source
from provision.core.retention import people
from provision.core.rules.context import Site
from provision.explain import Explanation, explain
from provision.journal.journal import Journal
from provision.night import Route
from provision.papers import Papers
from provision.request import RunRequest
from provision.retention import IDS

NUMBER: Final = "(an identity number)"


@dataclass(slots=True)
class _Heard:
    """A source, and what it said last."""

    source: Source
    said: Extract | None = None

    @property
    def name(self) -> str:
        return self.source.name

    def read(self) -> Extract:
        self.said = self.source.read()
        return self.said


@dataclass(frozen=True, slots=True)
class SourceRow:
    """One row of what a source says; an identity number is held there and not shown."""

    source: str
    table: str
    cells: Mapping[str, str] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Everything:
    """`ids` are all that the person ever had; `journal` every row about them by table; `files` name them so often.

    `careful` says that the person is protected: what is here may give away where they are.
    """

    explanation: Explanation
    ids: tuple[str, ...]
    rows: tuple[SourceRow, ...]
    journal: Mapping[str, list[dict[str, Any]]]
    files: Mapping[Path, int]
    careful: bool = field(repr=False)

    def as_json(self) -> dict[str, Any]:
        """The document that docs/json.md describes."""
        return {
            **self.explanation.as_json(),
            "ids": list(self.ids),
            "sources": [{"source": row.source, "table": row.table, **row.cells} for row in self.rows],
            "journal": dict(self.journal),
            "files": {str(path): number for path, number in self.files.items()},
            "do_not_send_unread": self.careful,
        }


def explain_all(  # noqa: PLR0913, PLR0917  what `explain` needs, and the files
    person: str,
    request: RunRequest,
    sources: Sequence[Source],
    routes: Sequence[Route],
    journal: Journal,
    site: Site,
    papers: Papers,
) -> Everything:
    """Everything held about one person, named by SIS id or username. Raises UsageError for an unknown one."""
    heard = [_Heard(source) for source in sources]
    found = explain(person, request, heard, routes, journal, site)
    known = people({**journal.erasure().traces(), found.person: None}, id_changes(journal.decisions()))
    ids = next(each.ids for each in known if found.person in each.ids)
    names = {found.username, found.user.full_name if found.user else ""} | journal.erasure().texts_of(ids)
    return Everything(
        explanation=found,
        ids=tuple(sorted(ids)),
        rows=tuple(row for each in heard if each.said for row in _rows(each.said, ids)),
        journal=journal.about(ids),
        files=papers.search(sought(ids | names)),
        careful=bool(ids & (found.roster.protected | journal.words().protected)),
    )


def _rows(extract: Extract, ids: frozenset[str]) -> list[SourceRow]:
    return [
        SourceRow(extract.source, table, _cells(row))
        for table, columns in IDS.items()
        if table in extract.tables
        for row in extract.tables[table].to_dict("records")
        if any(row[column] in ids for column in columns)
    ]


def _cells(row: Mapping[Any, Any]) -> dict[str, str]:
    return {str(name): NUMBER if name == "national_id" else str(cell) for name, cell in row.items() if cell}
