"""The machine of dividends on a chain: the cast of tests/domain with real contracts, on the pure world's ground."""

from __future__ import annotations

from dataclasses import dataclass

from eth_utils import keccak

from registry.domain.days import first_second
from registry.domain.ids import Address
from tests.contracts.support import node
from tests.contracts.support.calls import hexed, plain, raw
from tests.contracts.support.ground import EVERYBODY, REGION, Ground, header, lay, line, wallet_key
from tests.contracts.support.raise_ground import FIRST_DAY, wallet
from tests.contracts.support.raising import ARBITER
from tests.contracts.support.signing import address_of
from tests.domain import payout_world as p
from tests.domain.raise_cast import ISSUER, PLATFORMS, Cast, reference


@dataclass(frozen=True, slots=True)
class PayCast(Cast):
    """Addresses, with all accounts that may hold something."""

    @property
    def known(self) -> list[Address]:
        return [*(self.book(party) for party in p.HOLDERS), *map(self.wallet, p.WITH_WALLET), second_wallet()]


def second_wallet() -> Address:
    return address_of(wallet_key(1, 1))


def founded() -> Ground:
    """What `payout_world.founded` founds, on a class without decimals."""
    ground = lay()
    ground.onboard(*(p.person(FIRST_DAY, party) for party in p.HOLDERS))
    for party in p.WITH_WALLET:
        ground.bind(party)
    ground.bind(1, 1)
    ground.open()
    admin = hexed(wallet(ISSUER))
    ground.company.act("offerAdmin", header(), admin, by=ground.issuer)
    ground.company.act("acceptAdmin", by=admin)
    ground.preferred.act("admitCategories", header(), EVERYBODY, by=ground.registrar)
    cast = cast_of(ground)
    held = [(p.account_of(cast, party), units) for party, units in p.SHARES.items()]
    ground.issue(ground.common, *(line(hexed(account), units) for account, units in (*held, (cast.book(1), 1))))
    ground.issue(ground.preferred, *(line(ground.book(party), units) for party, units in p.PREFERRED.items()))
    ground.registry.act("setAnnualLimit", header(), 0, by=ground.regulator)
    lines = [(admin, p.PURSE, reference(1)), (ground.book(ISSUER), p.PURSE + 1, reference(2))]
    ground.token.act("mint", header(), lines, by=ground.custodian)
    ground.token.act("approve", ground.distributions.address, 2**256 - 1, by=admin)
    for rules in (p.RULES, p.FEWER):
        tax_account = ground.book(PLATFORMS)
        ground.schedules.act("createSchedule", header(), tax_account, plain(rules), by=ground.platform)
    node.jump_to(first_second(FIRST_DAY))
    return ground


def cast_of(ground: Ground) -> PayCast:
    """Who acts on this ground; nothing is raised here."""
    company = raw(ground.company.address)
    return PayCast(
        company,
        raw(ground.common.address),
        raw(ground.preferred.address),
        company,
        *(raw(a) for a in (ground.platform, ground.regulator, ground.custodian)),
        wallet(ISSUER),
        *(raw(a) for a in (ground.registrar, ground.stopper, ground.kyc_agent, ARBITER)),
        stranger=address_of(keccak(text="a stranger with a key")),
        region=REGION,
        tag=ground.registry.read("bookTag"),
        start=first_second(FIRST_DAY),
        wallet=wallet,
        key=wallet,
        offerings=(company, company),
        escrows=(company, company),
    )
