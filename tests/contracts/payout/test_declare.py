"""Declaring a dividend: what its terms must be, whose money it takes, what is refused before anything moves (DV)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.contracts.support import node
from tests.contracts.support.calls import plain, raw
from tests.contracts.support.contracts import Contract, deploy
from tests.contracts.support.expect import raises
from tests.contracts.support.ground import (
    ALICE,
    COMMON,
    actor,
    found,
    header,
    wallet_of,
)
from tests.contracts.support.node import DAY
from tests.contracts.support.payout import (
    CANCELLED,
    CHEST,
    DECLARED,
    OFFICE,
    UNIT,
    Dividend,
    Payouts,
    event,
    refused_at,
)
from tests.contracts.support.raising import ISSUER, clock, halt, mint, money

LIMIT = 2**64 - 1


@pytest.fixture
def dividend(payouts: Payouts) -> Dividend:
    return payouts.declare()


def test_declare__a_total__is_taken_at_once_and_kept(payouts: Payouts) -> None:
    head, terms = header(), payouts.terms()
    events = payouts.contract.act("declare", head, plain(terms), [], by=payouts.admin)
    assert event(events, "ActRecorded")["document"] == head[2]
    told = event(events, "DistributionDeclared")
    assert (told["id"], told["terms"], told["excluded"]) == (1, plain(terms), ())
    assert money(payouts.ground, payouts.admin) == CHEST - terms.total
    d = Dividend(payouts, terms, 1).now()
    assert (d.state, d.declared, d.rate, d.epoch, d.schedule) == (DECLARED, terms.total, 0, terms.epoch, 1)
    assert (d.payableFrom, d.expiresAt) == (terms.payable_from, terms.expires_at)
    payouts.covered()


def test_declare__a_second_one__has_its_own_number_and_money(payouts: Payouts) -> None:
    first = payouts.declare()
    second = payouts.declare(epoch=first.terms.epoch, total=7)
    assert (first.id, second.id, payouts.contract.read("distributionCount")) == (1, 2, 2)
    assert second.now().declared == 7
    payouts.covered()


def test_declare__from_the_book_account_of_the_company__collects(payouts: Payouts) -> None:
    book = payouts.ground.book(ISSUER)
    assert not payouts.ground.registry.read("isEnrolled", payouts.contract.address)
    for turn in (1, 2):
        dividend = payouts.declare(funded_by=raw(book), total=1_000)
        assert money(payouts.ground, book) == CHEST - 1_000 * turn
        assert money(payouts.ground, payouts.admin) == CHEST
    dividend.cancel()
    assert money(payouts.ground, book) == CHEST - 1_000


def test_declare__from_another_wallet_of_the_company__needs_its_allowance(payouts: Payouts) -> None:
    other = payouts.ground.bind(ISSUER, 1)
    payouts.ground.token.act("transfer", other, 5_000, by=payouts.admin)
    with raises("ERC20InsufficientAllowance", payouts.contract.address, 0, 5_000):
        payouts.declare(funded_by=raw(other), total=5_000)
    payouts.ground.token.act("approve", payouts.contract.address, 5_000, by=other)
    payouts.declare(funded_by=raw(other), total=5_000)
    assert money(payouts.ground, other) == 0


def test_declare__from_the_account_of_another_party__refused(payouts: Payouts) -> None:
    """Though that wallet once allowed the contract to take money, for a dividend of its own."""
    ground = payouts.ground
    ground.token.act("approve", payouts.contract.address, LIMIT, by=wallet_of(401))
    for account in (wallet_of(401), ground.book(401), ground.book(9), ground.stranger):
        with refused_at(4):
            payouts.declare(funded_by=raw(account), total=1_000)


def test_declare__more_than_the_account_has__refused(payouts: Payouts) -> None:
    with raises("ERC20InsufficientBalance", payouts.admin, CHEST, CHEST + 1):
        payouts.declare(total=CHEST + 1, profit=CHEST + 1)


def test_declare__money_stopped__refused(payouts: Payouts) -> None:
    payouts.ground.token.act("setStopped", header(), True, by=payouts.ground.custodian)
    with raises("MoneyIsStopped"):
        payouts.declare()


def test_declare__by_others_than_the_admin__refused(payouts: Payouts) -> None:
    ground, terms = payouts.ground, payouts.terms()
    for other in (ground.stranger, ground.platform, ground.registrar, ground.issuer, wallet_of(ALICE)):
        with raises("NotAuthorised", other, 1):
            payouts.declare_as(terms, by=other)


def test_declare__operation_carried_out__refused_again(payouts: Payouts) -> None:
    head, terms = header(), plain(payouts.terms())
    payouts.contract.act("declare", head, terms, [], by=payouts.admin)
    with raises("OperationDone", head[0]):
        payouts.contract.act("declare", head, terms, [], by=payouts.admin)
    with raises("DocumentMissing"):
        payouts.contract.act("declare", (*header()[:2], b"\0" * 32), terms, [], by=payouts.admin)


# --- fields ---


@pytest.mark.parametrize(
    ("number", "changes"),
    [
        (2, {"epoch": 0}),
        (2, {"epoch": 2}),
        (2, {"epoch": 65_535}),
        (5, {"total": 0}),
        (7, {"profit": 999_999}),
        (7, {"profit": 0}),
        (11, {"scrip_price": 2**48}),
        (10, {"remainder_account": raw(actor("nobody"))}),
    ],
)
def test_declare__field_out_of_rule__refused(payouts: Payouts, number: int, changes: dict[str, Any]) -> None:
    terms = payouts.terms()
    stated = {"epoch": terms.epoch, **changes}
    with refused_at(number):
        payouts.declare_as(replace(terms, **stated))


def test_declare__schedule_unknown__refused(payouts: Payouts) -> None:
    for schedule in (0, 2):
        with raises("ScheduleUnknown", schedule):
            payouts.declare(schedule=schedule)


def test_declare__account_without_code_as_class__refused(payouts: Payouts) -> None:
    terms = payouts.terms()
    for account in (wallet_of(ALICE), "0x" + "00" * 20):
        with raises("ClassUnknown", account):
            payouts.declare_as(replace(terms, share_class=raw(account)))


def test_declare__class_of_a_company_that_another_factory_made__refused(payouts: Payouts) -> None:
    """Its code is ours, its registry as well: the factory of this registry does not know it."""
    ground = payouts.ground
    parts = ground.registry.address, ground.company.read("shareClassImplementation"), node.UTC_OFFSET
    implementation = deploy("Company", *parts)
    factory = deploy("CompanyFactory", ground.registry.address, implementation.address, node.UTC_OFFSET)
    _, (fake,) = found(factory, "假公司", [COMMON])
    fake_company = Contract("Company", fake.read("company"))
    fake_company.act("open", header(), by=ground.issuer)
    epoch = payouts.announce(fake)
    with raises("ClassUnknown", fake.address):
        payouts.declare(fake, by=ground.issuer, epoch=epoch, funded_by=raw(ground.issuer))


def test_declare__class_that_no_company_created__refused(payouts: Payouts) -> None:
    """A clone that names a company which never made it; here the implementation itself, which names none."""
    implementation = payouts.ground.company.read("shareClassImplementation")
    terms = payouts.terms()
    with raises("ClassUnknown", implementation):
        payouts.declare_as(replace(terms, share_class=raw(implementation)))


def test_declare__company_that_still_migrates__refused(payouts: Payouts) -> None:
    ground = payouts.ground
    _, (share_class,) = found(ground.factory, "搬迁中", [COMMON])
    events = share_class.act("setRecordDate", header(), node.last_second_of(node.today()), by=ground.migrator)
    epoch = event(events, "RecordDateSet")["epoch"]
    for hand in (ground.migrator, ground.issuer):
        name = "PhaseForbids" if hand == ground.migrator else "NotAuthorised"
        with raises(name):
            payouts.declare(share_class, by=hand, epoch=epoch, funded_by=raw(hand))


# --- times ---


def test_declare__record_date_past__refused_from_its_next_second(payouts: Payouts) -> None:
    terms = payouts.terms()
    time = payouts.ground.common.read("recordTimes")[-1]
    node.next_block_at(time)
    payouts.declare_as(terms)
    with refused_at(2):
        payouts.declare_as(terms)


def test_declare__payable_on_the_record_second__refused_and_a_second_later_not(payouts: Payouts) -> None:
    terms = payouts.terms()
    time = payouts.ground.common.read("recordTimes")[-1]
    for payable_from, is_refused in ((time, True), (time + 1, False)):
        changed = replace(terms, payable_from=payable_from)
        if is_refused:
            with refused_at(8):
                payouts.declare_as(changed)
        else:
            payouts.declare_as(changed)


def test_declare__after_a_halt__counts_on_the_clock_of_the_region(payouts: Payouts) -> None:
    """The clock is an hour behind: what is after the record date on it is so by the calendar."""
    ground = payouts.ground
    halt(ground)
    node.jump_to(node.now() + 3_600)
    halt(ground, False)
    behind = node.now() - clock(ground)
    assert behind >= 3_600
    terms = payouts.terms()
    time = ground.common.read("recordTimes")[-1]
    with refused_at(8):
        payouts.declare_as(replace(terms, payable_from=time - behind))
    payouts.declare_as(replace(terms, payable_from=time - behind + 1))


@pytest.mark.parametrize(
    ("span", "is_refused"), [(-1, True), (0, True), (DAY - 1, True), (DAY, False), (10_950 * DAY, False)]
)
def test_declare__expiry__a_day_after_the_payment_date_and_within_thirty_years(
    payouts: Payouts, span: int, is_refused: bool
) -> None:
    terms = payouts.terms()
    changed = replace(terms, expires_at=terms.payable_from + span)
    if is_refused:
        with refused_at(9):
            payouts.declare_as(changed)
        return
    payouts.declare_as(changed)
    with refused_at(9):
        payouts.declare_as(replace(terms, expires_at=terms.payable_from + 10_950 * DAY + 1))


# --- who is left out ---


def test_declare__too_many_excluded__refused(payouts: Payouts) -> None:
    accounts = [payouts.ground.book(10_000 + n) for n in range(17)]
    with raises("TooManyEntries", 17, 16):
        payouts.declare(excluded=accounts)
    dividend = payouts.declare(excluded=accounts[:16])
    assert list(payouts.contract.read("excludedOf", dividend.id)) == accounts[:16]


# --- large numbers ---


def test_declare__more_than_64_bits_of_scrip__refused(payouts: Payouts) -> None:
    """At six decimals a fen a share: 20 million million shares."""
    ground = payouts.ground
    terms = ("六位小数", "XGBD-6", 2**64 - 2, 6, 0b111110)
    created = event(ground.company.act("createClass", header(), terms, by=payouts.admin), "ClassCreated")
    fine = Contract("ShareClass", next(v for v in created.values() if isinstance(v, str) and v.startswith("0x")))
    ground.company.act("admitPayouts", header(), payouts.contract.address, by=payouts.admin)
    much = 2 * 10**13
    mint(ground, (payouts.admin, much))
    with raises("AmountTooLarge", much * 10**6):
        payouts.declare(fine, total=much, profit=much, scrip_price=1)


def test_declare__all_the_money_there_can_be__paid_to_the_fen(payouts: Payouts) -> None:
    ground = payouts.ground
    supply = ground.token.read("totalSupply")
    much = LIMIT - supply
    mint(ground, (payouts.admin, much))
    dividend = payouts.declare(total=much, profit=LIMIT)
    dividend.fix()
    dividend.payable()
    dividend.pay()
    dividend.balanced()
    dividend.close()
    assert money(ground, payouts.contract.address) == 0
    assert money(ground, wallet_of(OFFICE)) == dividend.now().withheld > much // 8


def test_declare__the_highest_rate__returns_nothing_and_is_shared_out(payouts: Payouts) -> None:
    """2^72 − 1 is a million million yuan a share and more: the money does not cover it."""
    dividend = payouts.ripe(rate=2**72 - 1, total=999_999)
    d = dividend.now()
    assert (d.isShort, d.declared, d.entitled) == (True, 999_999, 2_077)
    dividend.pay()
    dividend.balanced()


def test_declare__the_smallest_rate_that_leaves_a_fen__is_declared(payouts: Payouts) -> None:
    needed = -(-UNIT // 2_077)
    dividend = payouts.fixed(rate=needed, total=10)
    assert dividend.now().declared == 1
    small = payouts.declare(rate=needed - 1, total=10, payable_from=clock(payouts.ground) + 9 * DAY)
    small.past_record()
    small.contract.act("fix", small.id, payouts.holders(small.terms, ()), by=payouts.ground.stranger)
    assert small.now().state == CANCELLED
    payouts.covered()
