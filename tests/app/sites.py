"""A small site to maltreat: its export edited, its nights run on the command line, everything that it says searched."""

import base64
import csv
import hashlib
import io
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any, Final
from unittest.mock import patch

from loguru import logger
from lxml import etree

from provision.cli.main import main
from provision.formats.ldif import read_entries
from tests.app.edits import Edit, Export, group_of, members, one, person, texts
from tests.servers.slapd import Slapd

DAY: Final = date(2026, 11, 23)
MUNICIPALITY: Final = "300000002"
NORTH: Final = "300010008"  # the more awkward one
SOUTH: Final = "300010105"
REALM: Final = "hemne.kommune.no"
BASE: Final = "dc=hemne,dc=kommune,dc=no"
PEOPLE: Final = f"ou=people,{BASE}"

Held = Mapping[str, frozenset[str]]


@dataclass(frozen=True, slots=True)
class Said:
    """What a command answered."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The one document on standard output."""
        return json.loads(self.out)

    @property
    def target(self) -> Any:
        """The only target of a run's document."""
        (only,) = self.json["targets"]
        return only

    @property
    def messages(self) -> str:
        """The messages of a document that says what was wrong."""
        return "\n".join(self.json["error"]["messages"])


@dataclass(slots=True)
class Site:
    """A sample site in a folder of its own. Each command is searched for what it may not say."""

    folder: Path
    pristine: bytes = field(repr=False)
    secrets: set[str] = field(default_factory=set, repr=False)  # may stand nowhere
    personal: set[str] = field(default_factory=set, repr=False)  # may stand on a person's own screen

    @property
    def sis(self) -> Path:
        return self.folder / "data" / "sis.xml"

    @property
    def ldif(self) -> Path:
        return self.folder / "out" / "feide.ldif"

    def cli(self, *arguments: str, code: int | None = None) -> Said:
        """The command line in this process, on this site."""
        said = call(*arguments, "--site", str(self.folder))
        self.search(said, ids_only="--json" in arguments and arguments[0] != "explain")
        if code is not None:
            assert said.code == code, said
        return said

    def night(self, number: int, *edits: Edit, code: int = 0) -> Said:
        """A whole night: the pristine export with these edits, as of that night, and a run."""
        self.export(number, *edits)
        return self.run(number, code=code)

    def run(self, number: int = 0, code: int | None = 0) -> Said:
        return self.cli("run", "--json", "--day", str(day(number)), code=code)

    def plan(self, number: int = 0, *more: str, code: int | None = 0) -> Said:
        return self.cli("plan", "--json", "--day", str(day(number)), *more, code=code)

    def export(self, number: int, *edits: Edit) -> None:
        root = etree.fromstring(self.pristine)
        at = datetime.combine(day(number), time(2)).isoformat()
        one(root, "properties/datetime").text = at
        for edit in edits:
            edit(root)
        self._learn(root)
        self.sis.write_bytes(etree.tostring(root, xml_declaration=True, encoding="UTF-8"))

    def entries(self) -> dict[str, Held]:
        """What the directory in the file holds, by DN."""
        if not self.ldif.exists():
            return {}
        with self.ldif.open(encoding="utf-8") as fh:
            return {dn: dict(held) for dn, held in read_entries(fh)}

    def replace(self, file: str, *changes: tuple[str, str]) -> None:
        """Exchanges texts in one of the site's files."""
        path = self.folder / file
        text = path.read_text(encoding="utf-8")
        for old, new in changes:
            assert old in text, f"{file} does not hold {old}"
            text = text.replace(old, new)
        path.write_text(text, encoding="utf-8")

    def append(self, file: str, *lines: str) -> None:
        with (self.folder / file).open("a", encoding="utf-8") as fh:
            fh.writelines(f"{line}\n" for line in lines)

    def state(self) -> dict[str, bytes]:
        """Every file that a run may leave, but for journal and log, whose being asked shows."""
        made = (path for path in (self.folder / "out").rglob("*") if path.is_file())
        return {str(path.relative_to(self.folder)): path.read_bytes() for path in made}

    def passwords(self) -> dict[str, str]:
        """By username, what the latest file of first passwords says."""
        found: dict[str, str] = {}
        files = (self.folder / "out" / "passwords").glob("*.csv")
        for path in sorted(files, key=lambda each: each.stat().st_mtime_ns):
            with path.open(encoding="utf-8-sig", newline="") as fh:
                found |= {row["brukernavn"]: row["passord"] for row in csv.DictReader(fh, delimiter=";")}
        return found

    def search(self, said: Said, *, ids_only: bool) -> None:
        """Nothing that nobody may be told stands in what was said, in the log or in the journal."""
        assert "Traceback" not in said.out + said.err, said.err
        secret = self.secrets | set(self.passwords().values())
        everywhere = {"out": said.out, "err": said.err} | dict(self._written())
        for place, text in everywhere.items():
            assert not [s for s in secret if s in text], f"a secret reached {place}"
        told = [said.err, *(text for place, text in everywhere.items() if place.startswith("log"))]
        for text in [*told, said.out] if ids_only else told:
            assert not [p for p in self.personal if p in text], f"a person's name or address was told: {text}"

    def _written(self) -> Iterator[tuple[str, str]]:
        for path in (self.folder / "var").rglob("*"):
            if path.is_file() and path.name != "pepper":
                kind = "log" if path.parent.name == "log" else "journal"
                yield f"{kind} {path.name}", read_apart(path).decode("utf-8", "replace")

    def _learn(self, root: Export) -> None:
        """Identity numbers, full names and addresses of everybody in the export: none of it may be told."""
        for element in root.iterfind("{*}person"):
            self.secrets |= {number for number in texts(element, "userid[@useridtype='personNIN']") if len(number) > 9}
            for path in ("name/fn", "email", "tel"):
                self.personal |= {text for text in texts(element, path) if len(text) > 5}


