"""One managed device of Intune, as a row of the device table."""

from collections.abc import Mapping
from typing import Final

from provision.core.devices import DeviceKind, DeviceStatus
from provision.formats.device_cells import Record, Words, any_fits, meaning, together

# Asked for by name, so that names, mail addresses and telephone numbers do not even come.
SELECT: Final = (
    "id", "serialNumber", "manufacturer", "model", "operatingSystem", "osVersion", "deviceCategoryDisplayName",
    "enrollmentProfileName", "deviceEnrollmentType", "userPrincipalName", "managedDeviceOwnerType", "managementState",
    "enrolledDateTime", "lastSyncDateTime",
)  # fmt: skip  # names, many to a line

# Ways to enrol that need nobody; what stands in their place is an account of the IT department's.
_NOBODYS: Final = frozenset({"windowsBulkUserless", "appleBulkWithoutUser", "deviceEnrollmentManager"})
_PRIVATE: Final[Mapping[str, str]] = {"personal": "1", "company": "0"}
# Of other machines it only knows that they are enrolled, not whether they are in use, in stock or broken.
_STATUSES: Final[Mapping[str, DeviceStatus]] = dict.fromkeys(
    ("retirePending", "retireIssued", "wipePending", "wipeIssued", "deletePending"), DeviceStatus.RETIRED
)
# Of a machine with Windows nothing says whether it is a laptop; the site's own words may.
_KINDS: Final[Mapping[str, DeviceKind]] = {
    "*ipad*": DeviceKind.TABLET,
    "*iphone*": DeviceKind.PHONE,
    "*ipod*": DeviceKind.OTHER,
    "*macbook*": DeviceKind.LAPTOP,
    "imac*": DeviceKind.DESKTOP,
    "mac mini*": DeviceKind.DESKTOP,
    "macmini*": DeviceKind.DESKTOP,
    "mac pro*": DeviceKind.DESKTOP,
    "mac studio*": DeviceKind.DESKTOP,
    "*chromebook*": DeviceKind.CHROMEBOOK,
    "chromeos*": DeviceKind.CHROMEBOOK,
}


def cells(record: Record, words: Words) -> Mapping[str, str] | None:
    """The cells of a device; None for one that the site leaves out.

    Whoever enrolled it is `enrolled_by`, never the assignee: Intune does not list whose a machine is.
    """
    category, profile = record.text("deviceCategoryDisplayName"), record.text("enrollmentProfileName")
    model, system = record.text("model"), record.text("operatingSystem")
    if any_fits(words.left_out, category, profile, model):
        return None
    nobodys = record.text("deviceEnrollmentType") in _NOBODYS
    return {
        "serial": record.text("serialNumber"),
        "kind": meaning(words.kinds, category, model) or meaning(_KINDS, model, system) or "",
        "model": together(record.text("manufacturer"), model),
        "os": together(system, record.text("osVersion")),
        "school": meaning(words.schools, category, profile) or category,
        "enrolled_by": "" if nobodys else record.person("userPrincipalName"),
        "use": meaning(words.uses, category, profile) or "",
        "shared": "1" if any_fits(words.shared, category, profile) else "",
        "private": _PRIVATE.get(record.text("managedDeviceOwnerType"), ""),
        "status": _STATUSES.get(record.text("managementState"), ""),
        "enrolled": record.moment("enrolledDateTime"),
        "last_seen": record.moment("lastSyncDateTime"),
    }
