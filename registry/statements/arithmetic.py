"""How an amount comes about, as a sum that can be done again with pencil and paper."""

from __future__ import annotations

from registry.statements.figures import (
    BASIS,
    exact,
    fen,
    is_whole,
    quotient,
    rate_text,
    shares_text,
)
from registry.statements.model import Distribution, Paid, Part, PerShare, Scrip
from registry.statements.page import Step
from registry.statements.tongue import Tongue


def steps(part: Part, d: Distribution, tongue: Tongue) -> tuple[Step, ...]:
    """From shares to money, one line each."""
    fate, gross = part.fate, fen(part.gross)
    found = [Step(tongue.text("step.gross"), _gross(part, d, tongue, "cut.down"), gross)]
    if not isinstance(fate, Paid):
        return tuple(found)
    tax, net = fen(fate.withheld), fen(fate.net)
    found += [
        Step(tongue.text("step.tax"), _tax(part.gross, fate, tongue, "cut.near"), tax),
        Step(tongue.text("step.net"), tongue.text("sum.net", gross=gross, tax=tax), net, is_total=True),
    ]
    if fate.scrip is not None:
        cost, cash = fen(fate.scrip.cost), fen(fate.net - fate.scrip.cost)
        found += [
            Step(tongue.text("step.scrip"), _scrip(fate.scrip, d, tongue), cost),
            Step(tongue.text("step.cash"), tongue.text("sum.cash", net=net, cost=cost), cash),
        ]
    return tuple(found)


def on_one_line(part: Part, d: Distribution, tongue: Tongue) -> tuple[str, ...]:
    """The same, short, for a table's row and a cell of a CSV file; an arrow where an amount was rounded."""
    fate = part.fate
    found = [_with_result(_gross(part, d, tongue), part.gross, *quotient(part.shares, d.decimals, d.measure))]
    if not isinstance(fate, Paid):
        return tuple(found)
    if fate.tax.rate:
        product = part.gross * fate.tax.rate
        text = _with_result(_tax(part.gross, fate, tongue), fate.withheld, product, BASIS)
        found.append(tongue.text("line.tax", sum=text))
    if fate.withheld:
        found.append(f"{fen(part.gross)} − {fen(fate.withheld)} = {fen(fate.net)}")
    if fate.scrip is not None:
        values = {"shares": shares_text(fate.scrip.shares, d.decimals), "price": fen(fate.scrip.price)}
        found.append(tongue.text("line.scrip", cost=fen(fate.scrip.cost), **values))
    return tuple(found)


def _gross(part: Part, d: Distribution, tongue: Tongue, cut: str = "") -> str:
    """Shares × rate, or total × shares of all."""
    shares = shares_text(part.shares, d.decimals)
    if isinstance(d.measure, PerShare):
        text = tongue.text("sum.rate", shares=shares, rate=rate_text(d.measure.rate))
    else:
        entitled = shares_text(d.measure.entitled, d.decimals)
        text = tongue.text("sum.share", total=fen(d.measure.total), shares=shares, entitled=entitled)
    return _unrounded(text, *quotient(part.shares, d.decimals, d.measure), tongue, cut)


def _tax(gross: int, paid: Paid, tongue: Tongue, cut: str = "") -> str:
    text = tongue.text("sum.tax", rate=tongue.percent(paid.tax.rate), gross=fen(gross))
    return _unrounded(text, gross * paid.tax.rate, BASIS, tongue, cut)


def _scrip(scrip: Scrip, d: Distribution, tongue: Tongue) -> str:
    return tongue.text("sum.scrip", shares=shares_text(scrip.shares, d.decimals), price=fen(scrip.price))


def _unrounded(text: str, numerator: int, denominator: int, tongue: Tongue, cut: str) -> str:
    """With the amount before rounding, where it was rounded, and with the words `cut` that say how."""
    if is_whole(numerator, denominator):
        return text
    text = f"{text} = {exact(numerator, denominator)}"
    return tongue.text(cut, sum=text) if cut else text


def _with_result(text: str, amount: int, numerator: int, denominator: int) -> str:
    return f"{text} {'=' if is_whole(numerator, denominator) else '→'} {fen(amount)}"
