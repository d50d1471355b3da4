"""The files that every new site starts from: the jobs and mappings that this repository ships."""

import re
from pathlib import Path
from typing import Final

from provision.sample.dialects import DEFAULT, DIALECTS

_SHIPPED: Final = Path(__file__).resolve().parents[2]
_JOB: Final = "jobs/nightly.toml"
_TEST: Final = 'identity_numbers = "test"    # "production" for a real municipality: numbers made for tests are refused'


def templates(dialect: str = DEFAULT) -> dict[str, str]:
    """Text by path in the site; the nightly job reads an export of the dialect and takes numbers made for tests."""
    paths = [path for folder in ("jobs", "mappings") for path in _SHIPPED.glob(f"{folder}/**/*") if path.is_file()]
    found = {path.relative_to(_SHIPPED).as_posix(): path.read_text(encoding="utf-8") for path in sorted(paths)}
    return found | {_JOB: _for_sample(found[_JOB], dialect)}


def _for_sample(job: str, dialect: str) -> str:
    """The job for people who do not exist, with an export of the dialect as its source."""
    shipped, wanted = DIALECTS[DEFAULT], DIALECTS[dialect]
    changes = {r'^identity_numbers = "production".*$': _TEST}
    if wanted is not shipped:
        kind = f'kind = "{wanted.kind}"'
        changes[rf'^kind = "{shipped.kind}".*$'] = f"{kind:<29}# {wanted.comment}"
        changes[rf'^path = "data/{re.escape(shipped.file)}".*$'] = f'path = "data/{wanted.file}"'
    for said, instead in changes.items():
        job, times = re.subn(said, instead, job, flags=re.MULTILINE)
        if times != 1:
            raise ValueError(f"{_JOB}: there is not exactly one line {said}")
    return job
