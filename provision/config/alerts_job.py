"""The shape of `[alerts]` in a job file: who is told that something is wrong, and from when on it is."""

from datetime import date
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from provision.core.standing import Terms


class AlertsJob(BaseModel):
    """SMTP_*, ALERT_WEBHOOK_URL and PUBLIC_URL in `.env` say where alerts go and what they link to.

    `expires` are secrets and certificates that the site knows the last day of, by whatever it calls them.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    mail: list[Annotated[str, Field(pattern=r"^[^@\s,;<>]+@[^@\s,;<>]+$")]] = Field(default_factory=list)
    webhook: bool = False
    late_hours: Annotated[int, Field(ge=1, le=168)] = 3
    nothing_new_days: Annotated[int, Field(ge=1, le=60)] = 3
    expires: dict[str, date] = Field(default_factory=dict)

    def terms(self) -> Terms:
        return Terms(self.late_hours, self.nothing_new_days)
