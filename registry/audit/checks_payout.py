"""What is compared of dividends: distributions and each holder's part, tax, preferences, registers at record dates; and
the law that the contract has what its dividends still owe."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, replace

from eth_utils.crypto import keccak

from registry.audit.evidence import Check, Evidence, Sides, compare, walk
from registry.audit.outcome import Difference, Subject
from registry.chain.decode import CLASSES_PER_COMPANY, class_id_of
from registry.chain.reads_payout import DistributionWord, PreferenceWord
from registry.domain.days import day_of
from registry.domain.entitlements import held_at
from registry.domain.findings import NOWHERE, Finding
from registry.domain.findings import Check as Kind
from registry.domain.ids import Day, PartyId
from registry.domain.moves import issued_at
from registry.domain.payout_args import LEAF, DistributionPhase, DistributionTerms, Settlement
from registry.domain.payouts import DistributionState
from registry.domain.register import ClassState
from registry.errors import RejectedError
from registry.mirror.views_payout import Distribution, DividendLine, RegisterAt

_MANY = 200
_TERMS = tuple(field.name for field in fields(DistributionTerms))
_IN_WORD = {field.name for field in fields(DistributionWord)}


def check_distributions(e: Evidence) -> Iterator[Difference]:
    """How many there are, and each one's terms, phase, money, what is excluded and its register as it was fixed."""
    known = e.state.payouts.distributions
    count: Sides = {"dividends": len(known)}
    in_mirror: Sides | None = {"dividends": len(e.mirrored_dividends)} if e.mirror else None
    on_chain: Sides = {"dividends": e.payouts.distribution_count(e.block.hash)}
    yield from compare(Subject(), count, in_mirror, on_chain, e.last_of(e.payouts.deployment.distributions))
    words = e.payouts.distributions_of(list(known), e.block.hash)
    for d, word in zip(known.values(), words, strict=True):
        row = e.mirrored_dividends.get(d.id)
        chained = _word(word)
        chained |= {name: getattr(word, name) for name in _TERMS if name in _IN_WORD - {"expires_at"}}
        excluded = e.payouts.excluded_of(d.id, e.block.hash)
        chained["excluded"] = ", ".join(account.hex() for account in excluded)
        leaves = -(-len(d.holders) // LEAF)
        hashes = e.payouts.leaves_of(d.id, range(leaves + 1), e.block.hash)
        replayed = _replayed(d)
        for number, found in enumerate(hashes):
            name = f"leaf {number}"
            replayed[name], chained[name] = _hash(d, number), bytes(found)
        mirrored = None if row is None else _mirrored(row)
        yield from compare(e.dividend_of(d), replayed, mirrored, chained, e.told.last_of.get(d.id))


def check_parts(e: Evidence) -> Iterator[Difference]:
    """Every holder's part: row, shares, account, gross and tax, what happened to it, and who chose shares."""
    for d in e.state.payouts.distributions.values():
        lines = _lines(e, d)
        settled = e.payouts.settlements_of(d.id, range(len(d.holders)), e.block.hash)
        parties = sorted({*(row.party for row in d.holders), *d.scrip})
        chosen = dict(zip(parties, e.payouts.have_chosen_scrip(d.id, parties, e.block.hash), strict=True))
        for position, (row, there) in enumerate(zip(d.holders, settled, strict=True)):
            replayed = _part(e, d, position)
            chained: Sides = {"settlement": there, "wants_scrip": chosen[row.party]}
            mirrored = None if lines is None else _line(lines.get(row.party))
            subject = replace(e.dividend_of(d), party=row.party)
            yield from compare(subject, replayed, mirrored, chained, e.told.behind(d.id, row.party))
        for party in sorted({*parties} - {row.party for row in d.holders}):
            subject = replace(e.dividend_of(d), party=party)
            wants: Sides = {"wants_scrip": party in d.scrip}
            yield from compare(subject, wants, None, {"wants_scrip": chosen[party]}, e.told.behind(d.id, party))


def check_tax(e: Evidence) -> Iterator[Difference]:
    """Every schedule's account and rules, and every relief."""
    schedules, behind = e.state.payouts.schedules, e.last_of(e.payouts.deployment.tax_schedules)
    mirror = e.mirror
    listed = None
    if mirror is not None:
        pages = walk(lambda cursor: mirror.tax_schedules(e.as_of, cursor=cursor, limit=_MANY))
        listed = {each.number: each for each in pages}
    count: Sides = {"tax schedules": len(schedules)}
    in_mirror: Sides | None = None if listed is None else {"tax schedules": len(listed)}
    yield from compare(Subject(), count, in_mirror, {"tax schedules": e.payouts.schedule_count(e.block.hash)}, behind)
    for number, schedule in schedules.items():
        row = None if listed is None else listed.get(number)
        name = f"tax schedule {number}"
        replayed: Sides = {f"{name} account": schedule.tax_account}
        chained: Sides = {f"{name} account": e.payouts.tax_account_of(number, e.block.hash)}
        mirrored: Sides | None = None if row is None else {f"{name} account": row.tax_account}
        for rule in schedule.rules:
            which = f"{name} category {rule.category} residence {rule.residence}"
            replayed[which] = rule.bps
            chained[which] = _rate(e, number, rule.category, rule.residence)
        if row is not None and mirrored is not None:
            rules = {f"{name} category {rule.category} residence {rule.residence}": rule.bps for rule in row.rules}
            mirrored |= {which: rules.get(which) for which in chained if which not in mirrored}
        yield from compare(Subject(), replayed, mirrored, chained, behind)
    yield from _check_reliefs(e)


def _check_reliefs(e: Evidence) -> Iterator[Difference]:
    known = e.state.payouts.reliefs
    listed = {each.party: each for each in e.mirror.tax_reliefs(e.as_of)} if e.mirror else None
    parties = sorted({*known, *(listed or ())})
    for party, there in zip(parties, e.payouts.reliefs_of(parties, e.block.hash), strict=True):
        mine, row = known.get(party), None if listed is None else listed.get(party)
        replayed = _relief(mine.bps, mine.until_day) if mine else _relief(0, 0)
        mirrored = None if listed is None else _relief(row.bps, row.until_day) if row else _relief(0, 0)
        chained = _relief(there.bps, there.until_day)
        yield from compare(Subject(party=party), replayed, mirrored, chained, e.state.trail.last_of_party.get(party))


def check_preferences(e: Evidence) -> Iterator[Difference]:
    """Every class: its rank, what it accrues and was declared, and its arrears today."""
    today = day_of(e.block.time, e.state.utc_offset)
    mirror = e.mirror
    listed = None
    if mirror is not None:
        pages = walk(lambda cursor: mirror.preferences(None, e.as_of, day=today, cursor=cursor, limit=_MANY))
        listed = {each.class_id: each for each in pages}
    behind = e.last_of(e.payouts.deployment.preferences)
    classes = e.classes()
    words = e.payouts.preferences_of([c.address for c in classes], e.block.hash)
    for c, there in zip(classes, words, strict=True):
        mine = e.state.payouts.preferences.get(c.address)
        replayed = (
            _preference(PreferenceWord(mine.per_year, mine.from_day, mine.rank, mine.declared))
            if mine
            else _preference(_EMPTY)
        )
        chained = _preference(there)
        replayed["arrears"] = mine.arrears(today) if mine else 0
        chained["arrears"] = e.payouts.arrears_of(c.address, today, e.block.hash) if there.rank else 0
        mirrored: Sides | None = None
        if listed is not None and e.mirror_of(e.state.companies[c.company]):
            row = listed.get(_class_id(e, c))
            facts = PreferenceWord(row.per_year, row.from_day, row.rank, row.declared) if row else _EMPTY
            mirrored = {**_preference(facts), "arrears": row.arrears if row else 0}
        yield from compare(e.subject_of(c), replayed, mirrored, chained, behind)


def check_record_dates(e: Evidence) -> Iterator[Difference]:
    """Every class at every record date that has passed: what was issued, and what each account held."""
    for c in e.classes():
        for epoch, time in enumerate(c.record_times, 1):
            if time < e.block.time:
                yield from _check_record_date(e, c, epoch)


def _check_record_date(e: Evidence, c: ClassState, epoch: int) -> Iterator[Difference]:
    held, named = held_at(e.state, c, epoch), f"at record date {epoch}"
    there = e.payouts.holdings_at(c.address, [one.address for one in held], epoch, e.block.hash)
    replayed: Sides = {f"issued {named}": issued_at(c, epoch)}
    chained: Sides = {f"issued {named}": e.payouts.issued_at(c.address, epoch, e.block.hash)}
    mirrored: Sides | None = None
    register = _register(e, c, epoch)
    if register is not None:
        mirrored = {f"issued {named}": register.issued}
    in_mirror = {each.account: each.shares for each in register.accounts} if register else {}
    for one, (_, shares) in zip(held, there, strict=True):
        name = f"shares of 0x{one.address.hex()} {named}"
        replayed[name], chained[name] = one.shares, shares
        if mirrored is not None:
            mirrored[name] = in_mirror.get(one.address, 0)
    yield from compare(e.subject_of(c), replayed, mirrored, chained, e.last_of(c.address))


def _register(e: Evidence, c: ClassState, epoch: int) -> RegisterAt | None:
    """None: there is no mirror, or it does not know the date, which is a difference of its own."""
    mirror, class_id = e.mirror, _class_id(e, c)
    if mirror is None or all(date.epoch != epoch for date in mirror.record_dates(class_id, e.as_of)):
        return None
    known = e.mirror_of(e.state.companies[c.company])
    is_known = known is not None and any(
        each.class_id == class_id for each in known.classes(class_id // CLASSES_PER_COMPANY, e.as_of)
    )
    return mirror.register_at(class_id, epoch, e.as_of) if is_known else None


def broken_dividend_laws(e: Evidence) -> Iterator[Finding]:
    """As the chain has it: nothing is given that was not declared, and the contract has what its dividends still owe,
    besides what somebody else sent to it."""
    contract, known = e.payouts.deployment.distributions, e.state.payouts
    owed = 0
    for number, word in zip(
        known.distributions, e.payouts.distributions_of(list(known.distributions), e.block.hash), strict=True
    ):
        owed += held_by(word)
        given = word.paid + word.withheld + word.parked + word.lapsed
        if given > word.declared or word.remitted > word.withheld or word.handled > word.entitled:
            at = e.told.last_of.get(number, NOWHERE)
            message = (
                f"dividend {number}: {given} fen accounted for of {word.declared}, {word.remitted} of tax remitted"
            )
            yield Finding(Kind.PAYOUT, at, message)
    has = e.raises.cash_of([contract], e.block.hash)[0].balance
    strange = e.state.money.cash(contract).balance - known.held
    if strange < 0 or has != owed + strange:
        at = e.state.trail.last_of_money.get(contract, NOWHERE)
        yield Finding(Kind.MONEY, at, f"the contract of dividends owes {owed} fen and has {has}")


def held_by(word: DistributionWord) -> int:
    """[fen] What the contract still has of a distribution."""
    if word.state == DistributionPhase.CLOSED:
        return word.parked + word.withheld - word.remitted
    return word.declared - word.paid - word.remitted - word.lapsed


# --- facts by name ---

_WORD = (
    "declared",
    "expires_at",
    "is_short",
    "paid",
    "withheld",
    "handled",
    "entitled",
    "parked",
    "lapsed",
    "remitted",
    "reserved",
    "counted",
    "region",
)
_EMPTY = PreferenceWord(0, Day(0), 0, 0)


def _word(word: DistributionWord) -> Sides:
    return {"phase": word.state, **{name: getattr(word, name) for name in _WORD}, "resolution": word.resolution}


def _replayed(d: DistributionState) -> Sides:
    sides: Sides = {"phase": int(d.phase), **{name: getattr(d, name) for name in _WORD}, "resolution": d.resolution}
    sides |= {name: getattr(d.terms, name) for name in _TERMS if name != "expires_at"}
    sides["terms.expires_at"] = d.terms.expires_at
    return sides | {"excluded": ", ".join(account.hex() for account in d.excluded), "holders": len(d.holders)}


def _mirrored(row: Distribution) -> Sides:
    sides: Sides = {
        "phase": row.phase,
        "declared": row.summary.declared,
        "expires_at": row.expires_at,
        "is_short": row.is_short,
        "paid": row.summary.paid,
        "withheld": row.summary.withheld,
        "handled": row.handled,
        "entitled": row.entitled,
        "parked": row.summary.parked,
        "lapsed": row.summary.lapsed,
        "remitted": row.summary.remitted,
        "reserved": row.reserved,
        "counted": row.counted,
        "region": row.region.region,
        "resolution": row.resolution if row.terms.scrip_price else bytes(32),
    }
    sides |= {name: getattr(row.terms, name) for name in _TERMS if name != "expires_at"}
    sides["terms.expires_at"] = row.terms.expires_at
    return sides | {"excluded": ", ".join(account.hex() for account in row.excluded), "holders": row.holders}


def _hash(d: DistributionState, number: int) -> bytes:
    """Of the rows that are hashed together; zero where there are none."""
    rows = d.leaf(number)
    return bytes(keccak(b"".join(row.pack().to_bytes(32, "big") for row in rows))) if rows else bytes(32)


def _part(e: Evidence, d: DistributionState, position: int) -> Sides:
    row, settlement = d.holders[position], d.settlements[position]
    sides: Sides = {
        "row": position,
        "record_shares": row.shares,
        "record_account": row.account,
        "settlement": int(settlement),
        "wants_scrip": row.party in d.scrip,
    }
    told, scrip = e.told.payments.get((d.id, row.party)), e.told.scrip.get((d.id, row.party))
    if told is not None:
        sides |= {"gross": told.gross, "tax": told.tax if settlement == Settlement.PAID else 0}
    sides["scrip_shares"], sides["scrip_cost"] = (scrip.shares, scrip.cost) if scrip else (0, 0)
    return sides


def _line(line: DividendLine | None) -> Sides:
    if line is None:
        return {"row": None}
    return {
        "row": line.row,
        "record_shares": line.shares,
        "record_account": line.account,
        "settlement": int(line.settlement),
        "wants_scrip": line.wants_scrip,
        "gross": line.gross,
        "tax": line.tax if line.settlement == Settlement.PAID else 0,
        "scrip_shares": line.scrip_shares,
        "scrip_cost": line.scrip_cost,
    }


def _lines(e: Evidence, d: DistributionState) -> dict[PartyId, DividendLine] | None:
    """None: there is no mirror, or it does not know the distribution, which is a difference of its own."""
    mirror = e.mirror
    if mirror is None or d.id not in e.mirrored_dividends:
        return None
    lines = walk(lambda cursor: mirror.dividend_lines(d.id, e.as_of, cursor=cursor, limit=_MANY))
    return {line.party: line for line in lines}


def _rate(e: Evidence, schedule: int, category: int, residence: int) -> int | None:
    try:
        return e.payouts.rate_of(schedule, category, residence, e.block.hash)
    except RejectedError:
        return None


def _relief(bps: int, until_day: int) -> Sides:
    return {"tax_relief": bps, "tax_relief_until": until_day}


def _preference(word: PreferenceWord) -> Sides:
    return {f"preference.{each.name}": getattr(word, each.name) for each in fields(PreferenceWord)}


def _class_id(e: Evidence, c: ClassState) -> int:
    return class_id_of(e.state.companies[c.company].number, c.index)


PAYOUT_CHECKS: tuple[Check, ...] = (
    check_distributions,
    check_parts,
    check_tax,
    check_preferences,
    check_record_dates,
)
