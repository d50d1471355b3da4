"""The inventories that a job names: which file is read, what is asked of a system, and every fault told at once."""

import os
import shutil
import time
from pathlib import Path
from typing import Final

import pytest

from provision.config import load_job
from provision.core.ports import Inventory
from provision.errors import ConfigurationError, SourceError
from provision.rest import LIMITS, Limits
from provision.sample.templates import templates
from provision.wiring import Asks, inventories, open_place
from provision.wiring.inventories import reach
from tests.inventories.table_files import SCHOOL, cells, csv_text, workbook_of, xlsx
from tests.servers.intune import CLIENT_ID, TENANT, Manners, Tenant, authority, device
from tests.servers.snipe_it import SnipeIt, asset, user
from tests.shipped.machine import ROOT

JOB: Final = """\
[source]
kind = "pifu_ims"
path = "data/sis.xml"
[[targets]]
name = "feide"
kind = "ldif"
mapping = "feide"
path = "out/feide.ldif"
[devices]
"""
WATCHED: Final = 'name = "liste"\npath = "inbox/enheter-*"'
NAMES: Final = ("serial", "school")
TABLE: Final = 'name = "a"\npath = "x.csv"\n'
OTHER: Final = TABLE.replace('"a"', '"b"')
INTUNE: Final = 'name = "a"\nkind = "intune"\n'
SNIPE_IT: Final = 'name = "a"\nkind = "snipe_it"\n'


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """What ships, as a site of its own, with an empty inbox."""
    for kind in ("jobs", "mappings"):
        shutil.copytree(ROOT / kind, tmp_path / kind)
    shutil.copy(ROOT / ".env.example", tmp_path / ".env")
    (tmp_path / "inbox").mkdir()
    return tmp_path


def named(site: Path, *blocks: str) -> None:
    """From now on the job names these inventories."""
    text = JOB + "".join(f"[[devices.inventories]]\n{block}\n" for block in blocks)
    (site / "jobs" / "nightly.toml").write_text(text, encoding="utf-8")


def settings(site: Path, **given: object) -> None:
    with (site / ".env").open("a", encoding="utf-8") as file:
        file.writelines(f'{name}="{value}"\n' for name, value in given.items())


def made(site: Path) -> list[Inventory]:
    return inventories(open_place(site, "nightly", Asks.COUNT))


def only(site: Path) -> Inventory:
    (inventory,) = made(site)
    return inventory


def delivered(path: Path, content: bytes, *, ago: float = 3600.0) -> Path:
    path.write_bytes(content)
    os.utime(path, (time.time() - ago,) * 2)
    return path


def table(*serials: str) -> bytes:
    return csv_text([NAMES, *((serial, SCHOOL) for serial in serials)]).encode()


def faults(site: Path, asks: Asks = Asks.COUNT) -> list[str]:
    with pytest.raises(ConfigurationError) as caught:
        open_place(site, "nightly", asks)
    return list(caught.value.faults)


# ── The watched folder ───────────────────────────────────────────────────────────────────────────────────────────
def test_of_a_pattern_the_newest_file_is_read_that_is_all_there(site: Path) -> None:
    named(site, WATCHED)
    inbox = site / "inbox"
    delivered(inbox / "enheter-1.csv", table("A-1"), ago=9000)
    delivered(inbox / "enheter-2.csv", table("A-2"), ago=8000)
    delivered(inbox / "enheter-3.csv", table("A-3")[:-3], ago=7000)
    delivered(inbox / "enheter-4.xlsx", xlsx(workbook_of([NAMES, ("A-4", SCHOOL)]))[:-40], ago=6000)
    delivered(inbox / "enheter-5.csv.part", table("A-5"), ago=5000)
    delivered(inbox / "enheter-6.csv", table("A-6"), ago=3)
    assert cells(only(site).read(), "serial") == [("A-2",)]
    delivered(inbox / "enheter-7.xlsx", xlsx(workbook_of([NAMES, ("A-7", SCHOOL)])), ago=4000)
    stocktake = only(site).read()
    assert (stocktake.inventory, cells(stocktake, "serial")) == ("liste", [("A-7",)])


def test_the_site_says_how_long_a_file_must_have_settled(site: Path) -> None:
    delivered(site / "inbox" / "enheter-1.csv", table("A-1"), ago=9000)
    delivered(site / "inbox" / "enheter-2.csv", table("A-2"), ago=30)
    for settled, serial in ((60, "A-1"), (20, "A-2")):
        named(site, f"{WATCHED}\nsettled = {settled}")
        assert cells(only(site).read(), "serial") == [(serial,)]


def test_a_folder_with_nothing_whole_says_what_is_there(site: Path) -> None:
    named(site, WATCHED)
    delivered(site / "inbox" / "enheter-1.csv", b"serial;school\nA")
    told = r"enheter-\*: no complete file \(enheter-1\.csv has no end.*\); have one delivered there"
    with pytest.raises(SourceError, match=told):
        only(site).read()


