"""The findings of Feide's validator, and which of them keep a record from being written.

Source: docs.feide.no/reference/ldap_validator/errors, and the checklist for good data quality at feide.no.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Finding(StrEnum):
    MISSING_ATTRIBUTE = "missing_attribute"
    MISSING_ORG_UNIT = "missing_org_unit"
    UPPERCASE_PRINCIPAL_NAME = "uppercase_principal_name"
    UID_NOT_ASCII = "uid_not_ascii"
    REALM_MISMATCH = "realm_mismatch"
    EXTRA_WHITESPACE = "extra_whitespace"
    INVALID_MOBILE = "invalid_mobile"
    DUPLICATE_ORG_UNIT = "duplicate_org_unit"
    GROUP_MALFORMED = "group_malformed"
    GROUP_INVALID_CODE = "group_invalid_code"
    GROUP_WITHOUT_CODE = "group_without_code"
    GROUP_ID_NOT_CANONICAL = "group_id_not_canonical"
    GROUP_ID_WITHOUT_GROUP = "group_id_without_group"
    GROUP_WITHOUT_GROUP_ID = "group_without_group_id"
    MISSING_GREP = "missing_grep"
    MISSING_GROUPS = "missing_groups"
    MISSING_GROUP_IDS = "missing_group_ids"


class Mend(StrEnum):
    """Where something is put right: in the SIS, in the mapping, by the next run, or by hand in the directory."""

    SIS = "sis"
    MAPPING = "mapping"
    RUN = "run"
    DIRECTORY = "directory"


@dataclass(frozen=True, slots=True, order=True)
class Found:
    """One finding: about which attribute, or which group at which org, and what was expected or met there.

    `group` is the group's local id; `detail` a subject code or the realm, never a person's particulars.
    """

    finding: Finding
    attribute: str = ""
    group: str = ""
    org: str = ""
    detail: str = ""

    @property
    def holds(self) -> bool:
        """Whether nobody could log in with such an entry, or a service could not read it at all.

        Everything else is a matter of quality: somebody with a bad telephone number or without a group, such as a
        substitute, is better off with the account than without.
        """
        if self.finding is Finding.MISSING_ATTRIBUTE:
            return self.attribute not in _MAY_WAIT
        return self.finding in _HOLDING


# What Feide wants to have, though people can log in and services work without it.
_MAY_WAIT: Final = frozenset({"mail", "norEduOrgSchemaVersion", "eduPersonOrgUnitDN", "eduPersonPrimaryOrgUnitDN"})
_HOLDING: Final = frozenset(
    {
        Finding.MISSING_ORG_UNIT,
        Finding.UPPERCASE_PRINCIPAL_NAME,
        Finding.UID_NOT_ASCII,
        Finding.REALM_MISMATCH,
        Finding.DUPLICATE_ORG_UNIT,
        Finding.GROUP_MALFORMED,
    }
)
