"""For each set of targets a site on the eve of the eventful night, twice, so that two faults are tried at a time."""

import os
import shutil
import signal
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import pytest

from tests.app.sites import DAY, Site, call, without_lms
from tests.crashes.criteria import Terms, losses
from tests.crashes.eventful import TERMS, Cast, lead_up_to
from tests.crashes.shelves import InLdif, InPackage, OnServer, Shelf
from tests.crashes.stage import Stage
from tests.crashes.trials import Undisturbed
from tests.servers.slapd import Slapd, SlapdOptions

AT_A_TIME: Final = 2
MEMORY: Final = Path("/dev/shm")  # noqa: S108  what is made there is a folder of its own, for its owner only
ENOUGH: Final = 256 << 20

Staged = tuple[list[Stage], Undisturbed]


@dataclass(frozen=True, slots=True)
class Targets:
    """A set of targets: `arrange` makes a sample site's job theirs, `shelves` say where they keep what they hold.

    The night is the eventful one, or the `first`.
    """

    shelves: Callable[[Site, Slapd | None], Mapping[str, Shelf]]
    arrange: Callable[[Site], None] = lambda _: None
    on_server: bool = False
    first: bool = False


def _to_server(site: Site) -> None:
    site.replace("jobs/nightly.toml", ('kind = "ldif"', 'kind = "ldap"'), ('path = "out/feide.ldif"', ""))


def _on_server(site: Site, slapd: Slapd | None) -> Mapping[str, Shelf]:
    assert slapd is not None
    return {"feide": OnServer(slapd), "lms": InPackage(site.folder / "out" / "oneroster.zip")}


TARGETS: Final[Mapping[str, Targets]] = {
    "ldif": Targets(lambda site, _: {"feide": InLdif(site)}, without_lms),
    "ldap and oneroster_csv": Targets(_on_server, _to_server, on_server=True),
}
FIRST_NIGHT: Final = "ldif, first night"
_ALL: Final = {**TARGETS, FIRST_NIGHT: replace(TARGETS["ldif"], first=True)}


@pytest.fixture(scope="session")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Where all stages are: in memory where there is room, since nobody here waits for a disk to learn anything."""
    # Whoever ends this process by a signal finds as little left behind as with Ctrl-C.
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    if os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > ENOUGH:
        with TemporaryDirectory(prefix="provision-crashes-", dir=MEMORY) as folder:
            yield Path(folder)
    else:
        yield tmp_path_factory.mktemp("crashes")
    signal.signal(signal.SIGTERM, before)


@pytest.fixture(scope="session")
def small_site(ground: Path) -> Site:
    folder = ground / "small" / "site"
    said = call("sample", str(folder), "--pupils", "24", "--schools", "2", "--day", str(DAY))
    assert said.code == 0, said
    return Site(folder, (folder / "data" / "sis.xml").read_bytes())


@pytest.fixture(scope="session")
def staged(small_site: Site, ground: Path) -> Iterator[Callable[[str], Staged]]:
    """The stages of a set of targets, made when they are first wanted."""
    made: dict[str, Staged] = {}
    with ExitStack() as opened:

        def find(targets: str) -> Staged:
            if targets not in made:
                made[targets] = _staged(_ALL[targets], small_site, ground / str(len(made)))
                for stage in made[targets][0]:
                    opened.callback(stage.close)
            return made[targets]

        yield find


@pytest.fixture(params=TARGETS)
def everywhere(request: pytest.FixtureRequest, staged: Callable[[str], Staged]) -> Staged:
    """Each set of targets in turn."""
    return staged(request.param)


@pytest.fixture
def served(staged: Callable[[str], Staged]) -> Staged:
    """The directory is on a server."""
    return staged("ldap and oneroster_csv")


@pytest.fixture
def unbegun(staged: Callable[[str], Staged]) -> Staged:
    """A site on which nothing was ever run."""
    return staged(FIRST_NIGHT)


def _staged(targets: Targets, sample: Site, folder: Path) -> Staged:
    """Goes through the nights before, keeps what they lead to, and sees what an undisturbed run makes of that."""
    first, *others = (_stage(targets, sample, folder, number) for number in range(AT_A_TIME))
    shutil.copytree(sample.folder, first.site.folder)
    first.site.replace("jobs/nightly.toml", *TERMS)
    targets.arrange(first.site)
    if first.slapd is not None:
        first.slapd.start()
    with first.settings():
        if targets.first:
            first.site.export(0)
        else:
            lead_up_to(first.site, first.cast)
    for other in others:
        other.site.secrets |= first.site.secrets
        other.site.personal |= first.site.personal
    first.save()
    first.restore()
    known = _undisturbed(first)
    if not targets.first:
        _see_that_all_of_it_happened(known, first.cast)
    first.close()
    return [first, *others], known


def _undisturbed(stage: Stage) -> Undisturbed:
    eve = stage.look()
    ended = stage.harmed()
    assert ended.code == stage.done, ended.err
    ids = {stage.cast.former: stage.cast.present}
    morning = stage.look()
    return Undisturbed(eve, morning, Terms(losses(eve, morning, ids), stage.plan(), ids), ended.points)


def _see_that_all_of_it_happened(known: Undisturbed, cast: Cast) -> None:
    for lost, waiting in zip(known.terms.may_lose.values(), known.terms.waiting.values(), strict=True):
        assert lost >= cast.may_lose
        assert not lost & {*cast.held, cast.renamed, cast.moved, cast.present}
        assert waiting >= {f"account:{person}" for person in cast.held}


def _stage(targets: Targets, sample: Site, folder: Path, number: int) -> Stage:
    site = Site(folder / str(number) / "site", sample.pristine)
    slapd = Slapd(folder / str(number) / "slapd", SlapdOptions(base_entry=False)) if targets.on_server else None
    if slapd is not None:
        site.secrets.add(slapd.password)
    stage = Stage(site, folder / "eve", Cast.of(sample), targets.shelves(site, slapd), slapd)
    return replace(stage, night=0, done=0) if targets.first else stage
