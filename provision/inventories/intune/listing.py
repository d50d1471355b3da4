"""The list of managed devices, page by page to its end, and whether all of them came."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Final

from provision.errors import SourceError
from provision.rest import Answer, Rest, RestError

Take = Callable[[str, Mapping[str, Any]], None]  # each device once, with its id

_PATH: Final = "deviceManagement/managedDevices"
_UNCOUNTABLE: Final = frozenset({HTTPStatus.BAD_REQUEST})
_PATIENCE: Final = 20  # pages on end without anything new; empty ones may come
_ADVICE: Final[Mapping[int | None, str]] = {
    HTTPStatus.FORBIDDEN: (
        "; the app needs the application permission DeviceManagementManagedDevices.Read.All with an administrator's "
        "consent, and the tenant Intune"
    ),
}


@dataclass(slots=True)
class Listing:
    """The list while and after it is read.

    `told` is what the first page said of how many there are, None where it said nothing; `given` counts what came,
    `seen` holds the ids.
    """

    rest: Rest
    select: Sequence[str]
    page_size: int
    told: int | None = None
    page: int = 0
    given: int = 0
    stale: int = 0
    seen: set[str] = field(default_factory=set)
    links: set[str] = field(default_factory=set)

    def read(self, take: Take) -> None:
        """Hands over every device, once. Raises SourceError naming the page."""
        answer = self._first()
        while True:
            said = self._said(answer)
            if self.page == 1:
                self.told = _number(said.get("@odata.count"))
            self._take(said["value"], take)
            link = said.get("@odata.nextLink")
            if link is None:
                return
            answer = self._ask(self._onwards(link))

    def reach(self) -> None:
        """Asks for the first page only. Raises SourceError."""
        self._said(self._first())

    def doubt(self) -> str:
        """Why these may not be all devices; "" for no reason.

        A number that is less than what came was no number of all of them: some tenants count the page.
        """
        came, repeated = len(self.seen), self.given - len(self.seen)
        if self.told is not None and came < self.told:
            return f"{came} devices came, but @odata.count is {self.told}"
        if repeated and came != self.told:
            return f"{repeated} of {self.given} devices came twice, so that others may not have come at all"
        return ""

    def proof(self) -> str:
        if len(self.seen) == self.told:
            return "every page was read, and as many devices came as @odata.count says"
        return "every page was read up to the last one; Intune gave no number of all devices"

    def _first(self) -> Answer:
        """The first page, with the number of all devices where the tenant can say it."""
        params = {"$select": ",".join(self.select), "$top": str(self.page_size)}
        answer = self._ask(_PATH, {**params, "$count": "true"}, _UNCOUNTABLE)
        if answer.status not in _UNCOUNTABLE:
            return answer
        self.page = 0
        return self._ask(_PATH, params)

    def _ask(self, url: str, params: Mapping[str, str] | None = None, accept: frozenset[int] = frozenset()) -> Answer:
        self.page += 1
        try:
            return self.rest.get(url, params, accept)
        except RestError as error:
            raise self._failed(f"{error}{_ADVICE.get(error.status, '')}") from None

    def _said(self, answer: Answer) -> Mapping[str, Any]:
        try:
            said = answer.json()
        except RestError as error:
            raise self._failed(str(error)) from None
        if not isinstance(said, dict) or not isinstance(said.get("value"), list):
            raise self._failed(f"{answer.where}: the answer holds no list of devices")
        return said

    def _take(self, devices: Sequence[Any], take: Take) -> None:
        before = len(self.seen)
        for device in devices:
            self.given += 1
            id_ = device.get("id") if isinstance(device, dict) else None
            if not isinstance(id_, str) or not id_:
                raise self._failed(f"the list holds something that is no device (number {self.given})")
            if id_ not in self.seen:
                self.seen.add(id_)
                take(id_, device)
        self.stale = 0 if len(self.seen) > before else self.stale + 1

    def _onwards(self, link: object) -> str:
        """The address of the next page. SourceError where the list does not get on."""
        if not isinstance(link, str):
            raise self._failed("@odata.nextLink is no address")
        if link in self.links or self.stale > _PATIENCE:
            raise self._failed("the list does not end: no page brings anything new")
        self.links.add(link)
        return link

    def _failed(self, why: str) -> SourceError:
        return SourceError(f"Intune, page {self.page} ({self.given} devices so far): {why}")


def _number(said: object) -> int | None:
    return said if isinstance(said, int) and not isinstance(said, bool) and said >= 0 else None
