"""A text in bokmål, nynorsk and English."""

from collections.abc import Mapping

from provision.core.language import Language

NB, NN, EN = Language
Text = Mapping[Language, str]


def in_each(nb: str, nn: str, en: str) -> Text:
    return {NB: nb, NN: nn, EN: en}
