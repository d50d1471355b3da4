"""What a OneRoster package as a whole proves, and that one with nothing in it is no package."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from provision.core.nin import make_synthetic
from provision.core.tables import build_roster
from provision.errors import SourceError
from provision.formats.oneroster import Table
from provision.sources.oneroster.extract import to_extract
from tests import packages
from tests.packages import small, user


def test_a_whole_zip_proves_each_school_in_it(tmp_path: Path) -> None:
    extract = packages.extract(tmp_path, small())
    assert extract.source == "oneroster_csv"
    assert extract.read_at == packages.NOW
    assert extract.as_of == datetime(2026, 8, 17, 0, 0, tzinfo=UTC)
    assert extract.whole
    assert extract.completeness.keys() == {packages.DISTRICT, packages.SCHOOL}
    said = extract.completeness[packages.SCHOOL]
    assert (said.rows, said.unreadable, said.unidentified, said.doubt) == (5, 0, 0, "")
    assert said.proof


def test_the_roster_of_a_package_is_whole(tmp_path: Path) -> None:
    roster = build_roster([packages.extract(tmp_path, small())], date(2026, 9, 1))
    assert roster.issues == ()
    assert roster.enrollments.keys() == {"elev-1", "laerer-1"}
    assert [r.related for r in roster.relationships["elev-1"]] == ["mor-1"]
    assert roster.present == {"elev-1", "mor-1", "laerer-1"}
    assert build_roster([packages.extract(tmp_path, small())], date(2027, 8, 1)).enrollments["elev-1"]


def test_a_folder_is_read_and_proves_no_school(tmp_path: Path) -> None:
    for name, each in packages.files(small()).items():
        (tmp_path / name).write_bytes(each)
    extract = packages.source(tmp_path).read()
    assert len(packages.rows(extract, "users")) == 3
    assert not extract.whole
    assert {said.proof for said in extract.completeness.values()} == {""}
    assert all("folder" in said.doubt for said in extract.completeness.values())


def test_a_zip_that_does_not_say_when_it_was_made_proves_no_school(tmp_path: Path) -> None:
    path = tmp_path / "oneroster.zip"
    path.write_bytes(packages.zipped(packages.files(small()), moment=(1980, 1, 1, 0, 0, 0)))
    extract = packages.source(path).read()
    assert extract.as_of is None
    assert not extract.whole
    assert all("when" in said.doubt and not said.proof for said in extract.completeness.values())


def test_mere_changes_that_call_themselves_whole_prove_no_school(tmp_path: Path) -> None:
    tables = small()
    tables["users"] = [{**each, "status": "active"} for each in tables["users"]]
    extract = packages.extract(tmp_path, tables)
    assert len(packages.rows(extract, "enrollments")) == 4
    assert all("status is filled" in said.doubt and not said.proof for said in extract.completeness.values())


@pytest.mark.parametrize("name", ["orgs", "users", "classes", "enrollments", "roles"])
@pytest.mark.parametrize("how", ["absent", "empty"])
def test_a_package_without_what_matters_is_refused(tmp_path: Path, name: str, how: str) -> None:
    tables = small()
    if how == "absent":
        del tables[name]
    else:
        tables[name] = []
    where = name if how == "absent" else rf"{name}\.csv"
    with pytest.raises(SourceError, match=rf"oneroster\.zip: {where}: there are none"):
        packages.extract(tmp_path, tables)


def test_a_package_in_which_nobody_can_be_read_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"oneroster\.zip: users: holds nobody"):
        packages.extract(tmp_path, small() | {"users": [user("elev-1", "")]})


def test_a_package_without_a_school_that_has_a_number_is_refused(tmp_path: Path) -> None:
    tables = small()
    tables["orgs"] = [{**each, "identifier": ""} for each in tables["orgs"]]
    with pytest.raises(SourceError, match=r"oneroster\.zip: orgs: holds no school with an organisation number"):
        packages.extract(tmp_path, tables)


def test_identity_numbers_as_ids_are_refused_without_showing_one(tmp_path: Path) -> None:
    numbers = [n for serial in range(9) if (n := make_synthetic(date(2015, 3, 4), serial))]
    few, many = small(), small()
    for tables, some in ((few, numbers[:2]), (many, numbers)):
        for number in some:
            packages.with_user(tables, number)
    assert len(packages.rows(packages.extract(tmp_path, few), "users")) == 5
    with pytest.raises(SourceError, match="identity numbers are used as ids") as caught:
        packages.extract(tmp_path, many)
    assert not any(number in str(caught.value) for number in numbers)


def test_a_doubt_of_the_reader_is_each_schools_reason() -> None:
    tables = {
        name: Table(name, tuple(dict.fromkeys(c for row in rows for c in row)), [], first=1, unit="record")
        for name, rows in small().items()
    }
    filled = {
        name: Table(name, each.columns, [[row.get(c, "") for c in each.columns] for row in small()[name]], 1, "record")
        for name, each in tables.items()
    }
    extract = to_extract(
        filled, source="x", read_at=packages.NOW, as_of=packages.NOW, whole="all pages", doubt="2 of 3"
    )
    assert not extract.whole
    assert {(said.proof, said.doubt) for said in extract.completeness.values()} == {("", "2 of 3")}
    proven = to_extract(filled, source="x", read_at=packages.NOW, as_of=packages.NOW, whole="all pages")
    assert {(said.proof, said.doubt) for said in proven.completeness.values()} == {("all pages", "")}


def test_no_passwords_are_read(tmp_path: Path) -> None:
    tables = small()
    tables["users"] = [{**each, "password": "hemmelig"} for each in tables["users"]]
    extract = packages.extract(tmp_path, tables)
    assert not any("hemmelig" in cell for row in packages.rows(extract, "users") for cell in row.values())
