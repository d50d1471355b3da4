"""Whether a OneRoster CSV package is valid, by the rules of the CSV Binding restated here."""

import csv
import io
import re
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Final

HEAD: Final = "sourcedId status dateLastModified "
HEADERS: Final[Mapping[str, str]] = {
    "academicSessions": "title type startDate endDate parentSourcedId schoolYear",
    "orgs": "name type identifier parentSourcedId",
    "courses": "schoolYearSourcedId title courseCode grades orgSourcedId subjects subjectCodes",
    "classes": (
        "title grades courseSourcedId classCode classType location schoolSourcedId termSourcedIds subjects "
        "subjectCodes periods"
    ),
    "users": (
        "enabledUser username userIds givenName familyName middleName identifier email sms phone agentSourcedIds "
        "grades password userMasterIdentifier preferredGivenName preferredMiddleName preferredFamilyName "
        "primaryOrgSourcedId pronouns"
    ),
    "users 1.1": (
        "enabledUser orgSourcedIds role username userIds givenName familyName middleName identifier email sms phone "
        "agentSourcedIds grades password"
    ),
    "roles": "userSourcedId roleType role beginDate endDate orgSourcedId userProfileSourcedId",
    "userProfiles": ("userSourcedId profileType vendorId applicationId description credentialType username password"),
    "enrollments": "classSourcedId schoolSourcedId userSourcedId role primary beginDate endDate",
    "demographics": (
        "birthDate sex americanIndianOrAlaskaNative asian blackOrAfricanAmerican nativeHawaiianOrOtherPacificIslander "
        "white demographicRaceTwoOrMoreRaces hispanicOrLatinoEthnicity countryOfBirthCode stateOfBirthAbbreviation "
        "cityOfBirth publicSchoolResidenceStatus"
    ),
}
FILES: Final[Mapping[str, str]] = {
    "1.1": (
        "academicSessions categories classes classResources courses courseResources demographics enrollments lineItems "
        "orgs resources results users"
    ),
    "1.2": (
        "academicSessions categories classes classResources courses courseResources demographics enrollments "
        "lineItemLearningObjectiveIds lineItems lineItemScoreScales orgs resources resultLearningObjectiveIds results "
        "resultScoreScales roles scoreScales userProfiles userResources users"
    ),
}
REQUIRED: Final[Mapping[str, str]] = {
    "academicSessions": "title type startDate endDate schoolYear",
    "orgs": "name type",
    "courses": "title orgSourcedId",
    "classes": "title courseSourcedId classType schoolSourcedId termSourcedIds",
    "users": "enabledUser username givenName familyName",
    "users 1.1": "enabledUser orgSourcedIds role username givenName familyName",
    "roles": "userSourcedId roleType role orgSourcedId",
    "userProfiles": "userSourcedId profileType vendorId credentialType username",
    "enrollments": "classSourcedId schoolSourcedId userSourcedId role",
    "demographics": "",
}
USER_ROLES: Final[Mapping[str, str]] = {
    "1.1": "administrator aide guardian parent proctor relative student teacher",
    "1.2": (
        "aide counselor districtAdministrator guardian parent principal proctor relative siteAdministrator student "
        "systemAdministrator teacher"
    ),
}
# File and column: the words that it may hold, and whether since 1.2 others may begin with ext:.
WORDS: Final[Mapping[tuple[str, str], tuple[str, bool]]] = {
    ("academicSessions", "type"): ("gradingPeriod semester schoolYear term", True),
    ("orgs", "type"): ("department school district local state national", True),
    ("classes", "classType"): ("homeroom scheduled", True),
    ("users", "enabledUser"): ("true false", False),
    ("roles", "roleType"): ("primary secondary", False),
    ("enrollments", "role"): ("administrator proctor student teacher", True),
    ("enrollments", "primary"): ("true false", False),
    ("demographics", "sex"): ("male female unspecified other", True),
}
GRADES_1_1: Final = {"IT", "PR", "PK", "TK", "KG", "PS", "UG", "Other"} | {f"{n:02}" for n in range(1, 14)}
REFERENCES: Final[Mapping[str, str]] = {
    "schoolYearSourcedId": "academicSessions", "termSourcedIds": "academicSessions", "orgSourcedId": "orgs",
    "orgSourcedIds": "orgs", "schoolSourcedId": "orgs", "primaryOrgSourcedId": "orgs", "courseSourcedId": "courses",
    "classSourcedId": "classes", "userSourcedId": "users", "agentSourcedIds": "users",
    "userProfileSourcedId": "userProfiles",
}  # fmt: skip  # a table of names
LISTS: Final = {"grades", "subjects", "subjectCodes", "periods", "userIds"}
ID: Final = re.compile(r"(?:[0-9A-Za-z.\-_/@]|%[0-9A-F]{2}){1,255}")
A_DAY: Final = timedelta(days=1)
DAY: Final = re.compile(r"\d{4}-\d\d-\d\d")

