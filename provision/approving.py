"""Saying yes or no to what waits for a person: the same at the command line and on the pages."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import blake2b

from provision.caution import CARE, EXCEPTIONS, PEOPLE, SCHOOLS, asked_about, give_word, word_until
from provision.core.guard import Approval, Hold, Rejection, suffices
from provision.errors import UsageError
from provision.journal.journal import Journal
from provision.reading import read_roster
from provision.standing import Standing
from provision.who_is_who import Consent, approve_relinks
from provision.wiring import Place, kept_sources


@dataclass(frozen=True, slots=True)
class Yes:
    """What somebody said yes to: a hold, with its `approval`; new ids of so many `people`; or neither, but a word.

    `enough` says whether it takes nobody else's yes.
    """

    subject: str
    expires: datetime
    enough: bool = True
    approval: Approval | None = None
    people: int | None = None

    @property
    def opens(self) -> bool:
        """Whether a run by what was last accepted does something now that it did not do before."""
        return self.enough and (self.approval is not None or self.people is not None)


@dataclass(frozen=True, slots=True)
class Odd:
    """What the last run wants a person's word on, as it said itself; `until` is how long one counts that was given."""

    subject: str
    said: str
    until: datetime | None

    @property
    def digest(self) -> str:
        """What a yes is bound to: exactly what was said."""
        return blake2b(f"{self.subject}\0{self.said}".encode(), digest_size=8).hexdigest()


def is_word(subject: str, place: Place) -> bool:
    """Whether a yes to this is a word on what looks odd: on a supplement, the schools or a target."""
    return subject in (CARE, PEOPLE, EXCEPTIONS, SCHOOLS, *place.mappings)


def say_yes(place: Place, journal: Journal, day: date, subject: str, consent: Consent) -> Yes:
    """Records it. Raises UsageError where this is not asked now, or would expire unused; SourceError, JournalError."""
    _check_reason(consent.reason)
    if is_word(subject, place):
        give_word(subject, journal, f"{consent.approver}: {consent.reason}", consent.expires)
        return Yes(subject, consent.expires)
    if subject.casefold().startswith("r-"):
        people, enough = _new_ids(place, journal, day, subject, consent)
        return Yes(subject, consent.expires, enough, people=people)
    _check_can_be_done(subject, place, journal, day)
    approval = journal.approve(subject, consent.approver, consent.reason, consent.expires)
    return Yes(approval.hold, approval.expires, _is_enough(approval, place, journal, consent.now), approval)


def say_no(place: Place, journal: Journal, subject: str, refusal: Rejection) -> Hold:
    """Records it, and takes back every yes to the same; the hold with it. Raises UsageError where it is not held."""
    _check_reason(refusal.reason)
    if is_word(subject, place) or subject.casefold().startswith("r-"):
        raise UsageError(f"{subject} is no hold: nothing is done until somebody says yes, so that no needs no saying")
    return journal.reject(subject, refusal)


def odd(standing: Standing, journal: Journal) -> Iterator[Odd]:
    """What the last runs went no further for, each once."""
    picture = standing.picture
    said = [picture.last_run.error] if picture.last_run else []
    found: dict[str, str] = {}
    for each in [*said, *(target.failure for target in picture.targets)]:
        if subject := asked_about(each, standing.place.mappings):
            found.setdefault(subject, each)
    for subject, text in found.items():
        yield Odd(subject, text, word_until(subject, journal, picture.now))


def _check_reason(reason: str) -> None:
    if not reason.strip():
        raise UsageError("say why: the reason is kept with it")


def _new_ids(place: Place, journal: Journal, day: date, subject: str, consent: Consent) -> tuple[int, bool]:
    """How many people have new ids, by what was last accepted from the sources, and whether this yes is enough."""
    reading = read_roster(kept_sources(place), day, journal)
    try:
        enough = approve_relinks(reading, subject, journal, place.site.policy, consent)
    except UsageError as error:
        error.add_note("this goes by what the last run read; where the SIS has said more since: provision run")
        raise
    return len(reading.relinks.pairs), enough


def _check_can_be_done(subject: str, place: Place, journal: Journal, day: date) -> None:
    """Raises UsageError where stages or a freeze keep back what is held: the yes would expire unused."""
    for hold in (row.hold for row in journal.holds()):
        why = place.site.policy.stages.why_kept_back(hold, day)
        if why and hold.id.casefold() == subject.strip().casefold():
            raise UsageError(f"{hold.id} is kept back {why}; approve it once that is over")


def _is_enough(approval: Approval, place: Place, journal: Journal, now: datetime) -> bool:
    """Whether so many people's hold needs nobody else's yes."""
    people = next((row.hold.count for row in journal.holds() if row.hold.id == approval.hold), None)
    if people is None:
        return False  # a run has dealt with it meanwhile
    yes = [each for each in journal.approvals(now) if each.hold == approval.hold]
    return suffices(yes, people, place.site.policy.two_people_above)
