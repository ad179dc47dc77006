"""Verifiers and what they sign: a panel of three for one type of milestones, attestations and challenges (EIP-712)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import astuple, replace
from typing import Any

from eth_account import Account
from eth_account.messages import encode_typed_data
from eth_utils import keccak

from registry.domain.attestation import NOT_REACHED as NOT_REACHED
from registry.domain.attestation import REACHED as REACHED
from registry.domain.attestation import Attestation
from registry.domain.ids import Address, Hash32
from registry.domain.raise_words import Case, RegionWord
from tests.contracts.support import node
from tests.contracts.support.contracts import Contract, Event
from tests.contracts.support.ground import FAR, REGION, Ground, header, wallet_key, wallet_of
from tests.contracts.support.node import TODAY

VERIFIERS = (911, 912, 913)
"""Parties that verify; the key of each is its first wallet's, not bound."""
KIND = 7
"""Type of the milestones that they judge."""

NOTICE = 14
"""[days] Between appointment and first vote, once the panel has cases."""

DISPUTE = keccak(text="what the dispute rests on")
COLLECTING, QUORATE, CHALLENGED, UPHELD, CLOSED = 1, 2, 3, 4, 5

_ATTESTATION = {
    "company": "address",
    "escrow": "address",
    "milestone": "uint8",
    "round": "uint16",
    "outcome": "uint8",
    "evidence": "bytes32",
    "uri": "string",
    "observedAt": "uint40",
    "expiresAt": "uint40",
}
_CHALLENGE = {"escrow": "address", "milestone": "uint8", "round": "uint16", "document": "bytes32"}


def appoint(ground: Ground, party: int, *, kind: int = KIND, key: str | None = None, **days: int) -> list[Event]:
    """The platform appoints a verifier for the ground's company; days are `from_day` and `until_day`."""
    days = {"from_day": TODAY, "until_day": FAR} | days
    stated = (ground.company.address, kind, party, key or wallet_of(party), days["from_day"], days["until_day"])
    return ground.board.act("appoint", header(), stated, by=ground.platform)


def appoint_ahead(ground: Ground, party: int, **terms: Any) -> list[Event]:
    """To a panel that has cases: from the first day that is allowed, and jumps there."""
    day = node.today() + NOTICE
    told = appoint(ground, party, from_day=day, **terms)
    node.jump_to(node.first_second_of(day))
    return told


def attestation(ground: Ground, escrow: Contract, milestone: int = 0, **changes: Any) -> Attestation:
    """That the milestone is reached, observed now, valid for an hour, in the case's round."""
    usual = Attestation(
        company=_raw(ground.company.address),
        escrow=_raw(escrow.address),
        milestone=milestone,
        round=max(1, case_of(ground, escrow, milestone).round),
        outcome=REACHED,
        evidence=Hash32(keccak(text="evidence")),
        uri="evidence/1",
        observed_at=node.now(),
        expires_at=node.now() + 3_600,
    )
    return replace(usual, **changes)


def attest(
    ground: Ground, escrow: Contract, party: int, milestone: int = 0, *, number: int = 0, **changes: Any
) -> list[Event]:
    """The verifier's attestation under its key of that number, brought by a stranger."""
    stated = attestation(ground, escrow, milestone, **changes)
    signature = signed(ground, stated, wallet_key(party, number))
    return ground.board.act("attest", astuple(stated), wallet_of(party, number), signature, by=ground.stranger)


def attest_all(ground: Ground, escrow: Contract, milestone: int = 0, parties: Sequence[int] = VERIFIERS[:2]) -> None:
    """These verifiers attest that the milestone is reached; usually as many as a quorum needs."""
    for party in parties:
        attest(ground, escrow, party, milestone)


def pass_window(ground: Ground, escrow: Contract, milestone: int = 0) -> None:
    """Jumps to the first second after the dispute window."""
    region = RegionWord.unpack(ground.regions.read("regionWord", REGION))
    node.jump_to(case_of(ground, escrow, milestone).window_ends + 1 + region.halted_for)


def rotate(ground: Ground, party: int, number: int = 1, *, old: int = 0, by: str | None = None) -> list[Event]:
    """The verifier's own act: from here on its wallet of that number signs."""
    keys = wallet_of(party, old), wallet_of(party, number)
    return ground.board.act("rotateKey", header(), ground.company.address, KIND, *keys, by=by or keys[0])


def dismiss(ground: Ground, party: int, number: int = 0) -> list[Event]:
    key = wallet_of(party, number)
    return ground.board.act("dismiss", header(), ground.company.address, KIND, key, by=ground.platform)


def challenge(
    ground: Ground,
    escrow: Contract,
    *parties: int,
    milestone: int = 0,
    round_: int = 1,
    document: bytes = DISPUTE,
    by: str | None = None,
) -> list[Event]:
    """These holders dispute the quorum, each with the signature of its first wallet, brought by a stranger."""
    wallets = [wallet_of(party) for party in parties]
    signatures = [
        signed_challenge(ground, escrow, milestone, round_, document, wallet_key(party, 0)) for party in parties
    ]
    stated = (escrow.address, milestone, document, wallets, signatures)
    return ground.board.act("challenge", *stated, by=by or ground.stranger)


def statement(ground: Ground, stated: Attestation, party: int, number: int = 0) -> tuple[Any, ...]:
    """An attestation with the key that signed it and the signature."""
    return astuple(stated), wallet_of(party, number), signed(ground, stated, wallet_key(party, number))


def signed(ground: Ground, stated: Attestation, key: bytes, **domain: Any) -> bytes:
    """`domain`: what of the board's EIP-712 domain is another one."""
    return _signed(ground, key, "Attestation", _ATTESTATION, astuple(stated), **domain)


def signed_challenge(
    ground: Ground, escrow: Contract, milestone: int, round_: int, document: bytes, key: bytes
) -> bytes:
    """A holder's signature under a challenge."""
    return _signed(ground, key, "Challenge", _CHALLENGE, (escrow.address, milestone, round_, document))


def case_of(ground: Ground, escrow: Contract, milestone: int = 0) -> Case:
    return Case.unpack(ground.board.read("caseOf", escrow.address, milestone))


def _signed(
    ground: Ground, key: bytes, kind: str, fields: Mapping[str, str], stated: tuple[Any, ...], **domain: Any
) -> bytes:
    usual = {
        "name": "Equity Attestation Board",
        "version": "1",
        "chainId": int(node.ask("eth_chainId"), 16),
        "verifyingContract": ground.board.address,
    }
    message = encode_typed_data(
        domain_data=usual | domain,
        message_types={kind: [{"name": name, "type": type_} for name, type_ in fields.items()]},
        message_data=dict(zip(fields, stated, strict=True)),
    )
    return bytes(Account.sign_message(message, key).signature)


def _raw(address: str) -> Address:
    return Address(bytes.fromhex(address[2:]))
