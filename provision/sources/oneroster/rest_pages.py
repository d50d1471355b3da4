"""One collection of a OneRoster provider, page by page as providers really give them, until there is no more."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Final, NamedTuple
from urllib.parse import parse_qs, urlsplit

from provision.errors import SourceError
from provision.rest import Answer, Rest, RestError

Take = Callable[[Sequence[tuple[int, Any]]], None]  # each record with its number, from 1
Progress = Callable[[int, int | None], None]  # records so far, and as many as there should be

# More than any county has: a provider that goes on for ever gets no further.
MOST: Final = 20_000_000

_SORTED: Final[Mapping[str, str]] = {"sort": "sourcedId", "orderBy": "asc"}
_UNSORTABLE: Final[frozenset[int]] = frozenset({HTTPStatus.BAD_REQUEST, HTTPStatus.UNPROCESSABLE_ENTITY})
_ABSENT: Final[frozenset[int]] = frozenset({HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND})
_PATIENCE: Final = 2  # pages on end without anything new


class Finding(NamedTuple):
    """What is known of a collection that was read to its end.

    `counted`: the provider said how many there are. `doubt` is why this may not be all of them, "" for no reason.
    """

    name: str
    counted: bool
    doubt: str


@dataclass(slots=True)
class Collection:
    """One collection while and after it is read.

    `given` counts the records that came, `seen` holds what tells them apart.
    `totals` are the numbers of records that the provider said there are, none where it says nothing; `stale` counts
    pages on end without anything new, and `linked` says that each page names the next one.
    """

    rest: Rest
    name: str
    page_size: int
    sort: bool = True
    page: int = 0
    given: int = 0
    stale: int = 0
    linked: bool = False
    seen: set[str] = field(default_factory=set)
    totals: list[int] = field(default_factory=list)

    def read(self, take: Take, progress: Progress, *, optional: bool = False) -> Finding | None:
        """Hands over every record, once. None where it is optional and not offered; SourceError naming the page."""
        answer = self._first(_ABSENT if optional else frozenset())
        if answer.status in _ABSENT:
            return None
        while records := self._records(answer):
            fresh = self._fresh(records)
            take(fresh)
            progress(self.given, self.totals[-1] if self.totals else None)
            onwards = self._onwards(answer)
            # Some give everything at once, whatever is asked for.
            if onwards is None or (not fresh and self._all_came()):
                break
            answer = self._ask(*onwards)
        return Finding(self.name, bool(self.totals), self._doubt())

    def _doubt(self) -> str:
        others = [total for total in self.totals if total != self.totals[0]]
        if others:
            return f"X-Total-Count went from {self.totals[0]} to {others[-1]} while the pages were read"
        repeated = self.given - len(self.seen)
        if self.totals and not self._all_came():
            return f"{len(self.seen)} records came, but X-Total-Count is {self.totals[-1]}"
        if repeated and not self.totals:
            return f"{repeated} of {self.given} records came twice, so that others may not have come at all"
        return ""

    def _all_came(self) -> bool:
        return bool(self.totals) and self.totals[-1] == len(self.seen)

    def _first(self, accept: frozenset[int]) -> Answer:
        """The first page, sorted where the provider can, so that a change between two pages moves little."""
        if self.sort:
            answer = self._ask(self.name, self._at(0), accept | _UNSORTABLE)
            if answer.status not in _UNSORTABLE:
                return answer
            self.sort = False
            self.page = 0
        return self._ask(self.name, self._at(0), accept)

    def _at(self, offset: int) -> Mapping[str, str]:
        return {"limit": str(self.page_size), "offset": str(offset), **(_SORTED if self.sort else {})}

    def _ask(self, url: str, params: Mapping[str, str], accept: frozenset[int] = frozenset()) -> Answer:
        self.page += 1
        try:
            return self.rest.get(url, params, accept)
        except RestError as error:
            raise self._failed(error) from None

    def _failed(self, why: object) -> SourceError:
        return SourceError(f"{self.name}, page {self.page} (from record {self.given + 1} on): {why}")

    def _onwards(self, answer: Answer) -> tuple[str, Mapping[str, str]] | None:
        """Where the next page is, by what was given and not by what was asked for; None where the links have ended.

        A link with an offset of its own says nothing that is not known better: some count what was asked for.
        """
        link = answer.link("next")
        if link and self.rest.reaches(link) and "offset" not in map(str.lower, parse_qs(urlsplit(link).query)):
            self.linked = True
            return link, {}
        return None if self.linked else (self.name, self._at(self.given))

    def _records(self, answer: Answer) -> Sequence[Any]:
        """The page's one list, whatever it is called there."""
        try:
            found = () if answer.status == HTTPStatus.NO_CONTENT else _list_of(answer.json(), self.name)
        except RestError as error:
            raise self._failed(error) from None
        if found is None:
            raise self._failed(f"{answer.where}: the answer holds no list of {self.name}")
        total = answer.headers.get("X-Total-Count", "")
        # Some count what they give where that is nothing, at the end.
        if total.isascii() and total.isdigit() and (found or not self.given):
            self.totals.append(int(total))
        return found

    def _fresh(self, records: Sequence[Any]) -> list[tuple[int, Any]]:
        """Those that have not come before. SourceError where only known ones come, page after page."""
        fresh = []
        for number, record in enumerate(records, start=self.given + 1):
            key = _identity(record)
            if key not in self.seen:
                self.seen.add(key)
                fresh.append((number, record))
        self.stale = 0 if fresh else self.stale + 1
        if self.stale >= _PATIENCE:
            raise self._failed(f"{self.rest} gives only records that came before; it does not page by limit and offset")
        self.given += len(records)
        if self.given > MOST:
            raise self._failed(f"{self.rest} gives more than {MOST:,} records, which nobody has")
        return fresh


def _list_of(said: Any, name: str) -> Sequence[Any] | None:
    """The records in an answer: under the collection's name, or in the only list that there is."""
    if isinstance(said, list):
        return said
    if not isinstance(said, dict):
        return None
    if name in said:
        return said[name] if isinstance(said[name], list) else None if said[name] else ()
    lists = [value for value in said.values() if isinstance(value, list)]
    return lists[0] if len(lists) == 1 else None if said else ()


def _identity(record: Any) -> str:
    """What tells a record from the others: its id or, where it has none, all that it says."""
    said = record.get("sourcedId") if isinstance(record, dict) else None
    return said if isinstance(said, str) and said else json.dumps(record, sort_keys=True)
