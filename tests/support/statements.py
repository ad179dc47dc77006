"""A small market's dividends as statements take them: three companies, holders under several rates, every fate."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import date, timedelta

from registry.domain.ids import Address, Hash32, PartyId, Shares
from registry.statements.figures import gross_of, tax_of
from registry.statements.model import (
    Company,
    Distribution,
    DistributionReport,
    Excluded,
    Exclusion,
    Fate,
    Holder,
    HolderStatement,
    Lapsed,
    Line,
    Measure,
    Paid,
    Parked,
    Part,
    Payment,
    PerShare,
    Place,
    Relief,
    Scrip,
    ShareOfTotal,
    Source,
    Tax,
    TaxEntry,
    TaxList,
    Unclaimed,
    Why,
)

CHINA, GERMANY = 156, 276
QUALIFIED, INSTITUTION = 3, 4
YEAR = 2026


def digest(*words: object) -> Hash32:
    return Hash32(hashlib.sha256(" ".join(map(str, words)).encode()).digest())


def address(*words: object) -> Address:
    return Address(digest(*words)[:20])


SOURCE = Source(31337, address("distributions"), 18_402, digest("block"), 1_798_711_200)
XINGUANG = Company(17, "新光半导体科技（深圳）股份有限公司")
ALICE = Holder(PartyId(1001), "林启明", "440301199001011234")
BO = Holder(PartyId(1002), "Bo Andersson", "P12345678")
RARE = Holder(PartyId(1003), "张䶮𬱖", "11010119850615002X")
FUND = Holder(PartyId(1004), "前海共创一号股权投资合伙企业（有限合伙）", "91440300MA5DABCDEF")

TAXED = Tax(2_000, QUALIFIED, CHINA)
RELIEVED = Tax(1_000, QUALIFIED, GERMANY, Relief(digest("certificate"), date(2027, 12, 31)))
EXEMPT = Tax(0, INSTITUTION, CHINA)


def distribution(number: int = 7, measure: Measure | None = None, declared: int = 0, **changes: object) -> Distribution:
    values: dict[str, object] = {
        "company": XINGUANG,
        "share_class": "普通股",
        "decimals": 0,
        "record_date": date(YEAR, 3, 31),
        "payable_from": date(YEAR, 4, 15),
        "expires": date(YEAR + 3, 4, 15),
        **changes,
    }
    return Distribution(
        number=number,
        resolution=digest("resolution", number),
        profit=900_000_000_00,
        declared=declared,
        measure=measure or PerShare(1_250_000_000),
        schedule=3,
        **values,  # type: ignore[arg-type]
    )


def paid(gross: int, tax: Tax = TAXED, on: date = date(YEAR, 4, 15), place: Place = Place.WALLET) -> Paid:
    withheld = tax_of(gross, tax.rate)
    return Paid(on, place, address("account", place), tax, withheld, gross - withheld, digest("tx", gross, on))


def part(d: Distribution, shares: int, fate: Fate | Tax = TAXED) -> Part:
    """What so many shares get; a tax instead of a fate means that it was paid."""
    gross = gross_of(shares, d.decimals, d.measure)
    return Part(Shares(shares), gross, paid(gross, fate, d.payable_from) if isinstance(fate, Tax) else fate)


def with_scrip(d: Distribution, shares: int, price: int) -> Part:
    """Paid in as many whole new shares as the net amount buys at a price [fen]."""
    gross = gross_of(shares, d.decimals, d.measure)
    money = paid(gross, on=d.payable_from)
    bought = money.net // price
    scrip = Scrip(price, Shares(bought), bought * price)
    fate = Paid(money.on, money.place, money.account, money.tax, money.withheld, money.net, money.tx, scrip)
    return Part(Shares(shares), gross, fate)


def year(holder: Holder = ALICE, payments: Sequence[Payment] | None = None) -> HolderStatement:
    return HolderStatement(holder, YEAR, tuple(every_kind() if payments is None else payments), SOURCE)


def every_kind() -> list[Payment]:
    """Rate and share of a total, whole and cut amounts, wallet and book account, relief, scrip, each fate."""
    first = distribution(7)
    shared = distribution(8, ShareOfTotal(1_000_000_00, Shares(7_300_001)), share_class="A 轮优先股")
    other = distribution(
        9, PerShare(333_333_333), company=Company(21, "Harbour Light Robotics Co., Ltd."), share_class="Ordinary A"
    )
    book = part(shared, 1_234_567, RELIEVED)
    assert isinstance(book.fate, Paid)
    at_book = paid(book.gross, RELIEVED, date(YEAR, 6, 2), Place.BOOK)
    late = {"record_date": date(YEAR, 9, 30), "payable_from": date(YEAR, 10, 20)}
    old = {"record_date": date(YEAR - 4, 5, 4), "payable_from": date(YEAR - 4, 5, 20), "expires": date(YEAR - 1, 5, 20)}
    return [
        Payment(first, part(first, 12_000)),
        Payment(shared, Part(book.shares, book.gross, at_book)),
        Payment(other, with_scrip(other, 98_765, 350)),
        Payment(distribution(10, **late), part(distribution(10), 12_000, Parked(Why.KYC_LAPSED))),
        Payment(distribution(11, **late), part(distribution(11), 300, Unclaimed())),
        Payment(distribution(2, **old), part(distribution(2), 77, Lapsed(date(YEAR - 1, 5, 21)))),
    ]


def report(holders: int = 12, measure: Measure | None = None) -> DistributionReport:
    """So many holders, each with another holding; a few parked, open, lapsed, one in shares."""
    shares = [1_000 * (index % 37 + 1) + 13 * index for index in range(holders)]
    measure = measure or ShareOfTotal(2_345_678_90, Shares(sum(shares)))
    d = distribution(7, measure)
    parts = [_fated(d, index, held) for index, held in enumerate(shares)]
    carried = measure.total - sum(p.gross for p in parts) if isinstance(measure, ShareOfTotal) else 0
    d = distribution(7, measure, sum(p.gross for p in parts) + carried)
    lines = tuple(Line(holder(index), p) for index, p in enumerate(parts))
    treasury = Excluded(Holder(PartyId(17), XINGUANG.name), address("own"), Shares(50_000), Exclusion.TREASURY)
    ordered = Excluded(Holder(PartyId(900), "周雅"), address("900"), Shares(800), Exclusion.RESOLUTION)
    return DistributionReport(d, lines, carried, SOURCE, (treasury, ordered))


def _fated(d: Distribution, index: int, shares: int) -> Part:
    fates: dict[int, Fate | Tax] = {
        2: RELIEVED,
        3: EXEMPT,
        4: Parked(Why.KYC_LAPSED),
        5: Unclaimed(),
        6: Parked(Why.FROZEN),
        8: Lapsed(d.expires + timedelta(days=1)),
    }
    return with_scrip(d, shares, 350) if index == 7 else part(d, shares, fates.get(index, TAXED))


def holder(index: int) -> Holder:
    known = (ALICE, BO, RARE, FUND)
    if index < len(known):
        return known[index]
    return Holder(PartyId(2_000 + index), f"第 {index} 号股东", f"4403011980{index:08}")


def taxes(holders: int = 12) -> TaxList:
    told = report(holders)
    entries = [
        TaxEntry(line.holder, Payment(told.distribution, line.part))
        for line in told.lines
        if isinstance(line.part.fate, Paid)
    ]
    return TaxList(XINGUANG, date(YEAR, 1, 1), date(YEAR, 12, 31), tuple(entries), SOURCE)