def test_a_file_that_changes_while_it_is_read_is_none(site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    named(site, 'name = "liste"\npath = "inbox/enheter.csv"')
    path = delivered(site / "inbox" / "enheter.csv", table("A-1"))
    really = Path.read_bytes

    def meanwhile(read: Path) -> bytes:
        content = really(read)
        delivered(path, table("A-1", "A-2"), ago=1)
        return content

    monkeypatch.setattr(Path, "read_bytes", meanwhile)
    with pytest.raises(SourceError, match=r"enheter\.csv was changed while it was read"):
        only(site).read()


# ── One without machines ─────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("content", [table(), csv_text([NAMES, ("", ""), (" ", "")]).encode()])
def test_a_table_without_machines_is_no_answer_unless_the_job_says_so(site: Path, content: bytes) -> None:
    delivered(site / "inbox" / "enheter.csv", content)
    block = 'name = "liste"\npath = "inbox/enheter.csv"\n'
    named(site, block)
    with pytest.raises(SourceError, match=r"liste holds no machine at all; .*may_be_empty = true for it in the job"):
        only(site).read()
    named(site, block + "may_be_empty = true")
    assert only(site).read().table.empty


def test_a_system_without_machines_is_no_answer_either(site: Path) -> None:
    named(site, 'name = "i"\nkind = "intune"', 'name = "s"\nkind = "snipe_it"')
    with Tenant() as tenant, SnipeIt() as server:
        of_intune(site, tenant)
        of_snipe_it(site, server)
        for inventory in made(site):
            with pytest.raises(SourceError, match=f"the inventory {inventory.name} holds no machine at all"):
                inventory.read()
        tenant.devices.append(device(1))
        server.assets.append(asset(1))
        assert [len(inventory.read().table) for inventory in made(site)] == [1, 1]


def of_intune(site: Path, tenant: Tenant) -> None:
    settings(site, INTUNE_TENANT_ID=TENANT, INTUNE_CLIENT_ID=CLIENT_ID, INTUNE_CLIENT_SECRET=tenant.secret)
    settings(site, INTUNE_LOGIN_URL=tenant.login.url, INTUNE_GRAPH_URL=tenant.graph.url)
    settings(site, INTUNE_CA_FILE=authority().ca_file)


def of_snipe_it(site: Path, server: SnipeIt) -> None:
    settings(site, SNIPE_IT_URL=server.web.url, SNIPE_IT_TOKEN=server.token)


# ── Whether it answers ───────────────────────────────────────────────────────────────────────────────────────────
def test_whether_a_system_answers_is_found_out_by_asking_for_one_machine(site: Path) -> None:
    named(site, INTUNE, SNIPE_IT.replace('"a"', '"b"'))
    with Tenant([device(1), device(2)]) as tenant, SnipeIt([asset(1), asset(2)]) as server:
        of_intune(site, tenant)
        of_snipe_it(site, server)
        reached(site)
        assert [each.query["$top"] for each in tenant.graph.asked] == ["1"]
        assert [each.query["limit"] for each in server.web.asked] == ["1"]


def test_a_system_that_refuses_us_is_told_of_with_what_would_be_right(site: Path) -> None:
    named(site, INTUNE)
    with Tenant([device(1)], Manners(roles=frozenset())) as tenant:
        of_intune(site, tenant)
        with pytest.raises(SourceError, match=r"Intune, page 1 .*DeviceManagementManagedDevices\.Read\.All"):
            reached(site)


@pytest.mark.parametrize("block", [INTUNE, SNIPE_IT])
def test_a_system_that_is_down_is_given_up_within_the_limits(site: Path, block: str) -> None:
    named(site, block)
    with Tenant() as tenant, SnipeIt() as server:
        of_intune(site, tenant)
        of_snipe_it(site, server)
    with pytest.raises(SourceError, match=r"nobody answers there.*; given up after attempt 1$"):
        reached(site, Limits(patience=0.2))


def reached(site: Path, limits: Limits = LIMITS) -> None:
    place = open_place(site, "nightly", Asks.COUNT)
    assert place.job.devices
    for job in place.job.devices.inventories:
        reach(job, place, limits)


# ── What the job says ────────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("line", "read"),
    [
        ("", "elev1"),
        ('assignee = "username"', "elev1"),
        ('assignee = "email"', "elev1@hemne.kommune.no"),
        ('assignee = "employee_number"', "4711"),
    ],
)
def test_the_job_says_by_which_of_its_names_a_user_of_snipe_it_is_known(site: Path, line: str, read: str) -> None:
    named(site, f'name = "inventar"\nkind = "snipe_it"\n{line}')
    with SnipeIt([asset(1, assigned_to=user("elev1", employee_number="4711"))]) as server:
        of_snipe_it(site, server)
        assert cells(only(site).read(), "assignee") == [(read,)]


NOTHING: Final = "means nothing for an inventory of kind {}; leave it out"


