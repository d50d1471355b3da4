"""A cooperation's figures are those of its municipalities, as each counted them last."""

from datetime import date, timedelta
from decimal import Decimal

from provision.core.cooperation import together
from provision.core.counted import Counted
from provision.core.devices import DeviceKind
from provision.core.figures import DEFINITIONS, Coverage, Figures, Group, Level
from tests.town import DAY


def coverage(name: str, pupils: int, pool: int, *, named: bool = True, definitions: int = DEFINITIONS) -> Coverage:
    whole = Figures(
        Group(Level.MUNICIPALITY, "", name),
        pupils,
        {Counted.POOL: pool},
        without=pupils,
        kinds={DeviceKind.LAPTOP: pool},
        ends={2026: pool},
        named=named,
    )
    school = Figures(Group(Level.SCHOOL, "974588145", "Sodin"), pupils)
    return Coverage(DAY, definitions, (whole, school))


def test_municipalities_add_up_and_stand_below_the_cooperation_by_their_sites() -> None:
    found = together("Orkidé", DAY, {"smola": coverage("Smøla", 40, 20), "hemne": coverage("Hemne", 60, 5)})
    whole, *parts = found.figures
    assert whole.group == Group(Level.COOPERATION, "", "Orkidé")
    assert [(each.group.org, each.group.name, each.pupils) for each in parts] == [
        ("hemne", "Hemne", 60),
        ("smola", "Smøla", 40),
    ]
    assert (whole.pupils, whole.devices, whole.pupils_per_device) == (100, 25, Decimal("4.0"))
    assert (whole.kinds, whole.ends) == ({DeviceKind.LAPTOP: 25}, {2026: 25})


def test_one_that_does_not_know_who_has_a_machine_makes_the_share_unknown() -> None:
    found = together("Orkidé", DAY, {"a": coverage("A", 40, 20), "b": coverage("B", 60, 5, named=False)})
    assert found.figures[0].share_with_own is None


def test_when_each_was_counted_is_told() -> None:
    late = coverage("Hemne", 60, 5)
    asked = DAY + timedelta(days=3)
    found = together("Orkidé", asked, {"hemne": late})
    assert found.day == asked
    assert [(each.name, each.as_of and each.as_of.date()) for each in found.stands_on] == [("Hemne", DAY)]


def test_other_definitions_make_no_sum_and_are_told() -> None:
    found = together(
        "Orkidé", date(2026, 11, 23), {"a": coverage("A", 40, 20), "b": coverage("B", 60, 5, definitions=99)}
    )
    assert [each.pupils for each in found.figures] == [40, 40]
    assert [each.source for each in found.issues] == ["b"]
    assert found.stands_on[0].name == "A"
