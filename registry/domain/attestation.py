"""What a verifier states about a milestone, or about a month's figures: signed as typed data for one board."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from registry.domain.ids import Address, Hash32
from registry.errors import InputError

REACHED: Final = 1
NOT_REACHED: Final = 2

_MAX_UINT40 = 2**40 - 1


@dataclass(frozen=True, slots=True)
class Attestation:
    """A statement of one verifier about one milestone in one round.

    `evidence` is the hash of what it rests on, `uri` where that is kept. `observed_at` [unix s] is when the fact was
    observed; after `expires_at` [unix s] the statement is not valid any more.
    """

    company: Address
    escrow: Address
    milestone: int
    round: int
    outcome: int
    evidence: Hash32
    uri: str
    observed_at: int
    expires_at: int

    def check(self) -> None:
        """Before it is signed: InputError names the field that no board would take."""
        _bytes("attestation", "company", self.company, 20)
        _bytes("attestation", "escrow", self.escrow, 20)
        _bytes("attestation", "evidence", self.evidence, 32)
        _number("attestation", "milestone", self.milestone, 0, 255)
        _number("attestation", "round", self.round, 1, 65_535)
        _number("attestation", "outcome", self.outcome, REACHED, NOT_REACHED)
        _number("attestation", "observed_at", self.observed_at, 1, _MAX_UINT40)
        _number("attestation", "expires_at", self.expires_at, self.observed_at + 1, _MAX_UINT40)


@dataclass(frozen=True, slots=True)
class Signed:
    """An attestation as one key signed it (ECDSA, or ERC-1271)."""

    attestation: Attestation
    key: Address
    signature: bytes


@dataclass(frozen=True, slots=True)
class Disclosure:
    """A verifier's statement that a record holds a company's figures of one month.

    `month` is year × 100 + month, `record` the hash of the figures' canonical JSON.
    """

    company: Address
    month: int
    record: Hash32

    def check(self) -> None:
        """Before it is signed: InputError names the field that says nothing."""
        _bytes("disclosure", "company", self.company, 20)
        _bytes("disclosure", "record", self.record, 32)
        _number("disclosure", "month", self.month, 190_001, 999_912)
        _number("disclosure", "month of the year", self.month % 100, 1, 12)


def _bytes(what: str, field: str, value: bytes, length: int) -> None:
    if len(value) != length or not any(value):
        _refuse(what, field, "0x" + value.hex(), f"{length} bytes that are not all zero")


def _number(what: str, field: str, value: int, least: int, most: int) -> None:
    if not least <= value <= most:
        _refuse(what, field, value, f"{least} to {most}")


def _refuse(what: str, field: str, value: object, rule: str) -> None:
    raise InputError(
        f"{what}: {field} is {value}; rule: {rule}", code=f"{what}_malformed", object=what, field=field, value=value
    )
