"""What no act can bring about yet, written into a contract's storage."""

from __future__ import annotations

import json
from pathlib import Path

from eth_abi import encode
from eth_utils import keccak

from tests.contracts.support import node
from tests.contracts.support.contracts import Contract

ARTIFACT = Path(__file__).resolve().parents[3] / "registry" / "artifacts" / "ShareClass.json"
ENCUMBERED_AT = 104


def encumber(share_class: Contract, account: str, shares: int) -> None:
    """Pledges so many shares of an account that has none pledged: there are no pledges yet, the checks are live."""
    layout = json.loads(ARTIFACT.read_text(encoding="utf-8"))["storageLayout"]["storage"]
    place = next(int(entry["slot"]) for entry in layout if entry["label"] == "_holdings")
    slot = keccak(encode(["address", "uint256"], [account, place]))
    word = share_class.read("holding", account) + (shares << ENCUMBERED_AT)
    node.ask("anvil_setStorageAt", share_class.address, "0x" + slot.hex(), "0x" + word.to_bytes(32, "big").hex())
