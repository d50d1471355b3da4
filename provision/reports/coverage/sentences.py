"""What a reader wants to know first, in bokmål, nynorsk and English; numbers come in already written."""

from collections.abc import Mapping
from typing import Final

from provision.reports.coverage.texts import Text, in_each

SENTENCES: Final[Mapping[str, Text]] = {
    "title": in_each("Enheter per elev", "Einingar per elev", "Devices per pupil"),
    "counted": in_each("Talt {day}", "Talt {day}", "Counted on {day}"),
    "other_day": in_each(
        "Obs: Dette er tall fra {day}. Nyere eller mer fullstendige tall kunne ikke lages.",
        "Obs: Dette er tal frå {day}. Nyare eller meir fullstendige tal kunne ikkje lagast.",
        "Note: these figures are of {day}. Later or more complete ones could not be made.",
    ),
    # The answer.
    "missing": in_each(
        "{name} mangler {missing} for full dekning: {without} av {pupils} har ingen enhet for seg selv.",
        "{name} manglar {missing} for full dekning: {without} av {pupils} har inga eining for seg sjølv.",
        "{name} is missing {missing} for full coverage: {without} of {pupils} have no device to themselves.",
    ),
    "missing_shared": in_each(
        "{name} mangler {missing} for full dekning: {without} av {pupils} har ingen egen enhet, og {pool} er felles.",
        "{name} manglar {missing} for full dekning: {without} av {pupils} har inga eiga eining, og {pool} er felles.",
        "{name} is missing {missing} for full coverage: {without} of {pupils} have none of their own; {pool} to share.",
    ),
    "missing_unnamed": in_each(
        "{name} mangler {missing} for full dekning: {pupils} deler {pool}.",
        "{name} manglar {missing} for full dekning: {pupils} deler {pool}.",
        "{name} is missing {missing} for full coverage: {pool} to share for {pupils}.",
    ),
    "none_missing": in_each(
        "{name} har full dekning: hver av de {pupils} har en enhet for seg selv.",
        "{name} har full dekning: kvar av dei {pupils} har ei eining for seg sjølv.",
        "{name} has full coverage: each of the {pupils} has a device to themselves.",
    ),
    "enough_shared": in_each(
        "{name} har enheter nok til alle: {without} av {pupils} har ingen for seg selv, men {pool} er felles.",
        "{name} har einingar nok til alle: {without} av {pupils} har inga for seg sjølv, men {pool} er felles.",
        "{name} has devices enough for everybody: {without} of {pupils} have none to themselves, but {pool} to share.",
    ),
    "enough_unnamed": in_each(
        "{name} har enheter nok til alle: {pool} til {pupils}.",
        "{name} har einingar nok til alle: {pool} til {pupils}.",
        "{name} has devices enough for everybody: {pool} for {pupils}.",
    ),
    "one_pupil_covered": in_each(
        "{name} har full dekning: den ene eleven har en enhet for seg selv.",
        "{name} har full dekning: den eine eleven har ei eining for seg sjølv.",
        "{name} has full coverage: the one pupil has a device to themselves.",
    ),
    "no_pupils": in_each(
        "{name} har ingen elever denne dagen, og {devices}.",
        "{name} har ingen elevar denne dagen, og {devices}.",
        "{name} has no pupils on this day, and {devices}.",
    ),
    "no_devices": in_each(
        "{name} har ingen enheter til {pupils}.",
        "{name} har ingen einingar til {pupils}.",
        "{name} has no devices for {pupils}.",
    ),
    "hidden": in_each(
        "Tallene for {name} vises ikke, fordi enkeltelever kunne bli gjenkjent.",
        "Tala for {name} er ikkje viste, fordi enkeltelevar kunne bli kjende att.",
        "The figures of {name} are not shown, since single pupils could be recognised.",
    ),
    # Usable at once.
    "line_carries": in_each(
        "Linjen på {speed} bærer {carries} av {devices} samtidig når hver trenger {each}.",
        "Linja på {speed} ber {carries} av {devices} samstundes når kvar treng {each}.",
        "The line of {speed} carries {carries} of {devices} at one time where each needs {each}.",
    ),
    "then": in_each(
        "Da er det {ratio} elever per enhet i bruk.",
        "Då er det {ratio} elevar per eining i bruk.",
        "That makes {ratio} pupils per device in use.",
    ),
    "line_enough": in_each(
        "Linjen på {speed} bærer alle {devices} samtidig.",
        "Linja på {speed} ber alle {devices} samstundes.",
        "The line of {speed} carries all {devices} at one time.",
    ),
    "line_unknown": in_each(
        "Skolens linje er ikke oppgitt. Om alle enhetene kan brukes samtidig, er derfor ikke kjent.",
        "Linja til skulen er ikkje oppgitt. Om alle einingane kan brukast samstundes, er difor ikkje kjent.",
        "The school's line is not known, hence not whether all devices can be used at one time.",
    ),
    "lines_short": in_each(
        "Ved {schools} bærer linjen færre enheter enn det er: {names}.",
        "Ved {schools} ber linja færre einingar enn det er: {names}.",
        "At {schools} the line carries fewer devices than there are: {names}.",
    ),
    "lines_enough": in_each(
        "Ingen skole med oppgitt linje har flere enheter enn linjen bærer.",
        "Ingen skule med oppgitt linje har fleire einingar enn linja ber.",
        "No school whose line is known has more devices than it carries.",
    ),
    "and_more": in_each("og {number} til", "og {number} til", "and {number} more"),
    "lines_unknown": in_each(
        "Ingen skoles linje er oppgitt. Om alle enhetene kan brukes samtidig, er derfor ikke kjent.",
        "Linja er ikkje oppgitt for nokon skule. Om alle einingane kan brukast samstundes, er difor ikkje kjent.",
        "No school's line is known, hence not whether all devices can be used at one time.",
    ),
    # Is it getting better?
    "better": in_each(
        "Dekningen er bedre enn {day}: {now} enheter per elev mot {then}.",
        "Dekninga er betre enn {day}: {now} einingar per elev mot {then}.",
        "Coverage is better than on {day}: {now} devices per pupil against {then}.",
    ),
    "worse": in_each(
        "Dekningen er dårligere enn {day}: {now} enheter per elev mot {then}.",
        "Dekninga er dårlegare enn {day}: {now} einingar per elev mot {then}.",
        "Coverage is worse than on {day}: {now} devices per pupil against {then}.",
    ),
    "same": in_each(
        "Dekningen er som {day}: {now} enheter per elev.",
        "Dekninga er som {day}: {now} einingar per elev.",
        "Coverage is as on {day}: {now} devices per pupil.",
    ),
    "no_earlier": in_each(
        "Det finnes ingen tidligere tall med samme definisjon å sammenligne med.",
        "Det finst ingen tidlegare tal med same definisjon å samanlikne med.",
        "There are no earlier figures by the same definitions to compare with.",
    ),
    "broken_trend": in_each(
        "Loddrett strek: tallene ble definert på nytt. Før og etter kan ikke sammenlignes.",
        "Loddrett strek: tala blei definerte på nytt. Før og etter kan ikkje samanliknast.",
        "Upright line: the figures were defined anew. Before and after cannot be compared.",
    ),
    "target_line": in_each(
        "Stiplet linje: målet, {target} enheter per elev.",
        "Stipla linje: målet, {target} einingar per elev.",
        "Dashed line: the target, {target} devices per pupil.",
    ),
    # The target.
    "target": in_each(
        "Målet er {wanted} fra {grade} og oppover.",
        "Målet er {wanted} frå {grade} og oppover.",
        "The target is {wanted} from {grade} up.",
    ),
    "one_each": in_each("én enhet per elev", "éi eining per elev", "one device per pupil"),
    "shared_by": in_each("{number} elever per enhet", "{number} elevar per eining", "{number} pupils per device"),
    "grade": in_each(
        "{number}.\N{NO-BREAK SPACE}trinn", "{number}.\N{NO-BREAK SPACE}trinn", "grade\N{NO-BREAK SPACE}{number}"
    ),
    "upper_grade": in_each("{number}", "{number}", "{number}"),
    "no_grade": in_each("uten trinn", "utan trinn", "no grade"),
    "no_class": in_each("uten klasse", "utan klasse", "no class"),
    "target_missing": in_each("Det mangler {devices}.", "Det manglar {devices}.", "It takes {devices} more."),
    "target_stock": in_each(
        "På lager er det {devices}.",
        "På lager er det {devices}.",
        "There are {devices} in stock.",
    ),
    "target_reached": in_each("Det er nådd.", "Det er nådd.", "It is reached."),
    "target_unknown": in_each(
        "Ingen av disse trinnene har tall som kan vises.",
        "Ingen av desse trinna har tal som kan visast.",
        "None of these grades has figures to show.",
    ),
    "target_partly": in_each(
        "Trinn som ikke vises, er ikke regnet med.",
        "Trinn som ikkje er viste, er ikkje rekna med.",
        "Grades that are not shown are left out.",
    ),
    # Equal opportunities.
    "mean": in_each(
        "I snitt er det {mean} enheter per elev.",
        "I snitt er det {mean} einingar per elev.",
        "On average there are {mean} devices per pupil.",
    ),
    "worst_off": in_each(
        "{parts} har fra {least} til {most} enheter per elev. Færrest har {name}: {ratio} elever per enhet.",
        "{parts} har frå {least} til {most} einingar per elev. Færrast har {name}: {ratio} elevar per eining.",
        "{parts} have from {least} to {most} devices per pupil. {name} has fewest: {ratio} pupils per device.",
    ),
    "worst_without": in_each(
        "{parts} har fra {least} til {most} enheter per elev. {name} har ingen.",
        "{parts} har frå {least} til {most} einingar per elev. {name} har ingen.",
        "{parts} have from {least} to {most} devices per pupil. {name} has none.",
    ),
    "alike": in_each(
        "{parts} har like mange enheter per elev: {most}.",
        "{parts} har like mange einingar per elev: {most}.",
        "{parts} have the same number of devices per pupil: {most}.",
    ),
}
