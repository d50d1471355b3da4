"""The few errors of the project, named after what the caller does about them.

ProvisionError
├── UsageError            2: the command line asks for something that cannot be
├── ConfigurationError    3: settings, secrets, jobs, mappings; every fault at once
├── SourceError           4: a source is missing, invalid or stale; nothing was changed
├── TargetUnavailable     7: this target is down or refuses us; go on with the others
├── AlreadyRunning        8: somebody else holds the site; try again later
├── ChangeRejected        (6) the target refused this one change; record it, go on with the next
├── ChangeStale           (6) the record changed since it was read; the next run plans it anew
└── JournalError          1: what we are about to do cannot be recorded, so it is not done

A message says what happened, where, and what would be right. It never holds a person's data.
"""

from collections.abc import Sequence
from typing import ClassVar


class ProvisionError(Exception):
    """Something went wrong that we understand; the message is for the person who runs us."""

    exit_code: ClassVar[int] = 1


class UsageError(ProvisionError):
    """The command line asks for something that cannot be."""

    exit_code = 2


class ConfigurationError(ProvisionError):
    """One or more faults in what the site says; all are listed, each with file and key."""

    exit_code = 3

    def __init__(self, faults: Sequence[str]) -> None:
        super().__init__("\n".join(faults))
        self.faults = tuple(faults)


class SourceError(ProvisionError):
    """A source could not be read whole. Nothing may be concluded from it."""

    exit_code = 4


class TargetUnavailable(ProvisionError):
    """The target is down or refuses us. Stop this target; go on with the others."""

    exit_code = 7


class AlreadyRunning(ProvisionError):
    """Another run holds this site."""

    exit_code = 8


class ChangeRejected(ProvisionError):
    """The target refused this one change. Record it and go on with the next."""

    exit_code = 6


class ChangeStale(ProvisionError):
    """The record is no longer as it was read. Leave it; the next run plans it anew."""

    exit_code = 6


class JournalError(ProvisionError):
    """The journal cannot record what we are about to do, so it must not be done."""
