"""Hands for a raise on a deployed registry: people with money, usual terms, time that passes, verifiers who sign."""

from __future__ import annotations

import itertools
import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from registry.chain import contracts, contracts_raise
from registry.chain.client import Receipt
from registry.chain.reads_raise import RaiseReads
from registry.chain.sign import Payment
from registry.chain.typed import Board
from registry.domain.args import ActHeader, ClassTerms
from registry.domain.attestation import Attestation
from registry.domain.ids import Address, Day, Hash32, PartyId, Shares
from registry.domain.raise_args import Appointment, BankLine, EscrowTerms, OfferingTerms, RatchetTerms, TrancheTerms
from registry.domain.words import PartyWord
from tests.support.stage import EVERYBODY, Stage, document, signer

FAR = 1 << 40
FAR_DAY = Day(60_000)
DAY, HOUR = 86_400, 3_600
REGION, OTHER_REGION = 110, 440
INSTITUTION, QUALIFIED, TREASURY = 4, 3, 5
REACHED, NOT_REACHED = 1, 2
REDEEM, EXTEND, PUT = 1, 2, 3
FIRST_COME, PRO_RATA = 1, 2
CEILING = 5_000_000_000
INVESTOR_CEILING = 4_500_000_00
KIND = 1
"""The one type of milestones that the verifiers are appointed for."""
SIGNED = document("signed copy of the risk disclosure")
NO_RATCHET = RatchetTerms()


