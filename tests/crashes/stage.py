"""A site with its targets on the eve of a night, and on the same eve again as often as wanted."""

import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from unittest.mock import patch

from tests.app.sites import Said, Site, call, day
from tests.crashes.children import IMPATIENT, Act, Answer, Ended, nothing, run_child
from tests.crashes.eventful import NIGHT, Cast
from tests.crashes.shelves import Shelf, keep, put_back
from tests.crashes.world import World, read_journal
from tests.servers.slapd import Slapd
from tests.servers.waits import Waits

DONE: Final = 5  # how the eventful night ends: something is held


@dataclass(slots=True)
class Stage:
    """`eve` is the folder of what is put back; `shelves` are the job's targets by name.

    `between` is where the server is asked, when that is not the server itself. `night` is which one it is the eve of,
    and `done` how that night ends when all is well.
    """

    site: Site
    eve: Path
    cast: Cast
    shelves: Mapping[str, Shelf]
    slapd: Slapd | None = None
    between: str = ""
    night: int = NIGHT
    done: int = DONE

    @contextmanager
    def settings(self) -> Iterator[None]:
        """The site's settings that are this stage's own."""
        given = {"SSL_CERT_FILE": os.devnull}  # nobody's certificate is asked for, and to read all takes a while
        if self.slapd is not None:
            url, account, password = self.slapd.url, self.slapd.service_dn, self.slapd.password
            given |= {"LDAP_URL": self.between or url, "LDAP_BIND_DN": account, "LDAP_PASSWORD": password}
        with patch.dict(os.environ, given):
            yield

    def save(self) -> None:
        """What there is now is the eve; the server is left stopped."""
        shutil.copytree(self.site.folder, self.eve / "site")
        if self.slapd is not None:
            keep(self.slapd, self.eve / "slapd")

    def restore(self) -> None:
        """All is as it was on the eve, to the byte."""
        shutil.rmtree(self.site.folder, ignore_errors=True)
        shutil.copytree(self.eve / "site", self.site.folder)
        if self.slapd is not None:
            put_back(self.slapd, self.eve / "slapd")

    def restore_journal(self) -> None:
        """Only the journal is as it was on the eve."""
        self.lose_journal()
        shutil.copy(self.eve / "site" / "var" / "journal.db", self.site.folder / "var")

    def lose_journal(self) -> None:
        for path in (self.site.folder / "var").glob("journal.db*"):
            path.unlink()

    def close(self) -> None:
        if self.slapd is not None:
            self.slapd.stop()

    def harmed(self, act: Act = nothing, answer: Answer = nothing, *, waits: Waits = IMPATIENT) -> Ended:
        """The night's run, as it is run at night, in a child."""
        with self.settings():
            return run_child(("run", *self._day()), self.site.folder, act, answer, waits)

    def run(self) -> Ended:
        """The same without any fault."""
        with self.settings():
            return run_child(("run", *self._day(), "--json"), self.site.folder)

    def _day(self) -> tuple[str, str]:
        return "--day", str(day(self.night))

    def search(self, *runs: Ended) -> None:
        """Nothing that nobody may be told was said by these, nor stands in log and journal."""
        out, err = ("\n".join(getattr(each, name) for each in runs) for name in ("out", "err"))
        self.site.search(Said(runs[-1].code, out, err), ids_only=False)

    def look(self) -> World:
        """What every target and the journal hold and what `status` says. What is looked at is left as it is."""
        aside = self.site.folder.with_name("aside")
        shutil.rmtree(aside, ignore_errors=True)
        shutil.copytree(self.site.folder, aside)
        said = call("status", "--json", "--site", str(aside))
        return World(
            targets={name: shelf.look() for name, shelf in self.shelves.items()},
            journal=read_journal(self.site.folder / "var" / "journal.db"),
            status={**said.json, "code": said.code},
        )

    def plan(self) -> dict[str, set[str]]:
        """By target, whom the next run would change or hold."""
        with self.settings():
            said = call("plan", "--json", *self._day(), "--site", str(self.site.folder))
        return {t["target"]: {c["key"] for c in t["changes"]} for t in said.json["targets"]}

    def shut_out(self, morning: World) -> list[str]:
        """Who cannot enter an account that is active with the password that was handed over last.

        On a server, where each login takes its time, of those only to whom something happened.
        """
        handed = self.site.passwords()
        who = {*self.cast.newcomers, self.cast.renamed, self.cast.back, self.cast.present}
        found: list[str] = []
        for name, shelf in self.shelves.items():
            accounts = {
                place: account
                for place, account in morning.targets[name].accounts.items()
                if account.active and (self.slapd is None or account.person in who)
            }
            given = {place: handed.get(account.username, "none") for place, account in accounts.items()}
            found += [f"{name}: {accounts[place].person}" for place in given.keys() - shelf.let_in(given)]
        return found
