"""The compiled contracts as they are packaged: ABI, code, which of its bytes differ from deployment to deployment."""

from __future__ import annotations

import json
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from eth_utils.crypto import keccak

from registry.domain.deployment import masked_code
from registry.domain.ids import Hash32
from registry.errors import HaltError


@dataclass(frozen=True, slots=True)
class Artifact:
    """One compiled contract."""

    name: str
    abi: tuple[dict[str, Any], ...]
    bytecode: bytes
    runtime: bytes
    immutables: tuple[tuple[int, int], ...]

    def masked(self, code: bytes) -> bytes:
        return masked_code(code, self.immutables)

    def code_hash(self, code: bytes | None = None) -> Hash32:
        return Hash32(keccak(self.masked(self.runtime if code is None else code)))


@cache
def load(name: str) -> Artifact:
    """A packaged artifact by the contract's name."""
    file = files("registry").joinpath("artifacts", f"{name}.json")
    try:
        data = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise HaltError(f"no packaged artifact of a contract {name!r}; `make contracts` packages them") from error
    return Artifact(
        name=data["contractName"],
        abi=tuple(data["abi"]),
        bytecode=bytes.fromhex(data["bytecode"][2:]),
        runtime=bytes.fromhex(data["deployedBytecode"][2:]),
        immutables=tuple((spot["start"], spot["length"]) for spot in data["immutableReferences"]),
    )


@cache
def deployment_plan() -> tuple[str, dict[str, Any]]:
    """Text and content of the packaged deployment plan."""
    text = files("registry").joinpath("artifacts", "deployment.toml").read_text(encoding="utf-8")
    return text, tomllib.loads(text)
