"""Calls and errors by their ABI: domain records in, bytes out, and back. Knows no contract by name."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Sequence
from typing import Any

from eth_abi.abi import decode, encode
from eth_abi.exceptions import DecodingError, EncodingError
from eth_utils.crypto import keccak

from registry.chain.artifacts import Artifact
from registry.domain.words import Charter, ClassWord, Holding, PartyWord
from registry.errors import HaltError, InputError

_WORDS = (PartyWord, Holding, ClassWord, Charter)


class Function:
    """One function of a contract."""

    __slots__ = ("_inputs", "_names", "_outputs", "name", "selector")

    def __init__(self, item: dict[str, Any]) -> None:
        self.name = str(item["name"])
        self._inputs = [canonical(part) for part in item["inputs"]]
        self._names = [str(part["name"]) for part in item["inputs"]]
        self._outputs = [canonical(part) for part in item["outputs"]]
        self.selector = selector(item)

    def encode(self, *arguments: Any) -> bytes:
        """Selector and arguments. A value that does not fit its field is an InputError naming the function."""
        try:
            return self.selector + encode(self._inputs, [plain(argument) for argument in arguments])
        except (EncodingError, OverflowError) as error:
            given = ", ".join(f"{name}={value!r}"[:80] for name, value in zip(self._names, arguments, strict=False))
            raise InputError(
                f"{self.name}({given}) cannot be written as a call: {error}",
                code="value_out_of_range",
                object=self.name,
                value=given,
            ) from error

    def decode(self, answer: bytes) -> tuple[Any, ...]:
        try:
            return decode(self._outputs, answer)
        except DecodingError as error:
            raise HaltError(
                f"{self.name}: the contract answered {answer[:64].hex()!r}, not what it promises"
            ) from error


class Interface:
    """The functions of one contract by name; those that share a name by their whole signature."""

    def __init__(self, artifact: Artifact) -> None:
        self.artifact = artifact
        items = [item for item in artifact.abi if item["type"] == "function"]
        bearers = Counter(item["name"] for item in items)
        self._functions = {
            item["name"] if bearers[item["name"]] == 1 else signature(item): Function(item) for item in items
        }

    def __getitem__(self, name: str) -> Function:
        return self._functions[name]

    @property
    def names(self) -> frozenset[str]:
        return frozenset(self._functions)

    def writes(self) -> frozenset[str]:
        views = {"view", "pure"}
        return frozenset(
            item["name"]
            for item in self.artifact.abi
            if item["type"] == "function" and item["stateMutability"] not in views
        )

    def topic(self, event: str) -> bytes:
        """First topic of an event's logs."""
        item = next(item for item in self.artifact.abi if item["type"] == "event" and item["name"] == event)
        return keccak(text=signature(item))


class ErrorTable:
    """Custom errors by selector, gathered from several contracts: a revert of an inner call arrives as it was."""

    def __init__(self, artifacts: Sequence[Artifact]) -> None:
        items = [item for artifact in artifacts for item in artifact.abi if item["type"] == "error"]
        self._items = {selector(item): item for item in items}
        self._items[selector(_PANIC)] = _PANIC
        self._items[selector(_ERROR)] = _ERROR

    @property
    def names(self) -> frozenset[str]:
        return frozenset(str(item["name"]) for item in self._items.values())

    def decode(self, data: bytes) -> tuple[str, dict[str, Any]] | None:
        """Name and values, or None for bytes that are none of these errors."""
        item = self._items.get(data[:4])
        if item is None:
            return None
        try:
            values = decode([canonical(part) for part in item["inputs"]], data[4:])
        except DecodingError:
            return None
        return str(item["name"]), {part["name"]: value for part, value in zip(item["inputs"], values, strict=True)}


_PANIC = {"name": "Panic", "type": "error", "inputs": [{"name": "code", "type": "uint256"}]}
_ERROR = {"name": "Error", "type": "error", "inputs": [{"name": "message", "type": "string"}]}


def canonical(part: dict[str, Any]) -> str:
    kind = str(part["type"])
    if kind.startswith("tuple"):
        return "(" + ",".join(canonical(inner) for inner in part["components"]) + ")" + kind.removeprefix("tuple")
    return kind


def signature(item: dict[str, Any]) -> str:
    return f"{item['name']}({','.join(canonical(part) for part in item['inputs'])})"


def selector(item: dict[str, Any]) -> bytes:
    return keccak(text=signature(item))[:4]


def plain(value: Any) -> Any:
    """Domain records as the ABI takes them: words as integers, other records as tuples in the order of their fields."""
    if isinstance(value, _WORDS):
        return value.pack()
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return tuple(plain(getattr(value, field.name)) for field in dataclasses.fields(value))
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    return value
