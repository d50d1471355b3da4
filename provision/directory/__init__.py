"""The one LDAP client: everything else knows entries, filters and our own errors, and nothing of the library below."""

from provision.directory.client import Attributes, Directory, Modification, Scope
from provision.directory.refusals import EntryExists, LostReply, NoSuchEntry, TakesNoWrites, Unwilling
from provision.directory.schema import ServerSchema
from provision.directory.settings import DirectorySettings

__all__ = [
    "Attributes",
    "Directory",
    "DirectorySettings",
    "EntryExists",
    "LostReply",
    "Modification",
    "NoSuchEntry",
    "Scope",
    "ServerSchema",
    "TakesNoWrites",
    "Unwilling",
]
