"""What is compared of money: balances, the bank's references, regions, limits; and the law that no fen is lost."""

from __future__ import annotations

from collections.abc import Iterator

from registry.audit.evidence import Check, Evidence, Sides, compare, walk
from registry.audit.outcome import Difference, Subject
from registry.domain.findings import NOWHERE, Finding
from registry.domain.findings import Check as Kind
from registry.domain.ids import Address, Hash32
from registry.domain.raise_words import Cash, Purse, RegionWord, Totals
from registry.domain.raising import OfferingPhase, OfferingState
from registry.mirror.queries import Queries
from registry.mirror.views_money import MoneyAccount

_MANY = 200


def check_money(e: Evidence) -> Iterator[Difference]:
    """Every account of the settlement token that ever had money or was frozen."""
    mirrored = None if e.mirror is None else _accounts(e, e.mirror)
    accounts = sorted({*e.state.money.accounts, *(mirrored or ())})
    for account, on_chain in zip(accounts, e.raises.cash_of(accounts, e.block.hash), strict=True):
        in_mirror = None if mirrored is None else _mirrored_cash(mirrored.get(account))
        behind = e.state.trail.last_of_money.get(account)
        yield from compare(_owner(e, account), _cash(e.state.money.cash(account)), in_mirror, _cash(on_chain), behind)


def check_supply(e: Evidence) -> Iterator[Difference]:
    """All money there is, whether it is stopped, and that the accounts sum to it."""
    token, money = e.raises.deployment.token, e.state.money
    replayed: Sides = {"money": money.supply, "is_stopped": money.is_stopped}
    chained: Sides = {
        "money": e.raises.supply(e.block.hash),
        "is_stopped": e.raises.is_money_stopped(e.block.hash),
    }
    mirrored: Sides | None = None
    if e.mirror:
        status = e.mirror.money_status(e.as_of)
        mirrored = {"money": status.supply, "is_stopped": status.is_stopped}
    yield from compare(Subject(), replayed, mirrored, chained, e.last_of(token))
    total = sum(cash.balance for cash in money.accounts.values())
    yield from compare(Subject(), {"sum of accounts": total}, None, {"sum of accounts": chained["money"]}, None)


def check_references(e: Evidence) -> Iterator[Difference]:
    """Every reference of the bank: used on chain, and the one line of the mirror."""
    mirrored: set[Hash32] | None = None
    if e.mirror:
        mirror = e.mirror
        lines = walk(lambda cursor: mirror.bank_movements(e.as_of, cursor=cursor, limit=_MANY))
        mirrored = {line.ref for line in lines if line.ref is not None}
    references = sorted({*e.state.money.references, *(mirrored or ())})
    for ref, is_used in zip(references, e.raises.are_used(references, e.block.hash), strict=True):
        name = f"reference 0x{ref.hex()}"
        in_mirror: Sides | None = None if mirrored is None else {name: ref in mirrored}
        replayed: Sides = {name: ref in e.state.money.references}
        yield from compare(Subject(), replayed, in_mirror, {name: is_used}, e.last_of(e.raises.deployment.token))


def check_regions(e: Evidence) -> Iterator[Difference]:
    """Scheme and halts of every region."""
    mirrored = {view.region: view.word for view in e.mirror.regions(e.as_of)} if e.mirror else None
    for region in sorted({*e.state.regions, *(mirrored or ())}):
        replayed = _region(region, e.state.regions.get(region, RegionWord()))
        in_mirror = None if mirrored is None else _region(region, mirrored.get(region, RegionWord()))
        on_chain = _region(region, e.raises.region_word(region, e.block.hash))
        yield from compare(Subject(), replayed, in_mirror, on_chain, e.last_of(e.raises.deployment.regions))


