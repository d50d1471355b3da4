"""Text that was decoded with the wrong encoding somewhere on its way to us."""

import re
from typing import Final

# UTF-8 bytes of æ ø å Æ Ø Å read as Latin-1 or as Windows-1252, and the mark of a byte that could not be read.
_DAMAGE: Final = re.compile("\u00c3[\u0080-\u00bf\u02dc\u2020\u2026]|\ufffd")


def damaged(text: str) -> bool:
    """Whether the text shows the marks of a wrong encoding. No name of a living language holds them."""
    return _DAMAGE.search(text) is not None
