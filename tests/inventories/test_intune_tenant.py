"""The tenant that the tests read from answers as Microsoft publishes, so that reading it says something."""

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from provision.inventories.intune.device import SELECT
from tests.canaries import NAME
from tests.servers.intune import Manners, Tenant, device, refusal

DOCUMENT = json.loads((Path(__file__).parents[1] / "servers" / "intune_schema.json").read_text(encoding="utf-8"))
DEVICE = "microsoft.graph.managedDevice"
ERROR = "microsoft.graph.ODataErrors.ODataError"


def faults(said: Any, what: str) -> list[str]:
    validator = Draft202012Validator({**DOCUMENT, "$ref": f"#/$defs/{what}"})
    return [f"{list(each.path)}: {each.message}" for each in validator.iter_errors(said)]


@pytest.mark.parametrize("count", ["all", "page", "none"])
def test_every_page_has_the_published_form(count: Any) -> None:
    replies = []
    with Tenant([device(n) for n in range(7)], Manners(most=3, count=count)) as tenant:
        really = tenant._page
        tenant._page = lambda asked: replies.append(really(asked)) or replies[-1]  # type: ignore[func-returns-value, method-assign] - kept as they pass
        tenant.inventory().read()
    assert len(replies) == 3
    for reply in replies:
        said = json.loads(reply.body)
        assert faults(said, "managedDevices") == []
        assert all(set(each) == set(SELECT) for each in said["value"])
        assert NAME not in reply.body.decode()


def test_whole_devices_and_refusals_have_the_published_form() -> None:
    assert faults(device(1), DEVICE) == []
    for status in (400, 401, 403, 404, 429, 503):
        assert faults(json.loads(refusal(status, "X").body), ERROR) == []


@pytest.mark.parametrize(
    "spoilt",
    [
        {"managementState": "retired"},
        {"managedDeviceOwnerType": "private"},
        {"deviceEnrollmentType": "byod"},
        {"serialNumber": 7},
        {"isSupervised": "false"},
        {"userPrincipleName": "x"},
    ],
)
def test_the_form_tells_a_spoilt_device(spoilt: dict[str, Any]) -> None:
    assert len(faults(device(1, **spoilt), DEVICE)) == 1


def test_what_is_asked_for_is_published_and_names_nobody_but_who_enrolled() -> None:
    known = DOCUMENT["$defs"][DEVICE]["properties"]
    assert set(SELECT) <= set(known)
    personal = {"userDisplayName", "emailAddress", "phoneNumber", "deviceName", "managedDeviceName", "imei", "notes"}
    assert not personal & set(SELECT)
