"""What alerts say in bokmål, nynorsk and English: each condition, what to do about it, and that it is over."""

from collections.abc import Mapping
from typing import Final

from provision.core.conditions import What
from provision.core.language import Language
from provision.reports.coverage.texts import Text, in_each

SAID: Final[Mapping[What, Text]] = {
    What.JOURNAL: in_each(
        "Journalen kan ikke brukes: {why}",
        "Journalen kan ikkje brukast: {why}",
        "The journal cannot be used: {why}",
    ),
    What.SITE: in_each(
        "Oppsettet kan ikke leses: {why}",
        "Oppsettet kan ikkje lesast: {why}",
        "The site cannot be opened: {why}",
    ),
    What.AUDIT: in_each(
        "Revisjonskjeden er brutt: {why}",
        "Revisjonskjeda er broten: {why}",
        "The audit chain is broken: {why}",
    ),
    What.DISK: in_each(
        "Disken er nesten full: {megabytes} MB ledig",
        "Disken er nesten full: {megabytes} MB ledig",
        "The disk is nearly full: {megabytes} MB free",
    ),
    What.FAILED: in_each(
        "{subject} feilet (kode {code})",
        "{subject} feila (kode {code})",
        "{subject} failed (exit code {code})",
    ),
    What.TARGET_DOWN: in_each(
        "Målet {subject} svarer ikke: {why}",
        "Målet {subject} svarar ikkje: {why}",
        "The target {subject} is unavailable: {why}",
    ),
    What.LATE: in_each(
        "{subject} er {hours} timer forsinket",
        "{subject} er {hours} timar forseinka",
        "{subject} is {hours} hours late",
    ),
    What.PROMISE: in_each(
        "Målet {subject} skal være oppdatert hver {promised}. time, men er det ikke",
        "Målet {subject} skal vere oppdatert kvar {promised}. time, men er det ikkje",
        "The target {subject} is promised to be fresh within {promised} hours, and is not",
    ),
    What.NOTHING_NEW: in_each(
        "Ikke noe nytt fra {subject} på {days} dager",
        "Ikkje noko nytt frå {subject} på {days} dagar",
        "Nothing new from {subject} for {days} days",
    ),
    What.HELD: in_each(
        "{hold} holdes tilbake og venter på godkjenning: {subject} {count}",
        "{hold} blir halde tilbake og ventar på godkjenning: {subject} {count}",
        "{hold} is held and waits for a yes: {subject} {count}",
    ),
    What.HELD_BACK: in_each(
        "{count} poster til {subject} holdes tilbake på grunn av feil, vanligvis {usual}",
        "{count} postar til {subject} blir haldne tilbake på grunn av feil, vanlegvis {usual}",
        "{count} records for {subject} are held back by faults, usually {usual}",
    ),
    What.DRIFTED: in_each(
        "Et mål har ikke lenger det vi skrev der",
        "Eit mål har ikkje lenger det vi skreiv der",
        "A target no longer holds what we wrote there",
    ),
    What.EXPIRING: in_each(
        "{subject} går ut {day}",
        "{subject} går ut {day}",
        "{subject} expires on {day}",
    ),
    What.UNDELIVERED: in_each(
        "Varsler kommer ikke fram ({subject}): {why}",
        "Varsel kjem ikkje fram ({subject}): {why}",
        "Alerts do not get through ({subject}): {why}",
    ),
}

