"""What a plan is made from, and what every part of it asks."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass, field
from datetime import date

from provision.core.cause import new_year_at
from provision.core.compare import is_disabled, orgs_of
from provision.core.desired import Desired
from provision.core.history import Sighting
from provision.core.judgement import Judgement, unproven
from provision.core.links import Links
from provision.core.policy import Policy
from provision.core.references import has_links, linked
from provision.core.roster import Roster
from provision.core.sightings import as_guardian
from provision.core.state import Actual, Key, Kind, Record, State
from provision.core.traits import Traits


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is known besides the two states: tonight's roster and what it proves, earlier nights, and who is claimed.

    `before` is what earlier nights saw, without tonight; `shorter` says of a source that it holds much less than last
    time. `disabled` says since when an account has been locked; `claimed` are people and orgs who may have an entry
    that others made; `placed` are people with a place in the SIS: where a target should hold none of them, the mapping
    or the policy says so; `distinct` are newcomers of whom somebody said that they are nobody else; `lookalikes` are
    those who, by what another target knows of them, may be one person with somebody else; `confirmed` are former ids of
    which a person has said whose they are. While `relinking` says that the SIS seems to have given everybody new ids,
    nobody is created.
    """

    roster: Roster
    judgement: Judgement
    sightings: Mapping[Key, Sighting] = field(default_factory=dict)
    before: Mapping[Key, Sighting] = field(default_factory=dict)
    disabled: Mapping[Key, date] = field(default_factory=dict)
    claimed: frozenset[str] = frozenset()
    placed: Set[str] = frozenset()
    distinct: Set[str] = frozenset()
    lookalikes: Mapping[Key, str] = field(default_factory=dict)
    shorter: str = ""
    confirmed: Set[str] = field(default_factory=frozenset)
    relinking: str = ""


@dataclass(slots=True)
class Ground:
    """One plan in the making. `held`, `waiting` and `lookalikes` are gathered on the way, each with its reason.

    `renamed` are accounts that stand under a former id, the old one by the new; `leaving` what is there and not wanted;
    `new_year` are the schools at which one has just begun; `links` what may not be cut, and `linked` whom the records
    that were looked at will refer to.
    """

    desired: Desired
    actual: Actual
    evidence: Evidence
    traits: Traits
    policy: Policy
    renamed: Mapping[Key, Key] = field(init=False)
    leaving: State = field(init=False)
    links: Links = field(init=False)
    held: dict[Key, str] = field(init=False)
    waiting: dict[Key, str] = field(default_factory=dict)
    lookalikes: dict[Key, str] = field(default_factory=dict)
    linked: dict[Key, frozenset[Key]] = field(default_factory=dict)
    new_year: frozenset[str] = field(init=False)
    _schools: Mapping[Key, frozenset[Key]] | None = None

    def __post_init__(self) -> None:
        self.new_year = new_year_at(self.evidence.roster)
        self.renamed = self._by_new_id()
        self.held = {**self._not_to_come(), **self.desired.held, **self.actual.ambiguous}
        self.links = Links(
            roster=self.evidence.roster,
            desired=self.desired,
            actual=self.actual,
            renamed={old: new for new, old in self.renamed.items()},
            sightings=self.evidence.sightings,
            nights=self.policy.nights,
            traits=self.traits,
            placed=self.evidence.placed,
        )
        self.leaving = self._unwanted()

    def _by_new_id(self) -> dict[Key, Key]:
        """Whose account stands under a former id, and not under the new one as well."""
        here = self.actual.records.keys() | self.actual.unchanged
        wanted = self.desired.records.keys() | self.desired.held.keys()
        changes = ((Key(Kind.ACCOUNT, o), Key(Kind.ACCOUNT, n)) for o, n in self.evidence.roster.id_changes.items())
        return {new: old for old, new in sorted(changes) if old in here and new not in here and new in wanted}

    def _not_to_come(self) -> dict[Key, str]:
        """Who has no account here and gets none tonight, since they may be somebody who has one; nobody names them."""
        reasons, relinking = self.evidence.lookalikes, self.evidence.relinking
        if not (reasons or relinking):
            return {}
        here = self.actual.records.keys() | self.actual.unchanged | self.renamed.keys()
        newcomers = (key for key in self.desired.records if key.kind is Kind.ACCOUNT and key not in here)
        return {key: why for key in newcomers if (why := reasons.get(key, "") or relinking)}

    def _unwanted(self) -> State:
        renamed = set(self.renamed.values())
        return {
            key: self.links.as_it_will_be(record)
            for key, record in self.actual.records.items()
            if key in self.desired.withheld
            or (key not in self.desired.records and key not in self.held and key not in renamed)
        }

    def may_not_lose(self, key: Key, orgs: frozenset[str]) -> str:
        """Why nothing may be taken away here tonight, "" where it may."""
        if stay := self.kept_by_exception(key):
            return stay
        now = self.evidence.roster.id_changes.get(key.sourced_id, key.sourced_id)
        if key.kind is Kind.ACCOUNT and not self.evidence.roster.doubtful.isdisjoint((key.sourced_id, now)):
            return "a row about this person cannot be read"
        if key.kind is Kind.GROUP and key.sourced_id in self.evidence.roster.doubtful_classes:
            return "a row about this class cannot be read"
        return unproven(orgs, self.evidence.judgement)

    def kept_by_exception(self, key: Key) -> str:
        """Until when the site itself keeps the account, "" where it does not."""
        stay = self.evidence.roster.stays.get(key.sourced_id) if key.kind is Kind.ACCOUNT else None
        return f"an exception keeps the account until {stay.until.isoformat()}" if stay else ""

    def is_disabled(self, key: Key, record: Record) -> bool:
        """Whether we took the account out of use: the journal says so or, where it was lost, the account itself."""
        return not record.active and (key in self.evidence.disabled or is_disabled(record, self.traits))

    def place(self, key: Key, record: Record) -> tuple[frozenset[str], str]:
        """At which schools the record counts, then and now, and as what."""
        orgs = self.desired.orgs.get(key, frozenset()) | orgs_of(record, self.evidence.roster)
        role = self.desired.roles.get(key, "")
        for seen in (key, as_guardian(key.sourced_id)):
            if sighting := self.evidence.sightings.get(seen):
                orgs, role = orgs or sighting.orgs, role or sighting.role
        return orgs, role

    def still_linked(self) -> Iterator[tuple[Key, Record, frozenset[Key]]]:
        """Every account there that may differ from what is wanted, with whom it will refer to after tonight."""
        for key, record in self.actual.records.items():
            if key.kind is Kind.ACCOUNT and key not in self.desired.withheld and has_links(record):
                will_be = self.links.as_it_will_be(record)
                yield key, will_be, self.linked.get(key, linked(will_be))

    def schools_of_staying(self) -> Mapping[Key, frozenset[Key]]:
        """By guardian, the schools of the accounts here that are not wanted as they are, stay, and name them."""
        if self._schools is None:
            found: defaultdict[Key, set[Key]] = defaultdict(set)
            for key, record, refers_to in self.still_linked():
                if key not in self.desired.records or key in self.held:
                    for guardian in refers_to:
                        found[guardian] |= {Key(Kind.ORG, org) for org in orgs_of(record, self.evidence.roster)}
            self._schools = {guardian: frozenset(each) for guardian, each in found.items()}
        return self._schools
