"""A small roster for a provider to serve, and what is read of it."""

from typing import Any, Final

from provision.core.extract import Extract
from provision.formats.oneroster import Version
from provision.sources.oneroster.rest import OneRosterRestSource
from tests import packages
from tests.clocks import Clock
from tests.servers.oneroster import Manners, Provider

PUPILS: Final = 21


def ids(pupils: int) -> list[str]:
    return [f"elev-{n:03}" for n in range(pupils)]


EVERYBODY: Final = sorted(["elev-1", "laerer-1", "mor-1", *ids(PUPILS)])


def small(version: Version = "1.2", pupils: int = PUPILS) -> packages.Tables:
    """The small package, with so many more pupils in its class, all born on one day."""
    tables = packages.small(version)
    for id_ in ids(pupils):
        packages.with_user(tables, id_)
        tables["enrollments"].append(packages.enrollment(id_))
    return tables | {"demographics": [{"sourcedId": id_, "birthDate": "2015-02-28"} for id_ in ids(pupils)]}


def source(provider: Provider, clock: Clock | None = None, **settings: Any) -> OneRosterRestSource:
    """A client of the provider whose waiting takes no time."""
    timing = (clock or Clock()).timing()
    return OneRosterRestSource(provider.settings(**settings), clock=lambda: packages.NOW, timing=timing)


def read(manners: Manners, version: Version = "1.2", pupils: int = PUPILS, **settings: Any) -> Extract:
    """What is read of a small roster from a provider of such manners."""
    with Provider(small(version, pupils), version, manners) as provider:
        return source(provider, **settings).read()


def people(extract: Extract) -> list[str]:
    return sorted(extract.tables["users"]["sourced_id"])


def doubts(extract: Extract) -> set[str]:
    """Why the schools are not proven."""
    assert all(bool(each.proof) != bool(each.doubt) for each in extract.completeness.values())
    return {each.doubt for each in extract.completeness.values() if not each.proof}
