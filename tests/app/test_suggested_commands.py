"""Every command that anything suggests says for which site and job it is, and can be given as it stands."""

import re
import shlex
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from provision.cli.suggested import Here, completed
from tests.app.directories import a_person, holder_of
from tests.app.edits import Edit, joined, named_as, new_ids, person, texts, without, without_number
from tests.app.sites import NORTH, SOUTH, Said, Site, call, day, pupils

JOB = "evening"
# Those that are given for a site; `provision --help` and `provision sample` are not.
NAMES = "plan|run|approve|adopt|protect|block|status|explain|retention|preflight|doctor|ratios"
WITHOUT_DAY = ("status", "retention", "doctor")


@pytest.fixture
def odd(both: Site) -> Site:
    """A site and a job called otherwise than any command takes for granted."""
    folder = both.folder.with_name("a site")
    shutil.move(both.folder, folder)
    shutil.move(folder / "jobs" / "nightly.toml", folder / "jobs" / f"{JOB}.toml")
    return Site(folder, both.pristine)


def given_as(site: Site, line: str, number: int = 0) -> Said:
    """A command, with its site, for a day where it takes one."""
    words = shlex.split(line)
    for_day = [] if words[0] in WITHOUT_DAY else ["--day", str(day(number))]
    return call(*words, *([] if "--site" in words else ["--site", str(site.folder)]), *for_day)


def suggested(text: str, site: Site) -> set[str]:
    """The commands in a text, as whoever copies them gives them; none is without its site and job."""
    text = text.replace('\\"', '"')
    whole = [found[0] for found in re.finditer(rf"provision (?:{NAMES})\b.*?--site '[^']+'", text)]
    assert len(whole) == len(re.findall(rf"\bprovision (?:{NAMES})\b", text)), text
    assert all(JOB in each and str(site.folder) in each for each in whole), whole
    return {each.removeprefix("provision ") for each in whole}


def look_everywhere(site: Site, number: int, *more: str) -> set[str]:
    """What every command that only looks suggests, as text and as a document."""
    looks = (f"plan {JOB}", f"status --job {JOB}", f"adopt {JOB}", f"retention {JOB} --dry-run", f"doctor {JOB}")
    found: set[str] = set()
    for line in (*looks, *more):
        for how in ("", " --json"):
            said = given_as(site, line + how, number)
            found |= suggested(said.out + said.err, site)
    return found


def leavers(site: Site) -> Edit:
    return without(pupils(site, SOUTH)[4::7])


def a_hold(site: Site) -> set[str]:
    """Too many are proven to be gone."""
    for number in (1, 2, 3):
        site.export(number, leavers(site))
        said = given_as(site, f"run {JOB}", number)
    (gone, *_) = pupils(site, SOUTH)[4::7]
    return suggested(said.out, site) | look_everywhere(site, 3, f"plan {JOB} --all", f"explain {gone} --job {JOB}")


def new_ids_for_all(site: Site) -> set[str]:
    site.export(1, new_ids("x-"))
    before = look_everywhere(site, 1, f"explain x-{pupils(site, SOUTH)[0]} --job {JOB}")
    return before | suggested(given_as(site, f"run {JOB}", 1).out, site) | look_everywhere(site, 1)


def a_newcomer_who_looks_like_somebody(site: Site) -> set[str]:
    old = pupils(site, SOUTH)[5]
    site.export(1, joined(old, "ny-0001"), named_as("ny-0001", old), without_number("ny-0001"), without([old]))
    return look_everywhere(site, 1, f"plan {JOB} --all", f"explain ny-0001 --job {JOB}")


def an_emptied_target(site: Site) -> set[str]:
    site.ldif.write_text("", encoding="utf-8")
    who = pupils(site, SOUTH)[0]
    after = (f"explain {who} --job {JOB}", f"explain --all {who} --job {JOB}", f"run {JOB}", f"status --job {JOB}")
    return look_everywhere(site, 0, *after)


def an_odd_supplement(site: Site) -> set[str]:
    site.append("data/care.csv", *(f"{who},,1,,," for who in pupils(site, SOUTH)))
    return look_everywhere(site, 0, f"run {JOB}", f"status --job {JOB}", f"block {pupils(site, NORTH)[0]} --job {JOB}")


