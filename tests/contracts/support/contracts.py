"""Contracts by their ABI: acts that give decoded events or raise the contract's own error, and reads."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

from brownie import project
from eth_abi import decode, encode
from eth_utils import keccak
from eth_utils.abi import collapse_if_tuple

from tests.contracts.support import node

NAMES = (
    "IdentityRegistry",
    "ShareClass",
    "Company",
    "CompanyFactory",
    "SettlementToken",
    "Regions",
    "AttestationBoard",
    "OfferingFactory",
    "Offering",
    "MilestoneEscrow",
    "TaxSchedules",
    "Preferences",
    "Distributions",
)
STRANGER = "0x" + "57" * 20


class Refusal(Exception):
    """A contract's error: its name and arguments."""

    def __init__(self, name: str, args: Sequence[Any]) -> None:
        super().__init__(f"{name}{tuple(args)}")
        self.name = name
        self.values = tuple(args)


@dataclass(frozen=True, slots=True)
class Event:
    """One decoded log."""

    emitter: str
    name: str
    values: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Function:
    """How one function is called and answers."""

    selector: bytes
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]


def _signature(entry: dict[str, Any]) -> bytes:
    inner = ",".join(collapse_if_tuple(part) for part in entry["inputs"])
    return keccak(text=f"{entry['name']}({inner})")


def loaded() -> Any:
    """The project that Brownie has compiled."""
    return project.get_loaded_projects()[0]


@cache
def abi_of(name: str) -> list[dict[str, Any]]:
    abi: list[dict[str, Any]] = getattr(loaded(), name).abi
    return abi


@cache
def functions_of(name: str) -> dict[str, Function]:
    """By name; where a name has several functions, each by name/number of its inputs."""
    entries = [entry for entry in abi_of(name) if entry["type"] == "function"]
    names = [entry["name"] for entry in entries]
    return {
        called if names.count(called) == 1 else f"{called}/{len(entry['inputs'])}": Function(
            _signature(entry)[:4],
            tuple(collapse_if_tuple(part) for part in entry["inputs"]),
            tuple(collapse_if_tuple(part) for part in entry["outputs"]),
        )
        for called, entry in zip(names, entries, strict=True)
    }


@cache
def _events() -> dict[bytes, dict[str, Any]]:
    return {_signature(entry): entry for name in NAMES for entry in abi_of(name) if entry["type"] == "event"}


@cache
def errors() -> dict[bytes, dict[str, Any]]:
    """Every error of the project by selector, and the two of the language."""
    found = {_signature(entry)[:4]: entry for name in NAMES for entry in abi_of(name) if entry["type"] == "error"}
    for name, kind in (("Error", "string"), ("Panic", "uint256")):
        entry = {"type": "error", "name": name, "inputs": [{"type": kind, "name": "what"}]}
        found[_signature(entry)[:4]] = entry
    return found


def refusal_of(data: bytes) -> Refusal:
    entry = errors().get(data[:4])
    if entry is None:
        return Refusal("Unknown", [data.hex()])
    return Refusal(entry["name"], decode([collapse_if_tuple(part) for part in entry["inputs"]], data[4:]))


def events_of(receipt: dict[str, Any]) -> list[Event]:
    return [event_of(log) for log in receipt["logs"]]


def event_of(log: dict[str, Any]) -> Event:
    entry = _events()[bytes.fromhex(log["topics"][0][2:])]
    plain = [part for part in entry["inputs"] if not part["indexed"]]
    marked = [part for part in entry["inputs"] if part["indexed"]]
    values = dict(
        zip(
            (part["name"] for part in plain),
            decode([collapse_if_tuple(part) for part in plain], bytes.fromhex(log["data"][2:])),
            strict=True,
        )
    )
    for part, topic in zip(marked, log["topics"][1:], strict=True):
        values[part["name"]] = decode([part["type"]], bytes.fromhex(topic[2:]))[0]
    ordered = {part["name"]: values[part["name"]] for part in entry["inputs"]}
    return Event(log["address"].lower(), entry["name"], ordered)


@lru_cache(maxsize=4_096)
def _calldata(name: str, function: str, arguments: tuple[Any, ...]) -> str:
    """Remembered, since the machines of the laws ask the same after every step."""
    known = functions_of(name)[function]
    return "0x" + (known.selector + encode(known.inputs, arguments)).hex()


def _hashable(values: Iterable[Any]) -> tuple[Any, ...]:
    return tuple(_hashable(value) if isinstance(value, (list, tuple)) else value for value in values)


class Contract:
    """One deployed contract."""

    def __init__(self, name: str, address: str) -> None:
        self.name = name
        self.address = address.lower()

    def calldata(self, function: str, arguments: Iterable[Any]) -> str:
        return _calldata(self.name, function, _hashable(arguments))

    def act(self, function: str, *arguments: Any, by: str, gas: int | None = None) -> list[Event]:
        """Sends a transaction. Its events, or the contract's error raised as Refusal."""
        receipt = node.transact(by, self.address, self.calldata(function, arguments), gas and hex(gas))
        if receipt["status"] == "0x1":
            return events_of(receipt)
        raise refusal_of(node.revert_data(receipt))

    def read(self, function: str, *arguments: Any, by: str = STRANGER) -> Any:
        """Calls. One value, or a tuple of several; raises Refusal."""
        return self._answered(function, *node.call(by, self.address, self.calldata(function, arguments)))

    def read_at(self, time: int, function: str, *arguments: Any) -> Any:
        """Calls, as if a block were made at this time [unix s]."""
        asked = [(self.address, self.calldata(function, arguments))]
        return self._answered(function, *node.calls(STRANGER, asked, time)[0])

    def _answered(self, function: str, succeeded: bool, data: bytes) -> Any:
        if not succeeded:
            raise refusal_of(data)
        values = decode(functions_of(self.name)[function].outputs, data)
        return values[0] if len(values) == 1 else values


def read_all(*wanted: tuple[Any, ...]) -> list[Any]:
    """Many reads in one exchange: contract, function, arguments each."""
    asked = [(c.address, c.calldata(function, arguments)) for c, function, *arguments in wanted]
    answers = node.calls(STRANGER, asked)
    return [c._answered(function, *answer) for (c, function, *_), answer in zip(wanted, answers, strict=True)]


def deploy(name: str, *arguments: Any, by: str = STRANGER) -> Contract:
    """Deploys with the constructor's arguments."""
    inputs = next((entry["inputs"] for entry in abi_of(name) if entry["type"] == "constructor"), [])
    data = "0x" + getattr(loaded(), name).bytecode + encode([part["type"] for part in inputs], arguments).hex()
    receipt = node.transact(by, None, data)
    if receipt["status"] != "0x1":
        raise refusal_of(node.revert_data(receipt))
    return Contract(name, receipt["contractAddress"])
