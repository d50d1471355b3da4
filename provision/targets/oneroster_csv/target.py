"""A OneRoster package in one file, which is ours alone and always whole."""

import csv
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, Final
from zipfile import BadZipFile, ZipFile

from loguru import logger

from provision.core.holding import carry_out
from provision.core.managed import Managed
from provision.core.outcome import Result
from provision.core.plan import Change
from provision.core.state import Actual, Fingerprint, Key, Kind, Record, State, Stranger, fingerprint
from provision.errors import SourceError, TargetUnavailable
from provision.files import Stamp, replace_file, stamp
from provision.formats.oneroster import MANIFEST
from provision.formats.oneroster_read import read_package
from provision.formats.oneroster_write import write_package
from provision.targets.oneroster_csv.columns import VERSION
from provision.targets.oneroster_csv.faults import as_written
from provision.targets.oneroster_csv.found import READ, records_of
from provision.targets.oneroster_csv.written import rows

_SYSTEM: Final = "provision"
_RIGHT: Final = 'put back last night\'s, or delete it and then `provision approve {name} --reason "…"`'
_EMPTIED: Final = "whoever reads the package takes that as no change there, so clear it by hand in that system"

# What a zip without a readable manifest comes to; a RuntimeError is one that is encrypted or packed in some new way.
_NO_PACKAGE: Final = (BadZipFile, zlib.error, EOFError, KeyError, RuntimeError, UnicodeDecodeError, csv.Error)
_PAIR: Final = 2

# What tells one content of the file from the next; None where there is no file.


class OneRosterCsvTarget:
    """Satisfies Target. `fields` are such as `is_known`; `secret` is that of the fingerprints that `read` is given."""

    atomic: Final = True
    ours_alone: Final = True

    def __init__(  # noqa: PLR0913 - what a target needs, each once
        self,
        name: str,
        path: Path,
        fields: Mapping[Kind, frozenset[str]],
        once: frozenset[str],
        *,
        site_name: str,
        secret: bytes,
        clock: Callable[[], datetime],
    ) -> None:
        self.name = name
        self._path = path
        self._managed = Managed(fields, once)
        self._site_name = site_name
        self._secret = secret
        self._clock = clock
        self._held: State = {}
        self._stamp: Stamp = None

    def names(self) -> Mapping[str, Key | None]:
        """Everybody in the file, who are all ours."""
        accounts = (record for key, record in self._records().items() if key.kind is Kind.ACCOUNT)
        return {
            str(record.fields["username"]).lower(): record.key for record in accounts if "username" in record.fields
        }

    def read(self, expected: Mapping[Key, Fingerprint]) -> Actual:
        """The kinds of records that the mapping knows; no file is an empty package."""
        unchanged: set[Key] = set()
        records: dict[Key, Record] = {}
        for key, held in self._records().items():
            if key.kind in self._managed.fields:
                record = self._managed.part(held)
                if key in expected and fingerprint(record, self._secret) == expected[key]:
                    unchanged.add(key)
                else:
                    records[key] = record
        return Actual(unchanged, records)

    def strangers(self) -> Sequence[Stranger]:
        return ()

    def apply(self, changes: Iterable[Change]) -> Iterator[Result]:
        """Takes every change, writes the file once where it changes, and only then says what became of them."""
        held = self._records()
        results, records = carry_out(list(changes), held, self._managed, as_written)
        if records != held:
            self._write(records)
            _warn_of_emptied(self._path, held, records)
        yield from results

    def _records(self) -> State:
        """All that the file holds; it is read again only when it is another one."""
        try:
            now = stamp(self._path)
            if now != self._stamp:
                self._held = _held_in(self._path, self.name) if now else {}
                self._stamp = now
        except OSError as error:
            raise TargetUnavailable(f"{self._path} cannot be read: {error.strerror}") from error
        return self._held

    def _write(self, records: State) -> None:
        """The whole package in the place of the former; where nothing is left of it, there is no file."""
        try:
            if stamp(self._path) != self._stamp:
                raise TargetUnavailable(f"{self._path} was changed by somebody else meanwhile; the next run reads it")
            if records:
                self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                replace_file(self._path, lambda fh: self._write_to(fh, records))
            else:
                self._path.unlink(missing_ok=True)
            self._stamp, self._held = stamp(self._path), records
        except OSError as error:
            raise TargetUnavailable(f"{self._path} cannot be written: {error.strerror}") from error

    def _write_to(self, fh: BinaryIO, records: State) -> None:
        write_package(fh, rows(records), VERSION, at=self._clock(), system_name=_SYSTEM, system_code=self._site_name)


def _held_in(path: Path, name: str) -> State:
    """The records of the file. Raises OSError, and TargetUnavailable for what is no package of ours."""
    if _made_by(path, name) != _SYSTEM:
        raise TargetUnavailable(f"{path} was made by another program and is left alone; name another path in the job")
    try:
        return records_of(read_package(path, wanted=READ).tables)
    except (ValueError, SourceError) as error:
        raise TargetUnavailable(f"{path} is not as we wrote it; {_right(name)} ({error})") from None


def _made_by(path: Path, name: str) -> str:
    """What the manifest says, "" where it does not say."""
    try:
        with ZipFile(path) as package:
            manifest = package.read(MANIFEST).decode().splitlines()
        return dict(row for row in csv.reader(manifest) if len(row) == _PAIR).get("source.systemName", "")
    except _NO_PACKAGE:
        raise TargetUnavailable(f"{path} is damaged, or no OneRoster package; {_right(name)}") from None


def _right(name: str) -> str:
    return f'put back last night\'s, or delete it and then `provision approve {name} --reason "…"`'


def _warn_of_emptied(path: Path, before: State, after: State) -> None:
    """A file without rows is left out of a package, which readers take as no change at all."""
    old, new = rows(before), rows(after)
    for name in old:
        if next(old[name], None) is not None and next(new[name], None) is None:
            logger.warning("{}: {}.csv has no rows any more; {}", path, name, _EMPTIED)
