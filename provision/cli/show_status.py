"""What the nights did, what waits for somebody, and how old what was read is."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from rich.console import Console
from rich.text import Text

from provision.cli import show_stays
from provision.cli.show_run import new_ids, said_yes, what
from provision.cli.terminal import WHEN, counted, out
from provision.core.guard import Approval
from provision.core.stays import LastDay
from provision.journal.consent import HoldRow
from provision.journal.runs import RunRow, last_said
from provision.journal.words import Word
from provision.reports.run import STALE_AFTER_DAYS, ages, hold_json, sources_json
from provision.reports.stays import last_day_json
from provision.wiring import Place


@dataclass(frozen=True, slots=True)
class Standing:
    """What the journal says on one day. `audit` is where its chain breaks, None where it is whole."""

    job: str
    day: date
    runs: Sequence[RunRow]
    as_of: Mapping[str, datetime]
    holds: Sequence[HoldRow]
    open_intents: int
    audit: str | None
    blocked: Sequence[Word]
    approvals: Sequence[Approval]

    @property
    def relinking(self) -> str:
        """What the latest run of the job said of new ids for everybody."""
        return str(last_said(self.runs, self.job, "relinking") or "")

    @property
    def ending(self) -> tuple[LastDay, ...]:
        """Whose last day was near when the latest run looked, and is not over."""
        told = last_said(self.runs, self.job, "ending") or ()
        found = (LastDay(date.fromisoformat(e["until"]), e["id"], frozenset(e["orgs"]), e["file"]) for e in told)
        return tuple(each for each in found if each.until >= self.day)

    def as_json(self) -> dict[str, Any]:
        """The document that docs/json.md describes."""
        return {
            "format": 1,
            "runs": [_run_json(row) for row in self.runs],
            "sources": sources_json(self.as_of, self.day),
            "relinking": self.relinking or None,
            "holds": [
                {**hold_json(each.hold, self.approvals), "since": each.first_seen.isoformat()} for each in self.holds
            ],
            "ending": [last_day_json(each) for each in self.ending],
            "blocked": {
                "count": len(self.blocked),
                "since": self.blocked[0].since.isoformat() if self.blocked else None,
            },
            "open_intents": self.open_intents,
            "audit": self.audit,
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


def status(place: Place, standing: Standing) -> None:
    """The latest runs, how old their sources are, what is held or half-way, and whether the audit chain is whole."""
    console = out(place)
    console.print(f"{place.settings.site_name}, job {place.job_name}", style="bold")
    for row in standing.runs:
        ended = f"exit {row.exit_code}" if row.exit_code is not None else row.status
        told = _done(row)
        console.print(Text(f"  {row.began.astimezone():{WHEN}}  {row.id}  {row.mode:<5}  {ended}  {told}"))
    if not standing.runs:
        console.print("  no runs yet; the first: provision run")
    _sources(console, standing)
    show_stays.ending(console, standing.ending)
    new_ids(console, standing.relinking, standing.approvals)
    for each in standing.holds:
        hold = each.hold
        console.print(
            f"  held since {each.first_seen.astimezone():{WHEN}}: {hold.id} {hold.target} {hold.org}: "
            f"{what(hold)}; {hold.limit} may{f'. To decide: {hold.owner}' if hold.owner else ''}"
            f"{f'. Kept back {hold.kept_back}' if hold.kept_back else ''}",
            style="yellow",
            markup=False,
        )
        said_yes(console, hold, standing.approvals, place)
    if standing.blocked:
        people = counted(len(standing.blocked), "person is", "people are")
        since = standing.blocked[0].since.astimezone()
        console.print(f"  {people} blocked, the first since {since:{WHEN}}: provision block --list")
    if standing.open_intents:
        begun = f"{standing.open_intents} changes were begun and have no answer"
        console.print(f"  {begun}; the next run reads back and finishes")
    console.print(f"  audit chain: {standing.audit or 'whole'}", style="red" if standing.audit else "")


def _sources(console: Console, standing: Standing) -> None:
    for source, days in ages(standing.as_of, standing.day).items():
        ago = f", {counted(days, 'day')} ago" if days > 0 else ""
        style = "yellow" if days > STALE_AFTER_DAYS else ""
        console.print(f"  last read of {source}: content of {standing.as_of[source]:{WHEN}}{ago}", style=style)


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
