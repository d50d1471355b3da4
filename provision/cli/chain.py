"""What `provision audit` answers: is the chain as it was written, and what does it say."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

from provision.audit_heads import HEAD, heads_in
from provision.cli.output import print_json
from provision.cli.session import session
from provision.cli.terminal import WHEN, counted, out
from provision.core.clocks import local
from provision.errors import UsageError
from provision.journal.audit import Record
from provision.journal.audit_search import AuditSearch
from provision.journal.codec import read_moment
from provision.wiring import Asks, Place


def verify(folder: Path, job: str, heads: Sequence[str], file: Path | None, *, as_json: bool) -> int:
    """0 where the chain is whole, 1 where it breaks. Raises UsageError for what is no head."""
    if any(not HEAD.fullmatch(each) for each in heads):
        raise UsageError("--head is the end of the audit chain as a run logs it, such as 603:d26f…")
    known = [*heads, *(heads_in(file) if file else ())]
    with session(folder, job, Asks.NOTHING) as (place, journal):
        broken, end = journal.verify_audit(*known), journal.audit_head()
    if as_json:
        print_json({"format": 1, "whole": broken is None, "broken": broken, "head": end, "heads": len(known)})
    else:
        _tell_verified(place, broken, end, len(known))
    return 1 if broken else 0


def search(folder: Path, job: str, asked: tuple[str, str, date | None], *, as_json: bool) -> int:
    person, run, since = asked
    with session(folder, job, Asks.NOTHING) as (place, journal):
        found = journal.audit_records(person, run, since)
    if as_json:
        print_json({"format": 1, "records": [_json(each) for each in found.records], "erased": found.erased})
    else:
        _tell_found(place, found)
    return 0


def _tell_verified(place: Place, broken: str | None, end: str, known: int) -> None:
    console = out(place)
    if broken:
        console.print(f"the audit chain is broken: {broken}", style="bold red")
        console.print("Somebody changed the journal: stop the service, keep a copy, find out who and why.")
        return
    kept = f", with {counted(known, 'end')} that {'was' if known == 1 else 'were'} kept elsewhere" if known else ""
    console.print(f"the audit chain is whole{kept}")
    console.print(f"its end: {end}")
    if not known:
        console.print("Whether anything was cut off its end shows only with an end kept elsewhere: --head or --heads")


def _tell_found(place: Place, found: AuditSearch) -> None:
    console = out(place)
    for record in found.records:
        said = dict(record.body or {})
        moment = local(read_moment(said.pop("at")))
        event = said.pop("event", "")
        console.print(f"  {record.seq}  {moment:{WHEN}}  {event}  {_words(said)}")
    console.print(counted(len(found.records), "record"), style="bold")
    if found.erased:
        console.print(f"  of {counted(found.erased, 'record')} the content was erased; they may have been about this")


def _words(said: dict[str, Any]) -> str:
    return ", ".join(f"{name} {value}" for name, value in said.items() if value not in ("", None))


def _json(record: Record) -> dict[str, Any]:
    said = dict(record.body or {})
    return {"record": record.seq, "at": said.pop("at"), "event": said.pop("event", None), "said": said}
