"""Ids and quantities as types of their own, so that mixing two of them fails the type check."""

from __future__ import annotations

from typing import NewType

PartyId = NewType("PartyId", int)
"""32-bit id of a party, never zero; 0 stands for nobody."""

AccountNumber = NewType("AccountNumber", int)
"""Account of a party: 0 to 7 a wallet in order of binding, 8 the book account."""

Address = NewType("Address", bytes)
"""20 bytes."""

Hash32 = NewType("Hash32", bytes)
"""32 bytes: operation id, document hash, transaction hash."""

Shares = NewType("Shares", int)
"""[shares × 10^decimals] of one class; fits 64 bits."""

Day = NewType("Day", int)
"""Civil days since 1970-01-01 in the registry's time zone; negative before."""

Timestamp = NewType("Timestamp", int)
"""Unix seconds of a block."""

BOOK = AccountNumber(8)
NOBODY = PartyId(0)
MAX_SHARES = 2**64 - 1
