"""Taking over a directory that others made: nobody gets a second entry, and what people log in with stays."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from lxml import etree

from tests.app.directories import (
    OLD_PASSWORD,
    ORGANISATIONS,
    Entry,
    Holder,
    a_person,
    a_school,
    containers,
    holder_of,
)
from tests.app.edits import known_as, one, person, texts
from tests.app.sites import (
    BASE,
    MUNICIPALITY,
    NORTH,
    PEOPLE,
    SOUTH,
    Said,
    Site,
    carries,
    day,
    number_of,
    protected,
    pupils,
)
from tests.servers.slapd import Slapd

OF_OTHERS = ("uid", "eduPersonPrincipalName", "userPassword", "entryUUID")
TODAY = ("--day", str(day(0)))


@pytest.fixture(params=["slapd", "ldif"])
def holder(request: pytest.FixtureRequest, fresh: Site, tmp_path: Path) -> Iterator[Holder]:
    fresh.export(0)
    if request.param == "ldif":
        yield holder_of(fresh, None)
    else:
        with Slapd(tmp_path / "slapd") as slapd:
            yield holder_of(fresh, slapd)


class Found:
    """Whose entries are there, and how each can be told."""

    def __init__(self, site: Site) -> None:
        numbered = [p for p in pupils(site, SOUTH) if number_of(site, p)]
        self.site = site
        self.root = etree.fromstring(site.pristine)
        self.by_principal, self.by_number, self.proposed, self.doubled, self.other, self.nobody = numbered[:6]

    def name(self, sourced_id: str) -> tuple[str, str]:
        name = one(person(self.root, sourced_id), "name/n")
        return one(name, "given").text or "", one(name, "family").text or ""

    def entries(self) -> list[Entry]:
        def born(sourced_id: str) -> str:
            return texts(person(self.root, sourced_id), "demographics/bday")[0].replace("-", "")

        def number(sourced_id: str) -> str:
            return number_of(self.site, sourced_id)

        twice = self.name(self.doubled)
        hidden = min(protected(self.site))
        return [
            *containers(),
            a_school("Hvalbakken skole"),
            a_school("Mones", norEduOrgUnitUniqueIdentifier=f"NO{NORTH}"),
            a_person("gammel1", "Heter", "Annerledes"),
            a_person("gammel2", "Heter", "Annerledes", norEduPersonNIN=number(self.by_number)),
            a_person("gammel3", *self.name(self.proposed), norEduPersonBirthDate=born(self.proposed)),
            a_person("gammel4", *twice, norEduPersonBirthDate=born(self.doubled)),
            a_person("gammel5", *twice, norEduPersonBirthDate=born(self.doubled)),
            a_person("gammel6", *self.name(self.other), norEduPersonNIN="24822000019"),
            a_person("fremmed", "Odd", "Fremmed"),
            a_person("vernet", *self.name(hidden)),
        ]

    def export(self) -> None:
        realm = "hemne.kommune.no"
        self.site.export(0, known_as(self.by_principal, f"gammel1@{realm}"), known_as(self.other, f"gammel6@{realm}"))


@pytest.fixture
def found(fresh: Site, holder: Holder) -> Found:
    there = Found(fresh)
    there.export()
    holder.put(*there.entries())
    return there


def adopt(site: Site, *more: str, code: int) -> Said:
    return site.cli("adopt", "--json", *TODAY, *more, code=code)


def accounts(said: Said) -> dict[str, str]:
    return {each["key"]: each["entry"].partition(",")[0] for each in said.target["adopt"]}


def test_before_adoption_nobody_who_may_exist_is_made_a_second_time(fresh: Site, holder: Holder, found: Found) -> None:
    before = holder.entries()
    plan = fresh.plan(0, code=6)
    held = {h["key"]: h["reason"] for h in plan.target["held"]}
    for each in (found.by_principal, found.by_number, found.proposed, found.doubled, found.other):
        assert "an entry that others made may be this" in held[f"account:{each}"]
    for org in (MUNICIPALITY, SOUTH):
        assert "an entry that others made may be this" in held[f"org:{org}"]
    assert held[f"account:{found.nobody}"].startswith("waits for org:")
    fresh.run(0, code=6)
    after = holder.entries()
    assert after.keys() == before.keys()
    assert {dn for dn in before if before[dn] != after[dn]} <= {f"ou=Mones,{ORGANISATIONS}"}, "which has its number"


def test_adoption_shows_what_it_would_stamp_and_writes_nothing(fresh: Site, holder: Holder, found: Found) -> None:
    before = holder.entries()
    shown = adopt(fresh, code=5)
    assert accounts(shown) == {
        f"org:{MUNICIPALITY}": "dc=hemne",
        f"org:{SOUTH}": "ou=Hvalbakken skole",
        f"account:{found.by_principal}": "uid=gammel1",
        f"account:{found.by_number}": "uid=gammel2",
    }
    assert [p["id"] for p in shown.target["proposals"]] == [found.proposed]
    assert {a["id"]: a["reason"] for a in shown.target["ambiguous"]} == {
        found.doubled: "2 entries match by name and birth date",
        found.other: "an entry matches by principal name, but its identity number is another",
    }
    assert f"provision adopt nightly --approve {shown.json['digest']}" in fresh.cli("adopt", *TODAY, code=5).out
    wrong = adopt(fresh, "--approve", "0123456789ab", code=2)
    assert f"has the digest {shown.json['digest']}, not 0123456789ab; look again" in wrong.messages
    assert holder.entries() == before


def test_an_approved_adoption_writes_our_id_and_nothing_else(fresh: Site, holder: Holder, found: Found) -> None:
    before = holder.entries()
    digest = adopt(fresh, code=5).json["digest"]
    done = adopt(fresh, "--approve", digest, code=6)
    assert {each["status"] for each in done.target["adopt"]} == {"done"}
    after = holder.entries()
    assert after.keys() == before.keys()
    changed = {dn: {n for n in after[dn] if after[dn][n] != before[dn].get(n)} for dn in before}
    assert {dn: names - {"objectClass"} for dn, names in changed.items() if names} == {
        BASE: {"norEduOrgNIN"},
        f"ou=Hvalbakken skole,{ORGANISATIONS}": {"norEduOrgUnitUniqueIdentifier"},
        f"uid=gammel1,{PEOPLE}": {"norEduPersonLIN"},
        f"uid=gammel2,{PEOPLE}": {"norEduPersonLIN"},
    }
    assert not [
        name for dn in before for name in before[dn] if not before[dn][name] <= after[dn].get(name, frozenset())
    ]


def test_after_adoption_the_nights_converge_and_everybody_logs_in_as_before(
    fresh: Site, holder: Holder, found: Found
) -> None:
    before = holder.entries()
    for more in ((), ("--with-proposals",)):
        digest = adopt(fresh, *more, code=5).json["digest"]
        adopt(fresh, *more, "--approve", digest, code=6)
        assert fresh.run(0, code=6).target["counts"]["update"] > 0
    again = fresh.run(0, code=6)
    assert again.target["counts"] == {}
    assert {h["key"] for h in again.target["held"]} == {f"account:{p}" for p in (found.doubled, found.other)}
    after = holder.entries()
    for dn, held in before.items():
        assert {n: held.get(n) for n in OF_OTHERS} == {n: after[dn].get(n) for n in OF_OTHERS}, dn
    for uid, whose in (("gammel1", found.by_principal), ("gammel2", found.by_number), ("gammel3", found.proposed)):
        assert carries(after[f"uid={uid},{PEOPLE}"], whose)
        assert holder.can_log_in(f"uid={uid},{PEOPLE}", OLD_PASSWORD)
    for untouched in ("gammel4", "gammel5", "gammel6", "fremmed", "vernet"):
        assert after[f"uid={untouched},{PEOPLE}"] == before[f"uid={untouched},{PEOPLE}"]
    assert adopt(fresh, code=6).target["adopt"] == []
    assert not {f"uid=gammel{n}" for n in (1, 2, 3)} & {f"uid={name}" for name in fresh.passwords()}


def test_an_entry_that_an_identity_number_names_is_told_without_it(fresh: Site, holder: Holder) -> None:
    somebody = next(p for p in pupils(fresh, SOUTH) if number_of(fresh, p))
    number = number_of(fresh, somebody)
    holder.put(*containers(), a_person(number, "Heter", "Annerledes", norEduPersonNIN=number))
    for more in (("--json",), ()):
        said = fresh.cli("adopt", *TODAY, *more, code=5)
        assert "an identity number is part of its name; rename it first" in said.out
    fresh.run(0, code=6)


def test_a_school_that_is_there_twice_waits_for_somebody_to_say_which(fresh: Site, holder: Holder) -> None:
    elsewhere = f"ou=Hvalbakken skole,ou=gammel,{ORGANISATIONS}"
    old = f"ou=gammel,{ORGANISATIONS}", {"objectClass": "organizationalUnit", "ou": "gammel"}
    one_of_them = a_school("Hvalbakken skole")
    holder.put(*containers(), old, one_of_them, (elsewhere, one_of_them[1]))
    before = holder.entries()
    shown = adopt(fresh, code=5)
    assert {a["id"]: a["reason"] for a in shown.target["ambiguous"]} == {SOUTH: "2 entries match by name"}
    fresh.run(0, code=6)
    assert [dn for dn in holder.entries() if dn not in before] == [
        f"norEduOrgUnitUniqueIdentifier=NO{NORTH},{ORGANISATIONS}"
    ]
