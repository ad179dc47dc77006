"""Opening a company: the breaches found at that moment are its document, and from then on all rules apply."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from registry.acts.desk import ADMIN, Desk
from registry.acts.operations import Done, Request, carry_out, header_for, request_id
from registry.chain import contracts
from registry.domain.ids import BOOK, Address, PartyId
from registry.domain.rules import Rule, broken_by_taker, rules_in
from registry.domain.words import Holding


@dataclass(frozen=True, slots=True)
class Breach:
    """A holder who keeps what is held, may sell it, and may not receive: the rules that say so."""

    class_position: int
    party: PartyId
    rules: tuple[Rule, ...]


@dataclass(frozen=True, slots=True)
class Breaches:
    """What opening finds. The company is above its cap where more seats are taken than it allows."""

    company: int
    seats: int
    cap: int
    breaches: tuple[Breach, ...]

    @property
    def is_above_cap(self) -> bool:
        return self.seats > self.cap

    def as_json(self) -> dict[str, Any]:
        return {
            "company": self.company,
            "seats": self.seats,
            "cap": self.cap,
            "breaches": [
                {"class": breach.class_position, "party": breach.party, "rules": [rule.id for rule in breach.rules]}
                for breach in self.breaches
            ],
        }

    def document(self) -> bytes:
        """One spelling, so that its hash is the list's."""
        return json.dumps(self.as_json(), sort_keys=True, separators=(",", ":")).encode()


def find_breaches(desk: Desk, company: int) -> Breaches:
    """Holders who could not receive what they hold, judged today by the rules of receiving."""
    desk.catch_up()
    table = desk.queries.cap_table(company)
    parties = sorted({row.party for row in table.rows})
    words = dict(zip(parties, desk.reads.party_words(parties), strict=True))
    classes = {cls.class_id: cls for cls in table.classes}
    today = desk.today()
    found: list[Breach] = []
    for row in table.rows:
        cls = classes[row.class_id]
        # Wallets can be closed one by one; a party as such is asked through its book account.
        account = Holding(row.party, BOOK)
        rules = rules_in(broken_by_taker(account, words[row.party], cls.categories, today))
        if rules:
            found.append(Breach(cls.position, row.party, rules))
    charter = table.company
    return Breaches(company, charter.seats, charter.cap, tuple(found))


def open_company(desk: Desk, key: str, number: int, company: Address) -> tuple[Breaches | None, Done]:
    """Opens for good. The breaches are None where the company had been opened before under this key."""
    begun = desk.outbox.get(request_id("open", key))
    if begun is not None:
        return None, carry_out(desk, ADMIN, company, begun.calldata, begun.id, begun.label)
    found = find_breaches(desk, number)
    header = header_for(desk, "open", Request(key, desk.keep_document(found.document())))
    calldata = contracts.company.open(header)
    return found, carry_out(desk, ADMIN, company, calldata, header.operation, "open the company")
