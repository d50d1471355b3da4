"""What each figure is called and what it means, in bokmål, nynorsk and English."""

from collections.abc import Mapping
from typing import Final

from provision.core.language import Language

NB, NN, EN = Language
# The number of the definitions by which figures are counted; these texts say what that one means.
VERSION: Final = 1


def _in(nb: str, nn: str, en: str) -> Mapping[Language, str]:
    return {NB: nb, NN: nn, EN: en}


# What a figure is called, by its key.
NAMES: Final[Mapping[str, Mapping[Language, str]]] = {
    "pupils": _in("Elever", "Elevar", "Pupils"),
    "devices": _in("Enheter for elever", "Einingar for elevar", "Devices for pupils"),
    "pupils_per_device": _in("Elever per enhet", "Elevar per eining", "Pupils per device"),
    "devices_per_pupil": _in("Enheter per elev", "Einingar per elev", "Devices per pupil"),
    "share_with_own": _in("Andel med egen enhet", "Del med eiga eining", "Share with their own"),
    "without": _in("Uten egen enhet", "Utan eiga eining", "Without their own"),
    "with_one": _in("Med én enhet", "Med éi eining", "With one"),
    "with_more": _in("Med flere enheter", "Med fleire einingar", "With more"),
    "missing": _in("Mangler for full dekning", "Manglar for full dekning", "Missing for full coverage"),
    "at_once": _in("Kan brukes samtidig", "Kan brukast samstundes", "Usable at once"),
    "pupils_per_device_at_once": _in(
        "Elever per enhet i samtidig bruk", "Elevar per eining i samtidig bruk", "Pupils per device usable at once"
    ),
    "own": _in("Egne", "Eigne", "Own"),
    "loan": _in("Utlånt", "Utlånte", "On loan"),
    "pool": _in("Felles", "Felles", "Shared"),
    "stale": _in("Ikke sett på lenge", "Ikkje sett på lenge", "Not seen for long"),
    "left": _in("Hos noen som har sluttet", "Hos nokon som har slutta", "With somebody who has left"),
    "broken": _in("Ødelagt", "Øydelagde", "Broken"),
    "stock": _in("På lager", "På lager", "In stock"),
    "staff": _in("Ansatte", "Tilsette", "Staff"),
    "administration": _in("Administrasjon og SFO", "Administrasjon og SFO", "Offices and after-school club"),
    "unmatched": _in("Ukjent sted eller bruker", "Ukjend stad eller brukar", "Place or user unknown"),
    "private": _in("Private", "Private", "Private"),
    "gone": _in("Tapt eller kassert", "Tapte eller kasserte", "Lost or retired"),
    "past_end": _in("Eldre enn de skal brukes", "Eldre enn dei skal brukast", "Past end of life"),
}

