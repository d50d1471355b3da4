"""A cooperation of sample sites: nothing of one is another's, and what breaks one changes nothing in the others."""

import csv
import io
import shutil
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import chain
from pathlib import Path
from threading import Condition

import pytest
from lxml import etree

from provision.config import load_settings
from provision.service.service import Service
from provision.service.watched import Watched, sites_in
from tests.app.edits import one
from tests.app.exports import DAY, load
from tests.app.sites import Site, call

ALL = 13
NAMES = ["aukra", "aure", "averoy"]
_LONG = 120


def make(folder: Path, municipalities: int, *more: str) -> list[Path]:
    said = call("sample", str(folder), "--municipalities", str(municipalities), *more)
    assert said.code == 0, said
    return sites_in(folder)


@pytest.fixture(scope="module")
def thirteen(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    return make(tmp_path_factory.mktemp("thirteen") / "orkide", ALL, "--day", str(DAY))


def column(path: Path, name: str) -> set[str]:
    with path.open(encoding="utf-8", newline="") as fh:
        return {row[name] for row in csv.DictReader(fh)}


def particulars(site: Path) -> Iterator[str]:
    """Everything by which something of a site is known."""
    export, settings = load(site / "data" / "sis.xml"), load_settings(site, {})
    yield from (settings.site_name, settings.realm, settings.base_dn)
    yield from export.people
    yield from filter(None, {person.number for person in export.people.values()})
    yield from export.kinds
    yield from (export.titles[group] for group in export.groups("skole") if "barnehage" not in group)
    yield from {element.text or "" for element in export.root.iterfind("{*}group/{*}email")}
    yield from {element.text or "" for element in export.root.iterfind("{*}person/{*}email")} - {""}
    yield from column(site / "data" / "devices.csv", "serial")
    yield from column(site / "data" / "people.csv", "sourced_id")
    yield from {text for text in export.root.xpath("//text()") if len(text) == 9 and text.isdigit() and text[0] == "3"}


def test_no_number_and_no_name_of_one_municipality_is_found_in_another(thirteen: list[Path]) -> None:
    assert len(thirteen) == ALL
    found = Counter(chain.from_iterable(set(particulars(site)) - {""} for site in thirteen))
    assert [each for each, times in found.items() if times > 1] == []
    assert len(found) > ALL * 300
    sizes = [len(load(site / "data" / "sis.xml").pupils()) for site in thirteen]
    assert min(sizes) >= 60
    assert max(sizes) <= 300 + 1


def test_the_same_seed_makes_the_same_cooperation_and_another_makes_another(
    thirteen: list[Path], tmp_path: Path
) -> None:
    again = make(tmp_path / "again", ALL, "--day", str(DAY))
    other = make(tmp_path / "other", ALL, "--day", str(DAY), "--seed", "2")
    for site, same, different in zip(thirteen, again, other, strict=True):
        assert (same / "data/sis.xml").read_bytes() == (site / "data/sis.xml").read_bytes()
        assert (different / "data/sis.xml").read_bytes() != (site / "data/sis.xml").read_bytes()


def test_the_mappings_are_one_folder_also_when_the_cooperation_moves(tmp_path: Path) -> None:
    make(tmp_path / "here", 2)
    (tmp_path / "here").rename(tmp_path / "there")
    shared = tmp_path / "there" / "mappings"
    assert {(site / "mappings").resolve() for site in sites_in(tmp_path / "there")} == {shared.resolve()}
    (shared / "feide.toml").write_text("family = 3", encoding="utf-8")
    codes = [call("plan", "--site", str(site), "--json").code for site in sites_in(tmp_path / "there")]
    assert codes == [3, 3]


def test_a_cooperation_can_be_made_again_but_not_over_anything_else(tmp_path: Path) -> None:
    make(tmp_path / "sites", 2)
    make(tmp_path / "sites", 2)
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "mine").touch()
    assert call("sample", str(tmp_path / "other"), "--municipalities", "2").code == 2
    assert [path.name for path in (tmp_path / "other").iterdir()] == ["mine"]


@pytest.mark.parametrize("wrong", [("14",), ("0",), ("2", "--pupils", "9"), ("2", "--schools", "9")])
def test_what_cannot_be_made_is_a_matter_of_usage(tmp_path: Path, wrong: tuple[str, ...]) -> None:
    assert call("sample", str(tmp_path / "sites"), "--municipalities", *wrong).code == 2
    assert not (tmp_path / "sites").exists()


