"""What must be true after every fault, once: the pass criteria P1 to P9, each as what is wrong where it does not hold.

P9, that nothing secret is told, is searched for by whoever runs a command (`Site.search`).
"""

from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass

from tests.crashes.world import Holding, World


@dataclass(frozen=True, slots=True)
class Terms:
    """What the night allows, by target: who may be locked out or gone, and which keys wait for somebody's yes.

    `ids` are others' new ids. What was `recorded` is still there, save where the journal itself was lost.
    """

    may_lose: Mapping[str, Set[str]]
    waiting: Mapping[str, Set[str]]
    ids: Mapping[str, str]
    recorded: bool = True

    def person(self, sourced_id: str) -> str:
        return self.ids.get(sourced_id, sourced_id)


def wrong_after(
    terms: Terms, worlds: tuple[World, World, World], twin: World, plan: Mapping[str, Set[str]]
) -> list[str]:
    """What is wrong after a fault and one ordinary run: nothing, if all is well.

    `worlds` are before, right after the fault and after the run; `plan` is the next one; `twin` is what the same night
    made of the same eve without any fault.
    """
    before, during, after = worlds
    return [
        *(f"P1 {each}" for each in as_desired(after, twin)),
        *(f"P1 {each}" for each in as_well_informed(after, twin, terms)),
        *(f"P2 {each}" for each in nothing_left(plan, terms)),
        *(f"P3 {each}" for world in (during, after) for each in one_each(world, terms)),
        *(f"P4 {each}" for each in names_kept(worlds, terms)),
        *(f"P5 {each}" for world in (during, after) for each in only_approved(before, world, terms)),
        *(f"P6 {each}" for each in nothing_open(after)),
        *(f"P7 {each}" for world in (during, after) for each in all_recorded(before, world, terms)),
        *(f"P8 {each}" for world in (during, after) for each in truthful(world)),
        *(f"F1 {each}" for each in not_done_twice(during, after)),
    ]


def as_desired(after: World, twin: World) -> Iterator[str]:
    """P1: each target holds what it should, by place and managed attribute."""
    for name, wanted in twin.targets.items():
        content = after.targets[name].content
        for place in sorted(wanted.content.keys() | content.keys()):
            should, does = wanted.content.get(place), content.get(place)
            if should is None or does is None:
                yield f"{name}: {place} {'is not there' if does is None else 'should not be there'}"
            elif should != does:
                names = sorted(n for n in should.keys() | does.keys() if should.get(n) != does.get(n))
                yield f"{name}: {place} differs in {', '.join(names)}"


def as_well_informed(after: World, twin: World, terms: Terms) -> Iterator[str]:
    """P1: later nights go by the same."""
    if not terms.recorded:
        return
    for name in sorted(twin.journal.names.keys() | after.journal.names.keys()):
        if (owner := after.journal.names.get(name)) != twin.journal.names.get(name):
            yield f"the ledger says that {name} is {owner}'s"
    for row in sorted(map(str, twin.journal.evidence ^ after.journal.evidence)):
        yield f"of the journal's evidence only one has {row}"


def nothing_left(plan: Mapping[str, Set[str]], terms: Terms) -> Iterator[str]:
    """P2: the next plan holds nothing but what waits for somebody's yes."""
    for name in plan.keys() | terms.waiting.keys():
        if plan.get(name) != terms.waiting.get(name):
            yield f"{name}: the next plan is {sorted(plan.get(name, ()))}"


def one_each(world: World, terms: Terms) -> Iterator[str]:
    """P3: nobody is anywhere twice, be it under a former id."""
    for name, holding in world.targets.items():
        seen: dict[str, str] = {}
        for place, account in holding.accounts.items():
            if (other := seen.setdefault(terms.person(account.person), place)) != place:
                yield f"{name}: {other} and {place} are one person's"


def names_kept(worlds: tuple[World, World, World], terms: Terms) -> Iterator[str]:
    """P4: a name that was ever given belongs to the same person, and whoever stays keeps name and account."""
    owners: dict[str, str] = {}
    for world in worlds:
        given = [(a.username, a.person) for h in world.targets.values() for a in h.accounts.values()]
        for username, person in [*given, *world.journal.names.items()]:
            if owners.setdefault(username.lower(), terms.person(person)) != terms.person(person):
                yield f"{username} is now another's"
    yield from _forgotten(worlds)
    for name, holding in worlds[-1].targets.items():
        for place, identity in worlds[0].targets[name].identities.items():
            if holding.identities.get(place, identity) != identity:
                yield f"{name}: {place} was made anew"


def _forgotten(worlds: tuple[World, World, World]) -> Iterator[str]:
    for earlier in worlds[:-1]:
        for username in earlier.journal.names.keys() - worlds[-1].journal.names.keys():
            yield f"the journal no longer knows whose {username} is"


def only_approved(before: World, after: World, terms: Terms) -> Iterator[str]:
    """P5: whoever is locked out or gone was to be."""
    for name, lost in losses(before, after, terms.ids).items():
        for person in sorted(lost - terms.may_lose[name]):
            yield f"{name}: {person} is locked out or gone"


def losses(before: World, after: World, ids: Mapping[str, str]) -> dict[str, set[str]]:
    """By target, who is locked out or gone."""
    return {
        name: {
            person
            for person, active in _people(before.targets[name], ids).items()
            if (now := _people(holding, ids).get(person)) is None or (active and not now)
        }
        for name, holding in after.targets.items()
    }


def _people(holding: Holding, ids: Mapping[str, str]) -> dict[str, bool]:
    """Everybody who has an account, and whether it is active."""
    return {ids.get(account.person, account.person): account.active for account in holding.accounts.values()}


def nothing_open(after: World) -> Iterator[str]:
    """P6: every intent has an answer, or was left to a later run that has one."""
    if after.journal.intended:
        yield f"{after.journal.intended} changes are still intended"
    if after.status["open_intents"]:
        yield f"status counts {after.status['open_intents']} open intents"


def all_recorded(before: World, after: World, terms: Terms) -> Iterator[str]:
    """P7: the audit chain is whole, and each real change was intended there before it was made."""
    if after.status["audit"]:
        yield f"audit: {after.status['audit']}"
    if not terms.recorded:
        return
    for name, holding in after.targets.items():
        intents = after.journal.intents[len(before.journal.intents) :]
        known = {_by_new_id(key, terms) for target, key in intents if target == name}
        was = before.targets[name]
        for place in sorted(was.content.keys() | holding.content.keys()):
            about = {_by_new_id(key, terms) for each in (was, holding) for key in each.keys.get(place, ())}
            if was.content.get(place) != holding.content.get(place) and not about & known:
                yield f"{name}: {place} was changed, and the journal never intended it"


def _by_new_id(key: str, terms: Terms) -> str:
    kind, _, sourced_id = key.partition(":")
    return f"{kind}:{terms.person(sourced_id)}"


def truthful(after: World) -> Iterator[str]:
    """P8: nothing is said to be at work when nothing is."""
    if after.status["code"]:
        yield f"status ends with {after.status['code']}"
    statuses = [run["status"] for run in after.status["runs"]]
    if "running" in statuses:
        yield f"status says {statuses} when nothing runs"


def not_done_twice(during: World, after: World) -> Iterator[str]:
    """F1: what the fault left as it should be was not written again."""
    for name, holding in after.targets.items():
        left = during.targets[name]
        for place, version in holding.versions.items():
            same = left.content.get(place) == holding.content.get(place)
            if same and left.versions.get(place) != version:
                yield f"{name}: {place} was written again"
