"""What holds for any sequence of nights: convergence, resumption, order, and that nobody active is ever deleted."""

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from provision.core.guard import guard
from provision.core.plan import Create, Delete, Disable, stage
from provision.core.policy import Policy
from provision.core.state import Key, Kind, same
from tests.core.nights import TRAITS, World, kinds
from tests.town import NIGHT, NORTH, SOUTH, Town, place

IDS = [f"p{n}" for n in range(24)]
PEOPLE = st.sets(st.sampled_from(IDS), min_size=1)


def town_of(ids: set[str], elsewhere: set[str] = frozenset()) -> Town:
    """These people in 6A at the north school; those in `elsewhere` in 6B at the south one."""
    town = Town()
    for sourced_id in sorted(ids):
        away = sourced_id in elsewhere
        town.add_pupil(sourced_id, SOUTH if away else NORTH, "6B" if away else "6A")
    return town


@given(PEOPLE, PEOPLE, st.sets(st.sampled_from(IDS)))
def test_after_a_night_there_is_nothing_left_to_do_and_everybody_is_as_desired(
    first: set[str], second: set[str], elsewhere: set[str]
) -> None:
    world = World(policy=Policy(nights=30))
    world.run(town_of(first))
    for _ in range(2):  # what a school of one may lose, it may lose once others have come
        world.run(town_of(second, elsewhere))
    plan, _, desired = world.plan(town_of(second, elsewhere))
    lossless = [c for c in plan.changes if guard(plan, world.policy.budgets, TRAITS, (), NIGHT).holds == ()]
    assert lossless == []
    for key, record in desired.records.items():
        assert key in world.records
        assert same(world.records[key], record) or plan.changes or plan.held, "a school in doubt lets nothing go"


@given(PEOPLE, PEOPLE, st.integers(min_value=0, max_value=28))
def test_a_run_that_dies_anywhere_is_finished_by_the_next(first: set[str], second: set[str], upto: int) -> None:
    whole, cut = World(), World()
    for world in (whole, cut):
        world.run(town_of(first))
    whole.run(town_of(second))
    cut.run(town_of(second), upto=upto)
    cut.night -= 1
    cut.run(town_of(second))
    assert cut.records == whole.records


@given(st.lists(PEOPLE, min_size=3, max_size=12))
@settings(max_examples=30)
def test_nobody_active_is_ever_deleted_and_nobody_in_the_sis_is_without_an_account(nights: list[set[str]]) -> None:
    world = World(policy=Policy(nights=1, retention_days=2))
    for ids in nights:
        world.run(town_of(ids))
        assert ids <= world.active()
        assert world.deleted_while_active == []


@given(PEOPLE, PEOPLE)
def test_what_is_made_comes_in_order_and_what_goes_comes_last(first: set[str], second: set[str]) -> None:
    world = World(policy=Policy(nights=1))
    world.run(town_of(first))
    plan, _, _ = world.plan(town_of(second))
    stages = [stage(change) for change in plan.changes]
    assert stages == sorted(stages)
    gone = [i for i, c in enumerate(plan.changes) if isinstance(c, Disable | Delete)]
    made = [i for i, c in enumerate(plan.changes) if isinstance(c, Create)]
    assert not gone or not made or max(made) < min(gone)


@given(PEOPLE, st.randoms())
def test_the_order_of_the_input_does_not_matter(ids: set[str], random: object) -> None:
    one, other = town_of(ids), town_of(ids)
    random.shuffle(other.users)  # type: ignore[attr-defined]  # hypothesis gives a Random
    random.shuffle(other.enrollments)
    assert World().plan(one)[0].digest == World().plan(other)[0].digest


@given(PEOPLE, st.sampled_from(IDS))
def test_one_person_in_doubt_blocks_nobody_else(ids: set[str], bad: str) -> None:
    world = World()
    town = town_of(ids | {bad})
    town.enrollments = [e for e in town.enrollments if e["user"] != bad] + [place(bad, NORTH, "no such class")]
    world.run(town)
    assert world.active() == ids - {bad}
    world.run(town_of(ids | {bad}))
    assert world.active() == ids | {bad}


@given(PEOPLE, st.floats(min_value=0, max_value=0.5))
def test_an_emptied_or_halved_roster_never_takes_half_the_accounts(ids: set[str], kept: float) -> None:
    world = World(policy=Policy(nights=1))
    full = set(IDS)
    world.run(town_of(full))
    left = set(sorted(full)[: int(len(full) * kept)])
    for night in range(5):
        _, verdict = world.run(town_of(left))
        assert bool(verdict.holds) is (night > 0), "in the first night it is no proof, and then it is held"
        assert len(world.active()) == len(full)


class SchoolYear(RuleBasedStateMachine):
    """Joins, leaves, moves, protection, nights that pass, yesterday's journal, runs that are cut short."""

    @initialize()
    def begin(self) -> None:
        self.world = World(policy=Policy(nights=2, retention_days=5))
        self.here: dict[str, str] = dict.fromkeys(IDS[:14], NORTH)
        self.protected: set[str] = set()
        self.names: dict[str, str] = {}
        self.world.run(self._town())
        self.ledger_before = dict(self.world.ledger)

    def _town(self) -> Town:
        town = town_of(set(self.here), {p for p, org in self.here.items() if org == SOUTH})
        town.care = [{"sourced_id": p, "protected": "1"} for p in sorted(self.protected)]
        return town

    @rule(who=st.sampled_from(IDS))
    def join(self, who: str) -> None:
        self.here.setdefault(who, NORTH)

    @precondition(lambda self: len(self.here) > 2)
    @rule(who=st.sampled_from(IDS))
    def leave(self, who: str) -> None:
        self.here.pop(who, None)

    @rule(who=st.sampled_from(IDS))
    def move(self, who: str) -> None:
        if who in self.here:
            self.here[who] = SOUTH if self.here[who] == NORTH else NORTH

    @rule(who=st.sampled_from(IDS))
    def protect(self, who: str) -> None:
        self.protected ^= {who}

    @rule()
    def night(self) -> None:
        self.ledger_before = dict(self.world.ledger)
        self.world.run(self._town())
        self._everybody_is_served()

    @rule(upto=st.integers(min_value=0, max_value=5))
    def cut_short(self, upto: int) -> None:
        self.world.run(self._town(), upto=upto)

    @rule()
    def restore_the_journal_of_the_night_before(self) -> None:
        self.world.ledger = dict(self.ledger_before)
        self.world.run(self._town(), forget=True)
        self.ledger_before = dict(self.world.ledger)
        self._everybody_is_served()

    def _everybody_is_served(self) -> None:
        assert set(self.here) - self.protected <= self.world.active()
        assert not self.protected & {k.sourced_id for k in self.world.records if k.kind is Kind.ACCOUNT}

    @invariant()
    def nobody_active_was_deleted_and_no_name_has_two_owners(self) -> None:
        assert self.world.deleted_while_active == []
        for key, record in self.world.records.items():
            if key.kind is Kind.ACCOUNT:
                assert self.names.setdefault(str(record.fields["uid"]), key.sourced_id) == key.sourced_id


TestSchoolYear = SchoolYear.TestCase
TestSchoolYear.settings = settings(max_examples=25, stateful_step_count=25, deadline=None)


def test_the_pupils_of_a_town_are_created_once() -> None:
    world = World()
    plan, _ = world.run(town_of(set(IDS)))
    assert kinds(plan)["Create"] == 3 + len(IDS)
    assert Key(Kind.ACCOUNT, "p0") in world.records
