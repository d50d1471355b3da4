"""The sample in every dialect: the same people, and the same roster but for what a dialect cannot say."""

import subprocess
import sys
import tomllib
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, Final

import pytest

from provision.core.roster import ClassType, Enrollment, OrgType, Role, Roster, Session
from provision.core.tables import build_roster
from provision.sample.dialects import DIALECTS
from provision.sample.site import write_site
from provision.sample.templates import templates
from provision.sources.care_csv import CareCsvSource
from provision.sources.oneroster import OneRosterCsvSource
from provision.sources.people_csv import PeopleCsvSource
from provision.sources.pifu_ims import PifuImsSource
from tests.app.exports import DAY
from tests.oneroster import tables_of

NIGHT: Final = datetime(2026, 11, 23, 1, 30, tzinfo=UTC)
ONEROSTER: Final = ("oneroster_1.1", "oneroster_1.2")
SIZES: Final = {"hemne": (None, None, 0), "large": (700, 9, 13)}  # in which somebody of the other staff is protected


def made(folder: Path, dialect: str, pupils: int | None = None, schools: int | None = None, seed: int = 1) -> Path:
    shipped = templates(dialect)
    write_site(folder, pupils=pupils, schools=schools, seed=seed, day=DAY, dialect=dialect, templates=shipped)
    return folder / "data"


def read(folder: Path, dialect: str) -> Roster:
    source = PifuImsSource if dialect == "pifu_ims" else OneRosterCsvSource
    extracts = [
        source(folder / DIALECTS[dialect].file, clock=lambda: NIGHT).read(),
        CareCsvSource(folder / "care.csv", clock=lambda: NIGHT).read(),
        PeopleCsvSource(folder / "people.csv", clock=lambda: NIGHT).read(),
    ]
    assert all(extract.tables["rejects"].empty for extract in extracts if "rejects" in extract.tables)
    return build_roster(extracts, DAY)


@pytest.fixture(scope="module", params=SIZES)
def rosters(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Roster]:
    folder = tmp_path_factory.mktemp(request.param)
    return {each: read(made(folder / each, each, *SIZES[request.param]), each) for each in DIALECTS}


# ── What a dialect cannot say ────────────────────────────────────────────────────────────────────────────────────
# Each is applied to the roster that PIFU-IMS gives; docs/sources.md lists the same.


@dataclass(frozen=True)
class Difference:
    """Something that OneRoster cannot say, or says besides, and what it makes of the roster."""

    what: str
    of: Callable[[Roster], Roster]


def with_enrollments(roster: Roster, of: Callable[[tuple[Enrollment, ...]], Iterable[Enrollment]]) -> Roster:
    found = {user: tuple(of(each)) for user, each in roster.enrollments.items()}
    return replace(roster, enrollments={user: each for user, each in found.items() if each})


def only(roster: Roster, kept: Callable[[Enrollment], bool]) -> Roster:
    return with_enrollments(roster, lambda each: filter(kept, each))


def without_texts_of_orgs(roster: Roster) -> Roster:
    return replace(roster, orgs={id_: replace(o, legal_name=o.name, mail="") for id_, o in roster.orgs.items()})


def with_sessions(roster: Roster) -> Roster:
    begin, end = {(c.begin, c.end) for c in roster.classes.values()}.pop()
    assert begin
    assert end
    return replace(roster, sessions={f"{begin}_{end}": Session(f"{begin}_{end}", "2026/2027", begin, end)})


def contact_teachers_once(roster: Roster) -> Roster:
    def once(each: tuple[Enrollment, ...]) -> Iterable[Enrollment]:
        main = {(e.school_class, e.role) for e in each if e.primary and e.school_class}
        return (e for e in each if e.primary or (e.school_class, e.role) not in main)

    return with_enrollments(roster, once)


def no_main_class_of_pupils(roster: Roster) -> Roster:
    def plain(e: Enrollment) -> Enrollment:
        return e._replace(primary=False) if e.role is Role.STUDENT and e.school_class else e

    return with_enrollments(roster, lambda each: map(plain, each))


def under_another_name(roster: Roster) -> Roster:
    def renamed(by_source: Mapping[str, Any]) -> dict[str, Any]:
        return {"oneroster_csv" if name == "pifu_ims" else name: each for name, each in by_source.items()}

    return replace(roster, as_of=renamed(roster.as_of), sizes=renamed(roster.sizes))


def without_kindergartens(roster: Roster) -> Roster:
    orgs = {id_: org for id_, org in roster.orgs.items() if org.type is not OrgType.KINDERGARTEN}
    children = {e.user for each in roster.enrollments.values() for e in each if e.org not in orgs}
    found = replace(
        roster,
        orgs=orgs,
        classes={id_: c for id_, c in roster.classes.items() if c.org in orgs},
        relationships={user: each for user, each in roster.relationships.items() if user not in children},
        care={pair: said for pair, said in roster.care.items() if pair[0] not in children},
        refused=frozenset(pair for pair in roster.refused if pair[0] not in children),
        completeness={org: said for org, said in roster.completeness.items() if org in orgs},
    )
    return only(found, lambda e: e.org in orgs)


