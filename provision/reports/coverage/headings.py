"""Every heading and label of the reports in bokmål, nynorsk and English."""

from collections.abc import Mapping
from typing import Final

from provision.reports.coverage.texts import Text, in_each

HEADINGS: Final[Mapping[str, Text]] = {
    # Comparison.
    "median": in_each("Median for skolene", "Median for skulane", "Median of the schools"),
    "median_of_municipalities": in_each("Median for kommunene", "Median for kommunane", "Median of the municipalities"),
    "whole_town": in_each("Hele kommunen", "Heile kommunen", "The whole municipality"),
    "whole_cooperation": in_each("Hele samarbeidet", "Heile samarbeidet", "The whole cooperation"),
    "nation": in_each("Landet {year}, {of}", "Landet {year}, {of}", "Norway {year}, {of}"),
    "source": in_each("Kilde: {source}", "Kjelde: {source}", "Source: {source}"),
    # Headings.
    "key_figures": in_each("Nøkkeltall", "Nøkkeltal", "Key figures"),
    "at_once_heading": in_each("Brukbare samtidig", "Brukbare samstundes", "Usable at once"),
    "trend_heading": in_each("Utvikling", "Utvikling", "Trend"),
    "compared": in_each("Sammenligning", "Samanlikning", "Comparison"),
    "schools_heading": in_each("Skolene", "Skulane", "Schools"),
    "municipalities_heading": in_each("Kommunene", "Kommunane", "Municipalities"),
    "the_schools": in_each("Skolene", "Skulane", "The schools"),
    "the_municipalities": in_each("Kommunene", "Kommunane", "The municipalities"),
    "schools_order": in_each(
        "Færrest enheter per elev først", "Færrast einingar per elev først", "Fewest devices per pupil first"
    ),
    "grades_heading": in_each("Trinn", "Trinn", "Grades"),
    "classes_heading": in_each("Klasser", "Klassar", "Classes"),
    "kinds_heading": in_each("Alle enheter", "Alle einingar", "All devices"),
    "types_heading": in_each(
        "Enheter for elever etter type",
        "Einingar for elevar etter type",
        "Devices for pupils by type",
    ),
    "uncertain_heading": in_each("Hva er usikkert", "Kva er usikkert", "What is uncertain"),
    "definitions_heading": in_each(
        "Slik regner vi (definisjoner, versjon {version})",
        "Slik reknar vi (definisjonar, versjon {version})",
        "How we count (definitions, version {version})",
    ),
    "definitions_version": in_each(
        "Definisjoner, versjon {version}.",
        "Definisjonar, versjon {version}.",
        "Definitions, version {version}.",
    ),
    "sources_heading": in_each("Kilder og datoer", "Kjelder og datoar", "Sources and dates"),
    # Tables.
    "name_column": in_each("Navn", "Namn", "Name"),
    "level_column": in_each("Nivå", "Nivå", "Level"),
    "school_column": in_each("Skole", "Skule", "School"),
    "municipality_column": in_each("Kommune", "Kommune", "Municipality"),
    "grade_column": in_each("Trinn", "Trinn", "Grade"),
    "class_column": in_each("Klasse", "Klasse", "Class"),
    "kind_column": in_each("Brukes som", "Brukast som", "Counted as"),
    "type_column": in_each("Type", "Type", "Type"),
    "number_column": in_each("Antall", "Antal", "Number"),
    "day_column": in_each("Dag", "Dag", "Day"),
    "version_column": in_each("Versjon", "Versjon", "Version"),
    "figure_column": in_each("Tall", "Tal", "Figure"),
    "meaning_column": in_each("Betydning", "Tyding", "Meaning"),
    "municipality": in_each("Kommune", "Kommune", "Municipality"),
    "cooperation": in_each("Samarbeid", "Samarbeid", "Cooperation"),
    "school": in_each("Skole", "Skule", "School"),
    "grade_level": in_each("Trinn", "Trinn", "Grade"),
    "class_level": in_each("Klasse", "Klasse", "Class"),
    "figures_sheet": in_each("Tall", "Tal", "Figures"),
    "trend_sheet": in_each("Utvikling", "Utvikling", "Trend"),
    "definitions_sheet": in_each("Definisjoner", "Definisjonar", "Definitions"),
    "sources_sheet": in_each("Kilder", "Kjelder", "Sources"),
    # Charts.
    "bars_title": in_each("{figure} for hver: {what}", "{figure} for kvar: {what}", "{figure}, by: {what}"),
    "trend_title": in_each("Enheter per elev over tid", "Einingar per elev over tid", "Devices per pupil over time"),
    "same_numbers": in_each(
        "De samme tallene står i tabellen.", "Dei same tala står i tabellen.", "The same numbers are in the table."
    ),
    "chart_of_first": in_each(
        "Figuren viser de {number} første.", "Figuren viser dei {number} første.", "The chart shows the first {number}."
    ),
    "print_of_first": in_each(
        "Utskriften viser de {number} første av {all}; alle står på skjermen og i regnearket.",
        "Utskrifta viser dei {number} første av {all}; alle står på skjermen og i reknearket.",
        "The print shows the first {number} of {all}; all are on the screen and in the workbook.",
    ),
    "print_cut": in_each(
        "Utskriften viser de {number} første av {all}.",
        "Utskrifta viser dei {number} første av {all}.",
        "The print shows the first {number} of {all}.",
    ),
    "screen_of_first": in_each(
        "Her står de {number} første av {all}; alle står i regnearket.",
        "Her står dei {number} første av {all}; alle står i reknearket.",
        "These are the first {number} of {all}; all are in the workbook.",
    ),
}
