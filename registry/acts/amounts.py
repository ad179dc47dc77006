"""Money and rates in words: what an error or a next command says of fen and of 10^-10 CNY for a whole share."""

from __future__ import annotations

_FEN, _RATE_UNIT = 100, 10**10


def typed(fen: int) -> str:
    """As an option takes it: "1250000.00"."""
    return f"{fen // _FEN}.{fen % _FEN:02d}"


def cny(fen: int) -> str:
    """As a person reads it: "1 250 000.00 CNY"."""
    return f"{fen // _FEN:,}.{fen % _FEN:02d} CNY".replace(",", " ")


def a_share(rate: int) -> str:
    """CNY for a share as an option takes it, without zeros behind: "0.2774794520" is "0.277479452"."""
    whole, part = divmod(rate, _RATE_UNIT)
    return f"{whole}.{part:010d}".rstrip("0").rstrip(".")
