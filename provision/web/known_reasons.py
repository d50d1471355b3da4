"""The sentences in which plans, holds and verdicts say why."""

from typing import Final

from provision.web.texts import N_

PEOPLE: Final = (
    N_("new in the SIS"),
    N_("has a new id, as somebody confirmed"),
    N_("the SIS gave them a new id"),
    N_("an entry that others made may be this one's; see %(command)s"),
    N_("an entry that others made may be this person's; see %(command)s"),
    N_("waits for %(what)s: %(why)s"),
    N_("kept, because %(ids)s may be the same person"),
    N_("looks like %(old)s, who is in the SIS too; see which of the two is right there"),
    N_("looks like %(old)s, who is no longer in the SIS. If they are one person: %(command)s, else %(other)s"),
    N_(
        "kept, because %(old)s, who is in the SIS, may be the same person with two records there. If so, and that"
        " account is the right one: %(command)s, if they are two people: %(other)s"
    ),
    N_("has the identity number of %(old)s, but another birth date; correct one in the SIS"),
    N_("has had the identity number of %(ids)s; say which with %(command)s"),
    N_("has the name and birth date of %(ids)s; say which with %(command)s"),
    N_("locked out by others in the target; left so"),
    N_("comes back"),
    N_("changed: %(fields)s"),
    N_("%(come)s join, %(go)s leave"),
    N_("another role or other dates of members"),
    N_("nothing is taken away, because %(why)s"),
    N_("%(fields)s are all another's: has the SIS given the id to somebody else?"),
    N_("out of scope"),
    N_("what may not be told of a pupil any more"),
    N_("finished on %(day)s"),
    N_("left, as the SIS said, on %(day)s"),
    N_("gone without a reason in the SIS"),
    N_("kept, because its school's part of the export is in doubt"),
    N_("kept, because %(why)s"),
    N_("kept while a pupil here has this guardian"),
    N_("is nobody's guardian here any more"),
    N_("has the id %(new)s now"),
    N_("let in until %(day)s"),
    N_("disabled for %(days)s days"),
    N_("over since %(day)s"),
    N_("nothing is taught in it any more"),
    N_("a row about this person cannot be read"),
    N_("a row about this class cannot be read"),
    N_("an exception keeps the account until %(day)s"),
    N_("missing, first noticed tonight"),
    N_("missing %(num)s of %(of)s proven nights, last seen %(day)s"),
    N_("losses held"),
    N_("nothing is taken away yet"),
    N_("who is kept back elsewhere stays"),
    N_("whom it was asked for joins; nobody else changes"),
    N_("whom it was asked for leaves; nobody else changes"),
    N_("whom it was asked for is there as something else; nobody else changes"),
    N_("%(field)s would be empty (%(rule)s); fill it in in the SIS"),
    N_(
        "has an identity number that was made for tests; correct fødselsnummer in the SIS, or, where this is a "
        "test, set policy.identity_numbers in the job"
    ),
    N_(
        "has an identity number that may be a real person's, and this is a test (policy.identity_numbers); "
        "replace fødselsnummer by one made for tests"
    ),
    N_("has the same identity number as %(ids)s; correct it in the SIS (fødselsnummer)"),
    N_("the username reserved for this person is on somebody else's account; %(command)s shows whose"),
    N_("no new usernames while %(ids)s cannot be asked which are taken there"),
)

NIGHTS: Final = (
    N_("the school is not in the export"),
    N_("if it closed for good, add it to closed_schools"),
    N_("the source cannot prove that it is whole"),
    N_("%(num)s rows do not say whom they are about"),
    N_("%(num)s of %(of)s rows cannot be read"),
    N_("class %(group)s is missing from the export"),
    N_("%(num)s of %(of)s people who were there some nights ago are not in the export"),
    N_("%(num)s of %(of)s pupils of class %(group)s are not in the export"),
    N_("%(source)s holds %(share)s fewer people than last night"),
    N_("all of class %(group)s"),
    N_("most of them are of class %(group)s"),
    N_("as many people are new at this school: have they been given new ids?"),
    N_("while %(where)s is let in as %(stage)s ([stages])"),
    N_("until %(day)s ([[freezes]])"),
    N_(
        "the SIS seems to have given %(all)s people new ids (%(num)s have the same identity number, %(of)s the "
        "same name and birth date). If so: %(command)s"
    ),
    N_("%(source)s is from %(moment)s, older than what was read last (%(before)s); fetch a new export"),
    N_("%(source)s says that it is from %(day)s, which is yet to come; set the clock of the machine that exports it"),
    N_("the export uses identity numbers as ids; have the SIS export its own ids (PIFU: sourcedid)"),
    N_("people.csv held people and now holds none; if that is right: %(command)s"),
    N_("exceptions.csv kept accounts until %(day)s and now keeps none; if that is right: %(command)s"),
    N_(
        "%(num)s of the %(of)s people of school %(where)s are at %(elsewhere)s, where they were not last night. "
        "Has the SIS exchanged the schools' organisation numbers? If it is right: %(command)s"
    ),
    N_(
        "it holds none of the accounts that we made there. Is it the right directory, and is it restored? If it "
        "was emptied on purpose: %(command)s"
    ),
    N_("care.csv would take out a large part of everybody; if that is right: %(command)s"),
    N_("care.csv says much less than last time; if that is right: %(command)s"),
    N_(
        "care.csv says of much fewer guardians than last time that they may not be told of; if that is right: "
        "%(command)s"
    ),
    N_("nothing was done but withdrawals"),
    N_("what would be done has changed since it was shown; look again, and say yes to that"),
    N_("reading the export"),
    N_("writing schools"),
    N_("comparing %(where)s"),
    N_("this id is not in the SIS; is it spelt as there?"),
)

VERDICTS: Final = (
    N_("should have no account here"),
    N_("should have no account here, and has one"),
    N_("should have an account here"),
    N_("should have an account here, and has none yet"),
    N_("off ([stages]), hence not looked at"),
    N_("cannot be asked: %(why)s"),
    N_("waits until [stages] of the job let it in"),
    N_("waits until it can be asked"),
    N_("create planned: %(why)s"),
    N_("update planned: %(why)s"),
    N_("enable planned: %(why)s"),
    N_("disable planned: %(why)s"),
    N_("delete planned: %(why)s"),
    N_("rekey planned: %(why)s"),
    N_("held by the guard as %(hold)s"),
    N_("unavailable: %(why)s"),
    N_("kept back by [stages] or [[freezes]] of the job; comes when they let it in"),
    N_("waits until what is said above is mended"),
    N_("waits until its time has come"),
    N_("held as %(hold)s, and kept back %(why)s"),
    N_(
        "held as %(hold)s, and rejected by %(by)s (%(words)s); mend it in the SIS, or approve it after all: %(command)s"
    ),
    N_("waits for a yes: look with %(command)s, then %(other)s"),
    N_("is blocked since %(since)s; when that is over: %(command)s"),
    N_("is in the SIS, but has no current place at a school: no class, group or post on this day"),
    N_("is not in the SIS: %(why)s"),
    N_("the absence is not proven: %(why)s"),
    N_("not in the mapping"),
    N_("the mapping's members"),
    N_("template %(words)s"),
    N_("rule %(words)s"),
    N_("table %(words)s"),
)
