"""Faults in what a site says: job, mappings and settings, each told once, all together, before anything is read."""

import shutil
from pathlib import Path
from typing import get_args

import pytest

from provision.config import SOURCE_KINDS, TARGET_KINDS, SourceJob, TargetJob, load_job, load_settings
from provision.config.devices_job import InventoryJob
from provision.config.kinds import INVENTORY_KEYS, INVENTORY_KINDS, SOURCE_KEYS, TARGET_KEYS
from provision.core.rules.families import FAMILIES
from provision.errors import ConfigurationError
from provision.wiring import INVENTORIES, SOURCES, TARGETS, Asks, open_place
from tests.shipped.machine import ROOT

JOB = Path("jobs/nightly.toml")
LMS = '[[targets]]\nname = "lms"\nkind = "oneroster_csv"\nmapping = "oneroster"\npath = "out/oneroster.zip"\n'
REST = '[source]\nkind = "oneroster_rest"\n'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """What ships, as a site of its own."""
    for kind in ("jobs", "mappings"):
        shutil.copytree(ROOT / kind, tmp_path / kind)
    shutil.copy(ROOT / ".env.example", tmp_path / ".env")
    return tmp_path


def change(path: Path, *changes: tuple[str, str]) -> None:
    text = path.read_text(encoding="utf-8")
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new)
    path.write_text(text, encoding="utf-8")


def append(path: Path, text: str) -> None:
    path.write_text(path.read_text(encoding="utf-8") + text, encoding="utf-8")


def faults_of(folder: Path, asks: Asks = Asks.NIGHT) -> list[str]:
    with pytest.raises(ConfigurationError) as caught:
        open_place(folder, "nightly", asks)
    return list(caught.value.faults)


def test_every_kind_is_described_and_can_be_made() -> None:
    assert SOURCE_KINDS.keys() == SOURCES.keys() == {*get_args(SourceJob.model_fields["kind"].annotation)}
    assert TARGET_KINDS.keys() == TARGETS.keys() == {*get_args(TargetJob.model_fields["kind"].annotation)}
    kinds = {*get_args(InventoryJob.model_fields["kind"].annotation)}
    assert INVENTORY_KINDS.keys() == INVENTORIES.keys() == kinds
    assert {key for kind in INVENTORY_KINDS.values() for key in kind.keys} == {*INVENTORY_KEYS}
    assert {*INVENTORY_KEYS} <= {*InventoryJob.model_fields}
    assert {kind.family for kind in TARGET_KINDS.values()} == FAMILIES.keys()
    assert {key for kind in SOURCE_KINDS.values() for key in kind.keys} == {*SOURCE_KEYS} <= {*SourceJob.model_fields}
    assert {key for kind in TARGET_KINDS.values() for key in kind.keys} == {*TARGET_KEYS} <= {*TargetJob.model_fields}


SOURCE = {
    "encoding": ('[source]\nkind = "oneroster_csv"\npath = "x.zip"\nencoding = "latin-1"\n', ["encoding"]),
    "rest": ('[source]\nkind = "pifu_ims"\npath = "x.xml"\nrest = { version = "1.1" }\n', ["rest"]),
    "two": (f'{REST}path = "x.zip"\nsettled = 5\n', ["path", "settled"]),
}


@pytest.mark.parametrize("what", SOURCE)
def test_a_key_that_means_nothing_for_the_kind_of_source_is_a_fault(folder: Path, what: str) -> None:
    source, keys = SOURCE[what]
    (folder / JOB).write_text(f"{source}{LMS}")
    assert [fault.split(": ")[:3] for fault in faults_of_job(folder)] == [
        [str(JOB), f"source.{key}", f"means nothing for a source of kind {kind_of(source)}; leave it out"]
        for key in keys
    ]


def kind_of(source: str) -> str:
    return source.split('"')[1]


def faults_of_job(folder: Path) -> list[str]:
    with pytest.raises(ConfigurationError) as caught:
        load_job(folder, "nightly")
    return list(caught.value.faults)


def test_a_key_that_means_nothing_for_the_kind_of_target_is_a_fault(folder: Path) -> None:
    change(folder / JOB, ('kind = "ldif"', 'kind = "ldap"'))
    append(folder / JOB, '\n[[targets]]\nname = "b"\nkind = "oneroster_csv"\nmapping = "oneroster"\n')
    append(folder / JOB, 'path = "b.zip"\npasswords = { policy = "none" }\n')
    assert [fault.split(": ")[1:] for fault in faults_of_job(folder)] == [
        ["targets.feide.path", "means nothing for a target of kind ldap; leave it out"],
        ["targets.b.passwords", "means nothing for a target of kind oneroster_csv; leave it out"],
    ]


