"""What a server answered, and the error for when it did not."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from requests.utils import parse_header_links

from provision.errors import ProvisionError
from provision.rest.address import joined

_SUCCESSES: Final = range(200, 300)


class RestError(ProvisionError):
    """A request that got no answer that can be used. The caller knows what that means for its source or target.

    `status` is what the server said, None where it said nothing: what was sent may then have been done or not.
    """

    def __init__(self, message: str, status: int | None = None) -> None:
        super().__init__(message)
        self.status = status


@dataclass(frozen=True, slots=True)
class Answer:
    """`where` is the request as a message may show it: without query and without what was sent."""

    where: str
    url: str = field(repr=False)
    status: int
    headers: Mapping[str, str] = field(repr=False)  # looked up in any case of letters
    content: bytes = field(repr=False)

    @property
    def succeeded(self) -> bool:
        return self.status in _SUCCESSES

    def json(self) -> Any:
        """The content as JSON, None where there is none at all. Raises RestError."""
        if not self.content:
            return None
        try:
            return json.loads(self.content.decode("utf-8-sig"), parse_constant=_no_constant)
        except UnicodeDecodeError as error:
            line = self.content.count(b"\n", 0, error.start) + 1
            raise RestError(f"{self.where}, line {line} of the answer: not UTF-8", self.status) from None
        except (ValueError, RecursionError) as error:
            line = getattr(error, "lineno", 1)
            kind = self.headers.get("Content-Type", "").partition(";")[0].strip()[:50] or "nothing said"
            fault = f"line {line} of the answer: not JSON, or not all of it (content type: {kind})"
            raise RestError(f"{self.where}, {fault}", self.status) from None

    def link(self, relation: str) -> str | None:
        """The whole address in the Link header (RFC 8288) with this relation; it may be at another server."""
        for each in parse_header_links(self.headers.get("Link", "")):
            if relation in each.get("rel", "").split():
                return joined(self.url, each.get("url", ""))
        return None


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON")
