"""The shape of a mapping of devices: what school IT may write in `mappings/devices/*.toml`."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Any, Final, Literal

from pydantic import Field, ValidationError

from provision.config.faults import meant, why
from provision.core.devices import DEVICE_COLUMNS, DeviceKind, DeviceStatus, Use
from provision.core.mapping_file import Part, suggestion
from provision.errors import ConfigurationError

Column = Literal[
    "serial", "asset_tag", "kind", "model", "os", "school", "assignee", "enrolled_by", "use", "shared", "private",
    "status", "enrolled", "purchased", "end_of_life", "last_seen",
]  # fmt: skip  # the names of DEVICE_COLUMNS, many to a line

WORDS: Final[Mapping[str, type[StrEnum]]] = {"kind": DeviceKind, "use": Use, "status": DeviceStatus}
FLAGS: Final = ("shared", "private")
DAYS: Final = ("enrolled", "purchased", "end_of_life", "last_seen")
# What says which machine it is and who has it, so that one word for all of them would be wrong.
_EACH_ITS_OWN: Final = ("serial", "asset_tag", "assignee", "enrolled_by")
_PARTS_OF_A_DAY: Final = re.compile(r"yyyy|yy|mm|dd")
_WHOLE_DAYS: Final = (["dd", "mm", "yyyy"], ["dd", "mm", "yy"])


class Marks(Part):
    """A column such as a room or a category, and which of its words, as patterns, say what a machine is for."""

    column: str = Field(description="The name of the column in the table.")
    pupil: list[str] = Field(default_factory=list)
    loan: list[str] = Field(default_factory=list)
    staff: list[str] = Field(default_factory=list)
    administration: list[str] = Field(default_factory=list)
    after_school: list[str] = Field(default_factory=list)

    @property
    def words(self) -> list[tuple[Use, str]]:
        return [(use, word) for use in Use for word in getattr(self, use)]


class DevicesMapping(Part):
    """How a table of machines, in CSV or XLSX, is read as one of ours."""

    format: Literal[1]
    sheet: str = Field(default="", description="XLSX: the sheet to read; not needed where only one holds anything.")
    header: int = Field(default=1, ge=1, le=100, description="The line that holds the names of the columns.")
    first: int = Field(default=0, ge=0, le=200, description="The line of the first machine; 0 is the one below header.")
    dates: list[str] = Field(
        default_factory=lambda: ["dd.mm.yyyy"],
        description="How days are written, of dd, mm and yyyy or yy; yyyy-mm-dd is always read.",
    )
    columns: dict[Column, str] = Field(description="Our column, and the name of theirs.")
    constants: dict[Column, str] = Field(
        default_factory=dict, description="What counts in our column where a machine's line says nothing."
    )
    values: dict[Column, dict[str, str]] = Field(
        default_factory=dict,
        description="For our column, their words and ours: patterns with * and ?, in any case; the first that fits.",
    )
    uses: list[Marks] = Field(
        default_factory=list, description="Columns that tell what a machine is for; they count before our column use."
    )

    @property
    def begins(self) -> int:
        """The line of the first machine."""
        return self.first or self.header + 1

    @property
    def required(self) -> tuple[str, ...]:
        """The columns that the table must have, by their names there."""
        return tuple(dict.fromkeys((*self.columns.values(), *(marks.column for marks in self.uses))))


def folded(name: str) -> str:
    """The name of a column as it is compared: upper and lower case, and how many blanks, are alike."""
    return " ".join(name.split()).casefold()


def load_devices_mapping(site: Path, name: str) -> DevicesMapping:
    """The mapping of mappings/devices/NAME.toml. Raises ConfigurationError with every fault, file and key."""
    folder = site / "mappings" / "devices"
    path, shown = folder / f"{name}.toml", f"mappings/devices/{name}.toml"
    known = {each.stem for each in folder.glob("*.toml")}
    if name not in known:
        raise ConfigurationError([f'no mapping "{name}" in {folder}{suggestion(name, known)}'])
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigurationError([f"{shown}: {why(error)}"]) from None
    if wrong := devices_faults(raw):
        raise ConfigurationError([f"{shown}: {fault}" for fault in wrong])
    return DevicesMapping.model_validate(raw)


def devices_faults(raw: Mapping[str, Any]) -> list[str]:
    """Everything that is wrong with a mapping of devices, each with its key and what would be right; [] when fine."""
    found: list[str] = []
    try:
        DevicesMapping.model_validate(raw)
    except ValidationError as error:
        found = [_told(each) for each in error.errors(include_input=False, include_url=False)]
    return sorted({*found, *_meaning(raw)})


def _told(error: Any) -> str:
    *place, last = map(str, error["loc"])
    if last == "[key]":
        return f"{'.'.join(place)}: unknown key{suggestion(place[-1], set(DEVICE_COLUMNS))}"
    keys = frozenset({*DevicesMapping.model_fields, *Marks.model_fields})
    return f"{'.'.join((*place, last))}: {meant(error, keys)}"


def _meaning(raw: Mapping[str, Any]) -> Iterator[str]:
    """Faults that the shape alone does not show, found also where the shape is wrong elsewhere."""
    columns = _table(raw, "columns")
    if "columns" in raw and "serial" not in columns:
        yield "columns.serial: is missing; nothing else tells one machine from another"
    for column, word in _table(raw, "constants").items():
        yield from _constant_faults(column, word)
    for column, words in _table(raw, "values").items():
        if column in DEVICE_COLUMNS and column not in columns:
            yield f"values.{column}: columns.{column} says from where it is read, and is missing"
        for theirs, ours in (words if isinstance(words, dict) else {}).items():
            if isinstance(ours, str) and (fault := _word_fault(column, ours)):
                yield f'values.{column}."{theirs}": {fault}'
        yield from _twice(column, words)
    yield from _spelt_twice(raw)
    yield from _date_faults(raw.get("dates"))
    header, first = raw.get("header", 1), raw.get("first", 0)
    if isinstance(header, int) and isinstance(first, int) and 0 < first <= header:
        yield f"first: is {first}, but the names of the columns stand in line {header}, above all machines"
    for number, marks in enumerate(uses if isinstance(uses := raw.get("uses"), list) else []):
        if isinstance(marks, dict) and not any(marks.get(use) for use in Use):
            yield f"uses.{number}: says of no word what it means; give one of {', '.join(Use)}"


def _constant_faults(column: str, word: object) -> Iterator[str]:
    if column in _EACH_ITS_OWN:
        yield f"constants.{column}: each machine has its own; leave it out"
    elif isinstance(word, str) and (fault := _word_fault(column, word)):
        yield f"constants.{column}: {fault}"


def _word_fault(column: str, word: str) -> str:
    """Why a word of ours is none for the column, "" where it is."""
    if column in WORDS and word not in {"", *WORDS[column]}:
        return f'"{word}" is no {column}{suggestion(word, set(WORDS[column]))}'
    if column in FLAGS and word not in ("", "0", "1"):
        return f'"{word}" is neither "1", "0" nor ""'
    if column in DAYS and word and not _is_day(word):
        return f'"{word}" is no day as 2026-06-30'
    return ""


def _is_day(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _twice(column: str, words: object) -> Iterator[str]:
    folded = [word.casefold() for word in words] if isinstance(words, dict) else []
    for word in sorted({word for word in folded if folded.count(word) > 1}):
        yield f'values.{column}."{word}": stands twice; upper and lower case are alike'


def _spelt_twice(raw: Mapping[str, Any]) -> Iterator[str]:
    """Columns of the table that are named twice and not in the same way."""
    uses = raw.get("uses")
    named = [(f"columns.{ours}", theirs) for ours, theirs in _table(raw, "columns").items()]
    named += [
        (f"uses.{number}.column", marks.get("column"))
        for number, marks in enumerate(uses if isinstance(uses, list) else [])
        if isinstance(marks, dict)
    ]
    first: dict[str, str] = {}
    for key, name in named:
        if isinstance(name, str) and (before := first.setdefault(folded(name), name)) != name:
            yield f'{key}: "{name}" is the column "{before}"; write it in the same way everywhere'


def _date_faults(dates: object) -> Iterator[str]:
    for number, form in enumerate(dates if isinstance(dates, list) else []):
        if isinstance(form, str) and sorted(_PARTS_OF_A_DAY.findall(form)) not in _WHOLE_DAYS:
            yield f'dates.{number}: "{form}" needs dd, mm and yyyy or yy, each once, such as dd.mm.yyyy'


def _table(raw: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    found = raw.get(key)
    return found if isinstance(found, dict) else {}
