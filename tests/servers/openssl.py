"""The openssl command, with which a school opens what was encrypted to it."""

import shutil

from tests.servers.lacking import leave_out


def require_openssl() -> None:
    """Leave the test out where there is no openssl."""
    if shutil.which("openssl") is None:
        leave_out("openssl is not installed (apt install openssl)")
