"""What is compared: small functions of one shape, each about one kind of fact. `CHECKS` lists them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from registry.audit.evidence import Check, Evidence, Sides, compare
from registry.audit.outcome import Difference, Subject
from registry.domain.args import Provider
from registry.domain.ids import Address
from registry.domain.register import NO_PARTY, Account, ClassState, CompanyState, Seat
from registry.domain.words import Charter, Holding, PartyWord
from registry.mirror.queries import HoldingRow, Queries, SeatRow
from registry.mirror.queries import Provider as TrustedProvider


def check_history(e: Evidence) -> Iterator[Difference]:
    """The mirror's last block is a block of this chain."""
    if e.mirror is None:
        return
    stand = e.mirror.stand(e.as_of)
    on_chain = e.chain.node.block(stand.block).hash
    if on_chain != stand.hash:
        yield Difference(Subject(), f"hash of block {stand.block}", on_chain, stand.hash, on_chain, None)


def check_parties(e: Evidence) -> Iterator[Difference]:
    """Every party's facts."""
    parties = sorted(e.state.parties)
    books = [e.state.book_account(party) for party in parties]
    on_chain = [word for word, _ in e.chain.standings_of(books, e.block.hash)]
    mirrored = e.mirror.words(parties, e.as_of) if e.mirror else None
    for party, word in zip(parties, on_chain, strict=True):
        in_mirror = _party(mirrored.get(party, NO_PARTY)) if mirrored is not None else None
        behind = e.state.trail.last_of_party.get(party)
        yield from compare(Subject(party=party), _party(e.state.parties[party]), in_mirror, _party(word), behind)


def check_wallets(e: Evidence) -> Iterator[Difference]:
    """Every wallet's party and number."""
    bound = sorted(e.state.wallets.items(), key=lambda item: item[1])
    standings = e.chain.standings_of([address for address, _ in bound], e.block.hash)
    for (address, (party, number)), (word, on_chain) in zip(bound, standings, strict=True):
        wallet = e.mirror.wallet(address, e.as_of) if e.mirror else None
        mirrored: Sides | None = None
        if e.mirror:
            mirrored = {"party": wallet.party, "wallet": wallet.number} if wallet else {"party": 0, "wallet": 0}
        behind = e.state.trail.last_of_party.get(party)
        facts: Sides = {"party": party, "wallet": number}
        chained: Sides = {"party": word.id, "wallet": on_chain}
        yield from compare(Subject(address=address), facts, mirrored, chained, behind)


def check_registry_roles(e: Evidence) -> Iterator[Difference]:
    """Roles in the registry, and KYC providers with their ranges."""
    behind = e.last_of(e.state.registry)
    listed = {row.account: row.roles for row in e.mirror.roles(0, e.as_of)} if e.mirror else None
    for account in sorted({*e.state.roles, *(listed or ())}):
        mirrored: Sides | None = None if listed is None else {"roles": listed.get(account, 0)}
        chained: Sides = {"roles": e.chain.registry_roles(account, e.block.hash)}
        expected: Sides = {"roles": e.state.roles.get(account, 0)}
        yield from compare(Subject(address=account), expected, mirrored, chained, behind)
    trusted = {row.address: row for row in e.mirror.providers(e.as_of)} if e.mirror else None
    for address in sorted({*e.state.providers, *(trusted or ())}):
        in_mirror = None if trusted is None else _range(trusted.get(address))
        replayed = _range(e.state.providers.get(address))
        on_chain = _range(e.chain.provider(address, e.block.hash))
        yield from compare(Subject(address=address), replayed, in_mirror, on_chain, behind)


def check_companies(e: Evidence) -> Iterator[Difference]:
    """How many there are, and each company's charter, roles, predecessor and successor."""
    count: Sides = {"companies": len(e.state.companies)}
    in_mirror: Sides | None = {"companies": len(e.mirrored)} if e.mirror else None
    on_chain: Sides = {"companies": e.chain.company_count(e.block.hash)}
    yield from compare(Subject(), count, in_mirror, on_chain, e.last_of(e.state.factory))
    for company in e.companies():
        charter = e.chain.charter(company.address, e.block.hash)
        subject, behind = Subject(company.number), e.last_of(company.address)
        yield from compare(subject, _charter(company.charter), _mirrored_company(e, company), _charter(charter), behind)
        yield from _check_company_roles(e, company)


def check_seats(e: Evidence) -> Iterator[Difference]:
    """Accounts, weight and waiting subscriptions of everybody who has, or had, a seat."""
    for company in e.companies():
        mirror = e.mirror_of(company)
        rows = {row.party: row for row in mirror.seats(company.number, e.as_of)} if mirror else None
        parties = sorted({*company.seats, *(rows or ())})
        on_chain = e.chain.seats_of(company.address, parties, e.block.hash)
        for party, seat in zip(parties, on_chain, strict=True):
            row = rows.get(party) if rows is not None else None
            mirrored = None if rows is None else _mirrored_seat(row)
            subject, behind = Subject(company.number, party=party), e.last_of(company.address)
            yield from compare(subject, _seat(company.seat_of(party)), mirrored, _seat(seat), behind)


