"""Small OneRoster packages, each with only what a test says about it."""

import csv
import io
import zipfile
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, Literal

from provision.core.extract import Extract
from provision.formats.oneroster import MANIFEST, MANIFEST_FILES, columns
from provision.sources.oneroster import OneRosterCsvSource

Version = Literal["1.1", "1.2"]
Row = Mapping[str, str]
Tables = dict[str, list[Row]]

DISTRICT: Final = "975278964"
SCHOOL: Final = "974588145"
OTHER_SCHOOL: Final = "974575086"
NOW: Final = datetime(2026, 8, 17, 3, 0, tzinfo=UTC)
MOMENT: Final = (2026, 8, 17, 2, 0, 0)  # as a zip says it, in Norwegian time


def org(id_: str, number: str = "", kind: str = "school", parent: str = "eier", **cells: str) -> Row:
    named = {"name": "Nordlys skole", "type": kind, "identifier": number, "parentSourcedId": parent}
    return {"sourcedId": id_, **named, **cells}


def term(id_: str = "ar", begin: str = "2026-08-01", end: str = "2027-08-01", **cells: str) -> Row:
    """A school year; its end is the day after the last."""
    dates = {"startDate": begin, "endDate": end, "schoolYear": "2027"}
    return {"sourcedId": id_, "title": "2026/2027", "type": "schoolYear", **dates, **cells}


def course(id_: str = "fag", **cells: str) -> Row:
    return {"sourcedId": id_, "title": "Fag", "orgSourcedId": "skole-1", **cells}


def school_class(id_: str = "6a", kind: str = "homeroom", **cells: str) -> Row:
    where = {"courseSourcedId": "fag", "schoolSourcedId": "skole-1", "termSourcedIds": "ar"}
    return {"sourcedId": id_, "title": "6A", "classType": kind, **where, **cells}


def user(id_: str, given: str = "Kari", family: str = "Nordmann", **cells: str) -> Row:
    return {"sourcedId": id_, "enabledUser": "true", "username": id_, "givenName": given, "familyName": family, **cells}


def role(user_id: str, word: str = "student", org_id: str = "skole-1", **cells: str) -> Row:
    where = {"userSourcedId": user_id, "orgSourcedId": org_id, "role": word, "roleType": "primary"}
    return {"sourcedId": f"{user_id}.{org_id}.{word}", **where, **cells}


def enrollment(user_id: str, class_id: str = "6a", word: str = "student", **cells: str) -> Row:
    where = {"userSourcedId": user_id, "classSourcedId": class_id, "schoolSourcedId": "skole-1", "role": word}
    return {"sourcedId": f"{user_id}.{class_id}.{word}", **where, **cells}


def small(version: Version = "1.2") -> Tables:
    """One school, one class, a pupil, a guardian and a contact teacher."""
    people = [user("elev-1", "Åse", agentSourcedIds="mor-1"), user("mor-1", "Jo"), user("laerer-1", "Ole", "Bø")]
    words = ("student", "guardian", "teacher")
    tables: Tables = {
        "orgs": [org("eier", DISTRICT, "district", "", name="Nordlys kommune"), org("skole-1", SCHOOL)],
        "academicSessions": [term()],
        "courses": [course()],
        "classes": [school_class()],
        "users": list(people),
        "enrollments": [enrollment("elev-1"), enrollment("laerer-1", word="teacher", primary="true")],
    }
    if version == "1.2":
        tables["roles"] = [role(each["sourcedId"], word) for each, word in zip(people, words, strict=True)]
    else:
        tables["users"] = [
            {**each, "role": word, "orgSourcedIds": "skole-1"} for each, word in zip(people, words, strict=True)
        ]
    return tables


def with_user(tables: Tables, id_: str, word: str = "student", **cells: str) -> Tables:
    """The tables and one more person, with a role at the school in whichever version they are."""
    if "roles" in tables:
        tables["users"].append(user(id_, **cells))
        tables["roles"].append(role(id_, word))
    else:
        tables["users"].append(user(id_, role=word, orgSourcedIds="skole-1", **cells))
    return tables


def text(rows: Sequence[Row], header: Sequence[str]) -> str:
    """The rows as a file; columns that the header does not have stand to the right of it."""
    more = dict.fromkeys(name for row in rows for name in row if name not in header)
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, [*header, *more], restval="", lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def manifest(bulk: Sequence[str], version: str = "1.2", **files: str) -> str:
    known: Sequence[str] = MANIFEST_FILES["1.1" if version == "1.1" else "1.2"]
    kinds = {name: "bulk" if name in bulk else "absent" for name in known} | files
    rows = [("propertyName", "value"), ("manifest.version", "1.0"), ("oneroster.version", version)]
    return "".join(f"{name},{value}\r\n" for name, value in rows + [(f"file.{n}", kind) for n, kind in kinds.items()])


def files(tables: Mapping[str, Sequence[Row]], version: Version = "1.2") -> dict[str, bytes]:
    """The files of a package, by name."""
    packed = {f"{name}.csv": text(rows, columns(name, version)).encode() for name, rows in tables.items()}
    return {MANIFEST: manifest(list(tables), version).encode(), **packed}


def zipped(
    content: Mapping[str, bytes], *, folder: str = "", moment: tuple[int, int, int, int, int, int] = MOMENT
) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, each in content.items():
            archive.writestr(zipfile.ZipInfo(f"{folder}{name}", moment), each, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def source(path: Path, progress: Callable[[int, int], None] | None = None) -> OneRosterCsvSource:
    return OneRosterCsvSource(path, clock=lambda: NOW, progress=progress)


def extract(folder: Path, tables: Mapping[str, Sequence[Row]], version: Version = "1.2") -> Extract:
    """What the source makes of a package with the tables."""
    path = folder / "oneroster.zip"
    path.write_bytes(zipped(files(tables, version)))
    return source(path).read()


def rows(extract: Extract, table: str) -> list[dict[str, str]]:
    frame = extract.tables[table]
    return [dict(zip(frame.columns, cells, strict=True)) for cells in frame.itertuples(index=False, name=None)]


def rejected(extract: Extract) -> list[tuple[str, str, str]]:
    """Table, id and org of each row that could not be used."""
    return [(row["table"], row["sourced_id"], row["org"]) for row in rows(extract, "rejects")]


def reasons(extract: Extract) -> str:
    return "\n".join(row["reason"] for row in rows(extract, "rejects"))