def only_standard_classes(roster: Roster) -> Roster:
    standard = (ClassType.HOMEROOM, ClassType.SCHEDULED)
    classes = {id_: c for id_, c in roster.classes.items() if c.class_type in standard}
    return only(replace(roster, classes=classes), lambda e: not e.school_class or e.school_class in classes)


def without_other_staff(roster: Roster) -> Roster:
    return only(roster, lambda e: e.role is not Role.STAFF or e.user.startswith("x"))


def without_assistants_in_classes(roster: Roster) -> Roster:
    return only(roster, lambda e: not (e.role is Role.AIDE and e.school_class))


def without_dates_at_schools(roster: Roster) -> Roster:
    def undated(e: Enrollment) -> Enrollment:
        from_people_csv = e.user.startswith("x")
        return e if e.school_class or from_people_csv else e._replace(begin=None, end=None)

    return with_enrollments(roster, lambda each: map(undated, each))


def no_main_school_of_several(roster: Roster) -> Roster:
    def equal(each: tuple[Enrollment, ...]) -> Iterable[Enrollment]:
        several = len({e.org for e in each if not e.school_class}) > 1
        return (e._replace(primary=False) if several and not e.school_class else e for e in each)

    return with_enrollments(roster, equal)


def only_those_with_a_role(roster: Roster) -> Roster:
    """What follows of those left out: whoever has no role at a school and no child there is not in the file."""
    kin = {r.related for each in roster.relationships.values() for r in each}
    users = {id_: user for id_, user in roster.users.items() if id_ in roster.enrollments or id_ in kin}
    left = len(roster.users) - len(users)
    return replace(
        roster,
        users=users,
        present=frozenset(users),
        protected=roster.protected & users.keys(),
        sizes={name: size - left if "people" not in name else size for name, size in roster.sizes.items()},
    )


def no_heads(roster: Roster) -> Roster:
    return with_enrollments(roster, lambda each: (e._replace(leads=False) for e in each))


ALWAYS: Final = (
    Difference("an org's legal name and mail", without_texts_of_orgs),
    Difference("sessions, which PIFU-IMS does not have", with_sessions),
    Difference("that a contact teacher teaches the class too", contact_teachers_once),
    Difference("which class is first of all a pupil's", no_main_class_of_pupils),
    Difference("the name of the source", under_another_name),
)
DIFFERENCES: Final[Mapping[str, tuple[Difference, ...]]] = {
    "oneroster_1.2": ALWAYS,
    "oneroster_1.1": (
        *ALWAYS,
        Difference("kindergartens", without_kindergartens),
        Difference("groups that are neither homeroom nor scheduled", only_standard_classes),
        Difference("staff who are no teachers, assistants or leaders", without_other_staff),
        Difference("an assistant's place in a class", without_assistants_in_classes),
        Difference("from when to when somebody is at a school", without_dates_at_schools),
        Difference("which of several schools is first of all somebody's", no_main_school_of_several),
        Difference("which leader is the head", no_heads),
        Difference("people who have no other role", only_those_with_a_role),
    ),
}


def comparable(roster: Roster) -> dict[str, Any]:
    """Every part of a roster; what was read to prove a school is told apart from how it was proven."""
    found = {each.name: getattr(roster, each.name) for each in fields(Roster)}
    proven = {org: (bool(said.proof), said.unreadable, said.doubt) for org, said in roster.completeness.items()}
    return found | {
        "completeness": proven,
        "enrollments": {user: frozenset(each) for user, each in roster.enrollments.items()},
    }


def without(roster: Roster, differences: Iterable[Difference]) -> dict[str, Any]:
    for difference in differences:
        roster = difference.of(roster)
    return comparable(roster)


@pytest.mark.parametrize("dialect", ONEROSTER)
def test_the_roster_is_the_same_but_for_what_the_dialect_cannot_say(
    rosters: Mapping[str, Roster], dialect: str
) -> None:
    expected, found = without(rosters["pifu_ims"], DIFFERENCES[dialect]), comparable(rosters[dialect])
    assert expected.keys() == found.keys()
    for part in expected:
        assert found[part] == expected[part], part


@pytest.mark.parametrize(
    ("dialect", "difference"),
    [(dialect, each) for dialect, all_of in DIFFERENCES.items() for each in all_of],
    ids=lambda value: value if isinstance(value, str) else value.what,
)
def test_every_difference_is_a_real_one(rosters: Mapping[str, Roster], dialect: str, difference: Difference) -> None:
    others = [each for each in DIFFERENCES[dialect] if each is not difference]
    assert without(rosters["pifu_ims"], others) != comparable(rosters[dialect])


@pytest.mark.parametrize("dialect", DIALECTS)
def test_as_many_rows_prove_a_school_as_it_has_classes_and_places(rosters: Mapping[str, Roster], dialect: str) -> None:
    roster = rosters[dialect]
    supplement = {user for user in roster.users if user.startswith("x")}
    rows = Counter(c.org for c in roster.classes.values())
    rows += Counter(e.org for user, each in roster.enrollments.items() if user not in supplement for e in each)
    assert {org: said.rows for org, said in roster.completeness.items() if said.rows} == rows


