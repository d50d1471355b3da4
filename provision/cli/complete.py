"""What the shell completes of a command: names that stand in the site's job files, and nobody's."""

import tomllib
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import typer


def jobs(context: typer.Context, incomplete: str) -> list[str]:
    """The jobs of the site that the command line names so far."""
    return [path.stem for path in _files(context) if path.stem.startswith(incomplete)]


def targets(context: typer.Context, incomplete: str) -> list[str]:
    """The targets of the site's jobs."""
    found = {name for path in _files(context) for name in _targets(path)}
    return sorted(name for name in found if name.startswith(incomplete))


def _files(context: typer.Context) -> list[Path]:
    return sorted((Path(context.params.get("site") or "") / "jobs").glob("*.toml"))


def _targets(job: Path) -> Iterator[str]:
    """What cannot be read has none; the command itself says what is wrong with it."""
    said: dict[str, Any] = {}
    with suppress(OSError, ValueError):
        said = tomllib.loads(job.read_text(encoding="utf-8"))
    listed = said.get("targets")
    for each in listed if isinstance(listed, list) else ():
        if isinstance(each, dict) and isinstance(each.get("name"), str):
            yield each["name"]
