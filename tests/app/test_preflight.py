"""`provision preflight`: what Feide would say of tonight's records, and of a directory whoever wrote it."""

from collections.abc import Iterator, Mapping
from copy import deepcopy
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from provision.errors import UsageError
from provision.night import Route
from provision.preflight import preflight as examine
from provision.wiring import open_journal_of, open_place, open_routes, sources
from tests.app.directories import Entry, Holder, OnServer, a_person, base, containers, holder_of
from tests.app.edits import Edit, Export, one, person, without
from tests.app.sites import BASE, DAY, NORTH, REALM, SOUTH, Said, Site, number_of, on_ldap, protected, pupils, with_lms
from tests.servers.slapd import Slapd, SlapdOptions

TODAY = ("--day", str(DAY))
NOBODYS = "15851250066"  # a number that belongs to nobody
PLACE = "urn:mace:feide.no:go:group:b::NO300010105:9Z:2026-08-01:2027-07-31:student:9Z"


def preflight(site: Site, *more: str, code: int = 6) -> Said:
    return site.cli("preflight", *TODAY, *more, code=code)


def findings(site: Site, *more: str, code: int = 6) -> list[dict[str, Any]]:
    """What is found at the one target."""
    found: list[dict[str, Any]] = preflight(site, "--json", *more, code=code).target["findings"]
    return found


def of(found: list[dict[str, Any]], who: str) -> dict[str, dict[str, Any]]:
    """By finding and attribute, what is found about somebody: a key's id, or what a DN starts with."""
    return {
        f"{each['finding']} {each['attribute']}": each
        for each in found
        if (each["key"] or "").endswith(f":{who}") or (each["entry"] or "").startswith(who)
    }


def called(sourced_id: str, mobile: str) -> Edit:
    """The SIS holds this mobile number of the person."""

    def edit(root: Export) -> None:
        number = deepcopy(next(root.iterfind("{*}person/{*}tel")))
        number.text = mobile
        one(person(root, sourced_id), "name").addnext(number)

    return edit


@pytest.fixture
def someone(fresh: Site) -> str:
    """A pupil at the south school who has an identity number."""
    return next(p for p in pupils(fresh, SOUTH) if number_of(fresh, p))


def with_field(site: Site, old: str, new: str) -> None:
    site.replace("mappings/feide.toml", (old, new))


# ── Tonight's records ────────────────────────────────────────────────────────────────────────────────────────────
def test_a_school_sees_what_to_mend_for_whom_in_its_own_language_and_nothing_is_written(
    fresh: Site, someone: str
) -> None:
    fresh.export(0, called(someone, "ukjent"))
    before = fresh.state()
    said = preflight(fresh)
    school = said.out.partition(f"\n{name_of(fresh, SOUTH)}\n")[2].partition("\n\n")[0]
    assert "Merk: mobilnummeret er ikke gyldig" in school
    assert "rett det i skolesystemet: mobiltelefon." in school
    assert f"    {someone} " in school
    assert someone not in said.out.partition(f"\n{name_of(fresh, NORTH)}\n")[2].partition("\n\n")[0]
    assert fresh.state() == before


def name_of(site: Site, number: str) -> str:
    root = etree.fromstring(site.pristine)
    groups = (g for g in root.iterfind("{*}group") if number in "".join(g.itertext()))
    return one(next(groups), "description/short").text or ""


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), "mobilnummeret er ikke gyldig"),
        (("--language", "nn"), "mobilnummeret er ikkje gyldig"),
        (("--language", "en"), "the mobile number is not valid"),
    ],
)
def test_the_list_is_in_the_language_that_is_asked_for(
    fresh: Site, someone: str, arguments: tuple[str, ...], words: str
) -> None:
    fresh.export(0, called(someone, "ukjent"))
    assert words in preflight(fresh, *arguments).out
    (found,) = (each for each in findings(fresh, *arguments) if each["finding"] == "invalid_mobile")
    assert words in found["text"]


def test_without_a_language_the_jobs_own_is_spoken(fresh: Site, someone: str) -> None:
    fresh.export(0, called(someone, "ukjent"))
    fresh.replace("jobs/nightly.toml", ('language = "nb"', 'language = "nn"'))
    assert "mobilnummeret er ikkje gyldig" in preflight(fresh).out
    assert preflight(fresh, "--language", "nb", "--json").json["language"] == "nb"


