"""What the reports say, by key: sentences, headings and nouns; numbers come in already written."""

from collections.abc import Mapping
from typing import Final

from provision.core.language import Language
from provision.reports.coverage.caveats import CAVEATS
from provision.reports.coverage.headings import HEADINGS
from provision.reports.coverage.plans import PLANS
from provision.reports.coverage.sentences import SENTENCES
from provision.reports.coverage.texts import EN, NB, NN, Text

# What is counted in sentences: one, several.
NOUNS: Final[Mapping[str, Mapping[Language, tuple[str, str]]]] = {
    "device": {NB: ("enhet", "enheter"), NN: ("eining", "einingar"), EN: ("device", "devices")},
    "pupil": {NB: ("elev", "elever"), NN: ("elev", "elevar"), EN: ("pupil", "pupils")},
    "case": {NB: ("tilfelle", "tilfeller"), NN: ("tilfelle", "tilfelle"), EN: ("case", "cases")},
    "school": {NB: ("skole", "skoler"), NN: ("skule", "skular"), EN: ("school", "schools")},
}

TEXTS: Final[Mapping[str, Text]] = {**SENTENCES, **CAVEATS, **HEADINGS, **PLANS}


def said(key: str, language: Language, **values: str) -> str:
    return TEXTS[key][language].format(**values)
