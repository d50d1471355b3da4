"""First passwords: made once, handed over once by a file per school, and never kept anywhere else."""

import csv
import io
import os
import secrets
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Final

from jinja2 import Environment, PackageLoader, StrictUndefined

from provision.core.state import Key
from provision.errors import ConfigurationError, TargetUnavailable
from provision.files import replace_file
from provision.formats.spreadsheet import inert

# No letters or digits that look alike on paper. Three groups of four: 58 bits.
_ALPHABET: Final = "abcdefghjkmnpqrstuvwxyz23456789"
_GROUPS: Final = 3
_GROUP_LENGTH: Final = 4


@dataclass(frozen=True, slots=True)
class Newcomer:
    """Whose first password goes to which school."""

    key: Key
    school: str
    school_name: str
    name: str = field(repr=False)
    group: str = ""
    username: str = ""


@dataclass(slots=True)
class Handover:
    """Satisfies Passwords. One file of rows and one of printable slips for each school and run.

    With a folder of certificates (ORGNUMBER.pem) each file is encrypted to the school's own (CMS, AES-256), else it is
    readable by its owner only (mode 0600).
    """

    folder: Path
    certificates: Path | None
    site_name: str
    target: str
    clock: Callable[[], datetime]
    _made: dict[Key, str] = field(default_factory=dict, repr=False)
    _handed: dict[Path, list[Newcomer]] = field(default_factory=dict, repr=False)
    _asked: set[Key] = field(default_factory=set, repr=False)

    def first(self, key: Key) -> str | None:
        self._asked.add(key)
        return self._made.get(key)

    def unused(self) -> Set[Key]:
        """Whose password no target has asked for: nobody has an account with it."""
        return self._made.keys() - self._asked

    def hand_over(self, run: str, newcomers: Iterable[Newcomer]) -> dict[Key, str]:
        """Make the passwords and write every file, before any account is made with one of them.

        Returns who must wait, with the reason: a school without a certificate cannot be handed anything.
        Raises TargetUnavailable where a file cannot be written.
        """
        schools: defaultdict[str, list[Newcomer]] = defaultdict(list)
        waiting: dict[Key, str] = {}
        faults: dict[str, str] = {}
        for each in newcomers:
            if each.school not in faults:
                faults[each.school] = self._fault(each.school)
            if fault := faults[each.school]:
                waiting[each.key] = fault
            else:
                schools[each.school].append(each)
                self._made[each.key] = _password()
        name = "{}-" + f"{self.target}-{run}"
        self._handed = {self.folder / name.format(s or "no-school"): schools[s] for s in sorted(schools)}
        for base, people in self._handed.items():
            self._write(base, people)
        return waiting

    def drop(self, refused: Set[Key]) -> list[Path]:
        """Take out those whose account was refused after all; the files that remain."""
        for base, people in self._handed.items():
            made = [each for each in people if each.key not in refused]
            if len(made) != len(people):
                self._write(base, made)
        return sorted(path for base in self._handed for path in self._paths(base) if path.exists())

    def _fault(self, school: str) -> str:
        """Why nothing can be encrypted to this school, "" where it can or need not be."""
        if self.certificates is None:
            return ""
        try:
            self._sealed(school, "")
        except ConfigurationError as error:
            return f"its first password cannot be handed over: {error}"
        return ""

    def _paths(self, base: Path) -> tuple[Path, Path]:
        tail = ".p7m" if self.certificates else ""
        return base.with_name(f"{base.name}.csv{tail}"), base.with_name(f"{base.name}.html{tail}")

    def _write(self, base: Path, people: Sequence[Newcomer]) -> None:
        rows, slips = self._paths(base)
        try:
            if not people:
                rows.unlink(missing_ok=True)
                slips.unlink(missing_ok=True)
                return
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            for path, text in ((rows, _rows(people, self._made)), (slips, self._slips(people))):
                self._replace(path, self._sealed(people[0].school, text))
        except OSError as error:
            raise TargetUnavailable(
                f"first passwords cannot be handed over: {error.filename or rows}: {error.strerror}"
            ) from None

    @staticmethod
    def _replace(path: Path, content: bytes) -> None:
        replace_file(path, lambda fh: fh.write(content))

    def _slips(self, people: Sequence[Newcomer]) -> str:
        environment = Environment(loader=PackageLoader("provision"), autoescape=True, undefined=StrictUndefined)
        ordered = sorted(people, key=lambda p: (p.group, p.name, p.username))
        page = environment.get_template("slips.html.j2")
        return page.render(site=self.site_name, school=ordered[0].school_name, people=ordered, passwords=self._made)

    def _sealed(self, school: str, text: str) -> bytes:
        content = text.encode()
        if self.certificates is None:
            return content
        from cryptography import x509  # noqa: PLC0415  heavy, and only where files are encrypted
        from cryptography.hazmat.primitives.ciphers import algorithms  # noqa: PLC0415  heavy
        from cryptography.hazmat.primitives.serialization import Encoding, pkcs7  # noqa: PLC0415  heavy

        path = self.certificates / f"{school}.pem"
        try:
            certificate = x509.load_pem_x509_certificate(path.read_bytes())
            envelope = pkcs7.PKCS7EnvelopeBuilder().set_data(content).add_recipient(certificate)
            envelope = envelope.set_content_encryption_algorithm(algorithms.AES256)
            if certificate.not_valid_after_utc < self.clock():
                raise ConfigurationError([f"{path}: has expired; put the school's new certificate there"])
        except OSError:
            raise ConfigurationError([f"{path}: no certificate to encrypt first passwords to"]) from None
        except ValueError:
            raise ConfigurationError([f"{path}: is not a certificate in PEM form"]) from None
        except TypeError:
            raise ConfigurationError([f"{path}: must be of an RSA key, to encrypt first passwords to"]) from None
        return envelope.encrypt(Encoding.SMIME, [pkcs7.PKCS7Options.Binary])


def _password() -> str:
    groups = ("".join(secrets.choice(_ALPHABET) for _ in range(_GROUP_LENGTH)) for _ in range(_GROUPS))
    return "-".join(groups)


def _rows(people: Sequence[Newcomer], passwords: Mapping[Key, str]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";", lineterminator=os.linesep)
    writer.writerow(("gruppe", "navn", "brukernavn", "passord"))
    for each in sorted(people, key=lambda p: (p.group, p.name, p.username)):
        writer.writerow((inert(each.group), inert(each.name), each.username, passwords[each.key]))
    return "\ufeff" + text.getvalue()
