"""Agents of OneRoster users to rows: whose guardian or next of kin somebody is."""

from provision.core.roster import Relation
from provision.formats.completeness import Reject
from provision.formats.rows import Rows
from provision.sources.oneroster.people import People


def relate(people: People, *, by_role: bool) -> tuple[Rows, list[Reject]]:
    """Each pair once, whichever side names the other; rejects are agents who are not there or nobody's guardian.

    `by_role`: a guardian has a role that says so. Otherwise (version 1.1, in which everybody has one role) whoever
    is an agent of a pupil and no pupil is a guardian.
    """
    pairs: dict[tuple[str, str], Relation] = {}
    rejected: list[Reject] = []
    for person, (agents, where) in people.agents.items():
        for agent in agents:
            if agent in people.inactive:
                continue
            pair = _pair(person, agent, people, by_role=by_role) if agent in people.active else None
            if pair is not None:
                pairs[pair] = _relation(people.kin.get(pair[1], set()))
            else:
                reason = "is no guardian or relative" if agent in people.active else "is not among the users"
                rejected.append(("relationships", person, "", f"agentSourcedIds: an agent {reason} ({where})"))
    rows = Rows("relationships")
    for (person, related), relation in pairs.items():
        rows.add(person, related, relation)
    return rows, rejected


def _pair(person: str, agent: str, people: People, *, by_role: bool) -> tuple[str, str] | None:
    """(who, whose guardian or relative) of two of whom the first names the second; None where it cannot be told."""
    kin, students = people.kin, people.students
    if agent in kin and (person in students or person not in kin):
        return person, agent
    if person in kin and (agent in students or agent not in kin):
        return agent, person
    if by_role or (person in students) == (agent in students):
        return None
    return (person, agent) if person in students else (agent, person)


def _relation(said: set[Relation]) -> Relation:
    """Roles do not say of which child they are: whoever is anybody's mere relative is so of all."""
    return Relation.NEXT_OF_KIN if Relation.NEXT_OF_KIN in said else Relation.GUARDIAN
