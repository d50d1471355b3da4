"""`ratios`: counted from the site's own files, kept for the trend, and written as files that a principal can open."""

from pathlib import Path

import pytest
from lxml import etree

from tests.app.counts import counted, edited, groups, pupils_per_device, rows_of
from tests.app.edits import group_of, members, without
from tests.app.sites import Site, call, copy, day

SODIN = "300010008"


@pytest.fixture(scope="module")
def a_town(tmp_path_factory: pytest.TempPathFactory) -> Site:
    folder = tmp_path_factory.mktemp("town") / "site"
    assert call("sample", str(folder), "--day", str(day(0))).code == 0
    return Site(folder, (folder / "data" / "sis.xml").read_bytes())


@pytest.fixture
def town(a_town: Site, tmp_path: Path) -> Site:
    """640 pupils at three schools, with 87 machines."""
    return copy(a_town, tmp_path / "site")


def test_a_page_for_the_municipality_and_each_school_says_what_the_rows_say(site: Site) -> None:
    out = site.folder / "out" / "ratios"
    counted(site, 0, "--out", str(out))
    rows = rows_of((out / "figures.csv").read_text(encoding="utf-8-sig"))
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


def test_when_an_inventory_is_down_the_last_figures_stay_and_say_of_which_day_they_are(town: Site) -> None:
    out, devices = town.folder / "out" / "ratios", town.folder / "data" / "devices.csv"
    before = counted(town, 0, "--json").json
    devices.unlink()
    said = counted(town, 1, "--out", str(out), "--json", code=4).json
    assert (said["day"], said["groups"]) == (before["day"], before["groups"])
    assert "devices.csv cannot be read" in said["failure"]
    page = (out / "index.html").read_text(encoding="utf-8")
    assert f"{day(0):%d.%m.%Y}" in page
    assert f"{day(1):%d.%m.%Y}" not in page
    assert "devices.csv" not in page, "what failed is the IT's matter; of which day they are is the reader's"


def test_without_any_figures_a_missing_inventory_is_an_error(site: Site) -> None:
    (site.folder / "data" / "devices.csv").unlink()
    assert "cannot be read" in counted(site, 0, "--json", code=4).messages


def test_a_school_is_named_by_number_or_name_and_a_wrong_one_is_told_which_there_are(town: Site) -> None:
    school = groups(counted(town, 0, "--json"), "school")[0]
    for name in (school["org"], school["name"].upper()):
        found = groups(counted(town, 0, "--school", name, "--json"))
        assert {each["org"] for each in found} == {school["org"]}
        assert {each["level"] for each in found} == {"school", "grade", "class"}
    assert school["org"] in counted(town, 0, "--school", "Atlantis", code=2).err


def test_a_grade_is_shown_with_its_classes_and_a_wrong_one_is_told_which_there_are(town: Site) -> None:
    found = groups(counted(town, 0, "--grade", "6", "--json"))
    assert {each["level"] for each in found} == {"grade", "class"}
    assert all("6" in (each["key"], *each["grades"]) for each in found)
    assert "there are: " in counted(town, 0, "--grade", "11", code=2).err


def test_rows_on_standard_output_are_those_of_the_file(site: Site) -> None:
    out = site.folder / "out" / "ratios"
    said = counted(site, 0, "--csv", "--out", str(out))
    assert rows_of(said.out) == rows_of((out / "figures.csv").read_text(encoding="utf-8-sig"))


