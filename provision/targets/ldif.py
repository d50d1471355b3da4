"""A directory kept in one LDIF file, with the change records of the latest run beside it."""

from codecs import StreamWriter, getwriter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, Final

from provision.core.dn import is_under, normal
from provision.core.outcome import Result, Status
from provision.core.plan import Change, Create, Rekey, Withdraw
from provision.core.ports import Passwords
from provision.core.state import Actual, Fingerprint, Key, Kind, Record, Stranger, fingerprint, values
from provision.errors import ChangeRejected, ChangeStale, TargetUnavailable
from provision.files import Stamp, replace_file, stamp
from provision.formats import operations as ops
from provision.formats.entry import (
    Attributes,
    Layout,
    Standing,
    carries,
    entry_key,
    standing,
    to_record,
    to_stranger,
    usernames,
)
from provision.formats.ldif import LdifError, read_entries, write_changes, write_entries
from provision.formats.steps import SEVERAL, EntryChange, Found, entry_to_rekey, step, withdrawal

_NOT_A_LEAF: Final = "the entry has others below it"


class LdifTarget:
    """Satisfies Target. `secret` is that of the fingerprints that `read` is given."""

    atomic: Final = True
    ours_alone: Final = False

    def __init__(self, name: str, path: Path, layout: Layout, passwords: Passwords | None, secret: bytes = b"") -> None:
        self.name = name
        self._path = path
        self._layout = layout
        self._passwords = passwords
        self._secret = secret
        self._done: list[ops.Operation] = []
        self._stamp: Stamp = None  # of the file that changes are made to

    def entries(self, attributes: frozenset[str]) -> Iterator[Standing]:  # noqa: ARG002  all of them are at hand
        """Every entry of the file, whosoever it is, with these attributes at least; for looking at only."""
        return (standing(dn, held, self._layout) for dn, held in self._entries())

    def names(self) -> Mapping[str, Key | None]:
        """Every username in the file; a name that is also ours counts as ours."""
        names: dict[str, Key | None] = {}
        for _, attributes in self._entries():
            found = entry_key(attributes, self._layout)
            for name in usernames(attributes):
                names[name] = (found and found[0]) or names.get(name)
        return names

    def read(self, expected: Mapping[Key, Fingerprint]) -> Actual:
        """Of two entries with one id the first in the file counts; `apply` writes to neither, save to withdraw both."""
        seen: set[Key] = set()
        ambiguous: dict[Key, str] = {}
        unchanged: set[Key] = set()
        records: dict[Key, Record] = {}
        for record in self._records():
            key = record.key
            if key in seen:
                ambiguous[key] = SEVERAL
                continue
            seen.add(key)
            if key in expected and fingerprint(record, self._secret) == expected[key]:
                unchanged.add(key)
            else:
                records[key] = record
        return Actual(unchanged, records, ambiguous)

    def strangers(self) -> Sequence[Stranger]:
        """The file's people and orgs that carry no id of ours, in its order."""
        found = (to_stranger(dn, attributes, self._layout) for dn, attributes in self._entries())
        return [stranger for stranger in found if stranger is not None]

    def apply(self, changes: Iterable[Change]) -> Iterator[Result]:
        """Takes every change, writes the file once, and only then says what became of them."""
        tree = self._tree()
        results: list[Result] = []
        done: list[ops.Operation] = []
        for change in changes:
            try:
                for operation in _needed(change, tree, self._passwords):
                    tree.take(operation)
                    done.append(operation)
            except ChangeRejected as error:
                results.append(Result(change, Status.REJECTED, str(error)))
            except ChangeStale as error:
                results.append(Result(change, Status.STALE, str(error)))
            else:
                results.append(Result(change, Status.DONE))
        self._write(tree, done)
        yield from results

    def _tree(self) -> "_Tree":
        tree = _Tree(self._layout)
        self._stamp = self._stamp_now()
        for number, (dn, attributes) in enumerate(self._entries(), 1):
            if normal(dn) in tree.entries:
                raise TargetUnavailable(f"{self._path}: entry {number} has the DN of an earlier one; keep one of them")
            tree.take(ops.Add(dn, attributes))
        return tree

    def _records(self) -> Iterator[Record]:
        """Every record of ours. Those that refer to an entry further down come last, when it is known."""
        keys_by_dn: dict[str, Key] = {}
        waiting: list[tuple[str, Attributes]] = []
        references = frozenset[str]().union(*(shape.dn_fields for shape in self._layout.shapes))
        for dn, attributes in self._entries():
            record = to_record(dn, attributes, self._layout, keys_by_dn)
            if record is None:
                continue
            if record.key.kind is Kind.ORG:
                keys_by_dn[normal(dn)] = record.key
            if any(isinstance(v, str) for name in references for v in values(record.fields.get(name))):
                waiting.append((dn, attributes))
            else:
                yield record
        for dn, attributes in waiting:
            if record := to_record(dn, attributes, self._layout, keys_by_dn):
                yield record

    def _entries(self) -> Iterator[tuple[str, Attributes]]:
        """The file's entries; none where there is no file."""
        try:
            with self._path.open(encoding="utf-8", errors="surrogateescape") as fh:
                yield from read_entries(fh)
        except FileNotFoundError:
            return
        except LdifError as error:
            raise TargetUnavailable(f"{self._path}, {error}") from None
        except OSError as error:
            raise TargetUnavailable(f"{self._path} cannot be read: {error.strerror}") from error

    def _stamp_now(self) -> Stamp:
        try:
            return stamp(self._path)
        except OSError as error:
            raise TargetUnavailable(f"{self._path} cannot be read: {error.strerror}") from error

    def _write(self, tree: "_Tree", done: list[ops.Operation]) -> None:
        """The new directory if it changed, then the change records of this run so far."""
        try:
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            if done and self._stamp_now() != self._stamp:
                raise TargetUnavailable(f"{self._path} was changed by somebody else meanwhile; the next run reads it")
            if done:
                replace_file(self._path, _as_text(lambda fh: write_entries(fh, tree.entries.values())))
            self._done += done
            comment = f"{len(self._done)} changes to {self._path.name} by the latest run"
            changes = self._path.with_suffix(".changes.ldif")
            replace_file(changes, _as_text(lambda fh: write_changes(fh, self._done, comment)))
        except OSError as error:
            raise TargetUnavailable(f"{self._path} cannot be written: {error.strerror}") from error


