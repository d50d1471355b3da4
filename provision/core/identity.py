"""Who is who: people of the roster matched with entries that others made."""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from typing import Final

from provision.core.dn import normal
from provision.core.names import comparison
from provision.core.nin import check, is_somebodys
from provision.core.roster import Org, User
from provision.core.state import Kind, Stranger

# Evidence, strongest first. The last is a proposal only: a person must say yes.
_NAME_AND_BIRTH: Final = "name and birth date"
_CERTAIN: Final = ("principal name", "identity number")
_PLACE: Final = "its place"
_ELEVEN_DIGITS: Final = re.compile(r"[0-9]{11}")
_NAME: Final = "name"


@dataclass(frozen=True, slots=True)
class Match:
    """One person and one entry that others made, and what says that they belong together."""

    sourced_id: str
    handle: str
    usernames: tuple[str, ...]
    evidence: str


@dataclass(frozen=True, slots=True)
class Matching:
    """`certain` may be stamped on approval, `proposals` need a yes of their own, `ambiguous` wait, with the reason."""

    certain: tuple[Match, ...] = ()
    proposals: tuple[Match, ...] = ()
    ambiguous: Mapping[str, str] = field(default_factory=dict)

    @property
    def claimed(self) -> frozenset[str]:
        """Everybody who may have an entry already, so that nobody gets a second one."""
        return frozenset(m.sourced_id for m in (*self.certain, *self.proposals)) | self.ambiguous.keys()


def match_people(users: Iterable[User], strangers: Sequence[Stranger]) -> Matching:
    """For each user the entry that looks like theirs: by Feide name, then identity number, then name and birth date.

    An entry that several people match, several entries that one person matches, and evidence that contradicts itself
    are ambiguous: held, never guessed.
    """
    accounts = [s for s in strangers if s.kind is Kind.ACCOUNT]
    finders = _finders(accounts)
    found: dict[str, tuple[Stranger, str]] = {}
    ambiguous: dict[str, str] = {}
    for user in users:
        match _evidence(user, finders):
            case [], _:
                pass
            case [stranger], evidence:
                if reason := _contradiction(user, stranger, evidence):
                    ambiguous[user.sourced_id] = reason
                else:
                    found[user.sourced_id] = stranger, evidence
            case several, evidence:
                ambiguous[user.sourced_id] = f"{len(several)} entries match by {evidence}"
    claims = Counter(stranger.handle for stranger, _ in found.values())
    for sourced_id, (stranger, _) in list(found.items()):
        if claims[stranger.handle] > 1:
            del found[sourced_id]
            ambiguous[sourced_id] = "the entry that matches also matches somebody else"
    return _sorted(found, ambiguous)


def match_orgs(orgs: Sequence[Org], strangers: Sequence[Stranger], places: Mapping[str, str]) -> Matching:
    """For each org the entry at its own place (`places`: DN by sourced id), else the one that alone has its name.

    An entry of the name of several orgs is ambiguous; one at an org's place is nobody else's.
    """
    entries = {normal(s.handle): s for s in strangers if s.kind is Kind.ORG}
    placed = {o.sourced_id: entries[at] for o in orgs if (at := normal(places.get(o.sourced_id, ""))) in entries}
    taken = {stranger.handle for stranger in placed.values()}
    rest = [(s, {comparison(n) for n in s.names}) for s in entries.values() if s.handle not in taken]
    alike = {o.sourced_id: _named_as(o, rest) for o in orgs if o.sourced_id not in placed}
    claims = Counter(handle for handles in alike.values() for handle in handles)
    certain = [Match(org, stranger.handle, (), _PLACE) for org, stranger in placed.items()]
    ambiguous: dict[str, str] = {}
    for org, handles in alike.items():
        if len(handles) > 1:
            ambiguous[org] = f"{len(handles)} entries match by {_NAME}"
        elif handles and claims[handles[0]] > 1:
            ambiguous[org] = "the entry that matches also matches another"
        elif handles:
            certain.append(Match(org, handles[0], (), _NAME))
    return Matching(
        certain=tuple(sorted(certain, key=lambda m: m.sourced_id)), ambiguous=dict(sorted(ambiguous.items()))
    )


def _named_as(org: Org, entries: Iterable[tuple[Stranger, Set[str]]]) -> list[str]:
    wanted = {comparison(org.name), comparison(org.legal_name)}
    return [stranger.handle for stranger, names in entries if not wanted.isdisjoint(names)]


_Finder = tuple[str, Callable[[User], list[Stranger]]]


def _finders(strangers: Sequence[Stranger]) -> tuple[_Finder, ...]:
    by_principal, by_number, by_name = defaultdict(list), defaultdict(list), defaultdict(list)
    for stranger in strangers:
        if stranger.principal_name:
            by_principal[stranger.principal_name.lower()].append(stranger)
        if stranger.national_id:
            by_number[stranger.national_id].append(stranger)
        for name in stranger.names:
            by_name[comparison(name)].append(stranger)

    def named(user: User) -> list[Stranger]:
        names = {comparison(user.full_name), comparison(f"{user.given_name} {user.family_name}")}
        born = f"{user.birth_date:%Y%m%d}" if user.birth_date else ""
        alike = {s.handle: s for name in names for s in by_name.get(name, ())}
        return [s for s in alike.values() if not s.birth_date or not born or s.birth_date == born]

    return (
        (_CERTAIN[0], lambda user: by_principal.get(user.principal_name, []) if user.principal_name else []),
        (_CERTAIN[1], lambda user: by_number.get(user.national_id, []) if is_somebodys(user.national_id) else []),
        (_NAME_AND_BIRTH, named),
    )


def _evidence(user: User, finders: Sequence[_Finder]) -> tuple[list[Stranger], str]:
    for evidence, find in finders:
        if found := find(user):
            return found, evidence
    return [], ""


def _contradiction(user: User, stranger: Stranger, evidence: str) -> str:
    born = f"{user.birth_date:%Y%m%d}" if user.birth_date else ""
    if any(map(check, _ELEVEN_DIGITS.findall(" ".join((stranger.handle, *stranger.usernames))))):
        return f"an entry matches by {evidence}, but an identity number is part of its name; rename it first"
    if user.national_id and stranger.national_id and user.national_id != stranger.national_id:
        return f"an entry matches by {evidence}, but its identity number is another"
    if evidence == _NAME_AND_BIRTH and not (born and stranger.birth_date):
        return "an entry has the same name, but no birth date to compare"
    if evidence in _CERTAIN and born and stranger.birth_date and born != stranger.birth_date:
        return f"an entry matches by {evidence}, but its birth date is another"
    return ""


def _sorted(found: Mapping[str, tuple[Stranger, str]], ambiguous: Mapping[str, str]) -> Matching:
    matches = [Match(p, s.handle, s.usernames, evidence) for p, (s, evidence) in sorted(found.items())]
    return Matching(
        certain=tuple(m for m in matches if m.evidence in _CERTAIN),
        proposals=tuple(m for m in matches if m.evidence not in _CERTAIN),
        ambiguous=dict(sorted(ambiguous.items())),
    )
