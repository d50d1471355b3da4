"""What the sources of a night prove."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from provision.core.extract import Completeness


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the sources prove. `schools` decides about people; `readable` are schools without any doubt but that
    a class is missing, so that the class's own nights can be counted.

    `newer` says whether this is a night at all: the content is of a later day than what was read last. `in_a_row`
    says that no night lies between, which matters until somebody has been missing for `nights`. `fresh` says that the
    content is of these days, so that accounts may be deleted.
    """

    schools: Mapping[str, Completeness]
    readable: frozenset[str]
    newer: bool = True
    in_a_row: bool = True
    nights: int = 3
    fresh: bool = True


def doubted(judgement: Judgement, doubt: str) -> Judgement:
    """The same with nothing proven anywhere: nobody and nothing is removed."""
    schools = {org: replace(said, proof="", doubt=said.doubt or doubt) for org, said in judgement.schools.items()}
    return replace(judgement, schools=schools, readable=frozenset())


def unproven(orgs: Iterable[str], judgement: Judgement) -> str:
    """Why nobody may be removed from these schools, "" where they are all proven."""
    for org in sorted(orgs):
        said = judgement.schools.get(org)
        if said is None or not said.proof:
            return f"{org}: {said.doubt if said else 'the school is not in the export'}"
    return ""
