"""From the tables of all sources to one Roster: every cell judged, every reference resolved, nothing guessed."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime

from provision.core.care import care_of, refused, relationships, strangers_to_the_sis
from provision.core.enrollments import enrollments_of
from provision.core.extract import Completeness, Extract
from provision.core.judged import Judged
from provision.core.names import clean
from provision.core.nin import is_national_id
from provision.core.roster import ClassType, Org, OrgType, Roster, SchoolClass, Session, User
from provision.core.rows import day_of, rows
from provision.core.stays import endings_of, stays_of
from provision.errors import SourceError


def build_roster(extracts: Sequence[Extract], day: date) -> Roster:
    """Who belongs where on `day`, from everything that the sources said.

    A row that cannot be used becomes an issue and costs itself only: the person it is about is doubtful, that is,
    never removed because of it. Past and future enrollments are left out.
    """
    judged = _rejected(extracts)
    orgs = {org.sourced_id: org for extract in extracts for org in _orgs(extract)}
    classes = {c.sourced_id: c for extract in extracts for c in _classes(extract, orgs, judged)}
    users, present = _users(extracts, judged)
    _refuse_numbers_as_ids(users.values())
    enrollments = enrollments_of(extracts, orgs, classes, users, day, judged)
    protected, care = care_of(extracts)
    related = relationships(extracts, users, care, judged)
    judged.issues += strangers_to_the_sis(extracts, users)
    return Roster(
        day=day,
        orgs=orgs,
        sessions={s.sourced_id: s for extract in extracts for s in _sessions(extract)},
        users=users,
        classes=classes,
        enrollments=enrollments,
        relationships=related,
        present=frozenset(present | judged.doubtful),
        doubtful=frozenset(judged.doubtful),
        doubtful_classes=frozenset(judged.doubtful_classes),
        protected=protected,
        care=care,
        refused=refused(care),
        held=_shared_numbers(users, enrollments),
        stays=stays_of(extracts, day),
        endings=endings_of(extracts, users),
        id_changes={old: new for extract in extracts for old, new in rows(extract, "id_changes")},
        issues=tuple(judged.issues),
        completeness=_completeness(extracts, judged.unreadable),
        as_of=_as_of(extracts),
        sizes={e.source: len(e.tables["users"]) for e in extracts if "users" in e.tables},
    )


def _rejected(extracts: Sequence[Extract]) -> Judged:
    """What the sources themselves could not read."""
    judged = Judged()
    for extract in extracts:
        for table, sourced_id, org, reason in rows(extract, "rejects"):
            judged.note(extract.source, table, sourced_id, reason, org)
    return judged


def _orgs(extract: Extract) -> Iterator[Org]:
    for sourced_id, kind, name, legal_name, parent, mail in rows(extract, "orgs"):
        yield Org(sourced_id, OrgType(kind), clean(name), clean(legal_name) or clean(name), parent, mail.strip())


def _sessions(extract: Extract) -> Iterator[Session]:
    for sourced_id, title, begin, end in rows(extract, "sessions"):
        yield Session(sourced_id, title, date.fromisoformat(begin), date.fromisoformat(end))


def _classes(extract: Extract, orgs: Mapping[str, Org], judged: Judged) -> Iterator[SchoolClass]:
    for sourced_id, kind, title, org, subject_code, grade, begin, end in rows(extract, "classes"):
        if org not in orgs:
            judged.reject(extract.source, "classes", sourced_id, "", "its school is not in the file")
            continue
        try:
            dates = day_of(begin), day_of(end)
        except ValueError:
            judged.reject(extract.source, "classes", sourced_id, org, "begin or end is not a date (YYYY-MM-DD)")
            continue
        yield SchoolClass(sourced_id, ClassType(kind), clean(title), org, subject_code, grade, *dates)


def _users(extracts: Sequence[Extract], judged: Judged) -> tuple[dict[str, User], set[str]]:
    users: dict[str, User] = {}
    present: set[str] = set()
    for extract in extracts:
        for sourced_id, status, given, family, full, number, birth, mail, mobile, principal in rows(extract, "users"):
            if status == "inactive":
                judged.inactive.add(sourced_id)
                continue
            present.add(sourced_id)
            given_name, family_name = clean(given), clean(family)
            if sourced_id in users:
                judged.reject(extract.source, "users", sourced_id, "", "the same id is used twice")
                continue
            if not (given_name and family_name):
                judged.reject(extract.source, "users", sourced_id, "", "given or family name is empty")
                continue
            try:
                birth_date = day_of(birth)
            except ValueError:
                judged.reject(extract.source, "users", sourced_id, "", "birth date is not a date (YYYY-MM-DD)")
                birth_date = None
            users[sourced_id] = User(
                sourced_id,
                given_name,
                family_name,
                clean(full) or f"{given_name} {family_name}",
                number.strip(),
                birth_date,
                mail.strip(),
                mobile.strip(),
                principal.strip().lower(),
            )
    return users, present


def _shared_numbers(users: Mapping[str, User], enrolled: Iterable[str]) -> dict[str, str]:
    """Enrolled people whose identity number somebody else has too: one of them has another's, nobody knows which."""
    uses = Counter(user.national_id for user in users.values())
    holders: dict[str, list[str]] = {n: [] for n, count in uses.items() if count > 1 and is_national_id(n)}
    for user in users.values():
        if user.national_id in holders:
            holders[user.national_id].append(user.sourced_id)
    enrolled = set(enrolled)
    held: dict[str, str] = {}
    for each in holders.values():
        for sourced_id in enrolled.intersection(each):
            others = ", ".join(sorted(set(each) - {sourced_id}))
            held[sourced_id] = f"has the same identity number as {others}; correct it in the SIS (fødselsnummer)"
    return held


def _refuse_numbers_as_ids(users: Iterable[User]) -> None:
    """An id goes into names, logs and other systems; an identity number may not. Raises SourceError."""
    if any(user.national_id and user.sourced_id == user.national_id for user in users):
        raise SourceError("the export uses identity numbers as ids; have the SIS export its own ids (PIFU: sourcedid)")


def _completeness(extracts: Sequence[Extract], unreadable: Mapping[str, int]) -> dict[str, Completeness]:
    merged: dict[str, Completeness] = {}
    for extract in extracts:
        for org, said in extract.completeness.items():
            merged[org] = _together(merged[org], said) if org in merged else said
    return {org: replace(said, unreadable=said.unreadable + unreadable.get(org, 0)) for org, said in merged.items()}


def _together(one: Completeness, other: Completeness) -> Completeness:
    """What two sources of one school prove: only both of them prove the whole."""
    return replace(
        one,
        rows=one.rows + other.rows,
        unreadable=one.unreadable + other.unreadable,
        unidentified=one.unidentified + other.unidentified,
        proof=one.proof and other.proof,
    )


def _as_of(extracts: Sequence[Extract]) -> dict[str, datetime]:
    """When the sources that speak for whole schools were true; a supplement need not change every night."""
    return {e.source: e.as_of for e in extracts if e.as_of is not None and e.completeness}
