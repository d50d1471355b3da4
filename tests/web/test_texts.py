"""The texts of the pages: every one in every language, and the language that somebody reads."""

import re
from importlib.resources import files
from pathlib import Path
from typing import Final

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.pofile import read_po

from provision.core.language import Language
from provision.web.texts import catalogue, chosen
from tests.web.served import Served

WEB: Final = Path(str(files("provision.web")))
METHODS: Final = [("templates/**.j2", "jinja2"), ("**.py", "python")]
TRANSLATED: Final = [Language.NB, Language.NN]


def in_the_code() -> set[str]:
    keywords = {**DEFAULT_KEYWORDS, "N_": None}
    found = extract_from_dir(WEB, METHODS, keywords=keywords)
    return {text if isinstance(text, str) else text[0] for _, _, text, *_ in found}


def written(language: Language) -> Catalog:
    with (WEB / "locale" / language.value / "LC_MESSAGES" / "web.po").open("rb") as fh:
        return read_po(fh, locale=language.value)


def strings(text: str | tuple[str, ...] | list[str]) -> list[str]:
    return [text] if isinstance(text, str) else list(text)


@pytest.mark.parametrize("language", TRANSLATED)
def test_every_text_is_translated_and_nothing_else(language: Language) -> None:
    translated = {strings(message.id)[0] for message in written(language) if message.id}
    assert len(translated) > 50
    assert sorted(in_the_code() - translated) == []
    assert sorted(translated - in_the_code()) == []


@pytest.mark.parametrize("language", TRANSLATED)
def test_no_text_is_missing_or_a_guess_or_without_its_values(language: Language) -> None:
    for message in (each for each in written(language) if each.id):
        assert not message.fuzzy, message.id
        expected = {frozenset(re.findall(r"%\(\w+\)s", text)) for text in strings(message.id)}
        given = {frozenset(re.findall(r"%\(\w+\)s", text)) for text in strings(message.string)}
        assert all(text.strip() for text in strings(message.string)), message.id
        assert given == expected, message.id


def test_texts_are_read_in_their_language() -> None:
    assert {language: catalogue(language).gettext("Schools") for language in Language} == {
        Language.NB: "Skoler",
        Language.NN: "Skular",
        Language.EN: "Schools",
    }


@pytest.mark.parametrize(
    ("cookie", "accepted", "expected"),
    [
        ("nn", "en", Language.NN),
        ("", "nn-NO,nn;q=0.9,nb;q=0.8", Language.NN),
        ("", "no,en;q=0.5", Language.NB),
        ("", "se, en;q=0.9, nb;q=0.95", Language.NB),
        ("", "en-GB", Language.EN),
        ("", "de, fr", Language.NN),
        ("", "", Language.NN),
        ("xx", "nb;q=0, ;;q=x,=", Language.NN),
    ],
)
def test_the_reader_chooses_then_the_browser_then_the_site(cookie: str, accepted: str, expected: Language) -> None:
    assert chosen(cookie, accepted, Language.NN) is expected


def test_a_chosen_language_stays(pages: Served) -> None:
    person = pages.named("it@hemne.kommune.no")
    assert '<html lang="nb">' in person.open("/").text
    assert person.send_form("/language", language="en", next="/sessions").headers["Location"] == "/sessions"
    assert '<html lang="en">' in person.open("/").text
    assert person.send_form("/language", language="xx").status_code == 400
