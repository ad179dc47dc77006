"""`equity party`: onboard, classify, wallets, freeze, and the directory's names."""

from __future__ import annotations

from typing import Annotated

import typer

from registry.acts import identity
from registry.acts.identity import Newcomer, Standing
from registry.cli import options, parse
from registry.cli.output import Column, Output
from registry.cli.reading import reader
from registry.cli.session import desk, request
from registry.cli.show import done_line, done_object, party_object
from registry.directory import Dossier
from registry.domain.ids import Day

app = options.group("Parties: onboard, classify, bind wallets, freeze, names.")

Party = Annotated[str, typer.Argument(metavar="PARTY", help="The party's id.")]
Until = Annotated[str | None, typer.Option(metavar="DATE", help="Last day on which it is in force.")]

Country = Annotated[str | None, typer.Option("--country", metavar="NUMBER", help="ISO 3166-1 number, 156 for China.")]
TaxResidence = Annotated[
    str | None, typer.Option("--tax-residence", metavar="NUMBER", help="ISO 3166-1 number, for tax at source.")
]


@app.command("onboard")
def onboard(
    name: Annotated[str, typer.Argument(help="Legal name; kept encrypted here, never on the chain.")],
    document: options.Document,
    kind: Annotated[str, typer.Option(help=f"One of {', '.join(parse.KINDS)}.")] = "person",
    email: Annotated[list[str] | None, typer.Option(help="A contact; may be given more than once.")] = None,
    country: Country = None,
    residence: TaxResidence = None,
    weight: Annotated[int, typer.Option(min=1, max=65535, help="Holders of record it counts for.")] = 1,
    category: Annotated[str, typer.Option(help=f"One of {', '.join(parse.CATEGORIES)}.")] = "unclassified",
    kyc_until: Until = None,
    qualified_until: Until = None,
    key: options.Key = None,
    json: options.Json = False,
) -> None:
    """Register a party under the next free id.

    equity party onboard "Lin Xiaomei" --category qualified --kyc-until 2027-12-31 \\
      --qualified-until 2026-12-31 --tax-residence 156 --document kyc.pdf
    """
    out = Output(json)
    newcomer = Newcomer(
        Dossier(legal_name=name, kind=kind, emails=tuple(email or ())),
        kind=parse.kind(kind),
        country=0 if country is None else parse.country(country, "country"),
        weight=weight,
        category=parse.category(category),
        kyc_day=parse.last_day(kyc_until, "kyc_until") or Day(0),
        qualification_day=parse.last_day(qualified_until, "qualified_until") or Day(0),
        tax_residence=0 if residence is None else parse.country(residence, "tax-residence"),
    )
    with desk(out) as d:
        (party,), done = identity.onboard(d, request(key, document), [newcomer])
    out.result({"party": party, **done_object(done)}, lambda o: o.line(f"party {party}: {done_line(done)}"))


@app.command("classify")
def classify(
    party: Party,
    document: options.Document,
    category: Annotated[str | None, typer.Option(help=f"One of {', '.join(parse.CATEGORIES)}.")] = None,
    kyc_until: Until = None,
    qualified_until: Until = None,
    risk: Annotated[int | None, typer.Option(min=0, max=5, help="Risk grade, 1 cautious to 5.")] = None,
    weight: Annotated[int | None, typer.Option(min=1, max=65535, help="Holders of record it counts for.")] = None,
    country: Country = None,
    residence: TaxResidence = None,
    key: options.Key = None,
    json: options.Json = False,
) -> None:
    """Restate a party's standing; what is not given stays.

    equity party classify 12 --category qualified --kyc-until 2027-12-31 \\
      --qualified-until 2026-12-31 --document kyc.pdf
    """
    out = Output(json)
    standing = Standing(
        category=None if category is None else parse.category(category),
        kyc_day=parse.last_day(kyc_until, "kyc_until"),
        qualification_day=parse.last_day(qualified_until, "qualified_until"),
        risk_grade=risk,
        weight=weight,
        country=None if country is None else parse.country(country, "country"),
        tax_residence=None if residence is None else parse.country(residence, "tax-residence"),
    )
    with desk(out) as d:
        done = identity.set_standing(d, request(key, document), parse.party(party), standing)
    out.result(done_object(done), lambda o: o.line(f"standing of {party}: {done_line(done)}"))


