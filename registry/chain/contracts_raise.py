"""Calls of the settlement money, the regions, raises, their escrows and the attestation board, as typed functions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from registry.chain.contracts import BOARD, ESCROW, OFFERING, OFFERING_FACTORY, REGIONS, TOKEN
from registry.domain.args import ActHeader
from registry.domain.attestation import Attestation, Signed
from registry.domain.ids import Address, Hash32, PartyId
from registry.domain.raise_args import Appointment, BankLine, EscrowTerms, OfferingTerms, RatchetTerms, TrancheTerms

_IN_BYTES = "receiveWithAuthorization(address,address,uint256,uint256,uint256,bytes32,bytes)"
"""The one of two that takes the signature as bytes, a contract wallet's too."""


class TokenCalls:
    """Writes of the settlement token that an account may call."""

    def mint(self, header: ActHeader, lines: Sequence[BankLine]) -> bytes:
        return TOKEN["mint"].encode(header, list(lines))

    def burn(self, header: ActHeader, lines: Sequence[BankLine]) -> bytes:
        return TOKEN["burn"].encode(header, list(lines))

    def set_stopped(self, header: ActHeader, stopped: bool) -> bytes:
        return TOKEN["setStopped"].encode(header, stopped)

    def set_frozen(self, header: ActHeader, account: Address, frozen: bool) -> bytes:
        return TOKEN["setFrozen"].encode(header, account, frozen)

    def transfer(self, taker: Address, amount: int) -> bytes:
        return TOKEN["transfer"].encode(taker, amount)

    def transfer_from(self, giver: Address, taker: Address, amount: int) -> bytes:
        return TOKEN["transferFrom"].encode(giver, taker, amount)

    def approve(self, spender: Address, amount: int) -> bytes:
        return TOKEN["approve"].encode(spender, amount)

    def permit(
        self, owner: Address, spender: Address, amount: int, deadline: int, v: int, r: Hash32, s: Hash32
    ) -> bytes:
        return TOKEN["permit"].encode(owner, spender, amount, deadline, v, r, s)

    def transfer_with_authorization(
        self,
        giver: Address,
        taker: Address,
        amount: int,
        valid_after: int,
        valid_before: int,
        nonce: Hash32,
        v: int,
        r: Hash32,
        s: Hash32,
    ) -> bytes:
        return TOKEN["transferWithAuthorization"].encode(
            giver, taker, amount, valid_after, valid_before, nonce, v, r, s
        )

    def receive_with_authorization(
        self,
        giver: Address,
        taker: Address,
        amount: int,
        valid_after: int,
        valid_before: int,
        nonce: Hash32,
        signature: bytes,
    ) -> bytes:
        return TOKEN[_IN_BYTES].encode(giver, taker, amount, valid_after, valid_before, nonce, signature)

    def cancel_authorization(self, authorizer: Address, nonce: Hash32, v: int, r: Hash32, s: Hash32) -> bytes:
        return TOKEN["cancelAuthorization"].encode(authorizer, nonce, v, r, s)


class RegionsCalls:
    """Writes of the regions."""

    def set_scheme(
        self, header: ActHeader, region: int, version: int, raise_ceiling: int, investor_ceiling: int
    ) -> bytes:
        return REGIONS["setScheme"].encode(header, region, version, raise_ceiling, investor_ceiling)

    def set_halted(self, header: ActHeader, region: int, halted: bool) -> bytes:
        return REGIONS["setHalted"].encode(header, region, halted)


class OfferingFactoryCalls:
    """Writes of the factory of raises."""

    def create_offering(
        self,
        header: ActHeader,
        terms: OfferingTerms,
        escrow: EscrowTerms,
        tranches: Sequence[TrancheTerms],
        ratchet: RatchetTerms,
    ) -> bytes:
        return OFFERING_FACTORY["createOffering"].encode(header, terms, escrow, list(tranches), ratchet)


