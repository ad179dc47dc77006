"""Recursive length prefix, as far as transactions need it: numbers, bytes, lists of encoded items."""

from __future__ import annotations

from collections.abc import Sequence


def rlp_number(value: int) -> bytes:
    """Without leading zeros; zero is the empty string."""
    return rlp_bytes(value.to_bytes((value.bit_length() + 7) // 8, "big"))


def rlp_bytes(value: bytes) -> bytes:
    return value if len(value) == 1 and value[0] < 0x80 else _prefix(len(value), 0x80) + value


def rlp_list(encoded: Sequence[bytes]) -> bytes:
    body = b"".join(encoded)
    return _prefix(len(body), 0xC0) + body


def _prefix(length: int, base: int) -> bytes:
    if length < 56:
        return bytes([base + length])
    size = length.to_bytes((length.bit_length() + 7) // 8, "big")
    return bytes([base + 55 + len(size)]) + size
