"""Keccak-256, the hash of the chain: its padding differs from the SHA-3 that the standard library has.

Slow, some thousand hashes a second; for the ids that contracts make out of what they know.
"""

from __future__ import annotations

from registry.domain.ids import Hash32

_RATE = 136
"""[bytes] Taken in at a time."""
_MASK = 2**64 - 1


def _round_constants() -> tuple[int, ...]:
    """One for each of the 24 rounds, out of a shift register of eight bits."""
    register, constants = 1, []
    for _ in range(24):
        constant = 0
        for j in range(7):
            if register & 1:
                constant |= 1 << (2**j - 1)
            register = register << 1 ^ (0x171 if register & 0x80 else 0)
        constants.append(constant)
    return tuple(constants)


def _rotations() -> tuple[tuple[int, int, int], ...]:
    """Where each lane goes, and how far it turns: from, to, bits."""
    x, y, found = 1, 0, [(0, 0, 0)]
    for t in range(24):
        to_x, to_y = y, (2 * x + 3 * y) % 5
        found.append((x + 5 * y, to_x + 5 * to_y, (t + 1) * (t + 2) // 2 % 64))
        x, y = to_x, to_y
    return tuple(found)


_CONSTANTS = _round_constants()
_ROTATIONS = _rotations()
_ROW = range(5)
_LANES = range(25)


def keccak256(data: bytes) -> Hash32:
    """The hash of any number of bytes."""
    padded = bytearray(data)
    padded += bytes(_RATE - len(data) % _RATE)
    padded[len(data)] ^= 0x01
    padded[-1] ^= 0x80
    lanes = [0] * 25
    for start in range(0, len(padded), _RATE):
        for i in range(_RATE // 8):
            at = start + 8 * i
            lanes[i] ^= int.from_bytes(padded[at : at + 8], "little")
        lanes = _permuted(lanes)
    return Hash32(b"".join(lane.to_bytes(8, "little") for lane in lanes[:4]))


def _permuted(a: list[int]) -> list[int]:
    for constant in _CONSTANTS:
        column = [a[x] ^ a[x + 5] ^ a[x + 10] ^ a[x + 15] ^ a[x + 20] for x in _ROW]
        turned = [(c << 1 | c >> 63) & _MASK for c in column]
        mixed = [column[(x - 1) % 5] ^ turned[(x + 1) % 5] for x in _ROW]
        b = [0] * 25
        for source, target, bits in _ROTATIONS:
            lane = a[source] ^ mixed[source % 5]
            b[target] = (lane << bits | lane >> (64 - bits)) & _MASK
        a = [b[i] ^ (~b[i - i % 5 + (i + 1) % 5] & _MASK & b[i - i % 5 + (i + 2) % 5]) for i in _LANES]
        a[0] ^= constant
    return a


def encoded(*values: int | bytes) -> bytes:
    """Whole words as `abi.encode` writes them: numbers and addresses to the right, 32 bytes as they are."""
    return b"".join(v.to_bytes(32, "big") if isinstance(v, int) else v.rjust(32, b"\0") for v in values)
