"""Whom or what somebody means who asks for a part: a person, a class, a school, or everybody."""

from collections.abc import Mapping
from typing import Final

from provision.core.roster import OrgType, Roster
from provision.core.scope import Extent, Scope
from provision.core.state import Key, Kind
from provision.errors import UsageError
from provision.explain import who_may_know
from provision.journal.journal import Journal
from provision.night import Night
from provision.person import find_person

ALL: Final = "all"


def name_of(scope: Scope, roster: Roster) -> str:
    """What is meant, for a person's own screen."""
    match scope.extent:
        case Extent.ALL:
            return "everybody"
        case Extent.PERSON:
            user = roster.users.get(scope.sourced_id)
            return f"{scope.sourced_id} {user.full_name}" if user else scope.sourced_id
        case Extent.CLASS:
            found = roster.classes.get(scope.sourced_id)
            return f"{found.title}, {_school_name(found.org, roster)}" if found else scope.sourced_id
        case Extent.SCHOOL:
            return _school_name(scope.sourced_id, roster)


def _school_name(number: str, roster: Roster) -> str:
    return roster.orgs[number].name if number in roster.orgs else number


def resolve(typed: str, night: Night, journal: Journal) -> Scope:
    """Whom or what somebody means: `all`, a school's number or name, a class's id or title, a person.

    KIND:… says of which kind it is, SCHOOL/TITLE at which school a class. Raises UsageError, with what there is where
    it may be several.
    """
    kind, colon, rest = typed.partition(":")
    only = Extent(kind) if colon and kind in set(Extent) - {Extent.ALL} else None
    wanted = (rest if only else typed).strip()
    if wanted == ALL and only is None:
        return Scope(Extent.ALL)
    found: dict[Scope, str] = {}
    if only in (None, Extent.SCHOOL):
        found |= _schools(wanted, night)
    if only in (None, Extent.CLASS):
        found |= _classes(wanted, night)
    if only in (None, Extent.PERSON) and (only or not found or _is_id(wanted, night)):
        found[Scope(Extent.PERSON, _person(wanted, night, journal))] = "a person"
    if len(found) == 1:
        return next(iter(found))
    if not found:
        raise UsageError(f"there is no such {only}; give its {'number or name' if only == 'school' else 'id or title'}")
    several = ", ".join(f"{each.extent}:{each.sourced_id} ({what})" for each, what in sorted(found.items(), key=str))
    raise UsageError(f"this may be several; say which: {several}")


def _person(wanted: str, night: Night, journal: Journal) -> str:
    try:
        return find_person(wanted, who_may_know(night, journal))
    except UsageError as error:
        error.add_note("nor is it a class, by id or title (SCHOOL/TITLE), or a school, by number or name")
        raise


def _is_id(wanted: str, night: Night) -> bool:
    return wanted in night.roster.users or wanted.lower() in night.usernames.names


def _schools(wanted: str, night: Night) -> Mapping[Scope, str]:
    """Those with this number or name; the municipality means everybody."""
    orgs = night.roster.orgs
    found = {
        number: org.name for number, org in orgs.items() if wanted == number or wanted.casefold() == org.name.casefold()
    }
    if Key(Kind.ORG, wanted) in night.history.sightings and wanted not in orgs:
        found[wanted] = "a school that the SIS no longer has"
    whole = {number for number in found if number in orgs and orgs[number].type is OrgType.DISTRICT}
    return {Scope(Extent.ALL) if n in whole else Scope(Extent.SCHOOL, n): name for n, name in found.items()}


def _classes(wanted: str, night: Night) -> Mapping[Scope, str]:
    school, slash, title = wanted.rpartition("/")
    at = {scope.sourced_id for scope in _schools(school, night)} if slash else None
    found = {Scope(Extent.CLASS, wanted): "a class"} if Key(Kind.GROUP, wanted) in night.history.sightings else {}
    for each in night.roster.classes.values():
        named = each.title.casefold() == (title if at else wanted).casefold() and (at is None or each.org in at)
        if each.sourced_id == wanted or named:
            what = f"{each.title}, {_school_name(each.org, night.roster)}"
            found[Scope(Extent.CLASS, each.sourced_id)] = what
    return found
