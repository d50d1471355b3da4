"""The shape of a job file: what school IT may write in `jobs/*.toml`."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from provision.core.guard import Budget
from provision.core.policy import DEFAULT_BUDGETS, DEFAULT_GROUPS, GuardianLinks, Policy
from provision.core.roster import ClassType


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class RestJob(_Part):
    """How the SIS is asked over OneRoster REST; ONEROSTER_* in `.env` say where. A preset says most of it."""

    preset: Literal["", "visma_flyt_skole", "vigilo"] = ""
    version: Literal["1.1", "1.2"] = "1.2"
    auth: Literal["oauth2", "oauth1"] = "oauth2"
    client_auth: Literal["basic", "body"] = "basic"
    signature: Literal["HMAC-SHA256", "HMAC-SHA1"] = "HMAC-SHA256"
    page_size: Annotated[int, Field(ge=1, le=10_000)] = 500


class SourceJob(_Part):
    """The SIS and the two supplements; paths are relative to the site's folder.

    `path` may be a pattern (`inbox/*.zip`): then the newest complete file counts, one that nobody has written to for
    `settled` seconds.
    """

    kind: Literal["pifu_ims", "oneroster_csv", "oneroster_rest"] = "pifu_ims"
    path: Path | None = None
    settled: Annotated[int, Field(ge=0, le=86400)] = 60
    encoding: str | None = None
    rest: RestJob = RestJob()
    care: Path | None = None
    people: Path | None = None


class PasswordJob(_Part):
    """First passwords: who gets one, and how it is handed over."""

    policy: Literal["random", "none"] = "random"
    folder: Path = Path("out/passwords")
    certificates: Path | None = None


class TargetJob(_Part):
    name: str = Field(pattern=r"^[a-z][a-z0-9_-]*$")
    kind: Literal["ldif", "ldap", "oneroster_csv"]
    mapping: str
    path: Path | None = None
    passwords: PasswordJob = PasswordJob()


class BudgetJob(_Part):
    share: float = Field(ge=0, le=1)
    least: int = Field(ge=0)


class PolicyJob(_Part):
    nights: Annotated[int, Field(ge=1, le=30)] = 3
    retention_days: Annotated[int, Field(ge=1)] = 180
    unreadable_share: Annotated[float, Field(ge=0, le=1)] = 0.05
    guardian_numbers: bool = False
    guardians: GuardianLinks = GuardianLinks.RESPONSIBLE
    protected_targets: list[str] = Field(default_factory=list)
    closed_schools: list[str] = Field(default_factory=list)


class GroupsJob(_Part):
    allow: list[ClassType] = Field(default_factory=lambda: sorted(DEFAULT_GROUPS))
    schools: dict[str, list[ClassType]] = Field(default_factory=dict)


class Job(_Part):
    """One job: what is read, what is written, and on what terms."""

    source: SourceJob
    targets: list[TargetJob] = Field(min_length=1)
    devices: Path | None = None
    policy: PolicyJob = PolicyJob()
    groups: GroupsJob = GroupsJob()
    guard: dict[Literal["disable", "delete", "memberships", "fields", "id"], BudgetJob] = Field(default_factory=dict)

    def terms(self) -> Policy:
        """The policy that the core works by."""
        given = {str(name): Budget(b.share, b.least) for name, b in self.guard.items()}
        return Policy(
            nights=self.policy.nights,
            retention_days=self.policy.retention_days,
            groups=frozenset(self.groups.allow),
            school_groups={org: frozenset(each) for org, each in self.groups.schools.items()},
            guardian_numbers=self.policy.guardian_numbers,
            guardians=self.policy.guardians,
            protected_targets=frozenset(self.policy.protected_targets),
            closed_schools=frozenset(self.policy.closed_schools),
            unreadable_share=self.policy.unreadable_share,
            budgets={**DEFAULT_BUDGETS, **given},
        )