def somebody_blocked(site: Site) -> set[str]:
    who = pupils(site, NORTH)[0]
    blocked = f"block {who} --job {JOB}"
    found = look_everywhere(site, 0, blocked, f"explain {who} --job {JOB}", f"block --list --job {JOB}")
    ended = given_as(site, f"{blocked} --end")
    given_as(site, blocked)
    return found | suggested(ended.out, site) | look_everywhere(site, 0)


def an_entry_of_others(site: Site) -> set[str]:
    site.export(1, joined(pupils(site, NORTH)[0], "ny-0001"))
    (born,) = texts(person(etree.fromstring(site.sis.read_bytes()), "ny-0001"), "demographics/bday")
    here = a_person("nykomen", "Nykomen", "Prøvesen", norEduPersonBirthDate=born.replace("-", ""))
    holder_of(site, None).put(here)
    return look_everywhere(
        site, 1, f"plan {JOB} --all", f"explain ny-0001 --job {JOB}", f"adopt {JOB} --with-proposals"
    )


# What happens, and what is suggested then, whatever else is.
SITUATIONS: dict[Callable[[Site], set[str]], tuple[str, ...]] = {
    a_hold: ("plan evening --hold H-", "approve H-"),
    new_ids_for_all: ("approve R-", "run evening"),
    a_newcomer_who_looks_like_somebody: ("--same", "--distinct"),
    an_emptied_target: ("approve feide",),
    an_odd_supplement: ("approve care.csv",),
    an_entry_of_others: ("adopt evening --approve", "adopt evening --site"),
    somebody_blocked: ("--end", "block --list", "run evening"),
}


def apart(site: Site, folder: Path) -> Iterator[None]:
    """As often as is asked, the site as it is now."""
    shutil.copytree(site.folder, folder)
    while True:
        shutil.rmtree(site.folder)
        shutil.copytree(folder, site.folder)
        yield


@pytest.mark.parametrize("situation", SITUATIONS, ids=lambda each: each.__name__)
def test_what_is_suggested_means_this_site_and_job_and_works(
    odd: Site, tmp_path: Path, situation: Callable[[Site], set[str]]
) -> None:
    found = situation(odd)
    for wanted in SITUATIONS[situation]:
        assert any(wanted in each for each in found), (wanted, found)
    for each, _ in zip(sorted(found), apart(odd, tmp_path / "as it was"), strict=False):
        said = given_as(odd, each, 3 if situation is a_hold else 1)
        assert said.code not in (1, 2, 3), (each, said)


HERES = st.builds(Here, st.sampled_from(["nightly", "evening"]), st.sampled_from([Path(), Path("/srv/a site")]))
COMMANDS = st.sampled_from([
    'provision approve R-1a2b3c4d --reason "…"',
    "provision adopt --same a=b",
    "provision block p0000042 --end",
    "provision run",
    "provision status",
    "provision plan --hold H-1a2b3c4d",
])  # fmt: skip
TEXTS = st.lists(st.tuples(st.sampled_from(["", "See ", "if so: "]), COMMANDS), min_size=1, max_size=3)


@given(TEXTS, HERES)
def test_a_text_is_completed_once_and_is_then_as_it_should_be(parts: list[tuple[str, str]], here: Here) -> None:
    text = ", else ".join(f"{before}`{command}`" for before, command in parts)
    told = completed(text, here)
    assert completed(told, here) == told
    assert told.count(f"--site {shlex.quote(str(here.folder))}`") == (len(parts) if here.folder.name else 0)
    of_job = sum(f" {here.job}" in each for each in re.findall("`[^`]+`", told))
    named = sum(command.split()[1] in {"adopt", "run", "plan"} for _, command in parts)
    assert of_job == (named if here.job == "nightly" else len(parts))


@given(st.text())
def test_what_is_no_command_is_left_as_it_is(text: str) -> None:
    here = Here("evening", Path("/srv/site"))
    for each in (text, f"`provision --help` {text}", f"`provision sample DIR` {text}", f"it provisions {text}"):
        if not re.search(rf"provision (?:{NAMES})", each):
            assert completed(each, here) == each
