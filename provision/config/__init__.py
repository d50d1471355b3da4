"""What a site says: settings from `.env`, jobs and mappings from TOML, every fault at once with file and key."""

from provision.config.job_file import Job, SourceJob, TargetJob
from provision.config.kinds import SOURCE_KINDS, TARGET_KINDS
from provision.config.loading import load_job, load_mapping
from provision.config.settings import Settings, load_settings

__all__ = [
    "SOURCE_KINDS",
    "TARGET_KINDS",
    "Job",
    "Settings",
    "SourceJob",
    "TargetJob",
    "load_job",
    "load_mapping",
    "load_settings",
]
