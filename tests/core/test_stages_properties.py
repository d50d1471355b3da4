"""Whatever is planned and however far it has been let in: nobody is worse off than by the whole plan or by none."""

from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass, field, replace
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from provision.core.guard import Budget, guard
from provision.core.losses import Losses
from provision.core.plan import Change, Create, Delete, Disable, Plan, Rekey, Update, Withdraw, stage
from provision.core.policy import DEFAULT_BUDGETS
from provision.core.references import references, relinked
from provision.core.stages import Freeze, Stage, Stages, permitted
from provision.core.state import Key, Kind, Member, Record
from provision.core.traits import Traits
from tests.town import DAY, NIGHT, NORTH, SOUTH

TRAITS = Traits(fields=frozenset({"cn", "schools", "course"}), membership=frozenset({"schools"}))
ORGS = st.sampled_from([frozenset({NORTH}), frozenset({SOUTH}), frozenset({NORTH, SOUTH})])
NAMES = [f"p{number}" for number in range(5)]
COURSES = ["math", "art"]
WHAT = ["stays", "stays", "stays", "changes", "comes", "comes", "goes", "withdrawn", "renamed"]
_ONE_OR_TWO = st.frozensets(st.sampled_from(["6A", "6B", "6C", "6D"]), min_size=1, max_size=2)


def course(name: str) -> Record:
    return Record(Key(Kind.COURSE, name), {"cn": name})


@dataclass(slots=True)
class Night:
    """What a target holds before, and what is planned."""

    there: dict[Key, Record] = field(default_factory=dict)
    changes: list[Change] = field(default_factory=list)
    names: dict[Key, Key] = field(default_factory=dict)  # by the id that an account has now, that of the plan

    def plan(self) -> Plan:
        orgs = {(org, role): len(NAMES) for org in (NORTH, SOUTH) for role in ("", "student")}
        return Plan("lms", tuple(sorted(self.changes, key=stage)), existing=orgs)

    def after(self, changes: Iterable[Change]) -> dict[Key, Record]:
        """As a target would be: who goes, or has another id by now, does so in every class."""
        held = dict(self.there)
        for change in changes:
            match change:
                case Create(after=record) | Update(after=record):
                    held[record.key] = record
                case Delete() | Withdraw():
                    del held[change.key]
                    held = {k: relinked(r, {}, {change.key}) for k, r in held.items()}
                case Disable(after=record):
                    held[record.key] = record
                    held = {k: relinked(r, {}, {change.key}) for k, r in held.items()}
                case Rekey(previous=Key() as old):
                    renamed = {old: change.key}
                    held[change.key] = replace(held.pop(old), key=change.key)
                    held = {k: relinked(r, renamed) for k, r in held.items()}
        return held

    def classes_of(self, held: dict[Key, Record]) -> dict[Key, int]:
        """By the plan's id, in how many classes somebody is."""
        found: dict[Key, int] = {}
        for record in held.values():
            for member in record.members:
                who = self.names.get(member.account, member.account)
                found[who] = found.get(who, 0) + 1
        return found


@st.composite
def nights(draw: st.DrawFn) -> Night:
    night = Night()
    courses, people = _courses(draw, night), _accounts(draw, night)
    _classes(draw, night, courses, people)
    return night


def _courses(draw: st.DrawFn, night: Night) -> list[Key]:
    """Those that classes may name afterwards."""
    for name in COURSES:
        record, orgs = course(name), draw(ORGS)
        if draw(st.booleans()):
            night.there[record.key] = record
        else:
            night.changes.append(Create(record, orgs, "", "new"))
    return [course(name).key for name in COURSES]


def _accounts(draw: st.DrawFn, night: Night) -> dict[str, list[Key]]:
    """Who may be in a class before, and after, both under the ids that the plan gives them."""
    found: dict[str, list[Key]] = {"before": [], "after": []}
    for name in NAMES:
        record = Record(Key(Kind.ACCOUNT, name), {"cn": name})
        orgs, what = draw(ORGS), draw(st.sampled_from(WHAT))
        found["before"] += [record.key] if what not in ("comes", "withdrawn") else []
        found["after"] += [record.key] if what not in ("goes", "withdrawn") else []
        if what == "renamed":
            old = Key(Kind.ACCOUNT, f"old-{name}")
            night.there[old], night.names[old] = replace(record, key=old), record.key
            night.changes.append(Rekey(record.key, "", old, orgs, "student", "a new id"))
        elif what != "comes":
            night.there[record.key] = record
        night.changes += {
            "changes": [Update(record, replace(record, fields={"cn": "other"}), orgs, "student", "changed")],
            "comes": [Create(record, orgs, "student", "new")],
            "goes": [Disable(record, replace(record, active=False), orgs, "student", "gone")],
            "withdrawn": [Withdraw(record, orgs, "student", "out")],
        }.get(what, [])
    return found