@pytest.mark.parametrize("kind", [kind for kind, of in SOURCE_KINDS.items() if "path" in of.keys])
def test_a_source_in_a_file_needs_its_path(folder: Path, kind: str) -> None:
    (folder / JOB).write_text(f'[source]\nkind = "{kind}"\n{LMS}')
    (fault,) = faults_of_job(folder)
    assert fault.endswith(f"source.path: a source of kind {kind} needs the path of its file")


@pytest.mark.parametrize("kind", [kind for kind, of in TARGET_KINDS.items() if "path" in of.keys])
def test_a_target_in_a_file_needs_its_path(folder: Path, kind: str) -> None:
    (folder / JOB).write_text(f'{REST}[[targets]]\nname = "t"\nkind = "{kind}"\nmapping = "oneroster"\n')
    (fault,) = faults_of_job(folder)
    assert fault.endswith(f"targets.t.path: a target of kind {kind} needs the path of its file")


TWICE = {
    "another target": (("out/feide.ldif", "./out/../out//oneroster.zip"), "targets.feide.path"),
    "the source": (("data/sis.xml", "out/./oneroster.zip"), "source.path"),
    "a pattern of the source": (("data/sis.xml", "out/*.zip"), "source.path"),
    "care": (("data/care.csv", "out/oneroster.zip"), "source.care"),
    "people": (("data/people.csv", "out/oneroster.zip"), "source.people"),
    "devices": (("data/devices.csv", "out/oneroster.zip"), "devices.inventories.devices_csv.path"),
    "a pattern of devices": (("data/devices.csv", "out/*.zip"), "devices.inventories.devices_csv.path"),
}


@pytest.mark.parametrize("what", TWICE)
def test_a_targets_file_is_nothing_elses_however_it_is_written(folder: Path, what: str) -> None:
    changed, other = TWICE[what]
    change(folder / JOB, changed)
    (fault,) = faults_of_job(folder)
    assert fault == f"{JOB}: targets.lms.path: out/oneroster.zip is that of {other} too; give each its own file"


def test_a_target_reached_through_a_link_is_the_same_file(folder: Path) -> None:
    (folder / "out").mkdir()
    (folder / "share").symlink_to("out")
    change(folder / JOB, ("out/feide.ldif", "share/oneroster.zip"))
    assert "is that of targets.feide.path too" in faults_of_job(folder)[0]


def test_what_is_said_of_a_target_that_the_job_does_not_have_is_a_fault_with_the_names_there_are(folder: Path) -> None:
    append(folder / JOB, '\n[stages.targets]\nlsm = "off"\nfeide = "shadow"\n')
    change(folder / JOB, ("protected_targets = []", 'protected_targets = ["lms", "ad"]'))
    assert faults_of_job(folder) == [
        f'{JOB}: stages.targets.lsm: the job has no target "lsm"; did you mean "lms"?',
        f'{JOB}: policy.protected_targets: the job has no target "ad"; there is feide, lms',
    ]


@pytest.mark.parametrize(("begin", "right"), [("2027-06-11", True), ("2027-06-12", False)])
def test_a_freeze_ends_no_sooner_than_it_begins(folder: Path, begin: str, right: bool) -> None:  # noqa: FBT001 - a column
    append(folder / JOB, f"\n[[freezes]]\nbegin = {begin}\nend = 2027-06-11\n")
    if right:
        open_place(folder, "nightly")
    else:
        told = f"{JOB}: freezes.0: ends on 2027-06-11, before it begins on {begin}"
        assert faults_of_job(folder) == [told]


SCHOOLS = {
    "owners": '[owners]\nall = "a"\n{} = "b"\n',
    "stages.schools": '[stages.schools]\n{} = "shadow"\n',
    "freezes.0.schools": "[[freezes]]\nbegin = 2027-05-18\nend = 2027-06-11\nschools = [{}]\n",
}


@pytest.mark.parametrize("key", SCHOOLS)
@pytest.mark.parametrize("number", ["974588146", "97458814", "NO974588145"])
def test_a_school_that_no_number_names_is_a_fault(folder: Path, key: str, number: str) -> None:
    append(folder / JOB, "\n" + SCHOOLS[key].format(f'"{number}"'))
    right = "write its nine digits, such as 974588145, as the SIS has them"
    assert faults_of(folder) == [f'{JOB}: {key}: "{number}" is no organisation number; {right}']


@pytest.mark.parametrize("key", SCHOOLS)
def test_a_school_is_named_by_its_organisation_number(folder: Path, key: str) -> None:
    append(folder / JOB, "\n" + SCHOOLS[key].format('"974588145"'))
    open_place(folder, "nightly")


