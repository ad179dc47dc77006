"""The test chain, spoken to directly: transactions, calls, snapshots, and a clock that moves one second a block.

Brownie starts the chain and compiles; its own transaction objects cost ten times what these calls do.
"""

from __future__ import annotations

import http.client
import itertools
import json
import time
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from brownie import web3

GAS = 16_000_000
DAY = 86_400
UTC_OFFSET = 28_800
TODAY = 23_741
"""2035-01-01, the civil day on which every test begins."""
START = TODAY * DAY - UTC_OFFSET + 36_000
"""Ten in the morning of it, at UTC+8."""


class NodeError(Exception):
    """The node itself complained; never a revert."""


_ids = itertools.count(1)
_open: dict[str, http.client.HTTPConnection] = {}


def _post(body: Any) -> Any:
    """One exchange over a connection that stays open; the library's own costs several times as much."""
    url = web3.provider.endpoint_uri
    if url not in _open:
        parts = urlsplit(url)
        _open[url] = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=120)
    _open[url].request("POST", "/", json.dumps(body), {"Content-Type": "application/json"})
    return json.loads(_open[url].getresponse().read())


def _request(method: str, params: Sequence[Any]) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "id": next(_ids), "method": method, "params": list(params)}


def ask(method: str, *params: Any) -> Any:
    reply = _post(_request(method, params))
    if "error" in reply:
        raise NodeError(f"{method}: {reply['error']}")
    return reply["result"]


def set_up() -> None:
    """Anybody may send; blocks are one second apart and begin at START."""
    ask("anvil_autoImpersonateAccount", True)
    ask("anvil_setBlockTimestampInterval", 1)
    if now() < START:
        jump_to(START)


def now() -> int:
    return int(ask("eth_getBlockByNumber", "latest", False)["timestamp"], 16)


def today() -> int:
    return (now() + UTC_OFFSET) // DAY


def next_block_at(time: int) -> None:
    """The next transaction is executed at exactly this time."""
    ask("evm_setNextBlockTimestamp", time)


def jump_to(time: int) -> None:
    """Mines a block at this time, so that calls are answered at it."""
    next_block_at(time)
    ask("evm_mine")


def first_second_of(day: int) -> int:
    """Midnight at UTC+8."""
    return day * DAY - UTC_OFFSET


def last_second_of(day: int) -> int:
    return first_second_of(day + 1) - 1


def snapshot() -> str:
    taken: str = ask("evm_snapshot")
    return taken


def revert_to(taken: str) -> None:
    if not ask("evm_revert", taken):
        raise NodeError(f"the chain did not go back to {taken}")


def transact(sender: str, to: str | None, data: str, gas: str | None = None) -> dict[str, Any]:
    """The receipt, whatever its status."""
    # Another limit each time, so that no two have one hash: a chain that went back to a snapshot may mine a transaction
    # that it has seen before and keep no receipt of it.
    limit = gas or hex(GAS + next(_ids) % 100_000)
    call = {"from": sender, "data": data, "gas": limit, "gasPrice": "0x0"}
    for _ in range(3):
        sent = ask("eth_sendTransaction", call if to is None else {**call, "to": to})
        receipt = _receipt(sent, 10)
        if receipt is None:
            # It can be left in the queue when it arrived while the block before was made: forgotten, it is sent again.
            ask("anvil_removePoolTransactions", sender)
            receipt = _receipt(sent, 0)
        if receipt is not None:
            return receipt
    raise NodeError(f"{sent} was not mined")


def _receipt(sent: str, seconds: float) -> dict[str, Any] | None:
    """Asked without a pause at first, since a block is made at once on a machine that has nothing else to do."""
    end = time.monotonic() + seconds
    for poll in itertools.count():
        receipt: dict[str, Any] | None = ask("eth_getTransactionReceipt", sent)
        if receipt is not None or time.monotonic() > end:
            return receipt
        time.sleep(0.001 if poll > 20 else 0)
    return None


def revert_data(receipt: dict[str, Any]) -> bytes:
    """What a failed transaction answered."""
    trace = ask("debug_traceTransaction", receipt["transactionHash"], {"tracer": "callTracer"})
    return bytes.fromhex(trace.get("output", "0x")[2:])


def call(sender: str, to: str, data: str) -> tuple[bool, bytes]:
    """Success, and what was answered; no transaction."""
    return calls(sender, [(to, data)])[0]


def calls(sender: str, wanted: Sequence[tuple[str, str]], time: int | None = None) -> list[tuple[bool, bytes]]:
    """Several calls in one exchange; answered as of a block at `time`, if it is given."""
    when = ["latest"] if time is None else ["latest", {}, {"time": hex(time)}]
    requests = [
        _request("eth_call", [{"from": sender, "to": to, "data": data, "gas": hex(GAS)}, *when]) for to, data in wanted
    ]
    replies = {reply["id"]: reply for reply in _post(requests)}
    return [_answer(replies[request["id"]]) for request in requests]


def _answer(reply: dict[str, Any]) -> tuple[bool, bytes]:
    if "error" not in reply:
        return True, bytes.fromhex(reply["result"][2:])
    answered = reply["error"].get("data")
    if not isinstance(answered, str):
        raise NodeError(f"eth_call: {reply['error']}")
    return False, bytes.fromhex(answered[2:])
