"""Every finding in bokmål, nynorsk and English, in words for whoever keeps the school's records."""

from collections.abc import Mapping
from typing import Final

from provision.core.language import Language
from provision.core.preflight.finding import Finding, Found, Mend

_Texts = Mapping[Language, str]
NB, NN, EN = Language


def _in(nb: str, nn: str, en: str) -> _Texts:
    return {NB: nb, NN: nn, EN: en}


# {field} is the field's name below, {attribute} Feide's own name of it, {detail} what was met or should be.
FINDINGS: Final[Mapping[Finding, _Texts]] = {
    Finding.MISSING_ATTRIBUTE: _in(
        "{field} mangler ({attribute})", "{field} manglar ({attribute})", "{field} is missing ({attribute})"
    ),
    Finding.MISSING_ORG_UNIT: _in(
        "{field} finnes ikke i katalogen ({attribute})",
        "{field} finst ikkje i katalogen ({attribute})",
        "{field} is not in the directory ({attribute})",
    ),
    Finding.UPPERCASE_PRINCIPAL_NAME: _in(
        "Feide-navnet har store bokstaver ({attribute})",
        "Feide-namnet har store bokstavar ({attribute})",
        "the Feide name has capital letters ({attribute})",
    ),
    Finding.UID_NOT_ASCII: _in(
        "brukernavnet har andre tegn enn a-z og tall ({attribute})",
        "brukarnamnet har andre teikn enn a-z og tal ({attribute})",
        "the username has other characters than a-z and digits ({attribute})",
    ),
    Finding.REALM_MISMATCH: _in(
        "Feide-navnet skal være brukernavnet fulgt av @{detail}, og organisasjonen {detail} ({attribute})",
        "Feide-namnet skal vere brukarnamnet følgt av @{detail}, og organisasjonen {detail} ({attribute})",
        "the Feide name should be the username followed by @{detail}, and the organisation {detail} ({attribute})",
    ),
    Finding.EXTRA_WHITESPACE: _in(
        "{field} har mellomrom for mye: foran, bak eller flere etter hverandre ({attribute})",
        "{field} har mellomrom for mykje: framfor, bak eller fleire etter kvarandre ({attribute})",
        "{field} has spaces too many: before, after or several in a row ({attribute})",
    ),
    Finding.INVALID_MOBILE: _in(
        "mobilnummeret er ikke gyldig; det skrives uten mellomrom, som +47 og åtte sifre",
        "mobilnummeret er ikkje gyldig; det blir skrive utan mellomrom, som +47 og åtte siffer",
        "the mobile number is not valid; it is written without spaces, as +47 and eight digits",
    ),
    Finding.DUPLICATE_ORG_UNIT: _in(
        "flere skoler i katalogen har dette organisasjonsnummeret",
        "fleire skular i katalogen har dette organisasjonsnummeret",
        "several schools in the directory have this organisation number",
    ),
    Finding.GROUP_MALFORMED: _in(
        "gruppa er ikke skrevet slik Feide krever, og kan ikke leses",
        "gruppa er ikkje skriven slik Feide krev, og kan ikkje lesast",
        "the group is not written as Feide demands and cannot be read",
    ),
    Finding.GROUP_INVALID_CODE: _in(
        "fagkoden {detail} kan ikke være riktig for gruppa; en undervisningsgruppe har en kode fra Grep som MAT0006, "
        "en klasse ingen",
        "fagkoden {detail} kan ikkje vere rett for gruppa; ei undervisningsgruppe har ein kode frå Grep som MAT0006, "
        "ein klasse ingen",
        "the subject code {detail} cannot be right for the group; a teaching group has one from Grep such as MAT0006, "
        "a class has none",
    ),
    Finding.GROUP_WITHOUT_CODE: _in(
        "undervisningsgruppa mangler fagkode (Grep)",
        "undervisningsgruppa manglar fagkode (Grep)",
        "the teaching group has no subject code (Grep)",
    ),
    Finding.GROUP_ID_NOT_CANONICAL: _in(
        "gruppe-id-en er ikke på den formen Feide krever (små bokstaver, så prosentkodet)",
        "gruppe-id-en er ikkje på den forma Feide krev (små bokstavar, så prosentkoda)",
        "the group id is not in canonical form (lower case, then percent-encoded)",
    ),
    Finding.GROUP_ID_WITHOUT_GROUP: _in(
        "gruppe-id-en har ingen gruppe", "gruppe-id-en har inga gruppe", "the group id has no group"
    ),
    Finding.GROUP_WITHOUT_GROUP_ID: _in(
        "gruppa har ingen gruppe-id", "gruppa har ingen gruppe-id", "the group has no group id"
    ),
    Finding.MISSING_GREP: _in(
        "eleven har ikke noe trinn (Grep-kode)",
        "eleven har ikkje noko trinn (Grep-kode)",
        "the pupil has no grade (Grep code)",
    ),
    Finding.MISSING_GROUPS: _in(
        "eleven eller læreren er ikke i noen klasse eller gruppe; for vikarer kan det være riktig",
        "eleven eller læraren er ikkje i nokon klasse eller gruppe; for vikarar kan det vere rett",
        "the pupil or teacher is in no class or group; of a substitute that may be right",
    ),
    Finding.MISSING_GROUP_IDS: _in(
        "ingen av gruppene har en gruppe-id ({attribute})",
        "ingen av gruppene har ein gruppe-id ({attribute})",
        "none of the groups has a group id ({attribute})",
    ),
}

