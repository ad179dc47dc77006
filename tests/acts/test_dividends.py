"""Dividends as acts: declared and covered, paid once each, parked and cured, lapsed; what cannot be is named."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest

from registry.acts import bank, dividend_bank, dividend_pay, dividends, identity, shares
from registry.acts.company import create_company
from registry.acts.dividend_terms import preview, read_schedule
from registry.acts.raise_table import TermsRefused
from registry.chain.anvil import Anvil
from registry.domain.args import ClassTerms, CompanyTerms, Entry
from registry.domain.entitlements import tax_on
from registry.domain.ids import Address, Day, PartyId, Shares
from registry.domain.payout_args import DistributionPhase, Settlement, TaxRule
from registry.domain.raise_args import BankLine
from registry.errors import InputError, RejectedError
from tests.support.dividend_bench import (
    ABROAD,
    ALICE,
    BO,
    DAY,
    FUND,
    HELD,
    ISSUER,
    OFFICE,
    PROFIT,
    RATE,
    RULES,
    DividendBench,
)
from tests.support.registry_home import ROOT, desk_of, furnished

EXAMPLE = ROOT / "examples" / "dividends" / "tax-cn.toml"
UTC8 = 28_800
KEYS = (f"dividend {n}" for n in itertools.count())
TAXES = {ALICE: 2_000, BO: 2_000, FUND: 0, ABROAD: 1_000}


def gross_of(party: PartyId) -> int:
    return HELD[party] * RATE // 10**8


@pytest.fixture(scope="module")
def bench(module_anvil: Anvil, tmp_path_factory: pytest.TempPathFactory) -> Iterator[DividendBench]:
    with desk_of(furnished(tmp_path_factory.mktemp("dividends") / "home", module_anvil)) as desk:
        yield DividendBench(desk).furnish()


def test_life__of_a_dividend__is_paid_to_the_fen_once_each(bench: DividendBench) -> None:
    desk = bench.desk
    before = {party: bench.balance(party) for party in (*HELD, ISSUER, OFFICE)}
    asked = bench.asked()
    seen = preview(desk, asked)
    first = dividends.declare(desk, bench.request("life"), asked)
    assert dividends.declare(desk, bench.request("life"), asked) == first
    assert bench.balance(ISSUER) == before[ISSUER] - asked.total
    with pytest.raises(InputError) as ahead:
        dividend_pay.fix(desk, first.number)
    assert ahead.value.code == "record_date_ahead"
    bench.later(3 * DAY)
    assert dividend_pay.fix(desk, first.number) is not None
    assert dividend_pay.fix(desk, first.number) is None
    assert dividend_pay.claim(desk, first.number, FUND) is not None
    done = dividend_pay.pay(desk, first.number)
    head = desk.node.head()
    assert dividend_pay.pay(desk, first.number) == done
    assert desk.node.head() == head
    taxes = {party: tax_on(gross_of(party), TAXES[party]) for party in HELD}
    assert {party: bench.balance(party) - before[party] for party in HELD} == {
        party: gross_of(party) - taxes[party] for party in HELD
    }
    assert [(line.gross, line.tax) for line in seen.lines] == [(gross_of(party), taxes[party]) for party in HELD]
    assert (done.rows[Settlement.PAID], done.money.unclaimed) == (4, 0)
    assert done.money.declared == RATE * 1_000 // 10**8
    assert done.money.is_whole
    assert dividend_pay.remit(desk, first.number) is not None
    assert dividend_pay.close(desk, first.number) is not None
    assert bench.balance(OFFICE) - before[OFFICE] == sum(taxes.values())
    assert before[ISSUER] - bench.balance(ISSUER) == sum(gross_of(party) for party in HELD)
    assert dividend_pay.served(desk, first.number).money.is_whole


def test_parked__party_frozen_when_it_is_paid__gets_it_once_released_also_after_the_close(bench: DividendBench) -> None:
    desk, key = bench.desk, next(KEYS)
    number = bench.fixed(key)
    identity.freeze(desk, bench.request(f"freeze {key}"), BO, True)
    before = bench.balance(BO)
    served = dividend_pay.pay(desk, number)
    assert (served.rows[Settlement.PAID], served.rows[Settlement.PARKED]) == (3, 1)
    assert served.money.parked == gross_of(BO)
    assert dividend_pay.claim(desk, number, BO) is None
    bench.later(60 * DAY)
    dividend_pay.close(desk, number)
    identity.freeze(desk, bench.request(f"release {key}"), BO, False)
    cured = dividend_pay.pay(desk, number)
    assert (cured.rows[Settlement.PAID], cured.money.parked, cured.phase) == (4, 0, DistributionPhase.CLOSED)
    assert bench.balance(BO) - before == gross_of(BO) - tax_on(gross_of(BO), TAXES[BO])


def test_lapse__after_the_expiry__what_nobody_claimed_goes_back(bench: DividendBench) -> None:
    desk = bench.desk
    number = bench.fixed(next(KEYS))
    dividend_pay.claim(desk, number, ALICE)
    with pytest.raises(RejectedError) as early:
        dividend_pay.lapse(desk, number)
    assert early.value.code == "NotDue"
    bench.later(40 * DAY)
    head = desk.node.head()
    late = dividend_pay.pay(desk, number)
    assert (late.rows[Settlement.NONE], desk.node.head()) == (3, head)
    assert dividend_pay.claim(desk, number, FUND) is None
    before = bench.balance(ISSUER)
    lapsed = dividend_pay.lapse(desk, number)
    assert lapsed.rows[Settlement.LAPSED] == 3
    assert lapsed.money.lapsed == lapsed.money.unclaimed == bench.balance(ISSUER) - before
    dividend_pay.close(desk, number)


def test_cancel__before_anything_is_paid__all_money_comes_back(bench: DividendBench) -> None:
    before = bench.balance(ISSUER)
    number = bench.declared(next(KEYS), total=1_000_00, rate=0)
    dividends.cancel(bench.desk, bench.request(f"cancel {number}"), number)
    assert bench.balance(ISSUER) == before
    assert dividend_pay.served(bench.desk, number).phase == DistributionPhase.CANCELLED


def test_declare__paid_by_a_wallet__is_allowed_first(bench: DividendBench) -> None:
    desk = bench.desk
    admin = desk.account("company_admin")
    with pytest.raises(InputError) as poor:
        bench.declared(next(KEYS), funded_by=admin)
    assert poor.value.code == "money_missing"
    bench.deposit(777_00)
    line = BankLine(admin, 600_00, shares.reference("to the wallet"))
    bank.mint(desk, bench.request("to the wallet"), [line])
    number = bench.declared(next(KEYS), funded_by=admin)
    assert desk.payouts.distribution(number).funded_by == admin
    dividends.cancel(desk, bench.request(f"cancel {number}"), number)


def test_selling_and_buying__after_the_record_date__changes_no_part(bench: DividendBench) -> None:
    desk, key = bench.desk, next(KEYS)
    number = bench.declared(key)
    bench.later(3 * DAY)
    shares.transfer(desk, f"sale {key}", bench.share_class, "alice", bench.account(FUND), Shares(100))
    dividend_pay.fix(desk, number)
    held = {line.holder.party: line.holder.shares for line in dividend_pay.lines_of(desk, number)}
    assert held == HELD
    dividends.cancel(desk, bench.request(f"cancel {number}"), number)
    request = bench.request(f"back {key}")
    shares.transfer_for(desk, request, bench.share_class, desk.book(FUND), Entry(bench.account(ALICE), Shares(100)))


def test_relief__of_a_party__goes_before_the_schedule(bench: DividendBench) -> None:
    desk = bench.desk
    dividends.state_relief(desk, bench.request("relief"), ABROAD, 500, Day(desk.today() + 2))
    seen = preview(desk, bench.asked())
    assert {line.party: line.bps for line in seen.lines} == TAXES | {ABROAD: 500}
    with pytest.raises(InputError) as refused:
        dividends.state_relief(desk, bench.request("too much"), ABROAD, 10_001, Day(desk.today() + 2))
    assert (refused.value.code, refused.value.value) == ("tax_above_whole", "100.01")


def test_scrip__chosen_by_wallet_and_on_instruction__comes_as_shares_with_cash_for_the_rest(
    bench: DividendBench,
) -> None:
    desk, key = bench.desk, next(KEYS)
    dividends.admit_payouts(desk, bench.request("admit"), bench.company)
    number = bench.declared(key, scrip_price=2_00)
    chosen = dividends.choose_scrip(desk, number, "alice", True)
    assert chosen is not None
    assert dividends.choose_scrip(desk, number, "alice", True) == chosen
    dividends.choose_scrip_for(desk, bench.request(f"choice {key}"), number, FUND, True)
    bench.later(3 * DAY)
    dividend_pay.fix(desk, number)
    before, cash = desk.reads.holding(bench.share_class, bench.account(ALICE)).balance, bench.balance(ALICE)
    served = dividend_pay.pay(desk, number)
    net = gross_of(ALICE) - tax_on(gross_of(ALICE), TAXES[ALICE])
    assert desk.reads.holding(bench.share_class, bench.account(ALICE)).balance - before == net // 2_00
    assert bench.balance(ALICE) - cash == net % 2_00
    assert served.money.is_whole
    dividend_pay.close(desk, number)
    # What was issued is taken back, so that others see the register that they expect.
    for party in (ALICE, FUND):
        _give_back(bench, party, key)


def _give_back(bench: DividendBench, party: PartyId, key: str) -> None:
    desk, account = bench.desk, bench.account(party)
    more = Shares(desk.reads.holding(bench.share_class, account).balance - HELD[party])
    if party == ALICE:
        shares.transfer(desk, f"own {key}", bench.share_class, "alice", desk.book(ALICE), more)
    shares.cancel(desk, bench.request(f"end {key} {party}"), bench.share_class, "cancel", Entry(desk.book(party), more))


def test_orders__for_book_accounts__have_a_reference_each_and_leave_out_what_was_burned(bench: DividendBench) -> None:
    desk = bench.desk
    number = bench.fixed(next(KEYS))
    assert dividend_bank.orders_of(desk, number).orders == ()
    dividend_pay.pay(desk, number)
    orders = dividend_bank.orders_of(desk, number).orders
    assert [(o.reference, o.account, o.amount) for o in orders] == [
        (f"DV{number}-P12", "P12", gross_of(FUND)),
        (f"DV{number}-P13", "P13", gross_of(ABROAD) - tax_on(gross_of(ABROAD), TAXES[ABROAD])),
    ]
    line = BankLine(desk.book(FUND), orders[0].amount, shares.reference(orders[0].reference))
    bank.burn(desk, bench.request(f"burn {number}"), [line])
    assert dividend_bank.orders_of(desk, number).orders == orders[1:]


@pytest.mark.parametrize(
    ("changed", "code", "field"),
    [
        ({"rate": 0, "total": 0}, "amount_indivisible", "total"),
        ({"rate": 1, "total": 100}, "amount_indivisible", "rate"),
        ({"rate": 0, "total": 1}, "amount_indivisible", "total"),
        ({"record_day": Day(20_000)}, "record_date_past", "record"),
        ({"expires_at": 1}, "expiry_before_payment", "expires"),
        ({"pays_at": 2**37, "expires_at": 2**37 + 86_399}, "expiry_too_soon", "expires"),
        ({"expires_at": 2**37}, "expiry_too_late", "expires"),
        ({"pays_at": 1}, "payment_before_record_date", "pays"),
        ({"profit": 499_99}, "profit_too_small", "profit"),
        ({"schedule": 99}, "schedule_unknown", "schedule"),
        ({"currency": "EUR"}, "currency_unknown", "currency"),
        ({"share_class": Address(b"\x77" * 20)}, "class_unknown", "class"),
        ({"remainder_account": Address(b"\x77" * 20)}, "account_unknown", "remainder"),
        ({"funded_by": Address(b"\x77" * 20)}, "funding_account", "from"),
        ({"total": PROFIT}, "money_missing", "from"),
        ({"total": 123_44}, "total_too_small", "total"),
        ({"excluded": (Address(b"\x77" * 20),) * 17}, "too_many_entries", "exclude"),
        ({"excluded": (Address(b"\x77" * 20),)}, "account_unknown", "exclude"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_declare__what_cannot_be__is_named_before_money_moves(
    bench: DividendBench, changed: dict[str, object], code: str, field: str
) -> None:
    head = bench.desk.node.head()
    with pytest.raises(InputError) as refused:
        bench.declared(next(KEYS), **changed)
    assert (refused.value.code, refused.value.field) == (code, field)
    assert bench.desk.node.head() == head


def test_declare__nobody_has_a_part__is_named(bench: DividendBench) -> None:
    everybody = tuple(bench.account(party) for party in HELD)
    with pytest.raises(InputError) as nobody:
        bench.declared(next(KEYS), excluded=everybody)
    assert nobody.value.code == "nobody_entitled"


@pytest.mark.parametrize(
    ("account", "code", "value"),
    [
        (PartyId(4_242), "party_unknown", "4242"),
        (Address(b"\x77" * 20), "account_unknown", "0x" + "77" * 20),
    ],
)
def test_schedule__tax_for_nobody__is_named_as_it_was_given_before_anything_is_sent(
    bench: DividendBench, account: PartyId | Address, code: str, value: str
) -> None:
    desk = bench.desk
    head, collector = desk.node.head(), account if isinstance(account, bytes) else desk.book(account)
    with pytest.raises(InputError) as refused:
        dividends.create_schedule(desk, bench.request(next(KEYS)), collector, RULES)
    assert (refused.value.code, refused.value.field, refused.value.value) == (code, "tax_account", value)
    assert (desk.node.head(), "0x" in refused.value.message) == (head, False)


def test_dividend__unknown_or_without_a_part_of_the_party__is_named(bench: DividendBench) -> None:
    with pytest.raises(InputError) as unknown:
        dividend_pay.pay(bench.desk, 999)
    assert unknown.value.code == "dividend_unknown"
    number = bench.fixed(next(KEYS))
    with pytest.raises(InputError) as nothing:
        dividend_pay.claim(bench.desk, number, OFFICE)
    assert nothing.value.code == "no_entitlement"
    dividends.cancel(bench.desk, bench.request(f"cancel {number}"), number)


def test_pay__a_holder_of_a_category_without_a_rule__is_taxed_as_everybody_else(bench: DividendBench) -> None:
    """What keeps nobody beside it from being paid."""
    desk, key = bench.desk, next(KEYS)
    number = bench.fixed(key)
    identity.set_standing(desk, bench.request(f"founder {key}"), FUND, identity.Standing(category=1))
    served = dividend_pay.pay(desk, number)
    assert served.rows[Settlement.PAID] == 4
    desk.catch_up()
    (line,) = (each for each in desk.queries.dividend_lines(number).items if each.party == FUND)
    assert (line.bps, line.tax) == (1_500, (line.gross * 1_500 + 5_000) // 10_000)
    identity.set_standing(desk, bench.request(f"fund {key}"), FUND, identity.Standing(category=4))


def test_preference__with_arrears__comes_before_the_others(bench: DividendBench) -> None:
    desk = bench.desk
    terms = CompanyTerms("Preferred Ltd", 1, 310, 200)
    classes = [ClassTerms("Preferred", "PREF", Shares(1_000), 0, 0b111110)]
    created, _ = create_company(desk, bench.request("preferred"), terms, classes)
    dividends.set_preference(
        desk, bench.request("prefer"), created.classes[0], 1, 4_800_000_000, Day(desk.today() - 365)
    )
    found = desk.payouts.preference_of(created.classes[0])
    shares.issue(desk, bench.request("first"), created.classes[0], [Entry(bench.account(ALICE), Shares(1_000))])
    head = desk.node.head()
    with pytest.raises(RejectedError) as migrating:
        bench.declared(next(KEYS), share_class=created.classes[0])
    assert (migrating.value.code, desk.node.head()) == ("NotAuthorised", head)
    assert (found.rank, desk.payouts.arrears_of(created.classes[0], desk.today())) == (1, 4_800_000_000)
    with pytest.raises(InputError) as refused:
        bench.declared(next(KEYS), share_class=created.classes[0], rate=0)
    assert refused.value.code == "rate_missing"


def test_example__of_a_tax_schedule__is_read_exactly() -> None:
    read = read_schedule(EXAMPLE, UTC8)
    assert read.account == 2
    assert TaxRule(3, 156, 2_000) in read.rules
    assert TaxRule(4, 0, 1_000) in read.rules
    assert TaxRule(0, 0, 2_000) in read.rules


@pytest.mark.parametrize(
    ("old", "new", "field"),
    [
        ('percent = "10"', 'percent = "100.01"', "rule[7].percent"),
        ('category = "treasury"', 'category = "king"', "rule[8].category"),
        ("residence = 156", "residence = 1000", "rule[0].residence"),
        ("tax_account = 2", "account = 2", "tax_account"),
        ('category = "employee"\nresidence = 156', 'category = "founder"\nresidence = 156', "rule[1]"),
        ('\n[[rule]]\npercent = "20"\n', "", "rule"),
        ('[[rule]]\npercent = "20"\n', '[[rule]]\nresidence = 702\npercent = "20"\n', "rule[9]"),
    ],
)
def test_schedule__what_cannot_be__is_named_with_its_field(tmp_path: Path, old: str, new: str, field: str) -> None:
    text = EXAMPLE.read_text()
    assert old in text
    file = tmp_path / "tax.toml"
    file.write_text(text.replace(old, new, 1))
    with pytest.raises(TermsRefused) as refused:
        read_schedule(file, UTC8)
    assert field in {problem.field for problem in refused.value.problems}


def test_pages__of_more_holders_than_one_takes__go_on_where_they_stopped(anvil: Anvil, tmp_path: Path) -> None:
    with desk_of(furnished(tmp_path / "home", anvil)) as desk:
        bench = DividendBench(desk).furnish(more=200)
        number = bench.fixed()
        seen: list[tuple[str, int, int]] = []

        class Died(Exception):
            pass

        def die(label: str, done: int, total: int) -> None:
            seen.append((label, done, total))
            if done:
                raise Died

        with pytest.raises(Died):
            dividend_pay.pay(desk, number, die)
        assert seen == [("paid", 0, 204), ("paid", 192, 204)]
        assert dividend_pay.served(desk, number).rows[Settlement.PAID] == 192
        assert dividend_pay.pay(desk, number).rows[Settlement.PAID] == 204


def test_fix__nobody_holds_anything_any_more__money_goes_back_once(bench: DividendBench) -> None:
    """DV-17: a second call, as after a crash, finds it done; nothing else is open to it."""
    desk, spent = bench.desk, 500_00
    (before,) = desk.raises.cash_of([desk.book(ISSUER)])
    number = bench.emptied(next(KEYS))
    assert desk.raises.cash_of([desk.book(ISSUER)])[0].balance == before.balance - spent
    assert dividend_pay.fix(desk, number) is not None
    assert desk.payouts.distribution(number).state == DistributionPhase.CANCELLED
    head = desk.node.head()
    assert dividend_pay.fix(desk, number) is None
    for act in (dividend_pay.pay, dividend_pay.close, dividend_pay.remit):
        with pytest.raises(RejectedError) as over:
            act(desk, number)
        assert over.value.code == "DistributionStateForbids"
    assert desk.node.head() == head
    assert desk.raises.cash_of([desk.book(ISSUER)]) == [before]
    desk.catch_up()
    assert desk.queries.distribution(number).phase == DistributionPhase.CANCELLED
