"""`equity raise subscribe`, `withdraw` and `check`: what a subscriber does, or the platform on its instruction."""

from __future__ import annotations

import secrets
from typing import Annotated, Any

import typer

from registry.acts import subscribing as acts
from registry.acts.operations import Done
from registry.acts.raising import find_raise
from registry.cli import options, parse
from registry.cli.accounts import account_of, own_key
from registry.cli.money import once_line, once_object, yuan
from registry.cli.output import Column, Output
from registry.cli.session import desk, request
from registry.cli.show import hexed
from registry.domain.subscription_rules import SubscriptionRule
from registry.errors import InputError

RaiseArgument = Annotated[str, typer.Argument(metavar="RAISE", help="The raise's number or address.")]
Amount = Annotated[str, typer.Argument(metavar="AMOUNT", help="CNY, a multiple of the price of a share.")]
Wallet = Annotated[str | None, typer.Option("--wallet", metavar="NAME", help="Key of the subscriber's wallet.")]
Party = Annotated[str | None, typer.Option("--party", metavar="PARTY", help="Party with a book account.")]
Instruction = Annotated[
    str | None, typer.Option("--document", metavar="FILE|HASH", help="The party's signed instruction.")
]
Disclosure = Annotated[
    str, typer.Option("--disclosure", metavar="FILE|HASH", help="The subscriber's signed copy of the risk disclosure.")
]


def subscribe(
    raise_: RaiseArgument,
    amount: Amount,
    disclosure: Disclosure,
    wallet: Wallet = None,
    party: Party = None,
    document: Instruction = None,
    key: options.Key = None,
    json: options.Json = False,
) -> None:
    """Subscribe to a raise: one signature of a wallet, or a book account on its owner's signed instruction.

    The money is frozen at once. What the rules refuse is told before anybody signs.

    equity raise subscribe 1 120000 --wallet alice --disclosure signed-disclosure.pdf

    equity raise subscribe 1 120000 --party 13 --document instruction.pdf --disclosure signed-disclosure.pdf
    """
    out = Output(json)
    _require_one(wallet, party, document)
    fen, signed = parse.money(amount), parse.document(disclosure, "disclosure")
    with desk(out) as d:
        target = find_raise(d, raise_)
        done: Done | None
        if wallet is not None:
            chosen = secrets.token_hex(16) if key is None else key
            done = acts.subscribe(d, chosen, target, own_key(d, wallet), fen, signed)
        else:
            account = d.book(parse.party(party or ""))
            done = acts.subscribe_for(d, request(key, document or ""), target, account, fen, signed)
    data = {"raise": target.number, "amount": fen, **once_object(done)}
    text = f"subscribed {yuan(fen)} CNY to raise {target.number}: {once_line(done)}"
    out.result(data, lambda o: o.line(text))


def withdraw(
    raise_: RaiseArgument,
    wallet: Wallet = None,
    party: Party = None,
    document: Instruction = None,
    key: options.Key = None,
    json: options.Json = False,
) -> None:
    """Withdraw a subscription in the cooling-off period: the whole amount comes back.

    equity raise withdraw 1 --wallet alice
    """
    out = Output(json)
    _require_one(wallet, party, document)
    with desk(out) as d:
        target = find_raise(d, raise_)
        done: Done | None
        if wallet is not None:
            done = acts.withdraw(d, target, own_key(d, wallet))
        else:
            account = d.book(parse.party(party or ""))
            done = acts.withdraw_for(d, request(key, document or ""), target, account)
    data = {"raise": target.number, **once_object(done)}
    out.result(data, lambda o: o.line(f"withdrawn from raise {target.number}: {once_line(done)}"))


def check(
    raise_: RaiseArgument,
    account: Annotated[
        str, typer.Argument(metavar="ACCOUNT", help="A party's number (its book account), or a wallet.")
    ],
    amount: Amount,
    json: options.Json = False,
) -> None:
    """Ask whether a subscription would pass: all rules that refuse it, at once. Exit code 1 if any does.

    equity raise check 1 12 120000
    """
    out = Output(json)
    fen = parse.money(amount)
    with desk(out) as d:
        target = find_raise(d, raise_)
        address = account_of(d, account, "account")
        broken = acts.broken_rules(d, target, address, fen)
    data = {
        "raise": target.number,
        "account": hexed(address),
        "amount": fen,
        "passes": not broken,
        "rules": [_rule_object(rule) for rule in broken],
    }
    out.result(data, lambda o: _show(o, account, fen, broken))
    if broken:
        raise typer.Exit(1)


def _show(out: Output, account: str, fen: int, broken: tuple[SubscriptionRule, ...]) -> None:
    if not broken:
        out.line(f"{account} may subscribe {yuan(fen)} CNY")
        return
    rows = [[rule.id, rule.text_en, rule.text_zh] for rule in broken]
    columns = [Column("rule"), Column("why not"), Column("原因")]
    out.table(f"{account} may not subscribe {yuan(fen)} CNY", columns, rows)


def _rule_object(rule: SubscriptionRule) -> dict[str, Any]:
    return {"rule": rule.id, "code": rule.code, "text_en": rule.text_en, "text_zh": rule.text_zh}


def _require_one(wallet: str | None, party: str | None, document: str | None) -> None:
    if (wallet is None) == (party is None):
        raise InputError("a subscriber is one of --wallet and --party", code="subscriber", field="wallet")
    if party is not None and document is None:
        message = "for a book account the platform acts on --document (AC-2)"
        raise InputError(message, code="document", field="document")
