"""The export of a sample municipality on later days: the same, with 0.5 % changed, in a later school year."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime, time
from io import TextIOWrapper
from pathlib import Path
from typing import BinaryIO, Final

from provision.files import replace_file
from provision.formats.pifu_ims import KINDERGARTEN, LEARNER
from provision.formats.pifu_ims_write import Group, Member, Part
from provision.sample.export import write_export
from provision.sample.roll import Roll

# Four pupils in 900, who are 1,000 accounts with the staff: five accounts that change.
_EVERY: Final = 225
_MOMENT: Final = re.compile(rb"(?<=<datetime>)[^<]*(?=</datetime>)")
_HEAD: Final = 4096
_CLASS: Final = re.compile(r"\b\d{1,2}(?=[A-Z]+\b|\. trinn)")
_LAST_GRADE: Final = 10


def write(path: Path, rolls: Iterable[Roll], day: date) -> None:
    """The whole export, as of the morning of that day."""

    def out(file: BinaryIO) -> None:
        text = TextIOWrapper(file, encoding="utf-8", newline="\n")
        write_export(text, path.parent, rolls, _morning(day))
        text.detach()

    replace_file(path, out)


def write_again(path: Path, day: date) -> None:
    """The same export, as of the morning of another day."""
    with path.open("r+b") as file:
        head = file.read(_HEAD)
        moment = _morning(day).isoformat(timespec="seconds").encode()
        found = _MOMENT.search(head)
        if found is None or len(found.group()) != len(moment):
            raise ValueError(f"{path}: no moment in its first {_HEAD} octets")
        file.seek(found.start())
        file.write(moment)


def _morning(day: date) -> datetime:
    return datetime.combine(day, time(2))


def with_changes(rolls: Iterable[Roll]) -> Iterator[Roll]:
    """0.5 % of all accounts are new or changed: other names, places exchanged, newcomers."""
    before = 0
    for roll in rolls:
        pupils = _pupils(roll)
        for place in range(len(pupils)):
            turn, rest = divmod(before + place, _EVERY)
            if rest == 0:
                _CHANGES[turn % len(_CHANGES)](roll, pupils, place)
        before += len(pupils)
        yield roll


def _pupils(roll: Roll) -> list[str]:
    """Those of the roll's own people who learn at its school, which is the first of its groups; none at another org."""
    own = {person.id for person in roll.people}
    org, members = next(iter(roll.members.items()))
    if roll.groups[org].school_type == KINDERGARTEN:
        return []
    return [m.person for m in members if m.person in own and any(part.type == LEARNER for part in m.parts)]


def _rename(roll: Roll, pupils: Sequence[str], place: int) -> None:
    index = _index(roll, pupils[place])
    person = roll.people[index]
    roll.people[index] = replace(person, family_name=f"{person.family_name}-Nygård")


def _exchange(roll: Roll, pupils: Sequence[str], place: int) -> None:
    """Two pupils of a school take each other's place in every group."""
    one, other = pupils[place], pupils[(place + len(pupils) // 2) % len(pupils)]
    taken = {one: other, other: one}
    for members in roll.members.values():
        members[:] = [replace(m, person=taken.get(m.person, m.person)) for m in members]


def _arrive(roll: Roll, pupils: Sequence[str], place: int) -> None:
    """Somebody new is in every group that this pupil is in."""
    model = roll.people[_index(roll, pupils[place])]
    new = f"n{model.id}"
    roll.people.append(replace(model, id=new, given_name="Nyankommen", national_id="", contacts=()))
    for members in roll.members.values():
        members += [Member(new, m.parts) for m in members if m.person == model.id]


_CHANGES: Final[tuple[Callable[[Roll, Sequence[str], int], None], ...]] = (_rename, _exchange, _rename, _arrive)


def _index(roll: Roll, person: str) -> int:
    return next(index for index, each in enumerate(roll.people) if each.id == person)


def a_year_later(rolls: Iterable[Roll]) -> Iterator[Roll]:
    """The same people in the next school year: every group is another, and every class is one grade up.

    Nobody comes and nobody leaves, so that such a night only changes what is there.
    """
    for roll in rolls:
        renamed = {group.id: _later_id(group) for group in roll.groups.values()}
        groups = (_later_group(group, renamed) for group in roll.groups.values())
        members = {renamed[group]: [_later_member(m) for m in each] for group, each in roll.members.items()}
        yield Roll(roll.people, {group.id: group for group in groups}, members, roll.care)


def _later_id(group: Group) -> str:
    """A group's id holds the year in which it begins."""
    if group.begin is None:
        return group.id
    return group.id.replace(f"-{group.begin.year}-", f"-{group.begin.year + 1}-")


def _later_group(group: Group, renamed: dict[str, str]) -> Group:
    grade = group.grade_code.removeprefix("aarstrinn")
    return replace(
        group,
        id=renamed[group.id],
        parent=renamed.get(group.parent, group.parent),
        title=_CLASS.sub(lambda found: _higher(found.group()), group.title),
        begin=_later(group.begin),
        end=_later(group.end),
        grade_code=f"aarstrinn{_higher(grade)}" if grade else "",
    )


def _higher(grade: str) -> str:
    return str(min(int(grade) + 1, _LAST_GRADE))


def _later_member(member: Member) -> Member:
    return Member(member.person, tuple(_later_part(part) for part in member.parts))


def _later_part(part: Part) -> Part:
    return replace(part, begin=_later(part.begin), end=_later(part.end))


def _later(day: date | None) -> date | None:
    return day and day.replace(year=day.year + 1)
