"""What the reports say of how far they can be believed, in bokmål, nynorsk and English."""

from collections.abc import Mapping
from typing import Final

from provision.reports.coverage.texts import Text, in_each

CAVEATS: Final[Mapping[str, Text]] = {
    "all_certain": in_each(
        "Registrene gir ingen grunn til tvil: sted og bruker er kjent for alle enheter, og alle er sett nylig.",
        "Registera gir ingen grunn til tvil: stad og brukar er kjende for alle einingar, og alle er sette nyleg.",
        "The inventories give no reason to doubt: of every device place and user are known, and all were seen lately.",
    ),
    "unmatched": in_each(
        "{devices} har ukjent sted eller bruker og er ikke regnet med.",
        "{devices} har ukjend stad eller brukar og er ikkje rekna med.",
        "{devices} of unknown place or user, not counted.",
    ),
    "stale": in_each(
        "{devices} er ikke sett på lenge og er ikke regnet med.",
        "{devices} er ikkje sett på lenge og er ikkje rekna med.",
        "{devices} not seen for long, not counted.",
    ),
    "left": in_each(
        "{devices} er hos noen som har sluttet, og er ikke regnet med.",
        "{devices} er hos nokon som har slutta, og er ikkje rekna med.",
        "{devices} with somebody who has left, not counted.",
    ),
    "not_named": in_each(
        "Registrene sier ikke hvem som har hvilken enhet. Hvor mange elever som har sin egen, er derfor ikke kjent.",
        "Registera seier ikkje kven som har kva eining. Kor mange elevar som har si eiga, er difor ikkje kjent.",
        "The inventories do not say who has which device, hence not how many pupils have their own.",
    ),
    "not_known": in_each("ikke kjent", "ikkje kjent", "not known"),
    "behind": in_each(
        "Radene bak et tall viser kommandoen",
        "Radene bak eit tal viser kommandoen",
        "The rows behind a figure are shown by",
    ),
    "behind_key": in_each(
        "{word} er ordet som står ved tallet nedenfor.",
        "{word} er ordet som står ved talet nedanfor.",
        "{word} is the word that stands beside the figure below.",
    ),
    "key": in_each("NØKKEL", "NØKKEL", "KEY"),
    "issues": in_each(
        "I {cases} er det noe å rette i registrene, for eksempel motstridende opplysninger.",
        "I {cases} er det noko å rette i registera, til dømes motstridande opplysningar.",
        "In {cases} something in the inventories needs mending, such as what is at odds.",
    ),
    "part_left_out": in_each(
        "{inventory} er ikke med: der er det talt etter andre definisjoner.",
        "{inventory} er ikkje med: der er det talt etter andre definisjonar.",
        "{inventory} is left out: it was counted by other definitions.",
    ),
    "issues_shown": in_each(
        "`provision ratios --json` viser hva.",
        "`provision ratios --json` viser kva.",
        "`provision ratios --json` shows what.",
    ),
    "pupils_as_of": in_each(
        "Elevregisteret: {pupils}, per {moment}.",
        "Elevregisteret: {pupils}, per {moment}.",
        "Pupil register: {pupils}, as of {moment}.",
    ),
    "pupils_as_of_unknown": in_each(
        "Elevregisteret: {pupils}. Det sier ikke når det gjaldt.",
        "Elevregisteret: {pupils}. Det seier ikkje når det galdt.",
        "Pupil register: {pupils}. It does not say when that was true.",
    ),
    "as_of": in_each(
        "{inventory}: {devices}, per {moment}.",
        "{inventory}: {devices}, per {moment}.",
        "{inventory}: {devices}, as of {moment}.",
    ),
    "as_of_unknown": in_each(
        "{inventory}: {devices}. Det sier ikke når det gjaldt.",
        "{inventory}: {devices}. Det seier ikkje når det galdt.",
        "{inventory}: {devices}. It does not say when that was true.",
    ),
    "part_counted": in_each(
        "{inventory}: {pupils}, talt {day}.",
        "{inventory}: {pupils}, talde {day}.",
        "{inventory}: {pupils}, counted on {day}.",
    ),
    "masked_note": in_each(
        "«{hidden}»: grupper på under {fewest} elever vises ikke, og heller ikke det de kunne regnes ut av.",
        "«{hidden}»: grupper på under {fewest} elevar er ikkje viste, og heller ikkje det dei kunne reknast ut av.",
        "“{hidden}”: groups of fewer than {fewest} pupils are not shown, nor what they could be worked out from.",
    ),
    "masked": in_each("skjult", "skjult", "hidden"),
}