def test_where_nothing_is_found_it_says_so_and_ends_with_0(fresh: Site) -> None:
    found = findings(fresh)
    assert {each["finding"] for each in found} == {"missing_groups"}, "what a sample has by itself: substitutes"
    keys = {each["key"].removeprefix("account:") for each in found}
    fresh.export(0, without(keys))
    rows = (fresh.folder / "data" / "people.csv").read_text(encoding="utf-8").splitlines(keepends=True)
    kept = [row for row in rows if row.partition(",")[0] not in keys]
    (fresh.folder / "data" / "people.csv").write_text("".join(kept), encoding="utf-8")
    assert findings(fresh, code=0) == []
    assert ": 0 feil, 0 å merke seg." in preflight(fresh, code=0).out


def test_what_is_an_error_holds_the_record_in_the_plan_and_the_rest_goes_on(fresh: Site) -> None:
    with_field(fresh, 'sn = ["{family_name}"]', 'sn = ["{mobile}"]')
    found = {each["key"] for each in findings(fresh) if each["holds"]}
    plan = fresh.plan(code=6).target
    reasons = {each["reason"] for each in plan["held"]}
    assert {each["key"] for each in plan["held"]} == found
    assert reasons == {"family name (etternavn) is missing (sn); correct it in the SIS"}
    assert plan["counts"]["create"] > 10
    assert "Det som har en feil, blir ikke skrevet før feilen er rettet." in preflight(fresh).out


def test_a_teaching_group_without_a_code_is_told_once_for_all_who_are_in_it(fresh: Site) -> None:
    def uncoded(root: Export) -> None:
        for code in root.xpath("//*[local-name()='pifu_id'][@type='grepCode']"):
            code.getparent().remove(code)

    fresh.export(0, uncoded)
    groups = [each for each in findings(fresh) if each["finding"] == "group_without_code"]
    assert groups
    assert len({each["group"] for each in groups}) == len(groups)
    assert all(each["key"] is None and each["mend"] == "sis" and len(each["orgs"]) == 1 for each in groups)
    assert any(each["people"] > len(each["examples"]) == 3 for each in groups)
    assert "undervisningsgruppa mangler fagkode (Grep)" in preflight(fresh).out


def test_records_that_could_not_be_made_are_counted_and_not_passed_over(fresh: Site) -> None:
    def nameless(root: Export) -> None:
        one(person(root, pupils(fresh, SOUTH)[0]), "name/n/given").text = ""

    fresh.export(0, nameless)
    said = preflight(fresh)
    assert preflight(fresh, "--json").target["not_examined"] == 1
    assert "1 kunne ikke kontrolleres; `provision plan nightly --all" in said.out


@pytest.mark.parametrize(
    ("target", "words"),
    [("lms", "lms is no directory; there is feide"), ("fiede", 'no target of the job; did you mean "feide"?')],
)
def test_only_a_directory_of_the_job_can_be_looked_at(fresh: Site, target: str, words: str) -> None:
    with_lms(fresh)
    assert words in preflight(fresh, "--target", target, code=2).err
    assert [each["target"] for each in preflight(fresh, "--json").json["targets"]] == ["feide"]


# ── A directory as it stands ─────────────────────────────────────────────────────────────────────────────────────
@pytest.fixture(params=["slapd", "ldif"])
def holder(request: pytest.FixtureRequest, fresh: Site, tmp_path: Path) -> Iterator[Holder]:
    if request.param == "ldif":
        yield holder_of(fresh, None)
    else:
        with Slapd(tmp_path / "slapd", SlapdOptions(base_entry=False)) as slapd:
            yield holder_of(fresh, slapd)


OTHERS: tuple[Entry, ...] = ((BASE, base()), *containers())


def sound(uid: str, **more: str | list[str]) -> Entry:
    """A person whom somebody else provisioned well, but for what is said here."""
    dn, held = a_person(uid, "Kari", "Prøve")
    names = {"displayName": "Kari Prøve", "norEduPersonLegalName": "Kari Prøve"}
    return dn, {**held, **names, "eduPersonAffiliation": ["staff", "member"], "eduPersonOrgDN": BASE, **more}


