"""Shares instead of cash, given by a company whose register is closed: what an audit finds though all words agree."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from registry.audit import as_json, as_text, audit
from registry.chain import contracts
from registry.domain.args import CompanyTerms, RoleGrant
from tests.support.payout_stage import FUND, ISSUER, Payer, payer_ready
from tests.support.planting import plant, slot_of, word_at
from tests.support.stage import Stage, signer

PRICE = 425
SUCCEEDED_FROM_OPEN = 2 << 8
"""From phase 2 to phase 4 in the charter."""
CLOSED = 16 << 128
"""The stop in the word of a class."""


def offered(payer: Payer) -> int:
    """A dividend that is payable, whose largest holder chose shares."""
    admit = contracts.company.admit_payouts(payer.raiser.header(), payer.contract)
    payer.raiser.by(payer.issuer, payer.company, admit)
    epoch = payer.record_date(payer.ordinary)
    excluded = [payer.stage.book(ISSUER)]
    number = payer.declare(payer.ordinary, epoch, 9_000_000, scrip_price=PRICE, excluded=excluded)
    payer.choose(number, FUND)
    payer.fix(number)
    payer.raiser.pass_until(payer.reads.distribution(number).payable_from)
    return number


def succeeded(payer: Payer) -> None:
    """The company goes on in another contract."""
    stage = payer.stage
    terms, grants = CompanyTerms("红利科技", 1, 110, 200, payer.company), [RoleGrant(signer("agent").address, 31)]
    heir = contracts.factory.create_company(payer.raiser.header(), terms, [], grants)
    stage.send("platform", stage.deployment.factory, heir)
    name = contracts.company.name_successor(payer.raiser.header(), stage.newest_company())
    payer.raiser.by(payer.issuer, payer.company, name)


@contextmanager
def opened_by_nobody(payer: Payer) -> Iterator[None]:
    """Charter and class say that the company is open, and no event does."""
    words = (
        (payer.company, slot_of("Company", "charter"), SUCCEEDED_FROM_OPEN),
        (payer.ordinary, slot_of("ShareClass", "_class"), CLOSED),
    )
    node = payer.stage.node
    for contract, slot, bits in words:
        plant(node, contract, slot, word_at(node, contract, slot) - bits)
    yield
    for contract, slot, bits in words:
        plant(node, contract, slot, word_at(node, contract, slot) + bits)


def test_audit__shares_of_a_company_with_a_successor__are_named_with_phase_party_and_transaction(stage: Stage) -> None:
    """DV-15"""
    payer = payer_ready(stage)
    number = offered(payer)
    before = stage.reads.holding(payer.ordinary, stage.book(FUND)).balance
    succeeded(payer)
    assert audit(stage.node, stage.deployment).is_equal
    with opened_by_nobody(payer):
        receipt = payer.pay(number)
    given = stage.reads.holding(payer.ordinary, stage.book(FUND)).balance - before
    assert given > 0
    report = audit(stage.node, stage.deployment)
    assert (report.verdict, report.differences) == ("different", ()), as_text(report)
    (fault,) = report.faults
    company = stage.reads.company_number(payer.company)
    assert fault.message == (
        f"dividend {number}: party {FUND} got ({given}, {given * PRICE}), and is due cash: "
        f"company {company} is in phase 4 (succeeded)"
    )
    assert fault.at.tx == receipt.tx
    (told,) = as_json(report)["findings"]
    assert (told["check"], told["transaction"]) == ("entitlement_differs", "0x" + receipt.tx.hex())


def test_audit__a_company_with_a_successor__pays_cash_and_nothing_is_found(stage: Stage) -> None:
    """DV-15"""
    payer = payer_ready(stage)
    number = offered(payer)
    before = stage.reads.holding(payer.ordinary, stage.book(FUND)).balance
    succeeded(payer)
    payer.pay(number)
    assert stage.reads.holding(payer.ordinary, stage.book(FUND)).balance == before
    report = audit(stage.node, stage.deployment)
    assert (report.is_equal, report.findings) == (True, ()), as_text(report)
