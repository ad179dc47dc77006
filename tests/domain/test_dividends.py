"""A dividend before it is paid: terms, money, the register at the record date, cancelling."""

from __future__ import annotations

from dataclasses import fields, replace

import pytest

from registry.domain import commands as do
from registry.domain.args import ZERO_ADDRESS, Consideration
from registry.domain.entitlements import accounts_to_fix, part_of, preview, summary
from registry.domain.events import Transfer
from registry.domain.events_payout import DistributionCancelled, DistributionFixed
from registry.domain.events_raise import Enrolled, SharesReserved
from registry.domain.ids import Address, PartyId
from registry.domain.moves import issued_at
from registry.domain.payout_args import DistributionPhase, DistributionTerms
from registry.domain.payout_terms import MAX_SPAN, MIN_SPAN
from tests.domain import world as w
from tests.domain.escrow_world import DAY
from tests.domain.payout_world import CAST, PAYING, PURSE, Payer, declared, dividend_terms, fixed, founded
from tests.domain.raise_cast import ISSUER
from tests.domain.test_specification import ROOT, ROWS, source

SOLD = Address(w.address("sold"))


def declaring(world: Payer, **changes: object) -> do.Declare:
    return do.Declare(w.header(), replace(dividend_terms(world), **changes))  # type: ignore[arg-type]


def announced() -> Payer:
    world = founded()
    world.announce()
    return world


# --- terms ---


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        (2, {"epoch": 0}),
        (2, {"epoch": 2}),
        (4, {"funded_by": CAST.book(1)}),
        (4, {"funded_by": w.STRANGER}),
        (5, {"total": 0}),
        (7, {"profit": 9_999}),
        (8, {"payable_from": w.START + DAY}),
        (9, {"expires_at": 0}),
        (10, {"remainder_account": w.STRANGER}),
        (11, {"scrip_price": 2**48}),
    ],
)
def test_declare__term_that_is_refused__names_its_field(field: int, changes: dict[str, int]) -> None:
    """DV-1"""
    world = announced()
    assert world.refusal(declaring(world, **changes), CAST.admin) == ("DistributionMalformed", field)


def test_declare__bounds_of_the_times__are_exact() -> None:
    """DV-1"""
    world = announced()
    record = world.state.classes[w.ORDINARY].record_times[0]
    earliest = declaring(world, payable_from=record + 1, expires_at=record + 1 + MIN_SPAN)
    too_long = declaring(world, payable_from=record + 1, expires_at=record + 2 + MAX_SPAN)
    too_short = declaring(world, payable_from=record + 1, expires_at=record + MIN_SPAN)
    for command in (too_long, too_short):
        assert world.refusal(command, CAST.admin) == ("DistributionMalformed", 9)
    assert world.refusal(declaring(world, payable_from=record), CAST.admin) == ("DistributionMalformed", 8)
    world.run(earliest, CAST.admin)
    world.stands()


def test_declare__record_date_in_this_very_second__is_not_past() -> None:
    """DV-1: a second later it is."""
    world = announced()
    command = declaring(world)
    world.at(world.state.classes[w.ORDINARY].record_times[0] + 1)
    assert world.refusal(command, CAST.admin) == ("DistributionMalformed", 2)
    world.at(world.time - 1)
    world.run(command, CAST.admin)


def test_declare__unknown_class_or_schedule_or_too_many_excluded__is_refused() -> None:
    """DV-1, DV-3"""
    world = announced()
    assert world.refusal(declaring(world, share_class=SOLD), CAST.admin) == ("ClassUnknown", SOLD)
    assert world.refusal(declaring(world, schedule=3), CAST.admin) == ("ScheduleUnknown", 3)
    many = replace(declaring(world), excluded=(CAST.book(1),) * 17)
    assert world.refusal(many, CAST.admin) == ("TooManyEntries", 17, 16)


def test_declare__by_whoever_is_not_admin__is_refused() -> None:
    """DV-1, RO-1"""
    world = announced()
    assert world.refusal(declaring(world), w.AGENT) == ("NotAuthorised", w.AGENT, 1)


