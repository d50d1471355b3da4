"""A site where much is wrong: something is held, a target is away, a promise is broken, a school is called a script."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from provision.journal.journal import Journal
from provision.wiring import Asks, open_journal_of, open_place
from tests.app.edits import one, texts, without
from tests.app.sites import SOUTH, Site, copy, pupils

SCRIPT: Final = "<script>document.title='owned'</script><b>Solbakken</b>"
SLOT: Final = "2026-11-23T01:15"


def troubled(site: Site, folder: Path) -> Site:
    """A copy of the site after three nights that end in a hold, and one in which the directory was away."""
    found = copy(site, folder)
    found.replace("jobs/nightly.toml", ('mapping = "feide" ', 'fresh_hours = 26\nmapping = "feide" '))
    found.append(
        "jobs/nightly.toml",
        "[[freezes]]",
        "begin = 2020-01-01",
        "end = 2099-12-31",
        'schools = ["300010008"]',
        "[stages.schools]",
        '300010008 = "add-only"',
        "[schedule]",
        'sync = "15 1 * * *"',
        'verify = "30 2 * * mon-fri"',
        'retention = "*/20 4 * * sat"',
    )
    leavers = pupils(found, SOUTH)[4::7]
    for number, code in ((1, 0), (2, 0), (3, 5)):
        found.night(number, without(leavers), _called_a_script, code=code)
    with journal_of(found) as journal:
        found.ldif.rename(found.ldif.with_suffix(".away"))
        found.ldif.write_text("no directory\n", encoding="utf-8")
        turn = journal.slots().claim("nightly", "sync", SLOT, "a service", None, 300)
        assert turn is not None
        found.run(3, code=7)
        journal.slots().finish(turn, 7, "feide: unavailable", None)
    return found


def journal_of(site: Site) -> Journal:
    return open_journal_of(open_place(site.folder, "nightly", Asks.NOTHING))


def much_later(site: Site) -> datetime:
    """More than the promise after the last good run, at an hour at which all of the day's work should be done."""
    with journal_of(site) as journal:
        return (journal.runs(1)[0].began + timedelta(days=2)).replace(hour=12)


def _called_a_script(root: Any) -> None:
    schools = (group for group in root.iterfind("{*}group") if SOUTH in texts(group, "extension/pifu_id/pifu_value"))
    one(next(schools), "description/short").text = SCRIPT