def call(*arguments: str) -> Said:
    """The command line in this process."""
    out, err = io.StringIO(), io.StringIO()
    code = 0
    with patch.object(sys, "argv", ["provision", *arguments]), redirect_stdout(out), redirect_stderr(err):
        try:
            main()
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else int(end.code is not None)
        finally:
            logger.remove()
    return Said(code, out.getvalue(), err.getvalue())


def process(*arguments: str) -> subprocess.Popen[str]:
    """The command line in a process of its own."""
    command = [sys.executable, "-m", "provision", *arguments]
    return subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment(),
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509  ours may be ignored
    )


def environment(**more: str) -> dict[str, str]:
    """That of a process which runs what is tested here."""
    return {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2]), **more}


def finished(running: subprocess.Popen[str]) -> Said:
    out, err = running.communicate(timeout=60)
    return Said(running.returncode, out, err)


def read_apart(path: Path) -> bytes:
    """A file that this process may have open, read by another.

    Whoever closes a file lets go of all locks that its process has on it, and SQLite counts on those of its journal.
    """
    return subprocess.run(["cat", "--", str(path)], check=True, capture_output=True).stdout


def copy(site: Site, folder: Path) -> Site:
    """Made by another process, for the same reason."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    subprocess.run(["cp", "-RLp", "--", str(site.folder), str(folder)], check=True)
    return Site(folder, site.pristine, set(site.secrets), set(site.personal))


_LMS: Final = """\
[[targets]]
name = "lms"
kind = "oneroster_csv"       # a OneRoster 1.2.1 package, for the learning platform to fetch
mapping = "oneroster"        # mappings/oneroster.toml
path = "out/oneroster.zip"

"""


def without_lms(site: Site) -> None:
    """From now on the job has the directory as its only target."""
    site.replace("jobs/nightly.toml", (_LMS, ""))


def with_lms(site: Site) -> None:
    """From now on the job has its second target again."""
    site.replace("jobs/nightly.toml", ("[policy]\n", f"{_LMS}[policy]\n"))


def on_ldap(site: Site, slapd: Slapd, **settings: str) -> None:
    """From now on the job's target is this server."""
    site.replace("jobs/nightly.toml", ('kind = "ldif"', 'kind = "ldap"'), ('path = "out/feide.ldif"', ""))
    given = {"LDAP_URL": slapd.url, "LDAP_BIND_DN": slapd.service_dn, "LDAP_PASSWORD": slapd.password, **settings}
    site.append(".env", *(f'{name}="{value}"' for name, value in given.items() if value))
    site.secrets.add(slapd.password)


def hashed_as(stored: str, password: str) -> bool:
    """Whether this {SSHA} is of this password."""
    raw = base64.b64decode(stored.removeprefix("{SSHA}"))
    return hashlib.sha1(password.encode() + raw[20:], usedforsecurity=False).digest() == raw[:20]


def carries(held: Held, sourced_id: str) -> bool:
    """Whether the entry is this person's."""
    return f"{REALM}:localnin:{sourced_id}" in held.get("norEduPersonLIN", ())


def day(number: int) -> date:
    return DAY + timedelta(days=number)


def pupils(site: Site, school: str) -> list[str]:
    """Pupils who are at this school and at no other, in the order of the file."""
    root = etree.fromstring(site.pristine)
    elsewhere = {p for number in {NORTH, SOUTH} - {school} for p in members(root, group_of(root, number))}
    return [p for p in members(root, group_of(root, school)) if p not in elsewhere and p not in protected(site)]


def protected(site: Site) -> set[str]:
    with (site.folder / "data" / "care.csv").open(encoding="utf-8", newline="") as fh:
        return {row["sourced_id"] for row in csv.DictReader(fh) if row["protected"] == "1"}


def number_of(site: Site, sourced_id: str) -> str:
    return next(iter(texts(person(etree.fromstring(site.pristine), sourced_id), "userid[@useridtype='personNIN']")), "")
