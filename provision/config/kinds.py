"""What each kind of source, target and inventory is, said once."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal


@dataclass(frozen=True, slots=True)
class SourceKind:
    """`keys` are those of `[source]` that mean something for this kind; one that has a `path` needs it."""

    keys: frozenset[str]


@dataclass(frozen=True, slots=True)
class TargetKind:
    """`family` is that of the mapping which it needs; `keys` as those of a source, here of `[[targets]]`."""

    family: Literal["feide", "oneroster"]
    keys: frozenset[str]


@dataclass(frozen=True, slots=True)
class InventoryKind:
    """`keys` as those of a source, here of `[[devices.inventories]]`."""

    keys: frozenset[str]


# The keys that belong to some kinds only; all others mean the same for every kind.
SOURCE_KEYS: Final = ("path", "settled", "encoding", "rest")
TARGET_KEYS: Final = ("path", "passwords")
INVENTORY_KEYS: Final = ("path", "settled", "mapping", "words", "assignee")

SOURCE_KINDS: Final[Mapping[str, SourceKind]] = {
    "pifu_ims": SourceKind(frozenset({"path", "settled", "encoding"})),
    "oneroster_csv": SourceKind(frozenset({"path", "settled"})),
    "oneroster_rest": SourceKind(frozenset({"rest"})),
}

TARGET_KINDS: Final[Mapping[str, TargetKind]] = {
    "ldif": TargetKind("feide", frozenset({"path", "passwords"})),
    "ldap": TargetKind("feide", frozenset({"passwords"})),
    "oneroster_csv": TargetKind("oneroster", frozenset({"path"})),
}

INVENTORY_KINDS: Final[Mapping[str, InventoryKind]] = {
    "table": InventoryKind(frozenset({"path", "settled", "mapping"})),
    "intune": InventoryKind(frozenset({"words"})),
    "snipe_it": InventoryKind(frozenset({"words", "assignee"})),
}
