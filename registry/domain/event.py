"""The base of all events, and where in the chain one stands."""

from __future__ import annotations

from dataclasses import dataclass

from registry.domain.ids import Address, Hash32, Timestamp


@dataclass(frozen=True, slots=True)
class At:
    """Where in the chain an event stands."""

    block: int
    time: Timestamp
    tx: Hash32
    log_index: int
    emitter: Address


@dataclass(frozen=True, slots=True)
class RegistryEvent:
    """Base of all events."""

    at: At
