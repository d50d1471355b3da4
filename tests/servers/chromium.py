"""A real Chromium for tests: without a window, without a world outside, ended with its test."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from tests.servers.lacking import leave_out

BINARY: Final = shutil.which("chromium")
# Tests reach this machine only, and so does their browser: no name means anything to it.
QUIET: Final = (
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
    "--no-proxy-server",
    "--disable-gpu",
    "--disable-quic",
)


def require_chromium() -> None:
    """Leave the test out where there is no Chromium."""
    if BINARY is None:
        leave_out("Chromium is not installed (apt install chromium)")


@contextmanager
def chromium(home: Path) -> Iterator[Any]:
    """A browser that is ended, by its process, when the caller is done or fails; what it keeps, it keeps in `home`."""
    require_chromium()
    from playwright.sync_api import sync_playwright

    environment = {**os.environ, "HOME": str(home), "XDG_CONFIG_HOME": str(home), "XDG_CACHE_HOME": str(home)}
    sandbox = os.geteuid() != 0  # Chromium refuses root one
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=BINARY, args=list(QUIET), chromium_sandbox=sandbox, env=environment
        )
        try:
            yield browser
        finally:
            browser.close()
