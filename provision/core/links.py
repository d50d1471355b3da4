"""What ties an account to others: its place in groups, its guardians. None is cut because somebody was not seen."""

from collections.abc import Container, Iterable, Iterator, Mapping, Set
from dataclasses import dataclass, field, replace

from provision.core.absence import as_guardian
from provision.core.compare import accounts, joined
from provision.core.desired import Desired
from provision.core.history import Sighting
from provision.core.roster import Roster
from provision.core.state import Actual, Key, Kind, Record, Value, values


@dataclass(frozen=True, slots=True)
class Links:
    """What decides about links. `renamed` are accounts that are about to change their id, the new one by the old."""

    roster: Roster
    desired: Desired
    actual: Actual
    renamed: Mapping[Key, Key]
    sightings: Mapping[Key, Sighting]
    nights: int
    placed: Set[str] = field(default_factory=frozenset)

    def to_those_there(self, wanted: Record, held: Container[Key]) -> Record:
        """The wanted record without links to accounts that are not there and will not be, since they are held."""
        if not has_links(wanted):
            return wanted
        coming = self.desired.records
        missing = {k for k in linked(wanted) if not self._is_there(k) and (k in held or k not in coming)}
        return self._changed(wanted, {}, missing) if missing else wanted

    def as_it_will_be(self, before: Record) -> Record:
        """The record once withdrawals and new ids, which come first, have been carried out."""
        if not has_links(before):
            return before
        keys = linked(before)
        gone = keys & self.desired.withheld
        renamed = {old: self.renamed[old] for old in keys if old in self.renamed}
        return self._changed(before, renamed, gone) if gone or renamed else before

    def spared(self, before: Record, after: Record) -> Record:
        """The record after, with the links that nobody has shown to be over, and without those that are refused."""
        if not has_links(before):
            return after
        members = joined({m for m in before.members if self._stays_member(m.account)}, after.members)
        refused = self.desired.refused.get(before.key, frozenset())
        fields: dict[str, Value] = dict(after.fields)
        for name, value in before.fields.items():
            kept = {key for key in accounts(value) if self._stays_guardian(key)}
            wanted = (values(after.fields.get(name)) | kept) - refused
            if accounts(value) and wanted:
                fields[name] = wanted
            elif accounts(value):
                fields.pop(name, None)
        return replace(after, members=members, fields=fields)

    def _is_there(self, account: Key) -> bool:
        return account in self.actual.unchanged or account in self.actual.records

    def _is_active(self, account: Key) -> bool:
        record = self.actual.records.get(account)
        return record.active if record is not None else account in self.actual.unchanged

    def _stays_member(self, account: Key) -> bool:
        """Whoever was not seen tonight, or not clearly, stays in their groups as long as their account is in use."""
        unclear = account.sourced_id not in self.placed or account.sourced_id in self.roster.doubtful
        return unclear and self._is_active(account)

    def _stays_guardian(self, account: Key) -> bool:
        """A guardian who is in the SIS, and whose child's row does not name them, is no longer told of."""
        if not self._is_active(account):
            return False
        if account.sourced_id in self.roster.doubtful:
            return True
        sighting = self.sightings.get(as_guardian(account.sourced_id))
        missing = account.sourced_id not in self.roster.users
        return missing and (sighting is None or sighting.nights < self.nights)

    @staticmethod
    def _changed(record: Record, renamed: Mapping[Key, Key], gone: Set[Key]) -> Record:
        members = frozenset(
            m._replace(account=renamed.get(m.account, m.account)) for m in record.members if m.account not in gone
        )
        fields: dict[str, Value] = dict(record.fields)
        for name, value in record.fields.items():
            if touched := accounts(value) & (renamed.keys() | gone):
                left = (values(value) - touched) | {
                    renamed[key] for key in touched if key in renamed and key not in gone
                }
                if left:
                    fields[name] = left
                else:
                    del fields[name]
        return replace(record, members=members, fields=fields)


def linked(record: Record) -> frozenset[Key]:
    """The accounts that a record refers to, as members or in its fields."""
    found = {member.account for member in record.members}
    return frozenset(found.union(*(accounts(value) for value in record.fields.values())))


def has_links(record: Record) -> bool:
    return record.key.kind is Kind.GROUP or any(not isinstance(v, str) and accounts(v) for v in record.fields.values())


def without_referred(leaving: Iterable[Record], staying: Iterable[Record]) -> Iterator[Record]:
    """Of those that nobody wants, the records to which nothing that stays refers; what refers to others comes first."""
    rest = sorted(leaving, key=lambda record: (not _refers(record), record.key))
    needed = {key for record in staying for key in _refers(record)}
    for record in rest:
        if record.key in needed:
            needed |= _refers(record)
        else:
            yield record


def _refers(record: Record) -> frozenset[Key]:
    """The sessions and courses that a record names."""
    keys = (v for value in record.fields.values() if not isinstance(value, str) for v in values(value))
    return frozenset(key for key in keys if isinstance(key, Key) and key.kind in (Kind.SESSION, Kind.COURSE))
