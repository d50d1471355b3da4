"""An asset of Snipe-IT as a machine: what it says, what it only seems to say, and what cannot be read."""

from typing import Any

import pytest

from provision.core.devices import DEVICE_COLUMNS, DeviceKind, DeviceStatus, Use
from provision.core.roster import Issue
from provision.formats.device_cells import Words
from tests.canaries import NAME, NIN
from tests.clocks import START
from tests.servers.snipe_it import asset, label, read, user

WORDS = Words(
    schools={"Sodin*": "974588145", "*Svanem*": "974588153"},
    kinds={"mellomstor*": DeviceKind.TABLET},
    uses={"utlån*": Use.LOAN, "*lærerværelse*": Use.STAFF, "*sfo*": Use.AFTER_SCHOOL},
    statuses={"stjålet": DeviceStatus.LOST, "*verksted*": DeviceStatus.IN_REPAIR},
    shared=("*klassesett*",),
    left_out=("projektor*",),
)


def row(words: Words = WORDS, **changes: Any) -> dict[str, str]:
    found = read([asset(1, **changes)], words=words)
    assert found.issues == ()
    return dict(zip(found.table.columns, found.table.iloc[0], strict=True))


def test_an_asset_is_a_machine_with_what_snipe_it_knows() -> None:
    assert row() == dict.fromkeys(DEVICE_COLUMNS, "") | {
        "serial": "PF000001",
        "asset_tag": "HK-00001",
        "kind": "laptop",
        "model": "Lenovo ThinkPad L13",
        "school": "974588145",
        "assignee": "elev1",
        "shared": "0",
        "private": "0",
        "status": "in_use",
        "purchased": "2025-08-01",
        "end_of_life": "2029-08-01",
    }


def test_the_stocktake_says_who_when_and_that_it_is_of_that_night() -> None:
    found = read([asset(1)])
    assert (found.inventory, found.read_at, found.as_of) == ("snipe_it", START, START)
    assert tuple(found.table.columns) == DEVICE_COLUMNS
    assert all(type(cell) is str for cell in found.table.to_numpy().ravel())


def test_text_is_as_people_wrote_it_and_unescaped_once() -> None:
    found = row(
        serial="A&amp;B&lt;1&gt;&quot;&#039;",
        asset_tag="&amp;amp;",
        location={"id": 1, "name": "Vinje&oslash;ra &amp; Svanem"},
        model={"id": 1, "name": "13&quot; modell"},
    )
    assert (found["serial"], found["asset_tag"], found["model"]) == ("A&B<1>\"'", "&amp;", 'Lenovo 13" modell')
    assert found["school"] == "974588153"


@pytest.mark.parametrize(
    ("holder", "assignee", "shared"),
    [
        (user("elev7"), "elev7", "0"),
        ({"id": 3, "name": "Sodin skole", "type": "location"}, "", "1"),
        ({"id": 3, "name": "Sodin skole", "type": "location", "username": "post"}, "", "1"),
        ({"id": 4, "name": "Tralle 2", "type": "asset"}, "", ""),
        (None, "", ""),
    ],
)
def test_only_a_user_is_an_assignee(holder: object, assignee: str, shared: str) -> None:
    found = row(assigned_to=holder)
    assert (found["assignee"], found["shared"]) == (assignee, shared)


@pytest.mark.parametrize(
    ("which", "assignee"), [("username", "elev7"), ("email", "elev7@hemne.kommune.no"), ("employee_number", "A-77")]
)
def test_the_site_says_which_of_a_users_names_is_read(which: str, assignee: str) -> None:
    found = read([asset(1, assigned_to=user("elev7", employee_number="A-77"))], assignee=which)
    assert found.table["assignee"].tolist() == [assignee]
    assert NAME not in found.table.to_string()


def test_an_identity_number_is_not_read() -> None:
    for which, holder in {"username": user(NIN), "employee_number": user("elev7", employee_number=NIN)}.items():
        found = read([asset(1, assigned_to=holder)], assignee=which)
        assert found.table["assignee"].tolist() == [""]
        assert "identity number" in found.issues[0].reason
        assert NIN not in repr((found.table.to_dict(), found.issues))


@pytest.mark.parametrize(("byod", "private"), [(True, "1"), (False, "0"), (1, "1"), (0, "0"), ("1", "1"), (None, "")])
def test_a_device_of_ones_own_is_private(byod: object, private: str) -> None:
    assert row(byod=byod)["private"] == private


@pytest.mark.parametrize(
    ("kind", "meta", "status"),
    [
        ("deployable", "deployed", "in_use"),
        ("deployable", "deployable", "in_stock"),
        ("pending", "pending", "in_repair"),
        ("undeployable", "undeployable", "broken"),
        ("archived", "archived", "retired"),
        ("deployable", "noe nytt", ""),
    ],
)
def test_the_status_is_what_snipe_it_means_by_its_label(kind: str, meta: str, status: str) -> None:
    assert row(status_label=label("Noe", kind, meta))["status"] == status


