"""The composition root: from a site's folder to sources, routes and journal. The only place that makes every kind."""

from provision.wiring.asks import Asks
from provision.wiring.inventories import INVENTORIES, inventories
from provision.wiring.papers import all_jobs, papers
from provision.wiring.place import Place, clock, open_journal_of, open_place, owner, pepper
from provision.wiring.sources import SOURCES, kept, kept_sources, sources
from provision.wiring.targets import TARGETS, directory, layout_of, open_routes

__all__ = [
    "INVENTORIES",
    "SOURCES",
    "TARGETS",
    "Asks",
    "Place",
    "all_jobs",
    "clock",
    "directory",
    "inventories",
    "kept",
    "kept_sources",
    "layout_of",
    "open_journal_of",
    "open_place",
    "open_routes",
    "owner",
    "papers",
    "pepper",
    "sources",
]
