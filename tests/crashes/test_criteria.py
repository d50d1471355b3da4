"""The pass criteria see what they are there to see: each kind of harm is told, and nothing where there is none."""

from collections.abc import Callable, Mapping
from dataclasses import replace

import pytest

from tests.app.sites import Held
from tests.crashes.criteria import Terms, wrong_after
from tests.crashes.world import Account, Holding, Journal, World

TERMS = Terms(may_lose={"feide": {"old"}}, waiting={"feide": frozenset({"account:held"})}, ids={"former": "present"})
PLAN = {"feide": {"account:held"}}
NOTHING_RUNS = {"code": 0, "audit": None, "open_intents": 0, "runs": [{"status": "finished"}]}


def world(journal: Journal, **people: str) -> World:
    """By place, a person with that content; who is "locked" is locked out."""
    content: dict[str, Held] = {place: {"cn": frozenset({what})} for place, what in people.items()}
    holding = Holding(
        content=content,
        accounts={place: Account(_person(place), place, what != "locked") for place, what in people.items()},
        keys={place: frozenset({f"account:{_person(place)}"}) for place in people},
        versions={place: f"of {what}" for place, what in people.items()},
        identities={place: f"entry of {place}" for place in people},
    )
    return World({"feide": holding}, journal, NOTHING_RUNS)


def _person(place: str) -> str:
    return place.rstrip("0123456789")


def intends(*people: str, **names: str) -> Journal:
    return Journal(names=names, intents=tuple(("feide", f"account:{person}") for person in people))


EVE = world(intends(kari="kari"), kari="Kari", old="Old", held="Held")
DURING = world(intends("kari", "kari", kari="kari", new="new"), kari="Other", old="Old", held="Held")
AFTER = world(
    intends("kari", "kari", "new", "old", kari="kari", new="new"), kari="Other", new="New", old="locked", held="Held"
)


def told(
    during: World = DURING, after: World = AFTER, twin: World = AFTER, plan: Mapping[str, set[str]] = PLAN
) -> list[str]:
    return wrong_after(TERMS, (EVE, during, after), twin, plan)


def target(seen: World, **changes: object) -> World:
    return replace(seen, targets={"feide": replace(seen.targets["feide"], **changes)})


def status(seen: World, **changes: object) -> World:
    return replace(seen, status={**seen.status, **changes})


def knowing(seen: World, **changes: object) -> World:
    return replace(seen, journal=replace(seen.journal, **changes))


def with_account(seen: World, place: str, account: Account) -> World:
    return target(seen, accounts={**seen.targets["feide"].accounts, place: account})


def test_where_all_is_well_nothing_is_told() -> None:
    assert told() == []


KARI_AGAIN = Account("kari", "kari2", active=True)
OTHERS = Account("x", "kari", active=True)
LOCKED = world(intends("kari", "kari"), kari="locked", old="Old", held="Held")
TWO_IDS = with_account(
    with_account(AFTER, "a", Account("former", "a", active=True)), "b", Account("present", "b", active=True)
)
VERSIONS = AFTER.targets["feide"].versions

Tell = Callable[[], list[str]]
HARMS: dict[str, tuple[str, Tell]] = {
    "an entry is missing": ("P1", lambda: told(twin=world(AFTER.journal, kari="Other"))),
    "an entry differs": ("P1", lambda: told(twin=world(AFTER.journal, kari="X", new="New", old="locked", held="Held"))),
    "the ledger says otherwise": ("P1", lambda: told(twin=knowing(AFTER, names={"kari": "kari"}))),
    "later nights would go by something else": ("P1", lambda: told(twin=knowing(AFTER, evidence={("x",)}))),
    "something is left to do": ("P2", lambda: told(plan={"feide": {"account:held", "account:kari"}})),
    "a hold is forgotten": ("P2", lambda: told(plan={"feide": set()})),
    "somebody has two": ("P3", lambda: told(after=with_account(AFTER, "kari2", KARI_AGAIN))),
    "somebody had two meanwhile": ("P3", lambda: told(during=with_account(DURING, "kari2", KARI_AGAIN))),
    "somebody has two under a former id": ("P3", lambda: told(after=TWO_IDS)),
    "a name is another's": ("P4", lambda: told(after=knowing(AFTER, names={"new": "x"}))),
    "a name is another's there": ("P4", lambda: told(after=with_account(AFTER, "new", OTHERS))),
    "a name is forgotten": ("P4", lambda: told(after=knowing(AFTER, names={}))),
    "an account was made anew": ("P4", lambda: told(after=target(AFTER, identities={"kari": "another"}))),
    "somebody is locked out": ("P5", lambda: told(during=LOCKED)),
    "somebody is gone": ("P5", lambda: told(during=world(intends("kari", "kari"), old="Old", held="Held"))),
    "an intent is open": ("P6", lambda: told(after=knowing(AFTER, intended=1))),
    "status knows of an open intent": ("P6", lambda: told(after=status(AFTER, open_intents=1))),
    "the audit chain is broken": ("P7", lambda: told(during=status(DURING, audit="record 3 is missing"))),
    "a change was not intended": ("P7", lambda: told(during=knowing(DURING, intents=EVE.journal.intents))),
    "a dead run is said to be at work": ("P8", lambda: told(during=status(DURING, runs=[{"status": "running"}]))),
    "status fails": ("P8", lambda: told(after=status(AFTER, code=1))),
    "what was done is done again": ("F1", lambda: told(after=target(AFTER, versions={**VERSIONS, "kari": "again"}))),
}


@pytest.mark.parametrize("harm", HARMS)
def test_each_harm_is_told(harm: str) -> None:
    criterion, tell = HARMS[harm]
    assert criterion in {each.partition(" ")[0] for each in tell()}
