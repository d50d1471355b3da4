"""What docs/operations.md tells people to type works: rights in the directory, encrypted passwords, the backup."""

import os
import re
import shlex
import shutil
import sqlite3
import subprocess
from configparser import ConfigParser
from datetime import UTC, datetime
from pathlib import Path

from provision.core.state import Key, Kind
from provision.directory import Directory
from provision.handover import Handover, Newcomer
from provision.targets.ldap import LdapTarget
from provision.wiring import directory, layout_of, open_place
from tests.app.sites import DAY, PEOPLE, Said, Site, call, finished, on_ldap, process
from tests.servers.openssl import require_openssl
from tests.servers.slapd import Slapd
from tests.servers.slapd_config import SECRET, SERVICE_DN, SlapdOptions
from tests.shipped.machine import ROOT

OPERATIONS = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
_OURS = "cn=provision,ou=system,dc=hemne,dc=kommune,dc=no"
_FEIDE = "cn=feide,ou=system,dc=hemne,dc=kommune,dc=no"


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", OPERATIONS, re.DOTALL)


def for_the_test_server(ldif: str) -> str:
    return ldif.replace(_OURS, SERVICE_DN).replace("{1}mdb", "{2}mdb")


def modify(slapd: Slapd, ldif: str, bind: str, folder: Path) -> None:
    path = folder / "recipe.ldif"
    path.write_text(for_the_test_server(ldif))
    command = ["ldapmodify", "-x", "-H", slapd.url, "-D", bind, "-w", SECRET, "-f", str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def on_its_own(site: Site, *arguments: str) -> Said:
    """The command in a process of its own."""
    return finished(process(*arguments, "--site", str(site.folder), "--day", str(DAY)))


def seen_by(slapd: Slapd, dn: str) -> dict[str, set[str]]:
    """Every entry and the names of its attributes, as this account sees them."""
    with Directory(slapd.settings(bind_dn=dn)) as connected:
        return {dn: set(held) for dn, held in connected.search(slapd.suffix, "(objectClass=*)", ["*", "+"])}


def test_with_the_rights_and_the_policy_of_the_page_a_night_goes_through(tmp_path: Path) -> None:
    rights, overlay, policy = blocks("ldif")
    folder = tmp_path / "site"
    assert call("sample", str(folder), "--pupils", "20", "--schools", "1", "--day", str(DAY)).code == 0
    site = Site(folder, (folder / "data" / "sis.xml").read_bytes())
    with Slapd(tmp_path / "slapd", SlapdOptions(policy_module=False)) as slapd:
        modify(slapd, overlay, "cn=config", tmp_path)
        modify(slapd, policy, slapd.root_dn, tmp_path)
        slapd.add(_FEIDE, {"objectClass": ["device", "simpleSecurityObject"], "cn": "feide", "userPassword": SECRET})
        modify(slapd, rights, "cn=config", tmp_path)
        on_ldap(site, slapd)
        found = on_its_own(site, "adopt", "--json").json
        assert on_its_own(site, "adopt", "--approve", found["digest"]).code == 0
        assert on_its_own(site, "run").code == 0
        place = open_place(site.folder, "nightly")
        layout = layout_of(place.mappings["feide"], place.settings.base_dn)
        with directory(place) as connected:
            levels = {each.level for each in LdapTarget("feide", connected, layout).findings()}
        assert levels <= {"ok", "warning"}
        ours, feide = seen_by(slapd, SERVICE_DN), seen_by(slapd, _FEIDE)
    people = {dn for dn in feide if dn.endswith(f",{PEOPLE}")}
    assert len(people) > 20
    assert people < ours.keys()
    assert not [dn for dn in (*ours, *feide) if "userPassword" in ours.get(dn, set()) | feide.get(dn, set())]
    assert _FEIDE not in feide


def test_a_file_encrypted_to_a_school_opens_as_the_page_says(tmp_path: Path) -> None:
    require_openssl()
    make, opens = [line for block in blocks("sh") for line in block.splitlines() if line.startswith("openssl")]
    certificate = shlex.split(make)[-1]
    environment = {**os.environ, "PHRASE": "a pass phrase of the school"}
    subprocess.run(
        [*shlex.split(make), "-passout", "env:PHRASE"], cwd=tmp_path, check=True, capture_output=True, env=environment
    )
    school = certificate.removesuffix(".pem")
    handover = Handover(tmp_path / "out", tmp_path, "Hemne kommune", "feide", lambda: datetime.now(UTC))
    key = Key(Kind.ACCOUNT, "p1")
    handover.hand_over("r1", [Newcomer(key, school, "Sodin skole", "Kari Prøve", "1A", "karpro")])
    (tmp_path / "out" / f"{school}-feide-r1.csv.p7m").rename(tmp_path / "passwords.csv.p7m")
    subprocess.run([*shlex.split(opens), "-passin", "env:PHRASE"], cwd=tmp_path, check=True, env=environment)
    assert f"karpro;{handover.first(key)}" in (tmp_path / "passwords.csv").read_text(encoding="utf-8-sig")


def test_the_copy_of_the_journal_can_take_its_place(tmp_path: Path) -> None:
    (backup,) = [block.strip() for block in blocks("sh") if "VACUUM" in block]
    folder = tmp_path / "site"
    assert call("sample", str(folder), "--pupils", "10", "--schools", "1", "--day", str(DAY)).code == 0
    site = Site(folder, (folder / "data" / "sis.xml").read_bytes())
    site.run()
    copied = tmp_path / "journal.db"
    command = backup.replace("/backup/journal.db", str(copied))
    assert command != backup
    subprocess.run(["sh", "-c", command], cwd=folder, check=True)
    (before,) = sqlite3.connect(copied).execute("SELECT count(*) FROM username").fetchone()
    assert before > 10
    for name in ("journal.db-wal", "journal.db-shm"):
        (folder / "var" / name).unlink(missing_ok=True)
    shutil.copy(copied, folder / "var" / "journal.db")
    assert site.cli("status", "--json", code=0).json["audit"] is None
    assert [(each["failure"], each["changes"]) for each in site.run().json["targets"]] == [(None, []), (None, [])]


def test_the_units_name_each_other_and_a_time_outside_the_hour_that_moves() -> None:
    service, timer = blocks("ini")
    read = {}
    for name, text in (("service", service), ("timer", timer)):
        parser = ConfigParser(strict=False, interpolation=None)
        parser.read_string(text)
        read[name] = parser
    given = dict(line.split("=", 1)[1].split(":", 1) for line in service.splitlines() if line.startswith("LoadCred"))
    assert read["service"]["Service"]["Environment"] == f"LDAP_PASSWORD_FILE=%d/{next(iter(given))}"
    hours = [int(hour) for hour in re.findall(r"OnCalendar=\S+ (\d\d):", timer)]
    hours += [int(hour) for hour in re.findall(r"^\d+ (\d+) \* \* \*", OPERATIONS, re.MULTILINE)]
    assert hours == [3, 1]
