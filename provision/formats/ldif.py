"""LDIF (RFC 2849): a directory's entries and changes to them as text, streamed both ways.

Files are UTF-8 opened with `errors="surrogateescape"`, so that octets that are no text survive.
"""

import re
from base64 import b64decode, b64encode
from collections.abc import Iterable, Iterator
from typing import Final, Protocol

from provision.formats.entry import Attributes
from provision.formats.operations import Add, Modify, Operation, Remove

_WIDTH: Final = 76
_PLAIN: Final = re.compile(r"[!-9;=-~](?:[ -~]*[!-~])?")  # what needs no base64; narrower than the RFC's SAFE-STRING
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9.-]*(?:;[A-Za-z0-9-]+)*")
_CHANGE_WORDS: Final = frozenset({"changetype", "control"})


class Writer(Protocol):
    def write(self, text: str, /) -> object: ...


class LdifError(ValueError):
    """The text is not LDIF of entries. Says which line, never what it holds."""


def read_entries(lines: Iterable[str]) -> Iterator[tuple[str, Attributes]]:
    """Every entry's DN and attributes, in order. An attribute is spelled as where it came first.

    Raises LdifError at the first line that is not understood, also for change records and references to files.
    """
    dn: str | None = None
    held: dict[str, list[str]] = {}
    names = _Names()
    pool: dict[frozenset[str], frozenset[str]] = {}
    for number, line in _unfolded(lines):
        if not line:
            if dn is not None:
                yield dn, {name: _pooled(values, pool) for name, values in held.items()}
            dn, held = None, {}
        elif line[0] != "#":
            name, value = names.spelled(line, number)
            if dn is not None and name != "dn":
                held.setdefault(name, []).append(value)
            elif dn is None and name == "dn":
                dn = value
            elif (name, value) != ("version", "1"):
                raise LdifError(f"line {number}: an entry begins with one `dn:`, a file with `version: 1`")


def _pooled(values: list[str], pool: dict[frozenset[str], frozenset[str]]) -> frozenset[str]:
    """The values as a set, which entries share where they have several alike: object classes, a class's groups."""
    held = frozenset(values)
    return held if len(values) == 1 else pool.setdefault(held, held)


class _Names:
    """Attribute names by how they are written: each is judged once and brought to one spelling."""

    __slots__ = ("_known", "_spelling")

    def __init__(self) -> None:
        self._known: dict[str, str] = {}
        self._spelling: dict[str, str] = {"dn": "dn", "version": "version"}

    def spelled(self, line: str, number: int) -> tuple[str, str]:
        """The line's attribute and value."""
        written, colon, rest = line.partition(":")
        if not colon:
            raise LdifError(f"line {number}: no colon after an attribute name")
        name = self._known.get(written) or self._learn(written, number)
        if rest[:1] == ":":
            return name, _decoded(rest[1:], number)
        if rest[:1] == "<":
            raise LdifError(f"line {number}: a value kept in another file; write the value itself")
        return name, rest.lstrip(" ")

    def _learn(self, written: str, number: int) -> str:
        if not _NAME.fullmatch(written):
            raise LdifError(f"line {number}: not an attribute name before the colon")
        if written.lower() in _CHANGE_WORDS:
            raise LdifError(f"line {number}: a change record; this file should hold entries")
        self._known[written] = name = self._spelling.setdefault(written.lower(), written)
        return name


def _decoded(text: str, number: int) -> str:
    try:
        return b64decode(text.strip(" "), validate=True).decode("utf-8", "surrogateescape")
    except ValueError:
        raise LdifError(f"line {number}: the value after `::` is not base64") from None


def _unfolded(lines: Iterable[str]) -> Iterator[tuple[int, str]]:
    """Whole lines with the number of their first part, and an empty one at the end."""
    begin, pending = 0, ""
    for number, raw in enumerate(lines, 1):
        line = raw.rstrip("\r\n")
        if line[:1] == " ":
            if not pending:
                raise LdifError(f"line {number}: it continues a line, but there is none before it")
            pending += line[1:]
            continue
        if begin:
            yield begin, pending
        begin, pending = number, (line.removeprefix("\ufeff") if number == 1 else line)
    if begin:
        yield begin, pending
    yield begin + 1, ""


def write_entries(fh: Writer, entries: Iterable[tuple[str, Attributes]]) -> None:
    """Writes the entries in their order; the same entries always give the same text."""
    fh.write("version: 1\n")
    for dn, attributes in entries:
        fh.write("\n" + _line("dn", dn) + _attribute_lines(attributes))


def write_changes(fh: Writer, operations: Iterable[Operation], comment: str = "") -> None:
    """Writes change records that `ldapmodify` carries out, in their order."""
    fh.write(f"# {comment}\nversion: 1\n" if comment else "version: 1\n")
    for operation in operations:
        fh.write("\n" + _line("dn", operation.dn) + _change_lines(operation))


def _change_lines(operation: Operation) -> str:
    match operation:
        case Add(_, attributes):
            return "changetype: add\n" + _attribute_lines(attributes)
        case Modify(_, mods):
            parts = (f"{mod.op}: {mod.attribute}\n{_value_lines(mod.attribute, mod.values)}-\n" for mod in mods)
            return "changetype: modify\n" + "".join(parts)
        case Remove():
            return "changetype: delete\n"


def _attribute_lines(attributes: Attributes) -> str:
    return "".join([_value_lines(name, values) for name, values in attributes.items()])


def _value_lines(name: str, values: frozenset[str]) -> str:
    return "".join([_line(name, value) for value in sorted(values)])


def _line(name: str, value: str) -> str:
    if _PLAIN.fullmatch(value):
        line = f"{name}: {value}"
    elif not value:
        line = f"{name}:"
    else:
        line = f"{name}:: {b64encode(value.encode('utf-8', 'surrogateescape')).decode()}"
    if len(line) <= _WIDTH:
        return line + "\n"
    rest = (line[at : at + _WIDTH - 1] for at in range(_WIDTH, len(line), _WIDTH - 1))
    return "\n ".join([line[:_WIDTH], *rest]) + "\n"
