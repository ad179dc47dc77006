"""The contracts and the pure domain side by side: one command for both, and what they must agree on.

The domain's commands carry the fields of the contracts' functions, so a command is its own call; events come back as
the domain's records. Nothing is compared loosely: error names and arguments, events field by field, stored words.
"""

from __future__ import annotations

from typing import Any

from registry.domain import commands as do
from registry.domain.commands import Command
from registry.domain.events import RegistryEvent
from registry.domain.ids import Address, Hash32, PartyId
from registry.domain.payouts import Paying
from registry.domain.raising import Raising
from registry.domain.register import RegisterState
from registry.domain.state import apply, apply_all, settle
from tests.contracts.support import node
from tests.contracts.support.calls import call_of, contract_at, hexed, raw
from tests.contracts.support.contracts import Contract, Refusal, refusal_of
from tests.contracts.support.ground import Ground
from tests.contracts.support.history import to_domain
from tests.contracts.support.payout_words import of_payouts
from tests.contracts.support.signing import Signatory
from tests.contracts.support.words import compare, of_raises, of_register

Said = tuple[str, tuple[Any, ...]]
"""A refusal: the error's name and its arguments."""


class Twin:
    """The chain, the state that the commands write, and the state that follows from the chain's events."""

    def __init__(self, ground: Ground, past: list[RegistryEvent]) -> None:
        tag = ground.registry.read("bookTag")
        self.ground = ground
        self.signatory = Signatory(ground)
        parts = (ground.token, ground.regions, ground.board, ground.offerings)
        raising = Raising(*(raw(part.address) for part in parts))
        paying = Paying(*(raw(p.address) for p in (ground.distributions, ground.schedules, ground.preferences)))
        where = raw(ground.registry.address), raw(ground.factory.address), tag, node.UTC_OFFSET, raising, paying
        self.replay, self.state = RegisterState(*where), RegisterState(*where)
        self.company = raw(ground.company.address)
        self.classes = (raw(ground.common.address), raw(ground.preferred.address))
        apply_all(self.replay, past)
        apply_all(self.state, past)
        self.time = node.now()

    def contract(self, address: Address) -> Contract:
        return contract_at(self.ground, self.state, address)

    # --- a step ---

    def take(self, command: Command, actor: Address, wait: int = 1) -> Said | None:
        """One step, so many seconds after the last one."""
        try:
            self.run(command, actor, self.time + wait)
        except do.Refusal as refusal:
            return refusal.name, tuple(refusal.values)
        return None

    def run(self, command: Command, actor: Address, time: int) -> tuple[RegistryEvent, ...]:
        """Both carry the command out in the same second; both succeed alike or refuse alike, with `Refusal`."""
        self.time = time
        command = self.signatory.signed(self.state, command)
        receipt = self._send(command, actor)
        block, tx = int(receipt["blockNumber"], 16), Hash32(bytes.fromhex(receipt["transactionHash"][2:]))
        on_chain = None if receipt["status"] == "0x1" else said(refusal_of(node.revert_data(receipt)))
        try:
            outcome = do.run(self.state, command, actor, time, block=block, tx=tx)
        except do.Refusal as refusal:
            in_domain = refusal.name, tuple(refusal.values)
            assert on_chain == in_domain, f"{command}: {on_chain} on chain, {in_domain} in the domain"
            raise
        assert on_chain is None, f"{command}: {on_chain} on chain, carried out in the domain"
        events = [to_domain(log, time) for log in receipt["logs"]]
        assert events == list(outcome.events), f"{command}: {events}\n{outcome.events}"
        self.state = outcome.state
        for event in events:
            apply(self.replay, event)
        settle(self.replay)
        return outcome.events

    def _send(self, command: Command, actor: Address) -> dict[str, Any]:
        """The receipt of the command's transaction, which is carried out exactly now."""
        contract, function, arguments = call_of(self.ground, self.state, command, self.signatory.signature)
        node.next_block_at(self.time)
        return node.transact(hexed(actor), contract.address, contract.calldata(function, arguments))

    # --- what is compared after a step ---

    def compare(self, accounts: list[Address], parties: list[PartyId]) -> None:
        """Every stored word of both classes, the company, its seats, the parties, and of all that is raised."""
        assert self.replay == self.state
        assert [finding for finding in self.replay.findings if finding.is_fault] == []
        asked = self.ground, self.state, accounts, parties
        compare([*of_register(*asked), *of_raises(*asked), *of_payouts(self.ground, self.state)])


def said(refusal: Refusal) -> Said:
    """With addresses as bytes, as the domain has them."""
    values = (raw(v) if isinstance(v, str) and len(v) == 42 and v.startswith("0x") else v for v in refusal.values)
    return refusal.name, tuple(values)
