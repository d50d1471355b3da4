"""The files that every new site starts from: the jobs and mappings that this repository ships."""

from pathlib import Path
from typing import Final

_SHIPPED: Final = Path(__file__).resolve().parents[2]


def templates() -> dict[str, str]:
    """Text by path in the site."""
    paths = [*_SHIPPED.glob("jobs/*.toml"), *_SHIPPED.glob("mappings/*.toml"), *_SHIPPED.glob("mappings/*.json")]
    return {path.relative_to(_SHIPPED).as_posix(): path.read_text(encoding="utf-8") for path in sorted(paths)}
