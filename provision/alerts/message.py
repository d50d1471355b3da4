"""One message about what began and what is over: its subject line, its text, and what the web page is called."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from provision.alerts.texts import next_step, said, word
from provision.core.clocks import local
from provision.core.conditions import Condition, Severity, What
from provision.core.language import Language
from provision.core.telling import News, Told

_WHEN: Final = "%d.%m.%Y %H:%M"


@dataclass(frozen=True, slots=True)
class Item:
    """One event; `step` is empty of what is over."""

    text: str
    step: str = ""
    urgent: bool = False


@dataclass(frozen=True, slots=True)
class Message:
    title: str
    items: tuple[Item, ...]
    link: str
    footer: str
    language: Language

    @property
    def urgent(self) -> bool:
        return any(item.urgent for item in self.items)

    @property
    def text(self) -> str:
        """As plain text."""
        parts = [f"{item.text}\n  {item.step}".rstrip() for item in self.items]
        see = [word("see", self.language, url=self.link)] if self.link else []
        return "\n\n".join([*parts, *see, f"-- \n{self.footer}"]) + "\n"


def compose(told: News, site: str, job: str, public_url: str, language: Language) -> Message:
    """One message, each event in it once; the page linked to is the one that shows them all."""
    items = (*(_begun(row, language) for row in told.begun), *(_over(row, language) for row in told.over))
    return Message(
        title=" ".join(f"[{site}] {_title(told, items, language)}".split()),
        items=items,
        link=f"{public_url.rstrip('/')}/" if public_url else "",
        footer=word("automatic", language, site=site, job=job),
        language=language,
    )


def _title(told: News, items: tuple[Item, ...], language: Language) -> str:
    """What it is about, and how many things; a single one by what it is."""
    if len(items) > 1:
        text = word("begun", language, count=str(len(told.begun))) if told.begun else word("all_over", language)
    elif told.begun:
        text = _said(told.begun[0], language).partition(": ")[0]
    else:
        text = items[0].text
    return f"{word('now', language)}: {text}" if any(item.urgent for item in items) else text


def _begun(row: Told, language: Language) -> Item:
    what = What(row.what)
    urgent = Condition(what, row.subject).severity is Severity.NOW
    text = f"{_said(row, language)} ({word('since', language, moment=_shown(row.since))})"
    text = f"{word('now', language)}: {text}" if urgent else text
    return Item(text, word("next", language, step=next_step(what, language)), urgent)


def _over(row: Told, language: Language) -> Item:
    return Item(word("over", language, said=_said(row, language)))


def _said(row: Told, language: Language) -> str:
    return said(What(row.what), row.subject, row.facts, language)


def _shown(moment: datetime) -> str:
    return local(moment).strftime(_WHEN)
