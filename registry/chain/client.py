"""A node, seen through typed reads about stated blocks. Reads are repeated within a patience; sends never are.

The node is known by chain id, genesis hash, masked code hashes and the newest block that was seen before: a wiped node
with the same genesis does not pass.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from registry.chain import artifacts
from registry.chain.deployment import Deployment
from registry.chain.engines import Engine, engine_of
from registry.chain.rpc import NodeRefusal, RawLog, Rpc
from registry.domain.ids import Address, Hash32, Timestamp
from registry.errors import HaltError, RetryableError

__all__ = ["BlockRef", "Node", "NodeRefusal", "RawLog", "Receipt", "Rpc", "SentTransaction"]

T = TypeVar("T")
Block = int | bytes | str | None
"""A number, a block hash, a tag; None is the newest."""


@dataclass(frozen=True, slots=True)
class BlockRef:
    """One block's place in the chain."""

    number: int
    hash: Hash32
    parent: Hash32
    time: Timestamp
    base_fee: int = 0


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of a mined transaction."""

    tx: Hash32
    block: int
    block_hash: Hash32
    has_succeeded: bool
    gas_used: int
    contract: Address | None
    logs: tuple[dict[str, Any], ...]


@dataclass(frozen=True, slots=True)
class SentTransaction:
    """A transaction that the node knows. `block` is None while it waits in the pool."""

    hash: Hash32
    sender: Address
    nonce: int
    target: Address | None
    calldata: bytes
    block: int | None


class Node:
    """Typed reads and sends on one connection. `clock` and `sleep` pace the repeats of reads only."""

    def __init__(
        self,
        rpc: Rpc,
        *,
        patience: float = 1.0,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.rpc = rpc
        self._patience = patience
        self._clock = clock
        self._sleep = sleep
        self._engine: Engine | None = None
        self._chain_id: int | None = None

    @classmethod
    def connect(
        cls,
        url: str,
        deployment: Deployment | None = None,
        *,
        newest: tuple[int, bytes] | None = None,
        timeout: float = 30.0,
    ) -> Node:
        """Connects to the right chain or not at all. `newest`: number and hash of a block that must still be there."""
        node = cls(Rpc(url, timeout))
        try:
            if deployment is None:
                node._chain_id = node.chain_id
            else:
                node.verify(deployment, newest)
        except BaseException:
            node.close()
            raise
        return node

    def close(self) -> None:
        self.rpc.close()

    def __enter__(self) -> Node:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # --- who the node is ---

    @property
    def chain_id(self) -> int:
        if self._chain_id is None:
            self._chain_id = _int(self.read("eth_chainId"))
        return self._chain_id

    @property
    def engine(self) -> Engine:
        if self._engine is None:
            self._engine = engine_of(str(self.read("web3_clientVersion")))
        return self._engine

    def genesis_hash(self) -> Hash32:
        return self.block(0).hash

    def verify(self, deployment: Deployment, newest: tuple[int, bytes] | None = None) -> None:
        """HaltError unless this is the chain of the deployment, with its contracts and its history."""
        parts = list(deployment.contracts.items())
        calls: list[tuple[str, Sequence[Any]]] = [("eth_chainId", ()), ("eth_getBlockByNumber", ("0x0", False))]
        calls += [("eth_getCode", (_hex(deployed.address), "latest")) for _, deployed in parts]
        if newest is not None:
            calls.append(("eth_getBlockByNumber", (hex(newest[0]), False)))
        answers = self.read_many(calls)
        chain_id, genesis = _int(answers[0]), _raw(answers[1]["hash"])
        if chain_id != deployment.chain_id:
            raise HaltError(f"wrong chain: the node has chain id {chain_id}, the deployment {deployment.chain_id}")
        if genesis != deployment.genesis_hash:
            raise HaltError(
                f"wrong chain: the node's genesis is {_hex(genesis)}, the deployment's {_hex(deployment.genesis_hash)}"
            )
        for (part, deployed), code in zip(parts, answers[2:], strict=False):
            found = _raw(code)
            if not found:
                raise HaltError(
                    f"the node has no contract at {_hex(deployed.address)} ({part}): it was wiped or is another chain"
                )
            if artifacts.load(deployed.contract).code_hash(found) != deployed.code_hash:
                raise HaltError(f"the code at {_hex(deployed.address)} is not that of {deployed.contract} ({part})")
        if newest is not None:
            self._verify_history(newest, answers[-1])
        self._chain_id = chain_id

    def _verify_history(self, newest: tuple[int, bytes], block: dict[str, Any] | None) -> None:
        if block is None:
            raise HaltError(f"the node ends before block {newest[0]}, which it had before: it was wiped, or set back")
        if _raw(block["hash"]) != newest[1]:
            raise HaltError(
                f"block {newest[0]} is {block['hash']} on the node, but was {_hex(newest[1])}: another history"
            )

    # --- reads ---

    def head(self) -> BlockRef:
        return self.block("latest")

    def block(self, block: Block) -> BlockRef:
        """A block that must be there; RetryableError if the node does not have it (yet)."""
        found = self.find_block(block)
        if found is None:
            raise RetryableError(f"the node does not have block {_show(block)}")
        return found

    def require(self, block: BlockRef) -> None:
        """RetryableError where a reorganisation took the block: what was asked by its number may be another one's."""
        if self.block(block.number).hash != block.hash:
            raise RetryableError(f"block {block.number} was replaced while it was asked about")

    def find_block(self, block: Block) -> BlockRef | None:
        method = "eth_getBlockByHash" if isinstance(block, bytes) else "eth_getBlockByNumber"
        answer = self.read(method, _tag(block), False)
        return None if answer is None else _block_ref(answer)

    def blocks(self, numbers: Sequence[int]) -> list[BlockRef]:
        answers = self.read_many([("eth_getBlockByNumber", (hex(number), False)) for number in numbers])
        missing = [number for number, answer in zip(numbers, answers, strict=True) if answer is None]
        if missing:
            raise RetryableError(f"the node does not have block {missing[0]}")
        return [_block_ref(answer) for answer in answers]

    def raw_logs(self, from_block: int, to_block: int, addresses: Sequence[bytes] | None = None) -> list[RawLog]:
        """All logs of a range of blocks, both ends included, in the chain's order."""
        criteria: dict[str, Any] = {"fromBlock": hex(from_block), "toBlock": hex(to_block)}
        if addresses is not None:
            criteria["address"] = [_hex(address) for address in addresses]
        return self._repeat(lambda: self.rpc.raw_logs(criteria))

    def raw_logs_of(self, block_hash: bytes) -> list[RawLog]:
        return self._repeat(lambda: self.rpc.raw_logs({"blockHash": _hex(block_hash)}))

    def logs_with(
        self, address: bytes, topics: Sequence[bytes | None], from_block: int = 0, to_block: int | None = None
    ) -> list[RawLog]:
        """Logs of one contract by topics, up to a block or the newest: how an act is found by its operation id."""
        criteria = {
            "address": _hex(address),
            "fromBlock": hex(from_block),
            "toBlock": _tag(to_block),
            "topics": [None if topic is None else _hex(topic) for topic in topics],
        }
        return self._repeat(lambda: self.rpc.raw_logs(criteria))

    def call(self, target: bytes, calldata: bytes, block: Block = None, sender: bytes | None = None) -> bytes:
        return _raw(self.read("eth_call", _call(target, calldata, sender), _state_tag(block)))

    def call_at(self, target: bytes, calldata: bytes, time: int, sender: bytes | None = None) -> bytes:
        """A call on the newest state, as a block of that time [s] would answer it; as the newest block answers it where
        the node knows no block overrides."""
        try:
            return _raw(self.read("eth_call", _call(target, calldata, sender), "latest", {}, {"time": hex(time)}))
        except NodeRefusal as refusal:
            if refusal.is_revert:
                raise
            return self.call(target, calldata, None, sender)

    def next_time(self, now: float) -> Timestamp:
        """[s] When the next block will be, as far as is known: a chain without traffic stands at an older time. `now`
        is the civil time; a node whose clock is ahead of it says so by its pending block, if it shows one."""
        times = [int(now), self.head().time + 1]
        with contextlib.suppress(NodeRefusal):
            answer = self.read("eth_getBlockByNumber", "pending", False)
            times.append(_int(answer["timestamp"]) if answer else 0)
        return Timestamp(max(times))

    def is_waiting(self) -> bool:
        """Does a transaction wait for its block, as far as the node shows it? Some show the newest block instead."""
        try:
            pending = self.read("eth_getBlockByNumber", "pending", False)
        except NodeRefusal:
            return False
        return bool(pending and pending["transactions"]) and pending["hash"] != _hex(self.head().hash)

    def calls(self, calls: Sequence[tuple[bytes, bytes]], block: Block = None) -> list[bytes]:
        tag = _state_tag(block)
        answers = self.read_many([("eth_call", (_call(target, data, None), tag)) for target, data in calls])
        return [_raw(answer) for answer in answers]

    def code(self, address: bytes, block: Block = None) -> bytes:
        return _raw(self.read("eth_getCode", _hex(address), _state_tag(block)))

    def nonce(self, address: bytes, block: Block = None) -> int:
        """Transactions of the sender up to a block; "pending" counts those in the pool too."""
        return _int(self.read("eth_getTransactionCount", _hex(address), _state_tag(block)))

    def receipt(self, tx: bytes) -> Receipt | None:
        return self.receipts([tx])[0]

    def receipts(self, txs: Sequence[bytes]) -> list[Receipt | None]:
        answers = self.read_many([("eth_getTransactionReceipt", (_hex(tx),)) for tx in txs])
        return [None if answer is None else _receipt(answer) for answer in answers]

    def transaction(self, tx: bytes) -> SentTransaction | None:
        answer = self.read("eth_getTransactionByHash", _hex(tx))
        return None if answer is None else _transaction(answer)

    def transaction_of(self, sender: bytes, nonce: int, block: int) -> SentTransaction | None:
        """The transaction of a sender's nonce in a block, if it is there."""
        answer = self.read("eth_getBlockByNumber", hex(block), True)
        wanted = _hex(sender)
        for item in (answer or {}).get("transactions", []):
            if item["from"].lower() == wanted and _int(item["nonce"]) == nonce:
                return _transaction(item)
        return None

    def estimate_gas(self, sender: bytes, target: bytes | None, calldata: bytes) -> int:
        """Raises NodeRefusal with the revert's data where the call would fail."""
        return _int(self.read("eth_estimateGas", _call(target, calldata, sender)))

    def fees(self) -> tuple[int, int]:
        """(max fee, priority fee) per gas for a transaction sent now."""
        head = self.head()
        if self.engine.is_free and head.base_fee == 0:
            return 0, 0
        return self.engine.fees(head.base_fee, _int(self.read("eth_maxPriorityFeePerGas")))

    # --- sends: once, and whatever happens is the caller's to settle ---

    def send_raw(self, raw: bytes) -> Hash32:
        return Hash32(_raw(self.rpc.call("eth_sendRawTransaction", _hex(raw))))

    def send_raw_many(self, raws: Sequence[bytes]) -> list[Hash32 | NodeRefusal]:
        """Each transaction's hash, or why the node did not take it."""
        answers = self.rpc.batch([("eth_sendRawTransaction", (_hex(raw),)) for raw in raws])
        return [answer if isinstance(answer, NodeRefusal) else Hash32(_raw(answer)) for answer in answers]

    def nudge(self) -> None:
        """A chain that mines on arrival leaves behind what did not fit the block, until the next transaction comes."""
        if self.engine.mines_on_arrival and self.read("anvil_getAutomine"):
            self.rpc.call("evm_mine")

    def unstick(self, senders: Iterable[bytes]) -> None:
        """A chain that mines on arrival can leave a transaction in its queue whose turn has come (it arrived while the
        block before was made), and then refuses the same bytes as known. Forgotten, they are let in again."""
        if self.engine.mines_on_arrival and self.read("anvil_getAutomine"):
            for sender in senders:
                self.rpc.call("anvil_removePoolTransactions", _hex(sender))

    # --- how reads are repeated ---

    def read(self, method: str, *params: Any) -> Any:
        return self._repeat(lambda: self.rpc.call(method, *params))

    def read_many(self, calls: Sequence[tuple[str, Sequence[Any]]]) -> list[Any]:
        """Results of all; the first refusal is raised."""
        answers = self._repeat(lambda: self.rpc.batch(calls))
        for answer in answers:
            if isinstance(answer, NodeRefusal):
                raise answer
        return answers

    def _repeat(self, attempt: Callable[[], T]) -> T:
        """Again while the node is silent, until patience ends; an answer that refuses is an answer."""
        deadline = self._clock() + self._patience
        pause = 0.05
        while True:
            try:
                return attempt()
            except NodeRefusal:
                raise
            except RetryableError:
                if self._clock() + pause > deadline:
                    raise
            self._sleep(pause)
            pause *= 2


