"""Devices and pupils counted on one day, from the inventories and the roster."""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass

from loguru import logger

from provision.core.counted import Terms
from provision.core.coverage import coverage, pupils_of, with_machines
from provision.core.devices import Stocktake
from provision.core.figures import DEFINITIONS, SIS, Coverage, Link, Tally
from provision.core.machines import machines
from provision.core.named import people_named, schools_named
from provision.core.ports import Inventory
from provision.core.roster import Role
from provision.core.rows_behind import Rows
from provision.core.shrunk import shrunk
from provision.core.state import Kind
from provision.errors import SourceError
from provision.journal.journal import Journal
from provision.reading import Reading


@dataclass(frozen=True, slots=True)
class Count:
    """The figures of one day, and the rows behind them."""

    coverage: Coverage
    rows: Rows


def read_all(inventories: Sequence[Inventory]) -> list[Stocktake]:
    """Raises SourceError: nothing is counted without one of them."""
    found = []
    for inventory in inventories:
        logger.info("reading {}", inventory.name)
        found.append(inventory.read())
    return found


def count_devices(
    stocktakes: Sequence[Stocktake],
    reading: Reading,
    journal: Journal,
    name: str,
    terms: Terms,
    links: Mapping[str, Link],
) -> Count:
    """The figures of the roster's day, of everybody under this `name`."""
    roster = reading.roster
    pupils = pupils_of(roster)
    staff = [person for person, placed in reading.people.items() if placed.roles != {Role.STUDENT}]
    earlier = (key.sourced_id for key in reading.history.sightings if key.kind is Kind.ACCOUNT)
    people = people_named(roster, pupils, staff, journal.usernames(), earlier)
    found = machines(stocktakes, schools_named(roster), people, terms, roster.day)
    figures = coverage(found, pupils, roster, name, links)
    sis = Tally(SIS, len(pupils), min(roster.as_of.values(), default=None))
    stands_on = (sis, *(Tally(each.inventory, len(each.table), each.as_of) for each in stocktakes))
    rows = Rows(with_machines(pupils, found.table), found.table, roster.protected)
    return Count(Coverage(roster.day, DEFINITIONS, figures, stands_on, found.issues), rows)


def refuse_less(last: Coverage | None, now: Coverage, percent: int, allowed: Set[str]) -> None:
    """Raises SourceError where what `now` stands on suddenly holds over `percent` less, and is not `allowed` to."""
    if last is None:
        return
    counts = {each.name: each.count for each in now.stands_on}
    for before in shrunk(last.stands_on, now.stands_on, percent, allowed):
        raise SourceError(
            f"{before.name} holds {counts[before.name]} where it held {before.count} on {last.day}; if that is right: "
            f"`provision ratios --fewer {before.name}`"
        )
