"""./run on a machine with nothing but python3, with uv, with the wrong Python; again, twice at once, cut short."""

import os
import re
import subprocess
from pathlib import Path

import pytest

from tests.shipped.machine import PYTHON, Ended, Machine, new_machine

NO_ENSUREPIP_YET = f"""#!/bin/sh
case "$*" in *ensurepip*) [ -e "${{0%/*}}/venv-installed" ] || exit 1 ;; esac
exec "{PYTHON}" "$@"
"""
APT = """#!/bin/sh
echo "$@" >>"${0%/*}/apt.log"
case "$*" in *install*python3-venv) : >"${0%/*}/venv-installed" ;; esac
"""


def as_user(machine: Machine, uid: int) -> None:
    machine.program("id", f"#!/bin/sh\necho {uid}\n")


def first_line_with(words: str, process: "subprocess.Popen[str]") -> str:
    """Wait until it says this."""
    assert process.stderr
    return next(line for line in process.stderr if words in line)


@pytest.fixture(scope="module")
def first_start(tmp_path_factory: pytest.TempPathFactory) -> tuple[Machine, Ended]:
    """Root's first start on a bare Debian, whose Python makes no environments until python3-venv is installed."""
    if subprocess.run([PYTHON, "-c", "import ensurepip"], capture_output=True, check=False).returncode:
        pytest.skip("NOT TESTED: no Python here has ensurepip (apt install python3-venv)")
    machine = new_machine(tmp_path_factory.mktemp("bare"))
    machine.program("python3", NO_ENSUREPIP_YET)
    machine.program("apt-get", APT)
    as_user(machine, 0)
    return machine, machine.run("nightly", "--site", "a b")


@pytest.fixture
def warm(first_start: tuple[Machine, Ended], tmp_path: Path) -> Machine:
    """A machine that has been started before."""
    return first_start[0].like_this(tmp_path)


@pytest.fixture
def cold(tmp_path: Path) -> Machine:
    """A machine that has uv and was never started."""
    machine = new_machine(tmp_path)
    machine.with_uv()
    return machine


def test_the_first_start_on_a_bare_debian_installs_what_is_missing(first_start: tuple[Machine, Ended]) -> None:
    machine, ended = first_start
    assert ended.code == 0, ended.err
    assert ended.told["pebble"]
    updated, installed = (machine.bin / "apt.log").read_text().splitlines()
    assert updated.endswith("update")
    assert installed.endswith("--no-install-recommends python3-venv")


def test_each_step_of_a_first_start_is_told_with_its_reason(first_start: tuple[Machine, Ended]) -> None:
    said = [line for line in first_start[1].err.splitlines() if line.startswith("run: ")]
    assert said[0] == "run: there is no .venv yet"
    assert any("ensurepip is missing): installing python3-venv" in line for line in said)
    assert any("installing 1 packages from requirements.lock with pip" in line for line in said)
    assert said[-1] == "run: ready"


def test_arguments_and_current_folder_are_the_callers(first_start: tuple[Machine, Ended], warm: Machine) -> None:
    assert first_start[1].told["args"] == ["nightly", "--site", "a b"]
    assert first_start[1].told["cwd"] == str(first_start[0].bin)
    assert warm.run("", "*").told["args"] == ["", "*"]


def test_alone_it_demonstrates_except_in_a_site(warm: Machine, tmp_path: Path) -> None:
    site = tmp_path / "site"
    site.mkdir()
    assert warm.run(cwd=site).told["args"] == ["demo"]
    assert warm.run("status", cwd=site).told["args"] == ["status"]
    (site / ".env").touch()
    assert warm.run(cwd=site).told["args"] == []


def test_a_second_start_says_nothing_and_costs_little(warm: Machine) -> None:
    before = os.times()
    ended = warm.run()
    after = os.times()
    assert (ended.code, ended.err) == (0, "")
    # what it computes, Python's own start included; by the clock a busy machine would decide
    assert after.children_user + after.children_system - before.children_user - before.children_system < 0.5


def test_a_checkout_moves_with_its_environment(warm: Machine) -> None:
    # `warm` is a copy of what was installed elsewhere
    told = warm.run().told
    assert told["ours"] == str(warm.checkout / "provision" / "__main__.py")
    assert told["python"] == str(warm.checkout / ".venv")


def test_nothing_of_the_callers_python_is_used(warm: Machine, tmp_path: Path) -> None:
    other = tmp_path / "other"
    (other / "provision").mkdir(parents=True)
    (other / "provision" / "__main__.py").write_text("raise SystemExit('the wrong one')")
    told = warm.run(cwd=other, PYTHONPATH=str(other), PYTHONHOME=str(other), VIRTUAL_ENV=str(other)).told
    assert told["ours"] == str(warm.checkout / "provision" / "__main__.py")
    assert not {"PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV"} & told["env"].keys()


