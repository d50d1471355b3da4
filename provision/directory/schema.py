"""What an LDAP server says about itself: its schema, its controls, what it is."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

ROOT_ATTRIBUTES: Final = (
    "namingContexts",
    "supportedControl",
    "subschemaSubentry",
    "vendorName",
    "vendorVersion",
    "objectClass",
    "structuralObjectClass",
)
SCHEMA_ATTRIBUTES: Final = ("attributeTypes", "objectClasses")
ASSERTION: Final = "1.3.6.1.1.12"  # RFC 4528
PASSWORD_POLICY: Final = "1.3.6.1.4.1.42.2.27.8.5.1"  # noqa: S105 - the number of a control (draft-behera-ldap-password-policy)

_NAME: Final = re.compile(r"\bNAME\s+(?:'([^']*)'|\(([^)]*)\))")


@dataclass(frozen=True, slots=True)
class ServerSchema:
    """Names are lower case."""

    attributes: frozenset[str]
    object_classes: frozenset[str]
    controls: frozenset[str]
    naming_contexts: frozenset[str]
    vendor: str

    @property
    def has_assertion(self) -> bool:
        return ASSERTION in self.controls

    @property
    def has_password_policy(self) -> bool:
        return PASSWORD_POLICY in self.controls


def server_schema(root: Mapping[str, frozenset[str]], schema: Mapping[str, frozenset[str]]) -> ServerSchema:
    """From the root entry and the subschema entry, attribute names in lower case."""
    return ServerSchema(
        attributes=_names(schema.get("attributetypes", ())),
        object_classes=_names(schema.get("objectclasses", ())),
        controls=root.get("supportedcontrol", frozenset()),
        naming_contexts=root.get("namingcontexts", frozenset()),
        vendor=_vendor(root),
    )


def _names(definitions: Iterable[str]) -> frozenset[str]:
    """Every name in RFC 4512 descriptions, aliases too."""
    found = (match for text in definitions if (match := _NAME.search(text)))
    return frozenset(
        name.lower() for match in found for name in ([match[1]] if match[1] else re.findall(r"'([^']*)'", match[2]))
    )


def _vendor(root: Mapping[str, frozenset[str]]) -> str:
    if "OpenLDAProotDSE" in {*root.get("structuralobjectclass", ()), *root.get("objectclass", ())}:
        return "OpenLDAP"
    named = sorted(root.get("vendorname", ())) + sorted(root.get("vendorversion", ()))
    return " ".join(named) or "unknown"