Row = Mapping[str, str]


@dataclass
class Package:
    """A package as it stands in its zip, and what is wrong with it."""

    version: str = ""
    tables: dict[str, list[dict[str, str]]] = field(default_factory=dict)
    by_id: dict[str, dict[str, dict[str, str]]] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)


def load(content: bytes | Path) -> Package:
    """The package, with every fault in it."""
    package = Package()
    raw = content.read_bytes() if isinstance(content, Path) else content
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        files = _members(archive, package)
    _check_manifest(files, package)
    for name in [each for each in files if each != "manifest"]:
        _check_table(name, files[name], package)
    for check in CHECKS:
        if not package.faults:
            package.faults += check(package)
    return package


def tables_of(content: bytes | Path) -> dict[str, list[dict[str, str]]]:
    """The rows of each file of a package, which must be valid."""
    package = load(content)
    assert package.faults == []
    return package.tables


def _members(archive: zipfile.ZipFile, package: Package) -> dict[str, list[list[str]]]:
    found: dict[str, list[list[str]]] = {}
    assert archive.testzip() is None
    for member in archive.infolist():
        name = member.filename.removesuffix(".csv")
        if name in found or "/" in name or not member.filename.endswith(".csv"):
            package.faults.append(f"{member.filename}: twice, in a folder, or no CSV file")
        if member.compress_type != zipfile.ZIP_DEFLATED or member.flag_bits & 1:
            package.faults.append(f"{member.filename}: not deflated, or encrypted")
        text = archive.read(member).decode("utf-8")
        if text.startswith("\ufeff") or not text.endswith("\r\n") or "\n" in text.replace("\r\n", ""):
            package.faults.append(f"{member.filename}: a BOM, or lines that do not end in CR LF")
        found[name] = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    return found


def _check_manifest(files: Mapping[str, Sequence[Sequence[str]]], package: Package) -> None:
    rows = files.get("manifest") or [["no manifest"]]
    said = dict(row for row in rows if len(row) == 2)
    package.version = said.get("oneroster.version", "")
    names = FILES.get(package.version, "").split()
    wanted = {"propertyName", "manifest.version", "oneroster.version", *(f"file.{name}" for name in names)}
    if not names or rows[0] != ["propertyName", "value"] or len(said) != len(rows) or said["manifest.version"] != "1.0":
        package.faults.append("manifest: header, version or a row is wrong")
    if wanted - said.keys() or said.keys() - wanted - {"source.systemName", "source.systemCode"}:
        package.faults.append("manifest: a property is missing or unknown")
    for name in names:
        if said.get(f"file.{name}") != ("bulk" if name in files else "absent"):
            package.faults.append(f"manifest: file.{name} is not as the files are")
    if files.keys() - {"manifest", *names}:
        package.faults.append("a file that the manifest does not know")


def header_of(name: str, version: str) -> str:
    """Which header a file has."""
    return f"{name} {version}" if f"{name} {version}" in HEADERS else name


def _check_table(name: str, lines: Sequence[Sequence[str]], package: Package) -> None:
    header = (HEAD + HEADERS.get(header_of(name, package.version), "")).split()
    if list(lines[0]) != header or len(lines) < 2 or any(len(line) != len(header) for line in lines):
        package.faults.append(f"{name}: the header is wrong, a row has not as many cells, or there is no row")
        return
    package.tables[name] = [dict(zip(header, line, strict=True)) for line in lines[1:]]
    package.by_id[name] = {row["sourcedId"]: row for row in package.tables[name]}
    if len(package.by_id[name]) < len(lines) - 1:
        package.faults.append(f"{name}: two rows have one id")


def _each(package: Package) -> Iterator[tuple[str, str, Row]]:
    for name, rows in package.tables.items():
        for number, row in enumerate(rows, start=2):
            yield name, f"{name}.csv, line {number}", row


def _cells(package: Package) -> Iterator[str]:
    for name, where, row in _each(package):
        for column in ("sourcedId", *REQUIRED[header_of(name, package.version)].split()):
            if not row[column]:
                yield f"{where}: {column} is empty"
        if row["status"] or row["dateLastModified"]:
            yield f"{where}: status and dateLastModified must be empty in bulk"
        for column, cell in row.items():
            if "\n" in cell or "\r" in cell or "\0" in cell:
                yield f"{where}: {column} holds a line break or a NUL"
            if (column in LISTS or column.endswith("SourcedIds")) and cell and "" in cell.split(","):
                yield f"{where}: {column} has an empty item"


