"""What a school should mend in its SIS: what waits or is wrong of its own people, with the field and who can do it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain
from typing import Any, Final

from starlette.responses import Response

from provision.core.preflight.finding import Mend
from provision.web.ask import Ask
from provision.web.looks import Look
from provision.web.pages.school_looks import found, looked, page
from provision.web.texts import N_
from provision.web.told import LOSSES, PEOPLE, Named, Told, told

MOST: Final = 300
# Who can do it.
_WHO: Final = {
    Mend.SIS: N_("Whoever keeps the school's records, in the school administration system."),
    Mend.MAPPING: N_("School IT: it is a matter of what the site writes, and not of the records."),
    Mend.RUN: N_("Nobody: the next run puts it right."),
    Mend.DIRECTORY: N_("School IT, in the directory itself."),
}


@dataclass(slots=True)
class Matter:
    """One thing to mend, with all whom it is about. `language` is that of its text; `stops`: they wait for it."""

    text: str
    who: str
    stops: bool
    language: str = ""
    about: list[Named] = field(default_factory=list)
    number: int = 0


def show(ask: Ask) -> Response:
    """By what was accepted last, what stops somebody first; and what the guard holds of this school."""
    school, us = ask.path("school"), told(ask, PEOPLE)
    look = looked(ask, "preflight", "--language", ask.language.value)
    return page(
        ask,
        "school_mend.html.j2",
        look,
        matters=_shortened(matters(us, said, school)) if (said := _said(look)) else [],
        number=number_of(ask, school),
        most=MOST,
        holds=list(_holds(us, school)),
    )


def number_of(ask: Ask, school: str) -> int | None:
    """How many things there are to mend, where that was looked up already."""
    said = _said(found(ask, "preflight", "--language", ask.language.value))
    return None if said is None else sum(each.number for each in matters(told(ask, PEOPLE), said, school))


def matters(us: Told, said: Mapping[str, Any], school: str) -> list[Matter]:
    """Those of a school, from the document of `provision preflight`: each once, whatever target it was found for."""
    grouped: dict[tuple[str, str], Matter] = {}
    seen: set[tuple[str, str]] = set()
    for about, matter, number in chain(_findings(us, said, school), _waits(us, said, school)):
        if (matter.text, about.text) in seen:
            continue
        seen.add((matter.text, about.text))
        into = grouped.setdefault((matter.text, matter.who), matter)
        into.about.append(about)
        into.number += number
    return sorted(grouped.values(), key=lambda each: not each.stops)


def _said(look: Look | None) -> Mapping[str, Any] | None:
    return look.said if look and look.ended and not look.fault else None


def _findings(us: Told, said: Mapping[str, Any], school: str) -> Iterator[tuple[Named, Matter, int]]:
    lines = (line for target in said["targets"] for line in target["findings"] if school in line["orgs"])
    for line in lines:
        who = us.ask.gettext(_WHO[Mend(line["mend"])])
        text = line["text"][:1].upper() + line["text"][1:] + "."
        about = us.key(line["key"]) if line["key"] else _group(us, line)
        if about:
            yield about, Matter(text, who, line["holds"]), 1


def _group(us: Told, line: Mapping[str, Any]) -> Named | None:
    group = us.key(f"group:{line['group']}")
    number = us.ask.ngettext("%(num)s person", "%(num)s people", line["people"])
    return Named(f"{group.text} ({number})") if group else None


def _waits(us: Told, said: Mapping[str, Any], school: str) -> Iterator[tuple[Named, Matter, int]]:
    """Rows and records that cannot be used."""
    who = us.ask.gettext(_WHO[Mend.SIS])
    for wait in said["waits"]:
        if school in wait["orgs"]:
            about = us.key(f"{wait['kind']}:{wait['id']}") or Named(wait["id"] or us.ask.gettext("a row without an id"))
            reason = us.ask.worded(us.plain(wait["reason"]))
            text = reason.text if reason.language else reason.text[:1].upper() + reason.text[1:] + "."
            yield about, Matter(text, who, stops=True, language=reason.language), 1


def _holds(us: Told, school: str) -> Iterator[tuple[str, list[Named]]]:
    """What the guard holds of the school: how many, what it takes, where, and a few of them."""
    for row in us.ask.at.journal.holds():
        hold = row.hold
        if hold.org == school and hold.waits:
            count = us.ask.ngettext("%(num)s person", "%(num)s people", hold.count)
            loss = us.ask.gettext(LOSSES[hold.loss]) if hold.loss in LOSSES else hold.loss
            people = (us.key(f"account:{each}") for each in hold.examples)
            yield f"{count} {loss} ({hold.target})", [each for each in people if each]


def _shortened(matters: list[Matter]) -> list[Matter]:
    """No more than a reader works through: what stops somebody first."""
    left = MOST
    for each in matters:
        each.about = each.about[: max(0, left)]
        left -= len(each.about)
    return [each for each in matters if each.about]