def test_declare__while_the_company_migrates__is_refused() -> None:
    """DV-1: the phase, once the migrator asks."""
    world = announced()
    world.state.companies[w.COMPANY].phase = 1
    assert world.refusal(declaring(world), w.MIGRATOR) == ("PhaseForbids", 1)
    assert world.refusal(declaring(world), CAST.admin) == ("NotAuthorised", CAST.admin, 4)


def test_declare__contract_without_its_role__is_refused() -> None:
    """RO-1: dividends count towards arrears by their role in the registry."""
    world = announced()
    world.run(do.SetRoles(w.header(), PAYING.distributions, 0), w.GOVERNOR)
    assert world.refusal(declaring(world), CAST.admin) == ("NotAuthorised", PAYING.distributions, 16)


def test_terms__in_domain_contracts_and_specification__are_the_same_fields() -> None:
    """DV-1"""
    text = "".join(source(f"payout/{file.name}") for file in (ROOT / "contracts/payout").glob("*.sol"))
    refused = {int(part.split(")")[0]) for part in text.split("DistributionMalformed(")[1:]}
    table = {int(row[0]) for row in ROWS if len(row) == 4 and row[0].isdecimal() and not row[2].isdecimal()}
    assert table == refused
    assert len(fields(DistributionTerms)) == 11


# --- money ---


def test_declare__from_a_wallet__takes_the_total_at_once() -> None:
    """DV-2"""
    world = declared()
    assert world.cash(CAST.admin) == PURSE - 10_000
    assert world.cash(PAYING.distributions) == 10_000 == world.dividend().held
    assert summary(world.dividend()).unclaimed == 10_000
    world.stands()


def test_declare__from_a_book_account__enrols_itself_once() -> None:
    """DV-2, MO-3"""
    world = announced()
    first = world.run(declaring(world, funded_by=CAST.book(ISSUER)), CAST.admin)
    again = world.run(declaring(world, funded_by=CAST.book(ISSUER)), CAST.admin)
    assert [isinstance(e, Enrolled) for e in (*first, *again)].count(True) == 1
    assert world.cash(CAST.book(ISSUER)) == PURSE + 1 - 20_000
    world.stands()


def test_declare__more_money_than_there_is__is_refused() -> None:
    """DV-2: what is declared is covered."""
    world = announced()
    refusal = world.refusal(declaring(world, total=PURSE + 1), CAST.admin)
    assert refusal == ("ERC20InsufficientBalance", CAST.admin, PURSE, PURSE + 1)


# --- the register ---


def test_fix__sold_after_the_record_date__is_still_the_seller_s() -> None:
    """DV-3, RD-2, LAW-16"""
    world = declared()
    _, lines = preview(world.state, dividend_terms(world), (), world.today)
    before = [(line.row.party, line.row.shares) for line in lines]
    world.wait(DAY + 1)
    world.run(do.Transfer(w.ORDINARY, CAST.book(9), 250), CAST.account(2))
    w.issue(world, CAST.book(8), 1_000)
    world.fix()
    assert [(row.party, row.shares) for row in world.dividend().holders] == before
    world.stands()


def test_fix__accounts_of_one_party__are_added_up_and_the_first_is_paid() -> None:
    """DV-4"""
    world = fixed()
    first = world.dividend().holders[0]
    assert (first.party, first.shares, first.account) == (1, 334, CAST.wallet(1))


def test_fix__before_the_record_date_has_passed__is_refused() -> None:
    """DV-3, RD-2"""
    world = declared()
    record = world.state.classes[w.ORDINARY].record_times[0]
    command = do.FixDistribution(1, accounts_to_fix(world.state, world.dividend()))
    world.at(record)
    assert world.refusal(command) == ("RecordDateAhead", 1, record)


def test_fix__accounts_out_of_order_twice_empty_or_excluded__name_the_position() -> None:
    """DV-3"""
    world = declared(excluded=(CAST.book(9),))
    world.wait(DAY + 1)
    accounts = accounts_to_fix(world.state, world.dividend())
    assert CAST.book(9) not in accounts
    wrong = {
        1: (accounts[0], accounts[0], *accounts[1:]),
        0: (w.STRANGER, *accounts),
        len(accounts): (*accounts, CAST.book(9)),
        2: (*accounts[:2], accounts[1], *accounts[3:]),
    }
    for position, stated in wrong.items():
        assert world.refusal(do.FixDistribution(1, stated)) == ("HolderMisplaced", position)


