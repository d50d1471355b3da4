"""How each target is, and how far each school and target has been let in."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from starlette.responses import Response

from provision.core.conditions import What
from provision.core.stages import Freeze, Stage
from provision.core.standing import TargetStanding
from provision.standing import Standing, look
from provision.web.ask import Ask
from provision.web.texts import N_

STAGES: Final = {
    Stage.OFF: (N_("off"), N_("not looked at, save for which usernames are taken there")),
    Stage.SHADOW: (N_("observed"), N_("planned and reported; nothing is written")),
    Stage.ADD_ONLY: (N_("adds only"), N_("who is new comes and what is new is added; nothing is taken away")),
    Stage.FULL: (N_("everything"), N_("everything that the guard lets through is done")),
}


@dataclass(frozen=True, slots=True)
class TargetView:
    """One target. `broken` says that its promise is; `oldest` since when something waits there for a yes."""

    standing: TargetStanding
    stage: Stage
    broken: bool
    down: bool
    oldest: datetime | None


@dataclass(frozen=True, slots=True)
class FreezeView:
    """Days of standing still; of which schools, none where of all. `now` where today is one of them."""

    begin: date
    end: date
    schools: tuple[str, ...]
    now: bool


@dataclass(frozen=True, slots=True)
class SchoolModes:
    """How far one school has been let in at each target, in the order of the targets."""

    school: str
    stages: tuple[Stage, ...]
    frozen: bool


def show(ask: Ask) -> Response:
    standing = look(ask.at.place, ask.at.journal, ask.at.clock())
    policy = ask.at.place.site.policy.stages
    names = [each.name for each in standing.picture.targets]
    return ask.page(
        "targets.html.j2",
        targets=[_target(standing, each) for each in standing.picture.targets],
        names=names,
        picture=standing.picture,
        schools=_schools(ask, names, standing.day),
        freezes=[_freeze(ask, each, standing.day) for each in policy.freezes if each.end >= standing.day],
        stages={stage: (ask.gettext(name), ask.gettext(means)) for stage, (name, means) in STAGES.items()},
    )


def _target(standing: Standing, target: TargetStanding) -> TargetView:
    found = {each.what for each in standing.conditions if each.subject == target.name}
    waiting = (each.since for each in standing.picture.holds if each.hold.target == target.name and each.hold.waits)
    return TargetView(
        target, Stage(target.stage), What.PROMISE in found, What.TARGET_DOWN in found, min(waiting, default=None)
    )


def _schools(ask: Ask, targets: Sequence[str], day: date) -> list[SchoolModes]:
    policy, schools = ask.at.place.site.policy.stages, ask.at.staff().schools
    named = {**{org: org for org in policy.schools}, **schools}
    return [
        SchoolModes(
            name,
            tuple(policy.at(target, {org}) for target in targets),
            any(freeze.covers(day, {org}) for freeze in policy.freezes),
        )
        for name, org in sorted((name, org) for org, name in named.items())
    ]


def _freeze(ask: Ask, freeze: Freeze, day: date) -> FreezeView:
    schools = ask.at.staff().schools
    of = tuple(sorted(schools.get(org, org) for org in freeze.schools))
    return FreezeView(freeze.begin, freeze.end, of, freeze.begin <= day <= freeze.end)