def check_limits(e: Evidence) -> Iterator[Difference]:
    """The annual limit, and each party's use of it in each year."""
    behind = e.last_of(e.state.registry)
    limit: Sides = {"annual_limit": e.state.annual_limit}
    on_chain: Sides = {"annual_limit": e.raises.annual_limit(e.block.hash)}
    some = next(iter(e.state.parties), None)
    is_asked = e.mirror is not None and some is not None
    mirrored: Sides | None = None
    if e.mirror is not None and some is not None and some in e.mirror.words([some], e.as_of):
        mirrored = {"annual_limit": e.mirror.annual_use(some, 2000, e.as_of).limit}
    yield from compare(Subject(), limit, mirrored if is_asked else None, on_chain, behind)
    uses = sorted({*e.state.annual_use, *e.state.outside_use})
    for (party, year), chained in zip(uses, e.raises.uses_of(uses, e.block.hash), strict=True):
        outside, until = e.state.outside_use.get((party, year), (0, 0))
        own = e.state.annual_use.get((party, year), 0)
        named = f"of {year}"
        replayed: Sides = {f"use {named}": own, f"outside use {named}": outside, f"until {named}": until}
        there: Sides = {
            f"use {named}": chained.own,
            f"outside use {named}": chained.outside,
            f"until {named}": chained.until_day,
        }
        in_mirror: Sides | None = None
        if e.mirror and party in e.mirror.words([party], e.as_of):
            use = e.mirror.annual_use(party, year, e.as_of)
            in_mirror = {
                f"use {named}": use.own,
                f"outside use {named}": use.outside,
                f"until {named}": use.until_day,
            }
        yield from compare(Subject(party=party), replayed, in_mirror, there, e.state.trail.last_of_party.get(party))


def check_enrolled(e: Evidence) -> Iterator[Difference]:
    """Which contracts may use seats and limits."""
    mirrored = e.mirror.enrolled(e.as_of) if e.mirror else None
    for account in sorted({*e.state.enrolled, *(mirrored or ())}):
        replayed: Sides = {"is_enrolled": account in e.state.enrolled}
        in_mirror: Sides | None = None if mirrored is None else {"is_enrolled": account in mirrored}
        chained: Sides = {"is_enrolled": e.raises.is_enrolled(account, e.block.hash)}
        yield from compare(Subject(address=account), replayed, in_mirror, chained, e.last_of(e.state.registry))


def broken_laws(e: Evidence) -> Iterator[Finding]:
    """Of each raise, as the chain has it: money in = held + released + fee + refunded + redeemed, with what lapsed, and
    what its books say is held is there."""
    offerings = e.offerings()
    totals = e.raises.totals_of([o.address for o in offerings], e.block.hash)
    purses = e.raises.purses_of([o.escrow for o in offerings], e.block.hash)
    for o, t, p in zip(offerings, totals, purses, strict=True):
        at = e.last_of_raise(o) or NOWHERE
        for message in _law(e, o, t, p):
            yield Finding(Kind.MONEY, at, f"raise {o.number}: {message}")


def _law(e: Evidence, o: OfferingState, totals: Totals, purse: Purse) -> Iterator[str]:
    is_settled = totals.phase == OfferingPhase.SETTLED
    fee = totals.raised * o.terms.fee_bps // 10_000 if is_settled else 0
    kept = totals.live - (totals.raised if is_settled else 0)
    accounted = kept + purse.held + purse.released + fee + totals.refunded + purse.redeemed
    if accounted != totals.money_in:
        yield f"{totals.money_in} fen came in, {accounted} are accounted for"
    if purse.redeemed > purse.redeemable or purse.released + purse.redeemable > purse.proceeds:
        yield f"the escrow gave more than it may: {purse}"
    cash = e.raises.cash_of([o.address, o.escrow], e.block.hash)
    for name, has, owes in (("raise", cash[0].balance, kept), ("escrow", cash[1].balance, purse.held)):
        if has < owes:
            yield f"the {name} owes {owes} fen and has {has}"


# --- facts by name ---


def _owner(e: Evidence, account: Address) -> Subject:
    party, number = e.state.account_of(account)
    return Subject(party=party, account=number) if party else Subject(address=account)


def _cash(cash: Cash) -> Sides:
    return {"balance": cash.balance, "is_known": cash.is_known, "is_frozen": cash.is_frozen}


def _mirrored_cash(row: MoneyAccount | None) -> Sides:
    return {"balance": row.balance, "is_frozen": row.is_frozen} if row else {"balance": 0, "is_frozen": False}


def _accounts(e: Evidence, mirror: Queries) -> dict[Address, MoneyAccount]:
    found: dict[Address, MoneyAccount] = {}
    after = b""
    while True:
        page = mirror.known_money_accounts(e.as_of, after=after, limit=_MANY)
        found.update((row.account, row) for row in page)
        if len(page) < _MANY:
            return found
        after = page[-1].account


def _region(region: int, word: RegionWord) -> Sides:
    return {f"region {region} {name}": getattr(word, name) for name, _, _ in RegionWord.LAYOUT}


MONEY_CHECKS: tuple[Check, ...] = (
    check_money,
    check_supply,
    check_references,
    check_regions,
    check_limits,
    check_enrolled,
)