class OfferingCalls:
    """Writes of a raise that an account may call."""

    def open(self, header: ActHeader) -> bytes:
        return OFFERING["open"].encode(header)

    def cancel(self, header: ActHeader) -> bytes:
        return OFFERING["cancel"].encode(header)

    def stop(self, header: ActHeader) -> bytes:
        return OFFERING["stop"].encode(header)

    def close(self) -> bytes:
        return OFFERING["close"].encode()

    def verify_cut(self, parties: Sequence[PartyId], last: PartyId) -> bytes:
        return OFFERING["verifyCut"].encode(list(parties), last)

    def allot(self, accounts: Sequence[Address]) -> bytes:
        return OFFERING["allot"].encode(list(accounts))

    def fail(self) -> bytes:
        return OFFERING["fail"].encode()

    def refund(self, accounts: Sequence[Address]) -> bytes:
        return OFFERING["refund"].encode(list(accounts))

    def subscribe(
        self, account: Address, amount: int, disclosure: Hash32, salt: Hash32, valid_before: int, signature: bytes
    ) -> bytes:
        return OFFERING["subscribe"].encode(account, amount, disclosure, salt, valid_before, signature)

    def subscribe_for(self, header: ActHeader, account: Address, amount: int, disclosure: Hash32) -> bytes:
        return OFFERING["subscribeFor"].encode(header, account, amount, disclosure)

    def withdraw(self, account: Address) -> bytes:
        return OFFERING["withdraw"].encode(account)

    def withdraw_for(self, header: ActHeader, account: Address) -> bytes:
        return OFFERING["withdrawFor"].encode(header, account)


class EscrowCalls:
    """Writes of an escrow that an account may call."""

    def release(self, milestone: int) -> bytes:
        return ESCROW["release"].encode(milestone)

    def miss(self, milestone: int) -> bytes:
        return ESCROW["miss"].encode(milestone)

    def close_vote(self, milestone: int) -> bytes:
        return ESCROW["closeVote"].encode(milestone)

    def redeem(self, accounts: Sequence[Address]) -> bytes:
        return ESCROW["redeem"].encode(list(accounts))

    def lapse(self, accounts: Sequence[Address]) -> bytes:
        return ESCROW["lapse"].encode(list(accounts))

    def pay_put(self, account: Address) -> bytes:
        return ESCROW["payPut"].encode(account)

    def deliver_ratchet(self, accounts: Sequence[Address]) -> bytes:
        return ESCROW["deliverRatchet"].encode(list(accounts))

    def consent(self, milestone: int, account: Address) -> bytes:
        return ESCROW["consent"].encode(milestone, account)

    def consent_for(self, header: ActHeader, milestone: int, account: Address) -> bytes:
        return ESCROW["consentFor"].encode(header, milestone, account)

    def exercise_put(self, account: Address) -> bytes:
        return ESCROW["exercisePut"].encode(account)

    def exercise_put_for(self, header: ActHeader, account: Address) -> bytes:
        return ESCROW["exercisePutFor"].encode(header, account)


class BoardCalls:
    """Writes of the attestation board that an account may call."""

    def appoint(self, header: ActHeader, appointment: Appointment) -> bytes:
        return BOARD["appoint"].encode(header, appointment)

    def rotate_key(self, header: ActHeader, company: Address, kind: int, old: Address, new: Address) -> bytes:
        return BOARD["rotateKey"].encode(header, company, kind, old, new)

    def dismiss(self, header: ActHeader, company: Address, kind: int, key: Address) -> bytes:
        return BOARD["dismiss"].encode(header, company, kind, key)

    def attest(self, attestation: Attestation, key: Address, signature: bytes) -> bytes:
        return BOARD["attest"].encode(attestation, key, signature)

    def accuse(self, first: Signed, second: Signed) -> bytes:
        return BOARD["accuse"].encode(first, second)

    def retract(self, escrow: Address, milestone: int) -> bytes:
        return BOARD["retract"].encode(escrow, milestone)

    def recheck(self, escrow: Address, milestone: int) -> bytes:
        return BOARD["recheck"].encode(escrow, milestone)

    def challenge(
        self,
        escrow: Address,
        milestone: int,
        document: Hash32,
        wallets: Sequence[Address],
        signatures: Sequence[bytes],
    ) -> bytes:
        return BOARD["challenge"].encode(escrow, milestone, document, list(wallets), list(signatures))

    def challenge_by_regulator(self, header: ActHeader, escrow: Address, milestone: int) -> bytes:
        return BOARD["challengeByRegulator"].encode(header, escrow, milestone)

    def decide(self, header: ActHeader, escrow: Address, milestone: int, upheld: bool) -> bytes:
        return BOARD["decide"].encode(header, escrow, milestone, upheld)

    def decide_by_silence(self, escrow: Address, milestone: int) -> bytes:
        return BOARD["decideBySilence"].encode(escrow, milestone)


token: Final = TokenCalls()
regions: Final = RegionsCalls()
offering_factory: Final = OfferingFactoryCalls()
offering: Final = OfferingCalls()
escrow: Final = EscrowCalls()
board: Final = BoardCalls()
