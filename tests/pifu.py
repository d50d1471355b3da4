"""Small PIFU-IMS documents, each with only what a test says about it."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Final
from xml.sax.saxutils import escape

import pandas as pd

from provision.core.extract import Extract
from provision.formats.pifu_ims import NAMESPACE_1_3
from provision.sources.pifu_ims import PifuImsSource

DISTRICT: Final = "975278964"
SCHOOL: Final = "974588145"
OTHER_SCHOOL: Final = "974575086"
NOW: Final = datetime(2026, 8, 17, 3, 0, tzinfo=UTC)


def element(name: str, text: str) -> str:
    return f"<{name}>{escape(text)}</{name}>"


def sourcedid(id_: str, source: str = "nordlys", kind: str = "") -> str:
    announced = f' sourcedidtype="{kind}"' if kind else ""
    return f"<sourcedid{announced}>{element('source', source)}{element('id', id_)}</sourcedid>"


def _marked(recstatus: str) -> str:
    return f' recstatus="{recstatus}"' if recstatus else ""


def person(  # noqa: PLR0913 - each part of a person can be the one that a test is about
    id_: str = "",
    given: str = "Kari",
    family: str = "Nordmann",
    *,
    ids: str | None = None,
    full: str | None = None,
    rest: str = "",
    extension: str = "",
    recstatus: str = "",
) -> str:
    """A `person`; `ids` replaces its sourcedid, `rest` stands after the name, `extension` inside the extension."""
    name = f"{element('fn', f'{given} {family}' if full is None else full)}<n>{element('family', family)}"
    return (
        f"<person{_marked(recstatus)}>{sourcedid(id_) if ids is None else ids}"
        f"<name>{name}{element('given', given)}</n></name>{rest}<extension>{extension}</extension></person>"
    )


def guardian_of(id_: str, kind: str = "guardian") -> str:
    return f'<pifu_hasContactPerson type="{kind}">{sourcedid(id_)}</pifu_hasContactPerson>'


def group(  # noqa: PLR0913 - each part of a group can be the one that a test is about
    id_: str,
    kind: str = "basisgruppe",
    level: str = "1",
    *,
    title: str = "6A",
    long: str = "",
    parent: str = "skole-1",
    scheme: str = "pifu-ims-go-grp",
    ids: str | None = None,
    frame: str = "",
    extension: str = "",
    recstatus: str = "",
) -> str:
    return (
        f"<group{_marked(recstatus)}>{sourcedid(id_) if ids is None else ids}<grouptype>{element('scheme', scheme)}"
        f'<typevalue level="{level}">{escape(kind)}</typevalue></grouptype>'
        f"<description>{element('short', title)}{element('long', long) if long else ''}</description>{frame}"
        f'<relationship relation="1">{sourcedid(parent)}<label>over</label></relationship>'
        f"<extension>{extension}</extension></group>"
    )


def identifier(kind: str, value: str) -> str:
    return f'<pifu_id type="{kind}">{element("pifu_value", value)}</pifu_id>'


def org(id_: str, number: str, title: str = "Nordlys skole", *, owner: bool = False, extension: str = "") -> str:
    kind, level = ("skoleeier", "1") if owner else ("skole", "2")
    return group(
        id_,
        kind,
        level,
        title=title,
        parent="eier",
        scheme="pifu-ims-go-org",
        extension=(identifier("organizationNumber", number) if number else "") + extension,
    )


OWNER: Final = org("eier", DISTRICT, "Nordlys kommune", owner=True)
ORGS: Final = OWNER + org("skole-1", SCHOOL)


def role(  # noqa: PLR0913 - each part of a role can be the one that a test is about
    kind: str = "01",
    *,
    subrole: str = "",
    status: str = "1",
    begin: str = "",
    end: str = "",
    extension: str = "",
    recstatus: str = "",
) -> str:
    dates = f"{element('begin', begin) if begin else ''}{element('end', end) if end else ''}"
    detail = element("subrole", subrole) if subrole else ""
    return (
        f'<role roletype="{kind}"{_marked(recstatus)}>{detail}{element("status", status)}'
        f"{f'<timeframe>{dates}</timeframe>' if dates else ''}<extension>{extension}</extension></role>"
    )


def member(id_: str, *roles: str, ids: str | None = None, idtype: str = "1") -> str:
    said = "".join(roles or (role(),))
    return f"<member>{sourcedid(id_) if ids is None else ids}{element('idtype', idtype)}{said}</member>"


def membership(group_id: str, *members: str) -> str:
    return f"<membership>{sourcedid(group_id)}{''.join(members)}</membership>"


def document(
    *pieces: str,
    kind: str = "full",
    moment: str = "2026-08-17T02:00:00",
    namespace: str = NAMESPACE_1_3,
    prefix: str = "",
) -> str:
    """A document without its XML declaration, every element with the namespace prefix if there is one."""
    properties = f'<properties lang="no"><datasource>sas@nordlys.example</datasource>{element("type", kind)}'
    body = f"{properties}{element('datetime', moment)}</properties>\n" + "\n".join(pieces)
    if not prefix:
        return f'<enterprise xmlns="{namespace}">\n{body}\n</enterprise>\n'
    prefixed = re.sub(r"<(/?)(?=[a-z])", rf"<\1{prefix}:", body)
    return f'<{prefix}:enterprise xmlns:{prefix}="{namespace}">\n{prefixed}\n</{prefix}:enterprise>\n'


def small() -> str:
    """One school, one class, a pupil, a guardian and a contact teacher."""
    return document(
        person("elev-1", "Åse", "Nordmann", extension=guardian_of("foresatt-1")),
        person("foresatt-1", "Jo", "Nordmann"),
        person("laerer-1", "Ole", "Bø"),
        ORGS,
        group("b-6a"),
        membership("skole-1", member("elev-1"), member("laerer-1", role("02"))),
        membership("b-6a", member("elev-1"), member("laerer-1", role("06"))),
    )


def declared(text: str, encoding: str) -> bytes:
    return f'<?xml version="1.0" encoding="{encoding}"?>\n{text}'.encode(encoding)


def source(
    path: Path, encoding: str | None = None, progress: Callable[[int, int], None] | None = None
) -> PifuImsSource:
    return PifuImsSource(path, clock=lambda: NOW, encoding=encoding, progress=progress)


def extract(folder: Path, *pieces: str, **properties: str) -> Extract:
    """What the source makes of a document with the pieces."""
    path = folder / "sis.xml"
    path.write_text(document(*pieces, **properties), encoding="utf-8")
    return source(path).read()


def rows(extract: Extract, table: str) -> list[dict[str, str]]:
    frame: pd.DataFrame = extract.tables[table]
    return [dict(zip(frame.columns, cells, strict=True)) for cells in frame.itertuples(index=False, name=None)]
