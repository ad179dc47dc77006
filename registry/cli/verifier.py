"""`equity verifier`: appoint, rotate, dismiss, list, attest, retract, accuse, recheck, challenge, decide."""

from __future__ import annotations

from typing import Annotated

import typer

from registry.acts import board as acts
from registry.acts.desk import Desk
from registry.acts.operations import Done
from registry.acts.raising import find_raise
from registry.acts.resolve import find_company
from registry.chain.typed import Board
from registry.cli import options, parse
from registry.cli.accounts import own_key, signer_address
from registry.cli.company import CompanyArgument
from registry.cli.escrows import Milestone
from registry.cli.money import once_line, once_object
from registry.cli.output import Column, Output
from registry.cli.session import desk, request
from registry.cli.show import done_line, done_object, hexed
from registry.cli.statements import read_signed
from registry.cli.subscriptions import RaiseArgument
from registry.domain.attestation import NOT_REACHED, REACHED, Attestation
from registry.domain.board import CasePhase
from registry.domain.ids import Day
from registry.domain.raise_args import Appointment
from registry.errors import InputError
from registry.settings import load_settings

app = options.group("Verifiers: appoint, attest, challenge, decide.")

OUTCOMES = {"reached": REACHED, "not-reached": NOT_REACHED}
_DAY = 86_400
Kind = Annotated[int, typer.Argument(metavar="KIND", min=1, max=255, help="Type of milestones, as in the schedule.")]
SignerKey = Annotated[str, typer.Argument(metavar="SIGNER", help="The verifier's address, or the name of its key.")]


@app.command("appoint")
def appoint(
    company: CompanyArgument,
    kind: Kind,
    party: Annotated[str, typer.Argument(metavar="PARTY", help="The verifier, a registered party.")],
    signer: SignerKey,
    document: options.Document,
    until: Annotated[str, typer.Option(metavar="DATE", help="Last day of its mandate.")],
    begins: Annotated[
        str | None, typer.Option("--from", metavar="DATE", help="First day; the earliest there is unless given.")
    ] = None,
    key: options.Key = None,
    json: options.Json = False,
) -> None:
    """Appoint a verifier for a company and a type of milestones. The document is its mandate, in which it declares that
    it has no conflict of interest; whoever holds shares of the company is refused.

    Once a case came before the panel it has a notice: the first day is 14 days ahead at the earliest, and is that day
    unless --from says otherwise. Before that it is today.

    equity verifier appoint 1 1 20 lab --until 2033-12-31 --document mandate.pdf
    """
    out = Output(json)
    last = parse.last_day(until, "until") or Day(0)
    with desk(out) as d:
        address = find_company(d.queries, company).address
        first = acts.first_day(d, address, kind) if begins is None else parse.last_day(begins, "from") or Day(0)
        wanted = Appointment(address, kind, parse.party(party), signer_address(d, signer, "signer"), first, last)
        done = acts.appoint(d, request(key, document), wanted)
    data = {"signer": hexed(wanted.key), "from": parse.shown_day(first), **done_object(done)}
    words = f"party {party} is a verifier of kind {kind} from {parse.shown_day(first)} on"
    out.result(data, lambda o: o.line(f"{words}: {done_line(done)}"))


@app.command("rotate")
def rotate(
    company: CompanyArgument,
    kind: Kind,
    old: Annotated[str, typer.Argument(metavar="OLD", help="The key it has, among the keystores here: it signs.")],
    new: Annotated[str, typer.Argument(metavar="NEW", help="The key it gets: an address or a key's name.")],
    document: options.Document,
    key: options.Key = None,
    json: options.Json = False,
) -> None:
    """Rotate a verifier's key, under the key it has and by nobody else; its votes stay.

    Who has lost its key is dismissed (equity verifier dismiss) and appointed with another one: in force 14 days later
    once a case came before the panel.

    equity verifier rotate 1 1 lab lab-2027 --document order.pdf
    """
    out = Output(json)
    with desk(out) as d:
        address = find_company(d.queries, company).address
        signer = _old_key(d, old)
        done = acts.rotate_key(d, request(key, document), address, kind, signer, signer_address(d, new, "new"))
    out.result(done_object(done), lambda o: o.line(f"{old} signs as {new}: {done_line(done)}"))


@app.command("dismiss")
def dismiss(
    company: CompanyArgument,
    kind: Kind,
    signer: SignerKey,
    document: options.Document,
    key: options.Key = None,
    json: options.Json = False,
) -> None:
    """Dismiss a verifier: its votes in open cases are void.

    equity verifier dismiss 1 1 lab --document order.pdf
    """
    out = Output(json)
    with desk(out) as d:
        address = find_company(d.queries, company).address
        done = acts.dismiss(d, request(key, document), address, kind, signer_address(d, signer, "signer"))
    out.result(done_object(done), lambda o: o.line(f"{signer} is dismissed: {done_line(done)}"))


