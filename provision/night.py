"""What is known before the first target is planned: the sources, the evidence, the names."""

from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from datetime import date

from provision.core.absence import judge
from provision.core.decided import changed_ids, distinct_people
from provision.core.desired import Desired, desired_state
from provision.core.history import History
from provision.core.identity import Matching, match_orgs, match_people
from provision.core.judgement import Judgement, doubted
from provision.core.mapping import TargetMapping
from provision.core.policy import Policy
from provision.core.ports import Source, Target
from provision.core.roster import Roster
from provision.core.rules.context import Site
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
    """Everything decided before the targets are compared. `distinct` are who was said to be nobody else.

    `alike` are those who may be one person with somebody else, by what earlier nights know; `confirmed` are former ids
    of which a person said whose they are; `recognised` are those whose number says it, until an account has followed;
    `relinking` says that the SIS seems to have given everybody new ids.
    """

    roster: Roster
    people: Mapping[str, Placed]
    history: History
    judgement: Judgement
    usernames: Usernames
    surveys: Mapping[str, Survey]
    distinct: frozenset[str] = frozenset()
    alike: Mapping[Key, str] = field(default_factory=dict)
    confirmed: frozenset[str] = frozenset()
    relinking: str = ""
    recognised: Mapping[str, str] = field(default_factory=dict)

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

    While one where others keep accounts too cannot be asked, nobody gets a new username: it might be taken there.
    """
    reading = read_roster(sources, day, journal, accept)
    roster, people, history = reading.roster, reading.people, reading.history
    distinct = distinct_people(journal.decisions())
    surveys = {route.target.name: _survey(route, roster, people.keys() - distinct) for route in routes}
    back = journal.returning({*reading.people, *roster.id_changes})
    usernames = _name(reading, surveys, {**journal.usernames(), **back}, routes, policy, journal.is_retired())
    usernames = replace(usernames, reserve={**usernames.reserve, **back})
    judgement = judge(roster, history, policy)
    if reading.relinking:
        judgement = doubted(judgement, reading.relinking)
    return Night(
        roster=roster,
        people=people,
        history=history,
        judgement=judgement,
        usernames=usernames,
        surveys=surveys,
        distinct=distinct,
        alike={Key(Kind.ACCOUNT, person): reason for person, reason in reading.alike.items()},
        confirmed=changed_ids(journal.decided_by_people()),
        relinking=reading.relinking,
        recognised={} if reading.relinking else reading.relinks.certain,
    )


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
    held = {p: "an entry that others made may be this person's; see `provision adopt`" for s in surveys.values()
            for p in s.matching.claimed if p not in owners}  # fmt: skip
    if any(surveys[route.target.name].failure for route in routes if not route.target.ours_alone):
        held |= {p: "no new usernames while a target cannot be asked for its own" for p in people if p not in owners}
    if reading.relinking:
        held |= {p: reading.relinking for p in people if p not in owners}
    withheld = frozenset() if policy.protected_targets else roster.protected
    named = [roster.users[p] for p in people if p not in held and p not in withheld]
    scheme = next((route.mapping.scheme for route in routes if route.mapping.scheme), DEFAULT_SCHEME)
    usernames = assign_usernames(named, scheme, ledger, taken, roster.id_changes, is_retired)
    return replace(usernames, held={**usernames.held, **held})
