"""Every source with a small file of its own dialect."""

import csv
import gzip
import io
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from provision.core.extract import COLUMNS
from provision.core.ports import Source
from provision.formats.oneroster import encode_id
from provision.sources.care_csv import CareCsvSource
from provision.sources.exceptions_csv import ExceptionsCsvSource
from provision.sources.kept import KeptSource
from provision.sources.oneroster.rest import OneRosterRestSource
from provision.sources.oneroster.rest_settings import OneRosterRestSettings
from provision.sources.people_csv import PeopleCsvSource
from tests import packages, pifu
from tests.servers import documents
from tests.servers.oneroster import collections_of

PEOPLE_COLUMNS: Final = (
    "sourced_id", "given_name", "family_name", "role", "org", "begin", "end", "birth_date", "national_id", "mail",
)  # fmt: skip  # names, many to a line


@dataclass(frozen=True, slots=True)
class Bench:
    """How to make one source, and a file with somebody of the given id in it, who then stands in `table`.

    `written` takes the id and the encoding of all text in the file. `seams` are the lengths at which a cut file is a
    whole file of its own, which nothing in it can deny.
    """

    open: Callable[[Path], Source]
    written: Callable[[str, str], bytes]
    table: str
    seams: Callable[[bytes], frozenset[int]]


def _text(written: Callable[[str], str]) -> Callable[[str, str], bytes]:
    return lambda id_, encoding: written(id_).encode(encoding)


def _pifu(id_: str) -> str:
    member = pifu.member(id_, pifu.role("02"))
    return pifu.document(pifu.person(id_, "Åse"), pifu.ORGS, pifu.membership("skole-1", member))


def _care(id_: str) -> str:
    return _csv(COLUMNS["care"], (id_, "", "1", "", "", ""), ("elev-2", "mor-2", "0", "1", "1", "0"))


def _exceptions(id_: str) -> str:
    return _csv(COLUMNS["stays"], (id_, "2026-06-15", "rektor", "klage"), ("elev-2", "2026-06-15", "rektor", "klage"))


def _people(id_: str) -> str:
    cells = (id_, "Åse", "Bø", "teacher", pifu.SCHOOL, "", "2026-12-31", "", "", "")
    return _csv(PEOPLE_COLUMNS, cells, ("x-2", "Runa", *cells[2:]))


def _oneroster_csv(id_: str, encoding: str) -> bytes:
    tables = packages.with_user(packages.small(), encode_id(id_))
    return packages.zipped({name: each.decode().encode(encoding) for name, each in packages.files(tables).items()})


def _oneroster_rest(id_: str, encoding: str) -> bytes:
    document = json.dumps(collections_of(packages.small(), "1.2", ""), ensure_ascii=False, separators=(",", ":"))
    return document.replace('"elev-1"', json.dumps(id_, ensure_ascii=False)).encode(encoding)


def _kept(id_: str, encoding: str) -> bytes:
    head = {
        "format": 1,
        "source": "kept",
        "read_at": pifu.NOW.isoformat(),
        "as_of": pifu.NOW.isoformat(),
        "whole": "every row was read",
        "completeness": {},
        "tables": {"care": [2, *COLUMNS["care"]]},
    }
    cells = zip((id_, "", "1", "", "", ""), ("elev-2", "mor-2", "0", "1", "1", "0"), strict=True)
    lines = (json.dumps(line, ensure_ascii=False) + "\n" for line in (head, ["care", *cells]))
    return gzip.compress("".join(lines).encode(encoding), mtime=0)


def _provider(path: Path) -> OneRosterRestSource:
    settings = OneRosterRestSettings(
        documents.of_oneroster(path), "klient", "hemmelig", auth="oauth1", scope="roster-core"
    )
    return OneRosterRestSource(settings, clock=lambda: pifu.NOW)


def _csv(*rows: Sequence[str]) -> str:
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=";", lineterminator="\n").writerows(rows)
    return out.getvalue()


def _last_bracket(content: bytes) -> frozenset[int]:
    return frozenset(range(content.rindex(b">") + 1, len(content) + 1))


def _line_ends(content: bytes) -> frozenset[int]:
    return frozenset(n + 1 for n, byte in enumerate(content) if byte == ord("\n"))


def _end(content: bytes) -> frozenset[int]:
    return frozenset({len(content)})


SOURCES: Final[Mapping[str, Bench]] = {
    "pifu_ims": Bench(pifu.source, _text(_pifu), "users", _last_bracket),
    "oneroster_csv": Bench(packages.source, _oneroster_csv, "users", _end),
    "oneroster_rest": Bench(_provider, _oneroster_rest, "users", _end),
    "care_csv": Bench(lambda path: CareCsvSource(path, clock=lambda: pifu.NOW), _text(_care), "care", _line_ends),
    "exceptions_csv": Bench(
        lambda path: ExceptionsCsvSource(path, clock=lambda: pifu.NOW), _text(_exceptions), "stays", _line_ends
    ),
    "people_csv": Bench(
        lambda path: PeopleCsvSource(path, clock=lambda: pifu.NOW), _text(_people), "users", _line_ends
    ),
    "kept": Bench(lambda path: KeptSource(path, "kept"), _kept, "care", _end),
}
