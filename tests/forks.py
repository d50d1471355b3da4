"""A child of this warm process, quiet also where the parent has threads."""

import os
import warnings


def fork() -> int:
    """As os.fork."""
    with warnings.catch_warnings():
        # Python 3.12 and later warn of locks that threads of the parent may hold for ever in the child. Ours, such as
        # a proxy's, wait for their sockets, and hold none that the child would want.
        warnings.simplefilter("ignore", DeprecationWarning)
        return os.fork()
