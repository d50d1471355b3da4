"""The shape of a job file: what school IT may write in `jobs/*.toml`."""

from datetime import date
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from provision.config.alerts_job import AlertsJob
from provision.config.devices_job import DevicesJob
from provision.config.schedule_job import ScheduleJob
from provision.config.web_job import WebJob
from provision.core.guard import Budget
from provision.core.language import Language
from provision.core.policy import DEFAULT_BUDGETS, DEFAULT_GROUPS, GuardianLinks, IdentityNumbers, Ladder, Policy
from provision.core.retention import Terms
from provision.core.roster import ClassType
from provision.core.stages import Freeze, Stage, Stages


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
    """The SIS and the supplements; paths are relative to the site's folder.

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
    exceptions: Path | None = None

    @property
    def supplements(self) -> dict[str, Path | None]:
        """The files beside the SIS's own, by their key."""
        return {"care": self.care, "people": self.people, "exceptions": self.exceptions}


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
    fresh_hours: Annotated[int, Field(ge=1, le=8760)] | None = None


BudgetName = Literal["vanished", "out_of_scope", "ended", "moved", "graduated", "memberships", "fields", "id"]


class BudgetJob(_Part):
    share: float = Field(ge=0, le=1)
    least: int = Field(ge=0)


class PolicyJob(_Part):
    nights: Annotated[int, Field(ge=1, le=30)] = 3
    retention_days: Annotated[int, Field(ge=1)] = 180
    missing_days: Annotated[int, Field(ge=0, le=365)] = 0
    two_people_above: Annotated[int, Field(ge=0)] | None = None
    unreadable_share: Annotated[float, Field(ge=0, le=1)] = 0.05
    guardian_numbers: bool = False
    guardians: GuardianLinks = GuardianLinks.RESPONSIBLE
    protected_targets: list[str] = Field(default_factory=list)
    closed_schools: list[str] = Field(default_factory=list)
    identity_numbers: IdentityNumbers = IdentityNumbers.PRODUCTION
    rule_2032: bool | None = None
    warn_days: Annotated[int, Field(ge=0, le=366)] = 14
    language: Language = Language.NB
    kept_days: Annotated[int, Field(ge=1, le=366)] = 14


class LadderJob(_Part):
    """The days of one role where they are not those of the policy."""

    missing_days: Annotated[int, Field(ge=0, le=365)] | None = None
    retention_days: Annotated[int, Field(ge=1)] | None = None


class FreezeJob(_Part):
    """Days on which only withdrawals are carried out, as during exams; at all schools where none is named."""

    begin: date
    end: date
    schools: list[str] = Field(default_factory=list)


class StagesJob(_Part):
    """How far a target or a school has been let in; the strictest counts."""

    targets: dict[str, Stage] = Field(default_factory=dict)
    schools: dict[str, Stage] = Field(default_factory=dict)


class RetentionJob(_Part):
    """For how many whole days what is held about people is kept; `provision retention` carries it out."""

    before_images_days: Annotated[int, Field(ge=1)] = 180
    runs_days: Annotated[int, Field(ge=1)] = 365
    people_days: Annotated[int, Field(ge=30)] = 365
    passwords_days: Annotated[int, Field(ge=1)] = 90
    log_days: Annotated[int, Field(ge=1, le=30)] = 30

    def terms(self) -> Terms:
        return Terms(**self.model_dump())


class GroupsJob(_Part):
    allow: list[ClassType] = Field(default_factory=lambda: sorted(DEFAULT_GROUPS))
    schools: dict[str, list[ClassType]] = Field(default_factory=dict)


class Job(_Part):
    """One job: what is read, what is written, and on what terms."""

    source: SourceJob
    targets: list[TargetJob] = Field(min_length=1)
    devices: DevicesJob | None = None
    policy: PolicyJob = PolicyJob()
    ladder: dict[Literal["student", "staff"], LadderJob] = Field(default_factory=dict)
    owners: dict[str, str] = Field(default_factory=dict)
    stages: StagesJob = StagesJob()
    freezes: list[FreezeJob] = Field(default_factory=list)
    groups: GroupsJob = GroupsJob()
    retention: RetentionJob = RetentionJob()
    alerts: AlertsJob = AlertsJob()
    web: WebJob = WebJob()
    guard: dict[BudgetName, BudgetJob] = Field(default_factory=dict)
    schedule: ScheduleJob | None = None

    def named_schools(self) -> dict[str, set[str]]:
        """The schools of which something is said, by key; those that closed for good are not among them."""
        named = {
            "owners": self.owners.keys() - {"all"},
            "stages.schools": set(self.stages.schools),
            "groups.schools": set(self.groups.schools),
            "devices.links": set(self.devices.links) if self.devices else set(),
            "web.school_admins": set(self.web.school_admins),
            "web.acting": {each.school for each in self.web.acting},
        }
        return named | {f"freezes.{number}.schools": set(each.schools) for number, each in enumerate(self.freezes)}

    def terms(self) -> Policy:
        """The policy that the core works by."""
        given = {str(name): Budget(b.share, b.least) for name, b in self.guard.items()}
        return Policy(
            nights=self.policy.nights,
            retention_days=self.policy.retention_days,
            missing_days=self.policy.missing_days,
            ladders={str(role): self._ladder(own) for role, own in self.ladder.items()},
            two_people_above=self.policy.two_people_above,
            owners={"" if org == "all" else org: who for org, who in self.owners.items()},
            stages=self._stages(),
            groups=frozenset(self.groups.allow),
            school_groups={org: frozenset(each) for org, each in self.groups.schools.items()},
            guardian_numbers=self.policy.guardian_numbers,
            guardians=self.policy.guardians,
            protected_targets=frozenset(self.policy.protected_targets),
            closed_schools=frozenset(self.policy.closed_schools),
            language=self.policy.language,
            unreadable_share=self.policy.unreadable_share,
            identity_numbers=self.policy.identity_numbers,
            rule_2032=self.policy.rule_2032,
            warn_days=self.policy.warn_days,
            kept_days=self.policy.kept_days,
            budgets={**DEFAULT_BUDGETS, **given},
        )

    def _stages(self) -> Stages:
        freezes = (Freeze(each.begin, each.end, frozenset(each.schools)) for each in self.freezes)
        return Stages(self.stages.targets, self.stages.schools, tuple(freezes))

    def _ladder(self, own: LadderJob) -> Ladder:
        missing, retention = own.missing_days, own.retention_days
        return Ladder(
            self.policy.missing_days if missing is None else missing,
            self.policy.retention_days if retention is None else retention,
        )
