"""The page of a school and of a municipality: the answer first, the same numbers in chart and table, and small."""

import re
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from lxml import html

from provision.core.counted import Counted
from provision.core.devices import DeviceKind
from provision.core.figures import Coverage, Figures, Group, Level, Link
from provision.core.language import Language
from provision.core.planning import Target
from provision.core.rows_behind import OF_MACHINES, OF_PUPILS
from provision.core.trend import Point
from provision.reports.coverage import answer
from provision.reports.coverage.charts import thinned, trend
from provision.reports.coverage.compared import median
from provision.reports.coverage.page import page
from provision.reports.coverage.report import Report
from tests.reports import coverages
from tests.reports.coverages import (
    DAY,
    SODIN,
    SVANEM,
    TOWN,
    VINJEORA,
    a_large_school,
    a_town,
    any_report,
    cooperation,
    grade,
    hemne,
    report,
    school,
    unnamed,
)

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
    row = next(each for each in tree.iter("tr") if each.findtext("th") == name)
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
    told = report(hemne())
    assert answer.spread(told, hemne().figures[0]) == [
        "I snitt er det 0,11 enheter per elev.",
        "Skolene har fra 0,07 til 0,39 enheter per elev. Færrest har Sodin skole: 14,7 elever per enhet.",
    ]
    assert answer.spread(told, of("Sodin skole", told)) == []


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
    wanted = "Målet er én enhet per elev fra 5.\xa0trinn og oppover."
    assert answer.target(told, figures[0]) == [wanted, "Det mangler 3 enheter."]
    shared = replace(told, target=Target(3, "4"))
    assert answer.target(shared, figures[0])[1] == "Det mangler 7 enheter."


def test_the_target_takes_the_pool_first_and_tells_of_the_stock() -> None:
    whole = replace(school(SODIN, "Åsen", 40, 20), counted={Counted.OWN: 18, Counted.POOL: 2, Counted.STOCK: 9})
    figures = (whole, grade(SODIN, 4, 20, 1), grade(SODIN, 5, 20, 17))
    told = report(Coverage(DAY, 1, figures), NN, Target(1, "4"))
    assert answer.target(told, whole)[1:] == ["Det manglar 20 einingar.", "På lager er det 9 einingar."]


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


def test_machines_of_the_pool_count_for_those_who_have_none() -> None:
    """As the municipality has it: 545 pupils, 37 machines in the computer room, hence 508 to go."""
    sodin = unnamed(school(SODIN, "Sodin", 545, 0), pool=37)
    assert first_sentence(sodin) == "Sodin mangler 508 enheter for full dekning: 545 elever deler 37 enheter."
    named = replace(school(SODIN, "Sodin", 545, 40), counted={Counted.OWN: 40, Counted.POOL: 37})
    assert first_sentence(named) == (
        "Sodin mangler 468 enheter for full dekning: 505 av 545 elever har ingen egen enhet, og 37 enheter er felles."
    )
    enough = replace(named, counted={Counted.OWN: 40, Counted.POOL: 600})
    assert first_sentence(enough).startswith("Sodin har enheter nok til alle: 505 av 545 elever har ingen for seg selv")
    assert first_sentence(unnamed(sodin, pool=545)) == "Sodin har enheter nok til alle: 545 enheter til 545 elever."


def test_where_nobody_knows_who_has_which_machine_no_page_says_that_nobody_has_one() -> None:
    figures = (unnamed(school(SODIN, "Sodin", 545, 0), pool=37), unnamed(grade(SODIN, 5, 54, 0)))
    told = report(Coverage(DAY, 1, figures))
    text = page(told, figures[0])
    assert "Andel med egen enhet</dt><dd>ikke kjent</dd>" in text
    assert "Registrene sier ikke hvem som har hvilken enhet." in text
    assert "0\xa0%" not in text
    row = next(each for each in html.fromstring(text).iter("tr") if each.findtext("th") == "5.\xa0trinn")
    assert [cell.text for cell in row.iter("td")] == ["54"], "what is known of no grade has no column"


def test_figures_of_another_day_say_so_before_anything_else() -> None:
    told = replace(report(hemne()), failure="Intune: <b>503</b>")
    tree = html.fromstring(page(told, hemne().figures[0]))
    (first,) = tree.find_class("other")
    (second,) = tree.find_class("answer")
    assert first.text == "Obs: Dette er tall fra 01.10.2003. Nyere eller mer fullstendige tall kunne ikke lages."
    assert first.getnext() is second
    assert "503" not in tree.text_content(), "why is for those who can mend it"
    assert not html.fromstring(page(report(hemne()), hemne().figures[0])).find_class("other")


