"""A Snipe-IT with its REST API, as its list of assets behaves, also badly."""

import html
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Self

from provision.core.devices import Stocktake
from provision.formats.device_cells import NO_WORDS, Words
from provision.inventories.snipe_it import SnipeItInventory, SnipeItSettings
from tests.canaries import NAME, PASSWORD
from tests.clocks import START, Clock
from tests.servers.certificates import ServerCertificate
from tests.servers.web import Asked, Reply, Web

HARDWARE: Final = "/api/v1/hardware"

_JSON: Final = {"Content-Type": "application/json"}
_PER_MINUTE: Final = 120

Asset = dict[str, Any]


@dataclass(slots=True)
class Manners:
    """How it behaves; as it comes from its makers where nothing is set.

    `most` is the cap of a page, `per_minute` that of requests, counted on `clock`. `total` may be another number.
    `page` may give other rows than those asked for. `archive` says whether the list shows what is archived.
    `before` may answer in its place.
    """

    most: int = 500
    per_minute: int = _PER_MINUTE
    total: int | None = None
    page: Callable[[list[Asset], int, int], list[Asset]] = lambda rows, offset, limit: rows[offset : offset + limit]
    archive: bool = False
    permitted: bool = True
    before: Callable[[Asked], Reply | None] = lambda _: None


class SnipeIt:
    """Serves while the context lasts. `assets` may be changed meanwhile."""

    def __init__(
        self,
        assets: Sequence[Asset] = (),
        manners: Manners | None = None,
        clock: Clock | None = None,
        certificate: ServerCertificate | None = None,
    ) -> None:
        self.assets = list(assets)
        self.manners = manners or Manners()
        self.clock = clock or Clock()
        self.token = PASSWORD
        self._minute = 0
        self._requests = 0
        self.web = Web(self._answer, certificate)

    def __enter__(self) -> Self:
        self.web.__enter__()
        return self

    def __exit__(self, *args: object) -> None:
        self.web.__exit__(*args)

    def settings(self, **changes: Any) -> SnipeItSettings:
        return SnipeItSettings(**{"url": self.web.url, "token": self.token, **changes})

    def inventory(self, words: Words = NO_WORDS, **changes: Any) -> SnipeItInventory:
        """A client whose waiting moves the clock only."""
        return SnipeItInventory(self.settings(**changes), lambda: START, words, timing=self.clock.timing())

    def _answer(self, asked: Asked) -> Reply:
        if reply := self.manners.before(asked) or self._stranger(asked) or self._throttled():
            return reply
        if not self.manners.permitted:
            return refusal(403, "You do not have the permission.")
        if asked.path != HARDWARE or asked.method != "GET":
            return refusal(404, "404 endpoint not found")
        return self._page(asked.query)

    def _stranger(self, asked: Asked) -> Reply | None:
        if asked.headers.get("authorization") == f"Bearer {self.token}":
            return None
        if "application/json" in asked.headers.get("accept", ""):
            return as_json({"error": "Unauthorized."}, 401)
        return Reply(status=302, headers={"Location": f"{self.web.url}/login"})

    def _throttled(self) -> Reply | None:
        minute, passed = divmod(self.clock.passed, 60)
        if minute != self._minute:
            self._minute, self._requests = int(minute), 0
        self._requests += 1
        if self._requests <= self.manners.per_minute:
            return None
        left = str(60 - int(passed))
        headers = {"Retry-After": left, "X-RateLimit-Limit": str(self.manners.per_minute)}
        return refusal(429, f"Too many requests. Try again in {left} seconds.", headers)

    def _page(self, query: Mapping[str, str]) -> Reply:
        archived = query.get("status") == "Archived"
        rows = [
            each
            for each in self.assets
            if _is_archived(each) == archived or (self.manners.archive and "status" not in query)
        ]
        newest_first = query.get("sort") != "id" or query.get("order") != "asc"
        rows.sort(key=lambda each: int(each["id"]), reverse=newest_first)
        limit = min(int(query.get("limit", "50")), self.manners.most)
        page = self.manners.page(rows, int(query.get("offset", "0")), limit)
        total = len(rows) if self.manners.total is None or archived else self.manners.total
        return as_json({"total": total, "rows": page})


def read(assets: Sequence[Asset], manners: Manners | None = None, words: Words = NO_WORDS, **changes: Any) -> Stocktake:
    """What is read of a Snipe-IT with these assets and manners."""
    with SnipeIt(assets, manners) as server:
        return server.inventory(words, **changes).read()


def asset(number: int, **changes: Any) -> Asset:
    """An asset as the list gives it, with what nobody needs: text is escaped, days are objects."""
    label = {"id": 2, "name": "Klar", "status_type": "deployable", "status_meta": "deployed"}
    standard: Asset = {
        "id": number,
        "name": NAME,
        "asset_tag": f"HK-{number:05}",
        "serial": f"PF{number:06}",
        "model": {"id": 1, "name": "ThinkPad L13"},
        "byod": False,
        "model_number": None,
        "eol": "48 months",
        "asset_eol_date": {"date": "2029-08-01", "formatted": "01.08.2029"},
        "status_label": label,
        "status": label,
        "category": {"id": 1, "name": "Bærbar PC"},
        "manufacturer": {"id": 1, "name": "Lenovo"},
        "notes": NAME,
        "company": {"id": 1, "name": "Hemne kommune"},
        "location": {"id": 3, "name": "Sodin skole"},
        "rtd_location": {"id": 9, "name": "Lager"},
        "assigned_to": user(f"elev{number}"),
        "created_at": {"datetime": "2025-08-01 10:00:00", "formatted": "01.08.2025 10:00"},
        "last_audit_date": None,
        "purchase_date": {"date": "2025-08-01", "formatted": "01.08.2025"},
        "last_checkout": {"datetime": "2025-08-20 09:00:00", "formatted": "20.08.2025 09:00"},
        "custom_fields": {},
        "available_actions": {"checkout": False, "delete": False},
    }
    return {**standard, **changes}


def user(username: str, **changes: Any) -> dict[str, Any]:
    """Whom an asset is handed out to."""
    names = {"name": NAME, "first_name": NAME, "last_name": NAME, "email": f"{username}@hemne.kommune.no"}
    return {"id": 7, "username": username, **names, "employee_number": None, "type": "user", **changes}


def label(name: str, kind: str, meta: str = "") -> dict[str, Any]:
    """The status label of an asset."""
    return {"id": 5, "name": html.escape(name), "status_type": kind, "status_meta": meta or kind}


def as_json(said: object, status: int = 200, headers: Mapping[str, str] | None = None) -> Reply:
    return Reply(json.dumps(said).encode(), status, {**_JSON, **(headers or {})})


def refusal(status: int, message: str, headers: Mapping[str, str] | None = None) -> Reply:
    """An error as it has them; some come with 200."""
    return as_json({"status": "error", "messages": message, "payload": None}, status, headers)


def _is_archived(each: Asset) -> bool:
    return bool((each.get("status_label") or {}).get("status_type") == "archived")
