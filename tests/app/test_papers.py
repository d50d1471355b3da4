"""The files beside the journal: what is over goes, what is not stays, and who is named in them is found."""

import gzip
import json
import os
import zipfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from provision.core.mentions import sought
from provision.core.retention import Terms
from provision.papers import Papers
from provision.sources.kept import Kept

NOW = datetime(2026, 11, 23, 0, 15, tzinfo=UTC)
TERMS = Terms(passwords_days=90, log_days=30)
WHO = sought(["p12", "Øverås Åsgård"])


@pytest.fixture
def papers(tmp_path: Path) -> Papers:
    for name in ("kept", "log", "passwords", "out"):
        (tmp_path / name).mkdir()
    kept = Kept(tmp_path / "kept", 14)
    return Papers((kept,), tmp_path / "log", (tmp_path / "passwords",), (tmp_path / "out",))


def handed(papers: Papers, days: int, suffix: str = "csv") -> Path:
    path = papers.passwords[0] / f"974588145-feide-{NOW - timedelta(days=days):%Y%m%d-%H%M}-0a1b.{suffix}"
    path.write_text("gruppe;navn\n1A;Øverås Åsgård\n", encoding="utf-8")
    return path


def logged(days: int, text: str = "") -> str:
    moment = (NOW - timedelta(days=days)).timestamp()
    return json.dumps({"text": text, "record": {"time": {"timestamp": moment}}}, ensure_ascii=False) + "\n"


def test_passwords_go_by_when_they_were_made_and_nothing_else_in_the_folder_goes(papers: Papers) -> None:
    old = [handed(papers, 91, suffix) for suffix in ("csv", "html", "csv.p7m", "html.p7m")]
    young = [handed(papers, 90), handed(papers, 0)]
    other = papers.passwords[0] / "a letter of 20200101-0000.csv"
    other.write_text("Øverås", encoding="utf-8")
    os.utime(other, (0, 0))
    assert papers.tidy(TERMS, NOW, rehearse=True) == {"files of first passwords": 4}
    assert all(path.exists() for path in old)
    assert papers.tidy(TERMS, NOW, rehearse=False) == {"files of first passwords": 4}
    assert sorted(papers.passwords[0].iterdir()) == sorted([*young, other])


def test_a_log_keeps_the_lines_that_are_not_over_and_stays_private(papers: Papers) -> None:
    log = papers.log / "provision.jsonl"
    log.write_text(logged(31) + logged(30) + "cut sho\n" + logged(0), encoding="utf-8")
    rotated = papers.log / "provision.1790000000.jsonl"
    rotated.write_text(logged(40), encoding="utf-8")
    assert papers.tidy(TERMS, NOW, rehearse=True) == {"lines of the log": 3}
    assert papers.tidy(TERMS, NOW, rehearse=False) == {"lines of the log": 3}
    assert log.read_text(encoding="utf-8") == logged(30) + logged(0)
    assert log.stat().st_mode & 0o777 == 0o600
    assert not rotated.exists()


def test_extracts_go_by_their_own_days(papers: Papers) -> None:
    paths = [papers.kept[0].folder / f"{name}.jsonl.gz" for name in ("old", "young")]
    for path, days in zip(paths, (15, 14), strict=True):
        path.write_bytes(gzip.compress(b"{}"))
        moment = (NOW - timedelta(days=days)).timestamp()
        os.utime(path, (moment, moment))
    assert papers.tidy(TERMS, NOW, rehearse=True) == {"kept extracts": 1}
    assert paths[0].exists()
    papers.tidy(TERMS, NOW, rehearse=False)
    assert [path.exists() for path in paths] == [False, True]


def test_who_is_named_is_found_in_every_kind_of_file(papers: Papers) -> None:
    out = papers.written[0]
    handed(papers, 0)
    handed(papers, 1, "csv.p7m")
    (papers.passwords[0] / handed(papers, 2).with_suffix(".html").name).write_text(
        "<td>&Oslash;ver&aring;s &Aring;sg&aring;rd</td>", encoding="utf-8"
    )
    (papers.log / "provision.jsonl").write_text(logged(0, "held: p12") + logged(0, "p123"), encoding="utf-8")
    (papers.kept[0].folder / "sis.jsonl.gz").write_bytes(gzip.compress(json.dumps(["Øverås Åsgård"]).encode()))
    (out / "feide.ldif").write_text("dn: uid=x\ncn:: w5h2ZXLDpXMgw4Vz\n Z8OlcmQ=\nsn: x\n", encoding="utf-8")
    with zipfile.ZipFile(out / "oneroster.zip", "w") as package:
        package.writestr("users.csv", "sourcedId\np12\n")
        package.writestr("orgs.csv", "sourcedId\np123\n")
    found = {path.name: number for path, number in papers.search(WHO).items()}
    young = [name for name in found if name.startswith("974588145")]
    assert [found[name] for name in young] == [1, 1, 1]
    assert {name: number for name, number in found.items() if name not in young} == {
        "provision.jsonl": 1,
        "sis.jsonl.gz": 1,
        "feide.ldif": 1,
        "oneroster.zip": 1,
    }
    assert papers.sealed() == 1


def test_where_there_is_nothing_there_is_nothing_to_do(tmp_path: Path) -> None:
    none = Papers((Kept(tmp_path / "kept", 14),), tmp_path / "log", (tmp_path / "passwords",), (tmp_path / "out",))
    assert none.tidy(TERMS, NOW, rehearse=False) == {}
    assert none.search(WHO) == {}
    assert list(none.extracts(NOW)) == []
