"""Raises: their regions, creation, admission, opening, and the ends that refund everybody. Subscribers stand in
`subscribing`, the closing in `settling`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from registry.acts.desk import ADMIN, PLATFORM, PROVIDER, REGULATOR, Desk
from registry.acts.operations import Done, Request, carry_out, header_for
from registry.chain import contracts, contracts_raise
from registry.chain.raise_logs import offerings_created
from registry.domain.events_raise import OfferingCreated
from registry.domain.ids import Address, Day, PartyId
from registry.domain.raise_args import EscrowTerms, OfferingTerms, RatchetTerms, TrancheTerms
from registry.errors import HaltError, InputError


@dataclass(frozen=True, slots=True)
class Raise:
    """One raise with its contracts and its terms, and the block in which it was created."""

    number: int
    offering: Address
    escrow: Address
    terms: OfferingTerms
    since: int

    @property
    def company(self) -> Address:
        return self.terms.company


@dataclass(frozen=True, slots=True)
class RaiseTerms:
    """All that is fixed when a raise is created."""

    offering: OfferingTerms
    escrow: EscrowTerms
    tranches: tuple[TrancheTerms, ...]
    ratchet: RatchetTerms = RatchetTerms()


def find_raise(desk: Desk, text: str) -> Raise:
    """By number, or by the address of the raise or of its escrow."""
    known = all_raises(desk)
    if text.isascii() and text.isdigit() and len(text) < 10:
        found = [item for item in known if item.number == int(text)]
    elif text[:2] in {"0x", "0X"} and len(text) == 42:
        found = [item for item in known if text.lower() in {f"0x{item.offering.hex()}", f"0x{item.escrow.hex()}"}]
    else:
        message = "a raise is named by its number or its address"
        raise InputError(message, code="raise_malformed", field="raise", value=text)
    if not found:
        numbers = ", ".join(str(item.number) for item in known) or "none"
        message = f"there is no such raise; there are: {numbers}"
        raise InputError(message, code="raise_unknown", field="raise", value=text)
    return found[0]


def all_raises(desk: Desk) -> list[Raise]:
    """Oldest first."""
    return [_raise_of(event) for event in offerings_created(desk.node, desk.deployment)]


def set_scheme(
    desk: Desk, request: Request, region: int, version: int, raise_ceiling: int, investor_ceiling: int
) -> Done:
    """Ceilings of a region [fen]: of one raise, and of one investor in it (0: none). The document is the scheme."""
    header = header_for(desk, "scheme", request)
    calldata = contracts_raise.regions.set_scheme(header, region, version, raise_ceiling, investor_ceiling)
    label = f"scheme of region {region}"
    return carry_out(desk, REGULATOR, desk.deployment.regions, calldata, header.operation, label)


def set_halted(desk: Desk, request: Request, region: int, halted: bool) -> Done:
    """Every clock of a region stands still, or goes on."""
    header = header_for(desk, "halt", request)
    calldata = contracts_raise.regions.set_halted(header, region, halted)
    label = f"{'halt' if halted else 'resume'} region {region}"
    return carry_out(desk, REGULATOR, desk.deployment.regions, calldata, header.operation, label)


def set_annual_limit(desk: Desk, request: Request, limit: int) -> Done:
    """Most that one individual may invest in a civil year [fen], over all companies; 0 lifts it."""
    header = header_for(desk, "annual_limit", request)
    calldata = contracts.registry.set_annual_limit(header, limit)
    return carry_out(desk, REGULATOR, desk.deployment.registry, calldata, header.operation, "annual limit")


def state_outside_use(desk: Desk, request: Request, party: PartyId, year: int, amount: int, until: Day) -> Done:
    """What a party invested in a civil year through other registries [fen], as attested; counts until that day."""
    header = header_for(desk, "outside_use", request)
    calldata = contracts.registry.state_outside_use(header, party, year, amount, until)
    label = f"outside use of {party}"
    return carry_out(desk, PROVIDER, desk.deployment.registry, calldata, header.operation, label)


def create_raise(desk: Desk, request: Request, terms: RaiseTerms) -> tuple[Raise, Done]:
    """A draft with its escrow; it binds nobody until the company admits it."""
    header = header_for(desk, "create_raise", request)
    calldata = contracts_raise.offering_factory.create_offering(
        header, terms.offering, terms.escrow, terms.tranches, terms.ratchet
    )
    done = carry_out(desk, PLATFORM, desk.deployment.offering_factory, calldata, header.operation, "create a raise")
    created = [item for item in offerings_created(desk.node, desk.deployment) if item.at.tx == done.tx]
    if not created:
        raise HaltError(f"the chain has no raise created by operation 0x{done.operation.hex()}")
    return _raise_of(created[0]), done


def admit_raise(desk: Desk, request: Request, target: Raise) -> Done:
    """The company agrees to the raise; from then on it may keep seats and shares free."""
    header = header_for(desk, "admit_raise", request)
    calldata = contracts.company.admit_offering(header, target.offering)
    label = f"admit raise {target.number}"
    return carry_out(desk, ADMIN, target.company, calldata, header.operation, label)


def open_raise(desk: Desk, request: Request, target: Raise) -> Done:
    """Subscriptions are taken from the window's first second on."""
    header = header_for(desk, "open_raise", request)
    calldata = contracts_raise.offering.open(header)
    return carry_out(desk, PLATFORM, target.offering, calldata, header.operation, f"open raise {target.number}")


def cancel_raise(desk: Desk, request: Request, target: Raise, *, by_company: bool = False) -> Done:
    """Until something is allotted: the raise fails, everybody is refunded."""
    header = header_for(desk, "cancel_raise", request)
    calldata = contracts_raise.offering.cancel(header)
    signer = ADMIN if by_company else PLATFORM
    return carry_out(desk, signer, target.offering, calldata, header.operation, f"cancel raise {target.number}")


def stop_raise(desk: Desk, request: Request, target: Raise) -> Done:
    """The regulator's end of a raise, until something is allotted: everybody is refunded."""
    header = header_for(desk, "stop_raise", request)
    calldata = contracts_raise.offering.stop(header)
    return carry_out(desk, REGULATOR, target.offering, calldata, header.operation, f"stop raise {target.number}")


def _raise_of(event: OfferingCreated) -> Raise:
    names: Sequence[str] = list(OfferingTerms.__dataclass_fields__)
    terms = OfferingTerms(**{name: getattr(event, name) for name in names})
    return Raise(event.number, event.offering, event.escrow, terms, event.at.block)
