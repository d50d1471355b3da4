"""What is known before the first target is planned: the sources, the evidence, the names."""

from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Final

from loguru import logger

from provision.core.absence import judge, older
from provision.core.care import under_known_ids
from provision.core.desired import Desired, desired_state
from provision.core.history import History
from provision.core.identity import Matching, match_orgs, match_people
from provision.core.judgement import Judgement
from provision.core.mapping import TargetMapping
from provision.core.policy import Policy
from provision.core.ports import Source, Target
from provision.core.roster import Extract, Roster
from provision.core.rules.context import Site
from provision.core.state import Key, Kind, Stranger
from provision.core.subjects import Placed, placed_people
from provision.core.tables import build_roster
from provision.core.usernames import DEFAULT_SCHEME, Usernames, assign_usernames, is_ledger_name
from provision.errors import SourceError, TargetUnavailable, UsageError
from provision.handover import Handover
from provision.journal.journal import Journal

_ID_CHANGE: Final = "id "
_VOID: Final = "void "
_DISTINCT: Final = "distinct "


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
    """Everything decided before the targets are compared. `distinct` are who was said to be nobody else."""

    roster: Roster
    people: Mapping[str, Placed]
    history: History
    judgement: Judgement
    usernames: Usernames
    surveys: Mapping[str, Survey]
    distinct: frozenset[str] = frozenset()

    def desired(self, route: Route, site: Site) -> Desired:
        protected_too = route.target.name in site.policy.protected_targets
        return desired_state(self.roster, self.people, route.mapping, self.usernames, site, protected_too=protected_too)


def read_roster(sources: Sequence[Source], day: date, journal: Journal) -> tuple[Roster, History]:
    """The roster of the day and what earlier nights saw. Raises SourceError: half a source says nothing."""
    extracts = []
    for source in sources:
        logger.info("reading {}", source.name)
        extracts.append(source.read())
        if extracts[-1].completeness:
            _refuse_the_future(extracts[-1], day)
    roster, history = build_roster(extracts, day), journal.history()
    if stale := older(roster, history):
        raise SourceError(
            f"{stale} is from {roster.as_of[stale]:%Y-%m-%d %H:%M}, older than what was read last "
            f"({history.as_of[stale]:%Y-%m-%d %H:%M}); fetch a new export"
        )
    return _with_known_ids(roster, journal.decisions()), history


def _with_known_ids(roster: Roster, decisions: Mapping[str, str]) -> Roster:
    known = {s.removeprefix(_ID_CHANGE): new for s, new in decisions.items() if s.startswith(_ID_CHANGE)}
    valid = {old: new for old, new in known.items() if not new.startswith(_VOID)}
    void = {old: new.removeprefix(_VOID) for old, new in known.items() if new.startswith(_VOID)}
    return under_known_ids(roster, {**valid, **roster.id_changes}, void)


def _refuse_the_future(extract: Extract, day: date) -> None:
    """One wrong clock, believed once, would make every later export look old."""
    latest = max(day, extract.read_at.date()) + timedelta(days=1)
    if extract.as_of is not None and extract.as_of.date() > latest:
        raise SourceError(
            f"{extract.source} says that it is from {extract.as_of:%Y-%m-%d}, which is yet to come; "
            "set the clock of the machine that exports it"
        )


def remember_id_changes(roster: Roster, journal: Journal) -> None:
    """An id change is announced once: it is kept until an account has followed it. One whose old id is back is void."""
    known = journal.decisions()
    for old, new in roster.id_changes.items():
        if known.get(_ID_CHANGE + old) != new:
            journal.decide(_ID_CHANGE + old, new, "the SIS")
    for subject, new in known.items():
        old = subject.removeprefix(_ID_CHANGE)
        if subject.startswith(_ID_CHANGE) and old in roster.users and not new.startswith(_VOID):
            journal.decide(subject, _VOID + new, "the SIS")


def declare_same(old: str, new: str, roster: Roster, journal: Journal, by: str) -> None:
    """A person says that two ids are one person's. Raises UsageError where the SIS says otherwise."""
    if old in roster.present:
        raise UsageError(f"{old} is still in the SIS, so {new} is somebody else")
    if Key(Kind.ACCOUNT, old) not in journal.history().sightings and old not in journal.usernames().values():
        raise UsageError(f"nobody was ever known as {old}; write --same OLD=NEW")
    if new not in roster.users:
        raise UsageError(f"{new} is not in the SIS; write --same OLD=NEW")
    journal.decide(_ID_CHANGE + old, new, by)


def declare_distinct(person: str, roster: Roster, journal: Journal, by: str) -> None:
    """A person says that somebody new is none of those who look like them. Raises UsageError for who is not there."""
    if person not in roster.users:
        raise UsageError(f"{person} is not in the SIS; give the id that the SIS uses")
    journal.decide(_DISTINCT + person, "", by)


def prepare(
    sources: Sequence[Source],
    routes: Sequence[Route],
    journal: Journal,
    policy: Policy,
    day: date,
    *,
    check: Callable[[Roster], None] = lambda _: None,
) -> Night:
    """Read, judge, and name everybody. A target that cannot be asked for its names fails alone.

    While one where others keep accounts too cannot be asked, nobody gets a new username: it might be taken there.
    """
    roster, history = read_roster(sources, day, journal)
    check(roster)
    people = placed_people(roster)
    distinct = frozenset(s.removeprefix(_DISTINCT) for s in journal.decisions() if s.startswith(_DISTINCT))
    surveys = {route.target.name: _survey(route, roster, people.keys() - distinct) for route in routes}
    ledger = journal.usernames()
    usernames = _name(roster, people, surveys, ledger, routes, policy)
    return Night(roster, people, history, judge(roster, history, policy), usernames, surveys, distinct)


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
    roster: Roster,
    people: Mapping[str, Placed],
    surveys: Mapping[str, Survey],
    ledger: Mapping[str, str],
    routes: Sequence[Route],
    policy: Policy,
) -> Usernames:
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
    withheld = frozenset() if policy.protected_targets else roster.protected
    named = [roster.users[p] for p in people if p not in held and p not in withheld]
    scheme = next((route.mapping.scheme for route in routes if route.mapping.scheme), DEFAULT_SCHEME)
    usernames = assign_usernames(named, scheme, ledger, taken, roster.id_changes)
    return replace(usernames, held={**usernames.held, **held})