# ── The package ──────────────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("dialect", ONEROSTER)
@pytest.mark.parametrize(
    ("pupils", "schools", "seed"), [(None, None, 1), (1, 1, 1), (3, 3, 1), (200, 7, 2), (700, 9, 3)]
)
def test_a_package_of_any_size_is_valid(
    tmp_path: Path, dialect: str, pupils: int | None, schools: int | None, seed: int
) -> None:
    tables = tables_of(made(tmp_path, dialect, pupils, schools, seed) / "oneroster.zip")
    kinds = Counter(org["type"] for org in tables["orgs"])
    assert (kinds["district"], kinds["school"]) == (1, schools or 3)
    assert kinds["ext:kindergarten"] == (dialect == "oneroster_1.2")


def test_every_role_and_kind_of_class_is_in_the_package_of_version_1_2(tmp_path: Path) -> None:
    tables = tables_of(made(tmp_path, "oneroster_1.2") / "oneroster.zip")
    assert {row["role"] for row in tables["roles"]} == {
        "student", "teacher", "aide", "principal", "siteAdministrator", "systemAdministrator", "ext:staff", "guardian",
        "relative",
    }  # fmt: skip  # names, many to a line
    assert {row["role"] for row in tables["enrollments"]} == {
        "student",
        "teacher",
        "ext:aide",
        "ext:staff",
        "ext:guardian",
    }
    assert len({row["classType"] for row in tables["classes"]}) == 9
    assert {row["roleType"] for row in tables["roles"]} == {"primary", "secondary"}
    assert {(row["startDate"], row["endDate"], row["schoolYear"]) for row in tables["academicSessions"]} == {
        ("2026-08-01", "2027-08-01", "2027")
    }


def test_a_guest_is_at_all_their_schools(tmp_path: Path) -> None:
    roles = tables_of(made(tmp_path / "2", "oneroster_1.2") / "oneroster.zip")["roles"]
    schools = Counter(row["userSourcedId"] for row in roles if row["role"] in ("teacher", "student"))
    users = tables_of(made(tmp_path / "1", "oneroster_1.1") / "oneroster.zip")["users"]
    listed = {row["sourcedId"]: row["orgSourcedIds"].split(",") for row in users}
    assert sorted(schools.values())[-4:] == [1, 2, 2, 3]
    assert {id_: len(listed[id_]) for id_, number in schools.items() if number > 1} == {
        id_: number for id_, number in schools.items() if number > 1
    }
    assert any(len(orgs) > 1 for row in users if row["role"] == "guardian" for orgs in [listed[row["sourcedId"]]])


@pytest.mark.parametrize("dialect", ONEROSTER)
def test_the_same_seed_gives_the_same_package(tmp_path: Path, dialect: str) -> None:
    one, same, other = (made(tmp_path / name, dialect, 40, 2, seed) for name, seed in (("1", 1), ("s", 1), ("2", 2)))
    assert (one / "oneroster.zip").read_bytes() == (same / "oneroster.zip").read_bytes()
    assert (one / "oneroster.zip").read_bytes() != (other / "oneroster.zip").read_bytes()
    assert (one / "oneroster.zip").stat().st_mode & 0o777 == 0o600


# ── The site ─────────────────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("dialect", DIALECTS)
def test_the_job_reads_the_export_that_is_there(tmp_path: Path, dialect: str) -> None:
    folder = made(tmp_path, dialect, 5, 1)
    text = (tmp_path / "jobs/nightly.toml").read_text(encoding="utf-8")
    source = tomllib.loads(text)["source"]
    assert (tmp_path / source["path"]).is_file()
    assert source["kind"] == DIALECTS[dialect].kind
    assert source["care"] == "data/care.csv"
    assert tomllib.loads(text)["policy"]["identity_numbers"] == "test"
    assert sorted(path.name for path in folder.iterdir()) == sorted(
        [DIALECTS[dialect].file, "care.csv", "devices.csv", "exceptions.csv", "people.csv"]
    )
    assert dialect == "pifu_ims" or "PIFU" not in text.partition("[source]")[2].partition("[[targets]]")[0]


def test_the_export_in_another_dialect_goes(tmp_path: Path) -> None:
    folder = made(tmp_path, "oneroster_1.2", 5, 1)
    made(tmp_path, "pifu_ims", 5, 1)
    beside = {"care.csv", "devices.csv", "exceptions.csv", "people.csv"}
    assert {path.name for path in folder.iterdir()} == {"sis.xml", *beside}


def test_the_command_knows_every_dialect_and_no_other(tmp_path: Path) -> None:
    sample = partial(subprocess.run, capture_output=True, text=True, check=False)
    command = [sys.executable, "-m", "provision", "sample", tmp_path / "site", "--pupils", "5", "--dialect"]
    wrong = sample([*command, "oneroster"])
    assert wrong.returncode == 2
    assert all(f"'{dialect}'" in wrong.stderr for dialect in DIALECTS)
    assert sample([*command, "oneroster_1.1"]).returncode == 0
    assert (tmp_path / "site/data/oneroster.zip").is_file()
