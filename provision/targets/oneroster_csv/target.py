"""A OneRoster package in one file, which is ours alone and always whole."""

import csv
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, Final
from zipfile import BadZipFile, ZipFile

from loguru import logger

from provision.core.outcome import Result
from provision.core.plan import Change
from provision.core.state import Actual, Fingerprint, Key, Kind, Record, State, Stranger, fingerprint
from provision.errors import ConfigurationError, SourceError, TargetUnavailable
from provision.files import replace_file
from provision.formats.oneroster import MANIFEST
from provision.formats.oneroster_read import read_package
from provision.formats.oneroster_write import write_package
from provision.targets.oneroster_csv.columns import VERSION, is_known
from provision.targets.oneroster_csv.found import READ, records_of
from provision.targets.oneroster_csv.holding import carry_out
from provision.targets.oneroster_csv.managed import Managed
from provision.targets.oneroster_csv.written import rows

_SYSTEM: Final = "provision"
_RIGHT: Final = "put back the file that we wrote or, to have everything made anew, delete it"
_EMPTIED: Final = "whoever reads the package takes that as no change there, so clear it by hand in that system"

# What a zip without a readable manifest comes to; a RuntimeError is one that is encrypted or packed in some new way.
_NO_PACKAGE: Final = (BadZipFile, zlib.error, EOFError, KeyError, RuntimeError, UnicodeDecodeError, csv.Error)
_PAIR: Final = 2

# What tells one content of the file from the next; None where there is no file.
_Stamp = tuple[int, int, int] | None


class OneRosterCsvTarget:
    """Satisfies Target. `secret` is that of the fingerprints that `read` is given.

    Raises ConfigurationError for fields that a package has no place for.
    """

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
        if unknown := sorted(n for kind, names in fields.items() for n in names if not is_known(n, kind)):
            raise ConfigurationError([f"target {name}: OneRoster {VERSION} has no column or role {', '.join(unknown)}"])
        self.name = name
        self._path = path
        self._managed = Managed(fields, once)
        self._site_name = site_name
        self._secret = secret
        self._clock = clock
        self._held: State = {}
        self._stamp: _Stamp = None

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
        results, records = carry_out(list(changes), held, self._managed)
        if records != held:
            self._write(records)
            _warn_of_emptied(self._path, held, records)
        yield from results

    def _records(self) -> State:
        """All that the file holds; it is read again only when it is another one."""
        try:
            stamp = self._stamp_now()
            if stamp != self._stamp:
                self._held = _held_in(self._path) if stamp else {}
                self._stamp = stamp
        except OSError as error:
            raise TargetUnavailable(f"{self._path} cannot be read: {error.strerror}") from error
        return self._held

    def _write(self, records: State) -> None:
        """The whole package in the place of the former; where nothing is left of it, there is no file."""
        try:
            if self._stamp_now() != self._stamp:
                raise TargetUnavailable(f"{self._path} was changed by somebody else meanwhile; the next run reads it")
            if records:
                self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                replace_file(self._path, lambda fh: self._write_to(fh, records))
            else:
                self._path.unlink(missing_ok=True)
            self._stamp, self._held = self._stamp_now(), records
        except OSError as error:
            raise TargetUnavailable(f"{self._path} cannot be written: {error.strerror}") from error

    def _write_to(self, fh: BinaryIO, records: State) -> None:
        write_package(fh, rows(records), VERSION, at=self._clock(), system_name=_SYSTEM, system_code=self._site_name)

    def _stamp_now(self) -> _Stamp:
        try:
            found = self._path.stat()
        except FileNotFoundError:
            return None
        return found.st_ino, found.st_mtime_ns, found.st_size


def _held_in(path: Path) -> State:
    """The records of the file. Raises OSError, and TargetUnavailable for what is no package of ours."""
    if _made_by(path) != _SYSTEM:
        raise TargetUnavailable(f"{path} was made by another program and is left alone; name another path in the job")
    try:
        return records_of(read_package(path, wanted=READ).tables)
    except (ValueError, SourceError) as error:
        raise TargetUnavailable(f"{path} is not as we wrote it; {_RIGHT} ({error})") from None


def _made_by(path: Path) -> str:
    """What the manifest says, "" where it does not say."""
    try:
        with ZipFile(path) as package:
            manifest = package.read(MANIFEST).decode().splitlines()
        return dict(row for row in csv.reader(manifest) if len(row) == _PAIR).get("source.systemName", "")
    except _NO_PACKAGE:
        raise TargetUnavailable(f"{path} is damaged, or no OneRoster package; {_RIGHT}") from None


def _warn_of_emptied(path: Path, before: State, after: State) -> None:
    """A file without rows is left out of a package, which readers take as no change at all."""
    old, new = rows(before), rows(after)
    for name in old:
        if next(old[name], None) is not None and next(new[name], None) is None:
            logger.warning("{}: {}.csv has no rows any more; {}", path, name, _EMPTIED)
