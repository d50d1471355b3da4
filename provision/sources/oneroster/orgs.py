"""Orgs of OneRoster to rows: what each is, and under which number."""

from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

from provision.core.roster import OrgType
from provision.formats.oneroster import Table, decode_id
from provision.formats.organisation_number import organisation_number
from provision.sources.oneroster.checks import check_letters, is_gone, record_fault
from provision.sources.oneroster.places import Place, Places
from provision.sources.oneroster.words import LOCAL, metadata, org_type

ORGS: Final = ("sourcedId", "status", "name", "type", "identifier", "parentSourcedId")
_NUMBERS: Final = frozenset({"organizationnumber", "organisationnumber", "organisasjonsnummer", "orgnumber", "orgnr"})
_NO_NUMBER: Final = "no organisation number of its own in identifier; correct it in the SIS"


class _Org(NamedTuple):
    word: str
    type: OrgType | None
    name: str
    number: str
    parent: str
    where: str


def place_orgs(table: Table) -> Places:
    """Every org in its place; SourceError where letters show that the source has the wrong encoding."""
    places = Places()
    _place(_orgs(table, places), places)
    return places


def _orgs(table: Table, places: Places) -> dict[str, _Org]:
    """The orgs by id, less those whose head is wrong and those that are no longer there."""
    known: dict[str, _Org] = {}
    numbers = metadata(table, _NUMBERS)
    for row, cells in enumerate(table.picked(*ORGS, *numbers)):
        written, status, name, word, identifier, parent, *others = cells
        key = decode_id(written)
        where = table.where(row)
        check_letters(name, table, row)
        if fault := record_fault(key, status, key in known or key in places.org_at):
            places.rejected.append(("orgs", key, "", f"{fault} ({where})"))
        elif is_gone(status):
            places.org_at[key] = None
        else:
            number = next(filter(None, map(organisation_number, (identifier, key, *others))), "")
            known[key] = _Org(word.strip(), org_type(word), name, number, decode_id(parent), where)
    if not any(org.type is OrgType.DISTRICT for org in known.values()):
        known = {key: org._replace(type=OrgType.DISTRICT) if org.word == LOCAL else org for key, org in known.items()}
    return known


def _place(known: Mapping[str, _Org], places: Places) -> None:
    taken: set[str] = set()
    for key, org in known.items():
        if org.type is None:
            continue
        fault = ""
        if not org.number or org.number in taken:
            fault = _NO_NUMBER
        elif not org.name.strip():
            fault = "name is empty"
        if fault:
            places.rejected.append(("orgs", key, key, f"{fault} ({org.where})"))
            places.org_at[key] = Place(key, "", f"its school: {fault}")
        else:
            taken.add(org.number)
            places.org_at[key] = Place(org.number, "")
    for key, org in known.items():
        above = next((places.org_at[each] for each in _above(key, known) if known[each].type is not None), None)
        if org.type is None:
            places.org_at[key] = above or Place("", "", "its org is no school and belongs to none")
        elif not (place := places.org_at[key] or Place("", "", "gone")).fault:
            parent = above.org if above and not above.fault else ""
            places.orgs.add(place.org, org.type, org.name, "", parent, "")


def _above(key: str, known: Mapping[str, _Org]) -> Iterator[str]:
    """The orgs above this one, nearest first, each once."""
    seen = {key}
    while (key := known[key].parent) in known and key not in seen:
        seen.add(key)
        yield key
