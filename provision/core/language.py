"""The languages in which schools are written to."""

from enum import StrEnum


class Language(StrEnum):
    """Bokmål, nynorsk, English."""

    NB = "nb"
    NN = "nn"
    EN = "en"
