"""The files of a OneRoster CSV package, in a zip or in a folder, before anybody has read them."""

import struct
import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import BinaryIO, Final
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from provision.core.clocks import ZONE
from provision.errors import SourceError
from provision.formats.oneroster import MANIFEST

# Of all files together, unpacked. The enrollments of 100,000 pupils are a twentieth of it.
MAX_BYTES: Final = 4 * 1024**3
_ENCRYPTED: Final = 1
_NO_MOMENT: Final = (1980, 1, 1, 0, 0, 0)  # what a zip holds where the writer has set no time


@dataclass(frozen=True, slots=True)
class PackageFile:
    size: int
    open: Callable[[], BinaryIO]
    moment: tuple[int, ...] = _NO_MOMENT


@contextmanager
def opened(path: Path) -> Iterator[tuple[Mapping[str, PackageFile], bool]]:
    """The files by name, and whether their bytes are proven by checksums."""
    try:
        if path.is_dir():
            yield _in_folder(path), False
        else:
            with ZipFile(path) as archive:
                yield _in_zip(path, archive), True
    except FileNotFoundError:
        raise SourceError(f"{path} does not exist; the export of the SIS belongs there") from None
    except (BadZipFile, zlib.error, EOFError, NotImplementedError, UnicodeDecodeError, struct.error) as error:
        kind = "cut, damaged or no zip"
        raise SourceError(
            f"{path} is {kind}; deliver the whole zip of the export again ({type(error).__name__})"
        ) from None
    except OSError as error:
        raise SourceError(f"{path} cannot be read: {error.strerror}") from error


def _in_folder(path: Path) -> Mapping[str, PackageFile]:
    def file(each: Path) -> PackageFile:
        return PackageFile(each.stat().st_size, lambda: each.open("rb"))

    return _within_bounds(path, {each.name: file(each) for each in path.iterdir() if each.is_file()})


def _in_zip(path: Path, archive: ZipFile) -> Mapping[str, PackageFile]:
    """The files at the root of the zip, or in the one folder that has the manifest; others are of no concern."""
    infos = [info for info in archive.infolist() if not info.is_dir()]
    homes = {PurePosixPath(info.filename).parent for info in infos if PurePosixPath(info.filename).name == MANIFEST}
    if len(homes) > 1:
        raise SourceError(f"{path} holds several packages; a zip should hold the files of one, at its root")
    ours = [info for info in infos if PurePosixPath(info.filename).parent in homes]
    names = Counter(PurePosixPath(info.filename).name for info in ours)
    if twice := sorted(name for name, times in names.items() if times > 1):
        raise SourceError(f"{path} holds {', '.join(twice)} twice; deliver the export again in a new zip")
    return _within_bounds(path, {PurePosixPath(i.filename).name: _in_archive(path, archive, i) for i in ours})


def _in_archive(path: Path, archive: ZipFile, info: ZipInfo) -> PackageFile:
    if info.flag_bits & _ENCRYPTED:
        raise SourceError(f"{path} is encrypted; have it delivered without a password")
    if info.compress_type not in (ZIP_STORED, ZIP_DEFLATED):
        raise SourceError(f"{path} is packed in a way that OneRoster does not have; pack it with DEFLATE")
    return PackageFile(info.file_size, lambda: archive.open(info), info.date_time)  # type: ignore[return-value, arg-type]  # IO[bytes] is what zipfile calls a BinaryIO


def _within_bounds(path: Path, files: Mapping[str, PackageFile]) -> Mapping[str, PackageFile]:
    if (size := sum(file.size for file in files.values())) > MAX_BYTES:
        raise SourceError(f"{path} is {size:,} bytes when unpacked; at most {MAX_BYTES:,} are read")
    return files


def newest(moments: Iterable[tuple[int, ...]]) -> datetime | None:
    """The newest of the moments that a zip holds, which are local time and may be no time at all."""
    newest = max(moments)
    try:
        return None if newest == _NO_MOMENT else datetime(*newest[:6], tzinfo=ZONE)  # type: ignore[arg-type, misc]  # six numbers
    except ValueError:
        return None
