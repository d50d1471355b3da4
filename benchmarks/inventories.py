"""A sample municipality's machines in two lists that know half of them together, each in its own way of writing."""

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import Final

from provision.core.devices import DeviceKind, DeviceStatus, Use

# Machines for each pupil, those of the staff included.
PER_PUPIL: Final = 1.2
_MANAGED: Final = (
    "serial", "kind", "model", "os", "school", "assignee", "enrolled_by", "use", "shared", "private", "status",
    "enrolled", "last_seen",
)  # fmt: skip  # many to a line
_KINDS: Final = {
    DeviceKind.LAPTOP: "Bærbar PC",
    DeviceKind.TABLET: "Nettbrett",
    DeviceKind.DESKTOP: "Stasjonær",
}
_STATUSES: Final = {
    DeviceStatus.IN_USE: "I bruk",
    DeviceStatus.IN_STOCK: "På lager",
    DeviceStatus.IN_REPAIR: "Til reparasjon",
    DeviceStatus.BROKEN: "Defekt",
    DeviceStatus.LOST: "Tapt",
    DeviceStatus.RETIRED: "Utrangert",
}
# How many pupils registered a machine themselves, and how many machines are private.
_REGISTERED: Final = 0.1
_PRIVATE: Final = 0.01
_OF_A_HUNDRED: Final = (92, 3, 2, 1, 1, 1)
_ROOMS: Final = {Use.STAFF: "Arbeidsrom 1", Use.ADMINISTRATION: "Kontor 2"}
_LIFE: Final = timedelta(days=4 * 365)
# One of so many is in stock by the second list and in use by the first.
_DISAGREE: Final = 40

_Machine = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class School:
    """Its number and name, and its people by the names that inventories know them by."""

    number: str
    name: str
    pupils: Sequence[str]
    staff: Sequence[str]


def write(managed: Path, listed: Path, schools: Sequence[School], day: date, seed: int) -> int:
    """A quarter of all machines is in the first list alone, a quarter in the second alone. Says how many there are.

    The first is as `provision ratios` wants it, the second as the shipped mapping of a municipality describes it.
    """
    number = -1
    with (
        managed.open("w", encoding="utf-8", newline="") as one,
        listed.open("w", encoding="utf-8-sig", newline="") as other,
    ):
        first = csv.DictWriter(one, _MANAGED, extrasaction="ignore")
        first.writeheader()
        columns = _as_listed(dict.fromkeys((*_MANAGED, "name", "end_of_life", "purchased"), ""), 0)
        other.write("Enheter" + ";" * (len(columns) - 1) + "\r\n")
        second = csv.DictWriter(other, columns, delimiter=";")
        second.writeheader()
        chance = Random(seed)  # noqa: S311 - made-up machines need no secrecy
        for number, machine in enumerate(_machines(schools, day, chance)):
            if number % 4 != 0:
                first.writerow(machine)
            if number % 4 != 1:
                second.writerow(_as_listed(machine, number))
    return number + 1


def _machines(schools: Sequence[School], day: date, chance: Random) -> Iterator[_Machine]:
    number = 0
    for school in schools:
        for owner, use in _uses(school, chance):
            yield {"serial": _serial(number, chance), **_machine(school, owner, use, chance), **_days(day, chance)}
            number += 1


def _uses(school: School, chance: Random) -> Iterator[tuple[str, Use]]:
    """Whose each machine of the school is, "" for nobody's, and what for: most pupils have their own, few have two."""
    owned = [who for who in school.pupils if chance.random() < 0.85]  # noqa: PLR2004 - made up, like all shares here
    taken = [
        *((who, Use.PUPIL) for who in owned),
        *((who, Use.LOAN) for who in owned[::30]),
        *((who, Use.STAFF) for who in school.staff),
    ]
    yield from taken
    for number in range(round(len(school.pupils) * PER_PUPIL) - len(taken)):
        yield "", Use.ADMINISTRATION if number % 20 == 0 else Use.PUPIL


def _serial(number: int, chance: Random) -> str:
    return f"{chance.choice(('PF', 'MJ', 'CD'))}{number:07}{chance.choice('ABCDEFGHJK')}"


def _machine(school: School, owner: str, use: Use, chance: Random) -> _Machine:
    status = chance.choices(tuple(_STATUSES), _OF_A_HUNDRED)[0]
    kind = chance.choice(tuple(_KINDS))
    registered = owner if chance.random() < _REGISTERED else next(iter(school.staff), "")
    return {
        "kind": kind,
        "model": f"Model {kind} 11",
        "os": "Windows 11",
        "school": school.number,
        "name": school.name,
        "assignee": owner if status is DeviceStatus.IN_USE else "",
        "enrolled_by": registered,
        "use": use,
        "shared": "0" if owner else "1",
        "private": str(int(chance.random() < _PRIVATE)),
        "status": status,
    }


def _days(day: date, chance: Random) -> _Machine:
    bought = day - timedelta(days=chance.randrange(60, 5 * 365))
    seen = day - timedelta(days=int(chance.expovariate(1 / 15)))
    return {
        "enrolled": bought.isoformat(),
        "purchased": bought.isoformat(),
        "end_of_life": (bought + _LIFE).isoformat(),
        "last_seen": max(bought, seen).isoformat(),
    }


def _as_listed(machine: _Machine, number: int) -> _Machine:
    """A line of the second list: the serial number in lower case with blanks, the school by name, days as typed."""
    serial = machine["serial"].lower()
    in_use = machine["status"] != DeviceStatus.IN_USE or number % _DISAGREE
    return {
        "Serienummer": f" {serial[:2]} {serial[2:6]} {serial[6:]}",
        "Merkelapp": f"M-{number:06}",
        "Type": _KINDS.get(DeviceKind(machine["kind"] or DeviceKind.OTHER), ""),
        "Modell": machine["model"],
        "Skole": machine["name"],
        "Rom": _ROOMS.get(Use(machine["use"] or Use.PUPIL), f"Rom {number % 100}"),
        "Bruker": machine["assignee"],
        "Klassesett": "Ja" if machine["shared"] == "1" else "Nei",
        "Privat": "Ja" if machine["private"] == "1" else "Nei",
        "Status": _STATUSES[DeviceStatus(machine["status"] or DeviceStatus.IN_USE)] if in_use else "På lager",
        "Innkjøpt": _typed(machine["purchased"]),
        "Utgår": _typed(machine["end_of_life"]),
        "Sist sett": _typed(machine["last_seen"]),
    }


def _typed(day: str) -> str:
    return ".".join(reversed(day.split("-")))
