"""What the service has done: the command of each kind, and what is kept in a line of how it ended."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from provision.core.slots import Turn

_LONGEST: Final = 300


@dataclass(frozen=True, slots=True)
class Work:
    """A command for one site: for a slot, or because it was asked for under a number.

    `name` is what its progress and its lines in the log are called.
    """

    site: Path
    name: str
    arguments: tuple[str, ...]
    turn: Turn | None = None
    asked: int = 0


def scheduled(site: Path, turn: Turn) -> Work:
    """What is to be done for a slot."""
    return Work(site, f"{turn.job}/{turn.kind}/{turn.slot}", arguments(site, turn.job, turn.kind), turn)


def asked_for(site: Path, identity: int, turn: Turn) -> Work:
    """What is to be done because somebody asked."""
    command = ("resync", "--request", str(identity), "--job", turn.job, "--json", "--site", str(site))
    return Work(site, f"asked/{identity}", command, turn, identity)


def arguments(site: Path, job: str, kind: str) -> tuple[str, ...]:
    """The command of one kind, as somebody would give it."""
    command = {
        "sync": ("run", job),
        "inventory": ("ratios", job),
        "ratios": ("ratios", job, "--out", str(site / "out" / "ratios")),
        "preflight": ("preflight", job),
        "verify": ("verify", job),
        "retention": ("retention", job),
    }[kind]
    return (*command, "--json", "--site", str(site))


def summary(text: bytes) -> str:
    """What a command's document says, in a line without anybody's name; "" where it left none."""
    try:
        document = json.loads(text)
    except ValueError:
        return ""
    if not isinstance(document, dict):
        return ""
    match document:
        case {"error": {"messages": [str(first), *_]}}:
            return first[:_LONGEST]
        case {"targets": [*targets]}:
            return "; ".join(filter(None, map(_of_target, targets)))[:_LONGEST]
    return ""


def _of_target(target: Any) -> str:
    if not isinstance(target, dict) or not isinstance(target.get("target"), str):
        return ""
    failure = "unavailable" if target.get("failure") else ""
    counts = [found for key in ("done", "differences") if isinstance(found := target.get(key), Mapping)]
    told = [f"{number} {what}" for each in counts for what, number in sorted(each.items()) if number]
    if holds := target.get("holds"):
        told.append(f"{len(holds)} held")
    return f"{target['target']}: {', '.join(filter(None, [failure, *told])) or 'nothing to do'}"
