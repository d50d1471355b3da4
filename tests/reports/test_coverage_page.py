"""The page of a school and of a municipality: the answer first, the same numbers in chart and table, and small."""

import re
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from lxml import html

from provision.core.figures import Coverage, Figures, Level, Link
from provision.core.language import Language
from provision.reports.coverage import answer
from provision.reports.coverage.charts import thinned, trend
from provision.reports.coverage.compared import median
from provision.reports.coverage.page import page
from provision.reports.coverage.report import Report, Target
from tests.reports import coverages
from tests.reports.coverages import DAY, SODIN, TOWN, VINJEORA, any_report, grade, hemne, report, school

NB, NN, EN = Language


def of(name: str, told: Report) -> Figures:
    return next(each for each in told.coverage.figures if each.group.name == name)


def first_sentence(figures: Figures, language: Language = NB) -> str:
    return answer.answer(report(Coverage(DAY, 1, (figures,)), language), figures)


@pytest.mark.parametrize(
    ("name", "ratio", "at_once"),
    [("Sodin skole", "14,7", "14,7"), ("Vinjeøra skole", "2,6", "8,5"), ("Svanem skole", "2,8", "7,3")],
)
def test_hemne_comes_out_as_it_was_published(name: str, ratio: str, at_once: str) -> None:
    """But for Svanem: the printed 3.2 is Vinjeøra's 51 pupils over Svanem's 16 machines; its own 44 make 2.75."""
    told = report(hemne())
    tree = html.fromstring(page(told, hemne().figures[0]))
    (row,) = (each for each in tree.iter("tr") if each.findtext("th") == name)
    cells = [cell.text for cell in row.iter("td")]
    assert (cells[2], cells[4]) == (ratio, at_once)


def test_the_answer_comes_first() -> None:
    told = report(hemne())
    tree = html.fromstring(page(told, of("Sodin skole", told)))
    (said,) = tree.find_class("answer")
    assert (
        said.text == "Sodin skole mangler 508 enheter for full dekning: 508 av 545 elever har ingen enhet for seg selv."
    )


@pytest.mark.parametrize(
    ("pupils", "devices", "language", "said"),
    [
        (30, 30, NB, "Åsen har full dekning: hver av de 30 elever har en enhet for seg selv."),
        (6, 5, NN, "Åsen manglar 1 eining for full dekning: 1 av 6 elevar har inga eining for seg sjølv."),
        (1200, 0, NB, "Åsen har ingen enheter til 1\xa0200 elever."),
        (1200, 0, EN, "Åsen has no devices for 1,200 pupils."),
        (0, 1, EN, "Åsen has no pupils on this day, and 1 device."),
        (0, 0, NB, "Åsen har ingen elever denne dagen, og 0 enheter."),
        (4, 4, NB, "Tallene for Åsen vises ikke, fordi enkeltelever kunne bli gjenkjent."),
    ],
)
def test_each_case_has_its_sentence(pupils: int, devices: int, language: Language, said: str) -> None:
    assert first_sentence(school(SODIN, "Åsen", pupils, devices), language) == said


def test_what_the_line_carries_is_said_beside_what_there_is() -> None:
    told = report(hemne())
    assert answer.at_once(told, of("Vinjeøra skole", told)) == [
        "Linjen på 128\xa0kbit/s bærer 6 av 20 enheter samtidig når hver trenger 20\xa0kbit/s.",
        "Da er det 8,5 elever per enhet i bruk.",
    ]
    assert answer.at_once(told, of("Sodin skole", told)) == ["Linjen på 2\xa0Mbit/s bærer alle 37 enheter samtidig."]
    assert answer.at_once(told, hemne().figures[0]) == [
        "Ved 2 skoler bærer linjen færre enheter enn det er: Svanem skole, Vinjeøra skole."
    ]


def test_a_line_that_carries_none_makes_no_ratio() -> None:
    figures = school(SODIN, "Åsen", 30, 10, Link(10, 20))
    assert len(answer.at_once(report(Coverage(DAY, 1, (figures,))), figures)) == 1


def test_the_school_that_is_worst_off_is_named_beside_the_mean() -> None:
    assert answer.spread(report(hemne())) == (
        "Skolene har fra 0,07 til 0,39 enheter per elev. Færrest har Sodin skole: 14,7 elever per enhet."
    )


