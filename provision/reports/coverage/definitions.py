"""What each figure is called and what it means, in bokmål, nynorsk and English."""

from collections.abc import Mapping
from typing import Final

from provision.reports.coverage.texts import Text, in_each

# The number of the definitions by which figures are counted; these texts say what that one means.
VERSION: Final = 1

# What a figure is called, by its key.
NAMES: Final[Mapping[str, Text]] = {
    "pupils": in_each("Elever", "Elevar", "Pupils"),
    "devices": in_each("Enheter for elever", "Einingar for elevar", "Devices for pupils"),
    "pupils_per_device": in_each("Elever per enhet", "Elevar per eining", "Pupils per device"),
    "devices_per_pupil": in_each("Enheter per elev", "Einingar per elev", "Devices per pupil"),
    "share_with_own": in_each("Andel med egen enhet", "Del med eiga eining", "Share with their own"),
    "without": in_each("Uten egen enhet", "Utan eiga eining", "Without their own"),
    "with_one": in_each("Med én enhet", "Med éi eining", "With one"),
    "with_more": in_each("Med flere enheter", "Med fleire einingar", "With more"),
    "missing": in_each("Mangler for full dekning", "Manglar for full dekning", "Missing for full coverage"),
    "at_once": in_each("Kan brukes samtidig", "Kan brukast samstundes", "Usable at once"),
    "pupils_per_device_at_once": in_each(
        "Elever per enhet i samtidig bruk", "Elevar per eining i samtidig bruk", "Pupils per device usable at once"
    ),
    "own": in_each("Egne", "Eigne", "Own"),
    "loan": in_each("Utlånt", "Utlånte", "On loan"),
    "pool": in_each("Felles", "Felles", "Shared"),
    "stale": in_each("Ikke sett på lenge", "Ikkje sett på lenge", "Not seen for long"),
    "left": in_each("Hos noen som har sluttet", "Hos nokon som har slutta", "With somebody who has left"),
    "broken": in_each("Ødelagt", "Øydelagde", "Broken"),
    "stock": in_each("På lager", "På lager", "In stock"),
    "staff": in_each("Ansatte", "Tilsette", "Staff"),
    "administration": in_each("Administrasjon og SFO", "Administrasjon og SFO", "Offices and after-school club"),
    "unmatched": in_each("Ukjent sted eller bruker", "Ukjend stad eller brukar", "Place or user unknown"),
    "private": in_each("Private", "Private", "Private"),
    "gone": in_each("Tapt eller kassert", "Tapte eller kasserte", "Lost or retired"),
    "past_end": in_each("Eldre enn de skal brukes", "Eldre enn dei skal brukast", "Past end of life"),
    "kind_laptop": in_each("Bærbar PC", "Berbar PC", "Laptop"),
    "kind_chromebook": in_each("Chromebook", "Chromebook", "Chromebook"),
    "kind_tablet": in_each("Nettbrett", "Nettbrett", "Tablet"),
    "kind_desktop": in_each("Stasjonær PC", "Stasjonær PC", "Desktop"),
    "kind_phone": in_each("Telefon", "Telefon", "Phone"),
    "kind_other": in_each("Annen type", "Annan type", "Other type"),
    "link_kbit": in_each("Linje, kbit/s", "Linje, kbit/s", "Line, kbit/s"),
    "link_kbit_each": in_each("Behov per enhet, kbit/s", "Behov per eining, kbit/s", "Need per device, kbit/s"),
}

