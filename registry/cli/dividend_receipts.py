"""What a bank's statement tells of a dividend's payments, for people and as one object."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from registry.acts.operations import Done
from registry.cli.money import counted, yuan
from registry.cli.output import Output
from registry.cli.parse import shown_day
from registry.cli.show import done_line, done_object
from registry.domain.bank_orders import Due, Receipt, Receipts, Returned, Wrong
from registry.domain.reconcile import Line


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
        "elsewhere": [{"dividend": number, "lines": count} for number, count in found.elsewhere],
    }


def show_receipts(out: Output, found: Receipts, done: Sequence[Done], is_preview: bool) -> None:
    for each in found.matched:
        out.line(f"{each.line.place}: {_paid(each)}")
    for each in found.before:
        out.line(f"{each.line.place}: {_paid(each)}: burned before / 此前已销毁")
    for back in found.returned:
        out.line(_returned_line(back), style="yellow" if back.is_open else None)
    for wrong in found.wrong:
        out.line(_wrong_line(wrong), style="red")
    for due in found.outstanding:
        out.line(due_line("outstanding 待付", due))
    for number, count in found.elsewhere:
        names = "names" if count == 1 else "name"
        out.line(
            f"{counted(count, 'line')} {names} dividend {number} 属于另一次分红: `equity dividend receipts {number}`"
        )
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
    sum_ = f"{counted(len(found.matched), 'payment')} of {yuan(_sum(found.matched))} CNY"
    outstanding = f"{len(found.outstanding)} outstanding"
    if found.wrong:
        count, agree = len(found.wrong), "agrees" if len(found.matched) == 1 else "agree"
        differing = f"{counted(count, 'line')} {'disagrees' if count == 1 else 'disagree'}"
        if done:
            return f"{sum_} burned in {counted(len(done), 'act')}; {differing} since"
        return f"nothing is burned: {differing}; {sum_} {agree}"
    if not found.matched:
        before = f": {counted(len(found.before), 'payment')} burned before" if found.before else ""
        return f"nothing to burn{before}; {outstanding}"
    word = "would be burned; nothing is sent" if is_preview else f"burned in {counted(len(done), 'act')}"
    return f"{sum_} {word}; {outstanding}"


def _paid(receipt: Receipt) -> str:
    return f"{receipt.line.reference} {yuan(receipt.due.amount)} on {shown_day(receipt.line.day)}"


def _returned_line(back: Returned) -> str:
    line, fate = back.line, back.fate
    why = f" ({line.reason})" if line.reason else ""
    came = f"{line.returns} {yuan(line.amount_fen)} came back 退回 on {shown_day(line.day)}{why}"
    return f"{line.place}: {came}, bank's reference {line.reference}: {fate.text_en} / {fate.text_zh}"


def _wrong_line(wrong: Wrong) -> str:
    is_money = wrong.field == "amount"
    value, right = (yuan(int(text)) if is_money and text else text for text in (wrong.value, wrong.right))
    beside = f", not {right}" if right else ""
    line, rule = wrong.line, wrong.rule
    bank = f", bank's reference {line.reference}" if line.order else ""
    return f"{line.place}: {_name(line)}{bank}: {wrong.field} {value}{beside}: {rule.text_en} / {rule.text_zh}"


def _name(line: Line) -> str:
    """What it calls the order."""
    return line.returns or line.order or line.reference


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
        "reference": _name(wrong.line),
        "bank_reference": wrong.line.reference,
        "code": wrong.rule.value,
        "field": wrong.field,
        "value": wrong.value,
        "right": wrong.right,
        "text_en": wrong.rule.text_en,
        "text_zh": wrong.rule.text_zh,
    }


def _sum(receipts: Sequence[Receipt]) -> int:
    return sum(receipt.due.amount for receipt in receipts)
