"""Reads devices from a CSV file that a municipality keeps or exports."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from provision.errors import SourceError
from provision.formats.text_csv import Row, read_csv

USES: Final = ("pupil", "staff")
# Those that a school cannot count on are `lost` and `retired`.
STATUSES: Final = ("in_use", "in_repair", "lost", "retired")
_COLUMNS: Final = ("serial", "asset_tag", "kind", "model", "school", "use", "status")


@dataclass(frozen=True, slots=True)
class Device:
    """One machine. `school` is an organisation number, `use` one of USES, `status` one of STATUSES."""

    serial: str
    asset_tag: str
    kind: str
    model: str
    school: str
    use: str
    status: str

    @property
    def available(self) -> bool:
        """Whether the school has it, be it in use or in repair."""
        return self.status in ("in_use", "in_repair")


def read_devices(path: Path) -> tuple[Device, ...]:
    """Every device of the file, in its order.

    Raises SourceError, naming line and column, for a file that cannot be read whole, a device without serial
    number or school, a serial number that stands twice, and a use or status that we do not know.
    """
    devices: dict[str, Device] = {}
    for row in read_csv(path, _COLUMNS):
        device = _device(path, row)
        if device.serial in devices:
            raise SourceError(f"{path}, line {row.line}: serial {device.serial} stands in an earlier line too")
        devices[device.serial] = device
    return tuple(devices.values())


def _device(path: Path, row: Row) -> Device:
    for column in ("serial", "school"):
        if not row[column]:
            raise SourceError(f"{path}, line {row.line}: {column} is empty")
    for column, allowed in (("use", USES), ("status", STATUSES)):
        if row[column] not in allowed:
            raise SourceError(f"{path}, line {row.line}: {column} must be one of {', '.join(allowed)}")
    cells = {column: row[column] for column in _COLUMNS}
    return Device(**cells | {"school": cells["school"].upper().removeprefix("NO")})