@dataclass
class Raiser:
    """A company, its class, and the shortest way to act on its raises. Accounts are named by party id."""

    stage: Stage
    company: Address
    share_class: Address
    wallets: dict[int, str] = field(default_factory=dict)
    """Party to the name of the key of its wallet; the others pay from their book account."""
    offering: Address = Address(bytes(20))
    escrow: Address = Address(bytes(20))
    terms: OfferingTerms | None = None
    _references: itertools.count[int] = field(default_factory=lambda: itertools.count(1))

    @property
    def reads(self) -> RaiseReads:
        return RaiseReads(self.stage.node, self.stage.deployment)

    @property
    def now(self) -> int:
        """Block time [unix s]."""
        return self.stage.node.head().time

    @property
    def clock(self) -> int:
        """The region's clock [s]."""
        return self.reads.clock(REGION)

    def header(self) -> ActHeader:
        return self.stage.header()

    def account(self, party: int) -> Address:
        """Where a party pays from: its wallet, else its book account."""
        return signer(self.wallets[party]).address if party in self.wallets else self.stage.book(party)

    # --- time ---

    def pass_time(self, seconds: int) -> None:
        self.stage.node.read("evm_increaseTime", seconds)
        self.stage.node.read("anvil_mine", "0x1")

    def pass_until(self, clock: int) -> None:
        """A block at which the region's clock shows more than this."""
        self.pass_time(max(1, clock + 1 - self.clock))

    # --- people ---

    def onboard(self, *words: PartyWord) -> None:
        dossiers = [document(f"dossier {word.id}") for word in words]
        calldata = contracts.registry.onboard(self.header(), list(words), dossiers)
        self.stage.send("kyc_agent", self.stage.deployment.registry, calldata)

    def bind(self, party: int, name: str = "") -> None:
        name = name or f"wallet of {party}"
        wallet = signer(name)
        signature = wallet.sign_binding(self.stage.deployment, PartyId(party), FAR)
        calldata = contracts.registry.bind_wallet(self.header(), PartyId(party), wallet.address, FAR, signature)
        self.stage.send("kyc_agent", self.stage.deployment.registry, calldata)
        self.wallets[party] = name

    def mint(self, amounts: dict[int, int]) -> Receipt:
        """Deposits by party [fen]."""
        lines = [BankLine(self.account(party), amount, self.reference()) for party, amount in amounts.items()]
        return self.by("custodian", self.stage.deployment.token, contracts_raise.token.mint(self.header(), lines))

    def burn(self, party: int, amount: int) -> Receipt:
        """A withdrawal from a party's book account."""
        lines = [BankLine(self.stage.book(party), amount, self.reference())]
        return self.by("custodian", self.stage.deployment.token, contracts_raise.token.burn(self.header(), lines))

    def reference(self) -> Hash32:
        """One that the bank has not used before."""
        return Hash32(f"BANK-{next(self._references):05}".encode().ljust(32, b"\0"))

    def appoint(self, party: int, key: str, kind: int = KIND) -> None:
        terms = Appointment(self.company, kind, PartyId(party), signer(key).address, Day(0), FAR_DAY)
        calldata = contracts_raise.board.appoint(self.header(), terms)
        self.by("platform", self.stage.deployment.board, calldata)

    # --- the raise ---

    def create(
        self, terms: OfferingTerms, escrow: EscrowTerms, tranches: Sequence[TrancheTerms], ratchet: RatchetTerms
    ) -> None:
        """Draft, admitted by the company, not yet open."""
        factory = self.stage.deployment.offering_factory
        calldata = contracts_raise.offering_factory.create_offering(self.header(), terms, escrow, tranches, ratchet)
        receipt = self.by("platform", factory, calldata)
        logs = self.stage.node.raw_logs(receipt.block, receipt.block, [factory])
        born = next(log for log in logs if len(log.data) > 1_000)
        self.offering, self.escrow = (Address(bytes.fromhex(born.data[at : at + 40])) for at in (26, 90))
        self.terms = terms
        admit = contracts.company.admit_offering(self.header(), self.offering)
        self.by("agent", self.company, admit)

    def open(self) -> Receipt:
        return self.by("platform", self.offering, contracts_raise.offering.open(self.header()))

    def subscribe(self, party: int, amount: int) -> Receipt:
        """With one signature of the party's wallet, else by the platform for its book account."""
        if party not in self.wallets:
            calldata = contracts_raise.offering.subscribe_for(self.header(), self.account(party), amount, SIGNED)
            return self.by("platform", self.offering, calldata)
        payment = Payment(self.offering, amount, SIGNED, self.reference(), FAR)
        signature = signer(self.wallets[party]).sign_payment(self.stage.deployment, payment)
        call = contracts_raise.offering.subscribe(
            self.account(party), amount, SIGNED, payment.salt, payment.valid_before, signature
        )
        return self.by("stranger", self.offering, call)

    def withdraw(self, party: int) -> Receipt:
        account = self.account(party)
        if party in self.wallets:
            return self.by(self.wallets[party], self.offering, contracts_raise.offering.withdraw(account))
        return self.by("platform", self.offering, contracts_raise.offering.withdraw_for(self.header(), account))

    def close(self) -> Receipt:
        """As soon as window and cooling-off are over."""
        assert self.terms
        self.pass_until(self.terms.closes_at + self.terms.cooling_off)
        return self.by("stranger", self.offering, contracts_raise.offering.close())

    def allot(self, *parties: int) -> Receipt:
        return self.by("stranger", self.offering, contracts_raise.offering.allot([*map(self.account, parties)]))

    def refund(self, *parties: int) -> Receipt:
        return self.by("stranger", self.offering, contracts_raise.offering.refund([*map(self.account, parties)]))

    # --- verdicts ---

    def statement(self, milestone: int, outcome: int = REACHED, evidence: str = "evidence") -> Attestation:
        case = self.reads.cases_of(self.escrow, [milestone])[0]
        return Attestation(
            self.company, self.escrow, milestone, case.round, outcome, document(f"{evidence} {milestone}"),
            f"https://evidence.example/{milestone}", self.now, self.now + 30 * DAY,
        )  # fmt: skip

    def sign(self, key: str, statement: Attestation) -> bytes:
        board = Board(self.stage.deployment.chain_id, self.stage.deployment.board)
        return signer(key).sign_statement(statement, board)

    def attest(self, key: str, milestone: int, outcome: int = REACHED, evidence: str = "evidence") -> Receipt:
        statement = self.statement(milestone, outcome, evidence)
        calldata = contracts_raise.board.attest(statement, signer(key).address, self.sign(key, statement))
        return self.by("stranger", self.stage.deployment.board, calldata)

    def release(self, milestone: int) -> Receipt:
        """As soon as the dispute window is over."""
        self.pass_until(self.reads.cases_of(self.escrow, [milestone])[0].window_ends)
        return self.by("stranger", self.escrow, contracts_raise.escrow.release(milestone))

    def miss(self, milestone: int) -> Receipt:
        """As soon as the deadline has passed."""
        self.pass_until(self.reads.cases_of(self.escrow, [milestone])[0].deadline)
        return self.by("stranger", self.escrow, contracts_raise.escrow.miss(milestone))

    def redeem(self, *parties: int) -> Receipt:
        return self.by("stranger", self.escrow, contracts_raise.escrow.redeem([*map(self.account, parties)]))

    def by(self, sender: str, target: Address, calldata: bytes, gas: int | None = None) -> Receipt:
        return self.stage.send(sender, target, calldata, gas)


