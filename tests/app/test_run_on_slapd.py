"""Whole nights on a real directory server: logins, the server's own bad nights, and the same directory as in a file."""

import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from tests.app.directories import dn_of, held, plain, uid_of
from tests.app.edits import named, renumbered, without
from tests.app.sites import (
    BASE,
    DAY,
    NORTH,
    PEOPLE,
    SOUTH,
    Site,
    copy,
    on_ldap,
    pupils,
)
from tests.servers.slapd import Slapd


# ── Logins ───────────────────────────────────────────────────────────────────────────────────────────────────────
def test_new_people_log_in_with_what_was_handed_over(served: Site, slapd: Slapd) -> None:
    served.night(0)
    handed = served.passwords()
    dns = [dn for dn in held(slapd, PEOPLE) if dn != PEOPLE]
    assert len(dns) == len(handed) > 60
    assert all(slapd.can_log_in(dn, handed[uid_of(dn)]) for dn in dns)
    assert served.night(1).target["counts"] == {}


def test_who_left_cannot_log_in_and_who_comes_back_has_the_old_password(served: Site, slapd: Slapd) -> None:
    served.night(0)
    gone = pupils(served, SOUTH)[:3]
    handed = served.passwords()
    dns = [dn_of(slapd, sourced_id) for sourced_id in gone]
    for number in (1, 2, 3):
        assert all(slapd.can_log_in(dn, handed[uid_of(dn)]) for dn in dns)
        served.night(number, without(gone))
    assert not any(slapd.can_log_in(dn, handed[uid_of(dn)]) for dn in dns)
    assert "ok    feide: its password policy locks disabled people out" in served.cli("doctor").out.replace("\n", " ")
    served.night(4)
    assert all(slapd.can_log_in(dn, handed[uid_of(dn)]) for dn in dns)
    assert served.passwords() == handed, "nobody got a new one"


def test_who_is_blocked_cannot_log_in_at_once_and_afterwards_has_the_old_password(served: Site, slapd: Slapd) -> None:
    served.night(0)
    who, other = pupils(served, SOUTH)[:2]
    handed, dn, others = served.passwords(), dn_of(slapd, who), dn_of(slapd, other)
    slapd.stop()
    served.cli("block", who, "--day", str(DAY), code=7)
    slapd.start()
    assert slapd.can_log_in(dn, handed[uid_of(dn)])
    served.sis.unlink()
    served.run(1, code=4)
    assert not slapd.can_log_in(dn, handed[uid_of(dn)])
    assert slapd.can_log_in(others, handed[uid_of(others)])
    served.cli("block", who, "--end", code=0)
    served.night(2)
    assert slapd.can_log_in(dn, handed[uid_of(dn)])


def test_who_is_protected_is_gone_from_the_server_at_once(served: Site, slapd: Slapd) -> None:
    served.night(0)
    who = pupils(served, SOUTH)[0]
    before, dn = held(slapd, PEOPLE), dn_of(slapd, who)
    served.sis.unlink()
    served.cli("protect", who, "--day", str(DAY), code=0)
    assert held(slapd, PEOPLE) == {each: before[each] for each in before if each != dn}


def a_certificate(folder: Path, number: str) -> Path:
    """The school's certificate, and beside it the key that never leaves the school."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, number)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    folder.mkdir(exist_ok=True)
    (folder / f"{number}.pem").write_bytes(certificate.public_bytes(Encoding.PEM))
    private = folder.parent / f"{number}.key"
    private.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return private


def test_a_schools_passwords_are_for_the_school_alone(served: Site, slapd: Slapd) -> None:
    served.replace("jobs/nightly.toml", ('# certificates = "certificates"', 'certificates = "certificates"'))
    folder = served.folder / "certificates"
    keys = {number: a_certificate(folder, number) for number in (NORTH,)}
    said = served.night(0, code=6)
    refused = {c["key"]: c["detail"] for c in said.target["changes"] if c["status"] == "rejected"}
    assert f"account:{pupils(served, SOUTH)[0]}" in refused
    assert f"certificates/{SOUTH}.pem: no certificate to encrypt first passwords to" in min(refused.values())
    keys[SOUTH] = a_certificate(folder, SOUTH)
    files = served.night(0).target["password_files"]
    assert all(name.endswith(".p7m") for name in files)
    assert served.passwords() == {}
    (rows,) = [name for name in files if SOUTH in name and ".csv" in name]
    opened = subprocess.run(
        ["openssl", "cms", "-decrypt", "-in", rows, "-recip", folder / f"{SOUTH}.pem", "-inkey", keys[SOUTH]],
        capture_output=True,
        text=True,
        check=True,
    )
    somebody = dn_of(slapd, pupils(served, SOUTH)[0])
    (password,) = [line.split(";")[3] for line in opened.stdout.splitlines() if f";{uid_of(somebody)};" in line]
    assert slapd.can_log_in(somebody, password.strip())
    served.secrets.add(password.strip())
    served.search(served.run(0), ids_only=True)


# ── The same in a file ───────────────────────────────────────────────────────────────────────────────────────────
def test_a_file_and_a_server_hold_the_same_after_the_same_nights(fresh: Site, slapd: Slapd, tmp_path: Path) -> None:
    in_file = copy(fresh, tmp_path / "in-file")
    on_ldap(fresh, slapd)
    gone, changed, renamed, hidden = pupils(fresh, SOUTH)[:4]
    later = [named(changed, "Ånde", "#Nytt; Navn "), renumbered(renamed, "ny-0001")]
    nights = [[], later, *[[*later, without([gone])]] * 4, later, []]
    for number, edits in enumerate(nights):
        if number == 4:
            for site in (fresh, in_file):
                site.append("data/care.csv", f"{hidden},,1,,,")
        code = 6 if number == len(nights) - 1 else 0  # the old id is back, and looks like somebody
        counts = [site.night(number, *edits, code=code).target["counts"] for site in (fresh, in_file)]
        assert counts[0] == counts[1], number
        assert plain(held(slapd)) == plain(in_file.entries()), number
    assert BASE in in_file.entries()