@app.command("list")
def list_verifiers(company: CompanyArgument, kind: Kind, json: options.Json = False) -> None:
    """List the panel of a company for a type of milestones.

    equity verifier list 1 1
    """
    out = Output(json)
    with desk(out) as d:
        block = d.node.head().number
        verifiers, struck = d.raises.panel(find_company(d.queries, company).address, kind, block)
    objects = [
        {
            "place": place,
            "party": each.party,
            "signer": hexed(each.key),
            "from": parse.shown_day(each.from_day),
            "until": parse.shown_day(each.until_day),
            "struck": bool(struck >> place & 1),
        }
        for place, each in enumerate(verifiers)
    ]
    rows = [
        [o["place"], o["party"], o["signer"], o["from"], o["until"], "struck" if o["struck"] else ""] for o in objects
    ]
    columns = [Column("place", True), Column("party", True), Column("signer"), Column("from"), Column("until")]
    title = f"Verifiers of kind {kind} at block {block}"
    out.result({"block": block, "verifiers": objects}, lambda o: o.table(title, [*columns, Column("")], rows))


@app.command("attest")
def attest(
    raise_: RaiseArgument,
    milestone: Milestone,
    outcome: Annotated[str, typer.Argument(metavar="OUTCOME", help="reached or not-reached.")],
    signer: Annotated[
        str, typer.Option("--signer", metavar="NAME", help="Key of the verifier; with --signature its address.")
    ],
    evidence: Annotated[str, typer.Option("--evidence", metavar="FILE|HASH", help="What the statement rests on.")],
    uri: Annotated[str, typer.Option(help="Where the evidence is kept; stands on the chain for ever.")] = "",
    observed_at: Annotated[
        str | None,
        typer.Option(
            "--observed-at", metavar="TIME", help="When the fact was observed; the newest block's time unless given."
        ),
    ] = None,
    expires_at: Annotated[
        str | None, typer.Option("--expires-at", metavar="TIME", help="Not valid afterwards; 30 days unless given.")
    ] = None,
    signature: Annotated[
        str | None, typer.Option("--signature", metavar="HEX", help="Signed elsewhere: it is only brought.")
    ] = None,
    json: options.Json = False,
) -> None:
    """Attest that a milestone was reached, or not: sign with a verifier's key, or bring what was signed elsewhere.

    An oracle does this by itself (equity oracle run).

    equity verifier attest 1 0 reached --signer lab --evidence licence.pdf
    """
    out = Output(json)
    if outcome not in OUTCOMES:
        message = f"an outcome is one of {', '.join(OUTCOMES)}"
        raise InputError(message, code="outcome", field="outcome", value=outcome)
    number, digest = parse.milestone(milestone), parse.document(evidence, "evidence")
    with desk(out) as d:
        key = signer_address(d, signer, "signer")
        target = find_raise(d, raise_)
        offset = d.deployment.utc_offset
        # The chain's clock judges it: no later block is earlier than the newest, wherever this machine's clock stands.
        observed, begins = int(d.node.head().time), int(d.next_time())
        if observed_at is not None:
            observed = begins = parse.moment(observed_at, offset, "observed_at")
        until = begins + 30 * _DAY if expires_at is None else parse.moment(expires_at, offset, "expires_at")
        case = acts.case_of(d, target, number)
        said = Attestation(
            target.company, target.escrow, number, case.round, OUTCOMES[outcome], digest, uri, observed, until
        )
        if signature is None:
            own_key(d, signer, "signer")
            board = Board(d.deployment.chain_id, d.deployment.board)
            signed = d.keys.wallet(signer).sign_statement(said, board)
        else:
            signed = parse.signature(signature)
        done = acts.attest(d, said, key, signed)
        case = acts.case_of(d, target, number)
    data = {
        "raise": target.number,
        "milestone": number,
        "round": said.round,
        "outcome": outcome,
        "evidence": hexed(digest),
        "yes": case.yes.bit_count(),
        "quorum": case.quorum,
        **once_object(done),
    }
    words = f"{case.yes.bit_count()} of {case.quorum} attest milestone {number}: {once_line(done)}"
    out.result(data, lambda o: o.line(words))


@app.command("retract")
def retract(
    raise_: RaiseArgument,
    milestone: Milestone,
    signer: Annotated[str, typer.Option("--signer", metavar="NAME", help="Key of the verifier.")],
    json: options.Json = False,
) -> None:
    """Take a vote back before the verdict is final, under the verifier's key.

    equity verifier retract 1 0 --signer lab
    """
    out = Output(json)
    number = parse.milestone(milestone)
    with desk(out) as d:
        target = find_raise(d, raise_)
        done = acts.retract(d, own_key(d, signer, "signer"), target.company, target, number)
    data = {"raise": target.number, "milestone": number, **once_object(done)}
    out.result(data, lambda o: o.line(f"{signer} took its vote back: {once_line(done)}"))


