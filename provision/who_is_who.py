"""What people and sources say of who is who: it is kept, and every later reading goes by it."""

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from provision.core.decided import id_change, id_changes, is_distinct, voided
from provision.core.guard import Approval, suffices
from provision.core.policy import Policy
from provision.core.roster import Roster
from provision.core.state import Key, Kind
from provision.errors import UsageError
from provision.journal.journal import Journal
from provision.reading import Reading

_NEW_IDS = "new ids"


class Consent(NamedTuple):
    """Who says yes at which moment, why, and until when it counts."""

    approver: str
    reason: str
    now: datetime
    expires: datetime


def approve_relinks(reading: Reading, identity: str, journal: Journal, policy: Policy, consent: Consent) -> bool:
    """A person says that all these new ids are the people's who had the old ones; whether that is enough for so many.

    Raises UsageError where this is not proposed now.
    """
    relinks = reading.relinks
    if not reading.relinking or relinks.id.casefold() != identity.strip().casefold():
        proposed = relinks.id if reading.relinking else "nothing"
        raise UsageError(f"{identity} is not proposed now, {proposed} is; see `provision plan`")
    exactly = frozenset({relinks.digest})
    journal.say_yes(
        Approval(relinks.id, "", "", _NEW_IDS, exactly, consent.approver, consent.reason, expires=consent.expires)
    )
    yes = [each for each in journal.approvals(consent.now) if each.digests == exactly]
    if not suffices(yes, len(relinks.pairs), policy.two_people_above):
        return False
    journal.decide_all(
        {id_change(old): new for old, new in relinks.pairs.items()}, f"{consent.approver}: {consent.reason}"
    )
    return True


def remember_id_changes(roster: Roster, journal: Journal, recognised: Mapping[str, str]) -> None:
    """An id change is announced once: it is kept until an account has followed it. One whose old id is back is void.

    What was only `recognised` is found again every night, unless it was a mistake that somebody has corrected.
    """
    decisions = journal.decisions()
    for old, new in roster.id_changes.items():
        if old not in recognised and decisions.get(id_change(old)) != new:
            journal.decide(id_change(old), new, "the SIS")
    for old, new in id_changes(decisions).items():
        if old in roster.users:
            journal.decide(id_change(old), voided(new), "the SIS")


def declare_same(old: str, new: str, roster: Roster, journal: Journal, by: str) -> None:
    """A person says that two ids are one person's. Raises UsageError where the SIS says otherwise."""
    if old in roster.present:
        raise UsageError(f"{old} is still in the SIS, so {new} is somebody else")
    if Key(Kind.ACCOUNT, old) not in journal.history().sightings and old not in journal.usernames().values():
        raise UsageError(f"nobody was ever known as {old}; write --same OLD=NEW")
    if new not in roster.users:
        raise UsageError(f"{new} is not in the SIS; write --same OLD=NEW")
    journal.decide(id_change(old), new, by)


def declare_distinct(person: str, roster: Roster, journal: Journal, by: str) -> None:
    """A person says that somebody new is none of those who look like them. Raises UsageError for who is not there."""
    if person not in roster.users:
        raise UsageError(f"{person} is not in the SIS; give the id that the SIS uses")
    journal.decide(is_distinct(person), "", by)
    told = journal.decided_by_people()
    for old, new in id_changes(journal.decisions()).items():
        if new == person and id_change(old) not in told:
            journal.decide(id_change(old), voided(new), by)
