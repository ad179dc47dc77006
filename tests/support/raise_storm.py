"""Whatever else may happen to a raise: one that fails, one that is cut, parked, disputed, extended and put, one that
succeeds early, one whose shares were sold before it was missed; with every stop, halt, freeze and correction."""

from __future__ import annotations

from dataclasses import replace

from eth_account import Account
from eth_utils.crypto import keccak

from registry.chain import contracts, contracts_raise
from registry.domain.args import Entry
from registry.domain.attestation import Signed
from registry.domain.cut import last_of
from registry.domain.ids import Address, Hash32, PartyId, Shares
from registry.domain.raise_args import RatchetTerms
from tests.support.raise_stage import (
    EXTEND,
    FAR_DAY,
    HOUR,
    INSTITUTION,
    KIND,
    NO_RATCHET,
    NOT_REACHED,
    OTHER_REGION,
    PRO_RATA,
    PUT,
    REGION,
    Raiser,
    person,
    tranche,
    usual_escrow,
    usual_terms,
)
from tests.support.raise_story import ANNA, BEN, FOUNDER, FUND, ISSUER, PLATFORM, VERIFIERS
from tests.support.stage import NOTHING_GIVEN, document, signer

DORA, EMIL, GRETA = 131, 132, 133
EARLY_KIND = 2
PRICE = 425
NEW_SHARES, OF_FOUNDER = 1, 2
ENOUGH = 3_000_000
"""[gas] An estimate may stop where the payer's payment fails and the debt is recorded instead."""
LAPSING = {EMIL: 100, GRETA: 60, ANNA: 40}
"""In the last raise: who subscribed how many shares."""
SOLD = 45
"""Shares that Greta sold of hers before anything was missed."""
FOUNDERS = 10_000
"""Shares that the founder holds before anything is offered."""


def tell_storm(raiser: Raiser) -> None:
    """For a raiser whose first raise has ended."""
    _prepare(raiser)
    _failing(raiser)
    _early(raiser)
    _cut(raiser)
    _disputed(raiser)
    _extended(raiser)
    _put(raiser)
    _money(raiser)
    _lapsing(raiser)


def _prepare(raiser: Raiser) -> None:
    stage = raiser.stage
    raiser.onboard(person(DORA), person(EMIL, INSTITUTION, kind=2), person(GRETA))
    raiser.bind(DORA)
    raiser.bind(GRETA)
    raiser.mint({ANNA: 10_000_000, BEN: 10_000_000, FUND: 10_000_000, DORA: 90_000_000})
    stage.issue(raiser.share_class, {FOUNDER: FOUNDERS})
    for party, key in VERIFIERS.items():
        raiser.appoint(party, key, EARLY_KIND)
    year = contracts.registry.state_outside_use(raiser.header(), PartyId(DORA), 2027, 20_000_000, FAR_DAY)
    stage.send("kyc_agent", stage.deployment.registry, year)
    limit = contracts.registry.set_annual_limit(raiser.header(), 120_000_000)
    stage.send("regulator", stage.deployment.registry, limit)


def _failing(raiser: Raiser) -> None:
    """Halted and resumed, cancelled, everybody refunded."""
    terms = usual_terms(raiser, PLATFORM, minimum=PRICE * 1_000, maximum=PRICE * 10_000)
    raiser.create(terms, usual_escrow(raiser, ISSUER), [tranche(terms, 9, ("Never", "不会"), value=10_000)], NO_RATCHET)
    raiser.open()
    for party in (ANNA, FUND):
        raiser.subscribe(party, PRICE * 500)
    regions = raiser.stage.deployment.regions
    for halted in (True, False):
        raiser.by("regulator", regions, contracts_raise.regions.set_halted(raiser.header(), REGION, halted))
        raiser.pass_time(3 * HOUR)
    other = contracts_raise.regions.set_scheme(raiser.header(), OTHER_REGION, 3, 10**9, 0)
    raiser.by("regulator", regions, other)
    raiser.by("agent", raiser.offering, contracts_raise.offering.cancel(raiser.header()))
    raiser.refund(FUND, ANNA)


def _early(raiser: Raiser) -> None:
    """Reached early: the founder gets new shares."""
    terms = usual_terms(raiser, PLATFORM, minimum=PRICE * 1_000, maximum=PRICE * 2_000)
    due = replace(tranche(terms, 90, ("Licence granted", "取得许可"), value=10_000), kind=EARLY_KIND)
    ratchet = RatchetTerms(0, NEW_SHARES, raiser.account(FOUNDER), Address(bytes(20)), due.deadline, 500, 0, 0)
    raiser.create(terms, usual_escrow(raiser, ISSUER), [due], ratchet)
    raiser.open()
    raiser.subscribe(DORA, PRICE * 1_500)
    raiser.close()
    raiser.allot(DORA)
    for key in ("lab", "auditor"):
        raiser.attest(key, 0)
    raiser.release(0)
    raiser.by("stranger", raiser.escrow, contracts_raise.escrow.deliver_ratchet([]))