def test_each_page_says_how_to_see_the_rows_behind_a_number() -> None:
    told = report(hemne())
    codes = [[code.text for code in html.fromstring(page(told, each)).iter("code")] for each in hemne().figures[:2]]
    assert [each[0] for each in codes] == [
        "provision ratios --behind NØKKEL",
        f"provision ratios --behind NØKKEL --school {SODIN}",
    ]
    keys = {"pupils", "devices", "own", "loan", "pool"}
    assert all(keys <= {*each[1:]} <= {*OF_PUPILS, *OF_MACHINES} for each in codes)


def test_a_cooperation_is_told_of_by_its_municipalities() -> None:
    told = report(cooperation())
    text = page(told, told.coverage.figures[0])
    tree = html.fromstring(text)
    assert [row.findtext("th") for row in tree.iter("tr")].count("Hemne") == 1
    assert "Kommunene har fra 0,11 til 0,50 enheter per elev. Færrest har Hemne" in text
    assert "Median for kommunene" in text
    assert "Hemne: 640 elever, talt 01.10.2003." in text
    assert "aure er ikke med: der er det talt etter andre definisjoner." in text
    assert "--behind" not in text


def test_a_municipality_shows_its_grades_and_the_kinds_of_its_machines() -> None:
    whole = replace(hemne().figures[0], kinds={DeviceKind.LAPTOP: 70, DeviceKind.TABLET: 3})
    told = report(Coverage(DAY, 1, (whole, grade("", 5, 61, 20), grade("", 6, 63, 20))))
    rows = {
        row.findtext("th"): [cell.text for cell in row.iter("td")]
        for row in html.fromstring(page(told, whole)).iter("tr")
    }
    assert (rows["Bærbar PC"], rows["Nettbrett"]) == (["70"], ["3"])
    assert rows["5.\xa0trinn"] == ["61", "41", "20", "0", "33\xa0%"]


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


@pytest.mark.parametrize("target", [None, Target(1, "1")])
def test_five_years_of_days_sixty_schools_and_forty_classes_fit_a_thin_line(target: Target | None) -> None:
    town, large = a_town(60), a_large_school()
    for coverage in (town, large):
        told = report(coverage, target=target)
        whole = coverage.figures[0]
        days = [Point(coverage.day - timedelta(days=n), 1 + n // 400, whole) for n in range(5 * 366, -1, -1)]
        text = page(replace(told, trends={whole.group: days}), whole)
        assert len(text.encode()) < 100_000
        assert len(html.fromstring(text).findall(".//table[@class='days']//tbody/tr")) < 30


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


def test_a_day_on_which_a_school_was_small_is_in_no_trend_that_gives_it_away() -> None:
    """Two schools were shown every day but one, when the smaller had three pupils: all less the other were they."""
    sizes = {SODIN: (40, 3, 40), SVANEM: (30, 30, 30), VINJEORA: (60, 60, 60)}
    days = [DAY - timedelta(days=n) for n in (2, 1, 0)]
    groups = {org: Group(Level.SCHOOL, org, org) for org in sizes}
    trends = {
        groups[org]: [Point(day, 1, school(org, f"{org} {n}", sizes[org][n], 9)) for n, day in enumerate(days)]
        for org in sizes
    }
    trends[TOWN] = [
        Point(day, 1, coverages.figures(TOWN, sum(each[n] for each in sizes.values()), 27))
        for n, day in enumerate(days)
    ]
    told = Report(Coverage(DAY, 1, ()), "Hemne", NB, trends=trends)
    shown = {group.org: len(told.trend(group)) for group in trends}
    assert shown == {"": 3, SODIN: 2, SVANEM: 2, VINJEORA: 3}


def test_a_city_of_many_schools_fits_a_thin_line_and_says_where_the_others_are() -> None:
    schools = [school(f"9{n:08}", f"Charlottenlund barne- og ungdomsskole {n}", 300 + n, 2 * n) for n in range(400)]
    grades = [grade(each.group.org, g, 30, 4) for each in schools for g in range(1, 11)]
    big = Coverage(DAY, 1, (hemne().figures[0], *schools, *grades))
    text = page(report(big, target=Target(1, "1")), big.figures[0])
    assert len(text.encode()) < 100_000
    assert "Utskriften viser de 8 første av 400." in text
    assert "Her står de 100 første av 400; alle står i regnearket." in text
    there = [n for n in range(400) if f"ungdomsskole {n}</th>" in text]
    assert {*range(95)} <= {*there}, "those with the fewest come first"
    assert 100 <= len(there) <= 200, "in the table of schools, and in that of the plan"
