"""One command at work: a state of its own, the events so far, and what all acts have in common (AC-1 to AC-3)."""

from __future__ import annotations

from typing import NoReturn, Protocol

from registry.domain.args import ActHeader
from registry.domain.days import day_of
from registry.domain.events import ActRecorded, At, RegistryEvent
from registry.domain.ids import Address, Day, Hash32, Timestamp
from registry.domain.payouts import Paying
from registry.domain.raising import OfferingState, Raising
from registry.domain.register import ClassState, CompanyState, RegisterState
from registry.domain.rules import ActKind, Basis, RegistryRole

EVENT_VERSION = 1
MAX_BATCH = 200


class Refusal(Exception):
    """The contract would revert: the error's name and its arguments in order."""

    def __init__(self, name: str, *values: object) -> None:
        super().__init__(name, *values)
        self.name = name
        self.values = values


class Draft:
    """The storage a command writes to, and the log it leaves."""

    def __init__(self, state: RegisterState, actor: Address, time: Timestamp, block: int, tx: Hash32) -> None:
        self.state = state
        self.actor = actor
        self.time = time
        self.today: Day = day_of(time, state.utc_offset)
        self.events: list[RegistryEvent] = []
        self.block = block
        self._tx = tx

    def at(self, emitter: Address) -> At:
        """The place of the next event."""
        return At(self.block, self.time, self._tx, len(self.events), emitter)

    def emit(self, event: RegistryEvent) -> None:
        self.events.append(event)

    def record(
        self,
        contract: Address,
        header: ActHeader,
        kind: ActKind,
        basis: Basis = Basis.NONE,
        *,
        actor: Address | None = None,
    ) -> None:
        """Heads an act; refuses an id that is missing or was seen, a missing document, a date ahead.

        `actor` is who calls the contract, if that is another contract.
        """
        done = self.state.done.setdefault(contract, set())
        if not any(header.operation):
            raise Refusal("OperationMissing")
        if header.operation in done:
            raise Refusal("OperationDone", header.operation)
        if not any(header.document):
            raise Refusal("DocumentMissing", header.operation)
        if header.effective_on > self.today:
            raise Refusal("EffectiveInFuture", header.effective_on, self.today)
        done.add(header.operation)
        self.emit(
            ActRecorded(
                self.at(contract),
                header.operation,
                self.actor if actor is None else actor,
                EVENT_VERSION,
                kind,
                basis,
                header.effective_on,
                header.document,
            )
        )

    def company(self, address: Address) -> CompanyState:
        """The company that is called; calling anything else is a mistake of the caller, not a refusal."""
        return self.state.companies[address]

    def share_class(self, address: Address) -> ClassState:
        return self.state.classes[address]

    def offering(self, address: Address) -> OfferingState:
        return self.state.offerings[address]

    def require_registry_role(self, role: RegistryRole) -> None:
        if not self.state.roles.get(self.actor, 0) & role:
            self.refuse_actor(role)

    @property
    def raising(self) -> Raising:
        """The contracts that raises stand on; a deployment without them is never asked for one."""
        if self.state.raising is None:
            raise LookupError("this deployment has no contracts for raises")
        return self.state.raising

    @property
    def paying(self) -> Paying:
        """The contracts that pay dividends; a deployment without them is never asked for one."""
        if self.state.paying is None:
            raise LookupError("this deployment has no contracts for dividends")
        return self.state.paying

    def refuse_actor(self, role: int) -> NoReturn:
        raise Refusal("NotAuthorised", self.actor, int(role))


class Command(Protocol):
    """One call of one contract function."""

    def run(self, draft: Draft) -> None:
        """Writes to the draft as the contract writes to its storage; raises `Refusal`."""


def require_batch(count: int) -> None:
    if not 0 < count <= MAX_BATCH:
        raise Refusal("TooManyEntries", count, MAX_BATCH)
