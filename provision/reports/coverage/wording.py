"""Every sentence and heading of the reports in bokmål, nynorsk and English; numbers come in already written."""

from collections.abc import Mapping
from typing import Final

from provision.core.language import Language

NB, NN, EN = Language


def _in(nb: str, nn: str, en: str) -> Mapping[Language, str]:
    return {NB: nb, NN: nn, EN: en}


# What is counted in sentences: one, several.
NOUNS: Final[Mapping[str, Mapping[Language, tuple[str, str]]]] = {
    "device": {NB: ("enhet", "enheter"), NN: ("eining", "einingar"), EN: ("device", "devices")},
    "pupil": {NB: ("elev", "elever"), NN: ("elev", "elevar"), EN: ("pupil", "pupils")},
    "case": {NB: ("tilfelle", "tilfeller"), NN: ("tilfelle", "tilfelle"), EN: ("case", "cases")},
    "school": {NB: ("skole", "skoler"), NN: ("skule", "skular"), EN: ("school", "schools")},
}

TEXTS: Final[Mapping[str, Mapping[Language, str]]] = {
    "title": _in("Enheter per elev", "Einingar per elev", "Devices per pupil"),
    "counted": _in("Talt {day}", "Talt {day}", "Counted on {day}"),
    # The answer.
    "missing": _in(
        "{name} mangler {missing} for full dekning: {without} av {pupils} har ingen enhet for seg selv.",
        "{name} manglar {missing} for full dekning: {without} av {pupils} har inga eining for seg sjølv.",
        "{name} is missing {missing} for full coverage: {without} of {pupils} have no device to themselves.",
    ),
    "none_missing": _in(
        "{name} har full dekning: hver av de {pupils} har en enhet for seg selv.",
        "{name} har full dekning: kvar av dei {pupils} har ei eining for seg sjølv.",
        "{name} has full coverage: each of the {pupils} has a device to themselves.",
    ),
    "one_pupil_covered": _in(
        "{name} har full dekning: den ene eleven har en enhet for seg selv.",
        "{name} har full dekning: den eine eleven har ei eining for seg sjølv.",
        "{name} has full coverage: the one pupil has a device to themselves.",
    ),
    "no_pupils": _in(
        "{name} har ingen elever denne dagen, og {devices}.",
        "{name} har ingen elevar denne dagen, og {devices}.",
        "{name} has no pupils on this day, and {devices}.",
    ),
    "no_devices": _in(
        "{name} har ingen enheter til {pupils}.",
        "{name} har ingen einingar til {pupils}.",
        "{name} has no devices for {pupils}.",
    ),
    "hidden": _in(
        "Tallene for {name} vises ikke, fordi enkeltelever kunne bli gjenkjent.",
        "Tala for {name} er ikkje viste, fordi enkeltelevar kunne bli kjende att.",
        "The figures of {name} are not shown, since single pupils could be recognised.",
    ),
    # Usable at once.
    "line_carries": _in(
        "Linjen på {speed} bærer {carries} av {devices} samtidig når hver trenger {each}.",
        "Linja på {speed} ber {carries} av {devices} samstundes når kvar treng {each}.",
        "The line of {speed} carries {carries} of {devices} at one time where each needs {each}.",
    ),
    "then": _in(
        "Da er det {ratio} elever per enhet i bruk.",
        "Då er det {ratio} elevar per eining i bruk.",
        "That makes {ratio} pupils per device in use.",
    ),
    "line_enough": _in(
        "Linjen på {speed} bærer alle {devices} samtidig.",
        "Linja på {speed} ber alle {devices} samstundes.",
        "The line of {speed} carries all {devices} at one time.",
    ),
    "line_unknown": _in(
        "Skolens linje er ikke oppgitt. Om alle enhetene kan brukes samtidig, er derfor ikke kjent.",
        "Linja til skulen er ikkje oppgitt. Om alle einingane kan brukast samstundes, er difor ikkje kjent.",
        "The school's line is not known, hence not whether all devices can be used at one time.",
    ),
    "lines_short": _in(
        "Ved {schools} bærer linjen færre enheter enn det er: {names}.",
        "Ved {schools} ber linja færre einingar enn det er: {names}.",
        "At {schools} the line carries fewer devices than there are: {names}.",
    ),
    "lines_enough": _in(
        "Ingen skole med oppgitt linje har flere enheter enn linjen bærer.",
        "Ingen skule med oppgitt linje har fleire einingar enn linja ber.",
        "No school whose line is known has more devices than it carries.",
    ),
    "and_more": _in("og {number} til", "og {number} til", "and {number} more"),
    "lines_unknown": _in(
        "Ingen skoles linje er oppgitt. Om alle enhetene kan brukes samtidig, er derfor ikke kjent.",
        "Linja er ikkje oppgitt for nokon skule. Om alle einingane kan brukast samstundes, er difor ikkje kjent.",
        "No school's line is known, hence not whether all devices can be used at one time.",
    ),
    # Is it getting better?
    "better": _in(
        "Dekningen er bedre enn {day}: {now} enheter per elev mot {then}.",
        "Dekninga er betre enn {day}: {now} einingar per elev mot {then}.",
        "Coverage is better than on {day}: {now} devices per pupil against {then}.",
    ),
    "worse": _in(
        "Dekningen er dårligere enn {day}: {now} enheter per elev mot {then}.",
        "Dekninga er dårlegare enn {day}: {now} einingar per elev mot {then}.",
        "Coverage is worse than on {day}: {now} devices per pupil against {then}.",
    ),
    "same": _in(
        "Dekningen er som {day}: {now} enheter per elev.",
        "Dekninga er som {day}: {now} einingar per elev.",
        "Coverage is as on {day}: {now} devices per pupil.",
    ),
    "no_earlier": _in(
        "Det finnes ingen tidligere tall med samme definisjon å sammenligne med.",
        "Det finst ingen tidlegare tal med same definisjon å samanlikne med.",
        "There are no earlier figures by the same definitions to compare with.",
    ),
    "broken_trend": _in(
        "Loddrett strek: tallene ble definert på nytt. Før og etter kan ikke sammenlignes.",
        "Loddrett strek: tala blei definerte på nytt. Før og etter kan ikkje samanliknast.",
        "Upright line: the figures were defined anew. Before and after cannot be compared.",
    ),
    "target_line": _in(
        "Stiplet linje: målet, {target} enheter per elev.",
        "Stipla linje: målet, {target} einingar per elev.",
        "Dashed line: the target, {target} devices per pupil.",
    ),
    # The target.
    "target": _in(
        "Målet er {wanted} fra {grade} og oppover.",
        "Målet er {wanted} frå {grade} og oppover.",
        "The target is {wanted} from {grade} up.",
    ),
    "one_each": _in("én enhet per elev", "éi eining per elev", "one device per pupil"),
    "shared_by": _in("{number} elever per enhet", "{number} elevar per eining", "{number} pupils per device"),
    "grade": _in(
        "{number}.\N{NO-BREAK SPACE}trinn", "{number}.\N{NO-BREAK SPACE}trinn", "grade\N{NO-BREAK SPACE}{number}"
    ),
    "upper_grade": _in("{number}", "{number}", "{number}"),
    "no_grade": _in("uten trinn", "utan trinn", "no grade"),
    "no_class": _in("uten klasse", "utan klasse", "no class"),
    "target_missing": _in("Det mangler {devices}.", "Det manglar {devices}.", "It takes {devices} more."),
    "target_reached": _in("Det er nådd.", "Det er nådd.", "It is reached."),
    "target_unknown": _in(
        "Ingen av disse trinnene har tall som kan vises.",
        "Ingen av desse trinna har tal som kan visast.",
        "None of these grades has figures to show.",
    ),
    "target_partly": _in(
        "Trinn som ikke vises, er ikke regnet med.",
        "Trinn som ikkje er viste, er ikkje rekna med.",
        "Grades that are not shown are left out.",
    ),
    # Equal opportunities.
    "worst_off": _in(
        "Skolene har fra {least} til {most} enheter per elev. Færrest har {name}: {ratio} elever per enhet.",
        "Skulane har frå {least} til {most} einingar per elev. Færrast har {name}: {ratio} elevar per eining.",
        "The schools have from {least} to {most} devices per pupil. {name} has fewest: {ratio} pupils per device.",
    ),
    "worst_without": _in(
        "Skolene har fra {least} til {most} enheter per elev. {name} har ingen.",
        "Skulane har frå {least} til {most} einingar per elev. {name} har ingen.",
        "The schools have from {least} to {most} devices per pupil. {name} has none.",
    ),
    "alike": _in(
        "Alle skoler har like mange enheter per elev: {most}.",
        "Alle skular har like mange einingar per elev: {most}.",
        "All schools have the same number of devices per pupil: {most}.",
    ),
    # Can it be believed?
    "all_certain": _in(
        "Registrene gir ingen grunn til tvil: sted og bruker er kjent for alle enheter, og alle er sett nylig.",
        "Registera gir ingen grunn til tvil: stad og brukar er kjende for alle einingar, og alle er sette nyleg.",
        "The inventories give no reason to doubt: of every device place and user are known, and all were seen lately.",
    ),
    "unmatched": _in(
        "{devices} har ukjent sted eller bruker og er ikke regnet med.",
        "{devices} har ukjend stad eller brukar og er ikkje rekna med.",
        "{devices} of unknown place or user, not counted.",
    ),
    "stale": _in(
        "{devices} er ikke sett på lenge og er ikke regnet med.",
        "{devices} er ikkje sett på lenge og er ikkje rekna med.",
        "{devices} not seen for long, not counted.",
    ),
    "left": _in(
        "{devices} er hos noen som har sluttet, og er ikke regnet med.",
        "{devices} er hos nokon som har slutta, og er ikkje rekna med.",
        "{devices} with somebody who has left, not counted.",
    ),
    "issues": _in(
        "I {cases} i kommunen er det noe å rette i registrene, for eksempel motstridende opplysninger.",
        "I {cases} i kommunen er det noko å rette i registera, til dømes motstridande opplysningar.",
        "In {cases} in the municipality something in the inventories needs mending, such as what is at odds.",
    ),
    "as_of": _in("{inventory}: per {moment}.", "{inventory}: per {moment}.", "{inventory}: as of {moment}."),
    "as_of_unknown": _in(
        "{inventory}: sier ikke når innholdet gjaldt.",
        "{inventory}: seier ikkje når innhaldet galdt.",
        "{inventory}: does not say when its content was true.",
    ),
    "late": _in(
        "registeret svarte ikke, og det siste det sa, er brukt.",
        "registeret svarte ikkje, og det siste det sa, er brukt.",
        "the inventory did not answer; what it said last is used.",
    ),
    "masked_note": _in(
        "«{hidden}»: grupper på under {fewest} elever vises ikke, og heller ikke det de kunne regnes ut av.",
        "«{hidden}»: grupper på under {fewest} elevar er ikkje viste, og heller ikkje det dei kunne reknast ut av.",
        "“{hidden}”: groups of fewer than {fewest} pupils are not shown, nor what they could be worked out from.",
    ),
    "masked": _in("skjult", "skjult", "hidden"),
    # Comparison.
    "median": _in("Median for skolene", "Median for skulane", "Median of the schools"),
    "whole_town": _in("Hele kommunen", "Heile kommunen", "The whole municipality"),
    "nation": _in("Landet {year}, {of}", "Landet {year}, {of}", "Norway {year}, {of}"),
    "source": _in("Kilde: {source}", "Kjelde: {source}", "Source: {source}"),
    # Headings.
    "key_figures": _in("Nøkkeltall", "Nøkkeltal", "Key figures"),
    "at_once_heading": _in("Brukbare samtidig", "Brukbare samstundes", "Usable at once"),
    "trend_heading": _in("Utvikling", "Utvikling", "Trend"),
    "compared": _in("Sammenligning", "Samanlikning", "Comparison"),
    "schools_heading": _in("Skolene", "Skulane", "Schools"),
    "schools_order": _in(
        "Færrest enheter per elev først", "Færrast einingar per elev først", "Fewest devices per pupil first"
    ),
    "grades_heading": _in("Trinn", "Trinn", "Grades"),
    "classes_heading": _in("Klasser", "Klassar", "Classes"),
    "kinds_heading": _in("Alle enheter", "Alle einingar", "All devices"),
    "uncertain_heading": _in("Hva er usikkert", "Kva er usikkert", "What is uncertain"),
    "definitions_heading": _in(
        "Slik regner vi (definisjoner, versjon {version})",
        "Slik reknar vi (definisjonar, versjon {version})",
        "How we count (definitions, version {version})",
    ),
    "sources_heading": _in("Kilder og datoer", "Kjelder og datoar", "Sources and dates"),
    # Tables.
    "name_column": _in("Navn", "Namn", "Name"),
    "level_column": _in("Nivå", "Nivå", "Level"),
    "school_column": _in("Skole", "Skule", "School"),
    "grade_column": _in("Trinn", "Trinn", "Grade"),
    "class_column": _in("Klasse", "Klasse", "Class"),
    "kind_column": _in("Slag", "Slag", "Kind"),
    "number_column": _in("Antall", "Tal", "Number"),
    "day_column": _in("Dag", "Dag", "Day"),
    "version_column": _in("Versjon", "Versjon", "Version"),
    "figure_column": _in("Tall", "Tal", "Figure"),
    "meaning_column": _in("Betydning", "Tyding", "Meaning"),
    "municipality": _in("Kommune", "Kommune", "Municipality"),
    "school": _in("Skole", "Skule", "School"),
    "grade_level": _in("Trinn", "Trinn", "Grade"),
    "class_level": _in("Klasse", "Klasse", "Class"),
    "figures_sheet": _in("Tall", "Tal", "Figures"),
    "trend_sheet": _in("Utvikling", "Utvikling", "Trend"),
    "definitions_sheet": _in("Definisjoner", "Definisjonar", "Definitions"),
    "sources_sheet": _in("Kilder", "Kjelder", "Sources"),
    # Charts.
    "bars_title": _in("{figure} for hver: {what}", "{figure} for kvar: {what}", "{figure}, by: {what}"),
    "trend_title": _in("Enheter per elev over tid", "Einingar per elev over tid", "Devices per pupil over time"),
    "same_numbers": _in(
        "De samme tallene står i tabellen.", "Dei same tala står i tabellen.", "The same numbers are in the table."
    ),
    "chart_of_first": _in(
        "Figuren viser de {number} første.", "Figuren viser dei {number} første.", "The chart shows the first {number}."
    ),
    "print_of_first": _in(
        "Utskriften viser de {number} første av {all}; alle står på skjermen og i regnearket.",
        "Utskrifta viser dei {number} første av {all}; alle står på skjermen og i reknearket.",
        "The print shows the first {number} of {all}; all are on the screen and in the workbook.",
    ),
}


def said(key: str, language: Language, **values: str) -> str:
    return TEXTS[key][language].format(**values)
