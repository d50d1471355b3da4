"""The figures can be repeated: the command of benchmarks/README.md runs, and its nights are what it says they are."""

import json
import subprocess
import sys
from pathlib import Path

from tests.servers.slapd import require_slapd
from tests.shipped.machine import ROOT


def test_the_nights_of_the_benchmark_are_what_their_names_say(tmp_path: Path) -> None:
    require_slapd()
    told = tmp_path / "nights.json"
    command = [sys.executable, "-m", "benchmarks.nights", "--people", "200", "--no-sync", "--repeats", "1"]
    done = subprocess.run([*command, "--json", str(told)], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    nights = {night["name"]: night for night in json.loads(told.read_text(encoding="utf-8"))["nights"]}
    planned = {name: sum(night["done"].values()) for name, night in nights.items()}
    first, changed, rolled = planned["first load"], planned["0.5 % changed"], planned["roll-over"]
    assert planned["quiet night"] == 0
    assert 0 < changed < rolled <= first + changed
    assert all(night["steps"]["directory/client"][1] > 0 for night in nights.values())
    assert [line.split(" | ")[0] for line in done.stdout.splitlines() if line.startswith("| directory: ")] == [
        "| directory: the client",
        "| directory: the rest",
    ]
