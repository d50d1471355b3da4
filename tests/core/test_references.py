"""What a record names, and the record with other references: nothing else of it changes."""

from hypothesis import given
from hypothesis import strategies as st

from provision.core.references import references, relinked
from provision.core.state import Key, Kind, Member, Record, Value, values

KEYS = [Key(kind, each) for kind in (Kind.ACCOUNT, Kind.ORG) for each in ("a", "b", "c")]
PEOPLE = [key for key in KEYS if key.kind is Kind.ACCOUNT]
TEXTS = ["a", "account:a"]
SCALARS: list[Value] = [*TEXTS, *KEYS]
RECORDS = st.builds(
    Record,
    st.sampled_from([Key(Kind.GROUP, "g"), *KEYS]),
    st.dictionaries(
        st.sampled_from("xyz"), st.sampled_from(SCALARS) | st.frozensets(st.sampled_from([*TEXTS, *KEYS]), min_size=1)
    ),
    st.frozensets(st.builds(Member, st.sampled_from(PEOPLE), st.sampled_from(["student", "teacher"]))),
    st.booleans(),
)
GONE = st.frozensets(st.sampled_from(KEYS))
NEW = st.dictionaries(st.sampled_from(KEYS), st.sampled_from([Key(Kind.ACCOUNT, "n"), Key(Kind.ACCOUNT, "m")]))


@given(RECORDS)
def test_a_record_names_the_keys_in_its_fields_and_its_members(record: Record) -> None:
    in_fields = {each for value in record.fields.values() for each in values(value) if isinstance(each, Key)}
    assert set(references(record)) == in_fields | {member.account for member in record.members}


@given(RECORDS, NEW, GONE)
def test_who_is_gone_is_named_no_more_and_a_new_key_takes_the_place_of_the_old(
    record: Record, new: dict[Key, Key], gone: frozenset[Key]
) -> None:
    left = relinked(record, new, gone)
    assert set(references(left)) == {new.get(key, key) for key in references(record) if key not in gone}
    assert (left.key, left.active) == (record.key, record.active)
    assert all(left.fields.values())


@given(RECORDS, NEW, GONE)
def test_everything_else_stays_in_its_shape(record: Record, new: dict[Key, Key], gone: frozenset[Key]) -> None:
    left = relinked(record, new, gone)
    for name, value in record.fields.items():
        assert {v for v in values(left.fields.get(name)) if isinstance(v, str)} == values(value) & set(TEXTS)
        if name in left.fields:
            assert isinstance(left.fields[name], frozenset) == isinstance(value, frozenset)
    untouched = {m for m in record.members if m.account not in gone and m.account not in new}
    assert untouched <= left.members
    assert {m.role for m in left.members} <= {m.role for m in record.members}


@given(RECORDS)
def test_a_record_that_names_nobody_concerned_is_the_same(record: Record) -> None:
    others = [key for key in KEYS if key not in references(record)]
    assert relinked(record, dict.fromkeys(others, KEYS[0]), frozenset(others)) is record
