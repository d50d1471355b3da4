"""The list of assets, page by page to its end, and whether all of them came."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Final

from provision.errors import SourceError
from provision.rest import Rest, RestError

Take = Callable[[int, Mapping[str, Any]], None]  # each asset once, with its id

_PATH: Final = "hardware"
_ADVICE: Final[Mapping[int | None, str]] = {
    HTTPStatus.UNAUTHORIZED: "; make a new token as the user whom it belongs to, and set SNIPE_IT_TOKEN",
    HTTPStatus.FORBIDDEN: "; the user of the token needs the permission to view assets, and no other",
}


@dataclass(slots=True)
class Listing:
    """One list of assets while and after it is read: those of a `status`, or all that are not archived.

    `total` is what the first page said of how many there are; `given` counts what came, `seen` holds the ids.
    `doubt` is why these may not be all of them, "" for no reason.
    """

    rest: Rest
    page_size: int
    status: str = ""
    total: int | None = None
    page: int = 0
    given: int = 0
    seen: set[int] = field(default_factory=set)
    doubt: str = ""

    def read(self, take: Take) -> None:
        """Hands over every asset, once, until all came or `doubt` says why not. Raises SourceError naming the page."""
        while not self.doubt and (self.total is None or self.given < self.total):
            total, assets = self._asked()
            self.total = total if self.total is None else self.total
            self._take(assets, take)
            if total != self.total:
                self.doubt = f"the total went from {self.total} to {total} while the pages were read"
        if not self.doubt and len(self.seen) != self.total:
            self.doubt = f"{len(self.seen)} assets came, but the total is {self.total}"

    def reach(self) -> None:
        """Asks for the first page only. Raises SourceError."""
        self._asked()

    def _asked(self) -> tuple[int, Sequence[Any]]:
        """The next page, by what was given and not by what was asked for, since the server gives less if it likes."""
        self.page += 1
        # In order of ids, so that what is bought meanwhile comes last and moves nothing.
        params = {"limit": str(self.page_size), "offset": str(self.given), "sort": "id", "order": "asc"}
        try:
            answer = self.rest.get(_PATH, params | ({"status": self.status} if self.status else {}))
            said = answer.json()
        except RestError as error:
            raise self._failed(f"{error}{_ADVICE.get(error.status, '')}") from None
        # Snipe-IT says 200 to what it refuses, with an object of another form.
        total, assets = (said.get("total"), said.get("rows")) if isinstance(said, dict) else (None, None)
        if not isinstance(assets, list) or not isinstance(total, int) or isinstance(total, bool) or total < 0:
            raise self._failed(f"{answer.where}: the answer holds no list of assets with their total")
        return total, assets

    def _take(self, assets: Sequence[Any], take: Take) -> None:
        before = len(self.seen)
        for asset in assets:
            self.given += 1
            id_ = asset.get("id") if isinstance(asset, dict) else None
            if not isinstance(id_, int) or isinstance(id_, bool):
                raise self._failed(f"the list holds something that is no asset (number {self.given})")
            if id_ not in self.seen:
                self.seen.add(id_)
                take(id_, asset)
        if len(self.seen) == before and self.total:
            self.doubt = f"page {self.page} brings nothing new, but {before} of {self.total} assets came"

    def _failed(self, why: str) -> SourceError:
        return SourceError(f"Snipe-IT, page {self.page} (from asset {self.given + 1} on): {why}")
