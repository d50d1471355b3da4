"""Every text is there in three languages, and says the same things."""

import string

import pytest

from provision.core import figures
from provision.core.language import Language
from provision.reports.coverage import definitions
from provision.reports.coverage.columns import COLUMNS
from provision.reports.coverage.definitions import DEFINITIONS, NAMES
from provision.reports.coverage.numbers import Unit, day_written, speed_written, written
from provision.reports.coverage.wording import NOUNS, TEXTS
from tests.reports.coverages import DAY

NB, NN, EN = Language


@pytest.mark.parametrize("key", TEXTS)
def test_a_text_has_the_same_places_in_each_language(key: str) -> None:
    places = {
        frozenset(name for _, name, _, _ in string.Formatter().parse(text) if name) for text in TEXTS[key].values()
    }
    assert TEXTS[key].keys() == {*Language}
    assert len(places) == 1


def test_every_figure_has_its_name_and_its_definition() -> None:
    keys = [column.key for column in COLUMNS]
    assert sorted(keys) == sorted(NAMES) == sorted(DEFINITIONS)
    for texts in (*NAMES.values(), *DEFINITIONS.values(), *NOUNS.values()):
        assert texts.keys() == {*Language}


def test_no_two_figures_have_the_same_name() -> None:
    for language in Language:
        assert len({texts[language] for texts in NAMES.values()}) == len(NAMES)


def test_the_definitions_are_those_by_which_figures_are_counted() -> None:
    assert definitions.VERSION == figures.DEFINITIONS


def test_numbers_days_and_speeds_are_written_as_people_there_write_them() -> None:
    assert [written(12345, each) for each in Language] == ["12\xa0345", "12\xa0345", "12,345"]
    assert [written(figures.ratio(51, 20) or 0, each) for each in Language] == ["2,6", "2,6", "2.6"]
    assert [written(92, each, Unit.PERCENT) for each in Language] == ["92\xa0%", "92\xa0%", "92%"]
    assert [day_written(DAY, each) for each in Language] == ["01.10.2003", "01.10.2003", "2003-10-01"]
    assert [speed_written(each, NB) for each in (128, 1500, 1024, 100_000)] == [
        "128\xa0kbit/s",
        "1,5\xa0Mbit/s",
        "1\xa0024\xa0kbit/s",
        "100\xa0Mbit/s",
    ]  # fmt: skip - as they stand side by side
