"""A small roster as rows of OneRoster files, for a provider to serve."""

from datetime import UTC, datetime
from typing import Any, Final

from provision.core.roster import Extract
from provision.sources.oneroster.rest import OneRosterRestSource
from tests.clocks import Clock
from tests.servers.oneroster import Manners, Provider, Tables, Version

NOW: Final = datetime(2026, 11, 23, 1, 30, tzinfo=UTC)
DISTRICT: Final = "975278964"
SCHOOL: Final = "974588145"

Row = dict[str, str]


def small(version: Version = "1.2", pupils: int = 23) -> Tables:
    """One school with one class, one teacher and so many pupils, each with a guardian's place left empty."""
    ids = [f"elev-{n:03}" for n in range(pupils)]
    people = [("larer-1", "teacher"), *((each, "student") for each in ids)]
    tables: dict[str, list[Row]] = {
        "orgs": [
            row("eier", name="Prøvedal kommune", type="district", identifier=DISTRICT),
            row("skole", name="Nord skole", type="school", identifier=SCHOOL, parentSourcedId="eier"),
        ],
        "academicSessions": [
            row("2026", title="2026/2027", type="schoolYear", startDate="2026-08-01", endDate="2027-08-01",
                schoolYear="2027"),
        ],
        "courses": [row("fag", title="Norsk", courseCode="NOR0214", orgSourcedId="skole", grades="06")],
        "classes": [
            row("6A", title="6A", courseSourcedId="fag", classType="homeroom", schoolSourcedId="skole",
                termSourcedIds="2026", grades="06"),
        ],
        "users": [user(version, id_, role) for id_, role in people],
        "enrollments": [
            row(f"{id_}/6A", classSourcedId="6A", schoolSourcedId="skole", userSourcedId=id_, role=role)
            for id_, role in people
        ],
        "demographics": [row(each, birthDate="2015-02-28") for each in ids],
    }  # fmt: skip
    if version == "1.2":
        tables["roles"] = [
            row(f"r-{id_}", userSourcedId=id_, roleType="primary", role=role, orgSourcedId="skole")
            for id_, role in people
        ]
    return tables


def row(sourced_id: str, **cells: str) -> Row:
    return {"sourcedId": sourced_id, "status": "", "dateLastModified": "", **cells}


def user(version: Version, sourced_id: str, role: str) -> Row:
    own = {"role": role, "orgSourcedIds": "skole"} if version == "1.1" else {}
    named = {"givenName": "Åse", "familyName": f"Prøve{sourced_id}", "username": sourced_id}
    return row(sourced_id, enabledUser="true", **named, **own)


def source(provider: Provider, clock: Clock | None = None, **settings: Any) -> OneRosterRestSource:
    """A client of the provider whose waiting takes no time."""
    return OneRosterRestSource(provider.settings(**settings), clock=lambda: NOW, timing=(clock or Clock()).timing())


def read(manners: Manners, version: Version = "1.2", pupils: int = 23, **settings: Any) -> Extract:
    """What is read of a small roster from a provider of such manners."""
    with Provider(small(version, pupils), version, manners) as provider:
        return source(provider, **settings).read()


def people(extract: Extract) -> list[str]:
    return sorted(extract.tables["users"]["sourced_id"])


def doubts(extract: Extract) -> set[str]:
    """Why the schools are not proven."""
    assert all(bool(each.proof) != bool(each.doubt) for each in extract.completeness.values())
    return {each.doubt for each in extract.completeness.values() if not each.proof}


EVERYBODY: Final = sorted(["larer-1", *(f"elev-{n:03}" for n in range(23))])
