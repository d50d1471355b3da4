"""What ./test fetches for the tests on a Debian that lacks it, for who is not root: unpacked into .venv."""

import json
from pathlib import Path
from typing import Any, Final

import pytest

from tests.shipped.machine import Machine, new_machine

PROGRAMS: Final = {
    "slapd": "usr/sbin/slapd",
    "ldap-utils": "usr/bin/ldapmodify",
    "chromium": "usr/lib/chromium/chromium",
    "postgresql": "usr/lib/postgresql/15/bin/initdb",
}
LIBRARIES: Final = '#!/bin/sh\nprintf %s "$LD_LIBRARY_PATH"\n'
APT: Final = """#!/bin/sh
echo "$@" >>"${0%/*}/apt.log"
case "$*" in
*-s\\ install*) shift 3; for each; do echo "Inst $each (1.0 Debian)"; echo "Conf $each (1.0 Debian)"; done ;;
*download*) shift 2; for each; do : >"$each.deb"; done ;;
esac
"""
PYTEST: Final = """
import json, os, subprocess
names = ("slapd", "ldapmodify", "chromium")
settings = ("OPENLDAP_ROOT", "FONTCONFIG_FILE", "PLAYWRIGHT_NODEJS_PATH")
said = {name: subprocess.run([name], capture_output=True, text=True).stdout for name in names}
print(json.dumps(said | {name: os.environ.get(name) for name in settings}))
"""


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    """A Debian of somebody who is not root; its pytest tells what it finds."""
    machine = new_machine(tmp_path)
    machine.with_uv()
    machine.env.pop("LD_LIBRARY_PATH", None)
    (machine.checkout / "pytest.py").write_text(PYTEST)
    machine.program("id", "#!/bin/sh\necho 1000\n")
    machine.program("apt-get", APT)
    machine.program("unpacked", LIBRARIES)
    cases = [
        f'{package}.deb) mkdir -p "{path.rpartition("/")[0]}"; cp "${{0%/*}}/unpacked" "{path}" ;;'
        for package, path in PROGRAMS.items()
    ]
    machine.program("dpkg", "\n".join(["#!/bin/sh", "case $2 in", *cases, "esac", ""]))
    return machine


def told(machine: Machine) -> dict[str, Any]:
    ended = machine.run("-q", command="test")
    assert ended.code == 0, ended.err
    assert "LEFT OUT" not in ended.err
    found: dict[str, Any] = json.loads(ended.out)
    return found


def asked_of_apt(machine: Machine) -> list[str]:
    log = machine.bin / "apt.log"
    return log.read_text().splitlines() if log.exists() else []


def test_all_that_is_missing_is_unpacked_once_and_finds_its_libraries(machine: Machine) -> None:
    found = told(machine)
    openldap, chromium = machine.checkout / ".venv" / "openldap", machine.checkout / ".venv" / "chromium"
    assert found["slapd"].startswith(f"{openldap}/usr/lib/")
    assert found["ldapmodify"] == found["slapd"]
    assert found["chromium"].startswith(f"{chromium}/usr/lib/")
    assert found["OPENLDAP_ROOT"] == str(openldap)
    assert Path(found["FONTCONFIG_FILE"]).is_relative_to(chromium)
    assert Path(found["FONTCONFIG_FILE"]).is_file()
    before = asked_of_apt(machine)
    assert told(machine) == found
    assert asked_of_apt(machine) == before


def test_a_checkout_moves_with_what_was_unpacked(machine: Machine, tmp_path: Path) -> None:
    told(machine)
    moved = machine.like_this(tmp_path / "elsewhere")
    assert told(moved)["chromium"].startswith(f"{moved.checkout}/.venv/chromium/")
    assert asked_of_apt(moved) == asked_of_apt(machine)
    fonts = (moved.checkout / ".venv" / "chromium" / "fonts.conf").read_text()
    assert str(machine.checkout) not in fonts


def test_nothing_is_fetched_where_all_is_installed(machine: Machine) -> None:
    for name in ("slapd", "ldapmodify", "chromium", "initdb"):
        machine.program(name, "#!/bin/sh\necho installed\n")
    assert told(machine) == {
        "slapd": "installed\n",
        "ldapmodify": "installed\n",
        "chromium": "installed\n",
        "OPENLDAP_ROOT": None,
        "FONTCONFIG_FILE": None,
        "PLAYWRIGHT_NODEJS_PATH": None,
    }
    assert asked_of_apt(machine) == []


def test_what_drives_the_browser_gets_the_library_that_it_lacks(machine: Machine) -> None:
    for name in ("slapd", "ldapmodify", "chromium", "initdb"):
        machine.program(name, "#!/bin/sh\necho installed\n")
    told(machine)
    (packages,) = (machine.checkout / ".venv" / "lib").glob("python*/site-packages")
    node = packages / "playwright" / "driver" / "node"
    node.parent.mkdir(parents=True)
    node.write_text('#!/bin/sh\n[ -n "$LD_LIBRARY_PATH" ]\n')
    node.chmod(0o755)
    (machine.bin / "dpkg").write_text("#!/bin/sh\n")  # of what is downloaded, no browser
    found = told(machine)
    assert found["chromium"] == "installed\n"
    assert Path(found["PLAYWRIGHT_NODEJS_PATH"]).is_relative_to(machine.checkout / ".venv" / "chromium")
    assert "libatomic1" in asked_of_apt(machine)[-1]
    before = asked_of_apt(machine)
    told(machine)
    assert asked_of_apt(machine) == before
