"""What the outbox takes and what it answers."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from registry.domain.ids import Address, Hash32
from registry.errors import InputError, RegistryError, RejectedError

State = Literal["queued", "sent", "done", "rejected", "parked"]
JournalState = Literal["open", "done", "abandoned"]
FINAL: frozenset[State] = frozenset({"done", "rejected", "parked"})

_ID_AT = slice(4, 36)
_DAY_AT = slice(36, 68)
_MOST_CALLDATA = 120_000
"""Nodes take transactions of up to 128 KiB."""


@dataclass(frozen=True, slots=True)
class Operation:
    """One call that shall be on the chain once.

    An act's calldata begins with its header, so that the contract itself refuses the id a second time. Of any other
    call (a holder's own transfer) the id is appended to the calldata, where the contract does not read it: the
    transaction can be found again by it.

    `gas` is a bound the caller knows; with it the operation may be sent behind a predecessor that is not mined yet.
    """

    id: Hash32
    sender: Address
    target: Address
    calldata: bytes
    label: str
    depends_on: Hash32 | None = None
    journal: str | None = None
    gas: int | None = None

    def __post_init__(self) -> None:
        for name, value, length in (("id", self.id, 32), ("sender", self.sender, 20), ("target", self.target, 20)):
            if len(value) != length or not any(value):
                raise InputError(
                    f"operation {self.label!r}: {name} is 0x{value.hex()}; rule: {length} bytes that are not all zero",
                    code="operation_malformed",
                    object=self.label,
                    field=name,
                    value="0x" + value.hex(),
                )
        if not 4 <= len(self.calldata) <= _MOST_CALLDATA:
            raise InputError(
                f"operation {self.label!r}: calldata of {len(self.calldata)} bytes; rule: 4 to {_MOST_CALLDATA}",
                code="operation_malformed",
                object=self.label,
                field="calldata",
                value=len(self.calldata),
            )

    @property
    def is_act(self) -> bool:
        return self.calldata[_ID_AT] == self.id

    @property
    def payload(self) -> bytes:
        """What is sent: the id is in it, one way or the other."""
        return self.calldata if self.is_act else self.calldata + self.id

    def is_same(self, payload: bytes) -> bool:
        """Does a transaction that is on the chain say what this operation says? An act may have been begun on an
        earlier day: the legal date is left out of the comparison."""
        mine = self.payload
        if self.is_act:
            return mine[: _DAY_AT.start] + mine[_DAY_AT.stop :] == payload[: _DAY_AT.start] + payload[_DAY_AT.stop :]
        return mine == payload


@dataclass(frozen=True, slots=True)
class Outcome:
    """Where an operation stands. `error` says why it was rejected or parked."""

    id: Hash32
    label: str
    state: State
    tx: Hash32 | None = None
    block: int | None = None
    error: RegistryError | None = None


@dataclass(frozen=True, slots=True)
class Journal:
    """Long work under one key: its operations carry the key, so that the same command goes on where it stopped."""

    key: str
    kind: str
    info: dict[str, Any] = field(default_factory=dict)
    state: JournalState = "open"


def error_to_json(error: RejectedError) -> dict[str, Any]:
    values = {key: _plain(value) for key, value in error.values.items()}
    return {"code": error.code, "message": error.message, "values": values}


def error_from_json(data: dict[str, Any] | None) -> RejectedError | None:
    return None if data is None else RejectedError(data["message"], code=data["code"], values=data["values"])


def waits_for(predecessor: Hash32, reason: dict[str, Any]) -> RejectedError:
    """Why an operation is parked."""
    return RejectedError(
        f"waits for an operation that was refused: {reason['message']}",
        code="predecessor_rejected",
        values={"predecessor": "0x" + predecessor.hex(), "reason": reason["code"]},
    )


def _plain(value: Any) -> Any:
    """JSON has no bytes; big integers are safe, since only Python reads them back."""
    return "0x" + value.hex() if isinstance(value, bytes) else value