def _classes(draw: st.DrawFn, night: Night, courses: list[Key], people: dict[str, list[Key]]) -> None:
    """Everybody is in a class or two before, and in a class or two after."""
    names = {name: draw(st.sampled_from(["stays", "stays", "comes", "ends"])) for name in ("6A", "6B", "6C", "6D")}
    former = {new: old for old, new in night.names.items()}
    leaving = {c.key for c in night.changes if isinstance(c, Disable)}
    places = {
        when: {who: draw(_ONE_OR_TWO) & {n for n, what in names.items() if what != other} for who in people[when]}
        for when, other in (("before", "comes"), ("after", "ends"))
    }
    there = [each for each in courses if each in night.there]
    for name, what in names.items():
        orgs = frozenset({NORTH if name in ("6A", "6B") else SOUTH})
        was, will_be = (_members(places[when], name) for when in ("before", "after"))
        will_be |= {member for member in was if member.account in leaving}  # until their own change comes
        before = Record(Key(Kind.GROUP, name), {"course": draw(st.sampled_from(there))} if there else {}, was)
        after = Record(before.key, {"course": draw(st.sampled_from(courses))}, will_be)
        if what != "comes":
            night.there[before.key] = relinked(before, former)
        changed = {
            "comes": Create(after, orgs, "", "new"),
            "ends": Delete(before, orgs, "", "over"),
            "stays": Update(before, after, orgs, "", "changed"),
        }
        night.changes.append(changed[what])
    named = {
        each for change in night.changes if isinstance(change, Create | Update) for each in references(change.after)
    }
    unused = [night.there[each] for each in courses if each in night.there and each not in named]
    night.changes += [Delete(record, draw(ORGS), "", "unused") for record in unused]


def _members(places: Mapping[Key, Set[str]], name: str) -> frozenset[Member]:
    return frozenset(Member(who, "student") for who, classes in places.items() if name in classes)


FREEZES = st.builds(
    lambda begin, schools: Freeze(DAY + timedelta(days=begin), DAY + timedelta(days=begin + 1), schools),
    st.integers(-2, 1),
    st.sampled_from([frozenset(), frozenset({NORTH}), frozenset({SOUTH})]),
)
LIMITS = st.builds(
    Stages,
    targets=st.sampled_from([Stage.FULL] * 5 + [Stage.ADD_ONLY, Stage.SHADOW]).map(lambda stage: {"lms": stage}),
    schools=st.dictionaries(st.sampled_from([NORTH, SOUTH]), st.sampled_from(list(Stage)), max_size=1),
    freezes=st.lists(FREEZES, max_size=1).map(tuple),
)
STRICT, LOOSE = (dict.fromkeys(DEFAULT_BUDGETS, Budget(share=share, least=9)) for share in (0.0, 1.0))
BUDGETS = st.sampled_from([LOOSE, LOOSE, STRICT])


def carried_out(plan: Plan, stages: Stages, budgets: dict[str, Budget]) -> list[Change]:
    """As a run does it."""
    allowed = guard(plan, budgets, TRAITS, (), NIGHT).allowed
    return [part for part in permitted(allowed, Losses(plan, TRAITS), stages, DAY) if part]


@given(nights(), LIMITS, BUDGETS)
def test_nobody_who_keeps_the_account_has_fewer_classes_than_without_or_after_the_whole_plan(
    night: Night, stages: Stages, budgets: dict[str, Budget]
) -> None:
    plan = night.plan()
    going = carried_out(plan, stages, budgets)
    before, whole, left = (night.classes_of(night.after(each)) for each in ((), plan.changes, going))
    gone = {change.key for change in going if isinstance(change, Disable | Withdraw)}
    for who in before.keys() - gone:
        assert left.get(who, 0) >= min(before[who], whole.get(who, 0)), who


@given(nights(), LIMITS, BUDGETS)
@settings(max_examples=200)
def test_what_is_carried_out_names_nothing_that_is_not_there(
    night: Night, stages: Stages, budgets: dict[str, Budget]
) -> None:
    held = night.after(carried_out(night.plan(), stages, budgets))
    for record in held.values():
        assert set(references(record)) <= held.keys(), record.key


@given(nights(), LIMITS, BUDGETS)
def test_where_only_is_added_or_nothing_written_nobody_leaves_any_class(
    night: Night, stages: Stages, budgets: dict[str, Budget]
) -> None:
    closed = replace(stages, targets={"lms": Stage.ADD_ONLY})
    going = carried_out(night.plan(), closed, budgets)
    before, left = (night.classes_of(night.after(each)) for each in ((), going))
    gone = {change.key for change in going if isinstance(change, Withdraw)}
    assert all(left.get(who, 0) >= count for who, count in before.items() if who not in gone)
    assert carried_out(night.plan(), replace(stages, targets={"lms": Stage.SHADOW}), budgets) == []


@given(nights(), LIMITS, BUDGETS)
def test_withdrawals_go_wherever_anything_is_written_and_without_limits_so_does_everything_allowed(
    night: Night, stages: Stages, budgets: dict[str, Budget]
) -> None:
    plan = night.plan()
    out = [change for change in plan.changes if isinstance(change, Withdraw)]
    if stages.writes("lms"):
        assert [c for c in carried_out(plan, stages, budgets) if isinstance(c, Withdraw)] == out
    free = {change.key: change for change in carried_out(plan, Stages(), budgets)}
    for change in guard(plan, budgets, TRAITS, (), NIGHT).allowed:
        assert change.key in free or isinstance(change, Update)
