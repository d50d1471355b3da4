"""Being asked to leave, by a signal: at once, or, while something is carried out, when that has come to a good end."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

_BY_SIGNAL: Final = 128


class Leave(BaseException):
    """We leave, since a signal asked for it. No error: what catches errors lets it pass."""

    def __init__(self, number: int, told: str = "the same command again begins anew") -> None:
        super().__init__(f"left, as {signal.Signals(number).name} asks: {told}")
        self.exit_code: Final = _BY_SIGNAL + number


@dataclass(slots=True)
class Leaving:
    """Whether we were asked to leave: `number` is the signal, 0 for none. Nobody leaves before it is `ready`."""

    number: int = 0
    _at_work: int = 1

    def ask(self, number: int) -> None:
        """Raises Leave, unless something is carried out: then whoever does that asks for `number`."""
        self.number = number
        if not self._at_work:
            raise Leave(number)

    def ready(self) -> None:
        """From now on whoever asks is obeyed at once. Raises Leave where somebody has asked already."""
        self._at_work = 0
        self.check()

    def check(self) -> None:
        """Raises Leave where somebody has asked."""
        if self.number:
            raise Leave(self.number)

    def over(self) -> None:
        """Forgets who asked; nobody is obeyed before it is ready again."""
        self.number, self._at_work = 0, 1

    @contextmanager
    def in_order(self) -> Iterator[None]:
        """What is done inside comes to its own end, whoever asks meanwhile."""
        self._at_work += 1
        try:
            yield
        finally:
            self._at_work -= 1
