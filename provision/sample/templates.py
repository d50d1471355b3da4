"""The files that every new site starts from: the jobs and mappings that this repository ships."""

from pathlib import Path
from typing import Final

_SHIPPED: Final = Path(__file__).resolve().parents[2]


def templates() -> dict[str, str]:
    """Text by path in the site."""
    paths = [path for folder in ("jobs", "mappings") for path in _SHIPPED.glob(f"{folder}/*") if path.is_file()]
    return {path.relative_to(_SHIPPED).as_posix(): path.read_text(encoding="utf-8") for path in sorted(paths)}
