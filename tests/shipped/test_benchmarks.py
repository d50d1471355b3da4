"""The figures can be repeated: the commands of benchmarks/README.md run, and what they measure is what it says."""

import json
import subprocess
import sys
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

from benchmarks import years
from benchmarks.pages import PAGES
from benchmarks.ratios import ROWS
from provision.core.counted import Counted
from provision.core.figures import Coverage, Level
from provision.core.masking import sums_of
from tests.core.test_coverage import of as counted
from tests.servers.slapd import require_slapd
from tests.shipped.machine import ROOT
from tests.town import DAY, NORTH, Town, school_class


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


def test_the_figures_of_the_benchmark_stand_on_all_machines_once_and_on_every_day(tmp_path: Path) -> None:
    told = tmp_path / "ratios.json"
    command = [sys.executable, "-m", "benchmarks.ratios", "--pupils", "400", "--schools", "14", "--days", "3"]
    options = ["--repeats", "1", "--steps", "count", "trend", "whole", "--json", str(told)]
    done = subprocess.run([*command, *options], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    document = json.loads(told.read_text(encoding="utf-8"))
    of, made = document["of"], {each["step"]: each["made"] for each in document["steps"]}
    assert made["text"] == of["lines"]
    assert made["count"] == of["machines"]
    assert abs(2 * of["lines"] - 3 * of["machines"]) < 4, "half of the machines are in both lists"
    assert 0 < of["masked"] < of["groups"]
    assert made["trend"] == of["days"] == 3
    assert made["whole"] == 1 + 14 + 2, "a page for the municipality and each school, a workbook, rows"
    assert [line.split(" | ")[0][2:] for line in done.stdout.splitlines()[4:]] == [ROWS[name] for name in made]


def test_the_pages_of_the_benchmark_are_opened_by_everybody_with_and_without_a_run(tmp_path: Path) -> None:
    told = tmp_path / "pages.json"
    command = [sys.executable, "-m", "benchmarks.pages", "--people", "6", "--pupils", "60", "--schools", "2"]
    options = ["--pause", "0.1", "--seconds", "2", "--json", str(told)]
    done = subprocess.run([*command, *options], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    pages = json.loads(told.read_text(encoding="utf-8"))["pages"]
    assert [(each["beside"], each["page"]) for each in pages] == [(b, p) for b in ("nothing", "a run") for p in PAGES]
    for each in pages:
        assert each["opened"] > 1
        assert 0 < each["half"] <= each["most"] <= each["slowest"]
    assert [each["times"] for each in pages if "yardstick" in each["page"]] == [1, 1]


def test_made_up_days_add_up_and_a_class_is_another_in_another_school_year() -> None:
    told = Town(classes=[school_class("6A"), school_class("6B")])
    told.add_pupils(9, NORTH, "6A").add_pupils(8, NORTH, "6B", "b")
    figures = counted(told, [{"assignee": f"{who}{n}"} for who in ("p", "b") for n in range(1, 9)])
    today = Coverage(DAY, 1, figures)
    made = list(years.days(today, 150, 0.5, 0))
    assert [each.day for each in made] == [DAY - timedelta(days=back) for back in range(150, 0, -1)]
    broken = []
    for each in made:
        values = {one.group: one for one in each.figures}
        of_class = [one for one in each.figures if one.group.level is Level.CLASS]
        broken.append(tuple(one.counted.get(Counted.BROKEN, 0) for one in of_class))
        for one in sums_of(each.figures):
            wholes, parts = ([values[group] for group in side] for side in (one.wholes, one.parts))
            for name in ("pupils", "without", "with_one", "devices"):
                assert sum(getattr(w, name) for w in wholes) == sum(getattr(p, name) for p in parts), (one, name)
    assert all(one != other for one, other in pairwise(broken)), "each day something is different"
    keys = [frozenset(one.group.key for one in made[at].figures if one.group.level is Level.CLASS) for at in (0, -1)]
    assert not keys[0] & keys[1]
    assert keys[1] == {"6A", "6B"}