def test_fix__somebody_left_out__is_refused() -> None:
    """DV-3"""
    world = declared()
    world.wait(DAY + 1)
    accounts = accounts_to_fix(world.state, world.dividend())
    held = sum(h.balance for h in world.state.classes[w.ORDINARY].holdings.values())
    assert world.refusal(do.FixDistribution(1, accounts[:-1])) == ("HoldersMissing", held - 3, held)


def test_fix__everybody_excluded__cancels_it() -> None:
    """DV-17"""
    world = founded()
    world.announce(share_class=w.PREFERRED)
    terms = replace(dividend_terms_of(world), share_class=w.PREFERRED)
    world.declare(terms, (CAST.book(2), CAST.book(9), CAST.book(2)))
    world.wait(DAY + 1)
    events = world.run(do.FixDistribution(1, ()), w.STRANGER)
    assert [e.returned for e in events if isinstance(e, DistributionCancelled)] == [world.dividend().terms.total]
    assert (world.dividend().phase, world.dividend().held) == (DistributionPhase.CANCELLED, 0)
    world.stands()


def dividend_terms_of(world: Payer) -> DistributionTerms:
    payable = world.time + 3 * DAY
    return DistributionTerms(w.PREFERRED, 1, 1, CAST.admin, 10_000, 0, 10_000, payable, payable + DAY)


def test_fix__what_was_issued__is_that_of_the_record_date() -> None:
    """RD-3: an issue after it fixes the supply before it, once."""
    world = declared()
    world.wait(DAY + 1)
    c = world.state.classes[w.ORDINARY]
    issued = c.issued
    w.issue(world, CAST.book(2), 5)
    world.run(do.Cancel(w.ORDINARY, w.header(), 3, Consideration(), w.entry(CAST.book(2), 2)), w.AGENT)
    c = world.state.classes[w.ORDINARY]
    assert (c.issued, issued_at(c, 1), c.word.supply_epoch, c.saved_supply) == (issued + 3, issued, 1, {1: issued})
    world.fix()
    assert world.dividend().entitled == issued
    world.stands()


# --- rates ---


