"""What people see of everything but plans and runs."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from rich.console import Console
from rich.text import Text

from provision.adoption import AdoptionReport, TargetAdoption
from provision.caution import REASON
from provision.cli.suggested import at
from provision.cli.terminal import WHEN, counted, heading, org_name, out, who
from provision.core.clocks import local
from provision.core.guard import Approval, Hold
from provision.core.outcome import Status
from provision.core.roster import Roster
from provision.core.stages import Stage
from provision.doctor import Finding, Level
from provision.explain import Explanation, TargetView
from provision.sample.site import Summary
from provision.wiring import Place

_STYLES: Final = {Level.OK: "green", Level.WARN: "yellow", Level.FAIL: "bold red"}
_BADGES: Final = {Level.OK: "ok  ", Level.WARN: "warn", Level.FAIL: "FAIL"}


def approved(place: Place, approval: Approval, *, later: bool) -> None:
    console = out(place)
    console.print(
        f"Approved {approval.hold}: {len(approval.digests)} changes at {approval.org or 'no school'}, "
        f"until {local(approval.expires):{WHEN}}."
    )
    if later:
        console.print("To carry it out: provision run")


def rejected(place: Place, hold: Hold) -> None:
    console = out(place)
    console.print(
        f"Noted: no to {hold.id}, as long as it is the same. Nothing of it is carried out, and it waits for nobody. "
        "Next: have it mended in the SIS"
    )
    console.print(f"If it is right after all: provision approve {hold.id} {REASON}")


def needs_another(place: Place, subject: str) -> None:
    limit = place.site.policy.two_people_above
    console = out(place)
    console.print(
        f"Noted for {subject}. It is about more than {limit} people, which takes the yes of two: a second person says "
        "it, under their own name on this machine. Until then nothing is carried out. "
        f"Their command: provision approve {subject} {REASON}"
    )


def new_ids_approved(place: Place, people: int, *, later: bool) -> None:
    console = out(place)
    console.print(f"Noted: {counted(people, 'person has', 'people have')} a new id and keep their accounts.")
    if later:
        console.print("To carry it out: provision run")


def word_given(place: Place, subject: str, expires: datetime) -> None:
    console = out(place)
    console.print(f"Noted for {subject}, until {local(expires):{WHEN}}. Next: provision plan")


def declared(place: Place, pairs: Sequence[str]) -> None:
    console = out(place)
    console.print(f"Noted: {', '.join(pairs)}. Next: provision plan")


def adoption(place: Place, report: AdoptionReport, *, proposals: bool) -> None:
    """What would be, or was, stamped; what only a person can say; what is left alone."""
    console = out(place)
    console.print(f"Entries in {place.settings.site_name}'s directories that others made", style="bold")
    for target in report.targets:
        _adopted(console, target, report.roster)
    done = sum(r.status is Status.DONE for t in report.targets for r in t.applied.results)
    if report.run:
        console.print(f"{counted(done, 'entry', 'entries')} now carry our id. Next: provision plan")
    elif shadows := [t.target for t in report.targets if t.changes and t.stage is Stage.SHADOW]:
        where = " and ".join(shadows)
        console.print(Text(f"Nothing is stamped while [stages] has {where} as shadow; let it in, and look again."))
    elif any(t.changes for t in report.targets):
        more = " --with-proposals" if proposals else ""
        console.print(f"Nothing was written. To stamp exactly these: provision adopt --approve {report.digest}{more}")
    else:
        console.print("There is nothing to adopt.")


def _adopted(console: Console, target: TargetAdoption, roster: Roster) -> None:
    if failure := target.failure or target.applied.failure:
        console.print(Text(f"{target.target} is unavailable: {failure}"), style="red")
        return
    if target.stage is Stage.OFF:
        console.print(Text(f"{target.target}: off ([stages]), hence not looked at"))
        return
    console.print(
        f"{target.target}: {len(target.certain)} people certain, {len(target.proposals)} proposed by name and "
        f"birth date, {len(target.ambiguous)} ambiguous; {target.untouched} entries are left alone"
    )
    for change in target.changes:
        console.print(Text(f"  {who(change, roster)} is {change.handle}: {change.reason}"))
    chosen = {change.key.sourced_id for change in target.changes}
    for match in target.proposals:
        if match.sourced_id not in chosen:
            console.print(Text(f"  perhaps (--with-proposals): {match.sourced_id} is {match.handle}: {match.evidence}"))
    for person, reason in target.ambiguous.items():
        console.print(Text(f"  held: {person}: {reason}"), style="yellow")
    for result in target.applied.results:
        if result.status is not Status.DONE:
            console.print(Text(f"  {result.status}: {result.change.key.sourced_id}: {result.detail}"))


def explanation(place: Place, found: Explanation) -> None:
    """One person on one screen: the SIS, each target field by field, the last changes."""
    console = out(place)
    name = found.user.full_name if found.user else "not in the SIS"
    console.print(Text(f"{found.person}  {name}  username {found.username or '(none)'}"), style="bold")
    for finding in found.findings:
        console.print(Text(f"  ! {finding}"), style="yellow")
    for e in found.enrollments:
        school_class = found.roster.classes.get(e.school_class)
        what = f"{school_class.class_type} {school_class.title}" if school_class else "the school itself"
        primary = ", primary" if e.primary else ""
        console.print(Text(f"  SIS: {e.role} at {org_name(e.org, found.roster)}, {what}{primary}"))
    for target in found.targets:
        _target(console, target)
    for change in found.changes:
        told = f"{change.verb} {change.status}: {change.reason} {change.detail}".rstrip()
        asked = f" (asked for by {found.asked[change.run]})" if change.run in found.asked else ""
        console.print(Text(f"  {local(change.intended):{WHEN}} {change.target}: {told}{asked}"))
    if not found.changes:
        console.print("  no changes on record")
    for target in found.targets:
        if target.awaited:
            console.print(Text(f"{target.target}: {target.awaited}"))
    if by_run := [target.target for target in found.targets if target.by_run]:
        console.print(f"A run puts right what differs in {' and '.join(by_run)}: provision run")
    elif not any(target.awaited for target in found.targets):
        console.print("A run changes nothing here.")


def _target(console: Console, target: TargetView) -> None:
    active = {None: "", True: ", can log in", False: ", is locked out"}[target.active]
    console.print(Text(f"{target.target}: {target.verdict}{active}"), style="bold")
    wanted = any(field.wanted for field in target.fields)
    for field in target.fields:
        differs = wanted and set(field.wanted) != set(field.actual)
        first, *rest = field.actual or ("(none)",)
        console.print(Text(f"  {'≠' if differs else ' '} {field.name}: {first}   ← {field.origin}"))
        for value in rest:
            console.print(Text(f"      {value}"))
        if differs:
            console.print(Text(f"      should be: {', '.join(field.wanted) or '(none)'}"))


def findings(place: Place, found: Sequence[Finding]) -> None:
    console = out(place)
    console.print(f"{place.settings.site_name}, job {place.job_name}", style="bold")
    for finding in found:
        console.print(Text.assemble((_BADGES[finding.level], _STYLES[finding.level]), f"  {finding.text}"))
        if finding.remedy and finding.level is not Level.OK:
            console.print(Text(f"        {finding.remedy}"))


def sampled(folder: Path, made: Summary) -> None:
    console = out()
    console.print(
        f"{folder}: {made.pupils} pupils at {len(made.schools)} schools, {made.people} people in all, "
        f"{made.groups} groups. None of them exists."
    )
    console.print(f"Next: provision plan nightly{at(folder)}")


def sampled_cooperation(folder: Path, made: Sequence[Summary]) -> None:
    console = out()
    for each in made:
        console.print(f"{each.folder}: {each.pupils} pupils at {counted(len(each.schools), 'school', 'schools')}")
    people = sum(each.people for each in made)
    console.print(f"{counted(len(made), 'site', 'sites')} share {folder / 'mappings'}; of {people} people none exists.")
    console.print(f"Next: provision plan nightly{at(made[0].folder)}")


def sample_document(made: Summary) -> dict[str, Any]:
    return {"format": 1, **sample_facts(made)}


def sample_facts(made: Summary) -> dict[str, Any]:
    return {
        "site": str(made.folder),
        "pupils": made.pupils,
        "people": made.people,
        "groups": made.groups,
        "memberships": made.memberships,
        "schools": [{"name": s.name, "pupils": s.pupils} for s in made.schools],
    }


def next_steps(folder: Path, username: str) -> None:
    """The commands to try next."""
    heading("Next, try")
    steps = {
        f"./run explain {username}{at(folder)}": "why one person has what they have",
        f"./run status{at(folder)}": "what the nights did, and what waits",
        f"./run doctor{at(folder)}": "is everything in place for tonight",
        f"./run serve{at(folder)}": "the pages: open the link that it prints",
    }
    console = out()
    for line, purpose in steps.items():
        console.print(f"  {line:<45} {purpose}")
    console.print("  Where a text says `provision`, type ./run in this folder.")
