"""`equity escrow`: show, release, miss, consent, redeem, put, pay-put, allow, lapse, ratchet."""

from __future__ import annotations

from typing import Annotated

import typer

from registry.acts import escrow as acts
from registry.acts.operations import Done
from registry.acts.overview import overview
from registry.acts.raising import find_raise
from registry.cli import options, parse
from registry.cli.accounts import account_of, own_key
from registry.cli.money import once_line, once_object, yuan
from registry.cli.output import Output
from registry.cli.raise_show import overview_object, show_claims, show_milestones, show_money, show_next, show_place
from registry.cli.session import desk, request
from registry.cli.show import hexed
from registry.cli.subscriptions import RaiseArgument
from registry.errors import InputError

app = options.group("Milestone escrows: release, miss, redeem, put, lapse.")

Milestone = Annotated[str, typer.Argument(metavar="MILESTONE", help="Its number in the schedule, counted from 0.")]
Wallet = Annotated[str | None, typer.Option("--wallet", metavar="NAME", help="Key of a wallet of the holder.")]
Party = Annotated[str | None, typer.Option("--party", metavar="PARTY", help="Party whose book account it is.")]
Instruction = Annotated[
    str | None, typer.Option("--document", metavar="FILE|HASH", help="The party's signed instruction.")
]


@app.command("show")
def show(
    raise_: RaiseArgument,
    block: Annotated[int | None, typer.Option("--block", min=0, help="As of an earlier block.")] = None,
    json: options.Json = False,
) -> None:
    """Show an escrow: its money, milestones, verdicts, dispute clocks, claim period, and who may do what next.

    equity escrow show 1
    """
    out = Output(json)
    with desk(out) as d:
        seen = overview(d, find_raise(d, raise_), block)
        data = {name: value for name, value in overview_object(d, seen).items() if name in _SHOWN}
        offset = d.deployment.utc_offset

    def tables(o: Output) -> None:
        show_place(o, seen)
        show_money(o, seen)
        show_milestones(o, seen, offset)
        show_claims(o, seen, offset)
        show_next(o, seen, offset)

    out.result(data, tables)


_SHOWN = {"block", "time", "raise", "company", "escrow", "phase", "halted", "money", "milestones"}
_SHOWN |= {"claim_period", "claims_end", "lapsed", "lapsed_to", "next"}


@app.command("release")
def release(raise_: RaiseArgument, milestone: Milestone, json: options.Json = False) -> None:
    """Release a tranche whose verdict is final to the issuer's registered account.

    equity escrow release 1 0
    """
    out = Output(json)
    number = parse.milestone(milestone)
    with desk(out) as d:
        target = find_raise(d, raise_)
        done = acts.release(d, target, number)
    data = {"raise": target.number, "milestone": number, **once_object(done)}
    out.result(data, lambda o: o.line(f"milestone {number} of raise {target.number} released: {once_line(done)}"))


@app.command("miss")
def miss(raise_: RaiseArgument, milestone: Milestone, json: options.Json = False) -> None:
    """State that a deadline passed without a quorum, or a vote without consent: the terms say what follows.

    equity escrow miss 1 1
    """
    out = Output(json)
    number = parse.milestone(milestone)
    with desk(out) as d:
        target = find_raise(d, raise_)
        done = acts.miss(d, target, number)
        state = overview(d, target).state_of(number).name.lower()
    data = {"raise": target.number, "milestone": number, "state": state, **once_object(done)}
    out.result(data, lambda o: o.line(f"milestone {number} of raise {target.number} is {state}: {once_line(done)}"))


