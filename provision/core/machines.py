"""One row per machine from everything that the inventories say, and what each counts as."""

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

import pandas as pd

from provision.core.counted import Counted, Terms
from provision.core.devices import DEVICE_COLUMNS, DeviceStatus, Stocktake, Use, serial_of
from provision.core.roster import Issue

_DATES: Final = ("enrolled", "purchased", "end_of_life", "last_seen")
# What the inventories should agree on.
_AGREED: Final = {"known_school": "school", "assignee": "assignee", "status": "status", "private": "private"}
# Nothing that is still in use was seen before; some systems write "0001-01-01" for never.
_NEVER: Final = pd.Timestamp(1990, 1, 1)
# Whom an inventory names and nobody knows.
NOBODY: Final = "?"
_SHOWN: Final = (
    "machine",
    "asset_tag",
    "kind",
    "model",
    "school",
    "place",
    "person",
    "counted",
    "past_end",
    "end_of_life",
    "last_seen",
    "inventories",
)


@dataclass(frozen=True, slots=True)
class People:
    """Whom an inventory may name. `of` leads from every name of everybody, case folded, to their sourced id; a name
    that is several people's is nobody's. `pupils`, with the school that they count at, and `staff` have a place today;
    `left` had one.
    """

    of: Mapping[str, str]
    pupils: Mapping[str, str]
    staff: Set[str]
    left: Set[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Machines:
    """`table` has a row per machine: `machine` (its serial), asset_tag, kind, model, school (as said), place (the
    number of the school it counts at), person, counted, past_end, end_of_life, last_seen, inventories. `issues` are
    what someone should mend in an inventory, such as what two of them say differently.
    """

    table: pd.DataFrame
    issues: tuple[Issue, ...] = ()


def machines(
    stocktakes: Sequence[Stocktake], schools: Mapping[str, str], people: People, terms: Terms, day: date
) -> Machines:
    """Every machine once. `schools` leads from every name of a school, lower case, to its number.

    Where two inventories say different things of a machine, the first one's word counts, and both are told. A machine
    without a serial number is one of its own.
    """
    issues = [issue for stocktake in stocktakes for issue in stocktake.issues]
    said = pd.concat([_rows(each, schools, people, day, issues) for each in stocktakes], ignore_index=True)
    together = said.groupby("machine", sort=True)
    table = together.first()
    table["last_seen"] = together["last_seen"].max()
    twice = said[said["machine"].duplicated(keep=False)]
    names = _named_once(twice)
    table["inventories"] = names.reindex(table.index).fillna(table["inventory"])
    table = table.reset_index()
    table["person"] = _holders(table, people, terms)
    issues += _unknown_schools(said)
    places = zip(table["person"], table["known_school"].fillna(""), strict=True)
    table["place"] = [people.pupils.get(person, school) for person, school in places]
    if terms.life_years:
        expected = table["purchased"] + pd.DateOffset(years=terms.life_years)
        table["end_of_life"] = table["end_of_life"].fillna(expected)
    table["past_end"] = table["end_of_life"] < pd.Timestamp(day)
    table["counted"] = _counted(table, people, terms, day)
    return Machines(table[list(_SHOWN)], (*issues, *_disagreements(twice, names)))


def _unknown_schools(said: pd.DataFrame) -> Iterable[Issue]:
    unknown = said[said["school"].notna() & said["known_school"].isna()]
    why = "the SIS has no school of this number or name, or several"
    return (Issue(i, "devices", m, why) for i, m in zip(unknown["inventory"], unknown["machine"], strict=True))


def _named_once(twice: pd.DataFrame) -> "pd.Series[str]":
    """By machine the inventories that it is in, in their order."""
    found: dict[str, dict[str, None]] = {}
    for machine, inventory in zip(twice["machine"], twice["inventory"], strict=True):
        found.setdefault(machine, {})[inventory] = None
    return pd.Series({machine: " + ".join(names) for machine, names in found.items()}, dtype=object)


def _rows(
    stocktake: Stocktake, schools: Mapping[str, str], people: People, day: date, issues: list[Issue]
) -> pd.DataFrame:
    """One inventory's rows, typed; missing where it does not say."""
    table = stocktake.table[list(DEVICE_COLUMNS)].copy()
    serial = table["serial"].map(serial_of)
    table["machine"] = serial.where(serial != "", [f"{stocktake.inventory} {number}" for number in range(len(table))])
    table["inventory"] = stocktake.inventory
    for name in _DATES:
        table[name] = _dates(table, name, day, issues)
    table["known_school"] = table["school"].map(lambda said: schools.get(said.strip().casefold()))
    for name in ("assignee", "enrolled_by"):
        table[name] = table[name].map(lambda said: _who(said, people))
    texts = [column for column in table.columns if column not in _DATES]
    table[texts] = table[texts].astype(object).where(table[texts] != "", None)
    return table


def _who(said: str, people: People) -> str | None:
    """The sourced id, NOBODY where the name is nobody's, None where no name is given."""
    name = said.strip().casefold()
    return (people.of.get(name) or NOBODY) if name else None


def _dates(table: pd.DataFrame, name: str, day: date, issues: list[Issue]) -> "pd.Series[pd.Timestamp]":
    """A column's dates; one that cannot be is none, and is told of. "0001-01-01" and its like mean never."""
    found = pd.to_datetime(table[name], format="%Y-%m-%d", errors="coerce")
    if name != "end_of_life":
        tomorrow = pd.Timestamp(day + timedelta(days=1))  # an inventory's clock may stand in another time zone
        late = table[found > tomorrow]
        why = f"{name} is a day yet to come"
        issues += [Issue(i, "devices", m, why) for i, m in zip(late["inventory"], late["machine"], strict=True)]
        found = found.where(found <= tomorrow)
    return found.where(found >= _NEVER)


def _holders(table: pd.DataFrame, people: People, terms: Terms) -> "pd.Series[str]":
    """Who has the machine: whom it is assigned to, else the pupil who registered it; not who did so for others."""
    registered = table["enrolled_by"].where(table["assignee"].isna())
    counts = registered.map(registered.value_counts())
    by_themselves = registered.isin(list(people.pupils)) & (counts <= terms.many)
    holder = table["assignee"].where(table["assignee"].notna(), registered.where(by_themselves))
    return holder.where(table["shared"] != "1").fillna("")


def _counted(table: pd.DataFrame, people: People, terms: Terms, day: date) -> "pd.Series[str]":
    """The first rule that applies, in the order of Counted."""
    status, use, person = table["status"], table["use"], table["person"]
    nowhere = table["known_school"].isna()  # also where a school closed: it is in no roster any more
    here = person.isin(list(people.pupils))
    employed = person.isin(list(people.staff))
    unseen = table["last_seen"] < pd.Timestamp(day - timedelta(days=terms.stale_days))
    rules: list[tuple[Counted, pd.Series[bool]]] = [
        (Counted.GONE, status.isin([DeviceStatus.LOST, DeviceStatus.RETIRED])),
        (Counted.PRIVATE, table["private"] == "1"),
        (Counted.ADMINISTRATION, use.isin([Use.ADMINISTRATION, Use.AFTER_SCHOOL])),
        (Counted.LEFT, person.isin(list(people.left))),
        (Counted.UNMATCHED, (nowhere & ~here & ~employed) | (person == NOBODY)),
        (Counted.STAFF, employed | (use == Use.STAFF)),
        (Counted.STOCK, status == DeviceStatus.IN_STOCK),
        (Counted.BROKEN, status.isin([DeviceStatus.BROKEN, DeviceStatus.IN_REPAIR])),
        (Counted.STALE, unseen),
        (Counted.LOAN, use == Use.LOAN),
        (Counted.OWN, here),
        (Counted.UNMATCHED, person != ""),
    ]
    found = pd.Series(Counted.POOL.value, index=table.index)
    for counted, applies in reversed(rules):
        found = found.mask(applies.astype(bool), counted.value)
    return found


def _disagreements(twice: pd.DataFrame, inventories: "pd.Series[str]") -> Iterable[Issue]:
    """Where one machine's rows say different things: which field, never what."""
    for name, called in _AGREED.items():
        different = twice.groupby("machine")[name].nunique()
        for machine in different[different > 1].index:
            why = f"{called} is not the same everywhere; the first one's counts"
            yield Issue(inventories[machine], "devices", machine, why)
