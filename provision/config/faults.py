"""What is wrong in a file of the site, in words."""

from collections.abc import Mapping
from typing import Any, Final

from provision.core.mapping_file import suggestion

# What a text that has the wrong form should have been.
_FORMS: Final = {
    "realm": "write a domain in lower case, such as hemne.kommune.no",
    "name": "write a name of lower-case letters, digits, - and _, such as feide",
}


def meant(error: Mapping[str, Any], known: frozenset[str] = frozenset()) -> str:
    """One fault that a model found; `known` are the keys that would have been right."""
    if error["type"] == "missing":
        return "is missing"
    if error["type"] == "extra_forbidden":
        return "unknown key" + suggestion(str(error["loc"][-1]), set(known))
    if error["type"] == "string_pattern_mismatch":
        return _FORMS.get(str(error["loc"][-1]), str(error["msg"]))
    return str(error["msg"])


def why(error: Exception) -> str:
    """Why a file could not be read."""
    if isinstance(error, UnicodeDecodeError):
        return "is not UTF-8; save it as UTF-8"
    if isinstance(error, OSError):
        return error.strerror or "cannot be read"
    return str(error)
