"""What a page is made from: the request, the site, who asks, in which language; and how it is answered."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any, Final

from babel.dates import format_date, format_datetime
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from provision.core.clocks import local
from provision.core.language import Language
from provision.journal.web_sessions import WebSession
from provision.web import csrf
from provision.web.access import Who
from provision.web.reasons import Worded, worded
from provision.web.sites import Site, Sites
from provision.web.texts import catalogue, spoken

_SEEN_OTHER: Final = 303


class Refused(Exception):
    """A page that is not there for who asks, or what cannot be done; `status` is 400, 404 or 409.

    `text` is already in the reader's language, "" for the usual words.
    """

    def __init__(self, status: int, text: str = "") -> None:
        super().__init__(str(status))
        self.status = status
        self.text = text


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the navigation."""

    path: str
    text: str
    here: bool


@dataclass(frozen=True, slots=True)
class Ask:
    """`site` is the one logged in to, or the only one; None where that is not settled. `form` is what was sent."""

    request: Request
    sites: Sites
    site: Site | None
    who: Who | None
    session: WebSession | None = field(repr=False)
    language: Language
    form: Mapping[str, str] = field(default_factory=dict, repr=False)
    menu: Sequence[Entry] = ()

    @property
    def at(self) -> Site:
        """The site; every page that asks for a login has one."""
        if self.site is None:
            raise Refused(404)
        return self.site

    @property
    def me(self) -> Who:
        if self.who is None:
            raise Refused(404)
        return self.who

    @property
    def here(self) -> str:
        """This page, to come back to it as it is; the first one after a form, or back from a provider."""
        url = self.request.url
        if self.request.method not in csrf.SAFE or url.path == "/login/callback":
            return "/"
        return f"{url.path}?{url.query}" if url.query else url.path

    def path(self, name: str) -> str:
        """A part of the address, such as the school's number."""
        return str(self.request.path_params[name])

    def query(self, name: str) -> str:
        return self.request.query_params.get(name, "")

    def gettext(self, text: str, **values: object) -> str:
        """The text in the reader's language, with its values set in."""
        return catalogue(self.language).gettext(text) % values

    def ngettext(self, one: str, many: str, number: int, **values: object) -> str:
        return catalogue(self.language).ngettext(one, many, number) % {"num": number, **values}

    def day(self, day: Any) -> str:
        return format_date(day, "d. MMMM y" if self.language is not Language.EN else "d MMMM y", self.language.value)

    def moment(self, moment: datetime) -> str:
        """As the clocks of schools show it."""
        pattern = "d. MMMM y HH:mm" if self.language is not Language.EN else "d MMMM y HH:mm"
        return format_datetime(local(moment), pattern, locale=self.language.value)

    def worded(self, text: str) -> Worded:
        """What the program says of why something is so, in the reader's language as far as it is known."""
        return Worded(text) if self.language is Language.EN else worded(text, self.gettext, self.day)

    def page(self, template: str, status: int = 200, **content: object) -> Response:
        """A page of ours around the content."""
        found = _templates().get_template(template)
        given = {
            "ask": self,
            "_": self.gettext,
            "ngettext": self.ngettext,
            "worded": self.worded,
            "languages": spoken(),
            "fresh": self._fresh(),
            "token": self._token(),
        }
        return HTMLResponse(found.render({**given, **content}), status)

    def go(self, path: str) -> Response:
        """After something was done: the page that shows it."""
        return RedirectResponse(path, _SEEN_OTHER)

    def _token(self) -> Markup:
        """What every form of a session carries."""
        field_of_form = Markup('<input type="hidden" name="{}" value="{}">')
        return field_of_form.format(csrf.FIELD, self.session.csrf) if self.session else Markup()

    def _fresh(self) -> str:
        """Of when that is what the pages tell, "" where nothing was ever read."""
        if self.site is None or self.who is None:
            return ""
        moments = self.site.journal.as_of().values()
        return self.moment(min(moments)) if moments else ""


@cache
def _templates() -> Environment:
    return Environment(
        loader=PackageLoader("provision.web"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