def test_better_is_said_only_of_days_that_were_counted_in_the_same_way() -> None:
    told = report(hemne())
    points = told.trend(of("Sodin skole", told).group)
    assert answer.development(told, points).startswith("Dekningen er bedre enn 06.10.2002: 0,07 enheter per elev mot ")
    anew = [*points[:-1], replace(points[-1], definitions=2)]
    assert answer.development(told, anew).startswith("Det finnes ingen tidligere tall")
    assert answer.development(told, [points[-1], points[-1]]).startswith("Dekningen er som")
    assert answer.development(told, [points[-1], replace(points[0], day=date(2003, 10, 2), definitions=1)]).startswith(
        "Dekningen er dårligere"
    )


def test_the_target_counts_its_own_grades_only() -> None:
    figures = (school(SODIN, "Åsen", 40, 20), grade(SODIN, 4, 20, 0), grade(SODIN, 5, 20, 17))
    told = report(Coverage(DAY, 1, figures), target=Target(1, "5"))
    assert answer.target(told, SODIN) == [
        "Målet er én enhet per elev fra 5.\xa0trinn og oppover.",
        "Det mangler 3 enheter.",
    ]
    shared = replace(told, target=Target(3, "4"))
    assert answer.target(shared, SODIN)[1] == "Det mangler 7 enheter."


def test_the_definitions_anew_break_the_line_of_the_trend() -> None:
    told = report(hemne())
    drawn = trend(thinned(told.trend(TOWN)), None)
    assert drawn is not None
    assert (len(drawn.lines), len(drawn.breaks)) == (2, 1)


def test_a_long_trend_is_thinned_and_keeps_its_ends() -> None:
    points = [each for n in range(60) for each in coverages.trend(hemne().figures[0], date(2003 + n, 1, 1))]
    kept = thinned(points)
    assert len(kept) < len(points)
    assert (kept[0], kept[-1]) == (points[0], points[-1])


def test_a_masked_group_has_no_number_on_any_page_and_no_trend() -> None:
    told = report(hemne(), target=Target(1, "1"))
    tree = html.fromstring(page(told, of("Vinjeøra skole", told)))
    hidden = [row for row in tree.iter("tr") if row.findtext("th") in ("1.\xa0trinn", "7.\xa0trinn")]
    assert [{cell.text for cell in row.iter("td")} for row in hidden] == [{"skjult"}, {"skjult"}]
    tiny = school(VINJEORA, "Vesle skule", 3, 2)
    alone = page(report(Coverage(DAY, 1, (tiny,)), NN), tiny)
    assert "Tala for Vesle skule er ikkje viste" in alone
    assert "polyline" not in alone
    assert "Einingar per elev</dt><dd>" not in alone


def test_the_middle_is_half_up() -> None:
    assert str(median([2, 1])) == "2"
    assert median([]) is None


@given(any_report())
def test_every_page_is_whole_small_and_has_the_numbers_of_its_charts_in_tables(told: Report) -> None:
    for figures in told.coverage.figures:
        if figures.group.level in (Level.GRADE, Level.CLASS):
            continue
        text = page(told, figures)
        assert len(text.encode()) < 100_000
        assert not re.search(
            r"""(src|href|url)\s*[=(]|<script|@import""", re.sub("&[^;]*;", "", re.sub(r">[^<]*<", "><", text))
        )
        tree = html.fromstring(text)
        assert tree.get("lang") == told.language
        cells = {cell.text for cell in tree.iter("td")}
        for chart in tree.iter("svg"):
            assert (chart.get("role"), len(chart.findall("title")), len(chart.findall("desc"))) == ("img", 1, 1)
            if chart.get("aria-labelledby", "").startswith("bars"):
                assert {each.text for each in chart.iter("text") if each.get("text-anchor")} <= cells


def test_a_city_of_two_hundred_schools_fits_a_thin_line() -> None:
    schools = [school(f"9{n:08}", f"Charlottenlund barne- og ungdomsskole {n}", 300 + n, 2 * n) for n in range(200)]
    big = Coverage(DAY, 1, (hemne().figures[0], *schools))
    text = page(report(big), big.figures[0])
    assert len(text.encode()) < 100_000
    assert "Utskriften viser de 20 første av 200" in text
    assert all(f"ungdomsskole {n}</th>" in text for n in range(200))
