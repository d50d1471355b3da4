"""The pages' texts in three languages: the catalogues, and which of them somebody reads."""

from collections.abc import Mapping
from functools import cache
from gettext import NullTranslations
from importlib.resources import files
from io import BytesIO, StringIO
from typing import Final

from babel.core import negotiate_locale
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import Translations

from provision.core.language import Language

# What browsers ask for, and what we have for it; both written forms are Norwegian.
_SPOKEN: Final = {"nb": Language.NB, "no": Language.NB, "nn": Language.NN, "en": Language.EN}
NAMES: Final = {Language.NB: "Bokmål", Language.NN: "Nynorsk", Language.EN: "English"}


def N_(text: str) -> str:  # noqa: N802 - the name by which catalogues know a text that is translated elsewhere
    return text


@cache
def catalogue(language: Language) -> NullTranslations:
    """The texts stand in English in the code; the other two are read from their catalogues."""
    if language is Language.EN:
        return NullTranslations()
    path = files("provision.web").joinpath("locale", language.value, "LC_MESSAGES", "web.po")
    compiled = BytesIO()
    write_mo(compiled, read_po(StringIO(path.read_text(encoding="utf-8")), locale=language.value))
    compiled.seek(0)
    return Translations(compiled)


def chosen(cookie: str, accepted: str, otherwise: Language) -> Language:
    """By the reader's own choice, else by what the browser asks for, else as the site writes."""
    if cookie in _SPOKEN:
        return _SPOKEN[cookie]
    found = negotiate_locale(_preferred(accepted), [*_SPOKEN], sep="-")
    return _SPOKEN.get(found or "", otherwise)


def _preferred(accepted: str) -> list[str]:
    """The languages of an Accept-Language header, the dearest first."""
    weighed = (each.strip().partition(";") for each in accepted.lower().split(","))
    ranked = sorted(((_weight(weight), name.strip()) for name, _, weight in weighed if name), key=lambda each: -each[0])
    return [name for weight, name in ranked if weight > 0]


def _weight(text: str) -> float:
    """Of "q=0.8"; nothing said counts as 1, nonsense as nothing."""
    if not text.strip():
        return 1.0
    try:
        return float(text.strip().removeprefix("q="))
    except ValueError:
        return 0.0


def spoken() -> Mapping[str, str]:
    return {language.value: name for language, name in NAMES.items()}
