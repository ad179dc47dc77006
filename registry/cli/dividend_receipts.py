"""What a bank's statement tells of a dividend's payments, for people and as one object."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from registry.acts.operations import Done
from registry.cli.money import yuan
from registry.cli.output import Output
from registry.cli.parse import shown_day
from registry.cli.show import done_line, done_object
from registry.domain.bank_orders import Due, Receipt, Receipts, Returned, Wrong


def receipts_object(found: Receipts, done: Sequence[Done]) -> dict[str, Any]:
    """Amounts in fen; `burned` is what these acts ended."""
    return {
        "burned": _sum(found.matched) if done else 0,
        "acts": [done_object(each) for each in done],
        "matched": [_receipt_object(each) for each in found.matched],
        "before": [_receipt_object(each) for each in found.before],
        "returned": [_returned_object(each) for each in found.returned],
        "wrong": [_wrong_object(each) for each in found.wrong],
        "outstanding": [due_object(each) for each in found.outstanding],
    }


def show_receipts(out: Output, found: Receipts, done: Sequence[Done], is_preview: bool) -> None:
    for each in found.matched:
        out.line(f"line {each.line.number}: {_paid(each)}")
    for each in found.before:
        out.line(f"line {each.line.number}: {_paid(each)}: burned before / 此前已销毁")
    for back in found.returned:
        out.line(_returned_line(back), style="yellow" if back.is_open else None)
    for wrong in found.wrong:
        out.line(_wrong_line(wrong), style="red")
    for due in found.outstanding:
        out.line(due_line("outstanding 待付", due))
    for act in done:
        out.line(done_line(act))
    out.line(_verdict(found, done, is_preview), style="bold red" if found.wrong else "bold")


def due_object(due: Due) -> dict[str, Any]:
    hindrance = due.hindrance
    return {
        "reference": due.reference,
        "party": due.party,
        "amount": due.amount,
        "held": None if hindrance is None else hindrance.value,
    }


def due_line(what: str, due: Due) -> str:
    line = f"{what}: {due.reference} {yuan(due.amount)}"
    return line if due.hindrance is None else f"{line}: {due.hindrance.text_en} / {due.hindrance.text_zh}"


def _verdict(found: Receipts, done: Sequence[Done], is_preview: bool) -> str:
    sum_ = f"{len(found.matched)} payments of {yuan(_sum(found.matched))} CNY"
    if found.wrong:
        return f"nothing is burned: {len(found.wrong)} lines disagree; {sum_} agree"
    if not found.matched:
        before = f": {len(found.before)} payments were burned before" if found.before else ""
        return f"nothing to burn{before}; {len(found.outstanding)} are outstanding"
    word = "would be burned; nothing is sent" if is_preview else f"burned in {len(done)} acts"
    return f"{sum_} {word}; {len(found.outstanding)} are outstanding"


def _paid(receipt: Receipt) -> str:
    return f"{receipt.line.reference} {yuan(receipt.due.amount)} on {shown_day(receipt.line.day)}"


def _returned_line(back: Returned) -> str:
    line, fate = back.line, back.fate
    why = f" ({line.reason})" if line.reason else ""
    came = f"{line.returns} {yuan(line.amount_fen)} came back 退回 on {shown_day(line.day)}{why}"
    return f"line {line.number}: {came}, bank's reference {line.reference}: {fate.text_en} / {fate.text_zh}"


def _wrong_line(wrong: Wrong) -> str:
    is_money = wrong.field == "amount"
    value, right = (yuan(int(text)) if is_money and text else text for text in (wrong.value, wrong.right))
    beside = f", not {right}" if right else ""
    name = wrong.line.returns or wrong.line.reference
    return (
        f"line {wrong.line.number}: {name}: {wrong.field} {value}{beside}: {wrong.rule.text_en} / {wrong.rule.text_zh}"
    )


def _receipt_object(receipt: Receipt) -> dict[str, Any]:
    line, due = receipt.line, receipt.due
    day = shown_day(line.day)
    return {"line": line.number, "reference": due.reference, "party": due.party, "amount": due.amount, "day": day}


def _returned_object(back: Returned) -> dict[str, Any]:
    line = back.line
    return {
        "line": line.number,
        "reference": line.returns,
        "bank_reference": line.reference,
        "party": back.due.party,
        "amount": line.amount_fen,
        "day": shown_day(line.day),
        "reason": line.reason,
        "fate": back.fate.value,
        "text_en": back.fate.text_en,
        "text_zh": back.fate.text_zh,
    }


def _wrong_object(wrong: Wrong) -> dict[str, Any]:
    return {
        "line": wrong.line.number,
        "reference": wrong.line.returns or wrong.line.reference,
        "code": wrong.rule.value,
        "field": wrong.field,
        "value": wrong.value,
        "right": wrong.right,
        "text_en": wrong.rule.text_en,
        "text_zh": wrong.rule.text_zh,
    }


def _sum(receipts: Sequence[Receipt]) -> int:
    return sum(receipt.due.amount for receipt in receipts)
