"""`provision health`: is all well, and if not, what is the next step."""

from pathlib import Path
from typing import Any

from loguru import logger

from provision import health
from provision.alerts import texts
from provision.cli.output import print_json
from provision.cli.show_status import tell_conditions
from provision.cli.suggested import Here, completed
from provision.cli.terminal import WHEN, out
from provision.core.clocks import local
from provision.core.conditions import What
from provision.core.language import Language
from provision.errors import ConfigurationError, ProvisionError, UsageError
from provision.standing import Standing, look
from provision.wiring import Asks, clock, open_journal_of, open_place


def check(folder: Path, job: str, sites: Path | None, *, as_json: bool) -> int:
    """0 when all is well with every site, 1 when not. Raises UsageError where there are no sites."""
    logger.remove()
    folders = _sites(sites) if sites else [folder]
    looked = [(each, _looked_at(each, job)) for each in folders]
    if as_json:
        print_json(health.document(_json(each, job, found) for each, found in looked))
    else:
        for each, found in looked:
            _tell(each, job, found)
    return int(any(not isinstance(found, Standing) or found.conditions for _, found in looked))


def _sites(folder: Path) -> list[Path]:
    found = sorted(each for each in folder.iterdir() if (each / "jobs").is_dir()) if folder.is_dir() else []
    if not found:
        raise UsageError(f"there is no site in {folder}; a site is a folder with jobs in it")
    return found


def _looked_at(folder: Path, job: str) -> Standing | ProvisionError:
    try:
        place = open_place(folder, job, Asks.NOTHING)
        with open_journal_of(place) as journal:
            return look(place, journal, clock(), verify=True)
    except ProvisionError as error:
        return error


def _what(error: ProvisionError) -> What:
    return What.SITE if isinstance(error, ConfigurationError) else What.JOURNAL


def _json(folder: Path, job: str, found: Standing | ProvisionError) -> dict[str, Any]:
    if isinstance(found, Standing):
        return health.site_json(found)
    return health.unusable_json(folder.resolve().name, job, found, _what(found))


def _tell(folder: Path, job: str, found: Standing | ProvisionError) -> None:
    here = Here(job, folder)
    if not isinstance(found, Standing):
        console = out()
        console.print(f"{folder.resolve().name}, job {job}: not well", style="bold")
        condition = health.unusable(folder.name, found, _what(found))
        console.print(f"  ! {texts.said(condition.what, condition.subject, condition.facts, Language.EN)}", style="red")
        console.print(f"    {completed(texts.next_step(condition.what, Language.EN), here)}")
        return
    picture, console = found.picture, out(found.place)
    well = "not well" if found.conditions else "well"
    console.print(f"{picture.site}, job {picture.job}: {well}", style="bold")
    for target in picture.targets:
        good = f"{local(target.good):{WHEN}}" if target.good else "never"
        console.print(f"  {target.name}: last good run {good}")
    tell_conditions(console, found)