def test_a_link_to_run_is_run(warm: Machine, tmp_path: Path) -> None:
    link = tmp_path / "provision"
    link.symlink_to(warm.checkout / "run")
    done = subprocess.run([str(link), "x"], env=warm.env, capture_output=True, text=True, check=True)
    assert '"args": ["x"]' in done.stdout


@pytest.mark.parametrize(
    ("there", "instead", "reason"),
    [(r"sha256:\w+", f"sha256:{'0' * 64}", "DO NOT MATCH THE HASHES"), (r" --hash\S+", "", "Hashes are required")],
)
def test_what_has_no_right_hash_is_refused_and_what_worked_still_works(
    warm: Machine, there: str, instead: str, reason: str
) -> None:
    lock = warm.checkout / "requirements-dev.lock"
    lock.write_text(re.sub(there, instead, lock.read_text()))
    ended = warm.run("--version", command="test")
    assert ended.code == 3
    assert reason in " ".join(ended.err.split())
    assert "could not be installed; pip's reason is above" in ended.err
    assert warm.run().code == 0


def test_where_uv_cannot_pip_installs(warm: Machine) -> None:
    log = warm.with_uv()
    with (warm.checkout / "requirements-dev.lock").open("a") as lock:
        lock.write("# newer\n")
    ended = warm.run("--version", command="test", UV_DOES="refuse")
    assert "--require-hashes" in log.read_text()
    assert "uv could not; pip may know another package index" in ended.err
    assert "test: ready" in ended.err


def test_uv_is_used_where_it_is(cold: Machine) -> None:
    ended = cold.run()
    assert ended.code == 0, ended.err
    log = (cold.bin / "uv.log").read_text().splitlines()
    assert [line.split()[0] for line in log] == ["venv", "pip"]
    assert "sync --require-hashes" in log[1]


def test_a_lock_that_changed_is_installed_anew(cold: Machine) -> None:
    cold.run()
    (cold.checkout / "requirements.lock").write_text("# newer\n")
    assert "requirements.lock has changed" in cold.run().err
    assert cold.run().err == ""


def test_another_python_under_the_environment_makes_it_anew(cold: Machine) -> None:
    cold.run()
    (cold.checkout / ".venv" / ".installed" / "python").write_text("/usr/bin/python3.10\n")
    assert "the Python that .venv was made with has changed" in cold.run().err
    assert cold.run().err == ""


def test_an_installation_cut_short_is_begun_again(cold: Machine) -> None:
    assert cold.run(UV_DOES="die").code < 0
    (cold.checkout / ".venv" / "half-written").touch()
    ended = cold.run()
    assert not (cold.checkout / ".venv" / "half-written").exists()
    assert "the last installation was not finished" in ended.err
    assert ended.code == 0
    assert cold.run().err == ""


def test_two_first_starts_install_once(cold: Machine) -> None:
    os.mkfifo(cold.bin / "uv.log.fifo")
    with cold.start(UV_DOES="wait") as one:
        first_line_with("installing", one)
        with cold.start() as other:
            first_line_with("another start is installing", other)
            (cold.bin / "uv.log.fifo").write_text("go on\n")
        assert (one.wait(), other.returncode) == (0, 0)
    assert (cold.bin / "uv.log").read_text().count("sync") == 1


def test_run_and_test_share_one_environment(cold: Machine) -> None:
    cold.run()
    assert "the tools for tests are not installed yet" in cold.run("--version", command="test").err
    assert cold.run().err == ""
    log = (cold.bin / "uv.log").read_text().splitlines()
    assert [line.split()[0] for line in log] == ["venv", "pip", "pip"]


@pytest.mark.parametrize("home", ["", "/nowhere"])
def test_no_cache_is_kept_without_a_home(cold: Machine, home: str) -> None:
    assert cold.run(HOME=home).code == 0
    del cold.env["HOME"]
    assert cold.run().code == 0
    assert "cache=1" in (cold.bin / "uv.log").read_text()


def test_who_is_not_root_is_told_the_one_command(cold: Machine) -> None:
    (cold.bin / "uv").unlink()
    cold.program("python3", NO_ENSUREPIP_YET)
    cold.program("apt-get", APT)
    as_user(cold, 1000)
    ended = cold.run()
    assert ended.code == 3
    assert ended.err.rstrip().endswith("sudo apt-get install -y --no-install-recommends python3-venv")
    assert not (cold.bin / "apt.log").exists()


def test_an_old_python_is_named(cold: Machine) -> None:
    (cold.bin / "uv").unlink()
    cold.program("python3", '#!/bin/sh\n[ "$1" = --version ] && echo Python 3.9.2\n')
    ended = cold.run()
    assert ended.code == 3
    assert "Python 3.11 or newer is needed, and python3 here is Python 3.9.2" in ended.err


def test_a_folder_that_no_environment_can_be_in_is_named(cold: Machine) -> None:
    cold.checkout = cold.checkout.rename(cold.checkout.with_name("a:b"))
    ended = cold.run()
    assert ended.code == 3
    assert "':'" in ended.err
