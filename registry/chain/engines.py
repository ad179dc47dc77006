"""What differs between engines: how deep a block can still change, what gas costs, how much fits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Engine:
    """A small adapter. `finality`: blocks behind the head that may still be replaced; 0 for a BFT chain."""

    name: str
    finality: int
    is_free: bool
    mines_on_arrival: bool = False
    transaction_gas: int = 16_777_216
    """EIP-7825; kept on engines that do not enforce it."""

    def fees(self, base_fee: int, tip: int) -> tuple[int, int]:
        """(max fee, priority fee) per gas: room for the base fee to double while a transaction waits."""
        return (0, 0) if self.is_free and base_fee == 0 else (2 * base_fee + tip, tip)


ANVIL: Final = Engine("anvil", finality=64, is_free=True, mines_on_arrival=True)
BESU: Final = Engine("besu", finality=0, is_free=True)
QUORUM: Final = Engine("quorum", finality=0, is_free=True)
OTHER: Final = Engine("other", finality=64, is_free=False)


def engine_of(client_version: str) -> Engine:
    """By what the node says about itself (web3_clientVersion)."""
    words = client_version.lower()
    for engine in (ANVIL, BESU, QUORUM):
        if engine.name in words:
            return engine
    return OTHER
