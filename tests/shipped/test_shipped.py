"""What ships with the program is true: jobs, mappings, settings, schemas and the privacy table."""

import json
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from provision import schemas
from provision.config import Job, Settings, load_job, load_mapping, load_settings
from provision.core.roster import Role
from provision.core.rules.families import FAMILIES
from provision.errors import ConfigurationError
from provision.reports import privacy
from tests.shipped.machine import ROOT

KINDS = {"jobs": schemas.job_schema, "mappings": schemas.mapping_schema}
SHIPPED = [path for kind in KINDS for path in sorted((ROOT / kind).glob("*.toml"))]


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """What ships, as a site of its own."""
    for kind in KINDS:
        shutil.copytree(ROOT / kind, tmp_path / kind)
    shutil.copy(ROOT / ".env.example", tmp_path / ".env")
    return tmp_path


def in_toml(path: Path) -> dict[str, Any]:
    return tomllib.loads(path.read_text(encoding="utf-8"))


def altered(path: Path, *changes: tuple[str, str]) -> None:
    text = path.read_text(encoding="utf-8")
    for old, new in changes:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    path.write_text(text, encoding="utf-8")


def test_schemas_and_privacy_table_are_what_the_code_says() -> None:
    stale = [
        str(path)
        for path, text in schemas.generated(ROOT).items()
        if not (ROOT / path).exists() or (ROOT / path).read_text(encoding="utf-8") != text
    ]
    assert stale == [], "run: python -m provision.schemas"


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.name)
def test_what_ships_loads_names_its_schema_and_keeps_to_it(path: Path) -> None:
    if path.parent.name == "jobs":
        load_job(ROOT, path.stem)
    else:
        load_mapping(ROOT, path.stem, "hemne.kommune.no")
    first = path.read_text(encoding="utf-8").splitlines()[0]
    (schema,) = path.parent.glob("*.schema.json")
    assert first == f"#:schema ./{schema.name}"
    jsonschema.Draft202012Validator.check_schema(KINDS[path.parent.name]())
    jsonschema.validate(in_toml(path), KINDS[path.parent.name]())


def test_a_site_can_be_set_up_from_the_example(site: Path) -> None:
    assert load_settings(site, {}).realm == "hemne.kommune.no"


@pytest.mark.parametrize(
    ("kind", "change"),
    [
        ("jobs", {"polcy": {}}),
        ("jobs", {"targets": []}),
        ("jobs", {"guard": {"disabel": {"share": 0, "least": 0}}}),
        ("jobs", {"groups": {"allow": ["homerom"]}}),
        ("mappings", {"famly": "feide"}),
        ("mappings", {"entry": {"account": {"of": "persn", "object_classes": ["top"], "id": {}, "fields": {}}}}),
        ("mappings", {"tables": {"t": {"pupil": ["x"]}}}),
    ],
)
def test_what_is_refused_on_loading_is_marked_by_an_editor(kind: str, change: dict[str, Any]) -> None:
    shipped = next(path for path in SHIPPED if path.parent.name == kind)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**in_toml(shipped), **change}, KINDS[kind]())


def test_three_typos_in_a_job_are_all_told_with_file_and_key(site: Path) -> None:
    altered(
        site / "jobs" / "nightly.toml",
        ("nights = 3", "nigths = 3"),
        ("retention_days = 180", 'retention_days = "long"'),
        ('allow = ["homeroom", "scheduled"]', 'allow = ["homerom"]'),
    )
    with pytest.raises(ConfigurationError) as told:
        load_job(site, "nightly")
    keys = ["groups.allow.0", "policy.nigths", "policy.retention_days"]
    assert [fault.split(": ")[:2] for fault in told.value.faults] == [["jobs/nightly.toml", key] for key in keys]
    assert 'did you mean "nights"?' in str(told.value)


def test_three_typos_in_a_mapping_are_all_told_with_file_and_key(site: Path) -> None:
    altered(
        site / "mappings" / "feide.toml",
        ('scheme = "{given:3}{family:3}"', 'scheme = "{gven:3}"'),
        ('rule = "entitlements"', 'rule = "entitlement"'),
        ('displayName = "{given_name} {family_name}"', 'displayName = "{given_nam} {family_name}"'),
    )
    with pytest.raises(ConfigurationError) as told:
        load_mapping(site, "feide", "hemne.kommune.no")
    fields = "entry.account.fields"
    keys = [f"{fields}.displayName", f"{fields}.eduPersonEntitlement", "username.scheme"]
    assert [fault.split(": ")[:2] for fault in told.value.faults] == [["mappings/feide.toml", key] for key in keys]
    assert 'did you mean "entitlements"?' in str(told.value)


