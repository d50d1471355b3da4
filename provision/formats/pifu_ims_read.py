"""Streams a PIFU-IMS document from a file: whole and well-formed to its last byte, or SourceError."""

import itertools
import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

from lxml import etree
from lxml.etree import _Element

from provision.errors import ConfigurationError, SourceError
from provision.formats.pifu_ims import NAMESPACES, ROOT
from provision.formats.pifu_ims_fields import NAMES, line_of, text_of
from provision.formats.pifu_ims_groups import Group, group
from provision.formats.pifu_ims_people import Person, person
from provision.formats.pifu_ims_roles import Membership, is_member, membership

Progress = Callable[[int, int], None]

_CHUNK: Final = 1 << 18
_FIRST_ELEMENT: Final = re.compile(rb"<[A-Za-z_]")
_ENCODING_ERRORS: Final = frozenset(
    {
        etree.ErrorTypes.ERR_INVALID_ENCODING,
        etree.ErrorTypes.ERR_UNKNOWN_ENCODING,
        etree.ErrorTypes.ERR_UNSUPPORTED_ENCODING,
        etree.ErrorTypes.ERR_MISSING_ENCODING,
        etree.ErrorTypes.I18N_CONV_FAILED,
    }
)


@dataclass(frozen=True, slots=True)
class Properties:
    """What the file says of itself: `type` is full, delta or event; `moment` is its datetime as it stands."""

    type: str
    moment: str
    line: int


Piece = Properties | Person | Group | Membership


def read(path: Path, *, encoding: str | None = None, progress: Progress | None = None) -> Iterator[Piece]:
    """Every piece of the document, in its order, with memory for one at a time.

    The encoding is the one that the file declares, unless the caller knows better. The caller may believe what it
    got only once the iterator has ended: that is when the document is known to be whole. Raises SourceError for a
    missing, empty, cut, changing or malformed file, for a DOCTYPE, and for a document that is not PIFU-IMS;
    ConfigurationError for an `encoding` that nobody knows.
    """
    try:
        with path.open("rb") as stream:
            before = _stamp(stream)
            changing = SourceError(f"{path} is still being written; read it when the export has ended")
            try:
                yield from _pieces(path, stream, before[0], encoding, progress)
            except SourceError as error:
                raise (error if _stamp(stream) == before else changing) from None
            if _stamp(stream) != before:
                raise changing
    except FileNotFoundError:
        raise SourceError(f"{path} does not exist; the export of the SIS belongs there") from None
    except OSError as error:
        raise SourceError(f"{path} cannot be read: {error.strerror}") from error


def _stamp(stream: BinaryIO) -> tuple[int, int]:
    status = os.fstat(stream.fileno())
    return status.st_size, status.st_mtime_ns


def _pieces(
    path: Path, stream: BinaryIO, size: int, encoding: str | None, progress: Progress | None
) -> Iterator[Piece]:
    chunk = stream.read(_CHUNK)
    if not chunk.strip():
        raise SourceError(f"{path} is empty; it should hold a PIFU-IMS document")
    _check_start(path, chunk, encoding)
    parser = _parser(f"{{*}}{ROOT}", encoding)
    root: _Element | None = None
    count = 0
    try:
        while chunk:
            parser.feed(chunk)
            root = _root(parser) if root is None else root
            if root is not None:
                yield from _closed(root)
            count += len(chunk)
            if progress is not None:
                progress(count, size)
            chunk = stream.read(_CHUNK)
    except etree.XMLSyntaxError as error:
        raise _syntax_error(path, error) from None
    try:
        parser.close()
    except etree.XMLSyntaxError as error:
        raise _syntax_error(path, error) from None
    if root is not None:
        for element in root:
            yield from _pieces_of(element)


def _closed(root: _Element) -> Iterator[Piece]:
    """What has been read whole so far, which is all but the last element; that then leaves the tree."""
    for element in list(root)[:-1]:
        yield from _pieces_of(element)
    del root[:-1]
    if len(root) and NAMES[root[0].tag] == "membership" and len(root[0]):
        still_open = root[0]
        yield membership(still_open, until=still_open[-1])
        before = sum(1 for _ in itertools.takewhile(lambda each: not is_member(each), still_open))
        del still_open[before:-1]


def _pieces_of(element: _Element) -> Iterator[Piece]:
    match NAMES[element.tag]:
        case "membership":
            yield membership(element)
        case "person":
            yield person(element)
        case "group":
            yield group(element)
        case "properties":
            yield _properties(element)


def _parser(tag: str | None, encoding: str | None) -> etree.XMLPullParser:
    """A parser that reports the start of elements of that tag; it reads no DTD, no entity and no other file."""
    return etree.XMLPullParser(
        events=("start",),
        tag=tag,
        encoding=encoding,
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
        remove_blank_text=True,
        collect_ids=False,
    )


def _root(parser: etree.XMLPullParser) -> _Element | None:
    for _, element in parser.read_events():
        if isinstance(element, _Element):
            return element
    return None


def _check_start(path: Path, chunk: bytes, encoding: str | None) -> None:
    """Refuses a DOCTYPE before anything parses it, and anything whose root is not PIFU's."""
    plain = chunk.replace(b"\0", b"")
    first = _FIRST_ELEMENT.search(plain)
    if b"<!DOCTYPE" in (plain[: first.start()] if first else plain):
        raise SourceError(f"{path}: holds a DOCTYPE; a PIFU-IMS document has none and we read none")
    try:
        parser = _parser(None, encoding)
    except LookupError:
        right = "write one such as ISO-8859-1, or leave it out"
        raise ConfigurationError([f"the encoding {encoding!r} of the source is not known; {right}"]) from None
    try:
        parser.feed(chunk)
    except etree.XMLSyntaxError as error:
        raise _syntax_error(path, error) from None
    root = _root(parser)
    if root is None:
        raise SourceError(f"{path}: no root element; it should be <{ROOT}> of PIFU-IMS")
    if root.getroottree().docinfo.internalDTD is not None:
        raise SourceError(f"{path}: holds a DOCTYPE; a PIFU-IMS document has none and we read none")
    namespace = root.tag.rpartition("}")[0].lstrip("{")
    if NAMES[root.tag] != ROOT or namespace not in NAMESPACES:
        raise SourceError(
            f"{path}, line {line_of(root)}: the root element is not <{ROOT}> of PIFU-IMS 1.3 or 1.1; "
            f"it should be in the namespace {' or '.join(NAMESPACES)}"
        )


def _properties(element: _Element) -> Properties:
    kind = moment = ""
    for child in element:
        if NAMES[child.tag] == "type":
            kind = text_of(child)
        elif NAMES[child.tag] == "datetime":
            moment = text_of(child)
    return Properties(kind, moment, line_of(element))


def _syntax_error(path: Path, error: etree.XMLSyntaxError) -> SourceError:
    """Says where and what, in our own words: the parser's would quote the file."""
    where = f"{path}, line {error.lineno}" if error.lineno else f"{path}"
    code = getattr(error, "code", 0)
    if code in _ENCODING_ERRORS:
        right = "declare the encoding in the first line, or export as UTF-8"
        return SourceError(f"{where}: letters that are not of the file's encoding; {right}")
    if code == etree.ErrorTypes.ERR_INVALID_CHAR:
        return SourceError(f"{where}: a character that XML does not allow, or a cut one; export it again as UTF-8")
    return SourceError(f"{where}: the document is cut or not well-formed XML; export it again")
