"""The audit trail: searched, and its chain verified."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from starlette.responses import Response

from provision.audit_heads import HEAD, file_of
from provision.journal.audit_search import AuditSearch
from provision.web.ask import Ask, Refused
from provision.web.audit_views import line
from provision.web.looks import Look

_ON_A_PAGE: Final = 50
_LONGEST: Final = 100
_HEADS: Final = 20
_DIGITS: Final = 9


@dataclass(frozen=True, slots=True)
class Sought:
    """What is looked for: a person's id, a run's, from a day on; `before` the record where the last page ended."""

    person: str = ""
    run: str = ""
    since: date | None = None
    before: int | None = None


def show(ask: Ask) -> Response:
    """The latest records; with `run` or `person` in the address those about one, and with `check` how whole it is."""
    sought = _sought(ask, {name: ask.query(name) for name in ("person", "run")})
    look = ask.at.looks.find(ask.query("check"))
    if ask.query("check") and look is None:
        raise Refused(404)
    return _page(ask, sought, look)


def search(ask: Ask) -> Response:
    """Sent as a form, so that whatever somebody types stands in no address."""
    return _page(ask, _sought(ask, ask.form), None)


def verify(ask: Ask) -> Response:
    """Begins to read the whole chain, against the ends that the site keeps elsewhere and those that were typed."""
    heads = ask.form.get("heads", "").split()
    if len(heads) > _HEADS or not all(HEAD.fullmatch(each) for each in heads):
        raise Refused(400, ask.gettext("An end of the chain is a number, a colon and 64 letters or digits."))
    kept = file_of(ask.at.place)
    arguments = ["audit", "verify", "--json", "--site", str(ask.at.folder.absolute()), "--job", ask.at.job]
    arguments += ["--heads", str(kept)] if kept and kept.exists() else []
    for head in heads:
        arguments += ["--head", head]
    look = ask.at.looks.begin(arguments, ask.me.by)
    if look is None:
        raise Refused(409)
    return ask.go(f"/audit?check={look.id}")


def _page(ask: Ask, sought: Sought, look: Look | None) -> Response:
    found = AuditSearch((), 0) if look else _found(ask, sought)
    return ask.page(
        "audit.html.j2",
        sought=sought,
        records=[line(ask, record) for record in found.records],
        erased=found.erased,
        more=found.more,
        look=look,
        said=look.said if look and look.ended and not look.fault else None,
        kept=file_of(ask.at.place) is not None,
    )


def _found(ask: Ask, sought: Sought) -> AuditSearch:
    return ask.at.journal.latest_audit_records(
        sought.person, sought.run, sought.since, before=sought.before, most=_ON_A_PAGE
    )


def _sought(ask: Ask, terms: Mapping[str, str]) -> Sought:
    person, run = (terms.get(name, "").strip() for name in ("person", "run"))
    if max(len(person), len(run)) > _LONGEST:
        raise Refused(400, ask.gettext("That is longer than any id."))
    return Sought(person, run, _day(ask, terms.get("since", "")), _number(terms.get("before", "")))


def _day(ask: Ask, text: str) -> date | None:
    try:
        return date.fromisoformat(text.strip()) if text.strip() else None
    except ValueError:
        raise Refused(400, ask.gettext("Write the day as in 2026-11-23.")) from None


def _number(text: str) -> int | None:
    if not text:
        return None
    if not (text.isascii() and text.isdecimal() and len(text) <= _DIGITS):
        raise Refused(400)
    return int(text)