NEXT: Final[Mapping[What, Text]] = {
    What.JOURNAL: in_each(
        "Ingenting skrives før den kan brukes. Følg meldingen; se «The journal» i docs/operations.md.",
        "Ingenting blir skrive før han kan brukast. Følg meldinga; sjå «The journal» i docs/operations.md.",
        "Nothing is written until it can be. Do what the message says; docs/operations.md, The journal.",
    ),
    What.SITE: in_each(
        "Rett det som står i meldingen, og kjør `provision doctor`.",
        "Rett det som står i meldinga, og køyr `provision doctor`.",
        "Correct what the message names, then `provision doctor`.",
    ),
    What.AUDIT: in_each(
        "Noen har endret journalen. Stans tjenesten, ta kopi, finn ut hvem og hvorfor: `provision audit verify`",
        "Nokon har endra journalen. Stans tenesta, ta kopi, finn ut kven og kvifor: `provision audit verify`",
        "Somebody changed the journal. Stop the service, keep a copy, find out who and why: `provision audit verify`",
    ),
    What.DISK: in_each(
        "Rydd plass. Kjøringer stanser før de gjør noe de ikke kan notere.",
        "Rydd plass. Køyringar stansar før dei gjer noko dei ikkje kan notere.",
        "Make room. Runs stop before they do what they cannot record.",
    ),
    What.FAILED: in_each(
        "Se hva den sa: `provision status`. Ny kjøring er trygg.",
        "Sjå kva ho sa: `provision status`. Ny køyring er trygg.",
        "See what it said: `provision status`. Running again is safe.",
    ),
    What.TARGET_DOWN: in_each(
        "Ingenting er tapt; neste kjøring tar det igjen. Sjekk tjeneren, nettet og kontoen vår der.",
        "Ingenting er tapt; neste køyring tek det att. Sjekk tenaren, nettet og kontoen vår der.",
        "Nothing is lost; the next run makes up for it. Check the server, the network and our account there.",
    ),
    What.LATE: in_each(
        "Se om tjenesten går (`systemctl status provision`), eller kjør selv: `provision run`",
        "Sjå om tenesta går (`systemctl status provision`), eller køyr sjølv: `provision run`",
        "See that the service is up (`systemctl status provision`), or run it yourself: `provision run`",
    ),
    What.PROMISE: in_each(
        "Se hvorfor ingen kjøring har lykkes: `provision status`",
        "Sjå kvifor inga køyring har lukkast: `provision status`",
        "See why no run has reached it: `provision status`",
    ),
    What.NOTHING_NEW: in_each(
        "Spør leverandøren av det skoleadministrative systemet om eksporten har stanset.",
        "Spør leverandøren av det skuleadministrative systemet om eksporten har stansa.",
        "Ask the provider of the SIS whether its export has stopped.",
    ),
    What.HELD: in_each(
        "Se hva det er, og godkjenn eller rett i kilden: `provision plan`",
        "Sjå kva det er, og godkjenn eller rett i kjelda: `provision plan`",
        "See what it is, then approve it or mend it in the SIS: `provision plan`",
    ),
    What.HELD_BACK: in_each(
        "Se hvilke felt som må rettes i kilden: `provision preflight`",
        "Sjå kva felt som må rettast i kjelda: `provision preflight`",
        "See which fields to mend in the SIS: `provision preflight`",
    ),
    What.DRIFTED: in_each(
        "Noen andre kan ha endret det. Se hva: `provision plan`",
        "Nokon andre kan ha endra det. Sjå kva: `provision plan`",
        "Somebody else may have changed it. See what: `provision plan`",
    ),
    What.EXPIRING: in_each(
        "Skaff en ny i tide, og sett ny dato i [alerts.expires].",
        "Skaff ein ny i tide, og set ny dato i [alerts.expires].",
        "Get a new one in time, and set its day in [alerts.expires].",
    ),
    What.UNDELIVERED: in_each(
        "Rett SMTP_* eller ALERT_WEBHOOK_URL i .env. Det som ikke kom fram, blir sendt på nytt.",
        "Rett SMTP_* eller ALERT_WEBHOOK_URL i .env. Det som ikkje kom fram, blir sendt på nytt.",
        "Correct SMTP_* or ALERT_WEBHOOK_URL in .env. What did not get through is sent again.",
    ),
}

WORDS: Final[Mapping[str, Text]] = {
    "over": in_each("Tilbake til normalt: {said}", "Tilbake til normalt: {said}", "Back to normal: {said}"),
    "begun": in_each("{count} nye varsler", "{count} nye varsel", "{count} new alerts"),
    "all_over": in_each("tilbake til normalt", "tilbake til normalt", "back to normal"),
    "now": in_each("HASTER", "HASTAR", "URGENT"),
    "since": in_each("siden {moment}", "sidan {moment}", "since {moment}"),
    "next": in_each("Neste steg: {step}", "Neste steg: {step}", "Next step: {step}"),
    "see": in_each("Se {url}", "Sjå {url}", "See {url}"),
    "open": in_each("Åpne", "Opne", "Open"),
    "automatic": in_each(
        "Denne meldingen er sendt automatisk for {site}, jobb {job}, og inneholder ingen personopplysninger.",
        "Denne meldinga er send automatisk for {site}, jobb {job}, og inneheld ingen personopplysningar.",
        "This message was sent automatically for {site}, job {job}, and holds no personal data.",
    ),
}


def said(what: What, subject: str, facts: Mapping[str, str], language: Language) -> str:
    """What holds, in one line."""
    return " ".join(SAID[what][language].format(subject=subject, **facts).split())


def next_step(what: What, language: Language) -> str:
    return NEXT[what][language]


def word(key: str, language: Language, **values: str) -> str:
    return WORDS[key][language].format(**values)
