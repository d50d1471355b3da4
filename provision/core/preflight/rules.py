"""One rule for each finding, on one record or entry; and what of it keeps a record from being written."""

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Final

from provision.core.preflight import groups
from provision.core.preflight.entry import Entry, Held, Of, there
from provision.core.preflight.finding import Finding, Found
from provision.core.state import Key, values

Rule = Callable[[Entry], Iterator[Found]]

# What a mapping's entry may be of, in this family.
OF: Final[Mapping[str, Of]] = {"district": "district", "school": "school", "person": "person"}

# GO chapters 2 to 4. Passwords cannot be read, not everybody has an identity number, groups have rules of their own.
REQUIRED: Final[Mapping[Of, tuple[str, ...]]] = {
    "district": ("o", "eduOrgLegalName", "norEduOrgNIN", "norEduOrgSchemaVersion", "mail"),
    "school": ("ou", "norEduOrgUnitUniqueIdentifier", "mail"),
    "person": (
        *("cn", "displayName", "norEduPersonLegalName", "givenName", "sn", "uid", "eduPersonPrincipalName"),
        *("eduPersonOrgDN", "eduPersonAffiliation"),
    ),
}
_OF_SCHOOLS: Final = ("eduPersonOrgUnitDN", "eduPersonPrimaryOrgUnitDN")
REFERENCES: Final = ("eduPersonOrgDN", *_OF_SCHOOLS)
_NO_EXTRA_SPACE: Final = ("cn", "displayName", "givenName", "sn", "norEduPersonLegalName", "mail", "postalAddress")
_EXTRA_SPACE: Final = re.compile(r"^\s|\s$|\s\s|[^\S ]")
# Norwegian ones in full, others by their country code (E.164).
_MOBILE: Final = re.compile(r"\+47[49][0-9]{7}|\+(?!47)[1-9][0-9]{6,14}")

# What the rules ask for of an entry.
ATTRIBUTES: Final = frozenset(
    {name for names in REQUIRED.values() for name in names}
    | {*REFERENCES, *_NO_EXTRA_SPACE, "mobile", "schacHomeOrganization", "eduPersonEntitlement"}
)


def missing_attribute(entry: Entry) -> Iterator[Found]:
    """What Feide demands of everybody and is not there."""
    for name, key in _demanded(entry.of, entry.managed):
        if not there(entry.held.get(key)):
            yield Found(Finding.MISSING_ATTRIBUTE, name)


@lru_cache(maxsize=64)
def _demanded(of: Of, managed: frozenset[str] | None) -> tuple[tuple[str, str], ...]:
    """What Feide demands and somebody answers for: each name, and in lower case."""
    return tuple((name, name.lower()) for name in REQUIRED[of] if managed is None or name.lower() in managed)


def missing_school(entry: Entry) -> Iterator[Found]:
    """The same of the school, which only pupils and teachers must have: others may work centrally."""
    if groups.is_taught(entry) or entry.has(_OF_SCHOOLS[0]):
        for name in _OF_SCHOOLS:
            if entry.answers_for(name) and not entry.has(name):
                yield Found(Finding.MISSING_ATTRIBUTE, name)


def missing_org_unit(references: Held, units: Collection[str | Key]) -> Iterator[Found]:
    """A reference to a school or owner that is not among `units`."""
    for name in REFERENCES:
        if any(unit not in units for unit in values(references.get(name.lower()))):
            yield Found(Finding.MISSING_ORG_UNIT, name)


def uppercase_principal_name(entry: Entry) -> Iterator[Found]:
    if any(name != name.lower() for name in entry.texts("eduPersonPrincipalName")):
        yield Found(Finding.UPPERCASE_PRINCIPAL_NAME, "eduPersonPrincipalName")


def uid_not_ascii(entry: Entry) -> Iterator[Found]:
    if not all(uid.isascii() for uid in entry.texts("uid")):
        yield Found(Finding.UID_NOT_ASCII, "uid")


def realm_mismatch(entry: Entry) -> Iterator[Found]:
    """A Feide name that is not the username at the site's realm, or another home organisation than the realm."""
    realm, uids = entry.realm.lower(), {uid.lower() for uid in entry.texts("uid")}
    for name in entry.texts("eduPersonPrincipalName"):
        user, _, domain = name.lower().rpartition("@")
        if not user or domain != realm or (uids and user not in uids):
            yield Found(Finding.REALM_MISMATCH, "eduPersonPrincipalName", detail=entry.realm)
    if any(home.lower() != realm for home in entry.texts("schacHomeOrganization")):
        yield Found(Finding.REALM_MISMATCH, "schacHomeOrganization", detail=entry.realm)


def extra_whitespace(entry: Entry) -> Iterator[Found]:
    for name in _NO_EXTRA_SPACE:
        if any(text.strip() and _EXTRA_SPACE.search(text) for text in entry.texts(name)):
            yield Found(Finding.EXTRA_WHITESPACE, name)


def invalid_mobile(entry: Entry) -> Iterator[Found]:
    if not all(map(_MOBILE.fullmatch, entry.texts("mobile"))):
        yield Found(Finding.INVALID_MOBILE, "mobile")


def duplicate_org_units(numbers: Iterable[str]) -> frozenset[str]:
    """Identifiers that more than one school has."""
    return frozenset(number for number, count in Counter(numbers).items() if count > 1)


_OF_ALL: Final[tuple[Rule, ...]] = (missing_attribute, extra_whitespace)
_OF_PERSON: Final[tuple[Rule, ...]] = (
    *(missing_attribute, missing_school, uppercase_principal_name, uid_not_ascii, realm_mismatch),
    *(extra_whitespace, invalid_mobile),
    *(groups.malformed_group, groups.group_with_invalid_code, groups.group_without_code),
    *(groups.group_id_not_canonical, groups.group_id_without_group, groups.group_without_group_id),
    *(groups.missing_grep, groups.missing_groups, groups.missing_group_ids),
)
# Those that may hold a record back: they are asked of everybody every night.
_HOLDING: Final[tuple[Rule, ...]] = (
    *(missing_attribute, uppercase_principal_name, uid_not_ascii, realm_mismatch),
    groups.malformed_group,
)


def findings(entry: Entry) -> Iterator[Found]:
    """Everything that can be found on one entry alone."""
    for rule in _OF_PERSON if entry.of == "person" else _OF_ALL:
        yield from rule(entry)


def held_back(entry: Entry) -> Found | None:
    """The first finding for which the record must wait."""
    found = (each for rule in _HOLDING if entry.of == "person" or rule in _OF_ALL for each in rule(entry))
    return next((each for each in found if each.holds), None)
