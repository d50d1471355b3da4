"""The records of one file, and what changes make of them: whatever is named in it is also there."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import replace

from provision.core.managed import Managed
from provision.core.outcome import Result, Status
from provision.core.plan import Change, Create, Delete, Disable, Rekey, Update, Withdraw
from provision.core.references import references, relinked
from provision.core.state import Key, Kind, Record, State, same
from provision.errors import ChangeRejected, ChangeStale

# The record as it reads back; ChangeRejected for what the file cannot hold.
AsWritten = Callable[[Record], Record]

_GONE = "the record is gone since it was read"
_CHANGED = "somebody changed the record since it was read"
_TAKEN = "another record has this id already"
_NAME_TAKEN = "another account in the file has this username"
_NOBODY_ELSE = "nobody else keeps anything in this file, so there is nothing to take over"


class _NotYet(ChangeRejected):
    """Another change of the same run may make this one possible."""


def carry_out(
    changes: Sequence[Change], held: State, managed: Managed, as_written: AsWritten
) -> tuple[list[Result], State]:
    """What becomes of each change, and the records afterwards."""
    holding = _Holding(held, managed, changes, as_written)
    results: dict[int, Result] = {}
    waiting = dict(enumerate(changes))
    while waiting:
        later = {}
        for place, change in waiting.items():
            try:
                holding.take(change)
            except _NotYet as error:
                later[place] = change
                results[place] = Result(change, Status.REJECTED, str(error))
            except ChangeRejected as error:
                results[place] = Result(change, Status.REJECTED, str(error))
            except ChangeStale as error:
                results[place] = Result(change, Status.STALE, str(error))
            else:
                results[place] = Result(change, Status.DONE)
        waiting = later if len(later) < len(waiting) else {}
    holding.leave_out_who_never_came()
    return [holding.told(results[place]) for place in range(len(changes))], holding.records


class _Holding:
    """`records` have all their columns, in the form in which they read back."""

    def __init__(self, held: State, managed: Managed, changes: Sequence[Change], as_written: AsWritten) -> None:
        self.records = dict(held)
        self._managed = managed
        self._as_written = as_written
        self._coming = {change.key for change in changes if isinstance(change, Create | Rekey)}
        self._leaving = {_leaves(change) for change in changes} - {None}
        self._named_by: defaultdict[Key, set[Key]] = defaultdict(set)  # by key that leaves; some may do so no more
        self._new_ids: dict[Key, Key] = {}
        self._written: set[Key] = set()
        self._names = {_username(record): key for key, record in held.items() if key.kind is Kind.ACCOUNT}
        if self._leaving:
            for record in held.values():
                self._note(record)

    def take(self, change: Change) -> None:
        """Makes the change true. Raises ChangeStale when the record is not as the change assumes.

        Raises ChangeRejected when it can never be, _NotYet when another change must come first.
        """
        match change:
            case Create(after):
                self._put(self._wanted(after))
            case Update(before, after):
                self._change(before, after)
            case Disable(before, after):
                self._change(before, after)
                for name in self._naming(change.key):
                    if name.kind is Kind.GROUP:
                        self._put(relinked(self.records[name], {}, {change.key}))
            case Delete(before) if change.key in self.records:
                self._require_still(before)
                self._remove(change.key)
            case Withdraw() if change.key in self.records:
                self._remove(change.key)
            case Rekey():
                self._rekey(change)
            case _:
                pass

    def leave_out_who_never_came(self) -> None:
        """A record may name an account that is made later; one that was refused is named by nobody."""
        for key in self._written & self.records.keys():
            record = self.records[key]
            if missing := {named for named in references(record) if named not in self.records}:
                self.records[key] = relinked(record, {}, missing)

    def told(self, result: Result) -> Result:
        """The result, which says so where it left out who has no account."""
        if result.status is not Status.DONE or not isinstance(result.change, Create | Update):
            return result
        missing = sum(key.kind is Kind.ACCOUNT and key not in self.records for key in references(result.change.after))
        if not missing:
            return result
        return Result(result.change, Status.DONE, f"written without {missing} who have no account here")

    def _change(self, before: Record, after: Record) -> None:
        if after.key not in self.records:
            raise ChangeStale(_GONE)
        wanted = self._wanted(after)
        if wanted != self.records[after.key]:
            self._require_still(before)
            self._put(wanted)

    def _wanted(self, after: Record) -> Record:
        """The record to be held. Raises ChangeRejected where it names what is not there, people left out."""
        wanted = self._as_written(self._managed.merged(self.records.get(after.key), after))
        if self._owner_of(_username(wanted)) not in (None, after.key):
            raise _NotYet(_NAME_TAKEN)
        missing = {key for key in references(wanted) if key not in self.records}
        for key in missing:
            if key.kind is not Kind.ACCOUNT:
                why = _NotYet if key in self._coming else ChangeRejected
                raise why(f"it refers to {key}, which is not in the file")
        return relinked(wanted, {}, missing - self._coming)

    def _owner_of(self, username: str) -> Key | None:
        """Who has the username now; nobody has that of orgs and classes."""
        owner = self._names.get(username) if username else None
        held = self.records.get(owner) if owner else None
        return owner if held and _username(held) == username else None

    def _require_still(self, before: Record) -> None:
        """Raises ChangeStale, unless the record is as it was read but for those who left or were renamed since."""
        named = {key for key in references(before) if key.kind is Kind.ACCOUNT}
        gone = {key for key in named if self._new_ids.get(key, key) not in self.records}
        if not same(self._managed.part(self.records[before.key]), relinked(before, self._new_ids, gone)):
            raise ChangeStale(_CHANGED)

    def _remove(self, key: Key) -> None:
        naming = self._naming(key)
        if naming and key.kind is not Kind.ACCOUNT:
            raise _NotYet(f"{min(naming)} still refers to it")
        del self.records[key]
        for name in naming:
            self._put(relinked(self.records[name], {}, {key}))

    def _rekey(self, change: Rekey) -> None:
        old, new = change.previous, change.key
        if old is None:
            raise ChangeRejected(_NOBODY_ELSE)
        if old not in self.records:
            if new in self.records:
                return
            raise ChangeStale(_GONE)
        if new in self.records:
            raise ChangeRejected(_TAKEN)
        record = self._as_written(replace(self.records[old], key=new))
        naming = self._naming(old)
        del self.records[old]
        self._new_ids[old] = new
        self._put(record)
        for name in naming:
            self._put(relinked(self.records[name], {old: new}))

    def _put(self, record: Record) -> None:
        self._names[_username(record)] = record.key
        self.records[record.key] = record
        self._written.add(record.key)
        self._note(record)

    def _note(self, record: Record) -> None:
        for key in references(record):
            if key in self._leaving:
                self._named_by[key].add(record.key)

    def _naming(self, key: Key) -> list[Key]:
        """The other records that name this one."""
        found = (name for name in self._named_by[key] if name != key and name in self.records)
        return sorted(name for name in found if key in references(self.records[name]))


def _username(record: Record) -> str:
    return str(record.fields.get("username", "")).lower()


def _leaves(change: Change) -> Key | None:
    match change:
        case Disable() | Withdraw() | Delete():
            return change.key
        case Rekey():
            return change.previous
        case _:
            return None
