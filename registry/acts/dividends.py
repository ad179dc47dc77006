"""Dividends up to the record date: tax schedules, reliefs, preferences, the declaration, and what takes it back.

What happens from the record date on stands in `dividend_pay`. Money in fen, rates in 10^-10 CNY for a whole share.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from registry.acts.desk import ADMIN, AGENT, PLATFORM, Desk
from registry.acts.dividend_pay import word_of
from registry.acts.dividend_terms import Declaration, require_declarable, require_registered
from registry.acts.found import events_of
from registry.acts.identity import required
from registry.acts.operations import Done, Request, carry_out, carry_out_once, header_for
from registry.chain import contracts, contracts_payout, contracts_raise
from registry.chain.decode import Kind
from registry.domain.args import ActHeader
from registry.domain.days import civil, last_second, to_date
from registry.domain.ids import BOOK, Address, Day, PartyId
from registry.domain.payout_args import DistributionTerms, TaxRule
from registry.domain.raising import WHOLE
from registry.domain.rules import CompanyRole
from registry.errors import HaltError, InputError, RejectedError


@dataclass(frozen=True, slots=True)
class Declared:
    """A dividend that is on the chain, with the number of its record date among those of the class."""

    number: int
    terms: DistributionTerms
    done: Done


# --- tax ---


def create_schedule(desk: Desk, request: Request, tax_account: Address, rules: Sequence[TaxRule]) -> tuple[int, Done]:
    """What is withheld from whom, and where it goes; it never changes. The document is the law or treaty."""
    for rule in rules:
        require_percent(rule.bps)
    require_registered(desk, tax_account, "tax_account", "that gets the tax")
    header = header_for(desk, "tax_schedule", request)
    calldata = contracts_payout.tax_schedules.create_schedule(header, tax_account, rules)
    target = desk.deployment.tax_schedules
    done = carry_out(desk, PLATFORM, target, calldata, header.operation, "create a tax schedule")
    return _number_of(desk, Kind.TAX_SCHEDULES, target, done, "ScheduleCreated", "schedule"), done


def state_relief(desk: Desk, request: Request, party: PartyId, bps: int, until: Day) -> Done:
    """What is withheld from a party until that day, instead of what schedules say. The document is the certificate.

    It takes the place of the one before, so one that is over is refused: see `withdraw_relief`."""
    require_percent(bps)
    required(desk, party)
    header = header_for(desk, "tax_relief", request)
    if _is_new(desk, desk.deployment.registry, header) and until < desk.today():
        message = "the certificate is over, and would take the place of one that counts (taken back by --withdraw)"
        raise InputError(message, code="relief_over", field="until", value=to_date(until).isoformat())
    return _state_relief(desk, header, party, bps, until)


def withdraw_relief(desk: Desk, request: Request, party: PartyId) -> Done:
    """A relief that counts ends the day before the act's. The document says why."""
    required(desk, party)
    header = header_for(desk, "tax_relief", request)
    (relief,) = desk.payouts.reliefs_of([party])
    if _is_new(desk, desk.deployment.registry, header) and relief.until_day < desk.today():
        message = f"party {party} has no tax relief that counts"
        raise InputError(message, code="relief_missing", field="party", value=party)
    return _state_relief(desk, header, party, relief.bps, Day(header.effective_on - 1))


def _state_relief(desk: Desk, header: ActHeader, party: PartyId, bps: int, until: Day) -> Done:
    calldata = contracts.registry.state_tax_relief(header, party, bps, until)
    return carry_out(desk, PLATFORM, desk.deployment.registry, calldata, header.operation, f"tax relief of {party}")


def require_percent(bps: int) -> None:
    if not 0 <= bps <= WHOLE:
        message = "a tax is from 0 to 100 percent"
        raise InputError(message, code="tax_above_whole", field="percent", value=f"{bps / 100:g}")


# --- the company ---


def set_preference(desk: Desk, request: Request, share_class: Address, rank: int, per_year: int, from_day: Day) -> Done:
    """A class is paid before others, with a cumulative rate; once, and for ever. The document is the articles."""
    if from_day > desk.today():
        message = "a preference counts from a day that is not ahead (PF-1)"
        raise InputError(message, code="from_ahead", field="from", value=to_date(from_day).isoformat())
    header = header_for(desk, "preference", request)
    calldata = contracts_payout.preferences.set_preference(header, share_class, rank, per_year, from_day)
    return carry_out(desk, ADMIN, desk.deployment.preferences, calldata, header.operation, "prefer a class")


def admit_payouts(desk: Desk, request: Request, company: Address) -> Done | None:
    """Dividends of the company may from now on deliver shares that holders choose instead of cash; cannot be undone.
    None where another act has admitted it."""
    header = header_for(desk, "admit_payouts", request)
    payouts = desk.deployment.distributions
    if _is_new(desk, company, header) and desk.reads.company_roles(company, payouts) & CompanyRole.OFFERING:
        return None
    calldata = contracts.company.admit_payouts(header, payouts)
    return carry_out(desk, ADMIN, company, calldata, header.operation, "admit dividends in shares")


