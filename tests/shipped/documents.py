"""Every JSON document that the command line can give, with something in each of its lists."""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from lxml import etree

from tests.app.counts import counted
from tests.app.edits import named, numbered, without
from tests.app.sites import BASE, DAY, NORTH, SOUTH, Site, call, day, number_of, pupils, without_lms

_OTHERS = """
dn: {base}
objectClass: dcObject
objectClass: organization
dc: hemne
o: Hemne kommune

dn: uid=certain,{base}
objectClass: inetOrgPerson
objectClass: norEduPerson
uid: certain
cn: Certain
sn: Certain
norEduPersonNIN: {number}

dn: uid=perhaps,{base}
objectClass: inetOrgPerson
objectClass: norEduPerson
uid: perhaps
cn: Perhaps Likely
sn: Likely
norEduPersonBirthDate: {born}

dn: uid=one,{base}
objectClass: inetOrgPerson
uid: one
cn: Same Named
sn: Named

dn: uid=other,{base}
objectClass: inetOrgPerson
uid: other
cn: Same Named
sn: Named
"""


def _ratios(folder: Path) -> Any:
    """With a school that could lend to another, and a machine of which something is to be mended."""
    call("sample", str(folder), "--day", str(DAY))
    site = Site(folder, (folder / "data" / "sis.xml").read_bytes())
    rows = [f"A{number},{NORTH},{DAY}" for number in range(900)]
    path = folder / "data" / "devices.csv"
    path.write_text("\n".join(["serial,school,last_seen", *rows, f"B1,{SOUTH},2036-01-01\n"]), encoding="utf-8")
    return counted(site, 0, "--json", "--out", str(folder / "ratios")).json


def documents(folder: Path) -> Mapping[str, Any]:
    """By command. Each is real: taken from standard output, on a site made in this folder."""
    made = call("sample", str(folder / "site"), "--pupils", "60", "--schools", "2", "--day", str(DAY), "--json")
    site = Site(folder / "site", (folder / "site" / "data" / "sis.xml").read_bytes())
    without_lms(site)
    north, south = pupils(site, NORTH), pupils(site, SOUTH)
    adoption = _adoption(site, north)
    site.ldif.unlink()
    site.night(0)
    site.replace("data/people.csv", ("2027-07-31,1988", "2026-12-07,1988"))
    twins = numbered(north[1], number_of(site, north[0]))
    site.export(1, without(south[:1]), twins, named(north[2], "", ""), _without_mobiles)
    ran = site.run(1, code=5)
    (hold,) = {each["hold"] for each in ran.target["holds"] if each["org"] == SOUTH}
    return {
        "plan": site.plan(1, code=5).json,
        "run": ran.json,
        **_standing(site),
        "explain": site.cli("explain", south[1], "--json", "--day", str(day(1)), code=0).json,
        "resync": _resync(site, south),
        "verify": site.cli("verify", "--json", "--day", str(day(1)), code=0).json,
        "preflight": site.cli("preflight", "--json", "--day", str(day(1)), code=6).json,
        "doctor": site.cli("doctor", "--json", code=0).json,
        "approve": site.cli("approve", hold, "--reason", "for the documents", "--later", "--json", code=0).json,
        "reject": site.cli("reject", hold, "--reason", "for the documents", "--json", code=0).json,
        "word": site.cli("approve", "care.csv", "--reason", "for the documents", "--json", code=0).json,
        "retention": site.cli("retention", "--json", code=0).json,
        "protect": site.cli("protect", south[2], "--json", "--day", str(day(1)), code=0).json,
        "block": site.cli("block", south[3], "--json", "--day", str(day(1)), code=0).json,
        "list": site.cli("block", "--list", "--json", code=0).json,
        "declare": site.cli("adopt", "--distinct", south[1], "--json", "--day", str(day(1)), code=0).json,
        "adopt": adoption,
        "ratios": _ratios(folder / "town"),
        "sample": json.loads(made.out),
        "error": site.cli("plan", "nigthly", "--json", code=3).json,
    }


def _standing(site: Site) -> dict[str, Any]:
    """With something scheduled, and something that calls for somebody."""
    job = site.folder / "jobs" / "nightly.toml"
    before = job.read_text(encoding="utf-8")
    site.append("jobs/nightly.toml", "[schedule]", 'sync = "30 3 * * *"')
    told = {
        "status": site.cli("status", "--json", code=0).json,
        "health": site.cli("health", "--json", code=1).json,
        "audit verify": site.cli("audit", "verify", "--json", code=0).json,
        "audit search": site.cli("audit", "search", "--json", code=0).json,
    }
    job.write_text(before, encoding="utf-8")
    return told


def _resync(site: Site, south: list[str]) -> Any:
    """Of everything, with what is to be changed and what to be taken away, and nothing done."""
    before = site.ldif.read_text(encoding="utf-8")
    entries = before.split("\n\n")
    one, other = (next(n for n, e in enumerate(entries) if f":localnin:{p}\n" in f"{e}\n") for p in south[4:6])
    entries[one] = re.sub(r"(?m)^givenName::? .*$", "givenName: Feil", entries[one])
    entries[other] = re.sub(r"(?m)^(eduPersonAffiliation: )", r"\1alum\n\1", entries[other], count=1)
    site.ldif.write_text("\n\n".join(entries), encoding="utf-8")
    said = site.cli("resync", "all", "--json", "--day", str(day(1)), code=2).json
    site.ldif.write_text(before, encoding="utf-8")
    return said


def _adoption(site: Site, north: list[str]) -> Any:
    """In front of a directory that others made."""
    site.export(0, named(north[3], "Perhaps", "Likely"), named(north[4], "Same", "Named"))
    root = etree.fromstring(site.sis.read_bytes())
    (born,) = root.xpath(f"//*[local-name()='person'][*/*='{north[3]}']/*/*[local-name()='bday']/text()")
    site.ldif.parent.mkdir()
    text = _OTHERS.format(base=BASE, number=number_of(site, north[0]), born=str(born).replace("-", ""))
    site.ldif.write_text(text.lstrip())
    return site.cli("adopt", "--json", "--day", str(DAY), code=5).json


def _without_mobiles(root: Any) -> None:
    for number in root.xpath("//*[local-name()='tel']"):
        number.getparent().remove(number)
