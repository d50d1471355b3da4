"""What waits for a person: the guard's holds, new ids for everybody, what looks odd; and saying yes or no to it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from starlette.responses import Response

from provision.approving import Odd, Yes, is_word, odd, say_no, say_yes
from provision.core.guard import ON_PAGES, Approval, Hold, Rejection, needed, suffices
from provision.core.scope import Extent, Scope
from provision.errors import SourceError, UsageError
from provision.journal.asked import Wish
from provision.reports.run import yes_to
from provision.standing import Standing, look
from provision.web.access import Role, Who
from provision.web.ask import Ask, Refused
from provision.web.texts import N_
from provision.web.told import LOSSES, RESYNC, Named, Told, told
from provision.who_is_who import Consent

_IT: Final = frozenset({Role.IT})
_HOURS: Final = 24
_MOST_HOURS: Final = 168
_DIGITS: Final = 3
_LONGEST: Final = 500
# A person says yes to what they have looked at; so many times an hour is somebody who looks.
_AN_HOUR: Final = 60
CAUSES: Final = {
    "graduated": N_("since their class or school year is over"),
    "ended": N_("since their end date has passed"),
    "moved": N_("since they are at another school now"),
    "out_of_scope": N_("since the mapping or the policy leaves them out"),
    "vanished": N_("gone without a reason in the school administration system"),
}
# What is said above the page after something was done, by the word in its address.
_DONE: Final = {
    "waits": N_("Your yes is noted. It takes another person's as well; until then nothing is carried out."),
    "next": N_("Your yes is noted. The next run carries it out."),
    "word": N_("Your word is noted. The next run goes by it."),
    "rejected": N_("Your no is noted. Nothing of it is carried out, as long as it is the same."),
}


@dataclass(frozen=True, slots=True)
class Card:
    """One hold as its reader may see it. `mine` says that they have said yes to it already, `takes` of how many."""

    hold: Hold
    school: str
    what: str
    since: str
    people: Sequence[Named] = field(repr=False)
    yes: Sequence[str] = field(repr=False)
    enough: bool
    mine: bool
    takes: int
    no: tuple[str, str] | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class NewIds:
    """What the last run said of new ids for everybody."""

    id: str
    said: str
    yes: Sequence[str] = field(repr=False)
    mine: bool


def show(ask: Ask) -> Response:
    """All that waits, for IT and admins of all schools; of the own schools for others."""
    us, standing = told(ask, RESYNC), _standing(ask)
    wide = us.me.everywhere(RESYNC)
    cards = [
        _card(us, row.hold, row.first_seen, standing) for row in standing.holds if _is_theirs(us, row.hold, standing)
    ]
    done = _DONE.get(ask.query("done"), "")
    return ask.page(
        "holds.html.j2",
        waiting=[each for each in cards if each.hold.waits],
        kept_back=[each for each in cards if each.hold.kept_back and not each.hold.rejected],
        rejected=[each for each in cards if each.hold.rejected],
        new_ids=_new_ids(us, standing) if wide else None,
        odd=[(each, _odd_until(ask, each)) for each in odd(standing, ask.at.journal)] if wide else [],
        may=ask.me.has(_IT),
        done=ask.gettext(done) if done else "",
        hours=_HOURS,
        most_hours=_MOST_HOURS,
        longest=_LONGEST,
    )


def approve(ask: Ask) -> Response:
    """A yes, which is carried out at once where it is enough and nothing else is in the way."""
    reason, hours = _reason(ask), _hours(ask)
    subject, now, place = ask.path("hold"), ask.at.clock(), ask.at.place
    hold = _open(ask, subject)
    if hold and hold.kept_back:
        raise Refused(409, ask.gettext("This is kept back today; it can be approved once that is over."))
    if is_word(subject, place) and not _is_as_shown(ask, subject):
        raise Refused(409, _gone(ask))
    if hold and _has_said(ask.me, yes_to(hold, ask.at.journal.approvals(now))):
        raise Refused(409, ask.gettext("You have said yes to this already. It takes another person."))
    try:
        yes = say_yes(
            place,
            ask.at.journal,
            ask.at.today,
            subject,
            Consent(f"{ON_PAGES}{ask.me.by}", reason, now, now + timedelta(hours=hours)),
        )
    except UsageError:
        raise Refused(409, _gone(ask)) from None
    except SourceError:
        text = ask.gettext("What was read last is not kept any more. This can be approved after the next run.")
        raise Refused(409, text) from None
    return _onward(ask, yes, reason)


def reject(ask: Ask) -> Response:
    """A no: it is left alone as long as it is the same."""
    reason, subject = _reason(ask), ask.path("hold")
    if _open(ask, subject) is None:
        raise Refused(409, _gone(ask))
    try:
        say_no(ask.at.place, ask.at.journal, subject, Rejection(f"{ON_PAGES}{ask.me.by}", reason, ask.at.clock()))
    except UsageError:
        raise Refused(409, _gone(ask)) from None
    return ask.go("/holds?done=rejected")


def _onward(ask: Ask, yes: Yes, reason: str) -> Response:
    """Asks for a run by what was read last, as the command does, and goes to where it is shown."""
    if not yes.enough:
        return ask.go("/holds?done=waits")
    if not yes.opens:
        return ask.go("/holds?done=word")
    if ask.form.get("later"):
        return ask.go("/holds?done=next")
    wish = Wish(ask.at.job, Scope(Extent.ALL), ask.me.by, f"{yes.subject}: {reason}", None)
    try:
        asked = ask.at.journal.asking().ask(wish, _AN_HOUR)
    except UsageError:
        return ask.go("/holds?done=next")
    return ask.go(f"/resync/{asked.id}")


def _standing(ask: Ask) -> Standing:
    return look(ask.at.place, ask.at.journal, ask.at.clock())


def _is_theirs(us: Told, hold: Hold, standing: Standing) -> bool:
    return hold.target in standing.place.mappings and us.school(hold.org) is not None


def _open(ask: Ask, subject: str) -> Hold | None:
    """What is held under this id now; None of what is no hold. Raises Refused where it is held no more."""
    standing = _standing(ask)
    found = (row.hold for row in standing.holds if row.hold.target in standing.place.mappings)
    hold = next((each for each in found if each.id == subject), None)
    if hold is None and subject.casefold().startswith("h-"):
        raise Refused(409, _gone(ask))
    return hold


def _is_as_shown(ask: Ask, subject: str) -> bool:
    """Whether what looks odd is still what the form was made for: another night may find something else odd."""
    return (subject, ask.form.get("shown", "")) in {
        (each.subject, each.digest) for each in odd(_standing(ask), ask.at.journal)
    }


def _gone(ask: Ask) -> str:
    return ask.gettext("This does not wait any more, or it is not the same as when you looked. Look at what waits now.")


def _reason(ask: Ask) -> str:
    reason = ask.form.get("reason", "").strip()
    if not reason:
        raise Refused(400, ask.gettext("Say why: the reason is kept with it. Go back and try again."))
    return reason[:_LONGEST]


def _hours(ask: Ask) -> int:
    said = ask.form.get("hours", str(_HOURS))
    if not (said.isascii() and said.isdecimal() and len(said) <= _DIGITS and 1 <= int(said) <= _MOST_HOURS):
        text = ask.gettext("For how many hours it counts is a number from 1 to %(most)s.", most=_MOST_HOURS)
        raise Refused(400, text)
    return int(said)


def _card(us: Told, hold: Hold, since: datetime, standing: Standing) -> Card:
    yes = [] if hold.rejected else yes_to(hold, standing.approvals)
    limit = us.ask.at.place.site.policy.two_people_above
    no = hold.rejected
    return Card(
        hold=hold,
        school=us.school(hold.org) or us.ask.gettext("no school"),
        what=in_words(us, hold),
        since=us.ask.moment(since),
        people=[found for each in hold.examples if (found := us.key(f"account:{each}"))],
        yes=_names(us, (each.approver for each in yes)),
        enough=bool(yes) and suffices(yes, hold.count, limit),
        mine=_has_said(us.me, yes),
        takes=needed(hold.count, limit),
        no=(_name(us, no.by), us.ask.moment(no.at)) if no else None,
    )


def in_words(us: Told, hold: Hold) -> str:
    """How many of whom would lose what, and why."""
    gettext, ngettext = us.ask.gettext, us.ask.ngettext
    many = {
        "student": ngettext("%(num)s pupil", "%(num)s pupils", hold.count),
        "staff": ngettext("%(num)s member of staff", "%(num)s members of staff", hold.count),
    }.get(hold.role) or ngettext("%(num)s person", "%(num)s people", hold.count)
    parts = [f"{many} {gettext(LOSSES[hold.loss]) if hold.loss in LOSSES else hold.loss}"]
    return ", ".join([*parts, gettext(CAUSES[hold.cause])] if hold.cause in CAUSES else parts)


def _new_ids(us: Told, standing: Standing) -> NewIds | None:
    said = standing.relinking
    identity = next((word.strip("`.,:;()") for word in said.split() if word.strip("`.,:;()").startswith("R-")), "")
    if not identity:
        return None
    yes = [each for each in standing.approvals if each.hold == identity]
    names = _names(us, (each.approver for each in yes))
    return NewIds(identity, said, names, _has_said(us.me, yes))


def _odd_until(ask: Ask, each: Odd) -> str:
    return ask.moment(each.until) if each.until else ""


def _has_said(who: Who, yes: Iterable[Approval]) -> bool:
    """Under either name: the SIS may have begun to know a login since its yes."""
    names = {f"{ON_PAGES}{each}".casefold() for each in (who.person, who.login) if each}
    return not names.isdisjoint(each.approver.casefold() for each in yes)


def _names(us: Told, by: Iterable[str]) -> list[str]:
    return sorted({_name(us, each) for each in by})


def _name(us: Told, by: str) -> str:
    """Who it was: by name where the SIS knows them, and whether at the command line."""
    if not by.startswith(ON_PAGES):
        return us.ask.gettext("%(who)s (command line)", who=by)
    who = by.removeprefix(ON_PAGES)
    if who == "local":
        return us.ask.gettext("one-time link")
    return us.ask.at.staff().names.get(who, who)
