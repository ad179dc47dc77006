"""Signatures that commands state, made with real keys: good ones, and somebody else's where the command says so."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

from eth_abi import encode
from eth_account import Account
from eth_utils import keccak

from registry.domain import commands as do
from registry.domain.attestation import Signed
from registry.domain.commands import Command
from registry.domain.ids import Address, Hash32
from registry.domain.register import RegisterState
from tests.contracts.support.attesting import signed, signed_challenge
from tests.contracts.support.calls import hexed, plain, raw
from tests.contracts.support.contracts import Contract
from tests.contracts.support.ground import Ground
from tests.contracts.support.paying import authorisation, signed_money

_KEYS: dict[Address, bytes] = {}
FORGER = keccak(text="forger")


@cache
def address_of(key: bytes) -> Address:
    """Of a private key, which is remembered for signatures."""
    address = raw(Account.from_key(key).address)
    _KEYS[address] = key
    return address


def key_of(address: Address) -> bytes:
    """A forger's for an address without a known key, such as a book account."""
    return _KEYS.get(address, FORGER)


class Signatory:
    """Signs for whoever has a key."""

    def __init__(self, ground: Ground) -> None:
        self.ground = ground

    def signed(self, state: RegisterState, command: Command) -> Command:
        """The command with the signatures that it carries."""
        if isinstance(command, do.Subscribe):
            return self._subscription(command)
        if isinstance(command, do.Attest):
            key = key_of(command.key) if command.is_signed else FORGER
            return replace(command, signature=signed(self.ground, command.attestation, key))
        if isinstance(command, do.Accuse):
            return self._accusation(command)
        return self._challenge(state, command) if isinstance(command, do.Challenge) else command

    def _subscription(self, c: do.Subscribe) -> do.Subscribe:
        nonce = keccak(encode(["bytes32", "bytes32"], [c.disclosure, c.salt]))
        key = key_of(c.account) if c.is_signed else FORGER
        ends = hexed(c.account), hexed(c.offering)
        signature = authorisation(self.ground, key, *ends, c.amount, nonce, valid_before=c.valid_before)
        return replace(c, signature=signature)

    def _accusation(self, c: do.Accuse) -> do.Accuse:
        first, second = (self._statement(s, c.forged) for s in (c.first, c.second))
        digests = tuple(Hash32(self.ground.board.read("digestOf", plain(s.attestation))) for s in (c.first, c.second))
        return replace(c, first=first, second=second, digests=digests)

    def _statement(self, s: Signed, forged: tuple[Address, ...]) -> Signed:
        key = FORGER if s.key in forged else key_of(s.key)
        return replace(s, signature=signed(self.ground, s.attestation, key))

    def _challenge(self, state: RegisterState, c: do.Challenge) -> do.Challenge:
        case = state.board.cases.get((c.escrow, c.milestone))
        escrow, round_ = Contract("MilestoneEscrow", hexed(c.escrow)), case.round if case else 1
        keys = [FORGER if wallet in c.forged else key_of(wallet) for wallet in c.wallets]
        signatures = (signed_challenge(self.ground, escrow, c.milestone, round_, c.document, key) for key in keys)
        return replace(c, signatures=tuple(signatures))

    # --- settlement money: signatures that the command does not carry ---

    def signature(self, command: Command) -> tuple[int, bytes, bytes]:
        """v, r, s."""
        packed = self._permit(command) if isinstance(command, do.PermitMoney) else self._authorisation(command)
        return packed[64], packed[:32], packed[32:64]

    def _permit(self, c: do.PermitMoney) -> bytes:
        fields = dict.fromkeys(("owner", "spender"), "address")
        fields |= dict.fromkeys(("value", "nonce", "deadline"), "uint256")
        nonce = self.ground.token.read("nonces", hexed(c.owner))
        stated = (hexed(c.owner), hexed(c.spender), c.amount, nonce, c.deadline)
        return signed_money(self.ground, key_of(c.signer), "Permit", fields, dict(zip(fields, stated, strict=True)))

    def _authorisation(self, c: Command) -> bytes:
        assert isinstance(c, (do.SendAuthorised, do.ReceiveAuthorised, do.CancelAuthorisation))
        key = key_of(c.giver) if c.is_signed else FORGER
        if isinstance(c, do.CancelAuthorisation):
            fields = {"authorizer": "address", "nonce": "bytes32"}
            stated = {"authorizer": hexed(c.giver), "nonce": c.nonce}
            return signed_money(self.ground, key, "CancelAuthorization", fields, stated)
        is_sent = isinstance(c, do.SendAuthorised)
        return authorisation(
            self.ground,
            key,
            hexed(c.giver),
            hexed(c.taker),
            c.amount,
            c.nonce,
            valid_after=c.valid_after,
            valid_before=c.valid_before,
            kind="TransferWithAuthorization" if is_sent else "ReceiveWithAuthorization",
        )
