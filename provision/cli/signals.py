"""SIGTERM and Ctrl-C: the first asks us to leave, the second ends us at once."""

import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any, Final

from provision.leaving import Leaving

# That of this process, since its signals are.
LEAVING: Final = Leaving()
ASKING: Final = (signal.SIGTERM, signal.SIGINT)
_BY_SIGNAL: Final = 128


def listen(hear: Callable[[int, FrameType | None], Any]) -> dict[signal.Signals, Any]:
    """From now on `hear` is called; who was called before. What whoever started us has us ignore stays ignored."""
    if threading.current_thread() is not threading.main_thread():
        return {}  # only there are signals heard
    heard = [number for number in ASKING if signal.getsignal(number) is not signal.SIG_IGN]
    return {number: signal.signal(number, hear) for number in heard}


def unlisten(before: dict[signal.Signals, Any]) -> None:
    """Whoever was called before is called again."""
    for number, hear in before.items():
        signal.signal(number, hear)


def on_signal(number: int, _frame: FrameType | None) -> None:
    """Notes it, or raises Leave; who asks twice is obeyed at once."""
    if LEAVING.number:
        os._exit(_BY_SIGNAL + number)
    LEAVING.ask(number)


@contextmanager
def listening() -> Iterator[None]:
    """One command: what is asked before it is ready waits until then, and is forgotten when it is over."""
    before = listen(on_signal)
    try:
        yield
    finally:
        LEAVING.over()
        unlisten(before)
