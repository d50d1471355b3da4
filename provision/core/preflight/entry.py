"""What the rules look at: one record that is to be written, or one entry that stands in a directory."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from provision.core.state import Key, Value, values

Of = Literal["district", "school", "person"]

# Names in lower case: a directory compares them without regard to case.
Held = Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class Entry:
    """`managed` are the attributes that somebody answers for here, in lower case; None: all of them.

    An attribute that a mapping does not name may be kept by others, so its absence from a record says nothing.
    """

    of: Of
    held: Held = field(repr=False)
    realm: str
    managed: frozenset[str] | None = None

    def texts(self, name: str) -> list[str]:
        """The attribute's values, in no order."""
        value = self.held.get(name.lower())
        return [value] if isinstance(value, str) else list(map(str, values(value)))

    def has(self, name: str) -> bool:
        return there(self.held.get(name.lower()))

    def answers_for(self, name: str) -> bool:
        return self.managed is None or name.lower() in self.managed


def there(value: Value | None) -> bool:
    """Whether an attribute says anything at all."""
    if isinstance(value, str):
        return bool(value.strip())
    return any(isinstance(each, Key) or each.strip() for each in values(value))


def held(fields: Mapping[str, Value]) -> Held:
    """The fields of a record as the rules ask for them."""
    return {name.lower(): value for name, value in fields.items()}