# --- usual terms ---


def company_that_raises(stage: Stage, name: str = "新光半导体", cap: int = 200) -> Raiser:
    """An open company with one class of whole shares, and a region with a scheme."""
    scheme = contracts_raise.regions.set_scheme(stage.header(), REGION, 1, CEILING, INVESTOR_CEILING)
    stage.send("regulator", stage.deployment.regions, scheme)
    classes = [ClassTerms("A 轮优先股", "XG-A", Shares(10**8), 0, EVERYBODY)]
    company, (share_class,) = stage.create_company(name, classes, cap)
    stage.open(company)
    return Raiser(stage, company, share_class)


def person(party: int, category: int = QUALIFIED, kind: int = 1, grade: int = 4) -> PartyWord:
    return PartyWord(PartyId(party), FAR_DAY, FAR_DAY, category, kind, 156, 156, grade)


def usual_terms(raiser: Raiser, fee_recipient: int, **changes: int) -> OfferingTerms:
    """4.25 CNY a share, 4.25 to 5.95 million, 5 % fee, a week's window, two days of cooling-off."""
    now = raiser.clock
    terms = OfferingTerms(
        company=raiser.company,
        share_class=raiser.share_class,
        fee_recipient=raiser.account(fee_recipient),
        price=425,
        minimum=425_000_000,
        maximum=595_000_000,
        investor_minimum=42_500,
        investor_maximum=425_000_000,
        opens_at=now,
        closes_at=now + 7 * DAY,
        cooling_off=2 * DAY,
        settle_within=10 * DAY,
        fee_bps=500,
        region=REGION,
        risk_grade=3,
        method=FIRST_COME,
        lock_day=Day(0),
        memorandum=document("memorandum"),
        disclosure=document("risk disclosure"),
    )
    return replace(terms, **changes)  # type: ignore[arg-type]


def usual_escrow(raiser: Raiser, issuer: int, put_payer: int = 0) -> EscrowTerms:
    """Three days to dispute, five for the arbiter; a put of a payer at 5 % a year, claims for half a year."""
    payer = raiser.account(put_payer) if put_payer else Address(bytes(20))
    return EscrowTerms(
        issuer_account=raiser.account(issuer),
        arbiter=signer("arbiter").address,
        window=72 * HOUR,
        arbitration=120 * HOUR,
        silence_upholds=False,
        challenge_bps=1_000,
        consent_bps=5_000,
        voting=72 * HOUR,
        put_payer=payer,
        is_payer_issuer=False,
        put_rate_bps=500 if put_payer else 0,
        claims=180 * DAY,
        lapse_account=raiser.account(issuer),
    )


def tranche(
    terms: OfferingTerms, days: int, title: tuple[str, str], on_miss: int = REDEEM, value: int = 2_500, quorum: int = 2
) -> TrancheTerms:
    """A share of the proceeds, due some days after the time for settling."""
    deadline = terms.closes_at + terms.cooling_off + terms.settle_within + days * DAY
    stated = {"title": {"en": title[0], "zh": title[1]}}
    return TrancheTerms(
        is_share=True,
        value=value,
        kind=KIND,
        quorum=quorum,
        deadline=deadline,
        on_miss=on_miss,
        extension=30 * DAY if on_miss == EXTEND else 0,
        criterion=document(f"criterion {title[0]}"),
        terms=json.dumps(stated, ensure_ascii=False),
    )
