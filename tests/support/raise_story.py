"""A whole raise on a real chain: subscribed, one withdrawn, settled, a milestone released, the next missed."""

from __future__ import annotations

from collections.abc import Callable

from tests.support.raise_stage import (
    INSTITUTION,
    NO_RATCHET,
    PUT,
    TREASURY,
    Raiser,
    company_that_raises,
    person,
    tranche,
    usual_escrow,
    usual_terms,
)
from tests.support.stage import Stage

FUND, ANNA, BEN, CARL = 101, 102, 103, 104
"""A fund without a wallet, two people with one, and one who thinks better of it."""
ISSUER, PLATFORM, FOUNDER = 110, 111, 112
LAB, AUDITOR, REGISTRAR = 121, 122, 123
VERIFIERS = {LAB: "lab", AUDITOR: "auditor", REGISTRAR: "registrar"}
SUBSCRIBERS = (FUND, ANNA, BEN)
AMOUNTS = {FUND: 399_500_000, ANNA: 85_000_000, BEN: 42_500_000, CARL: 8_500_000}
RAISED = 527_000_000
FEE = 26_350_000
TRANCHE = 125_162_500
TITLES = (
    ("Tape-out accepted by the foundry", "流片通过代工厂验收"),
    ("First silicon meets the specification", "首批芯片达到规格"),
    ("Automotive grade certificate", "取得车规级认证"),
    ("100 000 units shipped", "出货十万颗"),
)
STEPS = ("drafted", "subscribed", "settled", "attested", "released", "missed", "redeemed")


def raise_ready(stage: Stage) -> Raiser:
    """A company, its people with money, its verifiers; nothing is offered yet."""
    raiser = company_that_raises(stage)
    raiser.onboard(
        person(FUND, INSTITUTION, kind=2),
        *(person(party) for party in (ANNA, BEN, CARL)),
        person(ISSUER, TREASURY, kind=2),
        person(PLATFORM, INSTITUTION, kind=2),
        person(FOUNDER, category=1),
        *(person(party, INSTITUTION, kind=2) for party in VERIFIERS),
    )
    for party in (ANNA, BEN, CARL, ISSUER, PLATFORM, FOUNDER):
        raiser.bind(party)
    raiser.mint({party: amount + 1_000_000 for party, amount in AMOUNTS.items()})
    for party, key in VERIFIERS.items():
        raiser.appoint(party, key)
    return raiser


def tell_raise(raiser: Raiser, after: Callable[[str], None] = lambda step: None) -> None:
    """From the draft to the last fen; `after` is called with each of `STEPS`."""
    terms = usual_terms(raiser, PLATFORM)
    tranches = [tranche(terms, 60 * n, title, PUT if n == 3 else 1) for n, title in enumerate(TITLES, 1)]
    raiser.create(terms, usual_escrow(raiser, ISSUER, FOUNDER), tranches, NO_RATCHET)
    raiser.open()
    after("drafted")
    for party in (FUND, ANNA, CARL, BEN):
        raiser.subscribe(party, AMOUNTS[party])
    raiser.withdraw(CARL)
    after("subscribed")
    raiser.close()
    raiser.allot(FUND, ANNA)
    raiser.allot(BEN)
    after("settled")
    raiser.attest("lab", 0)
    raiser.attest("registrar", 0)
    after("attested")
    raiser.release(0)
    after("released")
    raiser.attest("lab", 1)
    raiser.miss(1)
    after("missed")
    raiser.redeem(*SUBSCRIBERS)
    after("redeemed")