@app.command("accuse")
def accuse(
    first: Annotated[str, typer.Argument(metavar="FIRST", help="A signed statement: a JSON file, or its digest 0x….")],
    second: Annotated[str, typer.Argument(metavar="SECOND", help="The one that contradicts it.")],
    json: options.Json = False,
) -> None:
    """Accuse a verifier that signed two outcomes in one round: it is suspended, its votes are void.

    A statement's file has its attestation, signer and signature, as an oracle keeps them (oracles/attestations in its
    home; the signature may lie beside it in a file .sig). By its digest it is looked up in this home.

    equity verifier accuse reached.json not-reached.json
    """
    out, home = Output(json), load_settings().home
    both = [read_signed(text, home, field) for text, field in ((first, "first"), (second, "second"))]
    with desk(out) as d:
        done = acts.accuse(d, *both)
    about = both[0].attestation
    data = {"escrow": hexed(about.escrow), "milestone": about.milestone, "round": about.round}
    data |= {"signer": hexed(both[0].key), **once_object(done)}
    out.result(data, lambda o: o.line(f"the verifier with key {hexed(both[0].key)} is suspended: {once_line(done)}"))


@app.command("recheck")
def recheck(raise_: RaiseArgument, milestone: Milestone, json: options.Json = False) -> None:
    """Recheck a milestone before the board: write down that votes became void, a quorum was lost, or a round came to
    nothing, since somebody touched it last. Anybody may.

    equity verifier recheck 1 0
    """
    out = Output(json)
    number = parse.milestone(milestone)
    with desk(out) as d:
        target = find_raise(d, raise_)
        done = acts.recheck(d, target, number)
        case = acts.case_of(d, target, number)
    phase = CasePhase(case.phase).name.lower()
    data = {"raise": target.number, "milestone": number, "case": phase, "round": case.round, **once_object(done)}
    words = f"milestone {number} of raise {target.number} is {phase}, round {case.round}"
    out.result(data, lambda o: o.line(f"{words}: {once_line(done)}"))


@app.command("challenge")
def challenge(
    raise_: RaiseArgument,
    milestone: Milestone,
    document: options.Document,
    wallet: Annotated[
        list[str] | None, typer.Option("--wallet", metavar="NAME", help="Key of a holder; may be given more than once.")
    ] = None,
    regulator: Annotated[bool, typer.Option("--regulator", help="By the regulator.")] = False,
    key: options.Key = None,
    json: options.Json = False,
) -> None:
    """Challenge a quorum inside its dispute window: holders of enough shares together, or the regulator.

    equity verifier challenge 1 0 --wallet alice --wallet bo --document complaint.pdf
    """
    out = Output(json)
    number = parse.milestone(milestone)
    if bool(wallet) == regulator:
        raise InputError("a challenge comes from --wallet or --regulator", code="challenger", field="wallet")
    with desk(out) as d:
        target = find_raise(d, raise_)
        done: Done | None
        asked = request(key, document)
        if regulator:
            done = acts.challenge_by_regulator(d, asked, target, number)
        else:
            names = [own_key(d, name) for name in wallet or ()]
            done = acts.challenge(d, target, number, asked.document, names)
    data = {"raise": target.number, "milestone": number, **once_object(done)}
    out.result(data, lambda o: o.line(f"milestone {number} of raise {target.number} challenged: {once_line(done)}"))


@app.command("decide")
def decide(
    raise_: RaiseArgument,
    milestone: Milestone,
    document: Annotated[
        str | None, typer.Option("--document", metavar="FILE|HASH", help="The arbiter's ruling.")
    ] = None,
    uphold: Annotated[
        bool | None, typer.Option("--uphold/--void", help="The verdict stands, or a new round collects.")
    ] = None,
    arbiter: Annotated[str | None, typer.Option("--arbiter", metavar="NAME", help="Key of the arbiter.")] = None,
    silence: Annotated[bool, typer.Option("--silence", help="The arbiter's time is over; anybody may say so.")] = False,
    key: options.Key = None,
    json: options.Json = False,
) -> None:
    """Decide a challenge under the arbiter's key, or state that its time is over.

    equity verifier decide 1 0 --uphold --arbiter arbiter --document ruling.pdf

    equity verifier decide 1 0 --silence
    """
    out = Output(json)
    number = parse.milestone(milestone)
    with desk(out) as d:
        target = find_raise(d, raise_)
        done: Done | None
        if silence:
            done = acts.decide_by_silence(d, target, number)
        elif uphold is None or arbiter is None or document is None:
            message = "a ruling has --uphold or --void, --arbiter and --document; or --silence"
            raise InputError(message, code="ruling", field="arbiter")
        else:
            asked = request(key, document)
            done = acts.decide(d, asked, target, number, own_key(d, arbiter, "arbiter"), uphold)
        round_ = acts.case_of(d, target, number).round
    data = {"raise": target.number, "milestone": number, "round": round_, **once_object(done)}
    out.result(data, lambda o: o.line(f"challenge of milestone {number} decided: {once_line(done)}"))


def _old_key(d: Desk, text: str) -> str:
    """The name of the key that a verifier has, by its name or address."""
    address = parse.address(text, "old") if parse.is_address(text) else None
    found = [name for name in d.keys.names() if name == text or d.account(name) == address]
    if not found:
        message = (
            "a verifier's key signs for its own successor, and this one is not among the keystores here; who has "
            "lost it is dismissed and appointed anew, in force 14 days later once a case came before the panel"
        )
        raise InputError(message, code="key_unknown", field="old", value=text)
    return found[0]
