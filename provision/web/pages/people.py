"""Finding a person, and why she has or lacks what she does."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import islice
from typing import Any, Final

from starlette.responses import Response

from provision.core.outcome import Status
from provision.web.ask import Ask, Refused
from provision.web.looks import Look
from provision.web.outcomes import became
from provision.web.pages.school_looks import terms
from provision.web.roll import SHORTEST, Person, search, sees_person
from provision.web.told import CHANGES, PEOPLE, RESYNC, ROLES, Told, told, word

MOST: Final = 50
_A_MINUTE: Final = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Hit:
    """One line of what was found."""

    id: str
    name: str = field(repr=False)
    role: str
    where: str


@dataclass(frozen=True, slots=True)
class Change:
    """`left` is why it was not done, "" where it was."""

    at: str
    target: str
    what: str
    left: str
    reason: str
    asked: str


def show(ask: Ask) -> Response:
    """Where somebody is searched for."""
    return _page(ask, "", None)


def find(ask: Ask) -> Response:
    """Whom the words find. They come in a form, since names may stand in no address."""
    typed, us = ask.form.get("who", "")[:200], told(ask, PEOPLE)
    if len(typed.strip()) < SHORTEST:
        return _page(ask, typed, None)
    usernames = ask.at.for_a_minute("usernames", ask.at.journal.usernames)
    found = list(islice(search(us.roll, usernames, typed, us.sees), MOST + 1))
    return _page(ask, typed, [_hit(us, each) for each in found])


def person(ask: Ask) -> Response:
    """What decides about somebody: at once what is known, and what must be looked up once it is."""
    us = told(ask, PEOPLE)
    found = us.roll.people.get(ask.path("person"))
    if found is None or not us.sees(found):
        raise Refused(404)
    look = _looked(ask, found)
    fault = _fault(look, found)
    said = look.said if look and look.ended and not fault else None
    return ask.page(
        "person.html.j2",
        person=found,
        hit=_hit(us, found),
        name=us.person(found),
        look=look,
        said=said,
        fault=fault if us.me.everywhere(PEOPLE) else "",
        whole=us.sees_whole(found),
        places=_places(us, said) if said else [],
        elsewhere=_elsewhere(us, said) if said else 0,
        changes=_changes(us, found, said) if said else [],
        last_seen=ask.day(datetime.fromisoformat(said["last_seen"])) if said and said["last_seen"] else "",
        differs=_differs,
        plain=us.plain,
        may_resync=sees_person(ask.me, RESYNC, found),
    )


def _page(ask: Ask, typed: str, hits: Sequence[Hit] | None) -> Response:
    more = hits is not None and len(hits) > MOST
    return ask.page("people.html.j2", typed=typed, hits=hits[:MOST] if hits else hits, more=more, shortest=SHORTEST)


def _hit(us: Told, person: Person) -> Hit:
    role = word(us.ask, ROLES, person.role)
    own = us.roll.classes.get(person.homeroom)
    where = [own.title] if own else []
    where += sorted(filter(None, map(us.school, person.orgs)))
    name = person.name or us.ask.gettext("not in the school administration system")
    return Hit(person.id, name, role, ", ".join(where))


def _looked(ask: Ask, person: Person) -> Look | None:
    """The explanation, of this minute and after the last run; None where too many wait for theirs."""
    site, day = ask.at, ask.at.today.isoformat()
    of = ("--json", "--site", str(site.folder.absolute()), "--job", site.job, "--day", day)
    arguments = ("explain", "--kept", *of, "--", person.id)
    since = site.clock() - _A_MINUTE
    return site.looks.latest(arguments, terms(ask), since) or site.looks.begin(arguments, ask.me.by, terms=terms(ask))


def _fault(look: Look | None, person: Person) -> str:
    """Why there is no explanation; one of somebody else, whom the command took the id for, is none."""
    if look and look.said and not look.fault and look.said["person"] != person.id:
        return "another person was explained"
    return look.fault if look else ""


def _places(us: Told, said: Mapping[str, Any]) -> list[tuple[str, str, str, bool]]:
    """Role, school, class and whether it is the primary place, of those places that are the reader's to see."""
    found = []
    for each in said["enrollments"]:
        if school := us.school(each["org"]):
            group = us.roll.classes.get(each["class"] or "")
            role = word(us.ask, ROLES, each["role"])
            found.append((role, school, group.title if group else each["class"] or "", bool(each["primary"])))
    return found


def _elsewhere(us: Told, said: Mapping[str, Any]) -> int:
    return len({each["org"] for each in said["enrollments"] if not us.school(each["org"])})


def _changes(us: Told, person: Person, said: Mapping[str, Any]) -> list[Change]:
    return [
        Change(
            us.ask.moment(datetime.fromisoformat(each["at"])),
            each["target"],
            word(us.ask, CHANGES, each["change"]),
            "" if each["status"] == Status.DONE else became(us.ask, each["status"]),
            us.plain(" ".join(filter(None, (each["reason"], each["detail"])))),
            (each["asked"] or "") if us.sees_whole(person) else "",
        )
        for each in said["changes"]
    ]


def _differs(target: Mapping[str, Any], field: Mapping[str, Any]) -> bool:
    """Whether a field is not what it should be, where the person should be there at all."""
    return any(each["wanted"] for each in target["fields"]) and set(field["wanted"]) != set(field["actual"])
