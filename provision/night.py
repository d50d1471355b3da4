"""What is known before the first target is planned: the sources, the evidence, the names."""

from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from datetime import date

from provision.core.absence import judge
from provision.core.desired import Desired, desired_state
from provision.core.history import History
from provision.core.identity import Matching, match_orgs, match_people
from provision.core.judgement import Judgement, doubted
from provision.core.mapping import TargetMapping
from provision.core.policy import Policy
from provision.core.ports import Source, Target
from provision.core.roster import Roster
from provision.core.rules.context import Site
from provision.core.stages import Stage
from provision.core.state import Key, Kind, Stranger
from provision.core.subjects import Placed
from provision.core.usernames import DEFAULT_SCHEME, Usernames, assign_usernames, is_ledger_name
from provision.errors import TargetUnavailable
from provision.handover import Handover
from provision.journal.journal import Journal
from provision.reading import Accept, Reading, read_roster


@dataclass(frozen=True, slots=True)
class Route:
    """One way out: a target, what goes there, and how first passwords get out (None: nobody gets one).

    `base` is the DN of the entry that the mapping gives no name of its own.
    """

    target: Target
    mapping: TargetMapping
    passwords: Handover | None = None
    base: str = ""


@dataclass(slots=True)
class Survey:
    """What a target says of names and of entries that others made; `failure` where it could not be asked."""

    names: Mapping[str, Key | None] = field(default_factory=dict)
    matching: Matching = field(default_factory=Matching)
    orgs: Matching = field(default_factory=Matching)
    failure: str = ""

    @property
    def claimed(self) -> frozenset[str]:
        """People and orgs that may have an entry already."""
        return self.matching.claimed | self.orgs.claimed


@dataclass(frozen=True, slots=True)
class Night:
    """Everything decided before the targets are compared."""

    reading: Reading
    judgement: Judgement
    usernames: Usernames
    surveys: Mapping[str, Survey]

    @property
    def roster(self) -> Roster:
        return self.reading.roster

    @property
    def people(self) -> Mapping[str, Placed]:
        return self.reading.people

    @property
    def history(self) -> History:
        return self.reading.history

    def desired(self, route: Route, site: Site) -> Desired:
        protected_too = route.target.name in site.policy.protected_targets
        return desired_state(self.roster, self.people, route.mapping, self.usernames, site, protected_too=protected_too)


def prepare(
    sources: Sequence[Source],
    routes: Sequence[Route],
    journal: Journal,
    policy: Policy,
    day: date,
    *,
    accept: Accept = lambda *_: None,
) -> Night:
    """Read, judge, and name everybody. A target that cannot be asked for its names fails alone.

    While one where others keep accounts too cannot be asked, nobody gets a new username: it might be taken there. One
    that is off is asked for that and nothing else, and not at all where nobody else keeps anything.
    """
    reading = read_roster(sources, day, journal, accept)
    roster, newcomers = reading.roster, reading.people.keys() - reading.distinct
    off = {route.target.name for route in routes if policy.stages.of(route.target.name) is Stage.OFF}
    surveys = {
        route.target.name: _names_alone(route) if route.target.name in off else _survey(route, roster, newcomers)
        for route in routes
    }
    back = journal.returning({*reading.people, *roster.id_changes})
    usernames = _name(reading, surveys, {**journal.usernames(), **back}, routes, policy, journal.is_retired())
    usernames = replace(usernames, reserve={**usernames.reserve, **back})
    judgement = judge(roster, reading.history, policy)
    if reading.relinking:
        judgement = doubted(judgement, reading.relinking)
    return Night(reading, judgement, usernames, surveys)


def _names_alone(route: Route) -> Survey:
    try:
        return Survey() if route.target.ours_alone else Survey(route.target.names())
    except TargetUnavailable as error:
        return Survey(failure=str(error))


def _survey(route: Route, roster: Roster, people: Set[str]) -> Survey:
    try:
        names = route.target.names()
        if route.target.ours_alone:
            return Survey(names)
        strangers = route.target.strangers()
    except TargetUnavailable as error:
        return Survey(failure=str(error))
    ours = {key.sourced_id for key in names.values() if key is not None and key.kind is Kind.ACCOUNT}
    ours |= {new for old, new in roster.id_changes.items() if old in ours}
    newcomers = (roster.users[p] for p in sorted(people - ours - roster.protected))
    return Survey(names, match_people(newcomers, strangers), _match_orgs(route, roster, strangers))


def _match_orgs(route: Route, roster: Roster, strangers: Sequence[Stranger]) -> Matching:
    named = {str(entry.of): entry.rdn for entry in route.mapping.entries}
    orgs = [org for org in roster.orgs.values() if org.type in named]
    at_base = [org.sourced_id for org in orgs if not named[org.type]]
    return match_orgs(orgs, strangers, dict.fromkeys(at_base, route.base) if len(at_base) == 1 else {})


def _name(
    reading: Reading,
    surveys: Mapping[str, Survey],
    ledger: Mapping[str, str],
    routes: Sequence[Route],
    policy: Policy,
    is_retired: Callable[[str], bool],
) -> Usernames:
    roster, people = reading.roster, reading.people
    taken: dict[str, Key | None] = {}
    for route in routes:
        for name, key in surveys[route.target.name].names.items():
            if is_ledger_name(name) or not route.target.ours_alone:
                taken[name] = key or taken.get(name)
    owners = set(ledger.values()) | {key.sourced_id for key in taken.values() if key}
    owners |= {new for old, new in roster.id_changes.items() if old in owners}
    held = {
        p: "an entry that others made may be this person's; see `provision adopt`"
        for s in surveys.values()
        for p in s.matching.claimed
        if p not in owners
    }
    if down := [r.target.name for r in routes if surveys[r.target.name].failure and not r.target.ours_alone]:
        unasked = f"no new usernames while {' and '.join(down)} cannot be asked which are taken there"
        held |= dict.fromkeys((p for p in people if p not in owners), unasked)
    if reading.relinking:
        held |= {p: reading.relinking for p in people if p not in owners}
    withheld = frozenset() if policy.protected_targets else roster.protected
    named = [roster.users[p] for p in people if p not in held and p not in withheld]
    scheme = next((route.mapping.scheme for route in routes if route.mapping.scheme), DEFAULT_SCHEME)
    usernames = assign_usernames(named, scheme, ledger, taken, roster.id_changes, is_retired)
    return replace(usernames, held={**usernames.held, **held})
