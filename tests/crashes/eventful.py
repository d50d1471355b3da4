"""The eventful night: one in which everything happens that can happen to anybody, and the week that leads to it."""

from dataclasses import dataclass
from typing import Final, Self

from lxml import etree

from tests.app.edits import Edit, Export, group_of, members, named, one, renumbered, without
from tests.app.sites import NORTH, SOUTH, Site, pupils

NIGHT: Final = 7
# So that a week is enough: one may go without a look, and who was locked out on the third night is deleted now.
TERMS: Final = (
    ("retention_days = 180", "retention_days = 4"),
    ("vanished = { share = 0.03, least = 5 }", "vanished = { share = 0.0, least = 1 }"),
)
_NEW_ID: Final = "ny-0001"


@dataclass(frozen=True, slots=True)
class Cast:
    """Who plays what in the eventful night, by the SIS's id."""

    newcomers: tuple[str, ...]  # at both schools
    renamed: str
    moved: str  # from one class to another
    leavers: tuple[str, ...]  # approved
    held: tuple[str, ...]  # leave as well, at the other school, and nobody has approved it
    gone: str  # locked out long enough
    back: str  # had left
    hidden: str  # newly protected
    former: str  # has another id from now on

    @classmethod
    def of(cls, site: Site) -> Self:
        south, north = pupils(site, SOUTH), pupils(site, NORTH)
        return cls(
            newcomers=(south[0], south[1], north[0]),
            renamed=south[2],
            moved=south[3],
            leavers=(south[4], south[5]),
            held=(north[1], north[2]),
            gone=south[6],
            back=south[7],
            hidden=south[8],
            former=south[9],
        )

    @property
    def present(self) -> str:
        """The new id of `former`."""
        return _NEW_ID

    @property
    def may_lose(self) -> frozenset[str]:
        """Who may be locked out or taken away in the eventful night, and nobody else."""
        return frozenset({*self.leavers, self.gone, self.hidden})

    def edits(self, number: int) -> tuple[Edit, ...]:
        """What the export of that night says otherwise than the first one would."""
        missing = {
            *(self.newcomers if number < NIGHT else ()),
            *([self.gone] if number >= 1 else ()),
            *([self.back] if 2 <= number < NIGHT else ()),
            *([*self.leavers, *self.held] if number >= 4 else ()),
        }
        usual = without(missing)
        if number < NIGHT:
            return (usual,)
        return usual, named(self.renamed, "Nytt", "Navn"), moved(self.moved), renumbered(self.former, _NEW_ID)


def moved(sourced_id: str) -> Edit:
    """This pupil is in another class of the same school."""

    def edit(root: Export) -> None:
        school = group_of(root, SOUTH)
        classes = [
            one(group, "sourcedid/id").text or ""
            for group in root.iterfind("{*}group")
            if one(group, "grouptype/typevalue").text == "basisgruppe"
            and one(group, "relationship/sourcedid/id").text == school
        ]
        (here,) = [each for each in classes if sourced_id in members(root, each)]
        there = next(each for each in classes if each != here)
        old, new = (_membership(root, each) for each in (here, there))
        new.append(next(m for m in old.iterfind("{*}member") if one(m, "sourcedid/id").text == sourced_id))

    return edit


def _membership(root: Export, group: str) -> etree._Element:
    return next(each for each in root.iterfind("{*}membership") if one(each, "sourcedid/id").text == group)


def lead_up_to(site: Site, cast: Cast) -> None:
    """Every night before the eventful one; then its export is there, and what has to be said has been said."""
    for number in range(NIGHT):
        said = site.night(number, *cast.edits(number), code=5 if number == NIGHT - 1 else 0)
    holds = {hold["hold"]: hold["org"] for target in said.json["targets"] for hold in target["holds"]}
    assert sorted(holds.values()) == sorted([NORTH, SOUTH] * len(said.json["targets"])), holds
    for hold, org in holds.items():
        if org == SOUTH:
            site.cli("approve", hold, "--reason", "moved to another municipality", "--later", code=0)
    site.append("data/care.csv", f"{cast.hidden},,1,,,")
    site.export(NIGHT, *cast.edits(NIGHT))
