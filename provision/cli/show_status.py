"""What the nights did, what waits for somebody, and how old what was read is."""

from collections import Counter
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from rich.console import Console
from rich.text import Text

from provision import health
from provision.alerts import texts
from provision.cli import show_stays
from provision.cli.show_run import new_ids, said_yes, what
from provision.cli.terminal import WHEN, counted, out
from provision.core.clocks import local
from provision.core.conditions import Severity, What
from provision.core.language import Language
from provision.journal.runs import RunRow
from provision.reports.run import STALE_AFTER_DAYS, ages, hold_json, sources_json
from provision.reports.stays import last_day_json
from provision.standing import Standing


def document(standing: Standing) -> dict[str, Any]:
    """The document that docs/json.md describes."""
    picture = standing.picture
    return {
        "format": 1,
        "runs": [_run_json(row) for row in standing.runs],
        "sources": sources_json(picture.sources, standing.day),
        "relinking": standing.relinking or None,
        "holds": [
            {**hold_json(each.hold, standing.approvals), "since": each.first_seen.isoformat()}
            for each in standing.holds
        ],
        "ending": [last_day_json(each) for each in standing.ending],
        "blocked": {
            "count": len(standing.blocked),
            "since": standing.blocked[0].since.isoformat() if standing.blocked else None,
        },
        "open_intents": picture.open_intents,
        "audit": picture.audit,
        **health.body(standing),
    }


def _run_json(row: RunRow) -> dict[str, Any]:
    return {
        "run": row.id,
        "job": row.job,
        "mode": row.mode,
        "day": row.day.isoformat(),
        "status": row.status,
        "began": row.began.isoformat(),
        "ended": row.ended.isoformat() if row.ended else None,
        "exit_code": row.exit_code,
        "summary": dict(row.summary),
    }


def status(standing: Standing) -> None:
    """The latest runs, how old their sources are, what is held or half-way, and whether the audit chain is whole."""
    place, picture = standing.place, standing.picture
    console = out(place)
    console.print(f"{place.settings.site_name}, job {place.job_name}", style="bold")
    for row in standing.runs:
        ended = f"exit {row.exit_code}" if row.exit_code is not None else row.status
        told = _done(row)
        console.print(Text(f"  {local(row.began):{WHEN}}  {row.id}  {row.mode:<5}  {ended}  {told}"))
    if not standing.runs:
        console.print("  no runs yet; the first: provision run")
    _sources(console, standing)
    show_stays.ending(console, standing.ending)
    new_ids(console, standing.relinking, standing.approvals)
    for each in standing.holds:
        hold = each.hold
        console.print(
            f"  held since {local(each.first_seen):{WHEN}}: {hold.id} {hold.target} {hold.org}: "
            f"{what(hold)}; {hold.limit} may{f'. To decide: {hold.owner}' if hold.owner else ''}"
            f"{f'. Kept back {hold.kept_back}' if hold.kept_back else ''}",
            style="yellow",
            markup=False,
        )
        said_yes(console, hold, standing.approvals, place)
    if standing.blocked:
        people = counted(len(standing.blocked), "person is", "people are")
        since = local(standing.blocked[0].since)
        console.print(f"  {people} blocked, the first since {since:{WHEN}}: provision block --list")
    if picture.open_intents:
        begun = f"{picture.open_intents} changes were begun and have no answer"
        console.print(f"  {begun}; the next run reads back and finishes")
    console.print(f"  audit chain: {picture.audit or 'whole'}", style="red" if picture.audit else "")
    _scheduled(console, standing)
    tell_conditions(console, standing, leaving_out={What.HELD, What.AUDIT})


def _scheduled(console: Console, standing: Standing) -> None:
    for slot in standing.picture.slots:
        last = f"last {datetime.fromisoformat(slot.last):{WHEN}}" if slot.last else "not yet done"
        ended = f", exit {slot.exit_code}" if slot.exit_code is not None else ""
        coming = f"; next {slot.next:{WHEN}}" if slot.next else ""
        console.print(f"  {slot.kind}: {last}{ended}{coming}")


def tell_conditions(console: Console, standing: Standing, leaving_out: Collection[What] = ()) -> None:
    """What calls for somebody, each with the next step."""
    for each in standing.conditions:
        if each.what not in leaving_out:
            since = f" (since {local(each.since):{WHEN}})" if each.since else ""
            urgent = each.severity is Severity.NOW
            said = texts.said(each.what, each.subject, each.facts, Language.EN)
            console.print(f"  ! {said}{since}", style="red" if urgent else "yellow", markup=False)
            console.print(f"    {texts.next_step(each.what, Language.EN)}")


def _sources(console: Console, standing: Standing) -> None:
    as_of = standing.picture.sources
    for source, days in ages(as_of, standing.day).items():
        ago = f", {counted(days, 'day')} ago" if days > 0 else ""
        style = "yellow" if days > STALE_AFTER_DAYS else ""
        console.print(f"  last read of {source}: content of {as_of[source]:{WHEN}}{ago}", style=style)


def _done(row: RunRow) -> str:
    told = [_became(name, each) for name, each in row.summary.get("targets", {}).items()]
    return ", ".join(told) or str(row.summary.get("error", ""))


def _became(name: str, summary: Mapping[str, Any]) -> str:
    """What a run did at one target, and what kept it from doing more."""
    done = Counter(summary["done"])
    carried_out = done.pop("done", 0)
    told = [
        counted(carried_out, "change") if carried_out or not summary["failure"] else "",
        f"{done.total()} refused" if done else "",
        counted(len(summary["holds"]), "hold") if summary["holds"] else "",
        f"unavailable: {summary['failure']}" if summary["failure"] else "",
    ]
    return f"{name}: {', '.join(filter(None, told))}"
