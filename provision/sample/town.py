"""The municipalities that a sample can be of: real names, and nothing else of them that is real."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Town:
    """`code` is its name as addresses have it. `number` keeps its ids and numbers apart from those of all others."""

    code: str
    name: str
    number: int = 0

    @property
    def title(self) -> str:
        return f"{self.name} kommune"

    @property
    def domain(self) -> str:
        """Where nobody gets mail."""
        return f"{self.code}.example"

    @property
    def settings(self) -> str:
        """What `.env` says of it."""
        return f"""\
# The municipality's name, as people read it.
SITE_NAME="{self.title}"
# The realm: what stands after the @ in every Feide name. It can never be changed.
REALM="{self.code}.kommune.no"
# Where in the directory everything lies.
BASE_DN="dc={self.code},dc=kommune,dc=no"
"""


HEMNE: Final = Town("hemne", "Hemne")
