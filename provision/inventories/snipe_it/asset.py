"""One asset of Snipe-IT, as a row of the device table."""

from collections.abc import Mapping
from typing import Final

from provision.core.devices import DeviceKind, DeviceStatus
from provision.formats.device_cells import Record, Words, any_fits, meaning, together
from provision.inventories.snipe_it.settings import Assignee

# What Snipe-IT itself means by the types of its status labels.
_STATUSES: Final[Mapping[str, DeviceStatus]] = {
    "deployed": DeviceStatus.IN_USE,
    "deployable": DeviceStatus.IN_STOCK,
    "pending": DeviceStatus.IN_REPAIR,
    "undeployable": DeviceStatus.BROKEN,
    "archived": DeviceStatus.RETIRED,
}
_KINDS: Final[Mapping[str, DeviceKind]] = {
    "*chromebook*": DeviceKind.CHROMEBOOK,
    "*ipad*": DeviceKind.TABLET,
    "*iphone*": DeviceKind.PHONE,
    "*macbook*": DeviceKind.LAPTOP,
    "laptop*": DeviceKind.LAPTOP,
    "bærbar*": DeviceKind.LAPTOP,
    "tablet*": DeviceKind.TABLET,
    "nettbrett*": DeviceKind.TABLET,
    "desktop*": DeviceKind.DESKTOP,
    "stasjonær*": DeviceKind.DESKTOP,
    "mobiltelefon*": DeviceKind.PHONE,
}
_PLACES: Final = ("location.name", "rtd_location.name", "company.name")
_SHARED: Final = {"user": "0", "location": "1"}


def cells(record: Record, words: Words, assignee: Assignee) -> Mapping[str, str] | None:
    """The cells of an asset; None for one that the site leaves out.

    Nothing there tells when a machine was last in use: an audit or a checkout is older than that, and is not read.
    """
    category, model = record.text("category.name"), record.text("model.name")
    if any_fits(words.left_out, category, model):
        return None
    status = "status" if record.said.get("status_label") is None else "status_label"  # its name in later versions
    label = record.text(f"{status}.name")
    places = [record.text(path) for path in _PLACES]
    holder = record.text("assigned_to.type")
    return {
        "serial": record.text("serial"),
        "asset_tag": record.text("asset_tag"),
        "kind": meaning(words.kinds, category, model) or meaning(_KINDS, category, model) or "",
        "model": together(record.text("manufacturer.name"), model),
        "school": meaning(words.schools, *places) or next(filter(None, places), ""),
        "assignee": record.person(f"assigned_to.{assignee}") if holder == "user" else "",
        "use": meaning(words.uses, label, category, *places) or "",
        "shared": "1" if any_fits(words.shared, label, category, *places) else _SHARED.get(holder, ""),
        "private": record.flag("byod"),
        "status": meaning(words.statuses, label) or _STATUSES.get(record.text(f"{status}.status_meta")) or "",
        "purchased": _day(record, "purchase_date"),
        "end_of_life": _day(record, "asset_eol_date"),
    }


def _day(record: Record, name: str) -> str:
    """Of an object with the date, or with date and time, and how people write it there."""
    said = record.said.get(name)
    return record.day(f"{name}.datetime" if isinstance(said, dict) and "datetime" in said else f"{name}.date")
