"""What ties an account to others: its place in groups, its guardians. None is cut because somebody was not seen."""

from collections import defaultdict
from collections.abc import Container, Iterable, Iterator, Mapping, Set
from dataclasses import dataclass, field, replace

from provision.core.compare import accounts, is_guardian_only, joined, orgs_of
from provision.core.desired import Desired
from provision.core.guardians import is_of_age
from provision.core.history import Sighting
from provision.core.references import has_links, linked, references, relinked
from provision.core.roster import Roster
from provision.core.sightings import as_guardian
from provision.core.state import Actual, Key, Kind, Record, Value, values
from provision.core.traits import Traits


@dataclass(slots=True)
class Links:
    """What decides about links. `renamed` are accounts that are about to change their id, the new one by the old;
    `hidden`, by guardian, the schools of withheld children; `lonely` the guardians of no other child.
    """

    roster: Roster
    desired: Desired
    actual: Actual
    renamed: Mapping[Key, Key]
    sightings: Mapping[Key, Sighting]
    nights: int
    traits: Traits
    placed: Set[str] = field(default_factory=frozenset)
    hidden: Mapping[Key, frozenset[Key]] = field(init=False)
    lonely: frozenset[Key] = field(init=False)

    def __post_init__(self) -> None:
        self.hidden, self.lonely = self._told_of_withheld()

    def _told_of_withheld(self) -> tuple[dict[Key, frozenset[Key]], frozenset[Key]]:
        """Guardians who give away the school of a withheld child, with that school; and those of no other child."""
        schools: defaultdict[Key, set[Key]] = defaultdict(set)
        for key in self.desired.withheld & self.actual.records.keys():
            record = self.actual.records[key]
            for guardian in linked(record):
                schools[guardian] |= {Key(Kind.ORG, org) for org in orgs_of(record, self.roster)}
        others: defaultdict[Key, set[Key]] = defaultdict(set)
        for records in (self.actual.records, self.desired.records) if schools else ():
            for key, record in records.items():
                if key.kind is Kind.ACCOUNT and key not in self.desired.withheld:
                    for guardian in linked(record) & schools.keys():
                        others[guardian] |= {Key(Kind.ORG, org) for org in orgs_of(record, self.roster)}
        hidden = {guardian: frozenset(each - others[guardian]) for guardian, each in schools.items()}
        lonely = {g for g in schools if not others[g] and g not in self.desired.records and self._is_only_kin(g)}
        return hidden, frozenset(lonely)

    def _is_only_kin(self, account: Key) -> bool:
        """Whether somebody has an account for being a guardian alone: whoever works here may be missing for a night."""
        record = self.actual.records.get(account)
        used = record is not None and is_guardian_only(record, self.traits)
        return used and account.sourced_id not in self.placed and account not in self.desired.blocked

    def to_those_there(self, wanted: Record, held: Container[Key]) -> Record:
        """The wanted record without links to accounts that are not there and will not be, since they are held."""
        if not has_links(wanted):
            return wanted
        coming = self.desired.records
        missing = {k for k in linked(wanted) if not self._is_there(k) and (k in held or k not in coming)}
        return relinked(wanted, {}, missing) if missing else wanted

    def once_withdrawn(self, record: Record) -> Record:
        """The record once those who may not be told of, which come first, have been taken out."""
        gone = linked(record) & (self.desired.withheld | self.lonely) if has_links(record) else frozenset()
        if record.key.kind is Kind.GROUP:  # who is locked out leaves the classes, and is still somebody's guardian
            gone |= linked(record) & self.desired.blocked
        return relinked(record, {}, gone) if gone else record

    def stripped(self, record: Record) -> Record:
        """The same without what somebody has said that may not be told, whatever else is in doubt or held."""
        left = self.once_withdrawn(record)
        if refused := self.refused(left):
            left = relinked(left, {}, refused)
        if hidden := self.hidden.get(record.key):
            schools = {name: values(left.fields[name]) - hidden for name in self.traits.kin & left.fields.keys()}
            fields = {name: value for name, value in {**left.fields, **schools}.items() if value}
            left = replace(left, fields=fields)
        return left

    def as_it_will_be(self, record: Record) -> Record:
        """The record as it is when its own change comes: withdrawn, stripped, and with the new ids of others."""
        left = self.stripped(record)
        renamed = {old: self.renamed[old] for old in linked(left) if old in self.renamed} if has_links(left) else {}
        return relinked(left, renamed) if renamed else left

    def refused(self, record: Record) -> frozenset[Key]:
        """Of the guardians that a pupil's record names, those who may not be told of."""
        if record.key.kind is not Kind.ACCOUNT or not has_links(record):
            return frozenset()
        pupil = record.key.sourced_id
        named = linked(record)
        if is_of_age(self.roster.id_changes.get(pupil, pupil), self.roster):
            return named
        return frozenset(key for key in named if (pupil, key.sourced_id) in self.roster.refused)

    def spared(self, before: Record, after: Record) -> Record:
        """The record after, with the links that nobody has shown to be over."""
        if not has_links(before):
            return after
        members = joined({m for m in before.members if self._stays_member(m.account)}, after.members)
        fields: dict[str, Value] = dict(after.fields)
        for name, value in before.fields.items():
            if kept := {key for key in accounts(value) if self._stays_guardian(before.key, key)}:
                fields[name] = values(after.fields.get(name)) | kept
        return replace(after, members=members, fields=fields)

    def _is_there(self, account: Key) -> bool:
        return account in self.actual.unchanged or account in self.actual.records

    def _stays_member(self, account: Key) -> bool:
        """Whoever was not seen tonight or not clearly, or whom the site keeps, stays in their groups while in use."""
        may_stay = account.sourced_id in self.roster.doubtful or account.sourced_id in self.roster.stays
        if account.sourced_id in self.placed and not may_stay:
            return False
        record = self.actual.records.get(account)
        return record.active if record is not None else account in self.actual.unchanged

    def _stays_guardian(self, pupil: Key, guardian: Key) -> bool:
        """A guardian who is in the SIS, and whose child's row does not name them, is no longer told of.

        One who is not there, or not clearly, is; and one whose child's age is not known tonight.
        """
        who = guardian.sourced_id
        if who in self.roster.doubtful:
            return True
        if who not in self.roster.users:
            sighting = self.sightings.get(as_guardian(who))
            return sighting is None or sighting.nights < self.nights
        user = self.roster.users.get(pupil.sourced_id)
        named = (r.related for r in self.roster.relationships.get(pupil.sourced_id, ()))
        return user is not None and user.birth_date is None and who in named


def without_referred(leaving: Iterable[Record], staying: Iterable[Record]) -> Iterator[Record]:
    """Of those that nobody wants, the records to which nothing that stays refers; what refers to others comes first."""
    rest = sorted(leaving, key=lambda record: (not refers(record), record.key))
    needed = {key for record in staying for key in refers(record)}
    for record in rest:
        if record.key in needed:
            needed |= refers(record)
        else:
            yield record


def refers(record: Record) -> frozenset[Key]:
    """The sessions and courses that a record names."""
    return frozenset(key for key in references(record) if key.kind in (Kind.SESSION, Kind.COURSE))
