"""Published figures for the whole country, each with its year and source."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Final

from provision.core.language import Language
from provision.reports.coverage.report import National

NB, NN, EN = Language
_PRIMARY: Final = {NB: "grunnskolen", NN: "grunnskulen", EN: "primary and lower secondary"}
_LARGEST: Final = {
    NB: "de 100 største kommunene",
    NN: "dei 100 største kommunane",
    EN: "the 100 largest municipalities",
}
_PUBLIC: Final = {
    NB: "offentlige grunnskoler (9 av 10)",
    NN: "offentlege grunnskular (9 av 10)",
    EN: "public primary and lower secondary (9 of 10)",
}
_OLD: Final = "Utdanningsdirektoratet, PC-dekning i grunnopplæringen, 2005"

# An older figure compares with nothing.
_MANY_YEARS: Final = 10

NATIONAL: Final = (
    National("pupils_per_device", Decimal("7.8"), 2003, _PRIMARY, _OLD),
    National("pupils_per_device", Decimal("6.5"), 2004, _PRIMARY, _OLD),
    National(
        "share_with_own",
        Decimal(81),
        2021,
        _LARGEST,
        "Universitetet i Oslo (FIKS), Digital dekning i Norges 100 største kommuner",
    ),
    National(
        "share_with_own", Decimal(90), 2023, _PUBLIC, "Utdanningsdirektoratet, Den digitale tilstanden i skolen, 2024"
    ),
)


def of_the_time(day: date, figures: Iterable[National] = NATIONAL) -> tuple[National, ...]:
    """For each figure the latest that is of no later year, and of no more than ten years before."""
    found: dict[str, National] = {}
    for each in sorted(figures, key=lambda national: national.year):
        if day.year - _MANY_YEARS <= each.year <= day.year:
            found[each.key] = each
    return tuple(found.values())