@pytest.mark.parametrize(("name", "status"), [("Stjålet", "lost"), ("På verksted &", "in_repair"), ("Annet", "broken")])
def test_the_sites_words_for_labels_count_first(name: str, status: str) -> None:
    assert row(status_label=label(name, "undeployable"))["status"] == status


def test_a_label_may_stand_under_its_later_name() -> None:
    assert row(status_label=None, status=label("Stjålet", "undeployable"))["status"] == "lost"


def test_an_asset_without_label_has_no_status() -> None:
    assert row(status_label=None, status=None)["status"] == ""


@pytest.mark.parametrize(
    ("places", "school"),
    [
        (("Sodin skole", "Svanem skole", "Hemne"), "974588145"),
        (("Rom 12", "Svanem skole", "Hemne"), "974588153"),  # a room of which the site says nothing
        (("Rom 12", "Lager", "Svanem"), "974588153"),
        (("Rom 12", "Lager", "Hemne"), "Rom 12"),
        ((None, "Lager", "Hemne"), "Lager"),
        ((None, None, "Hemne"), "Hemne"),
        ((None, None, None), ""),
    ],
)
def test_the_school_is_the_first_place_that_the_site_knows(places: tuple[str | None, ...], school: str) -> None:
    said = {
        name: place and {"id": 1, "name": place}
        for name, place in zip(("location", "rtd_location", "company"), places, strict=True)
    }
    assert row(**said)["school"] == school


def test_use_and_sharing_are_what_the_site_says_of_label_category_and_place() -> None:
    assert row(status_label=label("Utlån", "deployable"))["use"] == "loan"
    assert row(location={"id": 1, "name": "Sodin lærerværelse"})["use"] == "staff"
    assert row(rtd_location={"id": 1, "name": "Sodin SFO"})["use"] == "after_school"
    assert row(category={"id": 1, "name": "Klassesett"})["shared"] == "1"
    assert row()["use"] == ""


@pytest.mark.parametrize(
    ("category", "model", "kind"),
    [
        ("Bærbar PC", "X", "laptop"),
        ("Laptops", "X", "laptop"),
        ("Nettbrett", "X", "tablet"),
        ("Elevmaskin", "iPad 9", "tablet"),
        ("Elevmaskin", "Acer Chromebook 311", "chromebook"),
        ("Mellomstor", "X", "tablet"),
        ("Diverse", "X", ""),
    ],
)
def test_the_kind_is_what_the_site_the_category_or_the_model_says(category: str, model: str, kind: str) -> None:
    assert row(category={"id": 1, "name": category}, model={"id": 1, "name": model})["kind"] == kind


def test_what_the_site_leaves_out_is_no_machine() -> None:
    found = read([asset(1), asset(2, category={"id": 4, "name": "Projektorer"})], words=WORDS)
    assert list(found.table["serial"]) == ["PF000001"]
    assert found.whole


@pytest.mark.parametrize("said", [None, {}, [], {"date": None}, {"date": "", "formatted": ""}, {"date": "0000-00-00"}])
def test_no_day_is_no_day(said: object) -> None:
    found = row(purchase_date=said, asset_eol_date=said)
    assert (found["purchased"], found["end_of_life"]) == ("", "")


def test_a_day_may_come_with_its_time() -> None:
    said = {"datetime": "2025-08-20 23:59:59", "formatted": "20.08.2025"}
    assert row(purchase_date=said)["purchased"] == "2025-08-20"


def test_no_audit_and_no_checkout_passes_for_being_seen() -> None:
    said = {"datetime": "2026-11-22 08:00:00", "formatted": "x"}
    found = row(last_audit_date=said, last_checkout=said)
    assert (found["last_seen"], found["enrolled"]) == ("", "")


@pytest.mark.parametrize("serial", ["  pf 0001 ", "0", "00123", "NA", "nan", "1e5", "Åse-æøå"])
def test_a_serial_number_stays_as_it_is(serial: str) -> None:
    assert row(serial=serial)["serial"] == serial


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"purchase_date": {"date": "01.08.2025"}}, "purchase_date.date is no day, such as 2026-08-17"),
        ({"purchase_date": {"date": "2025-02-30"}}, "purchase_date.date is no day, such as 2026-08-17"),
        ({"purchase_date": "2025-08-01"}, "purchase_date.date stands in a part that is no object"),
        ({"byod": "kanskje"}, "byod is neither true nor false"),
        ({"model": "ThinkPad"}, "model.name stands in a part that is no object"),
        ({"asset_tag": {}}, "asset_tag is no text"),
        ({"location": {"name": "\ud800"}}, "location.name is no text"),
    ],
)
def test_what_cannot_be_read_is_told_of_and_the_rest_is_read(changes: dict[str, Any], reason: str) -> None:
    found = read([asset(1, **changes)])
    assert found.issues == (Issue("snipe_it", "devices", "PF000001", reason),)
    assert found.table["serial"].tolist() == ["PF000001"]


def test_an_asset_without_serial_number_is_a_row_and_told_of_by_its_number() -> None:
    found = read([asset(41, serial="", byod="x")])
    assert found.table["asset_tag"].tolist() == ["HK-00041"]
    assert [each.sourced_id for each in found.issues] == ["asset 41"]
