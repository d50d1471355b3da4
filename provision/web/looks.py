"""What takes longer than a page may: commands that only look, each in a process of its own, and what they said."""

import json
import secrets
import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from threading import Lock, Thread
from typing import Any, Final

from loguru import logger

from provision.child import command as ours

KEPT_FOR: Final = timedelta(minutes=30)
# As many are kept; of these, as many may wait for their turn, and as many of one who asks.
_AT_MOST: Final = 24
_WAITING: Final = 8
_OF_ONE: Final = 3
# A provider that answers slowly may take minutes; whoever takes longer hangs.
_SECONDS: Final = 1800

Document = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Look:
    """A command that looks. `whose` is the session that it is for, "" for everybody's; `terms` are kept beside it.

    `by` is who began it, whomever it is for; `said` is the command's document once it has ended, None where there is
    none.
    """

    id: str
    arguments: tuple[str, ...]
    asked: datetime
    whose: str = ""
    terms: Mapping[str, str] = field(default_factory=dict, repr=False)
    ended: datetime | None = None
    said: Document | None = field(default=None, repr=False)
    by: str = field(default="", repr=False)

    @property
    def fault(self) -> str:
        """Why it could not look, in the command's words; "" where it could."""
        if self.ended is None:
            return ""
        if self.said is None:
            return "nothing was said"
        error = self.said.get("error")
        return "\n".join(error["messages"]) if isinstance(error, dict) else ""


@dataclass(slots=True)
class Looks:
    """One at a time, in the order in which they are asked for. For many threads."""

    clock: Callable[[], datetime]
    command: Sequence[str] = field(default_factory=ours, repr=False)
    _all: dict[str, Look] = field(default_factory=dict, repr=False)
    _thread: Thread | None = field(default=None, repr=False)
    _process: "subprocess.Popen[bytes] | None" = field(default=None, repr=False)
    _over: bool = False
    _lock: Lock = field(default_factory=Lock, repr=False)

    def begin(
        self, arguments: Sequence[str], by: str, *, whose: str = "", terms: Mapping[str, str] | None = None
    ) -> Look | None:
        """Its turn comes by itself; None where too many wait already, of all or of those that `by` began.

        The same that waits or is at work is the same, whoever began it.
        """
        with self._lock:
            self._forget()
            asked = Look(secrets.token_urlsafe(12), tuple(arguments), self.clock(), whose, terms or {}, by=by)
            waiting = [each for each in self._all.values() if each.ended is None]
            for each in waiting:
                if (each.arguments, each.whose, each.terms) == (asked.arguments, asked.whose, asked.terms):
                    return each
            if self._over or len(waiting) >= _WAITING or sum(each.by == by for each in waiting) >= _OF_ONE:
                return None
            if self._thread is None:
                thread = Thread(target=self._work, name="looks", daemon=True)
                thread.start()
                self._thread = thread
            self._all[asked.id] = asked
            return asked

    def find(self, identity: str, whose: str = "") -> Look | None:
        """What this session, or everybody, asked for under this id, as it stands."""
        with self._lock:
            self._forget()
            found = self._all.get(identity)
        return found if found and found.whose == whose else None

    def latest(self, arguments: Sequence[str], terms: Mapping[str, str], since: datetime) -> Look | None:
        """The latest of everybody's that looked at this on these terms, unless it ended before `since`."""
        with self._lock:
            alike = [e for e in self._all.values() if (e.arguments, e.whose, e.terms) == (tuple(arguments), "", terms)]
        return next((each for each in reversed(alike) if each.ended is None or each.ended >= since), None)

    def close(self) -> None:
        """Ends what is at work; nothing is begun any more."""
        with self._lock:
            self._over = True
            thread, process = self._thread, self._process
            if process:
                process.kill()
        if thread:
            thread.join(10)

    def _forget(self) -> None:
        """What ended too long ago; of the rest, where they are too many, first what can be had again at once.

        That is everybody's, since whoever needs it has it looked up anew; then the oldest. What waits stays.
        """
        ended = sorted((each for each in self._all.values() if each.ended), key=lambda each: each.whose != "")
        old = self.clock() - KEPT_FOR
        many = ended[: max(0, len(self._all) - _AT_MOST)]
        for each in [each for each in ended if (each.ended or each.asked) <= old or each in many]:
            del self._all[each.id]

    def _next(self) -> Look | None:
        with self._lock:
            found = next((each for each in self._all.values() if each.ended is None), None)
            if found is None or self._over:
                self._thread = None
                return None
            return found

    def _work(self) -> None:
        """Begins each command and waits for it: a command ends with the thread that began it."""
        while look := self._next():
            said = self._ask(look.arguments)
            with self._lock:
                self._all[look.id] = replace(look, ended=self.clock(), said=said)

    def _ask(self, arguments: Sequence[str]) -> Document | None:
        """What the command wrote; its messages are in it, and its exit code is no news."""
        try:
            with self._lock:
                if self._over:
                    return None
                process = self._process = subprocess.Popen(  # noqa: S603  our own command line, and no shell
                    [*self.command, *arguments],
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.DEVNULL,
                    start_new_session=True,
                )
            with process:
                try:
                    written, _ = process.communicate(timeout=_SECONDS)
                finally:
                    process.kill()
            said = json.loads(written)
            return said if isinstance(said, dict) else None
        except Exception as error:  # noqa: BLE001 - whatever failed is this look's; the next ones have their turn
            logger.warning("a look ({}) said nothing: {}", arguments[0] if arguments else "", type(error).__name__)
            return None
        finally:
            self._process = None
