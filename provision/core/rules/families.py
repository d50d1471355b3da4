"""Every family of targets that a mapping can be of."""

from collections.abc import Mapping
from typing import Final

from provision.core.rules import feide, oneroster
from provision.core.rules.context import Family

FAMILIES: Final[Mapping[str, Family]] = {"feide": feide.FAMILY, "oneroster": oneroster.FAMILY}