def _cut(raiser: Raiser) -> None:
    """More is asked for than the maximum; one subscriber is frozen when shares are allotted."""
    now = raiser.clock
    terms = usual_terms(raiser, PLATFORM, minimum=PRICE * 500, maximum=PRICE * 1_000, method=PRO_RATA)
    terms = replace(terms, investor_minimum=PRICE)
    late = RatchetTerms(0, OF_FOUNDER, raiser.account(FOUNDER), raiser.account(PLATFORM), 0, 0, now, 1_000)
    tranches = [
        tranche(terms, 60, ("Sample delivered", "样品交付"), value=2_000),
        tranche(terms, 90, ("Audit passed", "通过审计"), EXTEND, value=3_000),
        tranche(terms, 120, ("Mass production", "量产"), PUT, value=5_000),
    ]
    escrow = replace(usual_escrow(raiser, ISSUER, FOUNDER), challenge_bps=100)
    raiser.create(terms, escrow, tranches, late)
    raiser.open()
    asked = {ANNA: 700, BEN: 600, FUND: 7, DORA: 333}
    for party, shares in asked.items():
        raiser.subscribe(party, PRICE * shares)
    raiser.withdraw(FUND)
    raiser.subscribe(FUND, PRICE * 7)
    raiser.close()
    words = raiser.reads.subscriptions_of(raiser.offering, [*map(PartyId, asked)])
    demand = {PartyId(p): (s, word.paid_at) for (p, s), word in zip(asked.items(), words, strict=True)}
    cut = contracts_raise.offering.verify_cut(sorted(demand), last_of(demand, 1_000))
    raiser.by("stranger", raiser.offering, cut)
    freeze(raiser, BEN, True)
    raiser.allot(ANNA, BEN)
    raiser.allot(FUND, DORA)
    freeze(raiser, BEN, False)
    raiser.allot(BEN)


def _disputed(raiser: Raiser) -> None:
    """A vote taken back, a new key, a challenge by holders that the arbiter rejects, the ratchet late."""
    board, calls = raiser.stage.deployment.board, contracts_raise.board
    raiser.attest("lab", 0)
    raiser.by("lab", board, calls.retract(raiser.escrow, 0))
    old, new = signer("auditor").address, signer("auditor's second key").address
    raiser.by("auditor", board, calls.rotate_key(raiser.header(), raiser.company, KIND, old, new))
    for key in ("auditor's second key", "registrar"):
        raiser.attest(key, 0)
    wallet = signer(raiser.wallets[ANNA])
    grounds = document("grounds of the holders")
    signature = wallet.sign_challenge(raiser.stage.deployment, raiser.escrow, 0, 1, grounds)
    raiser.by("stranger", board, calls.challenge(raiser.escrow, 0, grounds, [wallet.address], [signature]))
    raiser.by("arbiter", board, calls.decide(raiser.header(), raiser.escrow, 0, True))
    raiser.by("stranger", raiser.escrow, contracts_raise.escrow.release(0))
    # The founder allows the escrow just what one of them is owed.
    owed = contracts.share_class.approve(raiser.escrow, 42)
    raiser.by(raiser.wallets[FOUNDER], raiser.share_class, owed)
    accounts = [raiser.account(party) for party in (ANNA, BEN, FUND)]
    raiser.by("stranger", raiser.escrow, contracts_raise.escrow.deliver_ratchet(accounts))


def _extended(raiser: Raiser) -> None:
    """Missed, extended by the holders, attested, disputed by the regulator, void by the arbiter's silence."""
    board, calls = raiser.stage.deployment.board, contracts_raise.board
    accused = signer("registrar").address
    stated = (raiser.statement(1), raiser.statement(1, NOT_REACHED))
    first, second = (Signed(each, accused, raiser.sign("registrar", each)) for each in stated)
    raiser.by("stranger", board, calls.accuse(first, second))
    raiser.miss(1)
    raiser.pass_time(HOUR)
    consent = contracts_raise.escrow.consent_for(raiser.header(), 1, raiser.account(FUND))
    raiser.by("platform", raiser.escrow, consent)
    for party in (ANNA, BEN):
        consent = contracts_raise.escrow.consent(1, raiser.account(party))
        raiser.by(raiser.wallets[party], raiser.escrow, consent)
    for key in ("lab", "auditor's second key"):
        raiser.attest(key, 1)
    raiser.by("regulator", board, calls.challenge_by_regulator(raiser.header(), raiser.escrow, 1))
    case = raiser.reads.cases_of(raiser.escrow, [1])[0]
    raiser.pass_until(case.window_ends + case.arbitration)
    raiser.by("stranger", board, calls.decide_by_silence(raiser.escrow, 1))
    raiser.by("platform", board, calls.dismiss(raiser.header(), raiser.company, KIND, signer("lab").address))
    raiser.by("stranger", board, calls.recheck(raiser.escrow, 1))