def test_the_example_names_exactly_the_settings_there_are_and_how_to_give_them_by_file() -> None:
    text = (ROOT / ".env.example").read_text(encoding="utf-8")
    settings = {name.upper() for name in Settings.model_fields}
    given = re.findall(r"^#?([A-Z_]+)=", text, re.MULTILINE)
    assert sorted(name if name in settings else name.removesuffix("_FILE") for name in given) == sorted(settings)
    assert "X_FILE" in text


def test_a_setting_given_by_file_is_read_from_there(site: Path) -> None:
    (site / "secret").write_text("  a b$c\n")
    altered(
        site / ".env", ('#LDAP_PASSWORD_FILE="/run/credentials/provision.service/ldap"', "LDAP_PASSWORD_FILE=secret")
    )
    password = load_settings(site, {}).ldap_password
    assert password is not None
    assert password.get_secret_value() == "a b$c"
    assert "a b$c" not in repr(load_settings(site, {}))


def test_every_text_rule_and_role_has_its_words_in_the_privacy_table() -> None:
    assert privacy.TEXTS.keys() == {
        name for each in FAMILIES.values() for texts in each.texts.values() for name in texts
    }
    assert privacy.RULES.keys() == {
        name for each in FAMILIES.values() for rules in each.rules.values() for name in rules
    }
    assert {*privacy.PEOPLE} == {*Role}


def test_the_privacy_table_tells_of_each_role_its_own_days(site: Path) -> None:
    days = "[ladder.student]\nmissing_days = 30\nretention_days = 60\n\n[ladder.staff]\nretention_days = 365\n\n"
    job = site / "jobs" / "nightly.toml"
    altered(job, ("[groups]\n", f"{days}[groups]\n"), ("missing_days = 0", "missing_days = 5"))
    flows = schemas.site_flows(site, "nightly")
    kept = {(flow.target, flow.attribute, flow.whose.split(",")[0]): flow.kept for flow in flows}
    assert kept["feide", "uid", "pupils"] == "until deleted (pupils 60, staff 365 days later)"
    vanished = "who is gone without a reason, pupils 30, staff 5 days after they were last seen"
    assert kept["feide", "eduPersonEntitlement", "pupils"] == f"until disabled (3 proven nights; {vanished})"
    until = "until deleted (180 days later)"
    assert kept["lms", "familyName", "guardians"] == f"while a pupil here has this guardian, then {until}"
    assert kept["lms", "enabledUser", "guardians"] == until


def test_the_privacy_table_follows_the_site(site: Path) -> None:
    before = schemas.site_flows(site, "nightly")
    (shipped,) = {flow.kept for flow in before if flow.attribute == "uid"}
    assert "guardians" in {flow.whose for flow in before if flow.target == "lms"}
    altered(
        site / "jobs" / "nightly.toml",
        ("guardian_numbers = false", "guardian_numbers = true"),
        ("retention_days = 180", "retention_days = 90"),
        ('guardians = "responsible"', 'guardians = "none"'),
        ('policy = "random"', 'policy = "none"'),
    )
    altered(site / "mappings" / "feide.toml", ('mobile = ["{mobile}"]', 'title = ["{national_id}"]'))
    after = schemas.site_flows(site, "nightly")
    assert "guardians" not in {flow.whose for flow in after if flow.target == "lms"}
    flows = {flow.attribute: flow for flow in after if flow.target == "feide"}
    assert flows["norEduPersonGuardianNIN"].secret
    assert flows["title"].secret
    assert flows["uid"].kept == shipped.replace("180", "90")
    assert not flows.keys() & {"userPassword", "mobile"}
    shown = subprocess.run(
        [sys.executable, "-m", "provision.schemas", "--site", str(site)], capture_output=True, text=True, check=True
    ).stdout
    assert [line for line in shown.splitlines() if "norEduPersonGuardianNIN" in line and "| yes |" in line]


def test_the_privacy_page_needs_its_place_for_the_table() -> None:
    with pytest.raises(ValueError, match="no place"):
        privacy.between_markers("a page without markers", "| a |")


def test_the_job_schema_knows_every_key_of_a_job() -> None:
    assert json.loads((ROOT / "jobs" / "job.schema.json").read_text())["properties"].keys() == Job.model_fields.keys()
