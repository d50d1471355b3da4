"""The audit trail on its page: found by person, run and day, a page at a time; and verified, whole or broken."""

import re
import time
from datetime import date, timedelta
from typing import Final

import pytest

from provision.audit_heads import file_of
from provision.core.language import Language
from provision.journal.journal import Journal
from provision.web.texts import catalogue
from tests.app.journals import execute
from tests.app.sites import Site
from tests.web.served import Person, Served, served

SECONDS: Final = 60


@pytest.fixture(scope="module")
def it(pages: Served) -> Person:
    return english(pages.named("it@hemne.kommune.no"))


def english(person: Person) -> Person:
    person.headers["Accept-Language"] = "en"
    return person


def numbers(text: str) -> list[int]:
    return [int(each) for each in re.findall(r'<td class="number">(\d+)</td>', text)]


def told(journal: Journal, person: str = "", run: str = "", since: date | None = None) -> list[int]:
    return [record.seq for record in journal.audit_records(person, run, since).records]


def checked(person: Person, heads: str = "") -> str:
    """What the page says once the chain has been read."""
    begun = person.send_form("/audit/verify", heads=heads)
    assert begun.status_code == 303, begun.text
    until = time.monotonic() + SECONDS
    while "hx-get" in (text := person.open(begun.headers["Location"]).text):
        assert f'hx-get="{begun.headers["Location"]}"' in text
        assert '<meta http-equiv="refresh"' in text, "without script"
        assert time.monotonic() < until
        time.sleep(0.05)
    return text


def test_the_page_begins_with_the_latest_records_and_goes_back_a_page_at_a_time(it: Person, pages: Served) -> None:
    journal, seen = pages.site.journal, list[int]()
    text = it.open("/audit").text
    while 'name="before"' in text:
        seen += numbers(text)
        assert len(numbers(text)) == 50
        text = it.send_form("/audit", before=str(seen[-1])).text
    seen += numbers(text)
    assert seen == sorted(seen, reverse=True)
    assert seen[-1] == 1
    assert set(seen) <= set(told(journal))


def test_a_run_is_found_by_its_id_also_from_its_own_page(it: Person, pages: Served) -> None:
    journal = pages.site.journal
    run = journal.runs(1)[0].id
    expected = told(journal, run=run)[::-1][:50]
    assert numbers(it.open(f"/audit?run={run}").text) == expected
    assert numbers(it.send_form("/audit", run=run).text) == expected
    assert it.open("/audit?run=none").text.count('class="number">') == 0


def test_a_person_is_found_by_id_in_whatever_case_and_never_by_a_part_of_it(it: Person, pages: Served) -> None:
    journal = pages.site.journal
    person = next(each.id for each in pages.site.roll().people.values() if told(journal, each.id))
    expected = told(journal, person)[::-1]
    assert numbers(it.send_form("/audit", person=f" {person.upper()} ").text) == expected
    assert numbers(it.send_form("/audit", person=person[:-1]).text) == []
    assert f"account:{person}" in it.send_form("/audit", person=person).text


def test_nothing_is_shown_of_before_a_day(it: Person, pages: Served) -> None:
    today = date.today()  # noqa: DTZ011  the records were made today, by the clock of this machine
    assert numbers(it.send_form("/audit", since=(today - timedelta(days=1)).isoformat()).text)
    assert "Nothing was found." in it.send_form("/audit", since=(today + timedelta(days=2)).isoformat()).text


@pytest.mark.parametrize(
    "terms", [{"since": "yesterday"}, {"before": "x"}, {"before": "-1"}, {"before": "9" * 10}, {"person": "p" * 101}]
)
def test_what_cannot_be_looked_for_is_refused(it: Person, terms: dict[str, str]) -> None:
    assert it.send_form("/audit", **terms).status_code == 400


def test_a_search_is_a_form_of_our_own_so_that_what_is_typed_stands_in_no_address(it: Person) -> None:
    text = it.open("/audit").text
    assert re.search(r'<form method="post" action="/audit">', text)
    assert it.send_form("/audit", origin="https://elsewhere.example", person="p1").status_code == 400
    assert it.send_form("/audit", csrf="", person="p1").status_code == 400


def test_what_is_typed_is_shown_as_it_is(it: Person) -> None:
    text = it.send_form("/audit", person='"><script>x</script>').text
    assert "<script>x" not in text
    assert "&#34;&gt;&lt;script&gt;x" in text


def test_the_record_of_a_run_says_who_began_it(it: Person, pages: Served) -> None:
    journal = pages.site.journal
    run = journal.runs(1)[0].id
    first = next(record for record in journal.audit_records(run=run).records if record.body)
    assert first.body is not None
    assert first.body["event"] == "begin"
    assert "@" in first.body["by"]


def test_a_chain_that_nobody_touched_is_whole(it: Person) -> None:
    text = checked(it)
    assert "The chain is whole." in text
    assert "shows only with an end that was kept elsewhere" in text


def test_an_end_that_is_typed_is_compared(it: Person, pages: Served) -> None:
    end = pages.site.journal.audit_head()
    assert "It agrees with 1 end" in checked(it, end)
    number = end.partition(":")[0]
    assert "kept elsewhere" in checked(it, f"{number}:{'0' * 64}")
    assert "The chain is broken:" in checked(it, f"99999:{'0' * 64}")


@pytest.mark.parametrize("heads", ["12", "x:y", f"1:{'g' * 64}", "--json", " ".join([f"1:{'a' * 64}"] * 21)])
def test_what_is_no_end_is_refused_before_anything_is_begun(it: Person, heads: str) -> None:
    assert it.send_form("/audit/verify", heads=heads).status_code == 400


def test_a_check_that_is_not_there_has_no_page(it: Person) -> None:
    assert it.open("/audit?check=nothing").status_code == 404


@pytest.mark.parametrize("language", Language)
def test_a_record_that_was_altered_is_told_with_its_number(own_site: Site, language: Language) -> None:
    execute(own_site.folder, "UPDATE audit SET body = body || ' ' WHERE seq = 20")
    with served([own_site.folder], now=None) as pages:
        person = pages.it()
        person.headers["Accept-Language"] = language.value
        text = checked(person)
    assert "audit record 20 is not as it was written" in text
    assert catalogue(language).gettext("The chain is broken:") in text


def test_what_was_cut_off_shows_with_the_ends_that_the_site_keeps(own_site: Site) -> None:
    own_site.append(".env", 'AUDIT_HEADS="heads.txt"')
    own_site.run(0)
    with served([own_site.folder], now=None) as pages:
        person, kept = english(pages.it()), file_of(pages.site.place)
        assert kept is not None
        assert "It agrees with 1 end" in checked(person)
        execute(own_site.folder, "DELETE FROM audit WHERE seq > 20")
        assert "were cut off" in checked(person)
        kept.write_text("nonsense\n", encoding="utf-8")
        assert "It could not be verified." in checked(person)


def test_what_was_erased_is_counted(own_site: Site) -> None:
    execute(own_site.folder, "UPDATE audit SET body = 'erased ' || hash WHERE seq IN (3, 4)")
    with served([own_site.folder], now=None) as pages:
        text = english(pages.it()).open("/audit").text
    assert "The content of 2 records was erased" in text