@pytest.mark.parametrize(
    ("block", "said"),
    [
        (f'{TABLE}assignee = "email"', "a.assignee: " + NOTHING.format("table")),
        (f'{INTUNE}assignee = "username"', "a.assignee: " + NOTHING.format("intune")),
        (f"{TABLE}words = {{}}", "a.words: " + NOTHING.format("table")),
        (f'{INTUNE}path = "x"', "a.path: " + NOTHING.format("intune")),
        (f'{SNIPE_IT}mapping = "x"', "a.mapping: " + NOTHING.format("snipe_it")),
        (f"{SNIPE_IT}settled = 5", "a.settled: " + NOTHING.format("snipe_it")),
        ('name = "a"', "a.path: an inventory of kind table needs the path of its file"),
        (f'{SNIPE_IT}assignee = "name"', "a.assignee: Input should be 'username', 'email' or 'employee_number'"),
        (f'{SNIPE_IT}asignee = "email"', 'a.asignee: unknown key; did you mean "assignee"?'),
        (f"{TABLE}may_be_emty = true", 'a.may_be_emty: unknown key; did you mean "may_be_empty"?'),
        ('kind = "intune"', "0.name: is missing"),
    ],
)
def test_what_an_inventory_cannot_be_is_told_by_its_name(site: Path, block: str, said: str) -> None:
    named(site, block)
    with pytest.raises(ConfigurationError) as caught:
        load_job(site, "nightly")
    assert list(caught.value.faults) == [f"jobs/nightly.toml: devices.inventories.{said}"]


def test_faults_of_every_mapping_of_devices_are_told_with_all_others_when_the_site_is_opened(site: Path) -> None:
    named(site, f'{TABLE}mapping = "odd"', f'{OTHER}mapping = "municipalty"')
    odd = "format = 1\nheder = 2\n[columns]\nserial = 'Nr'\nasset_tag = ' NR'\n"
    (site / "mappings" / "devices" / "odd.toml").write_text(odd, encoding="utf-8")
    settings(site, BASE_DN="hemne")
    told = faults(site)
    assert told[:2] == [
        'mappings/devices/odd.toml: columns.asset_tag: " NR" is the column "Nr"; write it in the same way everywhere',
        'mappings/devices/odd.toml: heder: unknown key; did you mean "header"?',
    ]
    assert told[2].startswith('no mapping "municipalty" in ')
    assert told[2].endswith('; did you mean "municipality"?')
    assert [fault.split(":")[1] for fault in told[3:]] == [" BASE_DN"]


def test_a_fault_of_a_mapping_that_two_inventories_have_is_told_once(site: Path) -> None:
    named(site, f'{TABLE}mapping = "x"', f'{OTHER}mapping = "x"')
    assert len(faults(site)) == 1


def test_settings_that_an_inventory_needs_are_told_when_the_site_is_opened_to_connect(site: Path) -> None:
    named(site, INTUNE, SNIPE_IT.replace('"a"', '"b"'), SNIPE_IT.replace('"a"', '"c"'))
    settings(site, SNIPE_IT_TOKEN="en to")
    assert [fault.split(" ")[:2] for fault in faults(site)] == [
        [".env:", "INTUNE_TENANT_ID"],
        [".env:", "INTUNE_CLIENT_ID"],
        [".env:", "INTUNE_CLIENT_SECRET"],
        [".env:", "SNIPE_IT_URL"],
        [".env:", "SNIPE_IT_TOKEN:"],
    ]
    open_place(site, "nightly", Asks.NOTHING)


def test_a_night_does_not_wait_for_what_only_a_count_needs(site: Path) -> None:
    named(site, INTUNE, f'{OTHER}mapping = "municipalty"')
    open_place(site, "nightly", Asks.NIGHT)


def test_the_mapping_that_ships_reads_a_list_of_the_site(site: Path) -> None:
    named(site, f'{TABLE}mapping = "municipality"')
    names = list(open_place(site, "nightly", Asks.COUNT).device_mappings["a"].required)
    rows = [["Enhetsliste", *[""] * (len(names) - 1)], names, ["0042", *[""] * (len(names) - 1)]]
    (site / "x.csv").write_bytes(csv_text(rows).encode("cp1252"))
    assert cells(only(site).read(), "serial", "use") == [("0042", "pupil")]


def test_a_sample_site_shows_how_a_mapping_is_written(site: Path) -> None:
    shutil.rmtree(site / "mappings")
    for path, text in templates().items():
        (site / path).parent.mkdir(parents=True, exist_ok=True)
        (site / path).write_text(text, encoding="utf-8")
    job = site / "jobs" / "nightly.toml"
    text = job.read_text(encoding="utf-8")
    assert '# mapping = "municipality"' in text
    job.write_text(text.replace('# mapping = "municipality"', 'mapping = "municipality"'), encoding="utf-8")
    assert open_place(site, "nightly", Asks.COUNT).device_mappings["devices_csv"].columns["serial"] == "Serienummer"
    assert (site / "mappings" / "devices" / "devices.schema.json").is_file()
