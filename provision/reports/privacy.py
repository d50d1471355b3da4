"""Which data go to which target: the table that an organisation needs for its record of processing."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from provision.core.mapping import Entry, Field, TargetMapping
from provision.core.plan import group_of
from provision.core.policy import GuardianLinks, Ladder, Policy
from provision.core.roster import Role
from provision.core.state import Kind

BEGIN: Final = "<!-- the table: made by `python -m provision.schemas` -->"
END: Final = "<!-- end of the table -->"

# What each placeholder of a template and each rule puts into a field.
TEXTS: Final[Mapping[str, str]] = {
    "sourced_id": "the SIS's own id",
    "given_name": "given name",
    "family_name": "family name",
    "full_name": "full name as in the SIS",
    "mail": "mail address",
    "mobile": "mobile number",
    "username": "username",
    "birth_date": "birth date",
    "national_id": "identity number",
    "name": "name",
    "legal_name": "registered name",
    "number": "organisation number",
    "realm": "the site's realm",
    "title": "title",
    "subject_code": "subject code (Grep)",
}
RULES: Final[Mapping[str, str]] = {
    "affiliation": "role: pupil, teacher, other staff",
    "primary_affiliation": "main role",
    "scoped_affiliation": "role at the realm",
    "organisation": "reference to the municipality",
    "org_units": "schools",
    "primary_org_unit": "main school",
    "national_id": "identity number, where there is a real one",
    "guardian_national_ids": "identity numbers of those with parental responsibility, until the pupil is 18",
    "entitlements": "current classes and teaching groups, and a pupil's level",
    "organisation_number": "organisation number",
    "org_type": "kind of organisation",
    "parent_org": "reference to the municipality",
    "session_type": "term or school year",
    "session_begin": "first day",
    "session_end": "first day after it",
    "session_year": "year in which the school year ends",
    "parent_session": "reference to the school year",
    "course_title": "subject code or kind of group",
    "course_org": "school",
    "class_type": "class or teaching group",
    "class_grade": "grade",
    "class_course": "reference to the course",
    "class_school": "school",
    "class_terms": "reference to the term",
    "primary_org": "main school",
    "pupil_grade": "a pupil's grade",
    "agents": "a pupil's guardians, as far as the policy tells of them, until the pupil is 18",
    "orgs_as_student": "schools where the person is a pupil",
    "orgs_as_teacher": "schools where the person teaches",
    "orgs_as_aide": "schools where the person is an aide",
    "orgs_as_administrator": "schools where the person is in the administration",
    "orgs_as_staff": "schools where the person is other staff",
    "orgs_as_guardian": "schools where the person has a child",
}
PEOPLE: Final[Mapping[Role, str]] = {
    Role.STUDENT: "pupils",
    Role.TEACHER: "teachers",
    Role.AIDE: "aides",
    Role.ADMINISTRATOR: "administrators",
    Role.STAFF: "other staff",
    Role.GUARDIAN: "guardians",
}
_NEVER: Final = "never removed"
_OF_GUARDIANS: Final = "while a pupil here has this guardian, then"
_GROUPS: Final[Mapping[str, str]] = {"student": "pupils", "staff": "staff", "guardian": "guardians"}
_THINGS: Final[Mapping[str, tuple[str, str]]] = {
    "district": ("the municipality", _NEVER),
    "school": ("schools", _NEVER),
    "session": ("school years and terms", "while a class needs it"),
    "course": ("courses", "while a class needs it"),
    "class": ("classes", "until it is over, or proven to be gone"),
}
_HEADINGS: Final = ("attribute", "what it is", "how it is made", "secret", "kept")
_PLACEHOLDER: Final = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True, slots=True)
class Flow:
    """One attribute at one target: a row of the table, in words."""

    target: str
    attribute: str
    what: str
    whose: str
    origin: str
    secret: bool
    kept: str


def flows(target: str, mapping: TargetMapping, policy: Policy, *, first_passwords: bool) -> Iterator[Flow]:
    """Every attribute that the target gets, in the mapping's order; what the policy keeps back is left out."""
    for entry in mapping.entries:
        if entry.of == "guardian" and policy.guardians is GuardianLinks.NONE:
            continue
        whose, kept = _THINGS.get(entry.of) or (_whose(entry), "")
        for field in entry.fields:
            if field.origin != "rule guardian_national_ids" or policy.guardian_numbers:
                how_long = kept or _kept(field, entry, policy)
                yield Flow(target, field.name, _what(field), whose, field.origin, field.secret, how_long)
        if entry.members:
            what = "who is in the class, as what, from when to when"
            yield Flow(
                target, "enrollments", what, whose, "the mapping's members", secret=False, kept="until no longer in it"
            )
        if entry.kind is Kind.ACCOUNT:
            yield from _of_account(
                target, mapping, whose, _until_deletion(entry, policy), first_passwords=first_passwords
            )