def test_rate__that_the_total_covers__gives_back_the_rest() -> None:
    """DV-5: 0.0333 CNY for each of 1 750 shares."""
    world = fixed(rate=333_000_000)
    d = world.dividend()
    assert (d.declared, d.entitled) == (333 * 1_750 // 100, 1_750)
    assert world.cash(CAST.admin) == PURSE - d.declared
    assert [part_of(d, shares) for shares in (334, 250, 7)] == [1_112, 832, 23]
    world.stands()


def test_rate__that_the_total_does_not_cover__is_shared_out() -> None:
    """DV-6: 250 shares more were issued before the record date."""
    world = declared(rate=10 * 10**8, total=17_500)
    w.issue(world, CAST.book(2), 250)
    world.fix()
    d = world.dividend()
    assert (d.is_short, d.declared, d.entitled) == (True, 17_500, 2_000)
    assert part_of(d, 1_000) == 8_750
    world.stands()


def test_rate__of_nothing_for_all_together__cancels_it() -> None:
    """DV-17"""
    world = declared(rate=10**4)
    world.wait(DAY + 1)
    command = do.FixDistribution(1, accounts_to_fix(world.state, world.dividend()))
    world.run(command, w.STRANGER)
    assert world.dividend().phase == DistributionPhase.CANCELLED
    world.stands()


def test_total__shared_out__carries_less_than_a_fen_a_holder() -> None:
    """DV-5, LAW-18"""
    world = fixed(total=9)
    parts = [part_of(world.dividend(), row.shares) for row in world.rows()]
    assert sum(parts) == 7
    assert summary(world.dividend()).carried == 2


def test_preview__of_today_s_register__is_what_is_paid_then() -> None:
    """DV-5, TX-3"""
    world = declared()
    _, lines = preview(world.state, world.dividend().terms, (), world.today)
    world.fix()
    world.pay()
    assert sum(line.net for line in lines) == world.dividend().paid
    assert sum(line.tax for line in lines) == world.dividend().withheld
    nobody = preview(world.state, world.dividend().terms, accounts_to_fix(world.state, world.dividend()), world.today)
    assert nobody[1] == ()


# --- cancelled ---


def test_cancel__before_anything_was_handled__gives_all_back() -> None:
    """DV-12"""
    for world in (declared(), fixed()):
        events = world.run(do.CancelDistribution(w.header(), 1), CAST.admin)
        assert [type(e) for e in events[1:]] == [DistributionCancelled, Transfer]
        assert world.cash(CAST.admin) == PURSE
        assert summary(world.dividend()).declared == 0
        assert world.refusal(do.CancelDistribution(w.header(), 1), CAST.admin) == (
            "DistributionStateForbids",
            1,
            DistributionPhase.CANCELLED,
        )
        world.stands()


def test_cancel__once_something_was_paid__is_refused() -> None:
    """DV-12"""
    world = fixed()
    world.due()
    world.run(do.ClaimEntitlement(1, 0, world.rows(leaves=1), 2), w.STRANGER)
    assert world.refusal(do.CancelDistribution(w.header(), 1), CAST.admin) == ("PaymentsBegun", 1)
    assert world.refusal(do.CancelDistribution(w.header(), 2), CAST.admin) == ("DistributionUnknown", 2)


def test_fix__twice__is_refused() -> None:
    """DV-3"""
    world = fixed()
    assert world.refusal(do.FixDistribution(1, ()))[0] == "DistributionStateForbids"


def test_fix__after_the_payment_date__expires_as_much_later() -> None:
    """DV-10"""
    world = declared()
    d = world.dividend()
    world.at(d.terms.payable_from + 5)
    told = next(e for e in world.fix() if isinstance(e, DistributionFixed))
    assert told.expires_at == world.dividend().expires_at == d.terms.expires_at + 5
    world.stands()


# --- shares instead of cash: what is kept free ---


def test_declare__with_a_price_of_shares__keeps_them_free_once_admitted() -> None:
    """DV-16, RS-1"""
    world = announced()
    command = declaring(world, scrip_price=7)
    assert world.refusal(command, CAST.admin) == ("NotAuthorised", PAYING.distributions, 32)
    admit = do.AdmitPayouts(w.COMPANY, w.header(), PAYING.distributions)
    assert world.refusal(admit) == ("NotAuthorised", w.STRANGER, 1)
    stranger = do.AdmitPayouts(w.COMPANY, w.header(), w.STRANGER)
    assert world.refusal(stranger, CAST.admin) == ("OfferingUnknown", w.STRANGER)
    world.run(admit, CAST.admin)
    events = world.run(command, CAST.admin)
    assert [e.reserved for e in events if isinstance(e, SharesReserved)] == [10_000 // 7]
    world.run(do.CancelDistribution(w.header(), 1), CAST.admin)
    assert world.state.classes[w.ORDINARY].reserved == 0
    world.stands()


def test_declare__more_shares_than_there_is_room_for__is_refused() -> None:
    """DV-16, AU-1"""
    world = announced()
    world.run(do.AdmitPayouts(w.COMPANY, w.header(), PAYING.distributions), CAST.admin)
    refusal = world.refusal(declaring(world, scrip_price=1, total=99_000), CAST.admin)
    assert refusal == ("Refused", 19, 1 << 18, ZERO_ADDRESS, PAYING.distributions, 99_000)


def test_admit__company_that_is_not_open__is_refused() -> None:
    """DV-16"""
    world = announced()
    world.state.companies[w.COMPANY].phase = 4
    admit = do.AdmitPayouts(w.COMPANY, w.header(), PAYING.distributions)
    assert world.refusal(admit, CAST.admin) == ("PhaseForbids", 4)


def test_declare__more_units_than_64_bits__is_refused() -> None:
    """DV-16"""
    world = founded(decimals=6)
    world.announce()
    world.run(do.AdmitPayouts(w.COMPANY, w.header(), PAYING.distributions), CAST.admin)
    total = 2**63
    refusal = world.refusal(declaring(world, scrip_price=1, total=total, profit=total), CAST.admin)
    assert refusal == ("AmountTooLarge", total * 10**6)


def test_party__of_a_dividend__is_found_among_its_holders() -> None:
    """DV-4"""
    d = fixed().dividend()
    assert d.row_of(PartyId(3)) == 2
    assert d.row_of(PartyId(99)) is None
