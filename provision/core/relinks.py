"""Who may be the same person under an id that the SIS changed without saying so."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Final, NamedTuple

from provision.core.names import comparison
from provision.core.nin import is_somebodys
from provision.core.roster import Roster, User

# So many new ids are everyday life; more, and it is the export that has changed, not the people.
_FEW: Final = 5
_SHARE: Final = 0.03


class Prints(NamedTuple):
    """Keyed hashes of what tells people apart: their identity number, their name with their birth date, and that alone.

    "" where the SIS does not say it. Nobody can be found from them without the site's secret.
    """

    number: str
    person: str
    born: str


@dataclass(frozen=True, slots=True)
class Relinks:
    """Former ids with the new ones. Who is `certain` has the same identity number and birth date and nobody else has;
    `proposed` have one of number and name with birth date. `ambiguous` are newcomers who may be several people, and
    those whom they may be, each with the reason.

    `digest` names exactly these pairs.
    """

    certain: Mapping[str, str] = field(default_factory=dict)
    proposed: Mapping[str, str] = field(default_factory=dict)
    ambiguous: Mapping[str, str] = field(default_factory=dict)

    @property
    def pairs(self) -> dict[str, str]:
        return {**self.proposed, **self.certain}

    @property
    def digest(self) -> str:
        text = "\0".join(f"{old}\1{new}" for old, new in sorted(self.pairs.items()))
        return blake2b(text.encode(), digest_size=12).hexdigest()

    @property
    def id(self) -> str:
        return f"R-{self.digest[:8]}"

    def is_mass(self, known: int) -> bool:
        """Whether these are so many of the people known that a person must look at the whole of it."""
        return len(self.pairs) > max(_FEW, _SHARE * known)


def prints_of(user: User, keyed: Callable[[str], str]) -> Prints:
    """What of somebody may be kept to know them again."""
    number = keyed(f"number {user.national_id}") if is_somebodys(user.national_id) else ""
    born = user.birth_date.isoformat() if user.birth_date else ""
    person = keyed(f"person {comparison(user.given_name)} {comparison(user.family_name)} {born}") if born else ""
    return Prints(number, person, keyed(f"born {born}") if born else "")


def find_relinks(
    roster: Roster, people: Iterable[str], known: Mapping[str, Prints], keyed: Callable[[str], str]
) -> Relinks:
    """Those who are in the SIS for the first time, paired with those who are known and no longer in it.

    Of the others who are gone, those who may be somebody still there are told of: the SIS may have merged two records.
    """
    renamed = set(roster.id_changes.values())
    newcomers = [p for p in people if p not in known and p not in renamed]
    gone = {p: prints for p, prints in known.items() if p not in roster.present and p not in roster.id_changes}
    if not gone:
        return Relinks()
    fresh = {p: prints_of(roster.users[p], keyed) for p in newcomers}
    same, ambiguous = _paired(gone, fresh, "number", "has had the identity number of")
    certain = {old: new for old, new in same.items() if _are_one(gone[old], fresh[new])}
    perhaps = {old: new for old, new in same.items() if old not in certain and _may_be_one(gone[old], fresh[new])}
    for former in same.keys() - certain.keys() - perhaps.keys():
        ambiguous[same[former]] = f"has the identity number of {former}, but another birth date; correct one in the SIS"
        ambiguous[former] = f"kept, because {same[former]} may be the same person"
    taken = certain.keys() | perhaps.keys() | {*certain.values(), *perhaps.values(), *ambiguous}
    old, new = ({p: prints for p, prints in each.items() if p not in taken} for each in (gone, fresh))
    proposed, unclear = _paired(old, new, "person", "has the name and birth date of")
    pairs = {**certain, **proposed, **perhaps}
    staying = {p: known[p] for p in people if p in known}
    merged = _merged({p: prints for p, prints in gone.items() if p not in pairs}, staying)
    return Relinks(certain, {**proposed, **perhaps}, {**merged, **unclear, **ambiguous})


def _merged(gone: Mapping[str, Prints], staying: Mapping[str, Prints]) -> dict[str, str]:
    """Those who are gone and may be one who stays, of whom the SIS had two records."""
    sought = {value for prints in gone.values() for value in (prints.number, prints.person)} - {""}
    found = {value: p for p, prints in staying.items() for value in (prints.number, prints.person) if value in sought}
    told: dict[str, str] = {}
    for former, prints in gone.items():
        if other := found.get(prints.number) or found.get(prints.person):
            told[former] = (
                f"kept, because {other}, who is in the SIS, may be the same person with two records there. If so, and "
                f"that account is the right one: `provision adopt --same {former}={other}`, if they are two people: "
                f"`provision adopt --distinct {other}`"
            )
    return told


def _paired(
    gone: Mapping[str, Prints], fresh: Mapping[str, Prints], what: str, says: str
) -> tuple[dict[str, str], dict[str, str]]:
    """Former ids with new ones where one stands against one, and newcomers who stand against several, or of several."""
    old, new = _by_print(gone, what), _by_print(fresh, what)
    pairs: dict[str, str] = {}
    ambiguous: dict[str, str] = {}
    for each in sorted(old.keys() & new.keys()):
        if len(old[each]) == len(new[each]) == 1:
            pairs[old[each][0]] = new[each][0]
        else:
            reason = f"{says} {' and of '.join(old[each])}; say which with `provision adopt --same OLD=NEW`"
            ambiguous |= dict.fromkeys(new[each], reason)
            ambiguous |= dict.fromkeys(old[each], f"kept, because {' or '.join(new[each])} may be the same person")
    return pairs, ambiguous


def _are_one(old: Prints, new: Prints) -> bool:
    """Whether more than the number says so: a number is typed, and may be typed for another."""
    return bool(old.born) and old.born == new.born


def _may_be_one(old: Prints, new: Prints) -> bool:
    return old.born == new.born or not (old.born and new.born)


def _by_print(prints: Mapping[str, Prints], what: str) -> dict[str, list[str]]:
    found: defaultdict[str, list[str]] = defaultdict(list)
    for person in sorted(prints):
        if value := getattr(prints[person], what):
            found[value].append(person)
    return found


def waiting_for(relinks: Relinks) -> dict[str, str]:
    """By id, why those whom a few proposals are about wait: the newcomers, and the accounts that may be theirs."""
    told: dict[str, str] = dict(relinks.ambiguous)
    for old, new in relinks.proposed.items():
        told[old] = f"kept, because {new} may be the same person"
        told[new] = (
            f"looks like {old}, who is no longer in the SIS. If they are one person: "
            f"`provision adopt --same {old}={new}`, else `provision adopt --distinct {new}`"
        )
    return told