@app.command("consent")
def consent(
    raise_: RaiseArgument,
    milestone: Milestone,
    wallet: Wallet = None,
    party: Party = None,
    document: Instruction = None,
    key: options.Key = None,
    json: options.Json = False,
) -> None:
    """Consent to an extension with the shares of a record date.

    equity escrow consent 1 1 --wallet alice

    equity escrow consent 1 1 --party 13 --document instruction.pdf
    """
    out = Output(json)
    number = parse.milestone(milestone)
    _require_somebody(wallet, party, document)
    with desk(out) as d:
        target = find_raise(d, raise_)
        done: Done | None
        account = None if party is None else d.book(parse.party(party))
        if wallet is not None:
            done = acts.consent(d, target, number, own_key(d, wallet), account)
        else:
            assert account is not None
            done = acts.consent_for(d, request(key, document or ""), target, number, account)
    data = {"raise": target.number, "milestone": number, **once_object(done)}
    out.result(data, lambda o: o.line(f"consent to milestone {number}: {once_line(done)}"))


@app.command("redeem")
def redeem(raise_: RaiseArgument, json: options.Json = False) -> None:
    """Redeem what was missed: every lot gets its part, in pages, and its shares end.

    Who is frozen, or does not hold the shares or pledged them, waits; without end as long as they are held.

    equity escrow redeem 1
    """
    out = Output(json)
    with desk(out) as d, out.progress() as report:
        target = find_raise(d, raise_)
        redeemed = acts.redeem(d, target, report)
        money = overview(d, target).money
    data = {
        "raise": target.number,
        "redeemable": redeemed.purse.redeemable,
        "redeemed": redeemed.purse.redeemed,
        "waiting": redeemed.waiting,
        "waits": [{"party": w.party, "account": hexed(w.account), "why": w.why.value} for w in redeemed.waits],
        "money": money.as_json(),
    }
    waiting = f"; {redeemed.waiting} lots wait" if redeemed.waiting else ""
    words = f"{yuan(redeemed.purse.redeemed)} of {yuan(redeemed.purse.redeemable)} CNY redeemed{waiting}"

    def lines(o: Output) -> None:
        o.line(f"raise {target.number}: {words}")
        for each in redeemed.waits:
            o.line(f"  party {each.party} waits: {each.why}")

    out.result(data, lines)


@app.command("put")
def put(
    raise_: RaiseArgument,
    wallet: Wallet = None,
    party: Party = None,
    document: Instruction = None,
    key: options.Key = None,
    json: options.Json = False,
) -> None:
    """Put the rest of a lot to the payer that the terms name, until the claim period ends.

    What the payer cannot pay stands as its debt.

    equity escrow put 1 --wallet alice
    """
    out = Output(json)
    _require_somebody(wallet, party, document)
    with desk(out) as d:
        target = find_raise(d, raise_)
        done: Done | None
        account = None if party is None else d.book(parse.party(party))
        if wallet is not None:
            done = acts.exercise_put(d, target, own_key(d, wallet), account)
            account = d.account(wallet) if account is None else account
        else:
            assert account is not None
            done = acts.exercise_put_for(d, request(key, document or ""), target, account)
        holder = d.reads.standing_of(account)[0].id
        (debt,) = d.raises.puts_of(target.escrow, [holder])
    data = {
        "raise": target.number,
        "party": holder,
        "shares": debt.shares,
        "debt": debt.debt,
        "paid": debt.is_paid,
        **once_object(done),
    }
    word = "paid" if debt.is_paid else "owed"
    text = f"put of party {holder}: {debt.shares} shares, {yuan(debt.debt)} CNY {word}: {once_line(done)}"
    out.result(data, lambda o: o.line(text))


@app.command("pay-put")
def pay_put(
    raise_: RaiseArgument,
    account: Annotated[str, typer.Argument(metavar="ACCOUNT", help="Party (its book account), or wallet, that put.")],
    payer: Annotated[str, typer.Option("--payer", metavar="NAME", help="Key of the wallet that pays.")],
    json: options.Json = False,
) -> None:
    """Pay a put's debt in full, against the shares, until the claim period ends.

    Afterwards a debt that stands is settled outside the chain.

    equity escrow pay-put 1 12 --payer issuer
    """
    out = Output(json)
    with desk(out) as d:
        target = find_raise(d, raise_)
        done = acts.pay_put(d, target, own_key(d, payer, "payer"), account_of(d, account, "account"))
    data = {"raise": target.number, **once_object(done)}
    out.result(data, lambda o: o.line(f"put of {account} paid: {once_line(done)}"))


