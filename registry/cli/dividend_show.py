"""Dividends as the command line shows them: JSON has fen, tables have CNY."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from registry.acts.amounts import a_share
from registry.cli.money import percent, yuan
from registry.cli.output import Column, Output, grouped, quantity
from registry.cli.parse import shown_day
from registry.cli.show import hexed, person
from registry.domain.days import civil
from registry.domain.ids import PartyId
from registry.domain.payout_args import DistributionPhase, Settlement
from registry.mirror.views_payout import Distribution, DividendLine, Preview

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
_HOLDER = (
    Column("party", True),
    Column("holder"),
    Column("shares", True),
    Column("gross, CNY", True),
    Column("tax rate", True),
    Column("tax", True),
    Column("net", True),
)
_STATES = {
    Settlement.NONE: "waiting 待付",
    Settlement.PAID: "paid 已付",
    Settlement.PARKED: "parked 暂存",
    Settlement.LAPSED: "lapsed 失权",
}


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
        "rate": a_share(t.rate) if t.rate else None,
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


@dataclass(frozen=True, slots=True)
class Shown:
    """A dividend with its holders. `chosen`: who takes shares, while the register is not fixed; `heir`: whose the
    account is that gets what lapses, None where that is no party's."""

    dividend: Distribution
    lines: tuple[DividendLine, ...]
    chosen: tuple[PartyId, ...]
    heir: PartyId | None
    names: Names
    utc_offset: int


def shown_object(found: Shown) -> dict[str, Any]:
    d = found.dividend
    return {
        **distribution_object(d, found.utc_offset),
        "unsent": d.summary.withheld - d.summary.remitted,
        "remainder_account": hexed(d.remainder_account),
        "chosen": list(found.chosen),
        "lines": [line_object(line, d.decimals, found.names) for line in found.lines],
    }


def show_distribution(out: Output, found: Shown) -> None:
    d, s = found.dividend, found.dividend.summary
    told = distribution_object(d, found.utc_offset)
    what = f"¥ {told['rate']} a share" if told["rate"] else f"¥ {yuan(d.terms.total)} shared out"
    out.line(f"Dividend 分红 {d.number} of company {d.company}, {told['class']}: {what}, {told['phase']}", style="bold")
    out.line(
        f"record date 股权登记日 {told['record_date']}, paid from 派息日 {told['pays']}, expires {told['expires']}"
    )
    if d.returned:
        out.line(f"{yuan(d.returned)} CNY went back to the company 已退回")
    if d.phase == DistributionPhase.CANCELLED:
        return
    unsent = s.withheld - s.remitted
    show_money(out, {name: told[name] for name in MONEY}, s.lapsed, unsent)
    if s.lapsed:
        heir = hexed(d.remainder_account)
        heir += "" if found.heir is None else f", party {found.heir}'s: {person(found.heir, dict(found.names))}"
        out.line(f"lapsed 已失权: {yuan(s.lapsed)} CNY went to {heir}")
    if unsent:
        out.line(unsent_line(d.number, unsent), style="yellow")
    if found.chosen:
        who = "; ".join(f"party {party}, {person(party, dict(found.names))}" for party in found.chosen)
        out.line(f"shares chosen 已选择以股代息: {who}")
    if found.lines:
        _show_lines(out, found, told["record_date"])


def _show_lines(out: Output, found: Shown, record_date: str) -> None:
    has_scrip = any(line.wants_scrip or line.scrip_shares for line in found.lines)
    columns = [*_HOLDER, Column("state 状态")]
    columns += [Column("shares taken 以股代息", True), Column("for, CNY", True)] if has_scrip else []
    rows = []
    for line in found.lines:
        decimals, is_lapsed = found.dividend.decimals, line.settlement == Settlement.LAPSED
        # What lapsed went on as gross: no rate counted.
        taxed = ["–"] * 3 if is_lapsed else [percent(line.bps), yuan(line.tax), yuan(line.net)]
        row = [line.party, person(line.party, dict(found.names)), grouped(line.shares, decimals), yuan(line.gross)]
        row += [*taxed, _STATES[line.settlement]]
        rows.append(row + (_scrip_cells(line, decimals) if has_scrip else []))
    out.table(f"Holders of record at {record_date}", columns, rows)


def _scrip_cells(line: DividendLine, decimals: int) -> list[str]:
    if line.scrip_shares:
        return [grouped(line.scrip_shares, decimals), yuan(line.scrip_cost)]
    return ["chosen 已选择" if line.wants_scrip and line.settlement != Settlement.PAID else "–", "–"]


def show_money(out: Output, money: Mapping[str, int], lapsed: int, unsent: int) -> None:
    """declared, and what it is the sum of; what lapsed apart from what is still unclaimed. `unsent` [fen]: the part of
    the tax that did not go to the tax account yet."""
    rows = []
    for name, title in MONEY.items():
        rows.append([title, yuan(money[name] - (lapsed if name == "unclaimed" else 0))])
        if name == "withheld" and unsent:
            rows.append(["  of it not sent yet 其中未解缴", yuan(unsent)])
        if name == "unclaimed" and lapsed:
            rows.append(["lapsed 已失权", yuan(lapsed)])
    out.table("Money", [Column("part 项目"), Column("CNY", True)], rows)


def unsent_line(number: int, unsent: int) -> str:
    told = f"withheld and not yet sent to the tax account 未解缴: {yuan(unsent)} CNY"
    return f"{told}: `equity dividend remit {number}`"


def show_list(out: Output, found: Sequence[Mapping[str, Any]], next_cursor: str | None) -> None:
    """Dividends as `distribution_object` makes them, a row each."""
    extra = [name for name in ("lapsed", "returned") if any(o[name] for o in found)]
    names = [*MONEY, *extra]
    columns = [Column("dividend", True), Column("company", True), Column("class"), Column("phase")]
    heads = ["went back" if name == "returned" else name for name in names]
    columns += [Column("record date"), *(Column(head, True) for head in heads)]
    rows = []
    for o in found:
        money = {**o, "unclaimed": o["unclaimed"] - o["lapsed"]}
        facts = [o["dividend"], o["company"], o["class"], o["phase"], o["record_date"]]
        rows.append([*facts, *(yuan(money[name]) for name in names)])
    out.page("Dividends, CNY", columns, rows, next_cursor)


def preview_object(found: Preview, decimals: int, names: Names) -> dict[str, Any]:
    return {
        "block": found.register.stand.block,
        "total": found.total,
        "rate": a_share(found.rate) if found.rate else None,
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
    parks = any(line.would_park for line in found.lines)
    rows = [
        [
            line.party,
            person(line.party, dict(names)),
            grouped(line.shares, decimals),
            yuan(line.gross),
            percent(line.bps),
            yuan(line.tax),
            yuan(line.net),
            *(["parked 暂存" if line.would_park else "paid 已付"] if parks else []),
        ]
        for line in found.lines
    ]
    columns = [*_HOLDER, *([Column("if paid today 若今日支付")] if parks else [])]
    out.table(f"What each holder would get, as of block {found.register.stand.block}", columns, rows)
    told = f"gross {yuan(found.gross)}, tax {yuan(found.tax)}, net {yuan(found.net)}, carried {yuan(found.carried)} CNY"
    out.line(told, style="bold")
    if found.is_short:
        out.line(f"the total does not cover the rate: {yuan(found.total)} CNY are shared out", style="yellow")
    elif found.returned:
        out.line(f"{yuan(found.returned)} CNY are not needed and go back")
