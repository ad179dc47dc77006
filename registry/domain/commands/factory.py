"""The command of the OfferingFactory: a raise with its escrow, all terms checked."""

from __future__ import annotations

from dataclasses import astuple, dataclass

from registry.domain.args import ActHeader
from registry.domain.commands.draft import Draft, Refusal
from registry.domain.commands.escrow import initialise
from registry.domain.commands.identity import enrol
from registry.domain.escrow import EscrowState, RatchetSource
from registry.domain.events_raise import OfferingCreated, OfferingPhaseChanged
from registry.domain.ids import Address
from registry.domain.raise_args import EscrowTerms, OfferingTerms, RatchetTerms, TrancheTerms
from registry.domain.raise_terms import (
    escrow_fault,
    net,
    offering_fault,
    ratchet_fault,
    schedule_fault,
    tranche_fault,
)
from registry.domain.raise_words import Totals
from registry.domain.raising import OfferingPhase, OfferingState
from registry.domain.rules import ActKind, RegistryRole


@dataclass(frozen=True, slots=True)
class CreateOffering:
    """PLATFORM. The draft binds nobody until the company admits it.

    `created` and `created_escrow` are the addresses that the chain gave, or would give, to the clones.
    """

    header: ActHeader
    terms: OfferingTerms
    escrow_terms: EscrowTerms
    tranches: tuple[TrancheTerms, ...]
    ratchet: RatchetTerms
    created: Address
    created_escrow: Address

    def run(self, draft: Draft) -> None:
        draft.require_registry_role(RegistryRole.PLATFORM)
        self._check(draft)
        factory = draft.raising.offering_factory
        draft.record(factory, self.header, ActKind.CREATE_OFFERING)
        number, t = len(draft.state.offerings) + 1, self.terms
        draft.emit(OfferingCreated(draft.at(factory), self.created, self.created_escrow, number, *astuple(t)))
        enrol(draft, self.created)
        enrol(draft, self.created_escrow)
        o = OfferingState(self.created, self.created_escrow, number, t, Totals(phase=OfferingPhase.DRAFT))
        draft.state.offerings[o.address] = o
        draft.emit(OfferingPhaseChanged(draft.at(o.address), OfferingPhase.DRAFT))
        escrow = EscrowState(self.created_escrow, o.address, t.company, t.share_class, t.region)
        draft.state.escrows[escrow.address] = escrow
        initialise(draft, escrow, self.escrow_terms, self.tranches, self.ratchet)

    def _check(self, draft: Draft) -> None:
        t, state = self.terms, draft.state
        if field := offering_fault(state, t, draft.time):
            raise Refusal("OfferingMalformed", field)
        if field := escrow_fault(state, self.escrow_terms):
            raise Refusal("EscrowMalformed", field)
        for milestone, tranche in enumerate(self.tranches):
            if field := tranche_fault(t, self.escrow_terms, tranche):
                raise Refusal("TrancheMalformed", milestone, field)
        if fault := schedule_fault(self.tranches, net(t.minimum, t.fee_bps), net(t.maximum, t.fee_bps)):
            raise Refusal("ScheduleDoesNotAddUp", *fault)
        if self.ratchet.source != RatchetSource.NONE and (
            field := ratchet_fault(state, self.ratchet, len(self.tranches))
        ):
            raise Refusal("RatchetMalformed", field)
