"""Raises that are created with other terms, for tests of offerings."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from registry.domain import commands as do
from registry.domain.ids import Address, Hash32
from registry.domain.raise_args import RatchetTerms, TrancheTerms
from tests.domain import world as w
from tests.domain.escrow_world import (
    DOCUMENT,
    ESCROW,
    HALVES,
    OFFERING,
    TERMS,
    Raised,
    founded,
    offering_terms,
)

SALT = Hash32(b"salt".rjust(32))


def create(
    world: Raised,
    tranches: tuple[TrancheTerms, ...] = HALVES,
    at: tuple[Address, Address] = (OFFERING, ESCROW),
    **changes: Any,
) -> do.Command:
    terms = replace(offering_terms(world), **changes)
    return do.CreateOffering(w.header(), terms, TERMS, tranches, RatchetTerms(), *at)


def opening(**changes: Any) -> Raised:
    """An open raise with these terms, nobody has subscribed."""
    world = founded()
    world.run(create(world, **changes), w.PLATFORM)
    world.run(do.AdmitOffering(w.COMPANY, w.header(), OFFERING), w.ADMIN)
    world.run(do.OpenOffering(OFFERING, w.header()), w.PLATFORM)
    return world


def by_signature(world: Raised, party: int, amount: int, **changes: Any) -> do.Command:
    command = do.Subscribe(OFFERING, world.account(party), amount, DOCUMENT, SALT, 2**40)
    return replace(command, **changes)
