"""Dividends as the command line shows them: JSON has fen, tables have CNY."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from registry.cli.money import percent, yuan
from registry.cli.output import Column, Output, grouped, quantity
from registry.cli.parse import shown_day
from registry.cli.show import hexed, person
from registry.domain.days import civil
from registry.domain.ids import PartyId
from registry.domain.payout_args import DistributionPhase, Settlement
from registry.mirror.views_payout import Distribution, DividendLine, Preview

if TYPE_CHECKING:  # help does not wait for what sending needs
    from registry.acts.dividend_pay import Served

Names = Mapping[PartyId, str]
MONEY = {
    "declared": "declared 已宣派",
    "paid": "paid 已付",
    "withheld": "tax withheld 代扣税",
    "unclaimed": "unclaimed 未领取",
    "parked": "parked 暂存",
    "carried": "carried 结转余数",
}
"""declared is the sum of the others."""
_STATES = {
    Settlement.NONE: "waiting 待付",
    Settlement.PAID: "paid 已付",
    Settlement.PARKED: "parked 暂存",
    Settlement.LAPSED: "lapsed 失权",
}


def rate_text(rate: int) -> str:
    """ "0.05" of 10^-10 CNY, without zeros behind."""
    return quantity(rate, 10).rstrip("0").rstrip(".")


def distribution_object(d: Distribution, utc_offset: int) -> dict[str, Any]:
    t, s = d.terms, d.summary
    return {
        "dividend": d.number,
        "company": d.company,
        "class": d.symbol or d.class_name,
        "phase": DistributionPhase(d.phase).name.lower(),
        "record_date": shown_day(d.record_day),
        "pays": civil(d.region.unix(t.payable_from), utc_offset),
        "expires": civil(d.region.unix(d.expires_at), utc_offset),
        "schedule": t.schedule,
        "rate": rate_text(t.rate) if t.rate else None,
        "scrip_price": t.scrip_price or None,
        "total": t.total,
        "profit": t.profit,
        "returned": d.returned,
        "short": d.is_short,
        "resolution": hexed(d.resolution),
        "excluded": [hexed(account) for account in d.excluded],
        "holders": d.holders,
        **{name: getattr(s, name) for name in (*MONEY, "lapsed", "remitted")},
    }


def line_object(line: DividendLine, decimals: int, names: Names) -> dict[str, Any]:
    """One holder with the arithmetic: gross = floor(shares × numerator ÷ denominator)."""
    return {
        "row": line.row,
        "party": line.party,
        "name": names.get(line.party),
        "shares": quantity(line.shares, decimals),
        "account": hexed(line.account),
        "numerator": line.numerator,
        "denominator": line.denominator,
        "gross": line.gross,
        "bps": line.bps,
        "tax": line.tax,
        "net": line.net,
        "state": line.settlement.name.lower(),
        "parks": line.would_park,
        "scrip": line.wants_scrip,
        "scrip_shares": quantity(line.scrip_shares, decimals),
        "scrip_cost": line.scrip_cost,
    }


def show_distribution(out: Output, d: Distribution, lines: tuple[DividendLine, ...], names: Names, offset: int) -> None:
    told = distribution_object(d, offset)
    what = f"¥ {told['rate']} a share" if told["rate"] else f"¥ {yuan(d.terms.total)} shared out"
    out.line(f"Dividend 分红 {d.number} of company {d.company}, {told['class']}: {what}, {told['phase']}", style="bold")
    out.line(
        f"record date 股权登记日 {told['record_date']}, paid from 派息日 {told['pays']}, expires {told['expires']}"
    )
    show_money(out, {name: told[name] for name in MONEY})
    rows = [
        [
            person(line.party, dict(names)),
            grouped(line.shares, d.decimals),
            yuan(line.gross),
            percent(line.bps),
            yuan(line.tax),
            yuan(line.net),
            _STATES[line.settlement],
        ]
        for line in lines
    ]
    if rows:
        columns = [Column("holder"), Column("shares", True), Column("gross, CNY", True), Column("tax rate", True)]
        columns += [Column("tax", True), Column("net", True), Column("")]
        out.table(f"Holders of record at {told['record_date']}", columns, rows)


def show_money(out: Output, money: Mapping[str, int]) -> None:
    """declared, and what it is the sum of."""
    rows = [[title, yuan(money[name])] for name, title in MONEY.items()]
    out.table("Money, CNY", [Column(""), Column("CNY", True)], rows)


def preview_object(found: Preview, decimals: int, names: Names) -> dict[str, Any]:
    return {
        "block": found.register.stand.block,
        "total": found.total,
        "rate": rate_text(found.rate) if found.rate else None,
        "declared": found.declared,
        "returned": found.returned,
        "short": found.is_short,
        "gross": found.gross,
        "tax": found.tax,
        "net": found.net,
        "carried": found.carried,
        "shares": quantity(found.register.entitled, decimals),
        "excluded": quantity(found.register.excluded, decimals),
        "holders": [
            {
                "party": line.party,
                "name": names.get(line.party),
                "shares": quantity(line.shares, decimals),
                "gross": line.gross,
                "bps": line.bps,
                "tax": line.tax,
                "net": line.net,
                "parks": line.would_park,
            }
            for line in found.lines
        ],
    }


def show_preview(out: Output, found: Preview, decimals: int, names: Names) -> None:
    rows = [
        [
            person(line.party, dict(names)),
            grouped(line.shares, decimals),
            yuan(line.gross),
            percent(line.bps),
            yuan(line.tax),
            yuan(line.net),
            "parked 暂存" if line.would_park else "",
        ]
        for line in found.lines
    ]
    columns = [Column("holder"), Column("shares", True), Column("gross, CNY", True), Column("tax rate", True)]
    columns += [Column("tax", True), Column("net", True), Column("")]
    out.table(f"What each holder would get, as of block {found.register.stand.block}", columns, rows)
    told = f"gross {yuan(found.gross)}, tax {yuan(found.tax)}, net {yuan(found.net)}, carried {yuan(found.carried)} CNY"
    out.line(told, style="bold")
    if found.is_short:
        out.line(f"the total does not cover the rate: {yuan(found.total)} CNY are shared out", style="yellow")
    elif found.returned:
        out.line(f"{yuan(found.returned)} CNY are not needed and go back")


def served_object(found: Served) -> dict[str, Any]:
    return {
        "dividend": found.number,
        "phase": found.phase.name.lower(),
        "rows": {state.name.lower(): count for state, count in found.rows.items()},
        **asdict(found.money),
    }


def show_served(out: Output, found: Served) -> None:
    rows = found.rows
    told = f"{rows[Settlement.PAID]} paid, {rows[Settlement.PARKED]} parked, {rows[Settlement.LAPSED]} lapsed"
    out.line(f"dividend {found.number} is {found.phase.name.lower()}: {told}, {rows[Settlement.NONE]} waiting")
    show_money(out, asdict(found.money))
