"""The target `oneroster_csv`: a OneRoster 1.2 package in one file, for systems that fetch who belongs where."""

from provision.targets.oneroster_csv.target import OneRosterCsvTarget

__all__ = ["OneRosterCsvTarget"]
