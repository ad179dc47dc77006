"""Typed reads of the contracts at a stated block: words unpacked, many in one request."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from eth_utils.crypto import keccak

from registry.chain.asking import Asking, address_of
from registry.chain.client import Block
from registry.chain.contracts import COMPANY, FACTORY, REGISTRY, SHARE_CLASS
from registry.chain.deployment import Deployment
from registry.domain.args import Provider
from registry.domain.ids import Address, Day, Hash32, PartyId, Shares
from registry.domain.register import Seat
from registry.domain.words import Charter, ClassWord, Holding, PartyWord


class ChainReads(Asking):
    """The register as the chain has it. `block`: a number, a hash, or None for the newest."""

    # --- any contract with acts ---

    def is_done(self, target: Address, operation: Hash32, block: Block = None) -> bool:
        return bool(self._ask(target, REGISTRY["isDone"], operation, block=block)[0])

    def are_done(self, operations: Sequence[tuple[Address, Hash32]], block: Block = None) -> list[bool]:
        function = REGISTRY["isDone"]
        calls = [(target, function.encode(operation)) for target, operation in operations]
        return [bool(function.decode(answer)[0]) for answer in self._many(calls, block)]

    # --- identity ---

    def party_word(self, party: PartyId, block: Block = None) -> PartyWord:
        """Word with id 0 for a party that is not registered."""
        return self.party_words([party], block)[0]

    def party_words(self, parties: Sequence[PartyId], block: Block = None) -> list[PartyWord]:
        answers = self._each(self.deployment.registry, REGISTRY["partyWord"], [(party,) for party in parties], block)
        return [PartyWord.unpack(word) for (word,) in answers]

    def standing_of(self, account: Address, block: Block = None) -> tuple[PartyWord, int]:
        """The party behind an account and the account's number (8: book account); id 0 if unknown."""
        word = self._registry("standingOf", account, block=block)[0]
        return PartyWord.unpack(word), word >> 184 & 0xFF

    def standings_of(self, accounts: Sequence[Address], block: Block = None) -> list[tuple[PartyWord, int]]:
        words = self._paged(self.deployment.registry, REGISTRY["standingsOf"], accounts, block)
        return [(PartyWord.unpack(word), word >> 184 & 0xFF) for word in words]

    def registry_roles(self, account: Address, block: Block = None) -> int:
        return int(self._registry("rolesOf", account, block=block)[0])

    def provider(self, account: Address, block: Block = None) -> Provider | None:
        first, last, until = self._registry("providers", account, block=block)
        return Provider(PartyId(first), PartyId(last), Day(until)) if first else None

    def book_account(self, party: PartyId) -> Address:
        """Computed, not asked: the tag of this chain's registry and the party's id."""
        return book_account(self.deployment, party)

    # --- companies ---

    def company_count(self, block: Block = None) -> int:
        return int(self._ask(self.deployment.factory, FACTORY["companyCount"], block=block)[0])

    def company_number(self, company: Address, block: Block = None) -> int:
        """0 for an address that is no company of this registry."""
        return int(self._ask(self.deployment.factory, FACTORY["numberOf"], company, block=block)[0])

    def company_name(self, company: Address, block: Block = None) -> str:
        return str(self._ask(company, COMPANY["name"], block=block)[0])

    def charter(self, company: Address, block: Block = None) -> Charter:
        return Charter.unpack(self._ask(company, COMPANY["charter"], block=block)[0])

    def classes(self, company: Address, block: Block = None) -> list[Address]:
        return [address_of(text) for text in self._ask(company, COMPANY["classes"], block=block)[0]]

    def company_roles(self, company: Address, account: Address, block: Block = None) -> int:
        return int(self._ask(company, COMPANY["rolesOf"], account, block=block)[0])

    def seat_of(self, company: Address, party: PartyId, block: Block = None) -> Seat:
        return self.seats_of(company, [party], block)[0]

    def seats_of(self, company: Address, parties: Sequence[PartyId], block: Block = None) -> list[Seat]:
        return [Seat.unpack(word) for word in self._paged(company, COMPANY["seatsOf"], parties, block)]

    # --- classes ---

    def company_of(self, share_class: Address, block: Block = None) -> Address:
        return address_of(self._ask(share_class, SHARE_CLASS["company"], block=block)[0])

    def class_word(self, share_class: Address, block: Block = None) -> ClassWord:
        return ClassWord.unpack(self._ask(share_class, SHARE_CLASS["classWord"], block=block)[0])

    def class_name(self, share_class: Address, block: Block = None) -> tuple[str, str]:
        """Name and symbol."""
        name = self._ask(share_class, SHARE_CLASS["name"], block=block)[0]
        return str(name), str(self._ask(share_class, SHARE_CLASS["symbol"], block=block)[0])

    def holding(self, share_class: Address, account: Address, block: Block = None) -> Holding:
        return self.holdings_of(share_class, [account], block)[0]

    def holdings_of(self, share_class: Address, accounts: Sequence[Address], block: Block = None) -> list[Holding]:
        return [Holding.unpack(word) for word in self._paged(share_class, SHARE_CLASS["holdingsOf"], accounts, block)]

    def balance_at(self, share_class: Address, account: Address, epoch: int, block: Block = None) -> Shares:
        return Shares(self._ask(share_class, SHARE_CLASS["balanceAt"], account, epoch, block=block)[0])

    def broken_rules(
        self, share_class: Address, giver: Address, taker: Address, shares: int, block: Block = None
    ) -> int:
        """Bitmap of the rules that would refuse a holder's transfer."""
        function = SHARE_CLASS["brokenRules"]
        return int(self._ask(share_class, function, giver, taker, shares, block=block)[0])

    def rules_broken_at(self, time: int, share_class: Address, giver: Address, taker: Address, shares: int) -> int:
        """The same for a transfer that is sent now, and stands in a block of that time [s]."""
        return int(self._ask_at(time, share_class, SHARE_CLASS["brokenRules"], giver, taker, shares)[0])

    def broken_issue_rules(self, share_class: Address, taker: Address, shares: int, block: Block = None) -> int:
        function = SHARE_CLASS["brokenIssueRules"]
        return int(self._ask(share_class, function, taker, shares, block=block)[0])

    def _registry(self, name: str, *arguments: Any, block: Block) -> tuple[Any, ...]:
        return self._ask(self.deployment.registry, REGISTRY[name], *arguments, block=block)


def book_account(deployment: Deployment, party: PartyId) -> Address:
    """The account without a key in which a party holds shares: 16 bytes of tag, 4 bytes of id."""
    preimage = deployment.chain_id.to_bytes(32, "big") + bytes(12) + deployment.registry
    return Address(keccak(preimage)[:16] + party.to_bytes(4, "big"))
