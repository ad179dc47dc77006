"""What is compared of raises: terms, totals, subscriptions, purses, tranches, cases, panels, votes, puts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, replace

from registry.audit.evidence import Check, Evidence, Sides, compare, walk
from registry.audit.outcome import Difference, Subject
from registry.domain.board import BoardState
from registry.domain.escrow import EscrowState
from registry.domain.ids import Address, PartyId
from registry.domain.raise_args import EscrowTerms, OfferingTerms
from registry.domain.raise_words import Case, Purse, Subscription, Totals, Tranche, Verifier
from registry.domain.raising import OfferingState
from registry.mirror.views_raise import Escrow, Offering

_MANY = 200


def check_offerings(e: Evidence) -> Iterator[Difference]:
    """How many there are, and each raise's terms, money, phase and subscribers."""
    count: Sides = {"raises": len(e.state.offerings)}
    in_mirror: Sides | None = {"raises": len(e.mirrored_raises)} if e.mirror else None
    on_chain: Sides = {"raises": e.raises.offering_count(e.block.hash)}
    yield from compare(Subject(), count, in_mirror, on_chain, e.last_of(e.raises.deployment.offering_factory))
    offerings = e.offerings()
    totals = e.raises.totals_of([o.address for o in offerings], e.block.hash)
    for o, there in zip(offerings, totals, strict=True):
        row = e.mirrored_raises.get(o.address)
        mirrored = None if row is None else {**_totals(row.totals), **_terms(row.terms), "fee": row.fee}
        replayed = {**_totals(o.totals), **_terms(o.terms)}
        chained = {**_totals(there), **_terms(e.raises.terms(o.address, e.block.hash))}
        if o.totals.phase == _SETTLED:
            replayed["fee"] = o.fee
        yield from compare(e.raise_of(o), replayed, mirrored, chained, e.last_of(o.address))


def check_subscriptions(e: Evidence) -> Iterator[Difference]:
    """Every subscription: money, shares, what was redeemed of it."""
    for o in e.offerings():
        listed = _mirrored_subscriptions(e, o)
        parties = sorted({*o.subscriptions, *(listed or ())})
        on_chain = e.raises.subscriptions_of(o.address, parties, e.block.hash)
        for party, there in zip(parties, on_chain, strict=True):
            replayed = _subscription(o.subscriptions.get(party, Subscription()))
            mirrored = None if listed is None else _subscription(listed.get(party, Subscription()))
            subject = replace(e.raise_of(o), party=party)
            yield from compare(subject, replayed, mirrored, _subscription(there), e.last_of_raise(o))


def check_escrows(e: Evidence) -> Iterator[Difference]:
    """Every escrow's terms, purse, time for claims, tranches and votes."""
    offerings = e.offerings()
    escrows = [o.escrow for o in offerings]
    purses, ends = e.raises.purses_of(escrows, e.block.hash), e.raises.claims_ends_of(escrows, e.block.hash)
    for o, purse, claims_end in zip(offerings, purses, ends, strict=True):
        escrow, row, behind = e.state.escrows[o.escrow], _mirrored_escrow(e, o), e.last_of(o.escrow)
        replayed = _escrow(escrow.purse, escrow.terms, escrow.claims_end, len(escrow.tranches))
        tranches = e.raises.tranches(o.escrow, e.block.hash)
        terms = e.raises.escrow_terms(o.escrow, e.block.hash)
        chained = _escrow(purse, terms, claims_end, len(tranches))
        mirrored: Sides | None = None
        if row is not None:
            mirrored = _escrow(row.offering.purse, row.terms, row.offering.claims_end, len(row.tranches))
            replayed["is_put_open"] = escrow.is_put_open
            mirrored["is_put_open"] = row.is_put_open
            replayed["lapsed"], mirrored["lapsed"] = escrow.lapsed, row.offering.lapsed
        yield from compare(e.raise_of(o), replayed, mirrored, chained, behind)
        for milestone, (mine, there) in enumerate(zip(escrow.tranches, tranches, strict=False)):
            yield from _check_tranche(e, o, escrow, milestone, (mine, there), row)


def _check_tranche(
    e: Evidence,
    o: OfferingState,
    escrow: EscrowState,
    milestone: int,
    words: tuple[Tranche, Tranche],
    row: Escrow | None,
) -> Iterator[Difference]:
    mine, there = words
    votes = e.raises.votes_of(o.escrow, milestone, e.block.hash)
    vote = escrow.votes.get(milestone)
    replayed, chained = _tranche(mine), _tranche(there)
    replayed["consents"], chained["consents"] = (vote.yes if vote else 0), votes.yes
    mirrored: Sides | None = None
    if row is not None:
        tranche = next((each for each in row.tranches if each.milestone == milestone), None)
        mirrored = _tranche(tranche.word) if tranche else {"state": None}
        mirrored["consents"] = tranche.vote.yes if tranche and tranche.vote else 0
    subject = replace(e.raise_of(o), milestone=milestone)
    yield from compare(subject, replayed, mirrored, chained, e.last_of(o.escrow))


def check_cases(e: Evidence) -> Iterator[Difference]:
    """Every milestone before the board."""
    board = e.state.board
    for o in e.offerings():
        row = _mirrored_escrow(e, o)
        milestones = range(len(e.state.escrows[o.escrow].tranches))
        for milestone, there in zip(milestones, e.raises.cases_of(o.escrow, milestones, e.block.hash), strict=True):
            mirrored: Sides | None = None
            if row is not None:
                case = next((each.case for each in row.tranches if each.milestone == milestone), None)
                mirrored = _case(case or Case())
            subject = replace(e.raise_of(o), milestone=milestone)
            replayed = _case(board.cases.get((o.escrow, milestone), Case()))
            yield from compare(subject, replayed, mirrored, _case(there), e.last_of(e.raises.deployment.board))


