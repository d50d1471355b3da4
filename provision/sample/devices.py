"""Makes up the machines of a school as an inventory lists them."""

from collections.abc import Iterator
from datetime import date, timedelta
from random import Random
from typing import Final, NamedTuple

from provision.sample.plans import SchoolPlan

_MODELS: Final = (
    ("laptop", "Lenovo 300e Chromebook"),
    ("laptop", "HP ProBook 11"),
    ("tablet", "iPad 10"),
    ("desktop", "Dell OptiPlex 3000"),
)
_OLDEST: Final = 5 * 365


class DeviceRow(NamedTuple):
    """A row of devices.csv, in the order of its columns. `school` is an organisation number."""

    serial: str
    asset_tag: str
    kind: str
    model: str
    school: str
    room: str
    use: str
    status: str
    purchased: str
    last_seen: str


def make_devices(plan: SchoolPlan, day: date, seed: int) -> Iterator[DeviceRow]:
    """The school's machines: those for pupils, then those in the teachers' workrooms."""
    rng = Random(f"{seed}/{plan.index}/devices")  # noqa: S311 - made-up machines need no secrecy
    pupil_devices, staff_devices = plan.devices
    for number in range(pupil_devices + staff_devices):
        staff = number >= pupil_devices
        kind, model = _MODELS[0] if staff else rng.choice(_MODELS)
        yield DeviceRow(
            serial=f"SN{plan.organisation_number}{number:05}",
            asset_tag=f"{plan.code.upper()}-{number + 1:04}",
            kind=kind,
            model=model,
            school=plan.organisation_number,
            room="Arbeidsrom" if staff else f"Rom {rng.randint(101, 130)}",
            use="staff" if staff else "pupil",
            status="in_use",
            purchased=(day - timedelta(days=rng.randrange(60, _OLDEST))).isoformat(),
            last_seen=(day - timedelta(days=rng.randrange(1, 21))).isoformat(),
        )
