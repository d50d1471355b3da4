"""Devices and pupils counted on one day, from the inventories and the roster."""

from collections.abc import Mapping, Sequence

from loguru import logger

from provision.core.counted import Terms
from provision.core.coverage import coverage
from provision.core.figures import Coverage, Link
from provision.core.machines import machines
from provision.core.named import people_named, schools_named
from provision.core.ports import Inventory
from provision.core.roster import Role
from provision.core.state import Kind
from provision.journal.journal import Journal
from provision.reading import Reading


def coverage_of(
    inventories: Sequence[Inventory],
    reading: Reading,
    journal: Journal,
    name: str,
    terms: Terms,
    links: Mapping[str, Link],
) -> Coverage:
    """The figures of the roster's day, of everybody under this `name`. Raises SourceError: never a part of them."""
    stocktakes = []
    for inventory in inventories:
        logger.info("reading {}", inventory.name)
        stocktakes.append(inventory.read())
    roster = reading.roster
    staff = [person for person, placed in reading.people.items() if placed.roles != {Role.STUDENT}]
    earlier = (key.sourced_id for key in reading.history.sightings if key.kind is Kind.ACCOUNT)
    people = people_named(roster, staff, journal.usernames(), earlier)
    found = machines(stocktakes, schools_named(roster), people, terms, roster.day)
    return coverage(found, stocktakes, roster, name, links)
