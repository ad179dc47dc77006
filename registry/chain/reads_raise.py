"""Typed reads of money, regions, raises, escrows and the board at a stated block."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from registry.chain.asking import Asking, address_of, record_of
from registry.chain.client import Block
from registry.chain.contracts import (
    BOARD,
    COMPANY,
    ESCROW,
    OFFERING,
    OFFERING_FACTORY,
    REGIONS,
    REGISTRY,
    SHARE_CLASS,
    TOKEN,
)
from registry.domain.attestation import Attestation
from registry.domain.board import Panel, judged
from registry.domain.escrow import Put, Vote
from registry.domain.ids import Address, Day, Hash32, PartyId, Shares
from registry.domain.lots import Lot
from registry.domain.raise_args import EscrowTerms, OfferingTerms, RatchetTerms
from registry.domain.raise_words import Case, Cash, Purse, RegionWord, Subscription, Totals, Tranche, Verifier


@dataclass(frozen=True, slots=True)
class AnnualUse:
    """What a party invested in a civil year [fen]: here, and elsewhere as stated until a day."""

    own: int
    outside: int
    until_day: Day


class RaiseReads(Asking):
    """Money and raises as the chain has them. `block`: a number, a hash, or None for the newest."""

    # --- money [fen] ---

    def cash_of(self, accounts: Sequence[Address], block: Block = None) -> list[Cash]:
        return [Cash.unpack(word) for word in self._paged(self.deployment.token, TOKEN["cashOf"], accounts, block)]

    def supply(self, block: Block = None) -> int:
        return int(self._money("totalSupply", block=block)[0])

    def is_money_stopped(self, block: Block = None) -> bool:
        return bool(self._money("isStopped", block=block)[0])

    def are_used(self, references: Sequence[Hash32], block: Block = None) -> list[bool]:
        """Which of the bank's references stand for a movement already."""
        answers = self._each(self.deployment.token, TOKEN["isUsed"], [(ref,) for ref in references], block)
        return [bool(used) for (used,) in answers]

    def is_authorization_used(self, account: Address, nonce: Hash32, block: Block = None) -> bool:
        """Was a signed payment (ERC-3009) used, or called back?"""
        return bool(self._money("authorizationState", account, nonce, block=block)[0])

    def allowance(self, owner: Address, spender: Address, block: Block = None) -> int:
        return int(self._money("allowance", owner, spender, block=block)[0])

    # --- regions and limits ---

    def region_word(self, region: int, block: Block = None) -> RegionWord:
        return RegionWord.unpack(self._ask(self.deployment.regions, REGIONS["regionWord"], region, block=block)[0])

    def clock(self, region: int, block: Block = None) -> int:
        """The region's clock at the block's time [s]."""
        return int(self._ask(self.deployment.regions, REGIONS["clock"], region, block=block)[0])

    def clock_at(self, region: int, time: int, block: Block = None) -> int:
        """[s] What a region's clock will show at a time, if it is neither halted nor resumed until then."""
        return self.region_word(region, block).clock_at(time)

    def annual_limit(self, block: Block = None) -> int:
        """[fen] 0: none."""
        return int(self._ask(self.deployment.registry, REGISTRY["annualLimit"], block=block)[0])

    def uses_of(self, uses: Sequence[tuple[PartyId, int]], block: Block = None) -> list[AnnualUse]:
        """Use of the annual limit by party and civil year."""
        answers = self._each(self.deployment.registry, REGISTRY["useOf"], uses, block)
        return [AnnualUse(own, outside, Day(until)) for own, outside, until in answers]

    def region_of(self, company: Address, block: Block = None) -> int:
        return int(self._ask(company, COMPANY["region"], block=block)[0])

    def reserved_shares(self, share_class: Address, block: Block = None) -> Shares:
        return Shares(self._ask(share_class, SHARE_CLASS["reservedShares"], block=block)[0])

    def share_allowance(self, share_class: Address, owner: Address, spender: Address, block: Block = None) -> int:
        return int(self._ask(share_class, SHARE_CLASS["allowance"], owner, spender, block=block)[0])

    def destination_of(self, account: Address, block: Block = None) -> Address:
        """Where what belongs to an account goes now."""
        return address_of(self._ask(self.deployment.registry, REGISTRY["destinationOf"], account, block=block)[0])

    # --- raises ---

    def offering_count(self, block: Block = None) -> int:
        return int(self._ask(self.deployment.offering_factory, OFFERING_FACTORY["offeringCount"], block=block)[0])

    def offering_number(self, offering: Address, block: Block = None) -> int:
        """0 for an address that is no raise of this registry."""
        function = OFFERING_FACTORY["numberOf"]
        return int(self._ask(self.deployment.offering_factory, function, offering, block=block)[0])

    def terms(self, offering: Address, block: Block = None) -> OfferingTerms:
        return record_of(OfferingTerms, self._ask(offering, OFFERING["terms"], block=block)[0])

    def escrow_of(self, offering: Address, block: Block = None) -> Address:
        return address_of(self._ask(offering, OFFERING["escrow"], block=block)[0])

    def totals(self, offering: Address, block: Block = None) -> Totals:
        return self.totals_of([offering], block)[0]

    def totals_of(self, offerings: Sequence[Address], block: Block = None) -> list[Totals]:
        function = OFFERING["totals"]
        answers = self._many([(offering, function.encode()) for offering in offerings], block)
        return [Totals.unpack(function.decode(answer)[0]) for answer in answers]

    def subscription(self, offering: Address, party: PartyId, block: Block = None) -> Subscription:
        return self.subscriptions_of(offering, [party], block)[0]

    def subscriptions_of(
        self, offering: Address, parties: Sequence[PartyId], block: Block = None
    ) -> list[Subscription]:
        words = self._paged(offering, OFFERING["subscriptionsOf"], parties, block)
        return [Subscription.unpack(word) for word in words]

    def broken_subscription_rules(
        self, offering: Address, account: Address, amount: int, disclosure: Hash32, block: Block = None
    ) -> int:
        """Bitmap of all rules that would refuse this subscription."""
        return int(self._ask(offering, OFFERING["brokenRules"], account, amount, disclosure, block=block)[0])

    def subscription_rules_broken_at(
        self, time: int, offering: Address, account: Address, amount: int, disclosure: Hash32
    ) -> int:
        """The same for a subscription that is sent now, and stands in a block of that time [s]."""
        return int(self._ask_at(time, offering, OFFERING["brokenRules"], account, amount, disclosure)[0])

    def lots_of(self, offering: Address, accounts: Sequence[Address], block: Block = None) -> list[Lot]:
        answers = self._each(offering, OFFERING["lotOf"], [(account,) for account in accounts], block)
        return [Lot(PartyId(party), shares, rest, principal) for party, shares, rest, principal in answers]

    # --- escrows ---

    def is_enrolled(self, account: Address, block: Block = None) -> bool:
        """Is it a raise or an escrow of this registry?"""
        return bool(self._ask(self.deployment.registry, REGISTRY["isEnrolled"], account, block=block)[0])

    def offering_of(self, escrow: Address, block: Block = None) -> Address:
        return address_of(self._ask(escrow, ESCROW["offering"], block=block)[0])

    def company_of_escrow(self, escrow: Address, block: Block = None) -> Address:
        return address_of(self._ask(escrow, ESCROW["company"], block=block)[0])

    def escrow_terms(self, escrow: Address, block: Block = None) -> EscrowTerms:
        return record_of(EscrowTerms, self._ask(escrow, ESCROW["terms"], block=block)[0])

    def ratchet_terms(self, escrow: Address, block: Block = None) -> RatchetTerms:
        return record_of(RatchetTerms, self._ask(escrow, ESCROW["ratchetTerms"], block=block)[0])

    def purse(self, escrow: Address, block: Block = None) -> Purse:
        return self.purses_of([escrow], block)[0]

    def purses_of(self, escrows: Sequence[Address], block: Block = None) -> list[Purse]:
        function = ESCROW["purse"]
        answers = self._many([(escrow, function.encode()) for escrow in escrows], block)
        return [Purse.unpack(function.decode(answer)[0]) for answer in answers]

    def claims_ends_of(self, escrows: Sequence[Address], block: Block = None) -> list[int]:
        """[s] Region clock, last second for puts; 0 until the time for claims runs."""
        function = ESCROW["claimsEnd"]
        answers = self._many([(escrow, function.encode()) for escrow in escrows], block)
        return [int(function.decode(answer)[0]) for answer in answers]

    def challenge_threshold(self, escrow: Address, block: Block = None) -> Shares:
        """[shares × 10^decimals] How many make a challenge now."""
        return Shares(self._ask(escrow, ESCROW["challengeThreshold"], block=block)[0])

    def tranches(self, escrow: Address, block: Block = None) -> list[Tranche]:
        return [Tranche.unpack(word) for word in self._ask(escrow, ESCROW["tranches"], block=block)[0]]

    def votes_of(self, escrow: Address, milestone: int, block: Block = None) -> Vote:
        yes, issued = self._ask(escrow, ESCROW["votesOf"], milestone, block=block)
        return Vote(Shares(yes), Shares(issued))

    def have_voted(
        self, escrow: Address, milestone: int, parties: Sequence[PartyId], block: Block = None
    ) -> list[bool]:
        answers = self._each(escrow, ESCROW["hasVoted"], [(milestone, party) for party in parties], block)
        return [bool(voted) for (voted,) in answers]

    def puts_of(self, escrow: Address, parties: Sequence[PartyId], block: Block = None) -> list[Put]:
        """Zero shares: none was exercised."""
        answers = self._each(escrow, ESCROW["putOf"], [(party,) for party in parties], block)
        return [Put(Shares(shares), debt, bool(is_paid)) for shares, debt, is_paid in answers]

    # --- the board ---

    def cases_of(self, escrow: Address, milestones: Sequence[int], block: Block = None) -> list[Case]:
        """As they were stored last. Phase 0: there is no such case (yet)."""
        answers = self._each(self.deployment.board, BOARD["caseOf"], [(escrow, each) for each in milestones], block)
        return [Case.unpack(word) for (word,) in answers]

    def cases_now(
        self, company: Address, escrow: Address, milestones: Sequence[int], block: Block = None, time: int | None = None
    ) -> list[Case]:
        """The same as votes and panel have them now: what became void since counts before anything else does. `time`
        [s] where it is not the block's own."""

        def now(case: Case) -> Case:
            if not case.phase:
                return case
            verifiers, struck = self.panel(company, case.kind, block)
            clock = self.clock(case.region, block) if time is None else self.clock_at(case.region, time, block)
            return judged(case, Panel(verifiers, struck), clock)

        return [now(case) for case in self.cases_of(escrow, milestones, block)]

    def are_reached(self, escrow: Address, milestones: Sequence[int], block: Block = None) -> list[bool]:
        answers = self._each(self.deployment.board, BOARD["isReached"], [(escrow, each) for each in milestones], block)
        return [bool(reached) for (reached,) in answers]

    def panel(self, company: Address, kind: int, block: Block = None) -> tuple[list[Verifier], int]:
        """All verifiers ever appointed by place, and bits of those who were dismissed or suspended."""
        members, struck, _ = self._ask(self.deployment.board, BOARD["panel"], company, kind, block=block)
        places = [(company, kind, member) for member in range(members)]
        answers = self._each(self.deployment.board, BOARD["verifier"], places, block)
        return [Verifier.unpack(word) for (word,) in answers], int(struck)

    def is_judging(self, company: Address, kind: int, block: Block = None) -> bool:
        """Did a case ever come before the panel? Then nobody is appointed without notice."""
        return bool(self._ask(self.deployment.board, BOARD["panel"], company, kind, block=block)[2])

    def digest_of(self, attestation: Attestation, block: Block = None) -> Hash32:
        """What the board expects to be signed."""
        return Hash32(self._ask(self.deployment.board, BOARD["digestOf"], attestation, block=block)[0])

    def _money(self, name: str, *arguments: Any, block: Block) -> tuple[Any, ...]:
        return self._ask(self.deployment.token, TOKEN[name], *arguments, block=block)
