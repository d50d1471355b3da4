"""A managed device of Intune as a machine: what it says, what it only seems to say, and what cannot be read."""

from typing import Any

import pytest

from provision.core.devices import DEVICE_COLUMNS, DeviceKind, Stocktake, Use
from provision.core.roster import Issue
from provision.formats.device_cells import Words
from tests.canaries import NAME, NIN
from tests.clocks import START
from tests.servers.intune import device, read

WORDS = Words(
    schools={"Sodin*": "974588145", "Autopilot Svanem*": "974588153", "*": "ukjent"},
    kinds={"optiplex*": DeviceKind.DESKTOP, "thinkpad*": DeviceKind.LAPTOP},
    uses={"*lærer*": Use.STAFF, "sfo*": Use.AFTER_SCHOOL},
    shared=("*klassesett*",),
    left_out=("*iphone*",),
)


def row(words: Words = WORDS, **changes: Any) -> dict[str, str]:
    found = read([device(1, **changes)], words=words)
    assert found.issues == ()
    return dict(zip(found.table.columns, found.table.iloc[0], strict=True))


def issues(**changes: Any) -> tuple[Stocktake, tuple[Issue, ...]]:
    found = read([device(1, **changes)])
    assert len(found.table) == 1
    return found, found.issues


def test_a_device_is_a_machine_with_what_intune_knows() -> None:
    assert row() == dict.fromkeys(DEVICE_COLUMNS, "") | {
        "serial": "PF000001",
        "kind": "laptop",
        "model": "LENOVO ThinkPad L13",
        "os": "Windows 10.0.26100.2314",
        "school": "974588145",
        "enrolled_by": "elev1@hemne.kommune.no",
        "private": "0",
        "enrolled": "2025-08-20",
        "last_seen": "2026-11-22",
    }


def test_the_stocktake_says_who_when_and_that_it_is_of_that_night() -> None:
    found = read([device(1, model="iPad")])
    assert (found.inventory, found.read_at, found.as_of) == ("intune", START, START)
    assert tuple(found.table.columns) == DEVICE_COLUMNS
    assert all(type(cell) is str for cell in found.table.to_numpy().ravel())


def test_who_enrolled_it_is_never_who_has_it() -> None:
    assert row()["assignee"] == ""


@pytest.mark.parametrize("way", ["windowsBulkUserless", "appleBulkWithoutUser", "deviceEnrollmentManager"])
def test_a_way_of_enrolling_that_needs_nobody_names_nobody(way: str) -> None:
    assert row(deviceEnrollmentType=way)["enrolled_by"] == ""


@pytest.mark.parametrize("name", ["", None])
def test_a_device_without_user_names_nobody(name: str | None) -> None:
    assert row(userPrincipalName=name)["enrolled_by"] == ""


@pytest.mark.parametrize(("owner", "private"), [("personal", "1"), ("company", "0"), ("unknown", "")])
def test_a_private_device_is_private(owner: str, private: str) -> None:
    assert row(managedDeviceOwnerType=owner)["private"] == private


@pytest.mark.parametrize("state", ["retirePending", "retireIssued", "wipePending", "wipeIssued", "deletePending"])
def test_what_is_being_taken_out_is_retired(state: str) -> None:
    assert row(managementState=state)["status"] == "retired"


@pytest.mark.parametrize("state", ["managed", "retireFailed", "wipeFailed", "wipeCanceled", "retireCanceled"])
def test_what_stays_has_no_status_since_intune_knows_none(state: str) -> None:
    assert row(managementState=state)["status"] == ""


@pytest.mark.parametrize("moment", ["0001-01-01T00:00:00Z", None, ""])
def test_never_is_no_day(moment: str | None) -> None:
    found = row(lastSyncDateTime=moment, enrolledDateTime=moment)
    assert (found["last_seen"], found["enrolled"]) == ("", "")


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        ("2026-06-30T21:59:59Z", "2026-06-30"),
        ("2026-06-30T22:00:00Z", "2026-07-01"),  # summer time here
        ("2026-12-31T23:00:00.0000000Z", "2027-01-01"),
        ("2026-06-30T23:30:00+02:00", "2026-06-30"),
    ],
)
def test_a_day_is_the_day_here(moment: str, day: str) -> None:
    assert row(lastSyncDateTime=moment)["last_seen"] == day


