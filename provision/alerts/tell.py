"""Tells whoever the job names what began and what is over, once each."""

import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from provision.alerts.channels import channels, undelivered
from provision.alerts.message import Message, compose
from provision.core.conditions import What
from provision.core.telling import News, Told, delivered, followed, news
from provision.errors import ProvisionError
from provision.files import replace_file
from provision.journal.alerts import Watch
from provision.journal.codec import canonical, redact
from provision.journal.journal import Journal
from provision.standing import look
from provision.wiring import Place

# Longer than all channels together may take.
_TURN: Final = 180
_PAUSE: Final = timedelta(minutes=5)
# What the journal cannot remember: that it could not be used.
_BESIDE: Final = Path("var/journal-alert.json")


def tell(place: Place, journal: Journal, now: datetime) -> News:
    """One look at the site: what began or is over since somebody was told last is told. What was told now.

    What does not get through is tried again after a while. Of several that look at once one tells. Raises JournalError.
    """
    telling = journal.telling(place.job_name)
    before = telling.take_turn(now, _TURN)
    if before is None:
        return News()
    standing = look(place, journal, now)
    # That nothing gets through is shown only: nobody could be told.
    found = [each for each in standing.conditions if each.what is not What.UNDELIVERED]
    rows = followed([*telling.rows(), *_beside(place)], found, now)
    told, failures = _told(place, rows, before.undelivered, now)
    until = now + _PAUSE if failures else now
    telling.save(delivered(rows, told, now), Watch(until, failures, standing.verified, standing.picture.audit))
    with suppress(OSError):
        place.path(_BESIDE).unlink(missing_ok=True)
    return told


def tell_unusable(place: Place, error: ProvisionError, now: datetime) -> bool:
    """The same where the journal cannot be used. Whether somebody was told now; `tell` says when it is over."""
    known = _beside(place)
    row = known[0] if known else Told(What.JOURNAL.value, "journal", now, {"why": redact(str(error))})
    last = row.over_told or row.since  # of the last attempt
    if row.told or (known and timedelta() <= now - last < _PAUSE):
        return False
    names = channels(place)
    through = len(undelivered(_message(place, News(begun=(row,))), names, place, now)) < len(names)
    with suppress(OSError):  # the disk may be what is wrong
        _keep(place, replace(row, told=now if through else None, over_told=now))
    return through


def _told(
    place: Place, rows: Sequence[Told], failed: Mapping[str, str], now: datetime
) -> tuple[News, Mapping[str, str]]:
    """What somebody was told, and by which channels nothing got through.

    One that failed before catches up with all that holds, whatever the others were told since.
    """
    names, due = channels(place), news(rows, now)
    behind = [name for name in names if name in failed]
    level = [name for name in names if name not in failed]
    failures: dict[str, str] = {}
    if due and level:
        failures |= undelivered(_message(place, due), level, place, now)
    everything = News(tuple(row for row in rows if not row.over), due.over)
    if everything and behind:
        failures |= undelivered(_message(place, everything), behind, place, now)
    return (due if names and len(failures) < len(names) else News()), failures


def _message(place: Place, told: News) -> Message:
    settings = place.settings
    return compose(told, settings.site_name, place.job_name, settings.public_url, place.job.policy.language)


def _beside(place: Place) -> list[Told]:
    """That the journal could not be used, as it was noted beside it; nothing where it could."""
    try:
        said = json.loads(place.path(_BESIDE).read_bytes())
        moments = {name: datetime.fromisoformat(said[name]) for name in ("since", "told", "over_told") if said[name]}
        return [Told(What.JOURNAL.value, "journal", facts={"why": said["why"]}, **moments)]
    except (OSError, ValueError, KeyError, TypeError):
        return []


def _keep(place: Place, row: Told) -> None:
    moments = {"since": row.since, "told": row.told, "over_told": row.over_told}
    said = {name: moment and moment.isoformat() for name, moment in moments.items()} | {"why": row.facts["why"]}
    path = place.path(_BESIDE)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    replace_file(path, lambda fh: fh.write(canonical(said).encode()))
