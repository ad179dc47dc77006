"""Storage words of the contracts by the labels of the packaged layouts, many in one request.

A proof (EIP-1186) answers hundreds of words of one contract at a stated block; every node serves it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from functools import cache
from importlib.resources import files

from eth_utils.crypto import keccak

from registry.chain.client import Node
from registry.domain.ids import Address, Hash32, PartyId
from registry.domain.register import Seat
from registry.errors import HaltError

PAGE = 500
SEATS_A_SLOT = 8


@cache
def slot_of(contract: str, label: str) -> int:
    """The slot of a state variable."""
    text = files("registry").joinpath("artifacts", f"{contract}.json").read_text(encoding="utf-8")
    for item in json.loads(text)["storageLayout"]["storage"]:
        if item["label"] == label:
            return int(item["slot"])
    raise HaltError(f"the packaged artifact of {contract} has no state variable {label}")


def in_mapping(slot: int, key: int) -> Hash32:
    """Where a mapping keeps the value of a number."""
    return Hash32(keccak(key.to_bytes(32, "big") + slot.to_bytes(32, "big")))


def words_at(node: Node, contract: Address, slots: Sequence[Hash32], block: Hash32) -> list[int]:
    """The stored words as of a block, in the order asked for."""
    words: list[int] = []
    for start in range(0, len(slots), PAGE):
        keys = ["0x" + slot.hex() for slot in slots[start : start + PAGE]]
        tag = {"blockHash": "0x" + block.hex(), "requireCanonical": True}
        proof = node.read("eth_getProof", "0x" + contract.hex(), keys, tag)["storageProof"]
        if len(proof) != len(keys):
            raise HaltError(f"the node proved {len(proof)} words of {len(keys)}")
        words += [int(item["value"], 16) for item in proof]
    return words


def seats_at(node: Node, company: Address, parties: Iterable[PartyId], block: Hash32) -> dict[PartyId, Seat]:
    """What these parties occupy in a company; eight seats share a word."""
    wanted = list(parties)
    pages = sorted({party // SEATS_A_SLOT for party in wanted})
    slot = slot_of("Company", "_seats")
    words = dict(zip(pages, words_at(node, company, [in_mapping(slot, page) for page in pages], block), strict=True))
    return {party: _seat(words[party // SEATS_A_SLOT] >> party % SEATS_A_SLOT * 32) for party in wanted}


def _seat(bits: int) -> Seat:
    return Seat(bits & 0x7FFF, bool(bits & 0x8000), bits >> 16 & 0xFFFF)
