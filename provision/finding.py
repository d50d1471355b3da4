"""What the doctor finds: in order, a warning or a failure, and what to do."""

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class Finding:
    level: Level
    text: str
    remedy: str = ""

    def as_json(self) -> dict[str, str | None]:
        return {"level": self.level.value, "text": self.text, "remedy": self.remedy or None}
