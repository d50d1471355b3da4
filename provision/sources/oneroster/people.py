"""Users of OneRoster to rows, and who is whose guardian."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from provision.core.roster import Relation, Role
from provision.formats.days import day
from provision.formats.oneroster import Table, decode_id
from provision.formats.rows import Rows
from provision.sources.oneroster.checks import check_letters, is_gone, record_fault
from provision.sources.oneroster.words import (
    FLAGS,
    items,
    metadata,
    national_id,
    principal_name,
    relation_of,
    role_of,
)

USERS: Final = (
    "sourcedId", "status", "enabledUser", "givenName", "middleName", "familyName", "identifier", "userIds", "email",
    "sms", "phone", "agentSourcedIds", "primaryOrgSourcedId",
)  # fmt: skip  # names, many to a line
DEMOGRAPHICS: Final = ("sourcedId", "status", "birthDate")
_BIRTH_DATE: Final = frozenset({"birthdate"})


@dataclass(slots=True)
class People:
    """`active` and `inactive` are the ids of those who have a row in users."""

    users: Rows = field(default_factory=lambda: Rows("users"))
    rejected: list[tuple[str, str, str]] = field(default_factory=list)  # table, sourced_id, reason
    active: dict[str, str] = field(default_factory=dict)  # each id is its own value: one text for all its roles
    inactive: set[str] = field(default_factory=set)
    main_org: dict[str, str] = field(default_factory=dict)  # the id of the school that is first of all theirs
    agents: dict[str, tuple[list[str], str]] = field(default_factory=dict)  # with the place of the row
    students: set[str] = field(default_factory=set)
    kin: dict[str, set[Relation]] = field(default_factory=dict)  # what a guardian's or relative's roles call them

    def is_kin(self, person: str, word: str) -> bool:
        """Whether a role is that of a guardian or relative, which is no place at a school; what it says is kept."""
        if relation := relation_of(word):
            self.kin.setdefault(person, set()).add(relation)
        elif role_of(word) is Role.STUDENT:
            self.students.add(person)
        return relation is not None


def gather(tables: Mapping[str, Table]) -> People:
    """Everybody; SourceError where the letters of a name show that the source has the wrong encoding."""
    people = People()
    table = tables["users"]
    births = _births(tables.get("demographics"))
    own_births = metadata(table, _BIRTH_DATE)
    for row, cells in enumerate(table.picked(*USERS, *own_births)):
        written, status, enabled, given, middle, family, number, ids, mail, sms, phone, agents, org, *birth = cells
        key = decode_id(written)
        check_letters(f"{given} {middle} {family}", table, row)
        if fault := record_fault(key, status, key in people.active or key in people.inactive) or _fault(given, family):
            people.rejected.append(("users", key, f"{fault} ({table.where(row)})"))
            continue
        # Whoever may not use what the provider runs is to have no access from us either.
        active = not is_gone(status) and FLAGS.get(enabled.strip().casefold()) != "0"
        if active:
            people.active[key] = key
            people.main_org[key] = decode_id(org)
        else:
            people.inactive.add(key)
        full = " ".join(filter(None, (given, middle, family)))
        birth_date = day(births.get(key) or next(filter(None, birth), ""))
        people.users.add(
            key,
            "active" if active else "inactive",
            given,
            family,
            full,
            national_id(number, ids),
            birth_date,
            mail,
            sms or phone,
            principal_name(ids),
        )
        if active and agents:
            people.agents[key] = [decode_id(each) for each in items(agents)], table.where(row)
    return people


def _fault(given: str, family: str) -> str:
    if not given.strip():
        return "givenName is empty"
    return "" if family.strip() else "familyName is empty"


def _births(table: Table | None) -> Mapping[str, str]:
    """Birth dates by the user's id."""
    rows = table.picked(*DEMOGRAPHICS) if table else ()
    return {decode_id(key): birth for key, status, birth in rows if birth and not is_gone(status)}