def _of_account(target: str, mapping: TargetMapping, whose: str, kept: str, *, first_passwords: bool) -> Iterator[Flow]:
    """What goes with every account, whatever the mapping says."""
    if mapping.family != "feide":
        yield Flow(
            target,
            "enabledUser",
            "that the account is disabled",
            whose,
            "whether it may be used",
            secret=False,
            kept=kept,
        )
        return
    yield Flow(
        target, mapping.lock[0], "that the account is disabled", whose, "the mapping's lock", secret=False, kept=kept
    )
    if first_passwords:
        what, how = "salted hash of the first password", "made by chance, handed over once"
        yield Flow(target, "userPassword", what, whose, how, secret=True, kept=kept)


def table(rows: Sequence[Flow]) -> str:
    """The rows in Markdown, one table for each target and whom it is about."""
    lines: list[str] = []
    for (target, whose), group in groupby(rows, key=lambda row: (row.target, row.whose)):
        lines += ["", f"### {target}: {whose}", "", _line(_HEADINGS), _line(["---"] * len(_HEADINGS))]
        for row in group:
            lines.append(_line((f"`{row.attribute}`", row.what, row.origin, "yes" if row.secret else "", row.kept)))
    return "\n".join(lines[1:]) + "\n"


def between_markers(page: str, text: str) -> str:
    """The page with this text where its table was."""
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        raise ValueError(f"the page has no place for the table: {BEGIN} … {END}")
    return f"{before}{BEGIN}\n\n{text}\n{END}{after}"


def _what(field: Field) -> str:
    kind, _, source = field.origin.partition(" ")
    if kind == "rule":
        return RULES[source]
    if kind == "table":
        return f"what the mapping's table {source} says of the role"
    named = dict.fromkeys(_PLACEHOLDER.findall(source))
    return ", ".join(TEXTS[name] for name in named if name != "realm" or len(named) == 1) or "the same for everybody"


def _whose(entry: Entry) -> str:
    if entry.of == "guardian":
        return PEOPLE[Role.GUARDIAN]
    return ", ".join(name for role, name in PEOPLE.items() if role in entry.roles)


def _kept(field: Field, entry: Entry, policy: Policy) -> str:
    if entry.of == "guardian":
        return f"{_OF_GUARDIANS} {_until_deletion(entry, policy)}"
    if not field.membership or field.kept:
        return _until_deletion(entry, policy)
    missing = _by_group(entry, policy, lambda ladder: ladder.missing_days)
    vanished = f"; who is gone without a reason, {missing} days after they were last seen" if missing != "0" else ""
    return f"until disabled ({policy.nights} proven nights{vanished})"


def _until_deletion(entry: Entry, policy: Policy) -> str:
    return f"until deleted ({_by_group(entry, policy, lambda ladder: ladder.retention_days)} days later)"


def _by_group(entry: Entry, policy: Policy, days: Callable[[Ladder], int]) -> str:
    """The days of whom the entry is about: one number where all have the same, else each with whose it is."""
    groups = dict.fromkeys(map(group_of, entry.roles)) or {group_of(Role.GUARDIAN): None}
    found = {group: days(policy.ladder(group)) for group in groups}
    if len(set(found.values())) == 1:
        return str(next(iter(found.values())))
    return ", ".join(f"{_GROUPS[group]} {number}" for group, number in sorted(found.items(), reverse=True))


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cell.replace('|', '/') for cell in cells)} |"