@app.command("lapse")
def lapse(raise_: RaiseArgument, json: options.Json = False) -> None:
    """Lapse what was missed for shares that their subscribers no longer hold, once the claim period is over.

    It goes to the account that the terms name, in pages, and the shares go on. What is due to shares still held stays
    redeemable.

    equity escrow lapse 1
    """
    out = Output(json)
    with desk(out) as d, out.progress() as report:
        target = find_raise(d, raise_)
        lapsed = acts.lapse(d, target, report)
        seen = overview(d, target)
        to = hexed(d.raises.destination_of(seen.escrow.lapse_account))
    data = {
        "raise": target.number,
        "redeemable": lapsed.purse.redeemable,
        "redeemed": lapsed.purse.redeemed,
        "lapsed": lapsed.lapsed,
        "lapsed_to": to,
        "waiting": lapsed.waiting,
        "money": seen.money.as_json(),
    }
    is_more = lapsed.waiting >= seen.totals.subscribers  # less is rounding
    waiting = f"; {yuan(lapsed.waiting)} CNY wait for subscribers who hold their shares" if is_more else ""
    out.result(data, lambda o: o.line(f"raise {target.number}: {yuan(lapsed.lapsed)} CNY lapsed to {to}{waiting}"))


@app.command("allow")
def allow(
    raise_: RaiseArgument,
    amount: Annotated[str, typer.Argument(metavar="AMOUNT", help="CNY; with --shares a number of shares.")],
    wallet: Annotated[str, typer.Option("--wallet", metavar="NAME", help="Key of the payer's or founder's wallet.")],
    shares: Annotated[bool, typer.Option("--shares", help="Shares for the ratchet, not money for puts.")] = False,
    json: options.Json = False,
) -> None:
    """Allow the escrow to take money for puts, or a founder's shares for the ratchet, when they fall due.

    equity escrow allow 1 500000 --wallet issuer

    equity escrow allow 1 20000 --shares --wallet founder
    """
    out = Output(json)
    with desk(out) as d:
        target = find_raise(d, raise_)
        name = own_key(d, wallet)
        if shares:
            word = d.reads.class_word(target.terms.share_class)
            done = acts.allow_shares(d, target, name, parse.shares(amount, word.decimals, "amount"))
        else:
            done = acts.allow_money(d, target, name, parse.money(amount))
    data = {"raise": target.number, **once_object(done)}
    out.result(data, lambda o: o.line(f"{wallet} allows {amount}: {once_line(done)}"))


@app.command("ratchet")
def ratchet(raise_: RaiseArgument, json: options.Json = False) -> None:
    """Deliver the shares of a ratchet that has fallen: to the founder, or to the subscribers in pages.

    equity escrow ratchet 1
    """
    out = Output(json)
    with desk(out) as d, out.progress() as report:
        target = find_raise(d, raise_)
        delivered = acts.deliver_ratchet(d, target, report)
    fell = delivered.fell.name.lower()
    data = {"raise": target.number, "fell": fell, "waiting": delivered.waiting}
    words = "has not fallen" if not delivered.fell else f"fell {fell}: {delivered.waiting} lots wait"
    out.result(data, lambda o: o.line(f"ratchet of raise {target.number} {words}"))


def _require_somebody(wallet: str | None, party: str | None, document: str | None) -> None:
    """A wallet speaks for itself, or for its party's book account where --party is given as well."""
    if wallet is None and party is None:
        raise InputError("a holder is named by --wallet, --party, or both", code="holder", field="wallet")
    if wallet is None and document is None:
        message = "for a book account the platform acts on --document (AC-2)"
        raise InputError(message, code="document", field="document")
