"""The `ldap` target: a Feide directory on a server."""

from provision.targets.ldap.findings import Finding
from provision.targets.ldap.target import LdapTarget

__all__ = ["Finding", "LdapTarget"]
