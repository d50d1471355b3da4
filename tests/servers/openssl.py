"""The openssl command, with which a school opens what was encrypted to it."""

import os
import shutil

import pytest


def require_openssl() -> None:
    """Skip, loudly, where there is no openssl; fail where CI says that there must be one."""
    if shutil.which("openssl") is None:
        reason = "NOT TESTED: openssl is not installed (apt install openssl)"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