@app.command("bind")
def bind(
    party: Party,
    wallet: Annotated[str, typer.Option(help="Name of the wallet's key; made if there is none of that name.")],
    document: options.Document,
    key: options.Key = None,
    json: options.Json = False,
) -> None:
    """Bind a wallet to a party, for ever. The wallet's key signs its consent."""
    out = Output(json)
    with desk(out) as d:
        signer = d.keys.wallet(wallet)
        done = identity.bind_wallet(d, request(key, document), parse.party(party), signer)
    data = {"wallet": "0x" + signer.address.hex(), **done_object(done)}
    out.result(data, lambda o: o.line(f"wallet {data['wallet']} is {party}'s: {done_line(done)}"))


@app.command("wallet")
def wallet_(
    address: Annotated[str, typer.Argument(help="The wallet's address.")],
    document: options.Document,
    open_: Annotated[bool, typer.Option("--open/--close", help="Open it again, or close it.")] = False,
    key: options.Key = None,
    json: options.Json = False,
) -> None:
    """Close a wallet, which then neither sends nor receives, or open it again."""
    out = Output(json)
    with desk(out) as d:
        done = identity.close_wallet(d, request(key, document), parse.address(address, "address"), not open_)
    out.result(done_object(done), lambda o: o.line(f"{'opened' if open_ else 'closed'}: {done_line(done)}"))


@app.command("freeze")
def freeze(party: Party, document: options.Document, key: options.Key = None, json: options.Json = False) -> None:
    """Freeze a party by order, under the regulator's key."""
    _freeze(party, document, True, key, json)


@app.command("release")
def release(party: Party, document: options.Document, key: options.Key = None, json: options.Json = False) -> None:
    """Lift a freeze."""
    _freeze(party, document, False, key, json)


def _freeze(party: str, document: str, frozen: bool, key: str | None, json: bool) -> None:
    out = Output(json)
    with desk(out) as d:
        done = identity.freeze(d, request(key, document), parse.party(party), frozen)
    out.result(done_object(done), lambda o: o.line(f"{'frozen' if frozen else 'released'}: {done_line(done)}"))


@app.command("revoke")
def revoke(party: Party, document: options.Document, key: options.Key = None, json: options.Json = False) -> None:
    """End a party's KYC and qualification at once; it may still sell."""
    out = Output(json)
    with desk(out) as d:
        done = identity.revoke(d, request(key, document), parse.party(party))
    out.result(done_object(done), lambda o: o.line(f"revoked: {done_line(done)}"))


@app.command("list")
def list_parties(
    as_of: options.AsOf = None, cursor: options.Cursor = None, limit: options.Limit = 50, json: options.Json = False
) -> None:
    """List parties by their numbers, with what decides about their shares and their tax.

    equity party list --limit 200
    """
    out = Output(json)
    with reader(out, as_of) as read:
        page = read.queries.parties(read.as_of, cursor=cursor, limit=limit)
        names = read.names(each.id for each in page.items)
        objects = [party_object(each, names.get(each.id)) for each in page.items]
        data = {"as_of": read.stand_object(), "parties": objects, "next_cursor": page.next_cursor}
    facts = ("party", "name", "kind", "category", "tax_residence", "kyc_until")
    rows = [[*(o[fact] or "–" for fact in facts), "frozen 已冻结" if o["frozen"] else "–"] for o in objects]
    columns = [Column("party", True), *(Column(fact.replace("_", " ")) for fact in facts[1:]), Column("by order")]
    out.result(data, lambda o: o.page("Parties", columns, rows, page.next_cursor))


@app.command("show")
def show(party: Party, as_of: options.AsOf = None, json: options.Json = False) -> None:
    """Show a party's standing and wallets, and its name where the directory has it."""
    out = Output(json)
    number = parse.party(party)
    with reader(out, as_of) as read:
        found = read.queries.party(number, read.as_of)
        data = party_object(found, read.names([number]).get(number))
        stand = read.stand_object()
    rows = list(data.items())
    out.result({"as_of": stand, **data}, lambda o: o.table(f"Party {number}", [Column("fact"), Column("value")], rows))


@app.command("erase")
def erase(party: Party, json: options.Json = False) -> None:
    """Destroy a party's name, contacts and salt in the directory. The register keeps the id."""
    out = Output(json)
    number = parse.party(party)
    with desk(out) as d:
        erased = d.directory.erase([number])
    text = f"party {number}: erased" if erased else f"party {number}: nothing was there"
    out.result({"party": number, "erased": bool(erased)}, lambda o: o.line(text))
