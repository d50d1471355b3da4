"""The dialects that a sample can be written in: what each can say, how it is written, and how a job names it."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from io import TextIOWrapper
from pathlib import Path
from typing import BinaryIO, Final

from provision.sample.export import write_export
from provision.sample.narrow import narrow
from provision.sample.oneroster import write_oneroster
from provision.sample.roll import Roll


def _whole(roll: Roll) -> Roll:
    return roll


@dataclass(frozen=True, slots=True)
class Dialect:
    """`kind` and `file` (in the folder of data) are what a job says, `comment` what it says of them.

    `within` leaves of a school what the dialect can say.
    """

    kind: str
    file: str
    comment: str
    write: Callable[[BinaryIO, Path, Iterable[Roll], datetime], None]
    within: Callable[[Roll], Roll] = _whole


def _write_pifu_ims(out: BinaryIO, folder: Path, rolls: Iterable[Roll], at: datetime) -> None:
    text = TextIOWrapper(out, encoding="utf-8", newline="\n")
    try:
        write_export(text, folder, rolls, at)
    finally:
        text.detach()


DIALECTS: Final[Mapping[str, Dialect]] = {
    "pifu_ims": Dialect("pifu_ims", "sis.xml", "PIFU-IMS 1.3 or 1.1, full export", _write_pifu_ims),
    "oneroster_1.1": Dialect(
        "oneroster_csv", "oneroster.zip", "OneRoster 1.1 or 1.2, bulk", partial(write_oneroster, version="1.1"), narrow
    ),
    "oneroster_1.2": Dialect(
        "oneroster_csv", "oneroster.zip", "OneRoster 1.1 or 1.2, bulk", partial(write_oneroster, version="1.2")
    ),
}
DEFAULT: Final = "pifu_ims"
