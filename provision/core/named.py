"""Whom, and which school, an inventory may mean by the names that it uses."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from provision.core.machines import People
from provision.core.roster import OrgType, Roster, User

if TYPE_CHECKING:
    import pandas as pd


def people_named(
    roster: Roster, pupils: "pd.DataFrame", staff: Iterable[str], usernames: Mapping[str, str], earlier: Iterable[str]
) -> People:
    """Everybody by sourced id, username, principal name and mail. A name that is several people's is nobody's.

    `pupils` are those of the roster, as `pupils_of` has them; `usernames` lead from each name of the ledger to its
    owner; `earlier` are people who were seen on other days.
    """
    here = dict(zip(pupils["person"], pupils["school"], strict=True))
    employed = frozenset(staff) - here.keys()
    owners = ((name, owner) for name, owner in usernames.items())
    names = [*((name, user.sourced_id) for user in roster.users.values() for name in _names(user)), *owners]
    known = {*roster.users, *usernames.values(), *earlier}
    return People(
        of=_unambiguous([*((who, who) for who in known), *names]),
        pupils=here,
        staff=employed,
        left=frozenset(known - here.keys() - employed),
    )


def schools_named(roster: Roster) -> dict[str, str]:
    """The number of each school by its number and names; a name that several schools have is none's."""
    schools = [org for org in roster.orgs.values() if org.type is OrgType.SCHOOL]
    return _unambiguous(
        (name, org.sourced_id) for org in schools for name in (org.sourced_id, org.name, org.legal_name)
    )


def _names(user: User) -> Iterable[str]:
    return (name for name in (user.principal_name, user.mail) if name)


def _unambiguous(named: Iterable[tuple[str, str]]) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, whose in named:
        key = name.strip().casefold()
        found[key] = whose if found.get(key, whose) == whose else ""
    return {name: whose for name, whose in found.items() if name and whose}
