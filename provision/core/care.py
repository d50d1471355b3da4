"""Who is protected, and what is known of guardians beyond that they are: the facts that an export cannot carry."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from provision.core.roster import Extract, Issue, Relation, Relationship, User
from provision.core.rows import rows

_FLAGS: Mapping[str, bool | None] = {"1": True, "0": False, "": None}


def relationships(
    extracts: Sequence[Extract], users: Mapping[str, User]
) -> tuple[dict[str, tuple[Relationship, ...]], frozenset[str], frozenset[str]]:
    """Everybody's guardians and next of kin with what is known of each, who is protected, and who is only named."""
    protected: set[str] = set()
    facts: dict[tuple[str, str], tuple[bool | None, bool | None, bool]] = {}
    for extract in extracts:
        for sourced_id, related, flag, responsible, lives_with, barred in rows(extract, "care"):
            if _FLAGS[flag]:
                protected.add(sourced_id)
            if related:
                facts[sourced_id, related] = _FLAGS[responsible], _FLAGS[lives_with], bool(_FLAGS[barred])
    found: defaultdict[str, list[Relationship]] = defaultdict(list)
    unlisted: set[str] = set()
    for extract in extracts:
        for user, related, relation in rows(extract, "relationships"):
            if user in users and related in users:
                said = facts.get((user, related), (None, None, False))
                found[user].append(Relationship(user, related, Relation(relation), *said))
            elif user in users:
                unlisted.add(related)
    ordered = {user: tuple(sorted(each, key=lambda r: (r.related, r.relation))) for user, each in found.items()}
    return ordered, frozenset(protected), frozenset(unlisted)


def strangers_to_the_sis(extracts: Sequence[Extract], users: Mapping[str, User]) -> list[Issue]:
    """Rows about nobody: a misspelt id there would leave somebody without the care that was meant for them."""
    named = ((extract.source, row[0]) for extract in extracts for row in rows(extract, "care"))
    return [
        Issue(s, "care", who, "this id is not in the SIS; is it spelt as there?")
        for s, who in dict.fromkeys(named)
        if who not in users
    ]
