"""Whether all is well with a site, as machines are told."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from provision.alerts.texts import next_step, said
from provision.core.conditions import Condition, Severity, What
from provision.core.language import Language
from provision.core.standing import SlotStanding, TargetStanding
from provision.errors import ProvisionError
from provision.journal.codec import redact
from provision.standing import Standing


def body(standing: Standing) -> dict[str, Any]:
    """What every document on a site says of how it is."""
    picture = standing.picture
    return {
        "last_run": picture.last_run.run if picture.last_run else None,
        "oldest_waiting": _written(picture.oldest_waiting),
        "targets": [_target(each) for each in picture.targets],
        "schedule": [_slot(each) for each in picture.slots],
        "conditions": [condition_json(each) for each in standing.conditions],
    }


def site_json(standing: Standing) -> dict[str, Any]:
    """One site in the document of `provision health`."""
    picture, found = standing.picture, standing.conditions
    return {
        "site": picture.site,
        "job": picture.job,
        "well": not found,
        "urgent": any(each.severity is Severity.NOW for each in found),
        **body(standing),
    }


def unusable_json(site: str, job: str, error: ProvisionError, what: What) -> dict[str, Any]:
    """The same of one that cannot be looked at."""
    found = unusable(site, error, what)
    return {
        "site": site,
        "job": job,
        "well": False,
        "urgent": found.severity is Severity.NOW,
        "last_run": None,
        "oldest_waiting": None,
        "targets": [],
        "schedule": [],
        "conditions": [condition_json(found)],
    }


def unusable(site: str, error: ProvisionError, what: What) -> Condition:
    """That a site, or its journal, cannot be looked at, and why."""
    return Condition(what, site, {"why": redact(str(error))})


def document(sites: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """The document that docs/json.md describes."""
    listed = list(sites)
    return {"format": 1, "well": all(each["well"] for each in listed), "sites": listed}


def condition_json(found: Condition) -> dict[str, Any]:
    return {
        "condition": found.what.value,
        "subject": found.subject,
        "severity": found.severity.value,
        "since": _written(found.since),
        "text": said(found.what, found.subject, found.facts, Language.EN),
        "remedy": next_step(found.what, Language.EN),
    }


def _target(each: TargetStanding) -> dict[str, Any]:
    return {
        "target": each.name,
        "stage": each.stage,
        "last_tried": _written(each.tried),
        "last_good": _written(each.good),
        "failure": each.failure or None,
        "held_back": each.held_back,
        "fresh_hours": each.fresh_hours,
    }


def _slot(each: SlotStanding) -> dict[str, Any]:
    return {
        "kind": each.kind,
        "last": each.last,
        "ended": _written(each.ended),
        "exit_code": each.exit_code,
        "again": _written(each.again),
        "next": _written(each.next),
    }


def _written(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