def _ids(package: Package) -> Iterator[str]:
    for name, where, row in _each(package):
        for column in [c for c in row if c == "sourcedId" or c.endswith(("SourcedId", "SourcedIds"))]:
            items = row[column].split(",") if column.endswith("Ids") else [row[column]]
            target = name if column == "parentSourcedId" else REFERENCES.get(column)
            for item in filter(None, items):
                if not ID.fullmatch(item) or len(item) > 255:
                    yield f"{where}: {column} is no GUID"
                elif target and item not in package.by_id.get(target, {}):
                    yield f"{where}: {column} leads to nothing in {target}.csv"
    if package.by_id.get("demographics", {}).keys() - package.by_id.get("users", {}).keys():
        yield "demographics.csv: somebody who is no user"


def _words(package: Package) -> Iterator[str]:
    roles = USER_ROLES[package.version].split()
    for name, where, row in _each(package):
        for (file, column), (words, extended) in WORDS.items():
            if file == name and not _is_word(
                row[column], words.split(), extended=extended and package.version == "1.2"
            ):
                yield f"{where}: {column} is not one of {words}"
        if "role" in row and name != "enrollments" and not _is_word(row["role"], roles, extended=name == "roles"):
            yield f"{where}: role is not one of {', '.join(roles)}"
        grades = set(filter(None, row.get("grades", "").split(",")))
        if package.version == "1.1" and not grades <= GRADES_1_1:
            yield f"{where}: grades are not of CEDS"
        if any(
            not re.fullmatch(r"\{[^:{}]+:[^{}]+\}", item) for item in filter(None, row.get("userIds", "").split(","))
        ):
            yield f"{where}: an item of userIds is not as {{Type:Id}}"


def _is_word(cell: str, words: Sequence[str], *, extended: bool) -> bool:
    return not cell or cell in words or (extended and cell.startswith("ext:") and len(cell) > len("ext:"))


def _dates(package: Package) -> Iterator[str]:
    for _, where, row in _each(package):
        found = {column: cell for column, cell in row.items() if column.endswith("Date") and cell}
        if any(not _is_day(cell) for cell in found.values()):
            yield f"{where}: a date is not as YYYY-MM-DD"
            continue
        begin = found.get("startDate") or found.get("beginDate")
        if begin and found.get("endDate", "9999") <= begin:
            yield f"{where}: ends before it begins, or on the same day"
        if "schoolYear" in row and int(row["schoolYear"]) != (date.fromisoformat(found["endDate"]) - A_DAY).year:
            yield f"{where}: schoolYear is not the year in which it ends"


def _is_day(cell: str) -> bool:
    try:
        return bool(DAY.fullmatch(cell)) and bool(date.fromisoformat(cell))
    except ValueError:
        return False


def _roles(package: Package) -> Iterator[str]:
    roles = package.tables.get("roles", [])
    primary = Counter((row["userSourcedId"], row["orgSourcedId"]) for row in roles if row["roleType"] == "primary")
    held = {(row["userSourcedId"], row["orgSourcedId"]) for row in roles}
    if any(count > 1 for count in primary.values()) or held - primary.keys():
        yield "roles.csv: somebody has not exactly one primary role at an org"
    for row in package.tables.get("users", ()):
        if row.get("primaryOrgSourcedId") and (row["sourcedId"], row["primaryOrgSourcedId"]) not in held:
            yield "users.csv: somebody has no role at their primary org"
    names = [row["username"] for row in package.tables.get("users", ())]
    if len(set(names)) != len(names):
        yield "users.csv: two users have one username"


def _places(package: Package) -> Iterator[str]:
    orgs, sessions, classes = (package.by_id.get(name, {}) for name in ("orgs", "academicSessions", "classes"))
    for row in package.tables.get("courses", ()):
        if row["schoolYearSourcedId"] and sessions[row["schoolYearSourcedId"]]["type"] != "schoolYear":
            yield "courses.csv: schoolYearSourcedId leads to no schoolYear"
    for name in ("classes", "enrollments"):
        if any(
            not orgs[r["schoolSourcedId"]]["type"].startswith(("school", "ext:")) for r in package.tables.get(name, ())
        ):
            yield f"{name}.csv: schoolSourcedId leads to no school"
    for row in package.tables.get("enrollments", ()):
        if row["schoolSourcedId"] != classes[row["classSourcedId"]]["schoolSourcedId"]:
            yield "enrollments.csv: another school than that of the class"
        if row["primary"] and row["role"] != "teacher":
            yield "enrollments.csv: primary is said of somebody who is no teacher"


CHECKS: Final[Sequence[Callable[[Package], Iterator[str]]]] = (_cells, _ids, _words, _dates, _roles, _places)
