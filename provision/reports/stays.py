"""Named exceptions and last days as machines read them: ids and days, never an owner or a reason."""

from collections.abc import Iterable
from typing import Any

from provision.core.plan import Plan
from provision.core.roster import Roster
from provision.core.stays import LastDay, exceptions


def last_day_json(each: LastDay) -> dict[str, Any]:
    return {"id": each.sourced_id, "until": each.until.isoformat(), "orgs": sorted(each.orgs), "file": each.file}


def exceptions_json(roster: Roster, unknown: frozenset[str]) -> list[dict[str, Any]]:
    return [
        {"id": who, "until": stay.until.isoformat(), "known": who not in unknown} for who, stay in exceptions(roster)
    ]


def unknown_exceptions(roster: Roster, plans: Iterable[Plan]) -> frozenset[str]:
    """Of those whom an exception keeps, who is neither in the SIS nor in what any target holds and the SIS does not."""
    seen = {key.sourced_id for plan in plans for key in (*plan.waiting, *plan.held, *(c.key for c in plan.changes))}
    return frozenset(who for who, _ in exceptions(roster)) - roster.present - seen
