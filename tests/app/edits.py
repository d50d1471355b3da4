"""Asking a PIFU-IMS export, and editing one: what changes from one night to the next, and what goes wrong."""

from collections.abc import Callable, Iterable
from copy import deepcopy

from lxml import etree

Export = etree._Element
Edit = Callable[[Export], None]


def steps(path: str) -> str:
    return "/".join(f"{{*}}{step}" for step in path.split("/"))


def one(element: Export, path: str) -> Export:
    found = element.find(steps(path))
    assert found is not None, path
    return found


def texts(element: Export, path: str) -> list[str]:
    return [each.text or "" for each in element.iterfind(steps(path))]


def person(root: Export, sourced_id: str) -> Export:
    return next(p for p in root.iterfind("{*}person") if one(p, "sourcedid/id").text == sourced_id)


def group_of(root: Export, number: str) -> str:
    """The id of the school with this organisation number."""
    schools = (g for g in root.iterfind("{*}group") if number in texts(g, "extension/pifu_id/pifu_value"))
    return one(next(schools), "sourcedid/id").text or ""


def members(root: Export, group: str, role: str = "01") -> list[str]:
    """Whoever has this role in a group, in the order of the file."""
    return [
        one(member, "sourcedid/id").text or ""
        for membership in root.iterfind("{*}membership")
        if one(membership, "sourcedid/id").text == group
        for member in membership.iterfind("{*}member")
        if any(part.get("roletype") == role for part in member.iterfind("{*}role"))
    ]


def without(gone: Iterable[str]) -> Edit:
    """These people are in no list and no group any more."""
    names = frozenset(gone)

    def edit(root: Export) -> None:
        for element in list(root.iterfind("{*}person")):
            if one(element, "sourcedid/id").text in names:
                root.remove(element)
        for membership in root.iterfind("{*}membership"):
            for member in list(membership.iterfind("{*}member")):
                if one(member, "sourcedid/id").text in names:
                    membership.remove(member)

    return edit


def without_group(*groups: str) -> Edit:
    """These groups, with whatever stands below them and everybody's membership, are not in the file."""

    def edit(root: Export) -> None:
        gone = set(groups)
        for element in list(root.iterfind("{*}group")):
            if one(element, "sourcedid/id").text in gone or gone & set(texts(element, "relationship/sourcedid/id")):
                gone.add(one(element, "sourcedid/id").text or "")
                root.remove(element)
        for membership in list(root.iterfind("{*}membership")):
            if one(membership, "sourcedid/id").text in gone:
                root.remove(membership)

    return edit


def named(sourced_id: str, given: str, family: str) -> Edit:
    """This person is called something else."""

    def edit(root: Export) -> None:
        name = one(person(root, sourced_id), "name")
        one(name, "n/given").text, one(name, "n/family").text = given, family
        one(name, "fn").text = f"{given} {family}"

    return edit


def named_as(sourced_id: str, other: str) -> Edit:
    """This person is called as the other one is."""

    def edit(root: Export) -> None:
        name = one(person(root, other), "name")
        named(sourced_id, one(name, "n/given").text or "", one(name, "n/family").text or "")(root)

    return edit


def numbered(sourced_id: str, number: str) -> Edit:
    """This person has another identity number."""

    def edit(root: Export) -> None:
        element = person(root, sourced_id)
        found = element.find("{*}userid[@useridtype='personNIN']")
        if found is None:
            found = deepcopy(one(element, "userid"))
            found.set("useridtype", "personNIN")
            one(element, "userid").addprevious(found)
        found.text = number

    return edit


def known_as(sourced_id: str, principal_name: str) -> Edit:
    """The SIS knows this person's Feide name."""

    def edit(root: Export) -> None:
        first = one(person(root, sourced_id), "userid")
        name = deepcopy(first)
        name.set("useridtype", "feideID")
        name.text = principal_name
        first.addnext(name)

    return edit


def renumbered(old: str, new: str) -> Edit:
    """The SIS announces that this person has another id from now on."""

    def edit(root: Export) -> None:
        former = one(person(root, old), "sourcedid")
        present = deepcopy(former)
        former.set("sourcedidtype", "Old")
        present.set("sourcedidtype", "New")
        one(present, "id").text = new
        former.addnext(present)
        _refer(root, old, new)

    return edit


def rekeyed(old: str, new: str) -> Edit:
    """This person has another id, and nobody says so."""

    def edit(root: Export) -> None:
        one(person(root, old), "sourcedid/id").text = new
        _refer(root, old, new)

    return edit


def without_number(sourced_id: str) -> Edit:
    """The SIS does not say this person's identity number."""

    def edit(root: Export) -> None:
        for number in person(root, sourced_id).findall("{*}userid[@useridtype='personNIN']"):
            person(root, sourced_id).remove(number)

    return edit


def _refer(root: Export, old: str, new: str) -> None:
    for path in ("{*}membership/{*}member", "{*}person/{*}extension/{*}pifu_hasContactPerson"):
        for element in root.iterfind(path):
            if one(element, "sourcedid/id").text == old:
                one(element, "sourcedid/id").text = new


def joined(like: str, sourced_id: str) -> Edit:
    """Somebody new, without an identity number, in all the groups of this one."""

    def edit(root: Export) -> None:
        model = person(root, like)
        new = deepcopy(model)
        one(new, "sourcedid/id").text = sourced_id
        for number in new.findall("{*}userid"):
            new.remove(number)
        model.addnext(new)
        placed_as(sourced_id, like)(root)
        named(sourced_id, "Nykomen", "Prøvesen")(root)

    return edit


def placed_as(sourced_id: str, like: str) -> Edit:
    """This person is in all the groups of the other one as well."""

    def edit(root: Export) -> None:
        for member in list(root.iterfind("{*}membership/{*}member")):
            if one(member, "sourcedid/id").text == like:
                twin = deepcopy(member)
                one(twin, "sourcedid/id").text = sourced_id
                member.addnext(twin)

    return edit


def moved(sourced_id: str, like: str) -> Edit:
    """This person is in all the groups of the other one, and in no other group."""

    def edit(root: Export) -> None:
        for membership in root.iterfind("{*}membership"):
            for member in list(membership.iterfind("{*}member")):
                if one(member, "sourcedid/id").text == sourced_id:
                    membership.remove(member)
        placed_as(sourced_id, like)(root)

    return edit


def new_ids(prefix: str) -> Edit:
    """Everybody in the file has another id, wherever it stands."""

    def edit(root: Export) -> None:
        people = {one(p, "sourcedid/id").text or "" for p in root.iterfind("{*}person")}
        for element in root.iter("{*}id"):
            if element.text in people:
                element.text = f"{prefix}{element.text}"

    return edit
