"""Which school a person counts at."""

from collections.abc import Iterable

from provision.core.roster import Enrollment, Role


def primary_org(enrollments: Iterable[Enrollment]) -> str:
    """The one school that these enrollments of one person count at, "" when there are none.

    It is the school of a pupil's primary enrollment, else of any enrollment that is primary, else the first
    school by its id. Enrollments as a pupil decide before those that the person has in another role.
    """
    ranked = ((e.role is not Role.STUDENT, not e.primary, e.org) for e in enrollments)
    return min(ranked, default=(False, False, ""))[2]
