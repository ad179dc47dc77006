"""The deployment plan as data: read, checked, and resolved the same way by every executor of it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from registry.domain.args import ActHeader, Provider
from registry.domain.days import from_date
from registry.domain.ids import Address, Day, Hash32, PartyId
from registry.domain.rules import RegistryRole
from registry.errors import InputError

DEPLOYER: Final = "deployer"
UTC_OFFSET_ARGUMENT: Final = "utc_offset"


@dataclass(frozen=True, slots=True)
class Part:
    """One contract to create; `arguments` name holders, earlier parts, or the UTC offset."""

    part: str
    contract: str
    arguments: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """The whole plan. `holders` map a key's name, `part_roles` a part's name, to the roles it ends with."""

    utc_offset: int
    parts: tuple[Part, ...]
    holders: dict[str, RegistryRole]
    part_roles: dict[str, RegistryRole]
    providers: dict[str, Provider]
    digest: Hash32

    @property
    def governor(self) -> str:
        return next(name for name, roles in self.holders.items() if RegistryRole.GOVERNOR in roles)

    def arguments_of(self, part: Part, known: Mapping[str, Address]) -> list[Address | int]:
        """The constructor's arguments; `known` has the addresses of holders and of the parts created so far."""
        return [self.utc_offset if name == UTC_OFFSET_ARGUMENT else known[name] for name in part.arguments]

    def header(self, step: str, today: Day) -> ActHeader:
        """An act of the deployment: the same step has the same operation id, the plan is its document."""
        operation = hashlib.sha256(self.digest + b"/" + step.encode()).digest()
        return ActHeader(Hash32(operation), today, self.digest)

    def grants(self) -> list[tuple[str, RegistryRole]]:
        """Roles that the governor sets, of holders and of parts; its own comes from the constructor."""
        named = [*self.holders.items(), *self.part_roles.items()]
        return [(name, roles) for name, roles in named if roles and RegistryRole.GOVERNOR not in roles]


def read_plan(data: Mapping[str, Any], text: str) -> Plan:
    """The plan from its TOML, refused where an executor could not carry it out."""
    parts = tuple(Part(item["part"], item["contract"], tuple(item["arguments"])) for item in data["contract"])
    holders = {name: _roles(f"holders.{name}", roles) for name, roles in data["holders"].items()}
    part_roles = {name: _roles(f"parts.{name}", roles) for name, roles in data.get("parts", {}).items()}
    _check_arguments(parts, set(holders))
    governors = [name for name, roles in holders.items() if RegistryRole.GOVERNOR in roles]
    if len(governors) != 1 or DEPLOYER in holders:
        raise _bad("holders", ", ".join(holders), "exactly one governor, and nothing for the deployer")
    for name, roles in part_roles.items():
        if name not in {part.part for part in parts} or RegistryRole.GOVERNOR in roles:
            raise _bad("parts", name, "a contract of the plan, which is never the governor")
    providers = {item["holder"]: _provider(item) for item in data.get("provider", [])}
    for name in providers.keys() - holders.keys():
        raise _bad("provider.holder", name, "a provider is one of the holders")
    digest = Hash32(hashlib.sha256(text.encode()).digest())
    return Plan(int(data["utc_offset"]), parts, holders, part_roles, providers, digest)


def masked_code(code: bytes, immutables: Sequence[tuple[int, int]]) -> bytes:
    """Runtime code without its immutables (start, length) and without the compiler's tail: the same everywhere."""
    bare = bytearray(code)
    for start, length in immutables:
        bare[start : start + length] = bytes(length)
    tail = int.from_bytes(bare[-2:], "big") + 2 if len(bare) > 2 else 0
    return bytes(bare[:-tail]) if 2 < tail < 128 and tail < len(bare) else bytes(bare)


def _check_arguments(parts: tuple[Part, ...], holders: set[str]) -> None:
    known = holders | {UTC_OFFSET_ARGUMENT}
    for part in parts:
        for name in part.arguments:
            if name not in known:
                raise _bad(f"contract.{part.part}.arguments", name, "an argument is a holder or an earlier part")
        if part.part in known:
            raise _bad("contract.part", part.part, "every part has a name of its own")
        known.add(part.part)


def _roles(field: str, names: list[str]) -> RegistryRole:
    roles = RegistryRole(0)
    for name in names:
        if name not in RegistryRole.__members__:
            raise _bad(field, name, f"one of {', '.join(RegistryRole.__members__)}")
        roles |= RegistryRole[name]
    return roles


def _provider(item: Mapping[str, Any]) -> Provider:
    until = item["until"]
    if not isinstance(until, date):
        raise _bad("provider.until", until, "a date")
    return Provider(PartyId(int(item["first_id"])), PartyId(int(item["last_id"])), from_date(until))


def _bad(field: str, value: object, rule: str) -> InputError:
    return InputError(
        f"deployment plan: {field} is {value!r}; rule: {rule}", code="deployment_plan", field=field, value=value
    )