def test_entries_that_others_wrote_are_looked_at_as_ours_are(fresh: Site, holder: Holder) -> None:
    holder.put(
        *OTHERS,
        sound("rett"),
        sound("mobil", mobile="99 99 99 99"),
        sound("fremmed", eduPersonPrincipalName="fremmed@annen.kommune.no"),
        sound("borte", eduPersonOrgUnitDN=f"ou=borte,{BASE}"),
        sound(NOBODYS, mobile="ukjent"),
        sound("nummer", mobile="ukjent", norEduPersonLIN=f"{REALM}:localnin:{NOBODYS}"),
        sound("elev", eduPersonAffiliation="student", eduPersonEntitlement=PLACE),
        *((f"ou={name},{BASE}", unit(name)) for name in ("en", "to")),
        (f"ou=gammel,{BASE}", {"objectClass": "organizationalUnit", "ou": "gammel"}),
        sound("gammel", eduPersonOrgUnitDN=f"OU=gammel, {BASE}", eduPersonPrimaryOrgUnitDN=f"ou=Gammel,{BASE}"),
    )
    found = findings(fresh, "--target", "feide")
    assert of(found, "uid=rett") == {}
    assert of(found, "uid=mobil").keys() == {"invalid_mobile mobile"}
    assert of(found, "uid=fremmed").keys() == {"realm_mismatch eduPersonPrincipalName"}
    assert of(found, "uid=borte").keys() == {
        "missing_org_unit eduPersonOrgUnitDN",
        "missing_attribute eduPersonPrimaryOrgUnitDN",
    }
    assert of(found, "uid=elev").keys() == {
        "missing_attribute eduPersonOrgUnitDN",
        "missing_attribute eduPersonPrimaryOrgUnitDN",
        "missing_grep eduPersonEntitlement",
        "missing_group_ids eduPersonEntitlement",
    }
    assert of(found, "uid=gammel") == {}
    assert of(found, "ou=gammel").keys() == {
        "missing_attribute norEduOrgUnitUniqueIdentifier",
        "missing_attribute mail",
    }
    assert of(found, "uid=…").keys() == {"invalid_mobile mobile"}
    assert {name for unit in ("en", "to") for name in of(found, f"ou={unit}")} == {
        "duplicate_org_unit norEduOrgUnitUniqueIdentifier",
        "missing_attribute mail",
    }
    assert of(found, "…").keys() == {"invalid_mobile mobile"}
    assert {each["mend"] for each in found} == {"directory"}
    assert NOBODYS not in preflight(fresh, "--target", "feide", "--json").out
    assert NOBODYS not in preflight(fresh, "--target", "feide").out


def unit(name: str) -> Mapping[str, str | list[str]]:
    classes = ["organizationalUnit", "norEduOrgUnit"]
    return {"objectClass": classes, "ou": name, "norEduOrgUnitUniqueIdentifier": "NO300010105"}


def altered(holder: Holder, site: Site, dn: str, **changes: list[str]) -> None:
    """Somebody changes an entry of ours by hand."""
    if site.ldif.exists():
        holder.put((dn, {**{name: sorted(held) for name, held in site.entries()[dn].items()}, **changes}))
    else:
        assert isinstance(holder, OnServer)
        holder.slapd.modify(dn, {name: ("MODIFY_REPLACE", held) for name, held in changes.items()})


def test_of_our_own_it_says_whether_the_sis_a_run_or_a_hand_puts_it_right(
    fresh: Site, holder: Holder, someone: str
) -> None:
    fresh.night(0, called(someone, "ukjent"))
    dn = next(dn for dn, held in holder.entries().items() if someone in "".join(held.get("norEduPersonLIN", ())))
    (name,) = holder.entries()[dn]["eduPersonPrincipalName"]
    spaced = {"displayName": ["Kari  Prøve"], "postalAddress": [" Skolegata 1"]}
    altered(holder, fresh, dn, **spaced, eduPersonPrincipalName=[name.upper()])
    told = of(findings(fresh, "--target", "feide"), someone)
    assert {name: each["mend"] for name, each in told.items()} == {
        "invalid_mobile mobile": "sis",
        "extra_whitespace displayName": "run",
        "extra_whitespace postalAddress": "directory",
        "uppercase_principal_name eduPersonPrincipalName": "directory",
    }
    assert {tuple(each["orgs"]) for each in told.values()} == {(SOUTH,)}


