"""Words of a contract's storage, changed by no transaction: what an audit has to find."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import files

from eth_utils.crypto import keccak

from registry.chain.client import Node
from registry.domain.ids import Address


def slot_of(contract: str, name: str) -> int:
    """Where a variable of a contract begins."""
    artifact = json.loads(files("registry").joinpath("artifacts", f"{contract}.json").read_text(encoding="utf-8"))
    return next(int(item["slot"]) for item in artifact["storageLayout"]["storage"] if item["label"] == name)


def in_mapping(key: int | bytes, slot: int) -> int:
    """Where the value of a key stands in the mapping that begins at a slot."""
    word = key.to_bytes(32, "big") if isinstance(key, int) else key.rjust(32, b"\0")
    return int.from_bytes(keccak(word + slot.to_bytes(32, "big")))


def word_at(node: Node, contract: Address, slot: int) -> int:
    return int(str(node.rpc.call("eth_getStorageAt", "0x" + contract.hex(), f"0x{slot:064x}", "latest")), 16)


def plant(node: Node, contract: Address, slot: int, word: int) -> None:
    """In a block of its own."""
    node.rpc.call("anvil_setStorageAt", "0x" + contract.hex(), f"0x{slot:064x}", f"0x{word:064x}")
    node.rpc.call("evm_mine")


@contextmanager
def taken_back(node: Node) -> Iterator[None]:
    """Whatever is planted inside is taken away again."""
    snapshot = node.rpc.call("evm_snapshot")
    yield
    assert node.rpc.call("evm_revert", snapshot)