@dataclass(slots=True)
class _Tree:
    """The directory in memory, by normal DN, and where our records are in it."""

    layout: Layout
    entries: dict[str, tuple[str, Attributes]] = field(default_factory=dict)
    dns: dict[Key, str] = field(default_factory=dict)
    keys_by_dn: dict[str, Key] = field(default_factory=dict)
    doubles: set[Key] = field(default_factory=set)

    def take(self, operation: ops.Operation) -> None:
        name = normal(operation.dn)
        if (old := self.keys_by_dn.pop(name, None)) is not None:
            del self.dns[old]
        match operation:
            case ops.Add(dn, attributes):
                self._put(name, dn, attributes)
            case ops.Modify(dn, mods):
                self._put(name, dn, ops.modified(self.entries[name][1], mods))
            case ops.Remove():
                del self.entries[name]

    def _put(self, name: str, dn: str, attributes: Attributes) -> None:
        self.entries[name] = dn, attributes
        if found := entry_key(attributes, self.layout):
            key = found[0]
            if key in self.dns:
                self.doubles.add(key)
            else:
                self.dns[key], self.keys_by_dn[name] = dn, key

    def is_parent(self, dn: str) -> bool:
        name = normal(dn)
        return any(each.endswith(name) and each != name and is_under(each, name) for each in self.entries)

    def find(self, key: Key) -> Found | None:
        """The entry that carries this id. Raises ChangeRejected when several do."""
        if key in self.doubles:
            raise ChangeRejected(SEVERAL)
        return self.at(self.dns[key]) if key in self.dns else None

    def carrying(self, key: Key) -> list[str]:
        """The DN of every entry that carries this id."""
        return [dn for dn, attributes in self.entries.values() if carries(attributes, key, self.layout)]

    def at(self, dn: str) -> Found | None:
        """The entry with this DN, whosoever it is."""
        if normal(dn) not in self.entries:
            return None
        spelled, attributes = self.entries[normal(dn)]
        return Found(spelled, to_record(spelled, attributes, self.layout, self.keys_by_dn), attributes=attributes)


def _needed(change: Change, tree: _Tree, passwords: Passwords | None) -> Iterator[ops.Operation]:
    """The operations that carry the change out, none where it is done already; each is to be taken before the next.

    Raises ChangeRejected and ChangeStale.
    """
    if isinstance(change, Withdraw):
        yield from _withdrawn(change.key, tree)
        return
    found = _found(change, tree)
    hashed = ops.password_hash(change, passwords) if found is None else None
    match step(change, found, tree.layout, tree.dns, hashed):
        case None:
            return
        case ops.Add(dn) as entry:
            yield from _above(dn, tree)
            yield entry
        case ops.Remove(dn) if tree.is_parent(dn):
            raise ChangeRejected(_NOT_A_LEAF)
        case operation:
            yield operation


def _withdrawn(key: Key, tree: _Tree) -> Iterator[ops.Operation]:
    """Every entry that carries the id goes; one that cannot go keeps none of the others back."""
    stays = False
    for removal in withdrawal(tree.carrying(key)):
        if tree.is_parent(removal.dn):
            stays = True
        else:
            yield removal
    if stays:
        raise ChangeRejected(_NOT_A_LEAF)


def _found(change: EntryChange, tree: _Tree) -> Found | None:
    """The entry that the change is about. For a new record: the one that has its DN already."""
    found = tree.find(change.key)
    if isinstance(change, Create):
        return found or tree.at(ops.dn_of(change.after, tree.layout))
    if isinstance(change, Rekey):
        return entry_to_rekey(found, tree.find(change.previous) if change.previous else tree.at(change.handle))
    return found


def _above(dn: str, tree: _Tree) -> tuple[ops.Add, ...]:
    """The containers that a new entry still needs."""
    base = normal(tree.layout.base)
    if normal(dn) != base and base not in tree.entries:
        raise ChangeRejected(f"the base entry {tree.layout.base} does not exist")
    return ops.containers(dn, tree.layout, lambda each: normal(each) in tree.entries)


def _as_text(write: Callable[[StreamWriter], None]) -> Callable[[BinaryIO], None]:
    return lambda fh: write(getwriter("utf-8")(fh, "surrogateescape"))
