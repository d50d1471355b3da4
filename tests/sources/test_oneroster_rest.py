"""Reading a roster from a provider of OneRoster REST: the same people as in a package, or none at all."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import fields, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final

import pytest

from provision.core.extract import Extract
from provision.core.roster import Roster
from provision.core.tables import build_roster
from provision.errors import ConfigurationError, SourceError
from provision.formats.oneroster import Version
from provision.rest import TIMING
from provision.sample.dialects import DIALECTS
from provision.sample.site import write_site
from provision.sample.templates import templates
from provision.sources.oneroster import OneRosterCsvSource
from provision.sources.oneroster.rest import OneRosterRestSource
from provision.sources.oneroster.rest_settings import PRESETS, OneRosterRestSettings, connect, preset, provider_faults
from tests.canaries import PASSWORD
from tests.clocks import Clock
from tests.oneroster import tables_of
from tests.packages import NOW
from tests.servers.certificates import Authority
from tests.servers.oneroster import CLIENT_ID, Manners, Provider, refusal
from tests.servers.web import Asked, Reply
from tests.sources.rest_rosters import EVERYBODY, doubts, people, small, source

DAY: Final = date(2026, 11, 23)
VERSIONS: Final[tuple[Version, ...]] = ("1.1", "1.2")


# ── The same people in every dialect ─────────────────────────────────────────────────────────────────────────────
@pytest.fixture(scope="module")
def packages(tmp_path_factory: pytest.TempPathFactory) -> Mapping[Version, Path]:
    """The sample as a package of each version."""
    found: dict[Version, Path] = {}
    for version in VERSIONS:
        folder, dialect = tmp_path_factory.mktemp("sample"), f"oneroster_{version}"
        write_site(folder, pupils=60, schools=2, seed=1, day=DAY, dialect=dialect, templates=templates(dialect))
        found[version] = folder / "data" / DIALECTS[dialect].file
    return found


def roster(extract: Extract) -> Roster:
    """The roster of one extract, without what says how and when it was read."""
    assert extract.tables["rejects"].empty
    assert doubts(extract) == set()
    return replace(build_roster([extract], DAY), completeness={}, as_of={}, sizes={})


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize(
    "manners", [Manners(), Manners(most=17, totals="none", sorts=False, roots={"users": "people"})]
)
def test_a_provider_and_a_package_give_the_same_roster(
    packages: Mapping[Version, Path], version: Version, manners: Manners
) -> None:
    package = roster(OneRosterCsvSource(packages[version], clock=lambda: NOW).read())
    with Provider(tables_of(packages[version]), version, manners) as provider:
        fetched = roster(source(provider).read())
    assert package.users
    assert package.relationships
    for each in fields(Roster):
        assert getattr(fetched, each.name) == getattr(package, each.name), each.name


def test_both_versions_of_rest_give_the_same_people_as_far_as_the_older_can_say_it(
    packages: Mapping[Version, Path],
) -> None:
    found: dict[Version, Roster] = {}
    for version in VERSIONS:
        with Provider(tables_of(packages[version]), version) as provider:
            found[version] = roster(source(provider).read())
    old, new = found["1.1"], found["1.2"]
    assert old.users.keys() <= new.users.keys()
    assert all(old.users[id_] == new.users[id_] for id_ in old.users)
    assert all(old.classes[id_] == new.classes[id_] for id_ in old.classes)
    assert all(new.orgs[id_] == org for id_, org in old.orgs.items())
    assert {k: v for k, v in new.relationships.items() if k in old.relationships} == dict(old.relationships)


# ── One read ─────────────────────────────────────────────────────────────────────────────────────────────────────
@pytest.fixture
def provider() -> Iterator[Provider]:
    with Provider(small(), "1.2", Manners(most=10)) as found:
        yield found


def test_the_content_is_of_the_moment_at_which_reading_began(provider: Provider) -> None:
    ticks = iter([NOW, datetime.max.replace(tzinfo=NOW.tzinfo)])
    extract = replace(source(provider), clock=lambda: next(ticks)).read()
    assert (extract.source, extract.read_at, extract.as_of) == ("oneroster_rest", NOW, NOW)


@pytest.mark.parametrize("totals", ["right", "none"])
def test_progress_goes_up_to_its_end(provider: Provider, totals: Any) -> None:
    provider.manners.totals = totals
    told: list[tuple[int, int]] = []
    replace(source(provider), progress=lambda done, total: told.append((done, total))).read()
    assert [done for done, _ in told] == sorted(done for done, _ in told)
    assert len({total for _, total in told}) == 1
    assert told[-1][0] == told[-1][1]
    assert len(told) > 10


@pytest.mark.parametrize("method", ["HMAC-SHA256", "HMAC-SHA1"])
def test_version_1_1_may_be_read_with_signed_requests(method: str) -> None:
    with Provider(small("1.1"), "1.1", Manners(most=10)) as provider:
        assert people(source(provider, auth="oauth1", signature=method, token_url="").read()) == EVERYBODY
        assert provider.tokens == {}


@pytest.mark.parametrize("client_auth", ["basic", "body"])
def test_a_token_that_ends_in_the_middle_of_the_read_is_followed_by_another(client_auth: str) -> None:
    with Provider(small(), "1.2", Manners(most=5, token_uses=4)) as provider:
        assert people(source(provider, client_auth=client_auth).read()) == EVERYBODY
        assert len(provider.tokens) > 3
        assert all(used <= 5 for used in provider.tokens.values())


def test_further_parameters_go_with_the_request_for_a_token(provider: Provider) -> None:
    source(provider, token_parameters={"tenant_id": "t-7"}).read()
    assert provider.web.asked[0].form["tenant_id"] == "t-7"


def test_a_client_that_gets_no_token_is_told_so(provider: Provider) -> None:
    with pytest.raises(SourceError, match=r"orgs, page 1 .*POST .*/connect/token: no token.*invalid_client") as caught:
        source(provider, client_secret=f"{PASSWORD}x").read()
    assert PASSWORD not in str(caught.value)


@pytest.mark.parametrize("status", [403, 404])
def test_a_provider_without_demographics_is_read_without_birth_dates(status: int) -> None:
    with Provider(small(), "1.1", Manners(demographics=status)) as provider:
        extract = source(provider, auth="oauth1", scope="").read()
        assert people(extract) == EVERYBODY
        assert set(extract.tables["users"]["birth_date"]) == {""}
        assert doubts(extract) == set()
        with pytest.raises(SourceError, match=f"demographics, page 1.*{status}"):  # asked for by its name
            source(provider).read()


def test_demographics_are_birth_dates_and_any_other_failure_of_theirs_is_one(provider: Provider) -> None:
    assert set(source(provider).read().tables["users"]["birth_date"]) == {"", "2015-02-28"}
    provider.manners.demographics = 500
    with pytest.raises(SourceError, match="demographics, page 1"):
        source(provider).read()


@pytest.mark.parametrize(
    ("scope", "asked"), [("roster-core.readonly", False), ("a roster-demographics.readonly", True)]
)
def test_demographics_are_asked_for_only_with_a_scope_that_names_them(scope: str, asked: bool) -> None:  # noqa: FBT001 - the case
    with Provider(small(), "1.2", Manners(scope=scope)) as provider:
        assert people(source(provider).read()) == EVERYBODY
        assert bool(provider.asked("demographics")) == asked


def test_a_busy_provider_is_read_with_the_pauses_that_it_asks_for() -> None:
    clock, count = Clock(), [0]

    def before(_: Asked) -> Reply | None:
        count[0] += 1
        return replace(refusal(429, "server_busy"), headers={"Retry-After": "6"}) if count[0] % 5 == 0 else None

    with Provider(small(), "1.2", Manners(most=10, before=before)) as provider:
        assert people(source(provider, clock).read()) == EVERYBODY
    assert clock.passed == 6 * (count[0] // 5)


def test_a_provider_behind_a_certificate_of_its_own_authority(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    with Provider(small(), "1.2", certificate=authority.server("localhost")) as provider:
        assert people(source(provider, ca_file=authority.ca_file).read()) == EVERYBODY
        with pytest.raises(SourceError, match="certificate"):
            source(provider).read()


def test_ids_with_letters_that_no_package_may_have_are_read_as_they_are() -> None:
    with Provider(small(), "1.2") as provider:
        for records in provider.collections.values():
            for record in records:
                if record["sourcedId"] == "elev-000":
                    record["sourcedId"] = "elev/å 0,1"
                if record.get("user", {}).get("sourcedId") == "elev-000":
                    record["user"]["sourcedId"] = "elev/å 0,1"
        extract = source(provider).read()
    assert "elev/å 0,1" in people(extract)
    assert extract.tables["rejects"].empty


# ── Settings ─────────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_known_provider_needs_no_more_than_id_and_secret() -> None:
    visma = preset("visma_flyt_skole", CLIENT_ID, PASSWORD)
    assert visma.base_url.startswith("https://api.oneroster.cloud.skole.visma.no/")
    assert (visma.client_auth, visma.version, visma.auth) == ("body", "1.2", "oauth2")
    assert visma.scope.startswith("one-roster-api:")
    vigilo = preset("vigilo", CLIENT_ID, PASSWORD, org="provedal.kommune.no")
    assert "/provedal.kommune.no/ims/oneroster/rostering/v1p2" in vigilo.base_url


@pytest.mark.parametrize("name", PRESETS)
def test_every_known_provider_is_one_that_can_be_asked(name: str) -> None:
    connect(preset(name, CLIENT_ID, PASSWORD, org="x"), TIMING).close()


def test_a_known_provider_whose_address_needs_the_customer_is_not_asked_without() -> None:
    known = preset("vigilo", CLIENT_ID, PASSWORD)
    assert provider_faults(known) == [
        "ONEROSTER_ORG (or ONEROSTER_ORG_FILE) is missing; a source of kind oneroster_rest needs it"
    ]
    assert provider_faults(replace(known, base_url="https://sis.example/ims")) == [], "an address of our own wins"


def test_every_fault_of_the_settings_is_told_at_once(tmp_path: Path) -> None:
    wrong = OneRosterRestSettings("http://a.example", "", "", token_url="", ca_file=tmp_path / "none")
    with pytest.raises(ConfigurationError) as caught:
        OneRosterRestSource(wrong, clock=lambda: NOW).read()
    assert sorted(re.split("[: ]", fault)[0] for fault in caught.value.faults) == [
        "ONEROSTER_CA_FILE",
        "ONEROSTER_CLIENT_ID",
        "ONEROSTER_CLIENT_SECRET",
        "ONEROSTER_TOKEN_URL",
        "ONEROSTER_URL",
    ]


def test_no_secret_is_in_what_settings_and_source_look_like(provider: Provider) -> None:
    client: Any = source(provider, token_parameters={"key": PASSWORD})
    assert PASSWORD not in repr(client)
    assert PASSWORD not in repr(client.settings)