DEFINITIONS: Final[Mapping[str, Mapping[Language, str]]] = {
    "pupils": _in(
        "Elever med plass denne dagen. Hver elev teller én gang, ved skolen der eleven er innskrevet.",
        "Elevar med plass denne dagen. Kvar elev tel éin gong, ved skulen der eleven er innskriven.",
        "Pupils with a place on this day. Each counts once, at the school where they are enrolled.",
    ),
    "devices": _in(
        "Enheter som elever kan bruke i dag: egne, utlånte og felles. For trinn og klasser bare egne og utlånte.",
        "Einingar som elevar kan bruke i dag: eigne, utlånte og felles. For trinn og klassar berre eigne og utlånte.",
        "Devices that pupils can use today: own, on loan and shared. For grades and classes only own and on loan.",
    ),
    "pupils_per_device": _in(
        "Elever delt på enheter, med én desimal.",
        "Elevar delt på einingar, med éin desimal.",
        "Pupils divided by devices, to one decimal.",
    ),
    "devices_per_pupil": _in(
        "Enheter delt på elever, med to desimaler.",
        "Einingar delt på elevar, med to desimalar.",
        "Devices divided by pupils, to two decimals.",
    ),
    "share_with_own": _in(
        "Elever som har minst én enhet for seg selv, egen eller lånt, i prosent av alle elever.",
        "Elevar som har minst éi eining for seg sjølv, eiga eller lånt, i prosent av alle elevar.",
        "Pupils with at least one device to themselves, own or on loan, in per cent of all pupils.",
    ),
    "without": _in(
        "Elever uten noen enhet for seg selv.",
        "Elevar utan noka eining for seg sjølv.",
        "Pupils with no device to themselves.",
    ),
    "with_one": _in(
        "Elever med nøyaktig én enhet for seg selv.",
        "Elevar med nøyaktig éi eining for seg sjølv.",
        "Pupils with exactly one device to themselves.",
    ),
    "with_more": _in(
        "Elever med to eller flere enheter for seg selv.",
        "Elevar med to eller fleire einingar for seg sjølv.",
        "Pupils with two or more devices to themselves.",
    ),
    "missing": _in(
        "Enheter som må til før hver elev har en for seg selv. Felles enheter teller ikke her.",
        "Einingar som må til før kvar elev har ei for seg sjølv. Felles einingar tel ikkje her.",
        "Devices that are needed before every pupil has one to themselves. Shared ones do not count here.",
    ),
    "at_once": _in(
        "Enheter som kan være på nett samtidig: linjens fart delt på det én enhet trenger, men aldri flere enn det "
        "er enheter. Er farten ikke oppgitt, regnes alle med.",
        "Einingar som kan vere på nett samstundes: farten på linja delt på det éi eining treng, men aldri fleire enn "
        "det er einingar. Er farten ikkje oppgitt, er alle rekna med.",
        "Devices that can be online at one time: the speed of the line divided by what one device needs, and never "
        "more than there are. Where the speed is not known all of them count.",
    ),
    "pupils_per_device_at_once": _in(
        "Elever delt på enheter som kan brukes samtidig.",
        "Elevar delt på einingar som kan brukast samstundes.",
        "Pupils divided by devices that can be used at one time.",
    ),
    "own": _in("Enheter med én elev som bruker.", "Einingar med éin elev som brukar.", "Devices that one pupil has."),
    "loan": _in(
        "Låneenheter som en elev har nå.", "Låneeiningar som ein elev har no.", "Loan devices that a pupil has now."
    ),
    "pool": _in(
        "Enheter som elevene deler, for eksempel på tralle.",
        "Einingar som elevane deler, til dømes på tralle.",
        "Devices that pupils share, as on a trolley.",
    ),
    "stale": _in(
        "Enheter som ikke er sett på så lenge at ingen kan regne med dem.",
        "Einingar som ikkje er sett på så lenge at ingen kan rekne med dei.",
        "Devices not seen for so long that nobody can rely on them.",
    ),
    "left": _in(
        "Enheter hos noen som ikke lenger er her.",
        "Einingar hos nokon som ikkje lenger er her.",
        "Devices with somebody who is no longer here.",
    ),
    "broken": _in(
        "Enheter som er ødelagt eller til reparasjon.",
        "Einingar som er øydelagde eller til reparasjon.",
        "Devices that are broken or being repaired.",
    ),
    "stock": _in(
        "Enheter på lager som aldri er delt ut.",
        "Einingar på lager som aldri er delte ut.",
        "Devices in stock that were never handed out.",
    ),
    "staff": _in("Enheter til ansatte.", "Einingar til tilsette.", "Devices of staff."),
    "administration": _in(
        "Enheter til administrasjon og SFO.",
        "Einingar til administrasjon og SFO.",
        "Devices of offices and of the after-school club.",
    ),
    "unmatched": _in(
        "Enheter som ingen vet hvor er, eller hvem som har.",
        "Einingar som ingen veit kvar er, eller kven som har.",
        "Devices of which nobody knows where they are or who has them.",
    ),
    "private": _in("Private enheter.", "Private einingar.", "Private devices."),
    "gone": _in(
        "Enheter som er tapt eller kassert.", "Einingar som er tapte eller kasserte.", "Devices lost or retired."
    ),
    "past_end": _in(
        "Enheter som er eldre enn de skal brukes. De teller også i sin egen gruppe.",
        "Einingar som er eldre enn dei skal brukast. Dei tel òg i si eiga gruppe.",
        "Devices past their end of life. They also count in their own group.",
    ),
}