def _put(raiser: Raiser) -> None:
    """The last deadline passes: money back, the rest put to the founder, who pays one at once, one later, one never."""
    token, calls = raiser.stage.deployment.token, contracts_raise.escrow
    raiser.miss(2)
    raiser.redeem(ANNA, DORA)
    raiser.mint({FOUNDER: PRICE * 115})
    founder = raiser.wallets[FOUNDER]
    raiser.by(founder, token, contracts_raise.token.approve(raiser.escrow, 10**9))
    raiser.by(raiser.wallets[ANNA], raiser.escrow, calls.exercise_put(raiser.account(ANNA)), ENOUGH)
    raiser.by("platform", raiser.escrow, calls.exercise_put_for(raiser.header(), raiser.account(FUND)), ENOUGH)
    raiser.by(raiser.wallets[BEN], raiser.escrow, calls.exercise_put(raiser.account(BEN)), ENOUGH)
    raiser.mint({FOUNDER: PRICE * 2_000})
    raiser.by(founder, raiser.escrow, calls.pay_put(raiser.account(BEN)))
    raiser.by(founder, token, contracts_raise.token.approve(raiser.escrow, 0))
    raiser.by(raiser.wallets[DORA], raiser.escrow, calls.exercise_put(raiser.account(DORA)))


def _money(raiser: Raiser) -> None:
    """A withdrawal to the bank, an order against one account, a stop of all money, an order of payment taken back."""
    token, calls = raiser.stage.deployment.token, contracts_raise.token
    raiser.burn(FUND, 1_000)
    for held in (True, False):
        raiser.by("regulator", token, calls.set_frozen(raiser.header(), raiser.account(ANNA), held))
        raiser.by("custodian", token, calls.set_stopped(raiser.header(), held))
    raiser.by("regulator", token, calls.set_frozen(raiser.header(), raiser.account(DORA), True))
    raiser.by(raiser.wallets[BEN], token, calls.transfer(raiser.account(ANNA), 77))
    nonce = document("an order that was taken back")
    raiser.by(
        "stranger", token, calls.cancel_authorization(raiser.account(BEN), nonce, *cancelling(raiser, BEN, nonce))
    )


def _lapsing(raiser: Raiser) -> None:
    """Who sold everything, who sold most of it, who sold nothing; half is missed, with a put that nobody exercises in
    time, before the other half is released."""
    terms = usual_terms(raiser, PLATFORM, minimum=PRICE * 100, maximum=PRICE * 1_000, investor_minimum=PRICE)
    tranches = [
        tranche(terms, 10, ("First orders", "首批订单"), PUT, value=5_000),
        tranche(terms, 20, ("Prototype shown", "样机演示"), value=5_000),
    ]
    tranches = [replace(each, kind=EARLY_KIND) for each in tranches]
    raiser.create(terms, usual_escrow(raiser, ISSUER, FOUNDER), tranches, NO_RATCHET)
    raiser.open()
    raiser.mint({party: PRICE * shares for party, shares in LAPSING.items()})
    for party, shares in LAPSING.items():
        raiser.subscribe(party, PRICE * shares)
    raiser.close()
    raiser.allot(*LAPSING)
    for key in ("lab", "auditor"):
        raiser.attest(key, 1)
    sell = contracts.share_class.transfer_for(
        raiser.header(), NOTHING_GIVEN, raiser.account(EMIL), Entry(raiser.account(DORA), Shares(LAPSING[EMIL]))
    )
    raiser.by("agent", raiser.share_class, sell)
    raiser.by(raiser.wallets[GRETA], raiser.share_class, contracts.share_class.transfer(raiser.account(DORA), SOLD))
    raiser.miss(0)
    raiser.redeem(ANNA)
    raiser.release(1)
    raiser.redeem(GRETA)
    raiser.pass_until(raiser.reads.claims_ends_of([raiser.escrow])[0])
    for page in ([EMIL], [GRETA, ANNA]):
        raiser.by("stranger", raiser.escrow, contracts_raise.escrow.lapse([*map(raiser.account, page)]))


def freeze(raiser: Raiser, party: int, is_frozen: bool) -> None:
    """By order of the regulator."""
    calldata = contracts.registry.set_frozen(raiser.header(), PartyId(party), is_frozen)
    raiser.stage.send("regulator", raiser.stage.deployment.registry, calldata)


def cancelling(raiser: Raiser, party: int, nonce: Hash32) -> tuple[int, Hash32, Hash32]:
    """What a wallet signs to take an order of payment back (ERC-3009): v, r, s."""
    deployment = raiser.stage.deployment
    domain = {
        "name": "Equity Settlement Token",
        "version": "1",
        "chainId": deployment.chain_id,
        "verifyingContract": "0x" + deployment.token.hex(),
    }
    types = {"CancelAuthorization": [{"name": "authorizer", "type": "address"}, {"name": "nonce", "type": "bytes32"}]}
    key = Account.from_key(keccak(text=f"equity test key {raiser.wallets[party]}"))
    signed = key.sign_typed_data(domain, types, {"authorizer": key.address, "nonce": nonce})
    r, s = (Hash32(part.to_bytes(32, "big")) for part in (signed.r, signed.s))
    return signed.v, r, s
