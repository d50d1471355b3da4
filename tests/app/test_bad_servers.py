"""Nights on which the directory server is down, dies, takes no writes or is not the one it should be."""

import threading
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from tests.app.directories import held, plain, read_ldif, uid_of
from tests.app.edits import named
from tests.app.sites import PEOPLE, SOUTH, Said, Site, copy, day, finished, on_ldap, process, pupils
from tests.servers.certificates import Authority
from tests.servers.proxy import Mode, Proxy
from tests.servers.slapd import Slapd, SlapdOptions


def unavailable(site: Site, number: int, told: str) -> Said:
    """A night on which the server cannot be used: said, and nothing else."""
    said = site.run(number, code=7)
    assert told in said.target["failure"]
    assert told in site.cli("plan", "--day", str(day(number)), code=7).out
    return said


def test_a_server_that_is_down_or_lets_nobody_in_waits_for_another_night(served: Site, slapd: Slapd) -> None:
    served.export(0)
    slapd.stop()
    unavailable(served, 0, "nobody answers there; see LDAP_URL, the server and the firewall")
    assert "FAIL  feide: " in served.cli("doctor", code=3).out
    slapd.start()
    served.append(".env", 'LDAP_PASSWORD="not-the-password"')
    served.secrets.add("not-the-password")
    unavailable(served, 0, "it refuses the service account's name or password")
    served.append(".env", f'LDAP_PASSWORD="{slapd.password}"')
    assert served.run(0).target["counts"]["create"] > 60


def test_a_server_that_dies_half_way_gets_the_rest_the_next_night(fresh: Site, slapd: Slapd) -> None:
    def die() -> None:
        _until(lambda: len(held(slapd, PEOPLE)) > 10)
        slapd.kill()

    with Proxy(slapd.port, delay=0.01) as proxy:
        on_ldap(fresh, slapd, LDAP_URL=proxy.url)
        proxy.mode = Mode.DELAY
        death = threading.Thread(target=die)
        death.start()
        said = fresh.run(0, code=7)
        death.join()
    assert said.target["failure"]
    slapd.start()
    _finished_by_the_next_run(fresh, slapd)


def test_a_run_that_is_killed_half_way_is_finished_by_the_next(fresh: Site, slapd: Slapd) -> None:
    with Proxy(slapd.port, delay=0.01) as proxy:
        on_ldap(fresh, slapd, LDAP_URL=proxy.url)
        proxy.mode = Mode.DELAY
        running = process("run", "--json", "--day", str(day(0)), "--site", str(fresh.folder))
        _until(lambda: len(held(slapd, PEOPLE)) > 10)
        running.kill()
        assert finished(running).out == ""
    _finished_by_the_next_run(fresh, slapd)


def _until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def _finished_by_the_next_run(site: Site, slapd: Slapd) -> None:
    assert 10 < len(held(slapd, PEOPLE)) < 70
    site.append(".env", f'LDAP_URL="{slapd.url}"')
    site.run(0)
    handed = site.passwords()
    assert all(slapd.can_log_in(dn, handed[uid_of(dn)]) for dn in held(slapd, PEOPLE) if dn != PEOPLE)
    assert site.run(0).target["counts"] == {}


def test_a_server_that_takes_no_writes_is_asked_again_the_next_night(served: Site, slapd: Slapd) -> None:
    served.night(0)
    before = held(slapd)
    slapd.read_only(on=True)
    served.export(1, named(pupils(served, SOUTH)[0], "Nytt", "Navn"))
    said = served.run(1, code=7)
    assert "it takes no writes now" in said.target["failure"]
    assert held(slapd) == before
    slapd.read_only(on=False)
    assert served.run(1).target["done"] == {"done": 1}


def test_a_certificate_that_is_not_right_ends_the_talk_before_any_password(fresh: Site, tmp_path: Path) -> None:
    authority, stranger = Authority(tmp_path / "ca"), Authority(tmp_path / "other")
    hosts = {
        "expired": authority.server("localhost", valid_for=-timedelta(days=1)),
        "other": authority.server("ldap.example"),
    }
    told = {"expired": "its certificate has expired", "other": "its certificate is not for localhost"}
    for what, certificate in hosts.items():
        with Slapd(tmp_path / what, SlapdOptions(base_entry=False, certificate=certificate)) as slapd:
            site = copy(fresh, tmp_path / f"site-{what}")
            on_ldap(site, slapd, LDAP_URL=slapd.tls_url, LDAP_CA_FILE=str(authority.ca_file))
            unavailable(site, 0, told[what])
            assert held(slapd) == {}
    with Slapd(tmp_path / "good", SlapdOptions(base_entry=False, certificate=authority.server("localhost"))) as slapd:
        on_ldap(fresh, slapd, LDAP_URL=slapd.tls_url, LDAP_CA_FILE=str(stranger.ca_file))
        unavailable(fresh, 0, "its certificate is from an authority that is not trusted here")
        fresh.append(".env", f'LDAP_CA_FILE="{authority.ca_file}"')
        assert fresh.run(0).target["counts"]["create"] > 60


def test_a_password_goes_nowhere_in_the_clear(served: Site) -> None:
    served.append(".env", 'LDAP_URL="ldap://ldap.hemne.example"')
    assert "LDAP_URL: ldap:// sends the password in the clear; write ldaps://" in served.run(0, code=3).messages


def test_a_server_whose_schema_lacks_an_attribute_is_told_which(fresh: Site, tmp_path: Path) -> None:
    options = SlapdOptions(base_entry=False, without=frozenset({"norEduPersonLegalName"}))
    with Slapd(tmp_path / "slapd", options) as slapd:
        on_ldap(fresh, slapd)
        unavailable(fresh, 0, "its schema lacks attribute norEduPersonLegalName; load the schemas")
        assert "FAIL  feide: its schema lacks attribute norEduPersonLegalName" in fresh.cli("doctor", code=3).out
        assert held(slapd) == {}


def test_while_a_server_cannot_be_asked_nobody_gets_a_name_that_may_be_taken_there(served: Site, slapd: Slapd) -> None:
    served.append(
        "jobs/nightly.toml",
        "[[targets]]",
        'name = "copy"',
        'kind = "ldif"',
        'mapping = "feide"',
        'path = "out/copy.ldif"',
    )
    slapd.stop()
    said = served.run(0, code=7)
    reasons = {h["reason"] for t in said.json["targets"] for h in t["held"]}
    assert "no new usernames while feide cannot be asked which are taken there" in reasons
    assert not any("uid=" in dn for dn in read_ldif(served.folder / "out" / "copy.ldif"))
    slapd.start()
    served.run(0)
    assert plain(read_ldif(served.folder / "out" / "copy.ldif")) == plain(held(slapd))
