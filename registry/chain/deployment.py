"""What is deployed where: the identity of a registry on its chain, kept as deployment.json in the home directory."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from registry.domain.ids import Address, Hash32
from registry.errors import HaltError, Unavailable

NEEDED = frozenset(
    {
        *("registry", "factory", "token", "regions", "board", "offering_factory"),
        *("tax_schedules", "preferences", "distributions"),
    }
)
"""Parts without which nothing of a deployment can be read."""


@dataclass(frozen=True, slots=True)
class Deployed:
    """One contract of the deployment. `code_hash` is over the masked runtime code."""

    contract: str
    address: Address
    code_hash: Hash32
    block: int


@dataclass(frozen=True, slots=True)
class Deployment:
    """Chain and contracts. `contracts` is keyed by the part a contract plays: registry, factory, company, …"""

    chain_id: int
    genesis_hash: Hash32
    contracts: dict[str, Deployed]
    utc_offset: int

    @property
    def registry(self) -> Address:
        return self.contracts["registry"].address

    @property
    def factory(self) -> Address:
        return self.contracts["factory"].address

    @property
    def token(self) -> Address:
        return self.contracts["token"].address

    @property
    def regions(self) -> Address:
        return self.contracts["regions"].address

    @property
    def board(self) -> Address:
        return self.contracts["board"].address

    @property
    def offering_factory(self) -> Address:
        return self.contracts["offering_factory"].address

    @property
    def tax_schedules(self) -> Address:
        return self.contracts["tax_schedules"].address

    @property
    def preferences(self) -> Address:
        return self.contracts["preferences"].address

    @property
    def distributions(self) -> Address:
        return self.contracts["distributions"].address

    @property
    def first_block(self) -> int:
        """No log of ours is older."""
        return min(deployed.block for deployed in self.contracts.values())

    def as_json(self) -> dict[str, Any]:
        return {
            "chain_id": self.chain_id,
            "genesis_hash": "0x" + self.genesis_hash.hex(),
            "contracts": {
                part: {
                    "contract": deployed.contract,
                    "address": "0x" + deployed.address.hex(),
                    "code_hash": "0x" + deployed.code_hash.hex(),
                    "block": deployed.block,
                }
                for part, deployed in self.contracts.items()
            },
            "utc_offset": self.utc_offset,
        }

    def save(self, path: Path) -> None:
        """Whole or not at all."""
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft = path.with_name(f".{path.name}.{os.getpid()}")
        with draft.open("w", encoding="utf-8") as file:
            file.write(json.dumps(self.as_json(), indent=1) + "\n")
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)

    @classmethod
    def load(cls, path: Path) -> Deployment:
        try:
            data = json.loads(path.read_text(encoding="utf-8"))
            found = cls.from_json(data)
            missing = NEEDED - found.contracts.keys()
            if missing:
                raise ValueError(f"without {' and '.join(sorted(missing))}")
            return found
        except FileNotFoundError as error:
            raise Unavailable(f"nothing is deployed yet: there is no {path}; `equity deploy` makes it") from error
        except OSError as error:
            raise Unavailable(f"{path} cannot be read: {error.strerror}") from error
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            raise HaltError(f"{path} is not a deployment: {type(error).__name__} {error}") from error

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Deployment:
        return cls(
            chain_id=int(data["chain_id"]),
            genesis_hash=Hash32(_bytes(data["genesis_hash"], 32)),
            contracts={
                part: Deployed(
                    contract=str(item["contract"]),
                    address=Address(_bytes(item["address"], 20)),
                    code_hash=Hash32(_bytes(item["code_hash"], 32)),
                    block=int(item["block"]),
                )
                for part, item in data["contracts"].items()
            },
            utc_offset=int(data["utc_offset"]),
        )


def _bytes(text: str, length: int) -> bytes:
    value = bytes.fromhex(text.removeprefix("0x"))
    if len(value) != length:
        raise ValueError(f"{text!r} is not {length} bytes")
    return value