def test_an_inventory_that_lost_a_fifth_is_not_believed_until_a_person_allows_it(town: Site) -> None:
    before = counted(town, 0, "--json").json
    edited(town, lambda rows: rows[: len(rows) // 3])
    held = counted(town, 1, "--json", code=4).json
    assert (held["day"], held["groups"]) == (before["day"], before["groups"])
    assert "devices_csv holds" in held["failure"]
    assert "`provision ratios nightly --fewer devices_csv --site" in held["failure"]
    allowed = counted(town, 1, "--fewer", "devices_csv", "--json").json
    assert (allowed["day"], allowed["failure"]) == (str(day(1)), None)
    assert counted(town, 2, "--json").json["failure"] is None, "what was allowed is what the next day is compared with"


def test_a_sis_that_lost_a_fifth_of_its_pupils_makes_no_ratio_until_a_person_allows_it(town: Site) -> None:
    before = counted(town, 0, "--json").json
    root = etree.fromstring(town.pristine)
    gone = members(root, group_of(root, SODIN))
    town.export(1, without(gone[: len(gone) // 2]))
    held = counted(town, 1, "--json", code=4).json
    assert (held["day"], held["groups"]) == (before["day"], before["groups"])
    assert "SIS holds" in held["failure"]
    assert counted(town, 1, "--fewer", "SIS", "--json").json["day"] == str(day(1))


def test_a_day_that_was_counted_is_shown_as_it_was_and_never_counted_anew(town: Site) -> None:
    before = pupils_per_device(counted(town, 0, "--json"))
    edited(town, lambda rows: [*rows, *({**row, "serial": f"N{n}"} for n, row in enumerate(rows))])
    assert pupils_per_device(counted(town, 5, "--json")) != before
    assert pupils_per_device(counted(town, 5, "--json", of=0)) == before


@pytest.mark.parametrize(("other", "why"), [(-40, "after"), (40, "is yet to come")])
def test_a_day_that_the_inventories_do_not_tell_of_is_shown_and_not_kept(site: Site, other: int, why: str) -> None:
    said = counted(site, 0, "--json", of=other).json
    assert (said["day"], why in said["failure"]) == (str(day(other)), True)
    assert "not kept" in said["failure"]
    again = counted(site, 0, "--json", of=other).json["failure"]
    assert again == said["failure"], "it was not kept, or it would be shown as it was"


def test_the_rows_behind_a_figure_are_as_many_as_it_says(town: Site) -> None:
    whole = groups(counted(town, 0, "--json"), "municipality")[0]["figures"]
    for figure in ("pupils", "devices", "pool", "staff", "past_end"):
        assert len(counted(town, 0, "--behind", figure, "--json").json["rows"]) == whole[figure], figure
    rows = rows_of(counted(town, 0, "--behind", "pool", "--csv").out)
    assert {row["counted"] for row in rows} == {"pool"}
    assert f"{whole['staff']} behind staff" in counted(town, 0, "--behind", "staff").out
    assert "behind: pupils, without" in counted(town, 0, "--behind", "happiness", code=2).err
    assert "--kept goes with --behind" in counted(town, 0, "--kept", code=2).err


def test_figures_of_days_before_come_from_a_file_and_change_nothing_that_was_counted(town: Site) -> None:
    now = counted(town, 0, "--json").json
    levels = ("municipality", "school")
    whole, school = (next(each for each in now["groups"] if each["level"] == level) for level in levels)
    old = town.folder / "old.csv"
    old.write_text(
        "day,definitions,level,school,key,name,pupils,pool\n"
        f"2003-10-01,1,municipality,,,{whole['name']},640,73\n"
        f"2003-10-01,1,school,{school['org']},,{school['name']},545,37\n"
        f"{day(0)},1,municipality,,,{whole['name']},1,1\n",
        encoding="utf-8",
    )
    said = counted(town, 0, "--backfill", str(old)).out
    assert "1 days taken" in said
    then = counted(town, 0, "--json", of=-8454).json
    assert then["day"] == "2003-10-01"
    assert groups(counted(town, 0, "--json", of=-8454), "school")[0]["figures"]["pupils_per_device"] == 14.7
    assert counted(town, 0, "--json").json["groups"] == now["groups"]


def test_a_number_that_no_school_has_is_refused_and_nothing_is_taken(town: Site) -> None:
    counted(town, 0)
    old = town.folder / "old.csv"
    rows = (
        f"2003-10-01,municipality,,X,640\n2003-10-01,school,{SODIN},Sodin,545\n2003-10-02,school,300010009,Sodin,545\n"
    )
    old.write_text(f"day,level,school,name,pupils\n{rows}", encoding="utf-8")
    assert "300010009 is no school that was ever counted here" in counted(town, 0, "--backfill", str(old), code=4).err
    assert "not kept" in counted(town, 0, "--json", of=-8454).json["failure"], "the day before it was not taken either"


def test_a_file_of_figures_with_a_fault_is_refused_whole_with_its_line(site: Site) -> None:
    old = site.folder / "old.csv"
    old.write_text("day,definitions,level,school,key,name,pupils\n2003-10-01,1,municipality,,,X,-3\n", encoding="utf-8")
    said = counted(site, 0, "--backfill", str(old), code=4).err
    assert "old.csv" in said
    assert "line 2" in said


def test_a_cooperation_is_what_its_sites_counted_last(town: Site, tmp_path: Path) -> None:
    counted(town, 0)
    whole = groups(counted(town, 0, "--json"), "municipality")[0]["figures"]
    folder = tmp_path / "sites"
    (folder / "broken" / "jobs").mkdir(parents=True)
    (folder / "hemne").symlink_to(town.folder)
    out = tmp_path / "out"
    said = call("ratios", "--sites", str(folder), "--json", "--out", str(out), "--day", str(day(0)))
    assert said.code == 4, "one of them cannot be opened"
    assert "broken: " in said.json["failure"]
    assert [(each["level"], each["org"]) for each in groups(said)] == [("cooperation", ""), ("municipality", "hemne")]
    assert groups(said)[0]["figures"]["pupils"] == whole["pupils"]
    assert {path.name for path in out.iterdir()} == {"index.html", "figures.csv", "figures.xlsx"}
    empty = call("ratios", "--sites", str(tmp_path / "out"))
    assert (empty.code, "there is no site in" in empty.err) == (2, True)
