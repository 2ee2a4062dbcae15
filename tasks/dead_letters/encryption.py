"""Raw text under a key from the environment: AES-256-GCM, bound to the letter it belongs to."""

from __future__ import annotations

import base64
import binascii
import hashlib
import os
from collections.abc import Sequence

from expectations.errors import UsageError

_KEY_BYTES, _NONCE_BYTES, _MARK_BYTES = 32, 12, 4


class Cipher:
    """Encrypts by the first of its keys and decrypts by any of them, so that a key can be changed."""

    def __init__(self, keys: Sequence[bytes]) -> None:
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # noqa: PLC0415  (few runs encrypt)

        self._ciphers = {_mark(key): AESGCM(key) for key in keys}
        self._first = _mark(keys[0])

    def encrypt(self, letter_id: bytes, raw: bytes) -> bytes:
        """Which key, a fresh nonce, then the text under both; it opens under this letter's id only."""
        nonce = os.urandom(_NONCE_BYTES)
        return self._first + nonce + self._ciphers[self._first].encrypt(nonce, raw, letter_id)

    def decrypt(self, letter_id: bytes, stored: bytes) -> bytes:
        """The opposite of `encrypt`.

        Raises:
            UsageError: none of the keys is the one it was encrypted by, or it was tampered with.
        """
        from cryptography.exceptions import InvalidTag  # noqa: PLC0415

        mark, nonce, sealed = (
            stored[:_MARK_BYTES],
            stored[_MARK_BYTES:][:_NONCE_BYTES],
            stored[_MARK_BYTES + _NONCE_BYTES :],
        )
        cipher = self._ciphers.get(mark)
        if cipher is None:
            raise UsageError("some raw text is encrypted under a key that is not among those given")
        try:
            return cipher.decrypt(nonce, sealed, letter_id)
        except InvalidTag:
            raise UsageError(
                f"the raw text of dead letter {letter_id.hex()} was changed after it was encrypted"
            ) from None


def read_keys(text: str, variable: str) -> Cipher:
    """The keys in an environment variable: 32 bytes in base64 each, separated by commas, the one to encrypt by first.

    Raises:
        UsageError: one of them is not.
    """
    keys = [_key(part.strip(), variable) for part in text.split(",")]
    return Cipher(keys)


def new_key() -> str:
    """A fresh key as `read_keys` reads it."""
    return base64.b64encode(os.urandom(_KEY_BYTES)).decode()


def _key(text: str, variable: str) -> bytes:
    try:
        key = base64.b64decode(text, altchars=b"-_" if {"-", "_"} & set(text) else None, validate=True)
    except binascii.Error:
        key = b""
    if len(key) != _KEY_BYTES:
        raise UsageError(
            f"{variable} must hold {_KEY_BYTES} bytes in base64 (`python -m flows.dead_letters key` makes them)"
        )
    return key


def _mark(key: bytes) -> bytes:
    return hashlib.sha256(b"sluice key mark" + key).digest()[:_MARK_BYTES]
