"""How contracts are asked: typed calls at a stated block, many in one request, refusals as errors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from typing import Any, TypeVar

from registry.chain.abi import Function
from registry.chain.client import Block, Node
from registry.chain.deployment import Deployment
from registry.chain.refusals import as_error
from registry.chain.rpc import NodeRefusal
from registry.domain.ids import Address

PAGE = 500
"""Accounts asked for in one call."""

Item = TypeVar("Item")
Record = TypeVar("Record")


class Asking:
    """A node and the contracts of one deployment. `block`: a number, a hash, or None for the newest."""

    def __init__(self, node: Node, deployment: Deployment) -> None:
        self.node = node
        self.deployment = deployment

    def simulate(self, target: Address, calldata: bytes, sender: Address, block: Block = None) -> bytes:
        """Carries a call out without sending it; raises RejectedError with the contract's reason."""
        try:
            return self.node.call(target, calldata, block, sender)
        except NodeRefusal as refusal:
            raise as_error(refusal) from refusal

    def simulate_at(self, time: int, target: Address, calldata: bytes, sender: Address) -> bytes:
        """The same on the newest state alone, without what waits in the pool, in a block of that time [s]."""
        try:
            return self.node.call_at(target, calldata, time, sender)
        except NodeRefusal as refusal:
            raise as_error(refusal) from refusal

    def _ask(self, target: Address, function: Function, *arguments: Any, block: Block) -> tuple[Any, ...]:
        try:
            return function.decode(self.node.call(target, function.encode(*arguments), block))
        except NodeRefusal as refusal:
            raise as_error(refusal) from refusal

    def _ask_at(self, time: int, target: Address, function: Function, *arguments: Any) -> tuple[Any, ...]:
        """What will hold in a block of that time [s], if nothing else changes until then."""
        try:
            return function.decode(self.node.call_at(target, function.encode(*arguments), time))
        except NodeRefusal as refusal:
            raise as_error(refusal) from refusal

    def _each(
        self, target: Address, function: Function, arguments: Sequence[tuple[Any, ...]], block: Block
    ) -> list[tuple[Any, ...]]:
        """One function of one contract with each of these arguments, in one request."""
        answers = self._many([(target, function.encode(*these)) for these in arguments], block)
        return [function.decode(answer) for answer in answers]

    def _paged(self, target: Address, function: Function, items: Sequence[Any], block: Block) -> list[Any]:
        """A function that answers a list for a list."""
        pages = [list(items[start : start + PAGE]) for start in range(0, len(items), PAGE)]
        return [
            item for answer in self._each(target, function, [(page,) for page in pages], block) for item in answer[0]
        ]

    def _many(self, calls: Sequence[tuple[bytes, bytes]], block: Block) -> list[bytes]:
        try:
            return self.node.calls(calls, block) if calls else []
        except NodeRefusal as refusal:
            raise as_error(refusal) from refusal


def record_of(kind: type[Record], values: Sequence[Any]) -> Record:
    """A struct as its record: the fields stand in the same order."""
    names = [field.name for field in fields(kind)]  # type: ignore[arg-type]
    plain = [address_of(value) if isinstance(value, str) else value for value in values]
    return kind(**dict(zip(names, plain, strict=True)))


def address_of(text: str) -> Address:
    """An address as the ABI's decoder writes it."""
    return Address(bytes.fromhex(text[2:]))
