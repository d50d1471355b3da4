"""A school administration system's OneRoster export, as a CSV package or over REST."""

from provision.sources.oneroster.package import OneRosterCsvSource

__all__ = ["OneRosterCsvSource"]