def check_panels(e: Evidence) -> Iterator[Difference]:
    """Every verifier ever appointed, who was dismissed or suspended, and whether the panel had a case."""
    for company, kind in sorted(e.state.board.panels):
        members, struck = e.raises.panel(company, kind, e.block.hash)
        replayed = _panel(e.state.board, company, kind)
        chained = _members(dict(enumerate(members)), struck)
        replayed["is_judging"] = e.state.board.panel_of(company, kind).is_judging
        chained["is_judging"] = e.raises.is_judging(company, kind, e.block.hash)
        mirrored: Sides | None = None
        if e.mirror:
            rows = e.mirror.verifiers(company, kind, e.as_of)
            listed = {row.member: Verifier(row.key, row.party, row.from_day, row.until_day) for row in rows}
            mirrored = _members(listed, sum(1 << row.member for row in rows if not row.is_active))
        known = e.state.companies.get(company)
        subject = Subject(known.number) if known else Subject(address=company)
        named = [{f"panel {kind} {name}": value for name, value in side.items()} for side in (replayed, chained)]
        listed_too = None if mirrored is None else {f"panel {kind} {name}": value for name, value in mirrored.items()}
        yield from compare(subject, named[0], listed_too, named[1], e.last_of(e.raises.deployment.board))


def check_puts(e: Evidence) -> Iterator[Difference]:
    """Every put that was exercised, and its debt."""
    for o in e.offerings():
        escrow, row = e.state.escrows[o.escrow], _mirrored_escrow(e, o)
        listed = None if row is None else {put.party: put for put in row.puts}
        parties: list[PartyId] = sorted({*escrow.puts, *(listed or ())})
        for party, there in zip(parties, e.raises.puts_of(o.escrow, parties, e.block.hash), strict=True):
            mine = escrow.puts.get(party)
            replayed = _put(mine.shares, mine.debt, mine.is_paid) if mine else _put(0, 0, False)
            mirrored: Sides | None = None
            if listed is not None:
                put = listed.get(party)
                mirrored = _put(put.shares, put.debt, put.payer is not None) if put else _put(0, 0, False)
            subject = replace(e.raise_of(o), party=party)
            chained = _put(there.shares, there.debt, there.is_paid)
            yield from compare(subject, replayed, mirrored, chained, e.last_of(o.escrow))


# --- facts by name ---

_SETTLED = 4


def _totals(word: Totals) -> Sides:
    return {name: getattr(word, name) for name, _, _ in Totals.LAYOUT}


def _subscription(word: Subscription) -> Sides:
    return {name: getattr(word, name) for name, _, _ in Subscription.LAYOUT}


def _purse(word: Purse) -> Sides:
    return {name: getattr(word, name) for name, _, _ in Purse.LAYOUT}


def _tranche(word: Tranche) -> Sides:
    return {name: getattr(word, name) for name, _, _ in Tranche.LAYOUT}


def _case(word: Case) -> Sides:
    return {name: getattr(word, name) for name, _, _ in Case.LAYOUT}


def _terms(terms: OfferingTerms) -> Sides:
    return {f"terms.{each.name}": getattr(terms, each.name) for each in fields(OfferingTerms)}


def _escrow(purse: Purse, terms: EscrowTerms, claims_end: int, tranches: int) -> Sides:
    return {**_purse(purse), **_escrow_terms(terms), "claims_end": claims_end, "tranches": tranches}


def _escrow_terms(terms: EscrowTerms) -> Sides:
    return {f"terms.{each.name}": getattr(terms, each.name) for each in fields(EscrowTerms)}


def _put(shares: int, debt: int, is_paid: bool) -> Sides:
    return {"put_shares": shares, "put_debt": debt, "put_is_paid": is_paid}


def _panel(board: BoardState, company: Address, kind: int) -> Sides:
    panel = board.panel_of(company, kind)
    return _members(dict(enumerate(panel.members)), panel.struck)


def _members(members: dict[int, Verifier], struck: int) -> Sides:
    sides: Sides = {"members": len(members), "struck": struck}
    for place, member in members.items():
        sides |= {f"member {place} {name}": getattr(member, name) for name, _, _ in Verifier.LAYOUT}
    return sides


def _mirrored_escrow(e: Evidence, o: OfferingState) -> Escrow | None:
    """None: there is no mirror, or it does not know the raise, which is a difference of its own."""
    row: Offering | None = e.mirrored_raises.get(o.address)
    return e.mirror.escrow(row.number, e.as_of) if e.mirror and row else None


def _mirrored_subscriptions(e: Evidence, o: OfferingState) -> dict[PartyId, Subscription] | None:
    mirror, row = e.mirror, e.mirrored_raises.get(o.address)
    if mirror is None or row is None:
        return None
    number = row.number
    rows = walk(lambda cursor: mirror.subscriptions(number, e.as_of, cursor=cursor, limit=_MANY))
    return {each.party: each.word for each in rows if each.word.status}


RAISE_CHECKS: tuple[Check, ...] = (
    check_offerings,
    check_subscriptions,
    check_escrows,
    check_cases,
    check_panels,
    check_puts,
)
