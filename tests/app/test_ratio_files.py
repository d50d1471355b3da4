"""`ratios`: counted from the site's own files, kept for the trend, and written as files that a principal can open."""

import csv
import io

from tests.app.sites import Site, day


def test_a_page_for_the_municipality_and_each_school_says_what_the_rows_say(site: Site) -> None:
    out = site.folder / "out" / "ratios"
    site.cli("ratios", "--out", str(out), "--day", str(day(0)), code=0)
    rows = list(csv.DictReader(io.StringIO((out / "figures.csv").read_text(encoding="utf-8-sig"))))
    schools = {row["school"] for row in rows if row["level"] == "school"}
    assert schools
    assert {path.name for path in out.iterdir()} == {
        "index.html",
        "figures.csv",
        "figures.xlsx",
        *(f"{school}.html" for school in schools),
    }
    for row in rows:
        if row["level"] == "school":
            page = (out / f"{row['school']}.html").read_text(encoding="utf-8")
            assert row["name"] in page
            assert row["pupils_per_device"].replace(".", ",") in page


def test_when_an_inventory_is_down_the_last_figures_are_shown_as_such_and_no_file_changes(site: Site) -> None:
    out, devices = site.folder / "out" / "ratios", site.folder / "data" / "devices.csv"
    before = site.cli("ratios", "--out", str(out), "--json", "--day", str(day(0)), code=0).json
    files = {path: path.stat().st_mtime_ns for path in out.iterdir()}
    devices.unlink()
    said = site.cli("ratios", "--out", str(out), "--json", "--day", str(day(1)), code=4).json
    assert (said["day"], said["figures"]) == (before["day"], before["figures"])
    assert "devices.csv cannot be read" in said["failure"]
    assert {path: path.stat().st_mtime_ns for path in out.iterdir()} == files


def test_without_any_figures_a_missing_inventory_is_an_error(site: Site) -> None:
    (site.folder / "data" / "devices.csv").unlink()
    assert "cannot be read" in site.cli("ratios", "--json", code=4).messages


def test_a_school_is_named_by_number_or_name_and_a_wrong_one_is_told_which_there_are(site: Site) -> None:
    whole = site.cli("ratios", "--json", code=0).json["figures"]
    school = next(each for each in whole if each["level"] == "school")
    for name in (school["org"], school["name"].upper()):
        found = site.cli("ratios", "--school", name, "--json", code=0).json["figures"]
        assert {each["org"] for each in found} == {school["org"]}
        assert {each["level"] for each in found} == {"school", "grade", "class"}
    assert school["org"] in site.cli("ratios", "--school", "Atlantis", code=2).err
