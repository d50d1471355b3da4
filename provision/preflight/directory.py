"""What is found on the entries that stand in a directory, whoever wrote them."""

from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from provision.core.desired import Desired
from provision.core.dn import normal
from provision.core.mapping import TargetMapping
from provision.core.preflight.entry import Entry, Of
from provision.core.preflight.finding import Finding, Found, Mend
from provision.core.preflight.rules import ATTRIBUTES, REFERENCES, duplicate_org_units, findings, missing_org_unit
from provision.core.preflight.texts import mended
from provision.core.roster import Roster
from provision.core.state import Key
from provision.formats.entry import Standing
from provision.preflight.line import Sight, masked
from provision.preflight.ours import managed_attributes

_NUMBER: Final = "norEduPersonNIN"
# What must be asked for, to tell everything and to know whom not to tell of.
ASKED: Final = ATTRIBUTES | {_NUMBER}

_PEOPLE: Final = frozenset({"eduperson", "noreduperson"})
_UNITS: Final = "eduPersonOrgUnitDN"

References = tuple[frozenset[str], ...]  # normal DNs, one set for each of REFERENCES


class _Person(NamedTuple):
    who: Key | str
    found: tuple[Found, ...]
    refers_to: References


@dataclass(frozen=True, slots=True)
class Tonight:
    """What is known beside the directory: `ours` are the findings on the records that we make."""

    mapping: TargetMapping
    roster: Roster = field(repr=False)
    realm: str
    desired: Desired = field(repr=False)
    ours: Mapping[Key, Set[Found]]

    def name(self, entry: Standing) -> Key | str:
        """An id that only the directory knows may be anything, an identity number for one."""
        if entry.key is None:
            return entry.dn
        sourced_id = entry.key.sourced_id
        known = sourced_id in self.roster.present or sourced_id in self.roster.orgs
        return entry.key if known else Key(entry.key.kind, masked(sourced_id))

    def mend(self, found: Found, who: Key | str, managed: Set[str]) -> Mend:
        """Where it is put right: what is found on our own record too, where that is; what we manage, by a run."""
        if isinstance(who, Key) and found in self.ours.get(who, ()):
            return mended(found)
        ours = isinstance(who, Key) and who in self.desired.records
        return Mend.RUN if ours and found.attribute.lower() in managed else Mend.DIRECTORY

    def managed(self) -> Mapping[Of, frozenset[str]]:
        """What a run puts right on every entry of a kind."""
        once = {name.lower() for name in self.mapping.traits().once}
        return {of: names - once for of, names in managed_attributes(self.mapping).items()}


def on_entries(entries: Iterable[Standing], tonight: Tonight) -> tuple[int, list[Sight]]:
    """How many people and orgs were looked at, and what was found.

    Locked entries are left out, and so is whoever may be in no list.
    """
    people, others = _sorted(entries, tonight)
    owners = _orgs(others, "noreduorg", _referred(people, "eduPersonOrgDN"))
    schools = _orgs(others, "noreduorgunit", _referred(people, _UNITS))
    found = [
        *_on_people(people, others, tonight),
        *_on_orgs(owners, "district", tonight),
        *_on_orgs(schools, "school", tonight),
    ]
    return len(people) + len(owners.keys() | schools.keys()), found


def _sorted(entries: Iterable[Standing], tonight: Tonight) -> tuple[list[_Person], dict[str, Standing]]:
    """People with what is found on each alone, and everything else by its normal DN."""
    withheld, numbers = tonight.roster.protected, _numbers_of_withheld(tonight.roster)
    people: list[_Person] = []
    others: dict[str, Standing] = {}
    shared: dict[References, References] = {}
    for entry in entries:
        if entry.locked:
            continue
        if not (_classes(entry) & _PEOPLE or _values(entry, "eduPersonPrincipalName")):
            others[normal(entry.dn)] = entry
        elif not (entry.key and entry.key.sourced_id in withheld) and numbers.isdisjoint(_values(entry, _NUMBER)):
            found = tuple(findings(Entry("person", entry.held, tonight.realm)))
            refers_to = tuple(frozenset(map(normal, _values(entry, name))) for name in REFERENCES)
            people.append(_Person(tonight.name(entry), found, shared.setdefault(refers_to, refers_to)))
    return people, others


def _numbers_of_withheld(roster: Roster) -> frozenset[str]:
    """Those whom no target may be told of may have an entry that others made."""
    return frozenset(roster.users[each].national_id for each in roster.protected if each in roster.users) - {""}


def _referred(people: Iterable[_Person], name: str) -> frozenset[str]:
    """All that anybody refers to by this attribute."""
    return frozenset[str]().union(*{person.refers_to[REFERENCES.index(name)] for person in people})


def _orgs(others: Mapping[str, Standing], object_class: str, referred: Set[str]) -> dict[str, Standing]:
    """What calls itself so, and what people refer to as such."""
    return {dn: entry for dn, entry in others.items() if dn in referred or object_class in _classes(entry)}


def _on_people(people: Iterable[_Person], others: Mapping[str, Standing], tonight: Tonight) -> Iterator[Sight]:
    managed = tonight.managed()["person"]
    places = {each: _place(each, others) for each in {person.refers_to for person in people}}
    for person in people:
        orgs, dangling = places[person.refers_to]
        for found in (*person.found, *dangling):
            yield Sight(found, tonight.mend(found, person.who, managed), person.who, orgs)


def _place(refers_to: References, others: Mapping[str, Standing]) -> tuple[frozenset[str], tuple[Found, ...]]:
    """The organisation numbers of the schools, and which references lead nowhere."""
    by_name = {name.lower(): dns for name, dns in zip(REFERENCES, refers_to, strict=True)}
    numbers = frozenset(_number(others[dn]) for dn in by_name[_UNITS.lower()] if dn in others) - {""}
    return numbers, tuple(missing_org_unit(by_name, others))


def _on_orgs(orgs: Mapping[str, Standing], of: Of, tonight: Tonight) -> Iterator[Sight]:
    """Those that share an id are named by their DN."""
    managed = tonight.managed()[of]
    doubles = duplicate_org_units(map(_number, orgs.values())) - {""}
    for entry in orgs.values():
        number = _number(entry)
        who = entry.dn if number in doubles else tonight.name(entry)
        for found in findings(Entry(of, entry.held, tonight.realm)):
            yield Sight(found, tonight.mend(found, who, managed), who, frozenset({number}) - {""})
        if number in doubles:
            found = Found(Finding.DUPLICATE_ORG_UNIT, "norEduOrgUnitUniqueIdentifier", detail=number)
            yield Sight(found, Mend.DIRECTORY, who, frozenset({number}))


def _number(school: Standing) -> str:
    """Its organisation number, "" where it has none."""
    return min(_values(school, "norEduOrgUnitUniqueIdentifier"), default="").removeprefix("NO")


def _classes(entry: Standing) -> set[str]:
    return {name.lower() for name in _values(entry, "objectClass")}


def _values(entry: Standing, name: str) -> frozenset[str]:
    return entry.held.get(name.lower(), frozenset())
