"""Which school a person counts at, and which grade."""

from collections.abc import Iterable, Mapping

from provision.core.roster import ClassType, Enrollment, Role, SchoolClass


def primary_org(enrollments: Iterable[Enrollment]) -> str:
    """The one school that these enrollments of one person count at, "" when there are none.

    It is the school of a pupil's primary enrollment, else of any enrollment that is primary, else the first
    school by its id. Enrollments as a pupil decide before those that the person has in another role.
    """
    ranked = ((e.role is not Role.STUDENT, not e.primary, e.org) for e in enrollments)
    return min(ranked, default=(False, False, ""))[2]


def grade_of(enrollments: Iterable[Enrollment], classes: Mapping[str, SchoolClass]) -> str:
    """A pupil's grade: of the group for the whole grade where there is one, else of the class they count in."""
    ranked = (
        (classes[e.school_class].class_type is not ClassType.GRADE, not e.primary, classes[e.school_class].grade)
        for e in enrollments
        if e.school_class and e.role is Role.STUDENT and classes[e.school_class].grade
        if classes[e.school_class].class_type in (ClassType.GRADE, ClassType.HOMEROOM)
    )
    return min(ranked, default=(False, False, ""))[2]