def announce(desk: Desk, request: Request, share_class: Address, day: Day) -> int:
    """The number of a class's record date at the end of that day; announced if the class has none there."""
    time = last_second(day, desk.deployment.utc_offset)
    times = desk.payouts.record_times(share_class)
    if time not in times:
        if times and time < times[-1]:
            ends = civil(times[-1], desk.deployment.utc_offset)
            message = f"record dates of a class are announced in their order, and one is announced for {ends} already"
            raise InputError(message, code="record_date_order", field="record", value=to_date(day).isoformat())
        header = header_for(desk, "record_date", request)
        calldata = contracts.share_class.set_record_date(header, time)
        try:
            carry_out(desk, AGENT, share_class, calldata, header.operation, "announce a record date")
        except RejectedError:
            # Somebody else may have announced it in between.
            if time not in desk.payouts.record_times(share_class):
                raise
        times = desk.payouts.record_times(share_class)
    return times.index(time) + 1


def declare(desk: Desk, request: Request, asked: Declaration) -> Declared:
    """Takes the gross from the company's account and names the record date, which it announces if the class has none
    on that day. The document is the resolution. InputError for what cannot be, before anything is signed."""
    header = header_for(desk, "declare", request)
    target = desk.deployment.distributions
    is_new = _is_new(desk, target, header)
    if is_new:
        require_declarable(desk, asked)
    terms = _terms(desk, asked, announce(desk, request, asked.share_class, asked.record_day))
    if is_new:
        _allow(desk, asked, f"allow {header.operation.hex()}")
    calldata = contracts_payout.distributions.declare(header, terms, asked.excluded)
    done = carry_out(desk, ADMIN, target, calldata, header.operation, "declare a dividend")
    return Declared(_number_of(desk, Kind.DISTRIBUTIONS, target, done, "DistributionDeclared", "id"), terms, done)


def cancel(desk: Desk, request: Request, distribution: int) -> Done:
    """Before anything is paid or parked: all money goes back to the company. The document is the resolution."""
    word_of(desk, distribution)
    header = header_for(desk, "cancel_dividend", request)
    calldata = contracts_payout.distributions.cancel(header, distribution)
    target = desk.deployment.distributions
    return carry_out(desk, ADMIN, target, calldata, header.operation, f"cancel dividend {distribution}")


# --- holders ---


def choose_scrip(desk: Desk, distribution: int, wallet: str, chosen: bool) -> Done | None:
    """A holder's wallet chooses shares, or cash again, before the payment date. None where it is chosen already."""
    word_of(desk, distribution)
    party = desk.reads.standing_of(desk.account(wallet))[0].id

    def is_there() -> bool:
        return desk.payouts.have_chosen_scrip(distribution, [party])[0] is chosen

    calldata = contracts_payout.distributions.choose_scrip(distribution, chosen)
    work = f"scrip {desk.deployment.distributions.hex()} {distribution} {party} {chosen}"
    label = "choose shares" if chosen else "choose cash"
    return carry_out_once(desk, wallet, desk.deployment.distributions, calldata, work, label, is_there)


def choose_scrip_for(desk: Desk, request: Request, distribution: int, party: PartyId, chosen: bool) -> Done:
    """For a party without a wallet, on its signed instruction, whose hash is the act's document."""
    word_of(desk, distribution)
    required(desk, party)
    header = header_for(desk, "choose_scrip", request)
    calldata = contracts_payout.distributions.choose_scrip_for(header, distribution, party, chosen)
    target = desk.deployment.distributions
    return carry_out(desk, PLATFORM, target, calldata, header.operation, f"choice of party {party}")


# --- parts ---


def _is_new(desk: Desk, target: Address, header: ActHeader) -> bool:
    """Not begun from here, and not on the chain."""
    return desk.outbox.get(header.operation) is None and not desk.reads.is_done(target, header.operation)


def _number_of(desk: Desk, kind: Kind, target: Address, done: Done, event: str, field: str) -> int:
    found = events_of(desk.node, kind, target, done.operation, event)
    if not found:
        raise HaltError(f"the chain has no {event} of operation 0x{done.operation.hex()}")
    return int(found[0][field])


def _terms(desk: Desk, asked: Declaration, epoch: int) -> DistributionTerms:
    region = desk.raises.region_of(desk.reads.company_of(asked.share_class))
    halted = desk.node.head().time - desk.raises.clock(region)
    return DistributionTerms(
        share_class=asked.share_class,
        epoch=epoch,
        schedule=asked.schedule,
        funded_by=asked.funded_by,
        total=asked.total,
        rate=asked.rate,
        profit=asked.profit,
        payable_from=asked.pays_at - halted,
        expires_at=asked.expires_at - halted,
        remainder_account=asked.remainder_account,
        scrip_price=asked.scrip_price,
    )


def _allow(desk: Desk, asked: Declaration, work: str) -> None:
    """A wallet allows the total to be taken; out of a book account it is collected."""
    if desk.reads.standing_of(asked.funded_by)[1] == BOOK:
        return
    spender = desk.deployment.distributions
    name = next((name for name in desk.keys.names() if desk.account(name) == asked.funded_by), None)

    def is_there() -> bool:
        return desk.raises.allowance(asked.funded_by, spender) >= asked.total

    if is_there():
        return
    if name is None:
        message = "the wallet that pays has to allow it, and its key is not among the keystores"
        raise InputError(message, code="key_unknown", field="from", value="0x" + asked.funded_by.hex())
    calldata = contracts_raise.token.approve(spender, asked.total)
    carry_out_once(desk, name, desk.deployment.token, calldata, work, "allow a dividend to be taken", is_there)
