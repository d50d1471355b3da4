"""What a line of the route table says."""

from collections.abc import Callable
from dataclasses import dataclass

from starlette.responses import Response

from provision.web.access import Role
from provision.web.ask import Ask


@dataclass(frozen=True, slots=True)
class Route:
    """An address, its page, and who may open it. One with {school} is open only to those who may see that school.

    `menu` is its text in the navigation, "" for none; `limited` where it is a step of a login.
    """

    path: str
    handler: Callable[[Ask], Response]
    roles: frozenset[Role]
    method: str = "GET"
    menu: str = ""
    limited: bool = False

    @property
    def of_school(self) -> bool:
        return "{school}" in self.path