DEFINITIONS: Final[Mapping[str, Text]] = {
    "pupils": in_each(
        "Elever med plass denne dagen. Hver elev teller én gang, ved skolen der eleven er innskrevet.",
        "Elevar med plass denne dagen. Kvar elev tel éin gong, ved skulen der eleven er innskriven.",
        "Pupils with a place on this day. Each counts once, at the school where they are enrolled.",
    ),
    "devices": in_each(
        "Enheter som elever kan bruke i dag: egne, utlånte og felles. For trinn og klasser bare egne og utlånte.",
        "Einingar som elevar kan bruke i dag: eigne, utlånte og felles. For trinn og klassar berre eigne og utlånte.",
        "Devices that pupils can use today: own, on loan and shared. For grades and classes only own and on loan.",
    ),
    "pupils_per_device": in_each(
        "Elever delt på enheter, med én desimal.",
        "Elevar delt på einingar, med éin desimal.",
        "Pupils divided by devices, to one decimal.",
    ),
    "devices_per_pupil": in_each(
        "Enheter delt på elever, med to desimaler.",
        "Einingar delt på elevar, med to desimalar.",
        "Devices divided by pupils, to two decimals.",
    ),
    "share_with_own": in_each(
        "Elever som har minst én enhet for seg selv, egen eller lånt, i prosent av alle elever.",
        "Elevar som har minst éi eining for seg sjølv, eiga eller lånt, i prosent av alle elevar.",
        "Pupils with at least one device to themselves, own or on loan, in per cent of all pupils.",
    ),
    "without": in_each(
        "Elever uten noen enhet for seg selv.",
        "Elevar utan noka eining for seg sjølv.",
        "Pupils with no device to themselves.",
    ),
    "with_one": in_each(
        "Elever med nøyaktig én enhet for seg selv.",
        "Elevar med nøyaktig éi eining for seg sjølv.",
        "Pupils with exactly one device to themselves.",
    ),
    "with_more": in_each(
        "Elever med to eller flere enheter for seg selv.",
        "Elevar med to eller fleire einingar for seg sjølv.",
        "Pupils with two or more devices to themselves.",
    ),
    "missing": in_each(
        "Enheter som må til før hver elev kan få en for seg selv: elever uten egen enhet, minus felles enheter. For "
        "flere skoler sammen er det regnet som om felles enheter kunne flyttes.",
        "Einingar som må til før kvar elev kan få ei for seg sjølv: elevar utan eiga eining, minus felles einingar. "
        "For fleire skular saman er det rekna som om felles einingar kunne flyttast.",
        "Devices that are needed before every pupil can have one to themselves: pupils without their own, less those "
        "that are shared. For several schools together as if shared ones could be moved.",
    ),
    "at_once": in_each(
        "Enheter som kan være på nett samtidig: linjens fart delt på det én enhet trenger, men aldri flere enn det "
        "er enheter.",
        "Einingar som kan vere på nett samstundes: farten på linja delt på det éi eining treng, men aldri fleire enn "
        "det er einingar.",
        "Devices that can be online at one time: the speed of the line divided by what one device needs, and never "
        "more than there are.",
    ),
    "pupils_per_device_at_once": in_each(
        "Elever delt på enheter som kan brukes samtidig.",
        "Elevar delt på einingar som kan brukast samstundes.",
        "Pupils divided by devices that can be used at one time.",
    ),
    "own": in_each(
        "Enheter med én elev som bruker.", "Einingar med éin elev som brukar.", "Devices that one pupil has."
    ),
    "loan": in_each(
        "Låneenheter som en elev har nå.", "Låneeiningar som ein elev har no.", "Loan devices that a pupil has now."
    ),
    "pool": in_each(
        "Enheter som elevene deler, for eksempel på tralle.",
        "Einingar som elevane deler, til dømes på tralle.",
        "Devices that pupils share, as on a trolley.",
    ),
    "stale": in_each(
        "Enheter som ikke er sett på så lenge at ingen kan regne med dem.",
        "Einingar som ikkje er sett på så lenge at ingen kan rekne med dei.",
        "Devices not seen for so long that nobody can rely on them.",
    ),
    "left": in_each(
        "Enheter hos noen som ikke lenger er her.",
        "Einingar hos nokon som ikkje lenger er her.",
        "Devices with somebody who is no longer here.",
    ),
    "broken": in_each(
        "Enheter som er ødelagt eller til reparasjon.",
        "Einingar som er øydelagde eller til reparasjon.",
        "Devices that are broken or being repaired.",
    ),
    "stock": in_each(
        "Enheter på lager som aldri er delt ut.",
        "Einingar på lager som aldri er delte ut.",
        "Devices in stock that were never handed out.",
    ),
    "staff": in_each("Enheter til ansatte.", "Einingar til tilsette.", "Devices of staff."),
    "administration": in_each(
        "Enheter til administrasjon og SFO.",
        "Einingar til administrasjon og SFO.",
        "Devices of offices and of the after-school club.",
    ),
    "unmatched": in_each(
        "Enheter som ingen vet hvor er, eller hvem som har.",
        "Einingar som ingen veit kvar er, eller kven som har.",
        "Devices of which nobody knows where they are or who has them.",
    ),
    "private": in_each("Private enheter.", "Private einingar.", "Private devices."),
    "gone": in_each(
        "Enheter som er tapt eller kassert.", "Einingar som er tapte eller kasserte.", "Devices lost or retired."
    ),
    "past_end": in_each(
        "Enheter som er eldre enn de skal brukes. De teller også i sin egen gruppe.",
        "Einingar som er eldre enn dei skal brukast. Dei tel òg i si eiga gruppe.",
        "Devices past their end of life. They also count in their own group.",
    ),
    "kind_laptop": in_each("Bærbare datamaskiner.", "Berbare datamaskiner.", "Portable computers."),
    "kind_chromebook": in_each(
        "Bærbare datamaskiner med Chrome OS.", "Berbare datamaskiner med Chrome OS.", "Laptops with Chrome OS."
    ),
    "kind_tablet": in_each("Nettbrett av alle slag.", "Nettbrett av alle slag.", "Tablets of any make."),
    "kind_desktop": in_each(
        "Datamaskiner som står på en fast plass.", "Datamaskiner som står på ein fast plass.", "Computers in one place."
    ),
    "kind_phone": in_each("Mobiltelefoner.", "Mobiltelefonar.", "Mobile phones."),
    "kind_other": in_each(
        "Enheter av andre eller ukjente typer.", "Einingar av andre eller ukjende typar.", "Of other or unknown types."
    ),
    "link_kbit": in_each(
        "Farten på skolens linje, i kbit/s.", "Farten på linja til skulen, i kbit/s.", "Speed of the line, in kbit/s."
    ),
    "link_kbit_each": in_each(
        "Det én enhet trenger av linjen, i kbit/s.", "Det éi eining treng av linja, i kbit/s.", "In kbit/s."
    ),
}
