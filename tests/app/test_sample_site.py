"""The sample as a folder: always the same, never over anything else, in bounded memory."""

import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provision.errors import UsageError
from provision.sample.plans import apportion, plan_schools, school_year
from provision.sample.site import MARKER, write_site
from tests.app.exports import DAY, HEMNE, load, sample


def test_the_same_seed_gives_the_same_bytes(tmp_path: Path) -> None:
    site = sample(tmp_path / "site")
    again, other = sample(tmp_path / "again"), sample(tmp_path / "other", seed=2)
    for name in ("sis.xml", "devices.csv", "care.csv", "people.csv", "exceptions.csv"):
        assert (again / "data" / name).read_bytes() == (site / "data" / name).read_bytes()
    assert (other / "data/sis.xml").read_bytes() != (site / "data/sis.xml").read_bytes()
    assert len(load(other / "data/sis.xml").pupils()) == sum(HEMNE.values())


@pytest.mark.parametrize(
    ("day", "begin", "end"),
    [
        (date(2026, 7, 31), date(2025, 8, 1), date(2026, 7, 31)),
        (date(2026, 8, 1), date(2026, 8, 1), date(2027, 7, 31)),
        (date(2027, 1, 1), date(2026, 8, 1), date(2027, 7, 31)),
    ],
)
def test_the_day_places_the_school_year(tmp_path: Path, day: date, begin: date, end: date) -> None:
    assert (school_year(day).begin, school_year(day).end) == (begin, end)
    write_site(tmp_path, pupils=30, schools=2, seed=1, day=day, templates={})
    root = load(tmp_path / "data/sis.xml").root
    assert {e.text for e in root.iter("{*}begin")} == {begin.isoformat()}
    assert root.findtext("{*}properties/{*}datetime") == f"{day.isoformat()}T02:00:00"


@given(total=st.integers(0, 5000), weights=st.lists(st.floats(0.1, 10), min_size=1, max_size=50))
def test_shares_sum_to_the_whole_and_stay_near_their_weight(total: int, weights: list[float]) -> None:
    shares = apportion(total, weights)
    assert sum(shares) == total
    assert all(abs(s - total * w / sum(weights)) < 1.001 for s, w in zip(shares, weights, strict=True))


@given(schools=st.integers(1, 60), more=st.integers(0, 3000), seed=st.integers(0, 9))
def test_any_number_of_pupils_is_spread_over_any_number_of_schools(schools: int, more: int, seed: int) -> None:
    plans = plan_schools(schools + more, schools, seed)
    assert len({p.name for p in plans}) == len({p.organisation_number for p in plans}) == schools
    assert sum(p.pupils for p in plans) == schools + more
    assert min(p.pupils for p in plans) >= 1


@pytest.mark.parametrize(("pupils", "schools"), [(0, 1), (2, 3), (-5, None), (10, 0), (2_000_000, 10)])
def test_a_municipality_that_cannot_be_is_refused(tmp_path: Path, pupils: int, schools: int | None) -> None:
    with pytest.raises(UsageError, match="one for each school"):
        write_site(tmp_path / "site", pupils=pupils, schools=schools, seed=1, day=DAY, templates={})
    assert not (tmp_path / "site").exists()


def test_templates_are_written_as_they_are_and_settings_are_added_to(tmp_path: Path) -> None:
    templates = {"jobs/nightly.toml": "æøå = 1\r\n", "mappings/feide.toml": "", ".env": "LDAP_URL=\n"}
    write_site(tmp_path, pupils=5, schools=1, seed=1, day=DAY, templates=templates)
    assert (tmp_path / "jobs/nightly.toml").read_bytes() == "æøå = 1\r\n".encode()
    assert (tmp_path / "mappings/feide.toml").read_text() == ""
    settings = (tmp_path / ".env").read_text(encoding="utf-8")
    assert 'SITE_NAME="Hemne kommune"\n' in settings
    assert 'REALM="hemne.kommune.no"\n' in settings
    assert 'BASE_DN="dc=hemne,dc=kommune,dc=no"\n' in settings
    assert settings.endswith("LDAP_URL=\n")


def test_a_sample_replaces_its_own_files_and_no_others(tmp_path: Path) -> None:
    sample(tmp_path, 5, 1)
    (tmp_path / "out").mkdir()
    (tmp_path / "out/feide.ldif").write_text("kept")
    first = (tmp_path / "data/sis.xml").read_bytes()
    sample(tmp_path, 9, 1)
    assert (tmp_path / "data/sis.xml").read_bytes() != first
    assert (tmp_path / "out/feide.ldif").read_text() == "kept"
    assert not list(tmp_path.rglob("*.new"))


def test_a_folder_that_is_no_sample_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "homework.txt").write_text("mine")
    with pytest.raises(UsageError, match="not empty and no sample"):
        sample(tmp_path)
    with pytest.raises(UsageError, match="is a file"):
        sample(tmp_path / "homework.txt")
    assert [p.name for p in tmp_path.iterdir()] == ["homework.txt"]


def test_a_sample_that_was_cut_short_keeps_the_old_files_and_can_be_made_again(tmp_path: Path) -> None:
    class CutError(Exception):
        pass

    def cut(done: int, _of: int) -> None:
        if done == 1:
            raise CutError

    sample(tmp_path, 30, 3)
    before = (tmp_path / "data/sis.xml").read_bytes()
    with pytest.raises(CutError):
        write_site(tmp_path, pupils=60, schools=3, seed=1, day=DAY, templates={}, progress=cut)
    assert (tmp_path / "data/sis.xml").read_bytes() == before
    assert (tmp_path / MARKER).is_file()
    assert not list(tmp_path.rglob("*.new"))
    sample(tmp_path, 60, 3)
    assert len(load(tmp_path / "data/sis.xml").pupils()) == 60


def test_progress_goes_from_none_to_all_schools_and_the_summary_counts_them(tmp_path: Path) -> None:
    heard: list[tuple[int, int]] = []
    summary = write_site(
        tmp_path, pupils=60, schools=4, seed=1, day=DAY, templates={}, progress=lambda *step: heard.append(step)
    )
    assert heard == sorted(heard)
    assert (heard[0], heard[-1]) == ((0, 4), (4, 4))
    export = load(tmp_path / "data/sis.xml")
    assert (summary.pupils, summary.people, summary.groups) == (60, len(export.people), len(export.kinds))
    assert summary.memberships == len(export.root.findall("{*}membership/{*}member"))


@pytest.mark.skipif(sys.platform != "linux", reason="ru_maxrss is counted in kilobytes on Linux")
@pytest.mark.parametrize(("dialect", "pupils", "schools"), [("pifu_ims", 6_000, 24), ("oneroster_1.2", 3_000, 12)])
def test_memory_does_not_grow_with_the_municipality(tmp_path: Path, dialect: str, pupils: int, schools: int) -> None:
    def peak(pupils: int, schools: int) -> int:
        code = (
            "import resource; from datetime import date; from pathlib import Path;"
            "from provision.sample.site import write_site;"
            f"write_site(Path({str(tmp_path / str(pupils))!r}), pupils={pupils}, schools={schools}, seed=1,"
            f"day=date(2026, 11, 23), dialect={dialect!r}, templates={{}});"
            "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)"
        )
        return int(subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout)

    assert peak(pupils, schools) - peak(500, 2) < 10_000
