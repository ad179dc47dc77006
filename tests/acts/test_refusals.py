"""Bad input and broken rules: refused with field, value and rule, before anything is signed or written."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import replace

import pytest

from registry.acts import company as companies
from registry.acts import identity, shares
from registry.acts.company import Created
from registry.acts.desk import Desk
from registry.acts.identity import Newcomer, Standing
from registry.acts.opening import open_company
from registry.acts.operations import Request
from registry.directory import Dossier
from registry.domain.args import ClassTerms, CompanyTerms, Entry
from registry.domain.ids import Address, Day, Hash32, PartyId, Shares
from registry.errors import InputError, RejectedError

QUALIFIED, INSTITUTION = 3, 4
DOCUMENT = Hash32(b"\xd0" * 32)
_numbers = itertools.count(1)


def request(name: str = "") -> Request:
    return Request(name or f"test {next(_numbers)}", DOCUMENT)


def founded(desk: Desk, cap: int = 200, authorised: int = 10_000) -> tuple[Created, Address]:
    """An open company with one class that admits qualified persons and institutions."""
    terms = [ClassTerms("普通股", "ORD", Shares(authorised), 0, 1 << QUALIFIED | 1 << INSTITUTION)]
    created, _ = companies.create_company(desk, request(), CompanyTerms("Test", 1, 0, cap), terms)
    open_company(desk, f"open {created.number}", created.number, created.address)
    return created, created.classes[0]


def onboarded(desk: Desk, count: int = 1, category: int = QUALIFIED, days: int = 30) -> tuple[PartyId, ...]:
    until = Day(desk.today() + days)
    new = [
        Newcomer(Dossier(f"Party {next(_numbers)}"), category=category, kyc_day=until, qualification_day=until)
        for _ in range(count)
    ]
    return identity.onboard(desk, request(), new)[0]


def entry(desk: Desk, party: PartyId, amount: int) -> Entry:
    return Entry(desk.book(party), Shares(amount))


def refusal(act: Callable[[], object]) -> RejectedError:
    with pytest.raises(RejectedError) as refused:
        act()
    return refused.value


def rules(error: RejectedError) -> object:
    assert error.code == "Refused"
    return error.values["rules"]


def test_issue__more_than_authorised__is_refused_by_au_1(module_desk: Desk) -> None:
    _, ordinary = founded(module_desk, authorised=100)
    (party,) = onboarded(module_desk)
    head = module_desk.node.head()
    refused = refusal(lambda: shares.issue(module_desk, request(), ordinary, [entry(module_desk, party, 101)]))
    assert rules(refused) == ["AU-1"]
    assert refused.values["shares"] == 101
    assert "more than the authorised shares / 超过核定股份数" in refused.message
    assert module_desk.node.head() == head


def test_issue__receiver_unclassified__is_refused_by_el_1_and_el_2(module_desk: Desk) -> None:
    _, ordinary = founded(module_desk)
    (party,) = onboarded(module_desk, category=0, days=-1)
    refused = refusal(lambda: shares.issue(module_desk, request(), ordinary, [entry(module_desk, party, 1)]))
    assert rules(refused) == ["EL-1", "EL-2"]


def test_issue__qualification_ended_yesterday__is_refused_by_el_3_and_today_passes(module_desk: Desk) -> None:
    _, ordinary = founded(module_desk)
    (party,) = onboarded(module_desk)
    yesterday = Standing(qualification_day=Day(module_desk.today() - 1))
    identity.set_standing(module_desk, request(), party, yesterday)
    refused = refusal(lambda: shares.issue(module_desk, request(), ordinary, [entry(module_desk, party, 1)]))
    assert rules(refused) == ["EL-3"]
    identity.set_standing(module_desk, request(), party, Standing(qualification_day=module_desk.today()))
    shares.issue(module_desk, request(), ordinary, [entry(module_desk, party, 1)])


def test_onboard__with_a_tax_residence__is_one_act_and_a_restatement_keeps_it(module_desk: Desk) -> None:
    """TX-3"""
    desk, asked = module_desk, request()
    new = [Newcomer(Dossier("Abroad"), country=156, tax_residence=702), Newcomer(Dossier("Not asked"), country=156)]
    before = desk.node.nonce(desk.account("kyc_agent"))
    (abroad, unasked), done = identity.onboard(desk, asked, new)
    assert identity.onboard(desk, asked, new) == ((abroad, unasked), done)
    assert desk.node.nonce(desk.account("kyc_agent")) == before + 1
    assert [desk.reads.party_word(party).tax_residence for party in (abroad, unasked)] == [702, 0]
    identity.set_standing(desk, request(), abroad, Standing(category=QUALIFIED))
    assert desk.reads.party_word(abroad).tax_residence == 702


def test_transfer__receiver_frozen__is_refused_by_fr_2_until_released(module_desk: Desk) -> None:
    _, ordinary = founded(module_desk)
    giver, taker = onboarded(module_desk, 2)
    shares.issue(module_desk, request(), ordinary, [entry(module_desk, giver, 10)])
    identity.freeze(module_desk, request(), taker, True)

    def move() -> object:
        book = module_desk.book(giver)
        return shares.transfer_for(module_desk, request(), ordinary, book, entry(module_desk, taker, 4))

    assert rules(refusal(move)) == ["FR-2"]
    identity.freeze(module_desk, request(), taker, False)
    move()
    assert module_desk.reads.holding(ordinary, module_desk.book(taker)).balance == 4


def test_transfer__company_stopped__is_refused_by_st_2(module_desk: Desk) -> None:
    created, ordinary = founded(module_desk)
    giver, taker = onboarded(module_desk, 2)
    shares.issue(module_desk, request(), ordinary, [entry(module_desk, giver, 10)])
    companies.stop_company(module_desk, request(), created.address, True)
    book = module_desk.book(giver)
    refused = refusal(lambda: shares.transfer_for(module_desk, request(), ordinary, book, entry(module_desk, taker, 4)))
    assert rules(refused) == ["ST-2"]


def test_issue__the_201st_holder__is_refused_by_hc_1_and_the_200th_is_not(module_desk: Desk) -> None:
    _, ordinary = founded(module_desk)
    parties = onboarded(module_desk, 200)
    (late,) = onboarded(module_desk)
    for page in (parties[:100], parties[100:]):
        shares.issue(module_desk, request(), ordinary, [entry(module_desk, party, 1) for party in page])
    refused = refusal(lambda: shares.issue(module_desk, request(), ordinary, [entry(module_desk, late, 1)]))
    assert rules(refused) == ["HC-1"]
    # One who holds already takes no further seat.
    shares.issue(module_desk, request(), ordinary, [entry(module_desk, parties[0], 1)])


def test_transfer__out_of_a_wallet__is_checked_before_anybody_signs(module_desk: Desk) -> None:
    _, ordinary = founded(module_desk)
    giver, taker = onboarded(module_desk, 2)
    (stranger,) = onboarded(module_desk, category=0, days=-1)
    wallet = module_desk.keys.wallet(f"wallet-{giver}")
    identity.bind_wallet(module_desk, request(), giver, wallet)
    shares.issue(module_desk, request(), ordinary, [Entry(wallet.address, Shares(10))])
    nonce = module_desk.node.nonce(wallet.address)
    to = module_desk.book(stranger)
    refused = refusal(lambda: shares.transfer(module_desk, "k", ordinary, f"wallet-{giver}", to, 1))
    assert rules(refused) == ["EL-1", "EL-2"]
    assert (refused.values["code"], refused.values["text_zh"]) == (12, "该类别股份不接纳接收方所属类别")
    assert module_desk.node.nonce(wallet.address) == nonce
    shares.transfer(module_desk, "k", ordinary, f"wallet-{giver}", module_desk.book(taker), 3)
    assert module_desk.reads.holding(ordinary, module_desk.book(taker)).balance == 3


def test_act__the_same_key_again__is_done_once(module_desk: Desk) -> None:
    _, ordinary = founded(module_desk)
    (party,) = onboarded(module_desk)
    asked = request("one key")
    first = shares.issue(module_desk, asked, ordinary, [entry(module_desk, party, 5)])
    assert shares.issue(module_desk, asked, ordinary, [entry(module_desk, party, 5)]) == first
    assert module_desk.reads.class_word(ordinary).issued == 5


def test_act__the_same_key_for_something_else__is_refused(module_desk: Desk) -> None:
    _, ordinary = founded(module_desk)
    (party,) = onboarded(module_desk)
    asked = request("another key")
    shares.issue(module_desk, asked, ordinary, [entry(module_desk, party, 5)])
    with pytest.raises(InputError) as refused:
        shares.issue(module_desk, asked, ordinary, [entry(module_desk, party, 6)])
    assert refused.value.code == "operation_id_reused"
    assert module_desk.reads.class_word(ordinary).issued == 5


def test_act__dated_tomorrow__is_refused_by_ac_3(module_desk: Desk) -> None:
    _, ordinary = founded(module_desk)
    (party,) = onboarded(module_desk)
    tomorrow = Request("tomorrow", DOCUMENT, Day(module_desk.today() + 1))
    with pytest.raises(InputError, match="AC-3"):
        shares.issue(module_desk, tomorrow, ordinary, [entry(module_desk, party, 5)])


def test_withdraw__anothers_book_account__is_refused(module_desk: Desk) -> None:
    _, ordinary = founded(module_desk)
    giver, thief = onboarded(module_desk, 2)
    shares.issue(module_desk, request(), ordinary, [entry(module_desk, giver, 10)])
    identity.bind_wallet(module_desk, request(), thief, module_desk.keys.wallet(f"wallet-{thief}"))
    refused = refusal(lambda: shares.withdraw(module_desk, "w", ordinary, f"wallet-{thief}", giver, Shares(1)))
    assert refused.code == "ERC20InsufficientAllowance"
    assert module_desk.reads.holding(ordinary, module_desk.book(giver)).balance == 10


def test_create_company__a_cap_of_none__is_refused_with_its_field(module_desk: Desk) -> None:
    with pytest.raises(InputError) as refused:
        companies.create_company(module_desk, request(), CompanyTerms("Test", 1, 0, 0), [])
    assert refused.value.field == "cap"


def test_create_class__symbol_that_the_company_has__is_refused_before_anything_is_signed(module_desk: Desk) -> None:
    created, _ = founded(module_desk)
    head = module_desk.node.head()
    terms = ClassTerms("Another", "ord", Shares(1), 0, 1 << QUALIFIED)
    with pytest.raises(InputError) as refused:
        companies.create_class(module_desk, request(), created.address, terms)
    assert (refused.value.code, refused.value.field, refused.value.value) == ("symbol_taken", "symbol", "ord")
    assert module_desk.node.head() == head
    asked = request("class B")
    made = companies.create_class(module_desk, asked, created.address, replace(terms, symbol="ORD-B"))
    assert companies.create_class(module_desk, asked, created.address, replace(terms, symbol="ORD-B")) == made
    # Without symbols there is nothing to be confused.
    for name in ("C", "D"):
        companies.create_class(module_desk, request(), created.address, replace(terms, name=name, symbol=""))


def test_reference__a_long_certificate_number__is_kept_as_its_hash() -> None:
    assert shares.reference("CS-001").rstrip(b"\0") == b"CS-001"
    assert shares.reference("股" * 10) == "股".encode() * 10 + b"\0\0"
    long = shares.reference("x" * 32)
    assert len(long) == 32
    assert long != b"x" * 32
