"""Who is where on a day: from the rows of enrollments to each person's own."""

from collections import defaultdict
from collections.abc import Mapping, Sequence, Set
from datetime import date
from functools import cache, partial

from provision.core.extract import Extract
from provision.core.judged import Judged
from provision.core.roster import PRINCIPAL, Enrollment, Org, Role, SchoolClass, User
from provision.core.rows import day_of, rows


def enrollments_of(
    extracts: Sequence[Extract],
    orgs: Mapping[str, Org],
    classes: Mapping[str, SchoolClass],
    users: Mapping[str, User],
    day: date,
    judged: Judged,
) -> dict[str, tuple[Enrollment, ...]]:
    """Everybody's current enrollments, in a fixed order; a row that says nothing is an issue."""
    part_of = cache(partial(_part, orgs, classes, day))  # of millions of rows few differ but for whose they are
    holders: defaultdict[Enrollment, list[str]] = defaultdict(list)
    for extract in extracts:
        for row in rows(extract, "enrollments"):
            user, part = row[0], part_of(row[1:])
            if user in users and isinstance(part, Enrollment):
                holders[part].append(user)
            elif fault := _fault(user, part, users, judged.doubtful):
                judged.reject(extract.source, "enrollments", user, row[1] if row[1] in orgs else "", fault)
    found: defaultdict[str, list[Enrollment]] = defaultdict(list)
    for part in sorted(holders, key=_order):  # which puts those of each user in order as well
        for user in dict.fromkeys(holders[part]):
            found[user].append(Enrollment(user, *part[1:]))
    return {user: tuple(found[user]) for user in users if user in found}


def _part(
    orgs: Mapping[str, Org], classes: Mapping[str, SchoolClass], day: date, cells: tuple[str, ...]
) -> Enrollment | str | None:
    """What the cells after the user say: an enrollment of nobody yet that is current on `day`, None for another, or
    what is wrong."""
    org, school_class, role, begin, end, primary = cells
    if org not in orgs:
        return "an enrollment at a school that is not in the file"
    if school_class and school_class not in classes:
        return "an enrollment in a class that is not in the file"
    leads = role == PRINCIPAL
    try:
        said = Role.ADMINISTRATOR if leads else Role(role)
        part = Enrollment("", org, school_class, said, day_of(begin), day_of(end), primary == "1", leads)
    except ValueError:
        return "its role, begin or end cannot be understood"
    current = part.current(day) and (not school_class or classes[school_class].current(day))
    return part if current else None


def _fault(user: str, part: Enrollment | str | None, users: Mapping[str, User], doubtful: Set[str]) -> str:
    """Why a row says nothing, "" where it says something or has been told already."""
    if user not in users:
        return "" if user in doubtful else "a member who is in no list of persons, or is inactive there"
    return part if isinstance(part, str) else ""


def _order(part: Enrollment) -> tuple[str, str, str, bool, bool, tuple[bool, date], tuple[bool, date]]:
    begin = part.begin is not None, part.begin or date.min
    end = part.end is None, part.end or date.max
    return part.org, part.school_class, part.role, not part.primary, not part.leads, begin, end