def check_classes(e: Evidence) -> Iterator[Difference]:
    """Each class's state, and that its holdings sum to the issued shares."""
    for c in e.classes():
        subject, behind = e.subject_of(c), e.last_of(c.address)
        word = e.chain.class_word(c.address, e.block.hash)
        replayed: Sides = {**{name: getattr(c.word, name) for name in c.word.__slots__}, "reserved": c.reserved}
        on_chain: Sides = {name: getattr(word, name) for name in word.__slots__}
        on_chain["reserved"] = e.raises.reserved_shares(c.address, e.block.hash)
        mirrored: Sides | None = None
        mirror = e.mirror_of(e.state.companies[c.company])
        if mirror:
            replayed["record_dates"] = ", ".join(map(str, c.record_times))
            mirrored = _mirrored_class(mirror, e, c)
        yield from compare(subject, replayed, mirrored, on_chain, behind)
        total = sum(holding.balance for holding in c.holdings.values())
        yield from compare(subject, {"sum of holdings": total}, None, {"sum of holdings": word.issued}, behind)


def check_holdings(e: Evidence) -> Iterator[Difference]:
    """Every account of every class: the word that the chain stores, shares and lock-up in the mirror."""
    for company in e.companies():
        mirror = e.mirror_of(company)
        listed = _mirrored_holdings(mirror, company, e) if mirror else None
        for address in company.classes:
            c = e.state.classes[address]
            yield from _check_class_holdings(e, c, None if listed is None else listed.get(address, {}))


def _check_class_holdings(e: Evidence, c: ClassState, listed: dict[Account, HoldingRow] | None) -> Iterator[Difference]:
    accounts = sorted({*c.holdings, *(listed or ())})
    known = [account for account in accounts if _is_known(e, account)]
    addresses = [e.state.address_of(account) for account in known]
    on_chain = dict(zip(known, e.chain.holdings_of(c.address, addresses, e.block.hash), strict=True))
    for account in accounts:
        party, number = account
        subject = replace(e.subject_of(c), party=party, account=number)
        expected = _holding(c.holdings.get(account) or Holding(party, number))
        there = on_chain.get(account)
        chained = _holding(there) if there and there.party else _holding(Holding(party, number))
        mirrored: Sides | None = None
        if listed is not None:
            row = listed.get(account)
            mirrored = {"shares": row.shares if row else 0}
            if row:
                mirrored["lock_day"] = row.lock_day
        yield from compare(subject, expected, mirrored, chained, c.last_entry.get(account))


def _check_company_roles(e: Evidence, company: CompanyState) -> Iterator[Difference]:
    mirror = e.mirror_of(company)
    listed = {row.account: row.roles for row in mirror.roles(company.number, e.as_of)} if mirror else None
    for account in sorted({*company.roles, *(listed or ())}):
        mirrored: Sides | None = None if listed is None else {"roles": listed.get(account, 0)}
        chained: Sides = {"roles": e.chain.company_roles(company.address, account, e.block.hash)}
        expected: Sides = {"roles": company.roles.get(account, 0)}
        subject = Subject(company.number, address=account)
        yield from compare(subject, expected, mirrored, chained, e.last_of(company.address))


# --- facts by name ---

_CLASS_IN_MIRROR = ("issued", "authorised", "stops", "decimals", "categories", "reserved")


def _party(word: PartyWord) -> Sides:
    return {name: getattr(word, name) for name in word.__slots__}


def _charter(charter: Charter) -> Sides:
    return {name: getattr(charter, name) for name in charter.__slots__}


def _mirrored_company(e: Evidence, company: CompanyState) -> Sides | None:
    if e.mirror is None:
        return None
    row = e.mirrored.get(company.number)
    names = ("form", "phase", "region", "cap", "seats", "pending", "stops")
    return {name: getattr(row, name, None) for name in names}


def _mirrored_class(mirror: Queries, e: Evidence, c: ClassState) -> Sides:
    number = e.state.companies[c.company].number
    row = next((row for row in mirror.classes(number, e.as_of) if row.address == c.address), None)
    sides: Sides = {name: getattr(row, name, None) for name in _CLASS_IN_MIRROR}
    dates = mirror.record_dates(row.class_id, e.as_of) if row else ()
    return {**sides, "record_dates": ", ".join(str(date.time) for date in dates)}


def _seat(seat: Seat) -> Sides:
    names = ("accounts", "is_fixed", "weight", "subscriptions")
    return {name: getattr(seat, name) for name in names}


def _mirrored_seat(row: SeatRow | None) -> Sides:
    return _seat(Seat(row.accounts, row.is_fixed, row.weight, row.subscriptions) if row else Seat())


def _holding(h: Holding) -> Sides:
    return {
        "shares": h.balance,
        "encumbered": h.encumbered,
        "lock_day": h.lock_day,
        "saved_epoch": h.saved_epoch,
        "first_epoch": h.first_epoch,
        "weight": h.weight,
    }


def _range(terms: Provider | TrustedProvider | None) -> Sides:
    if terms is None:
        return {"provider": None}
    return {"provider": f"parties {terms.first_id} to {terms.last_id} until day {terms.until_day}"}


def _is_known(e: Evidence, account: Account) -> bool:
    return account[0] in e.state.parties and (account[1] == 8 or account in e.state.addresses)


def _mirrored_holdings(mirror: Queries, company: CompanyState, e: Evidence) -> dict[Address, dict[Account, HoldingRow]]:
    addresses = {row.class_id: row.address for row in mirror.classes(company.number, e.as_of)}
    found: dict[Address, dict[Account, HoldingRow]] = {}
    for row in mirror.holdings(company.number, e.as_of):
        found.setdefault(addresses[row.class_id], {})[row.party, row.account] = row
    return found


CHECKS: tuple[Check, ...] = (
    check_history,
    check_registry_roles,
    check_parties,
    check_wallets,
    check_companies,
    check_seats,
    check_classes,
    check_holdings,
)
