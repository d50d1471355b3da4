"""How each command is given: the examples that its help begins with."""

from collections.abc import Mapping
from typing import Final

import typer

EXAMPLES: Final[Mapping[str, tuple[str, ...]]] = {
    "": (
        "provision demo",
        "provision sample var/demo",
        "provision plan --site var/demo",
        "provision run --site var/demo",
        "provision status --site var/demo",
    ),
    "plan": ("provision plan", "provision plan nightly --site /srv/hemne", "provision plan --hold H-1a2b3c4d"),
    "run": ("provision run", "provision run nightly --site /srv/hemne --json"),
    "approve": (
        'provision approve H-1a2b3c4d --reason "school closed, says the head of schools"',
        'provision approve care.csv --reason "the list is right, says the registrar"',
        'provision approve H-1a2b3c4d --reason "as agreed" --later',
    ),
    "reject": ('provision reject H-1a2b3c4d --reason "the export is cut, a new one is ordered"',),
    "adopt": (
        "provision adopt",
        "provision adopt --approve 0123456789ab",
        "provision adopt --same p0000042=p0000314",
    ),
    "protect": (
        'provision protect p0000042 --reason "letter of 3 March"',
        "provision protect p0000042 --end",
        "provision protect --list",
    ),
    "block": (
        'provision block p0000042 --reason "password was shared"',
        "provision block p0000042 --end",
        "provision block --list",
    ),
    "retention": ("provision retention --dry-run", "provision retention"),
    "resync": (
        "provision resync p0000042",
        "provision resync 7A --target lms",
        'provision resync "Sodin skole" --fresh --reason "new classes since this morning"',
        "provision resync all --yes",
    ),
    "serve": (
        "provision serve",
        "provision serve --sites /srv --at-once 3",
        "provision serve --behind-proxy --port 8080",
    ),
    "verify": ("provision verify", "provision verify nightly --json"),
    "audit": ("provision audit verify", "provision audit search --person p0000042"),
    "audit verify": (
        "provision audit verify",
        "provision audit verify --heads /mnt/heads/hemne",
    ),
    "audit search": (
        "provision audit search --person p0000042",
        "provision audit search --since 2026-11-01",
    ),
    "status": ("provision status", "provision status --site /srv/hemne --json"),
    "health": ("provision health", "provision health --sites /srv"),
    "explain": ("provision explain kari.nordmann", "provision explain p0000042", "provision explain p0000042 --all"),
    "preflight": ("provision preflight", "provision preflight --target feide --language nn"),
    "ratios": (
        "provision ratios",
        'provision ratios --school "Sodin skole" --grade 6',
        "provision ratios --out out/ratios",
    ),
    "sample": ("provision sample var/demo", "provision sample /tmp/town --pupils 2000 --dialect oneroster_1.2"),
    "demo": ("provision demo", "provision demo /tmp/demo"),
    "doctor": ("provision doctor", "provision doctor --site /srv/hemne"),
}


def show_examples(app: typer.Typer, above: str = "") -> None:
    """The help of every command has its examples right below what it promises."""
    for command in app.registered_commands:
        name = str(command.name or getattr(command.callback, "__name__", ""))
        promise = str(command.help or getattr(command.callback, "__doc__", ""))
        command.help = with_examples(promise, above + name)
    for group in app.registered_groups:
        if group.typer_instance:
            name = str(group.typer_instance.info.name)
            group.help = with_examples(str(group.typer_instance.info.help), name)
            show_examples(group.typer_instance, f"{name} ")


def with_examples(promise: str, name: str = "") -> str:
    """The text of a help. The mark keeps the lines as they are."""
    return "\n".join([promise, "", "\b", "Examples:", *(f"  {each}" for each in EXAMPLES[name])])
