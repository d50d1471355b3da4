"""Sealing: what the journal keeps of people in such a way that it alone tells nobody."""

from base64 import urlsafe_b64encode


def seal(key: bytes, text: bytes) -> str:
    """The text, for whoever has these 32 bytes."""
    from cryptography.fernet import Fernet  # noqa: PLC0415  heavy, and few nights seal anything

    return Fernet(urlsafe_b64encode(key)).encrypt(text).decode()


def unseal(key: bytes, sealed: str) -> bytes:
    """The text again. Raises ValueError where it is not as it was written, or not for this key."""
    from cryptography.fernet import Fernet, InvalidToken  # noqa: PLC0415  heavy, and few nights open anything

    try:
        return Fernet(urlsafe_b64encode(key)).decrypt(sealed)
    except InvalidToken:
        raise ValueError("is not as it was written") from None
