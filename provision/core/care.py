"""Who is protected, and what is known of guardians beyond that they are: the facts that an export cannot carry."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace

from provision.core.id_changes import followed, under_all_ids
from provision.core.roster import Care, Extract, Issue, Relation, Relationship, Roster, User
from provision.core.rows import rows
from provision.core.stays import stays_under_all_ids

_FLAGS: Mapping[str, bool | None] = {"1": True, "0": False, "": None}

Pair = tuple[str, str]
Relationships = Mapping[str, tuple[Relationship, ...]]


def care_of(extracts: Sequence[Extract]) -> tuple[frozenset[str], dict[Pair, Care]]:
    """Who is protected, and what is said of pairs (pupil, related)."""
    protected: set[str] = set()
    pairs: dict[Pair, Care] = {}
    for extract in extracts:
        for sourced_id, related, flag, responsible, lives_with, barred in rows(extract, "care"):
            if _FLAGS[flag]:
                protected.add(sourced_id)
            if related:
                said = Care(_FLAGS[responsible], _FLAGS[lives_with], bool(_FLAGS[barred]))
                pairs[sourced_id, related] = said
    return frozenset(protected), pairs


def relationships(
    extracts: Sequence[Extract], users: Mapping[str, User], care: Mapping[Pair, Care]
) -> tuple[dict[str, tuple[Relationship, ...]], frozenset[str]]:
    """Everybody's guardians and next of kin with what is known of each, and who is only named."""
    found: defaultdict[str, list[Relationship]] = defaultdict(list)
    unlisted: set[str] = set()
    for extract in extracts:
        for user, related, relation in rows(extract, "relationships"):
            if user in users and related in users:
                found[user].append(Relationship(user, related, Relation(relation)))
            elif user in users:
                unlisted.add(related)
    ordered = {user: tuple(sorted(each, key=lambda r: (r.related, r.relation))) for user, each in found.items()}
    return _told(ordered, care), frozenset(unlisted)


def under_known_ids(roster: Roster, changes: Mapping[str, str], void: Mapping[str, str]) -> Roster:
    """The roster with every id change that was ever announced: care follows all of them, accounts the last."""
    care = _under_all_ids(roster.care, changes, void)
    return replace(
        roster,
        id_changes=followed(changes, roster.present),
        protected=under_all_ids(roster.protected, changes, void),
        care=care,
        refused=refused(care),
        relationships=_told(roster.relationships, care),
        stays=stays_under_all_ids(roster.stays, changes, void),
    )


def refused(care: Mapping[Pair, Care]) -> frozenset[Pair]:
    return frozenset(pair for pair, said in care.items() if said.refused)


def _under_all_ids(care: Mapping[Pair, Care], changes: Mapping[str, str], void: Mapping[str, str]) -> dict[Pair, Care]:
    """The same facts for every id of both; where two say different things of one pair, the stricter counts."""
    changed = {*changes, *changes.values(), *void, *void.values()}
    found = dict(care)
    for pair, said in care.items():
        if changed.intersection(pair):
            pupils, others = (under_all_ids({who}, changes, void) for who in pair)
            for each in ((pupil, other) for pupil in pupils for other in others):
                found[each] = _stricter(said, found.get(each, said))
    return found


def _stricter(one: Care, other: Care) -> Care:
    sayings = [said for said in (one.responsible, other.responsible) if said is not None]
    return Care(all(sayings) if sayings else None, one.lives_with, one.barred or other.barred)


def _told(related: Relationships, care: Mapping[Pair, Care]) -> dict[str, tuple[Relationship, ...]]:
    return {user: tuple(_with_care(each, care.get((user, each.related))) for each in all_of)
            for user, all_of in related.items()}  # fmt: skip


def _with_care(relationship: Relationship, said: Care | None) -> Relationship:
    return replace(relationship, **said._asdict()) if said else relationship


def strangers_to_the_sis(extracts: Sequence[Extract], users: Mapping[str, User]) -> list[Issue]:
    """Rows about nobody: a misspelt id there would leave somebody without the care that was meant for them."""
    named = ((extract.source, who) for extract in extracts for row in rows(extract, "care") for who in row[:2])
    return [
        Issue(s, "care", who, "this id is not in the SIS; is it spelt as there?")
        for s, who in dict.fromkeys(named)
        if who and who not in users
    ]
