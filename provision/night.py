"""What is known before the first target is planned: the sources, the evidence, the names."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from loguru import logger

from provision.core.absence import Judgement, judge, older
from provision.core.desired import Desired, Placed, desired_state, placed_people
from provision.core.history import History
from provision.core.identity import Matching, match_people
from provision.core.mapping import TargetMapping
from provision.core.policy import Policy
from provision.core.ports import Source, Target
from provision.core.roster import Roster
from provision.core.rules.context import Site
from provision.core.state import Key, Kind
from provision.core.tables import build_roster
from provision.core.usernames import Usernames, assign_usernames
from provision.errors import SourceError, TargetUnavailable
from provision.handover import Handover
from provision.journal.journal import Journal

_ID_CHANGE = "id "


@dataclass(frozen=True, slots=True)
class Route:
    """One way out: a target, what goes there, and how first passwords get out (None: nobody gets one)."""

    target: Target
    mapping: TargetMapping
    passwords: Handover | None = None


@dataclass(slots=True)
class Survey:
    """What a target says of names and of entries that others made; `failure` where it could not be asked."""

    names: Mapping[str, Key | None] = field(default_factory=dict)
    matching: Matching = field(default_factory=Matching)
    failure: str = ""


@dataclass(frozen=True, slots=True)
class Night:
    """Everything decided before the targets are compared."""

    roster: Roster
    people: Mapping[str, Placed]
    history: History
    judgement: Judgement
    usernames: Usernames
    surveys: Mapping[str, Survey]

    def desired(self, route: Route, site: Site) -> Desired:
        protected_too = route.target.name in site.policy.protected_targets
        return desired_state(self.roster, self.people, route.mapping, self.usernames, site, protected_too=protected_too)


def read_roster(sources: Sequence[Source], day: date, journal: Journal) -> tuple[Roster, History]:
    """The roster of the day and what earlier nights saw. Raises SourceError: half a source says nothing."""
    extracts = []
    for source in sources:
        logger.info("reading {}", source.name)
        extracts.append(source.read())
    roster, history = build_roster(extracts, day), journal.history()
    if stale := older(roster, history):
        raise SourceError(
            f"{stale} is from {roster.as_of[stale]:%Y-%m-%d %H:%M}, older than what was read last "
            f"({history.as_of[stale]:%Y-%m-%d %H:%M}); fetch a new export"
        )
    announced = {s.removeprefix(_ID_CHANGE): v for s, v in journal.decisions().items() if s.startswith(_ID_CHANGE)}
    return replace(roster, id_changes={**announced, **roster.id_changes}), history


def remember_id_changes(roster: Roster, journal: Journal) -> None:
    """An announced id is announced once: from now on the new one counts, and usernames follow."""
    known = journal.decisions()
    for old, new in roster.id_changes.items():
        if known.get(_ID_CHANGE + old) != new:
            journal.rekey(old, new)
            journal.decide(_ID_CHANGE + old, new, "the SIS")


def prepare(
    sources: Sequence[Source],
    routes: Sequence[Route],
    journal: Journal,
    policy: Policy,
    day: date,
    *,
    before_names: Callable[[Roster], None] = lambda _: None,
) -> Night:
    """Read, judge, and name everybody. A target that cannot be asked for its names fails alone.

    While one cannot be asked, nobody gets a new username: it might be taken there.
    """
    roster, history = read_roster(sources, day, journal)
    before_names(roster)
    people = placed_people(roster)
    surveys = {route.target.name: _survey(route.target, roster, people) for route in routes}
    ledger = journal.usernames()
    usernames = _name(roster, people, surveys, ledger, routes, policy)
    return Night(roster, people, history, judge(roster, history, policy), usernames, surveys)


def _survey(target: Target, roster: Roster, people: Mapping[str, Placed]) -> Survey:
    try:
        names = target.names()
        strangers = target.strangers()
    except TargetUnavailable as error:
        return Survey(failure=str(error))
    ours = {key.sourced_id for key in names.values() if key is not None and key.kind is Kind.ACCOUNT}
    ours |= {new for old, new in roster.id_changes.items() if old in ours}
    newcomers = (roster.users[p] for p in people if p not in ours and p not in roster.protected)
    return Survey(names, match_people(newcomers, strangers))


def _name(
    roster: Roster,
    people: Mapping[str, Placed],
    surveys: Mapping[str, Survey],
    ledger: Mapping[str, str],
    routes: Sequence[Route],
    policy: Policy,
) -> Usernames:
    taken: dict[str, Key | None] = {}
    for survey in surveys.values():
        for name, key in survey.names.items():
            taken[name] = key or taken.get(name)
    owners = set(ledger.values()) | {key.sourced_id for key in taken.values() if key}
    owners |= {new for old, new in roster.id_changes.items() if old in owners}
    held = {p: "an entry that others made may be this person's; see `provision adopt`" for s in surveys.values()
            for p in s.matching.claimed if p not in owners}  # fmt: skip
    if any(survey.failure for survey in surveys.values()):
        held |= {p: "no new usernames while a target cannot be asked for its own" for p in people if p not in owners}
    withheld = frozenset() if policy.protected_targets else roster.protected
    named = [roster.users[p] for p in people if p not in held and p not in withheld]
    usernames = assign_usernames(named, routes[0].mapping.scheme, ledger, taken, roster.id_changes)
    return replace(usernames, held={**usernames.held, **held})