# What to do. Which field of the SIS it is follows where the finding has not named it.
MENDS: Final[Mapping[Mend, _Texts]] = {
    Mend.SIS: _in("rett det i skolesystemet", "rett det i skulesystemet", "correct it in the SIS"),
    Mend.MAPPING: _in("IT retter det i mappingen", "IT rettar det i mappinga", "IT corrects it in the mapping"),
    Mend.RUN: _in("neste kjøring retter det", "neste køyring rettar det", "the next run puts it right"),
    Mend.DIRECTORY: _in("IT retter det i katalogen", "IT rettar det i katalogen", "IT corrects it in the directory"),
}

# By attribute what people call it; where the SIS has such a field, that is where it is filled in.
_NAME: Final = _in("navn (fornavn og etternavn)", "namn (førenamn og etternamn)", "name (fornavn og etternavn)")
_UNIT: Final = _in("skole", "skule", "school (skole)")
IN_THE_SIS: Final[Mapping[str, _Texts]] = {
    "cn": _NAME,
    "displayName": _NAME,
    "norEduPersonLegalName": _in("fullt navn", "fullt namn", "full name (fullt navn)"),
    "givenName": _in("fornavn", "førenamn", "given name (fornavn)"),
    "sn": _in("etternavn", "etternamn", "family name (etternavn)"),
    "mail": _in("e-postadresse", "e-postadresse", "mail address (e-postadresse)"),
    "mobile": _in("mobiltelefon", "mobiltelefon", "mobile telephone (mobiltelefon)"),
    "postalAddress": _in("postadresse", "postadresse", "postal address (postadresse)"),
    "eduPersonOrgDN": _in("skoleeier", "skuleeigar", "school owner (skoleeier)"),
    "eduPersonOrgUnitDN": _UNIT,
    "eduPersonPrimaryOrgUnitDN": _UNIT,
    "eduPersonAffiliation": _in("rolle ved skolen", "rolle ved skulen", "role at the school (rolle)"),
    "ou": _in("skolens navn", "namnet på skulen", "name of the school (skolens navn)"),
    "o": _in("kommunens navn", "namnet på kommunen", "name of the municipality (kommunens navn)"),
    "eduOrgLegalName": _in(
        "kommunens navn", "namnet på kommunen", "registered name of the municipality (kommunens navn)"
    ),
    "norEduOrgNIN": _in(
        "kommunens organisasjonsnummer",
        "organisasjonsnummeret til kommunen",
        "organisation number of the municipality (organisasjonsnummer)",
    ),
    "norEduOrgUnitUniqueIdentifier": _in(
        "skolens organisasjonsnummer",
        "organisasjonsnummeret til skulen",
        "organisation number of the school (organisasjonsnummer)",
    ),
}
_ELSEWHERE: Final[Mapping[str, _Texts]] = {
    "uid": _in("brukernavn", "brukarnamn", "username"),
    "eduPersonPrincipalName": _in("Feide-navn", "Feide-namn", "Feide name"),
    "norEduOrgSchemaVersion": _in("norEdu-versjon", "norEdu-versjon", "norEdu version"),
}
# What is mended in the SIS whatever the attribute.
_FIELD_OF: Final[Mapping[Finding, _Texts]] = {
    Finding.DUPLICATE_ORG_UNIT: IN_THE_SIS["norEduOrgUnitUniqueIdentifier"],
    Finding.GROUP_INVALID_CODE: _in("fagkode på gruppa", "fagkode på gruppa", "subject code of the group (fagkode)"),
    Finding.GROUP_WITHOUT_CODE: _in("fagkode på gruppa", "fagkode på gruppa", "subject code of the group (fagkode)"),
    Finding.MISSING_GREP: _in("trinn på klassen", "trinn på klassen", "grade of the class (trinn)"),
    Finding.MISSING_GROUPS: _in(
        "klasser og undervisningsgrupper",
        "klassar og undervisningsgrupper",
        "classes and teaching groups (klasser og undervisningsgrupper)",
    ),
}
_BY_ATTRIBUTE: Final = frozenset(
    {Finding.MISSING_ATTRIBUTE, Finding.MISSING_ORG_UNIT, Finding.EXTRA_WHITESPACE, Finding.INVALID_MOBILE}
)


def mended(found: Found) -> Mend:
    """Where it is put right, for a record that we make."""
    in_sis = found.finding in _FIELD_OF or (found.finding in _BY_ATTRIBUTE and found.attribute in IN_THE_SIS)
    return Mend.SIS if in_sis else Mend.MAPPING


def told(found: Found, mend: Mend, language: Language) -> str:
    """The finding and what to do about it, as one sentence without its capital and its full stop."""
    called = IN_THE_SIS.get(found.attribute) or _ELSEWHERE.get(found.attribute)
    field = called[language] if called else found.attribute
    text = FINDINGS[found.finding][language]
    what = text.format(field=field, attribute=found.attribute, detail=found.detail)
    if mend is not Mend.SIS or "{field}" in text:
        return f"{what}; {MENDS[mend][language]}"
    to_mend = _FIELD_OF[found.finding][language] if found.finding in _FIELD_OF else field
    return f"{what}; {MENDS[mend][language]}: {to_mend}"
