"""Every inventory with a few machines of its own dialect."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Final

from provision.core.devices import DEVICE_COLUMNS
from provision.core.ports import Inventory
from provision.inventories.intune import IntuneInventory
from provision.inventories.intune.device import SELECT
from provision.inventories.snipe_it import SnipeItInventory
from provision.inventories.table import TableInventory
from tests.inventories.table_files import NOW, SCHOOL, csv_text, workbook_of, xlsx
from tests.servers import documents, intune

# A machine by the canonical columns; those that are not named are what the inventory does not say.
Machine = Mapping[str, str]

A_MACHINE: Final[Machine] = {
    "serial": "5CG1234ABC",
    "asset_tag": "0042",
    "kind": "laptop",
    "model": "HP ProBook 11",
    "os": "Windows",
    "school": SCHOOL,
    "assignee": "elev1@nordlys.kommune.no",
    "enrolled_by": "it@nordlys.kommune.no",
    "use": "pupil",
    "shared": "0",
    "private": "0",
    "status": "in_use",
    "enrolled": "2025-08-18",
    "purchased": "2025-06-30",
    "end_of_life": "2030-06-30",
    "last_seen": "2026-11-20",
}


@dataclass(frozen=True, slots=True)
class Bench:
    """How to make one inventory, and the bytes that it then reads.

    `written` says of these machines, in this order, what its dialect can: the columns of `speaks`. Each is a machine of
    its own, also where two have the same serial number; a word that is none of ours is written as it is. `seams` are
    the lengths at which what is cut is whole, which nothing in it can deny. `open` reads what stands at a path: a file,
    or what a server of the tests gives for an answer; the file's name stands in the address.
    """

    open: Callable[[Path], Inventory]
    written: Callable[[Sequence[Machine]], bytes]
    speaks: frozenset[str]
    seams: Callable[[bytes], frozenset[int]]


def _table(path: Path) -> TableInventory:
    return TableInventory(path, "table", lambda: NOW)


def _rows(machines: Sequence[Machine]) -> list[tuple[str, ...]]:
    return [DEVICE_COLUMNS, *(tuple(machine.get(name, "") for name in DEVICE_COLUMNS) for machine in machines)]


def _intune(path: Path) -> IntuneInventory:
    return IntuneInventory(documents.of_intune(path), lambda: NOW)


def _of_intune(machines: Sequence[Machine]) -> bytes:
    devices = [_device(number, machine.get) for number, machine in enumerate(machines)]
    return _json({"@odata.count": len(devices), "value": devices})


def _device(number: int, said: Callable[[str, str], str]) -> Mapping[str, object]:
    owners = {"1": "personal", "0": "company", "": "unknown"}
    device = intune.device(
        number,
        serialNumber=said("serial", ""),
        manufacturer="",
        model=said("model", ""),
        operatingSystem=said("os", ""),
        osVersion=None,
        deviceCategoryDisplayName=said("school", ""),
        userPrincipalName=said("enrolled_by", ""),
        managedDeviceOwnerType=owners.get(said("private", ""), said("private", "")),
        enrolledDateTime=f"{said('enrolled', '0001-01-01')}T10:00:00Z",
        lastSyncDateTime=f"{said('last_seen', '0001-01-01')}T10:00:00Z",
    )
    return {name: device[name] for name in SELECT}


def _snipe_it(path: Path) -> SnipeItInventory:
    return SnipeItInventory(documents.of_snipe_it(path), lambda: NOW)


def _of_snipe_it(machines: Sequence[Machine]) -> bytes:
    assets = [_asset(number, machine.get) for number, machine in enumerate(machines, start=1)]
    return _json({"total": len(assets), "rows": assets})


def _asset(number: int, said: Callable[[str, str], str]) -> Mapping[str, object]:
    metas = {"in_use": "deployed", "in_stock": "deployable"}
    named = {name: {"name": escape(said(name, ""))} for name in ("kind", "model", "school")}
    return {
        "id": number,
        "serial": escape(said("serial", "")),
        "asset_tag": escape(said("asset_tag", "")),
        "category": named["kind"],
        "model": named["model"],
        "location": named["school"],
        "assigned_to": {"type": "user", "username": said("assignee", "")} if said("assignee", "") else None,
        "byod": {"1": True, "0": False}.get(said("private", ""), said("private", "")),
        "status_label": {"name": "", "status_meta": metas.get(said("status", ""), said("status", ""))},
        "purchase_date": {"date": said("purchased", "")},
        "asset_eol_date": {"date": said("end_of_life", "")},
    }


def _json(said: object) -> bytes:
    return json.dumps(said, ensure_ascii=False, separators=(",", ":")).encode()


def _line_ends(content: bytes) -> frozenset[int]:
    """A line ends with the first of its two characters too."""
    return frozenset(n + 1 for n, byte in enumerate(content) if byte in b"\r\n")


def _end(content: bytes) -> frozenset[int]:
    return frozenset({len(content)})


INVENTORIES: Final[Mapping[str, Bench]] = {
    "table_csv": Bench(
        _table, lambda machines: csv_text(_rows(machines)).encode(), frozenset(DEVICE_COLUMNS), _line_ends
    ),
    "intune": Bench(
        _intune,
        _of_intune,
        frozenset({"serial", "model", "os", "school", "enrolled_by", "private", "enrolled", "last_seen"}),
        _end,
    ),
    "snipe_it": Bench(
        _snipe_it,
        _of_snipe_it,
        frozenset(
            {"serial", "asset_tag", "kind", "model", "school", "assignee", "private", "status"}
            | {"purchased", "end_of_life"}
        ),
        _end,
    ),
    "table_xlsx": Bench(_table, lambda machines: xlsx(workbook_of(_rows(machines))), frozenset(DEVICE_COLUMNS), _end),
}
