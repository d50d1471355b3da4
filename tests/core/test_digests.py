"""A digest names what is done to whom: everything that differs shows in it, and no identity number does."""

from dataclasses import replace

from provision.core.plan import Change, Create, Delete, Disable, Rekey, Update, Withdraw, change_digest
from provision.core.state import Key, Kind, Member, Record, Value
from tests.town import NORTH

SECRET = frozenset({"nin"})
WHO, OTHER = Key(Kind.ACCOUNT, "p1"), Key(Kind.ACCOUNT, "p2")
WHERE = (frozenset({NORTH}), "student", "x")


def record(members: frozenset[Member] = frozenset(), **fields: Value) -> Record:
    return Record(WHO, fields, members)


def update(before: Record, after: Record) -> Update:
    return Update(before, after, *WHERE)


STUDENT, TEACHER = (frozenset({Member(OTHER, role)}) for role in ("student", "teacher"))
STATES = (
    record(),
    record(cn="a"),
    record(cn="b"),
    record(sn="a"),
    record(cn=frozenset({"a", "b"})),
    record(STUDENT, cn="a"),
    record(TEACHER, cn="a"),
    replace(record(cn="a"), active=False),
)


def test_no_two_changes_have_one_digest() -> None:
    base, others = STATES[1], [state for state in STATES if state is not STATES[1]]
    changes: list[Change] = [update(base, other) for other in others] + [update(other, base) for other in others]
    changes += [Create(state, *WHERE) for state in STATES[:-1]]
    changes += [kind(base, *WHERE) for kind in (Withdraw, Delete)]
    changes.append(Disable(base, STATES[-1], *WHERE))
    changes += [Rekey(new, "", old, *WHERE) for new in (WHO, OTHER) for old in (WHO, OTHER)]
    changes += [Rekey(WHO, handle, None, *WHERE) for handle in ("uid=a", "uid=b")]
    elsewhere = replace(base, key=OTHER)
    changes += [Delete(elsewhere, *WHERE), Create(elsewhere, *WHERE), update(elsewhere, replace(others[1], key=OTHER))]
    digests = [change_digest(change, SECRET) for change in changes]
    assert len(set(digests)) == len(changes)
    assert {len(digest) for digest in digests} == {24}


def test_an_identity_number_does_not_show_and_that_there_is_another_one_does() -> None:
    none, one, other = record(), record(nin="15851250066"), record(nin="15851250067")
    assert change_digest(Create(one, *WHERE), SECRET) == change_digest(Create(other, *WHERE), SECRET)
    assert change_digest(Create(one, *WHERE), SECRET) != change_digest(Create(none, *WHERE), SECRET)
    assert change_digest(update(one, other), SECRET) == change_digest(update(other, one), SECRET)
    assert change_digest(update(one, other), SECRET) != change_digest(update(one, one), SECRET)
    assert change_digest(Create(one, *WHERE), frozenset()) != change_digest(Create(other, *WHERE), frozenset())


def test_what_stays_as_it_is_is_not_in_a_digest() -> None:
    here, moved = record(STUDENT, cn="a", sn="x"), record(STUDENT, cn="b", sn="x")
    bare = update(record(STUDENT, cn="a"), record(STUDENT, cn="b"))
    assert change_digest(update(here, moved), SECRET) == change_digest(bare, SECRET)


def test_a_digest_is_the_same_in_every_process() -> None:
    names, letters = [f"f{n}" for n in range(9)], frozenset("abcdefghi")
    members = frozenset(Member(Key(Kind.ACCOUNT, each), "student") for each in letters)
    full = record(members, **dict.fromkeys(names, letters))
    assert change_digest(update(record(STUDENT), full), SECRET) == "77a01c181d0f2d1d7e42483d"
    assert change_digest(update(full, record(STUDENT)), SECRET) == "c2a369b0901125bdeac6e8a7"