@dataclass
class Told:
    """What the service says, and a wait for it."""

    lines: list[str] = field(default_factory=list)
    changed: Condition = field(default_factory=Condition)

    def __call__(self, line: str) -> None:
        with self.changed:
            self.lines.append(line)
            self.changed.notify_all()

    def ended(self) -> dict[str, int]:
        """The exit code by site."""
        ends = [line for line in self.lines if "ended with exit code" in line]
        return {line.split()[0]: int(line.partition("exit code ")[2].partition(":")[0]) for line in ends}

    def wait_for(self, sites: int) -> None:
        with self.changed:
            assert self.changed.wait_for(lambda: len(self.ended()) == sites, _LONG), self.lines


@contextmanager
def service(folder: Path, told: Told, now: datetime) -> Iterator[Service]:
    """All sites of the folder, the night after they were first looked at, as that service begins it."""
    started = Service([Watched(site) for site in sites_in(folder)], told, clock=lambda: now)
    try:
        yield started
    finally:
        started.stop()


@pytest.fixture(scope="module")
def evening(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three sites after their first night, with news in the SIS, known to the service."""
    folder = tmp_path_factory.mktemp("cooperation") / "orkide"
    for path in make(folder, len(NAMES)):
        site = Site(path, (path / "data" / "sis.xml").read_bytes())
        site.append("jobs/nightly.toml", "", "[schedule]", 'sync = "15 1 * * *"')
        assert site.cli("run", "--json").code == 0
        root = etree.fromstring(site.pristine)
        for person in root.findall("{*}person")[20:30]:
            one(person, "name/n/given").text = "Nytt"
        site.sis.write_bytes(etree.tostring(root, xml_declaration=True, encoding="UTF-8"))
    told = Told()
    with service(folder, told, datetime.now(UTC)) as looked:
        looked.tick()
        assert not looked.at_work()
    return folder


def left(site: Path) -> dict[str, bytes]:
    """Every file that a night leaves; of a package what is in it, since it also says when it was packed."""
    found = Site(site, b"").state()
    with zipfile.ZipFile(io.BytesIO(found.pop("out/oneroster.zip"))) as package:
        return found | {name: package.read(name) for name in package.namelist()}


def night(folder: Path, works: int) -> tuple[dict[str, int], Mapping[str, Mapping[str, bytes]]]:
    """What a night of the service ends with at each site, and every file that it leaves there."""
    told = Told()
    with service(folder, told, datetime.now(UTC) + timedelta(days=1)) as at_work:
        at_work.tick()
        told.wait_for(works)
    return told.ended(), {site.name: left(site) for site in sites_in(folder)}


@pytest.fixture(scope="module")
def undisturbed(evening: Path, tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Mapping[str, bytes]]:
    folder = tmp_path_factory.mktemp("undisturbed") / "orkide"
    shutil.copytree(evening, folder, symlinks=True)
    before = {site.name: left(site) for site in sites_in(folder)}
    ends, after = night(folder, len(NAMES))
    assert ends == dict.fromkeys(NAMES, 0)
    assert all(after[name] != before[name] for name in NAMES)
    return after


def _no_export(site: Path) -> None:
    (site / "data" / "sis.xml").unlink()


def _bad_mapping(site: Path) -> None:
    """One of its own, since a fault in the shared one is everybody's."""
    (site / "mappings").unlink()
    shutil.copytree(site.parent / "mappings", site / "mappings")
    (site / "mappings" / "feide.toml").write_bytes(b"[[[ \xff")


def _rubbish(site: Path) -> None:
    path = site / "data" / "sis.xml"
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2] + bytes(range(256)) * 4096 + whole[len(whole) // 2 :])


FAULTS: Mapping[str, tuple[Callable[[Path], None], int | None]] = {
    "no export": (_no_export, 4),
    "a bad mapping": (_bad_mapping, None),  # it is not even begun
    "rubbish": (_rubbish, 4),
}


@pytest.mark.parametrize("broken", NAMES)
@pytest.mark.parametrize("fault", FAULTS)
def test_whatever_breaks_one_site_the_others_end_the_night_as_ever(
    evening: Path, undisturbed: Mapping[str, Mapping[str, bytes]], tmp_path: Path, fault: str, broken: str
) -> None:
    folder = tmp_path / "orkide"
    shutil.copytree(evening, folder, symlinks=True)
    break_it, code = FAULTS[fault]
    break_it(folder / broken)
    before = left(folder / broken)
    others = {name for name in NAMES if name != broken}
    ends, after = night(folder, len(NAMES) if code else len(others))
    assert ends == dict.fromkeys(others, 0) | ({broken: code} if code else {})
    assert {name: after[name] for name in others} == {name: undisturbed[name] for name in others}
    assert after[broken] == before