def test_who_is_locked_out_is_not_looked_at(fresh: Site, holder: Holder) -> None:
    dn, held = sound("mobil", mobile="ukjent")
    holder.put(*OTHERS, (dn, held))
    assert of(findings(fresh, "--target", "feide"), "uid=mobil") != {}
    altered(holder, fresh, dn, pwdAccountLockedTime=["000001010000Z"])
    assert findings(fresh, "--target", "feide", code=0) == []


def test_a_server_that_is_away_or_holds_nothing_is_unavailable(fresh: Site, slapd: Slapd) -> None:
    on_ldap(fresh, slapd)
    said = preflight(fresh, "--target", "feide", code=7)
    assert f"holds nothing at {BASE}" in said.err.replace("\n", " ")
    slapd.stop()
    preflight(fresh, "--target", "feide", code=7)
    preflight(fresh)  # tonight's records need no server


def test_a_directory_that_cannot_list_what_stands_in_it_is_told_as_that(both: Site) -> None:
    place = open_place(both.folder, "nightly")
    with open_journal_of(place) as journal, open_routes(place) as (feide, lms):
        mute = [Route(lms.target, feide.mapping)]
        with pytest.raises(UsageError, match="lms cannot list what stands in it; without --target you see what"):
            examine("nightly", DAY, sources(place), mute, journal, place.site, target="lms")
        (looked_at,) = examine("nightly", DAY, sources(place), mute, journal, place.site).targets
    assert not looked_at.read


def test_what_was_accepted_last_needs_no_export(site: Site) -> None:
    before = preflight(site, "--json").json
    site.sis.unlink()
    assert preflight(site, "--json", "--kept").json == before
    assert preflight(site, "--json", code=4).messages


def test_rows_and_records_that_cannot_be_used_are_told_with_where_they_are(fresh: Site) -> None:
    one_of, twin, *_ = (each for each in pupils(fresh, SOUTH) if number_of(fresh, each))
    hidden = next(each for each in sorted(protected(fresh)) if number_of(fresh, each))

    def wrong(root: Export) -> None:
        one(person(root, one_of), "name/n/family").text = ""
        (number,) = (e for e in person(root, twin).iterfind("{*}userid") if e.get("useridtype") == "personNIN")
        number.text = number_of(fresh, hidden)

    fresh.export(1, wrong)
    waits = {
        each["id"]: each for each in preflight(fresh, "--json", "--day", str(DAY + timedelta(days=1))).json["waits"]
    }
    assert waits.keys() == {one_of, twin}
    assert waits[one_of]["orgs"] == waits[twin]["orgs"] == [SOUTH]
    assert "family" in waits[one_of]["reason"]
    assert waits[twin]["reason"].startswith("has the same identity number as …;")


# ── People with address protection ───────────────────────────────────────────────────────────────────────────────
def test_who_is_protected_is_in_no_list_whoever_wrote_their_entry(fresh: Site, holder: Holder, someone: str) -> None:
    fresh.night(0, called(someone, "ukjent"))
    dn = next(dn for dn, held in holder.entries().items() if someone in "".join(held.get("norEduPersonLIN", ())))
    altered(holder, fresh, dn, norEduPersonNIN=[])
    holder.put(sound("hemmeleg", mobile="ukjent", norEduPersonNIN=number_of(fresh, someone)))
    assert someone in preflight(fresh, "--target", "feide").out
    fresh.append("data/care.csv", f"{someone},,1,,,")
    for arguments in ((), ("--target", "feide"), ("--json",), ("--target", "feide", "--json")):
        said = preflight(fresh, *arguments)
        for each in {someone, *protected(fresh)}:
            assert each not in said.out + said.err, arguments
        assert "hemmeleg" not in said.out
        assert not [word for word in ("protect", "beskytt", "verna", "kode", "care") if word in words_of(said)], (
            arguments
        )


def words_of(said: Said) -> str:
    return (said.out + said.err).lower().replace("fagkode", "").replace("grep-kode", "").replace("prosentkode", "")
