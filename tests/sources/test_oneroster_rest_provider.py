"""The provider that the tests read from answers as the standard says, so that reading it says something."""

import json
from copy import deepcopy
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from provision.formats.oneroster import Version
from provision.rest import TIMING
from provision.sample.dialects import DIALECTS
from provision.sample.site import write_site
from provision.sample.templates import templates
from provision.sources.oneroster.rest_settings import connect
from tests.oneroster import tables_of
from tests.servers.oneroster import Manners, Provider, Tables, refusal
from tests.servers.oneroster_schema import REFUSAL, schema
from tests.sources.rest_rosters import small

COLLECTIONS = ["orgs", "academicSessions", "courses", "classes", "users", "enrollments", "demographics"]


def sample(folder: Path, version: Version) -> Tables:
    dialect = f"oneroster_{version}"
    write_site(
        folder, pupils=20, schools=1, seed=2, day=date(2026, 11, 23), dialect=dialect, templates=templates(dialect)
    )
    return tables_of(folder / "data" / DIALECTS[dialect].file)


def faults(said: Any, collection: str, version: Version) -> list[str]:
    return [
        f"{list(each.path)}: {each.message}"
        for each in Draft202012Validator(schema(collection, version)).iter_errors(said)
    ]


@pytest.mark.parametrize("version", ["1.1", "1.2"])
def test_every_answer_has_the_form_of_the_standard(tmp_path: Path, version: Version) -> None:
    with Provider(sample(tmp_path, version), version, Manners(most=40)) as provider:
        client = connect(provider.settings(), TIMING)
        for collection in COLLECTIONS:
            answer = client.get(collection, {"limit": "40"})
            said = answer.json()
            assert 0 < len(said[collection]) <= 40
            assert faults(said, collection, version) == []
            assert int(answer.headers["X-Total-Count"]) == len(provider.collections[collection])


@pytest.mark.parametrize("status", [400, 401, 403, 404, 429, 500])
def test_every_refusal_has_the_form_of_the_standard(status: int) -> None:
    said = json.loads(refusal(status, "forbidden").body)
    assert list(Draft202012Validator(REFUSAL).iter_errors(said)) == []


@pytest.mark.parametrize(
    ("collection", "spoil"),
    [
        ("users", lambda user: user.pop("enabledUser")),
        ("users", lambda user: user.update(enabledUser=True)),
        ("users", lambda user: user.update(roles=[])),
        ("users", lambda user: user["roles"][0].update(role="pupil")),
        ("users", lambda user: user["roles"][0].update(org="skole")),
        ("users", lambda user: user.update(preferredGivenName="K")),
        ("users", lambda user: user.update(status="inactive")),
        ("orgs", lambda org: org.update(identifier=974588145)),
        ("orgs", lambda org: org.update(type="kindergarten")),
        ("classes", lambda each: each.update(terms=[])),
        ("classes", lambda each: each["school"].pop("href")),
        ("academicSessions", lambda each: each.update(startDate="17.08.2026")),
        ("enrollments", lambda each: each.update(role="aide")),
        ("demographics", lambda each: each.pop("dateLastModified")),
    ],
)
def test_the_form_tells_a_spoilt_answer(collection: str, spoil: Any) -> None:
    with Provider(small(), "1.2") as provider:
        records = deepcopy(provider.collections[collection])
    assert faults({collection: records}, collection, "1.2") == []
    spoil(records[0])
    assert len(faults({collection: records}, collection, "1.2")) == 1


def test_words_of_ones_own_came_with_version_1_2() -> None:
    with Provider(small("1.1"), "1.1") as provider:
        school = {**provider.collections["orgs"][0], "type": "ext:kindergarten"}
    assert faults({"orgs": [school]}, "orgs", "1.2") == []
    assert len(faults({"orgs": [school]}, "orgs", "1.1")) == 1
