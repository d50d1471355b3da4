"""What Feide's validator would find, as a list that a school can work through, in the school's language."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from itertools import groupby
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.text import Text

from provision.cli.output import print_json
from provision.cli.session import Bar, session
from provision.cli.terminal import here, out
from provision.core.language import Language
from provision.core.preflight.finding import Found
from provision.core.preflight.texts import told
from provision.preflight import Preflight, TargetFindings, preflight
from provision.preflight.line import Line, masked
from provision.wiring import Place, kept_sources, open_routes, sources

NB, NN, EN = Language
WORDS: Final[Mapping[str, Mapping[Language, str]]] = {
    "records": {
        NB: "Det som skal skrives til {target}, målt mot Feides krav, {day}",
        NN: "Det som skal skrivast til {target}, målt mot krava til Feide, {day}",
        EN: "What is to be written to {target}, by Feide's rules, {day}",
    },
    "entries": {
        NB: "Det som står i {target}, målt mot Feides krav, {day}",
        NN: "Det som står i {target}, målt mot krava til Feide, {day}",
        EN: "What stands in {target}, by Feide's rules, {day}",
    },
    "nowhere": {NB: "Uten skole", NN: "Utan skule", EN: "At no school"},
    "holds": {NB: "Feil", NN: "Feil", EN: "Error"},
    "warns": {NB: "Merk", NN: "Merk", EN: "Note"},
    "people": {
        NB: "{count} personer, blant dem {some}",
        NN: "{count} personar, mellom dei {some}",
        EN: "{count} people, among them {some}",
    },
    "person": {NB: "{some}", NN: "{some}", EN: "{some}"},
    "sum": {
        NB: "{examined} kontrollert: {holds} feil, {warns} å merke seg.",
        NN: "{examined} kontrollerte: {holds} feil, {warns} å merke seg.",
        EN: "{examined} examined: {holds} errors, {warns} notes.",
    },
    "waits": {
        NB: "Det som har en feil, blir ikke skrevet før feilen er rettet.",
        NN: "Det som har ein feil, blir ikkje skrive før feilen er retta.",
        EN: "What has an error is not written until that is mended.",
    },
    "not_examined": {
        NB: "{count} kunne ikke kontrolleres; {command} sier hvorfor.",
        NN: "{count} kunne ikkje kontrollerast; {command} seier kvifor.",
        EN: "{count} could not be examined; {command} says why.",
    },
}


def check(  # noqa: PLR0913  what the command line says
    folder: Path, job: str, day: date, *, target: str, kept: bool, language: Language | None, as_json: bool
) -> int:
    """Lists what is found; 6 where that is anything, else 0."""
    with session(folder, job) as (place, journal), Bar() as bar, open_routes(place) as routes:
        heard = kept_sources(place) if kept else sources(place, bar.reading)
        found = preflight(job, day, heard, routes, journal, place.site, target=target)
    spoken = language or place.site.policy.language
    if as_json:
        print_json(found.as_json(spoken), here(place))
    else:
        show(place, found, spoken)
    return found.exit_code


def show(place: Place, found: Preflight, language: Language) -> None:
    """School by school, each finding once with all whom it concerns below it."""
    console = out(place)
    for target in found.targets:
        heading = WORDS["entries" if target.read else "records"][language]
        console.print(heading.format(target=target.target, day=f"{found.day:%d.%m.%Y}"), style="bold")
        for name, lines in _by_school(target.lines, found, language):
            console.print(Text(f"\n{name}"), style="bold cyan")
            _school(console, lines, found, language)
        _sum(console, target, language)


def _by_school(lines: Sequence[Line], found: Preflight, language: Language) -> Iterator[tuple[str, list[Line]]]:
    """Whoever is at two schools stands below both; what is at none comes last."""
    schools: defaultdict[str, list[Line]] = defaultdict(list)
    for line in lines:
        for org in line.orgs or {""}:
            schools[org].append(line)
    orgs = found.roster.orgs
    named = {number: orgs[number].name if number in orgs else number for number in schools}
    for number in sorted(schools, key=lambda each: (each == "", named[each])):
        yield named[number] or WORDS["nowhere"][language], schools[number]


def _school(console: Console, lines: Sequence[Line], found: Preflight, language: Language) -> None:
    for (what, mend), each in groupby(lines, key=lambda line: (_kind(line.found), line.mend)):
        level = WORDS["holds" if what.holds else "warns"][language]
        console.print(Text(f"  {level}: {told(what, mend, language)}."), style="yellow" if what.holds else None)
        for line in each:
            console.print(Text(f"    {_whom(line, found, language)}"))


def _kind(found: Found) -> Found:
    """Without the group: what is said of all groups alike is said once."""
    return Found(found.finding, found.attribute, detail=found.detail)


def _whom(line: Line, found: Preflight, language: Language) -> str:
    if line.found.group:
        group = found.roster.classes.get(line.found.group)
        title = f" {group.title}" if group and group.title != line.found.group else ""
        count = WORDS["people" if line.people > len(line.examples) else "person"][language]
        some = ", ".join(each.removeprefix("account:") for each in line.examples)
        return f"{masked(line.found.group)}{title} ({count.format(count=line.people, some=some)})"
    if line.key is None:
        return line.entry
    sourced_id = line.key.sourced_id
    if user := found.roster.users.get(sourced_id):
        homeroom = found.people[sourced_id].homeroom(found.roster) if sourced_id in found.people else ""
        return f"{sourced_id} {user.given_name} {user.family_name}{f', {homeroom}' if homeroom else ''}"
    org = found.roster.orgs.get(sourced_id)
    return f"{sourced_id} {org.name}" if org else sourced_id


def _sum(console: Console, target: TargetFindings, language: Language) -> None:
    holds = sum(line.found.holds for line in target.lines)
    total = WORDS["sum"][language].format(examined=target.examined, holds=holds, warns=len(target.lines) - holds)
    console.print(f"\n{total}")
    if holds and not target.read:
        console.print(WORDS["waits"][language])
    if target.not_examined:
        told_by = "`provision plan --all`"
        console.print(WORDS["not_examined"][language].format(count=target.not_examined, command=told_by))
