"""Opening a journal: made where there is none, brought to the latest schema, refused with another secret."""

from collections.abc import Callable, Set
from datetime import datetime

from provision.errors import ConfigurationError
from provision.journal import schema, store
from provision.journal.journal import Journal


def open_journal(
    url: str, secret: bytes, clock: Callable[[], datetime], secret_fields: Set[str] = frozenset()
) -> Journal:
    """The journal at this database URL, made or brought to the latest schema where needed.

    `secret_fields` are kept out of before-images, as are passwords and whatever looks like an identity number.
    Raises ConfigurationError where the secret is another than it was begun with or the schema is newer than ours.
    """
    if not secret:
        raise ConfigurationError(["the journal's secret is empty; put 32 random bytes into it and keep them"])
    opened = store.connect(url, secret, clock)
    try:
        schema.prepare(opened)
    except BaseException:
        opened.engine.dispose()
        raise
    return Journal(opened, frozenset(name.lower() for name in secret_fields))