def test_closed_schools_and_those_with_groups_of_their_own_are_named_so_too(folder: Path) -> None:
    change(folder / JOB, ("closed_schools = []", 'closed_schools = ["5"]'))
    change(folder / JOB, ("[groups.schools]\n", '[groups.schools]\n6 = ["homeroom"]\n'))
    assert [fault.split(": ")[1] for fault in faults_of(folder)] == ["policy.closed_schools", "groups.schools"]


def test_a_fault_in_a_target_is_told_by_its_name(folder: Path) -> None:
    change(folder / JOB, ('kind = "oneroster_csv"', 'kind = "onroster_csv"'), ('name = "feide"', "name = 7"))
    keys = [fault.split(": ")[1] for fault in faults_of_job(folder)]
    assert keys == ["targets.0.name", "targets.lms.kind"]


def test_targets_that_are_no_tables_are_a_fault(folder: Path) -> None:
    (folder / JOB).write_text(f"targets = [7]\n{REST}")
    assert [fault.split(": ")[1] for fault in faults_of_job(folder)] == ["targets.0"]


def test_a_mapping_of_another_family_is_told_with_the_file_of_the_job(folder: Path) -> None:
    change(folder / JOB, ('mapping = "oneroster"', 'mapping = "feide"'))
    assert faults_of(folder) == [
        f"{JOB}: targets.lms.mapping: feide is of family feide; a target of kind oneroster_csv needs one of family"
        " oneroster"
    ]


def test_what_a_package_has_no_place_for_is_told_with_its_key(folder: Path) -> None:
    mapping = folder / "mappings" / "oneroster.toml"
    change(mapping, ("givenName = ", "givenname = "), ('aide = "proctor"', 'aide = "helper"'))
    told = faults_of(folder)
    assert all(fault.startswith("mappings/oneroster.toml: entry.") for fault in told)
    assert {fault.split(": ")[1].partition(".")[2].partition(".")[2]: fault.split(": ")[2] for fault in told} == {
        "fields.givenname": "OneRoster has no such column or role",
        "members.aide": "a member must be enrolled as administrator, proctor, student, teacher or ext:…",
    }


def test_a_word_of_the_sites_own_may_be_what_somebody_is_enrolled_as(folder: Path) -> None:
    change(folder / "mappings" / "oneroster.toml", ('aide = "proctor"', 'aide = "ext:assistent"'))
    open_place(folder, "nightly")


def test_all_that_a_provider_needs_is_told_with_all_other_faults_at_once(folder: Path) -> None:
    (folder / JOB).write_text(f"{REST}{LMS.replace('lms', 'b').replace('oneroster_csv', 'ldap').replace('path', '#')}")
    change(folder / ".env", ('BASE_DN="dc=hemne', 'BASE_DN="hemne'))
    named = ("BASE_DN", "LDAP_URL", "LDAP_BIND_DN", "LDAP_PASSWORD", "ONEROSTER_URL", "ONEROSTER_TOKEN_URL")
    told = faults_of(folder)
    assert "is of family oneroster" in told[0]
    wanted = [*named, "ONEROSTER_CLIENT_ID", "ONEROSTER_CLIENT_SECRET"]
    assert [fault.removeprefix(".env: ").split(" ")[0].rstrip(":") for fault in told[1:]] == wanted
    assert ".env: ONEROSTER_URL (or ONEROSTER_URL_FILE) is missing; a source of kind oneroster_rest needs it" in told
    assert [fault.split(":")[1] for fault in faults_of(folder, Asks.NOTHING)[1:]] == [" BASE_DN"]


def test_a_preset_that_needs_the_customers_part_of_the_address_says_so(folder: Path) -> None:
    (folder / JOB).write_text(f'{REST}rest = {{ preset = "vigilo" }}\n{LMS}')
    given = 'ONEROSTER_CLIENT_ID="k"\nONEROSTER_CLIENT_SECRET="s"\n'
    append(folder / ".env", given)
    (fault,) = faults_of(folder)
    assert fault.startswith(".env: ONEROSTER_ORG (or ONEROSTER_ORG_FILE) is missing; ")
    append(folder / ".env", 'ONEROSTER_ORG="hemne"\n')
    open_place(folder, "nightly")


def test_a_misspelt_setting_is_named_with_the_nearest_and_what_is_no_setting_is_left_alone(folder: Path) -> None:
    append(folder / ".env", 'LDAP_PASWORD="x"\nONEROSTER_TENNANT_ID_FILE="y"\nTZ="Europe/Oslo"\n')
    with pytest.raises(ConfigurationError) as caught:
        load_settings(folder, {"LDAP_TLS_REQCERT": "of other programs"})
    assert list(caught.value.faults) == [
        '.env: LDAP_PASWORD: unknown setting; did you mean "LDAP_PASSWORD"?',
        '.env: ONEROSTER_TENNANT_ID_FILE: unknown setting; did you mean "ONEROSTER_TENANT_ID_FILE"?',
    ]