def _hex(value: bytes) -> str:
    return "0x" + value.hex()


def _raw(text: str) -> bytes:
    return bytes.fromhex(text[2:])


def _int(text: str) -> int:
    return int(text, 16)


def _tag(block: Block) -> str:
    if block is None:
        return "latest"
    if isinstance(block, str):
        return block
    return _hex(block) if isinstance(block, bytes) else hex(block)


def _state_tag(block: Block) -> Any:
    """State as of a block; by hash (EIP-1898) it fails where the block is not part of the chain any more."""
    return {"blockHash": _hex(block), "requireCanonical": True} if isinstance(block, bytes) else _tag(block)


def _show(block: Block) -> str:
    return _tag(block) if isinstance(block, bytes) or block is None else str(block)


def _call(target: bytes | None, calldata: bytes, sender: bytes | None) -> dict[str, str]:
    call = {"data": _hex(calldata)}
    if target is not None:
        call["to"] = _hex(target)
    if sender is not None:
        call["from"] = _hex(sender)
    return call


def _block_ref(answer: dict[str, Any]) -> BlockRef:
    return BlockRef(
        number=_int(answer["number"]),
        hash=Hash32(_raw(answer["hash"])),
        parent=Hash32(_raw(answer["parentHash"])),
        time=Timestamp(_int(answer["timestamp"])),
        base_fee=_int(answer.get("baseFeePerGas") or "0x0"),
    )


def _receipt(answer: dict[str, Any]) -> Receipt:
    created = answer.get("contractAddress")
    return Receipt(
        tx=Hash32(_raw(answer["transactionHash"])),
        block=_int(answer["blockNumber"]),
        block_hash=Hash32(_raw(answer["blockHash"])),
        has_succeeded=_int(answer["status"]) == 1,
        gas_used=_int(answer["gasUsed"]),
        contract=Address(_raw(created)) if created else None,
        logs=tuple(answer["logs"]),
    )


def _transaction(answer: dict[str, Any]) -> SentTransaction:
    target = answer.get("to")
    return SentTransaction(
        hash=Hash32(_raw(answer["hash"])),
        sender=Address(_raw(answer["from"])),
        nonce=_int(answer["nonce"]),
        target=Address(_raw(target)) if target else None,
        calldata=_raw(answer.get("input") or answer.get("data") or "0x"),
        block=_int(answer["blockNumber"]) if answer.get("blockNumber") else None,
    )
