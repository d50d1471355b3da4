"""The figures as Markdown: medians of all repetitions, each ratio taken inside its own repetition."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from statistics import median
from typing import Any, Final

_MB: Final = 2**20
_MANY: Final = 0.1
# Rows of the second table, by the beginning of a step's path; the longest that fits counts.
_ROWS: Final = {
    "start and end": "",
    "source: the export into rows": "source",
    "source: rows into a roster": "roster",
    "mapping: names, fields": "mapping",
    "diff: fingerprints, plan, guard": "diff",
    "journal": "journal",
    "directory: the client": "directory/client",
    "directory: the rest": "directory",
    "first passwords": "write/passwords",
    "writing: the journal": "write/journal",
    "writing: the rest": "write",
}
_OTHERS: Final = ("directory", "write")


@dataclass(frozen=True, slots=True)
class Night:
    """One night and its yardsticks: seconds, octets, and by step seconds of the wall and of the processor.

    `search` is what `ldapsearch` takes for all entries, `client` what `ldapadd` or `ldapmodify` takes for the same
    `operations`.
    """

    name: str
    wall: float
    cpu: float
    peak: int
    steps: Mapping[str, tuple[float, float]]
    done: Mapping[str, int]
    entries: int
    search: float
    operations: int
    client: float

    def took(self, step: str) -> tuple[float, float]:
        """The seconds of a row of the second table."""
        if not step:
            rest = [seconds for path, seconds in self.steps.items() if _row(path)]
            return self.wall - sum(wall for wall, _ in rest), self.cpu - sum(cpu for _, cpu in rest)
        mine = [seconds for path, seconds in self.steps.items() if _row(path) == step]
        return sum(wall for wall, _ in mine), sum(cpu for _, cpu in mine)

    @property
    def own(self) -> float:
        """Seconds of the processor from the source to the plan: all but the directory, the passwords, the writing."""
        return sum(self.took(step)[1] for step in _ROWS.values() if step.partition("/")[0] not in _OTHERS)

    @property
    def writing(self) -> float:
        """Seconds from the first change to the last, the journal included."""
        return self.took("write")[0] + self.took("write/journal")[0]

    def as_json(self) -> dict[str, Any]:
        return {**asdict(self), "own": self.own, "writing": self.writing}


def _row(path: str) -> str:
    return max((step for step in _ROWS.values() if path == step or path.startswith(f"{step}/")), key=len, default="")


def tables(nights: Sequence[Night], machine: Mapping[str, Any], options: str) -> str:
    """Both tables, below the command that repeats them and the machine that they are of."""
    kinds: dict[str, list[Night]] = {}
    for night in nights:
        kinds.setdefault(night.name, []).append(night)
    repeats = min(map(len, kinds.values()))
    heading = f"`.venv/bin/python -m benchmarks.nights {options}`, {repeats} x; {_told(machine)}"
    return "\n\n".join([heading, _nights(kinds), _steps(kinds)]) + "\n"


def _told(machine: Mapping[str, Any]) -> str:
    waits = "waits for its disk" if machine["durable"] else "does not wait for its disk"
    return (
        f"{hardware_told(machine)}, ldap3 {machine['ldap3']}, slapd {machine['slapd']} that {waits} "
        f"({1000 * machine['flush']:.2f} ms a flush); load {machine['load']:.1f}"
    )


def hardware_told(machine: Mapping[str, Any]) -> str:
    return (
        f"{machine['cores']} cores ({machine['processor']}), {machine['memory'] / 2**30:.0f} GB, {machine['system']}, "
        f"Python {machine['python']}"
    )


def _nights(kinds: Mapping[str, Sequence[Night]]) -> str:
    columns: dict[str, Callable[[Night], float]] = {
        "{:,.0f}": lambda n: n.entries,
        "{:,.0f} ": lambda n: n.operations,
        "{:.1f} s": lambda n: n.wall,
        "{:.1f} s ": lambda n: n.cpu,
        "{:.1f} s  ": lambda n: n.own,
        "{:,.0f} MB": lambda n: n.peak / _MB,
        "{:.2f} s": lambda n: n.search,
        "{:.0f} times that": lambda n: n.wall / n.search,
    }
    head = ["night", "entries", "changes", "whole", "CPU", "own part, CPU", "peak memory", "`ldapsearch`", "whole is"]
    rows = []
    for name, each in kinds.items():
        figures = [form.format(median(map(figure, each))).strip() for form, figure in columns.items()]
        rows.append([name, *figures, *_written(each)])
    return table([*head, "writing", "share of `ldapadd`, `ldapmodify`"], rows)


def _written(nights: Sequence[Night]) -> tuple[str, str]:
    if not all(night.operations > _MANY * night.entries for night in nights):
        return "", ""  # starting the client would be most of it
    speed = median(night.operations / night.writing for night in nights)
    theirs = median(night.operations / night.client for night in nights)
    share = median(night.client / night.writing for night in nights)
    return f"{speed:,.0f}/s", f"{share:.2f} of {theirs:,.0f}/s"


def _steps(kinds: Mapping[str, Sequence[Night]]) -> str:
    rows = []
    for title, step in _ROWS.items():
        took = [[night.took(step) for night in each] for each in kinds.values()]
        if any(wall for night in took for wall, _ in night):
            rows.append([title, *(f"{median(w for w, _ in n):.2f} ({median(c for _, c in n):.2f})" for n in took)])
    return table(["seconds (of the processor)", *kinds], rows)


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
