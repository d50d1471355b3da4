"""What all elements of a PIFU-IMS document are made of: ids, dates and texts."""

from typing import Final, NamedTuple, cast

from lxml.etree import _Element

from provision.formats.days import day
from provision.formats.pifu_ims import DUPLICATE, NEW, OLD


class SourcedId(NamedTuple):
    """`former` are the ids that this one replaces: those announced as Old or Duplicate."""

    id: str
    source: str
    former: tuple[str, ...] = ()

    @property
    def best(self) -> str:
        """Any id that says whom this is about; "" where there is none."""
        return self.id or next(iter(self.former), "")


class _Names(dict[str, str]):
    """Each tag's name without its namespace, remembered: there are some thirty tags and millions of elements."""

    def __missing__(self, tag: str) -> str:
        return self.setdefault(tag, tag.rpartition("}")[2])


NAMES: Final = _Names()


def text_of(element: _Element) -> str:
    return (element.text or "").strip()


def first(element: _Element, name: str) -> str:
    """The text of the first child of that name, "" without one."""
    for child in element:
        if NAMES[child.tag] == name:
            return text_of(child)
    return ""


def sourced_id(elements: list[_Element]) -> SourcedId:
    """The id that counts among the sourcedids of one object, the source that gave it, and the ids that it replaces.

    What counts is the New one, else the first that is neither Old nor Duplicate; a lone one counts in any case.
    """
    if len(elements) == 1:
        return SourcedId(*_pair(elements[0]))
    by_kind: dict[str, list[tuple[str, str]]] = {}
    for each in elements:
        by_kind.setdefault(each.get("sourcedidtype", ""), []).append(_pair(each))
    former = [old for old, _ in (*by_kind.pop(OLD, ()), *by_kind.pop(DUPLICATE, ())) if old]
    counting = [*by_kind.pop(NEW, ()), *(pair for pairs in by_kind.values() for pair in pairs)]
    kept, source = counting[0] if counting else ("", "")
    return SourcedId(kept, source, tuple(old for old in former if old != kept))


def reference(parent: _Element) -> str:
    """The id that counts among the sourcedids in an element that refers to an object; "" where there is none."""
    return sourced_id([each for each in parent if NAMES[each.tag] == "sourcedid"]).id


def _pair(element: _Element) -> tuple[str, str]:
    """The id and the source of a sourcedid."""
    identifier = source = ""
    for child in element:
        name = NAMES[child.tag]
        if name == "id":
            identifier = text_of(child)
        elif name == "source":
            source = text_of(child)
    return identifier, source


def timeframe(element: _Element) -> tuple[str, str]:
    return frame(day(first(element, "begin")), day(first(element, "end")))


def frame(begin: str, end: str) -> tuple[str, str]:
    """Begin and end, each "" where open.

    A frame that ends before it begins says nothing, so both are open then; the format's own example holds one.
    """
    return ("", "") if begin and end and begin > end else (begin, end)


def line_of(element: _Element) -> int:
    return cast("int | None", element.sourceline) or 0
