"""Who is protected, and what is known of guardians beyond that they are: the facts that an export cannot carry."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from provision.core.extract import Extract
from provision.core.id_changes import IdChanges
from provision.core.judged import Judged
from provision.core.roster import Care, Issue, Relation, Relationship, Roster, User
from provision.core.rows import rows
from provision.core.stays import stays_under_all_ids

_NOT_IN_THE_SIS: Final = "this id is not in the SIS; is it spelt as there?"
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
    extracts: Sequence[Extract], users: Mapping[str, User], care: Mapping[Pair, Care], judged: Judged
) -> dict[str, tuple[Relationship, ...]]:
    """Everybody's guardians and next of kin with what is known of each; who is only named is doubtful."""
    found: defaultdict[str, list[Relationship]] = defaultdict(list)
    for extract in extracts:
        for user, related, relation in rows(extract, "relationships"):
            if user in users and related in users:
                found[user].append(Relationship(user, related, Relation(relation)))
            elif user in users and related not in judged.inactive:  # the export has lost one of the two
                judged.doubtful.add(related)
    ordered = {user: tuple(sorted(each, key=lambda r: (r.related, r.relation))) for user, each in found.items()}
    return _told(ordered, care)


def under_known_ids(roster: Roster, ids: IdChanges) -> Roster:
    """The roster with every id change that was ever announced: care follows all of them, accounts the last."""
    care = _under_all_ids(roster.care, ids)
    return replace(
        roster,
        id_changes=ids.leading(roster.present),
        protected=ids.all_of(roster.protected),
        care=care,
        refused=refused(care),
        relationships=_told(roster.relationships, care),
        stays=stays_under_all_ids(roster.stays, ids),
        issues=tuple(issue for issue in roster.issues if not _is_solved(issue, roster, ids)),
    )


def _is_solved(issue: Issue, roster: Roster, ids: IdChanges) -> bool:
    """Whether it is about an id that is not in the SIS, and somebody there had it."""
    return issue.reason == _NOT_IN_THE_SIS and not ids.all_of({issue.sourced_id}).isdisjoint(roster.users)


def refused(care: Mapping[Pair, Care]) -> frozenset[Pair]:
    return frozenset(pair for pair, said in care.items() if said.refused)


def _under_all_ids(care: Mapping[Pair, Care], ids: IdChanges) -> dict[Pair, Care]:
    """The same facts for every id of both; where two say different things of one pair, the stricter counts."""
    found = dict(care)
    for pair, said in care.items():
        for each in ids.pairs_of(pair):
            found[each] = _stricter(said, found.get(each, said))
    return found


def _stricter(one: Care, other: Care) -> Care:
    sayings = [said for said in (one.responsible, other.responsible) if said is not None]
    return Care(all(sayings) if sayings else None, one.lives_with, one.barred or other.barred)


def _told(related: Relationships, care: Mapping[Pair, Care]) -> dict[str, tuple[Relationship, ...]]:
    return {
        user: tuple(_with_care(each, care.get((user, each.related))) for each in all_of)
        for user, all_of in related.items()
    }


def _with_care(relationship: Relationship, said: Care | None) -> Relationship:
    return replace(relationship, **said._asdict()) if said else relationship


def strangers_to_the_sis(extracts: Sequence[Extract], users: Mapping[str, User]) -> list[Issue]:
    """Rows about nobody: a misspelt id there would leave somebody without the care that was meant for them."""
    named = ((extract.source, who) for extract in extracts for row in rows(extract, "care") for who in row[:2])
    return [Issue(s, "care", who, _NOT_IN_THE_SIS) for s, who in dict.fromkeys(named) if who and who not in users]