@pytest.mark.parametrize(
    ("category", "profile", "school"),
    [
        ("Sodin skole", "Autopilot Svanem", "974588145"),  # the category counts before the profile
        ("SODIN SKOLE", "", "974588145"),
        ("", "autopilot svanem 2025", "974588153"),
        (None, "Noe annet", "ukjent"),
        (None, None, ""),
    ],
)
def test_the_school_is_what_the_site_says_of_category_and_profile(
    category: str | None, profile: str | None, school: str
) -> None:
    assert row(deviceCategoryDisplayName=category, enrollmentProfileName=profile)["school"] == school


def test_the_category_counts_before_the_profile_whatever_the_order_of_the_patterns() -> None:
    words = Words(schools={"*profil*": "profilens", "sodin*": "kategoriens", "*": "den første"})
    assert row(words, enrollmentProfileName="En profil")["school"] == "kategoriens"


def test_a_category_of_which_the_site_says_nothing_stays_as_it_is() -> None:
    assert row(Words(schools={"x": "y"}), deviceCategoryDisplayName="Vinjeøra [ny]")["school"] == "Vinjeøra [ny]"
    assert row(Words(schools={"vinjeøra [ny]": "y"}), deviceCategoryDisplayName="Vinjeøra [ny]")["school"] == "y"


def test_use_and_sharing_are_what_the_site_says_of_category_and_profile() -> None:
    assert row(deviceCategoryDisplayName="Lærer-PC")["use"] == "staff"
    assert row(deviceCategoryDisplayName="SFO")["use"] == "after_school"
    assert row(enrollmentProfileName="Klassesett 7B")["shared"] == "1"
    assert (row()["use"], row()["shared"]) == ("", "")


@pytest.mark.parametrize(
    ("model", "system", "kind"),
    [
        ("OptiPlex 7010", "Windows", "desktop"),
        ("ThinkPad L13", "Windows", "laptop"),
        ("Surface Go", "Windows", ""),  # nothing says whether it is a laptop or a tablet
        ("iPad (9th generation)", "iPadOS", "tablet"),
        ("MacBook Air", "macOS", "laptop"),
        ("Macmini9,1", "macOS", "desktop"),
        ("HP Elite c640", "ChromeOS", "chromebook"),
    ],
)
def test_the_kind_is_what_the_site_or_the_model_says(model: str, system: str, kind: str) -> None:
    assert row(model=model, operatingSystem=system)["kind"] == kind


def test_what_the_site_leaves_out_is_no_machine() -> None:
    found = read([device(1), device(2, model="iPhone 12", operatingSystem="iOS")], words=WORDS)
    assert list(found.table["serial"]) == ["PF000001"]
    assert found.whole


@pytest.mark.parametrize("serial", ["  pf 0001 ", "0", "00123", "NA", "nan", "1e5", "Åse-æøå"])
def test_a_serial_number_stays_as_it_is(serial: str) -> None:
    assert row(serialNumber=serial)["serial"] == serial


def test_two_devices_of_one_serial_number_are_both_told_of() -> None:
    found = read([device(1), device(2, serialNumber="PF000001"), device(3, serialNumber=None)])
    assert list(found.table["serial"]) == ["PF000001", "PF000001", ""]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"lastSyncDateTime": "22.11.2026"}, "lastSyncDateTime is no time, such as 2026-08-17T08:00:00Z"),
        ({"lastSyncDateTime": "9999-12-31T23:59:59Z"}, "lastSyncDateTime is no time, such as 2026-08-17T08:00:00Z"),
        ({"model": ["x"]}, "model is no text"),
        ({"model": True}, "model is no text"),
        ({"model": "\ud800"}, "model is no text"),
        ({"model": "a\0b"}, "model is no text"),
    ],
)
def test_what_cannot_be_read_is_told_of_and_the_rest_is_read(changes: dict[str, Any], reason: str) -> None:
    found, (issue,) = issues(**changes)
    assert issue == Issue("intune", "devices", "PF000001", reason)
    assert found.table["serial"].tolist() == ["PF000001"]


def test_a_device_whose_serial_number_cannot_be_read_is_told_of_by_its_id() -> None:
    _, (issue,) = issues(serialNumber={})
    assert (issue.sourced_id, issue.reason) == (device(1)["id"], "serialNumber is no text")


def test_an_identity_number_is_not_read() -> None:
    found, (issue,) = issues(userPrincipalName=f"{NIN}@hemne.kommune.no")
    assert found.table["enrolled_by"].tolist() == [""]
    assert "identity number" in issue.reason
    assert NIN not in repr((found.table.to_dict(), found.issues))


def test_names_and_numbers_of_people_do_not_even_come() -> None:
    found = read([device(1)])
    assert NAME not in found.table.to_string()
    assert "99999999" not in found.table.to_string()
