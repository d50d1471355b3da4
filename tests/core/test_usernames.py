"""Usernames are unique, stable for life, and never given to a second person."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from provision.core.roster import User
from provision.core.state import Key, Kind
from provision.core.usernames import Scheme, assign_usernames

SCHEME = Scheme.parse("{given:3}{family:3}")


def user(sourced_id: str, given_name: str = "Ola", family_name: str = "Nordmann") -> User:
    return User(sourced_id, given_name, family_name, f"{given_name} {family_name}")


def account(sourced_id: str) -> Key:
    return Key(Kind.ACCOUNT, sourced_id)


@pytest.mark.parametrize(
    ("given_name", "family_name", "name"),
    [
        ("Ola", "Nordmann", "olanor"),
        ("Åse-Marie", "Ødegård", "aseode"),
        ("Šárá", "Đoŋŋi", "sardon"),
        ("B", "Å", "ba"),
        ("*)(uid=*", "#Kari", "uidkar"),
        ("李", "小龙", "lixia"),
        ("!!!", "???", "user"),
    ],
)
def test_a_name_becomes_ascii_lower_case(given_name: str, family_name: str, name: str) -> None:
    found = assign_usernames([user("1", given_name, family_name)], SCHEME, {}, {}, {})
    assert found.names["1"].startswith(name[:4])
    assert found.names["1"].isascii()
    assert found.names["1"] == found.names["1"].lower()


def test_namesakes_get_numbers_in_the_order_of_their_ids() -> None:
    found = assign_usernames([user("3"), user("1"), user("2")], SCHEME, {}, {}, {})
    assert found.names == {"1": "olanor", "2": "olanor2", "3": "olanor3"}
    assert found.reserve == {"olanor": "1", "olanor2": "2", "olanor3": "3"}


def test_a_name_in_the_ledger_stays_also_when_the_person_is_renamed() -> None:
    found = assign_usernames([user("1", "Kari", "Holm")], SCHEME, {"olanor": "1"}, {}, {})
    assert found.names == {"1": "olanor"}
    assert found.reserve == {}


def test_a_name_once_given_is_not_given_again_even_if_its_owner_is_gone() -> None:
    assert assign_usernames([user("2")], SCHEME, {"olanor": "1"}, {}, {}).names == {"2": "olanor2"}


def test_a_name_that_others_use_in_a_target_is_not_given() -> None:
    assert assign_usernames([user("2")], SCHEME, {}, {"olanor": None}, {}).names == {"2": "olanor2"}


def test_a_lost_ledger_is_learned_again_from_the_targets() -> None:
    taken: dict[str, Key | None] = {"olanor": account("1"), "karhol": account("9")}
    found = assign_usernames([user("1"), user("2")], SCHEME, {}, taken, {})
    assert found.names == {"1": "olanor", "2": "olanor2"}
    assert found.reserve == {"olanor": "1", "karhol": "9", "olanor2": "2"}


def test_an_announced_id_change_keeps_the_name() -> None:
    found = assign_usernames([user("new")], SCHEME, {"olanor": "old"}, {"olanor": account("old")}, {"old": "new"})
    assert found.names == {"new": "olanor"}
    assert found.held == {}


def test_a_reserved_name_on_somebody_elses_account_is_held() -> None:
    found = assign_usernames([user("1")], SCHEME, {"olanor": "1"}, {"olanor": account("2")}, {})
    word = "the username reserved for this person is on somebody else's account; `provision adopt` shows whose"
    assert found.held == {"1": word}


def test_where_the_ledger_knows_two_names_the_one_in_a_target_is_used() -> None:
    for ledger in ({"aaa": "1", "olanor": "1"}, {"olanor": "1", "aaa": "1"}):
        assert assign_usernames([user("1")], SCHEME, ledger, {"olanor": account("1")}, {}).names == {"1": "olanor"}


def test_where_a_target_has_both_names_or_none_the_first_in_the_ledger_stays() -> None:
    for taken in ({}, {"aaa": account("1"), "olanor": account("1")}):
        assert assign_usernames([user("1")], SCHEME, {"aaa": "1", "olanor": "1"}, taken, {}).names == {"1": "aaa"}


def test_a_scheme_may_take_whole_names() -> None:
    assert Scheme.parse("{given}.{family:4}").base(user("1")) == "ola.nord"


@pytest.mark.parametrize("text", ["", "{given", "{name:3}", "Æ{given}", "{given:0}", "fixed", "{given:3} {family}"])
def test_a_scheme_that_cannot_work_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="a scheme is made of"):
        Scheme.parse(text)


@given(st.lists(st.tuples(st.text(max_size=8), st.text(max_size=8)), max_size=30), st.randoms())
def test_names_are_unique_and_do_not_depend_on_the_order(people: list[tuple[str, str]], random: object) -> None:
    users = [user(str(n), given_name, family_name) for n, (given_name, family_name) in enumerate(people)]
    shuffled = list(users)
    random.shuffle(shuffled)  # type: ignore[attr-defined]  # hypothesis gives a Random
    found = assign_usernames(users, SCHEME, {}, {}, {})
    assert len(set(found.names.values())) == len(users)
    assert assign_usernames(shuffled, SCHEME, {}, {}, {}).names == found.names


class Generations(RuleBasedStateMachine):
    """People come, go, are deleted; journals are restored from an older day. No name ever has two owners."""

    def __init__(self) -> None:
        super().__init__()
        self.ledger: dict[str, str] = {}
        self.backup: dict[str, str] = {}
        self.directory: dict[str, Key | None] = {}
        self.owners: dict[str, str] = {}
        self.people: dict[str, User] = {}
        self.next_id = 0

    @rule(given_name=st.sampled_from(["Ola", "Olav", "Kari"]), family_name=st.sampled_from(["Nor", "Nordby"]))
    def join(self, given_name: str, family_name: str) -> None:
        self.next_id += 1
        self.people[str(self.next_id)] = user(str(self.next_id), given_name, family_name)

    @rule()
    def leave(self) -> None:
        if self.people:
            self.people.popitem()

    @rule()
    def back_up(self) -> None:
        self.backup = dict(self.ledger)

    @rule()
    def restore(self) -> None:
        self.ledger = dict(self.backup)

    @rule()
    def night(self) -> None:
        found = assign_usernames(self.people.values(), SCHEME, self.ledger, self.directory, {})
        self.ledger |= found.reserve
        for sourced_id, name in found.names.items():
            assert self.owners.setdefault(name, sourced_id) == sourced_id
            self.directory[name] = account(sourced_id)

    @invariant()
    def everybody_keeps_one_name(self) -> None:
        by_owner: dict[str, set[str]] = {}
        for name, owner in self.owners.items():
            by_owner.setdefault(owner, set()).add(name)
        assert all(len(names) == 1 for names in by_owner.values())


TestGenerations = Generations.TestCase
