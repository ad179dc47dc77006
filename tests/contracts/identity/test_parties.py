"""Parties, wallets and book accounts in the identity registry; providers and their ranges."""

from __future__ import annotations

from dataclasses import replace

import pytest
from eth_account import Account
from eth_account.messages import encode_typed_data
from eth_utils import keccak

from registry.domain.words import PartyWord
from tests.contracts.support import node
from tests.contracts.support.contracts import STRANGER
from tests.contracts.support.expect import raises
from tests.contracts.support.ground import (
    ALICE,
    BOB,
    FAR,
    ZERO,
    Ground,
    actor,
    header,
    person,
    wallet_key,
    wallet_of,
)

# --- onboarding ---


def test_onboard__party_known_already_or_twice_in_a_batch__refused(ground: Ground) -> None:
    with raises("PartyExists", ALICE):
        ground.onboard(person(ALICE))
    with raises("PartyExists", 700):
        ground.onboard(person(700), person(700))


@pytest.mark.parametrize(
    "word",
    [
        person(700, flags=1),
        person(700, closed_wallets=1),
        person(700, wallet_count=1),
    ],
)
def test_onboard__fields_that_only_the_registry_keeps__refused(ground: Ground, word: PartyWord) -> None:
    with raises("PartyMalformed", word.pack()):
        ground.onboard(word)
    with raises("PartyMalformed", word.pack() | 1 << 255):
        ground.registry.act("onboard", header(), [word.pack() | 1 << 255], [bytes(32)], by=ground.kyc_agent)


def test_onboard__lists_of_different_length__refused(ground: Ground) -> None:
    with raises("LengthsDiffer", 1, 0):
        ground.registry.act("onboard", header(), [person(700).pack()], [], by=ground.kyc_agent)


@pytest.mark.parametrize("count", [0, 201])
def test_batches__of_wrong_length__refused(ground: Ground, count: int) -> None:
    words = [person(700 + i).pack() for i in range(count)]
    with raises("TooManyEntries", count, 200):
        ground.registry.act("onboard", header(), words, [bytes(32)] * count, by=ground.kyc_agent)
    with raises("TooManyEntries", count, 200):
        ground.registry.act("setStanding", header(), words, by=ground.kyc_agent)
    newcomers = [(word, bytes(32), STRANGER, bytes(32), bytes(32)) for word in words]
    with raises("TooManyEntries", count, 200):
        ground.registry.act("onboardWithWallets", header(), node.now() + 9, newcomers, by=ground.kyc_agent)


def test_onboard__party_alone__has_a_book_account_and_nothing_is_frozen(ground: Ground) -> None:
    events = ground.onboard(person(700))
    assert [e.name for e in events] == ["ActRecorded", "PartyOnboarded"]
    assert events[1].values["dossier"] == keccak((700).to_bytes(4, "big"))
    assert ground.word(700) == person(700)
    book = ground.book(700)
    assert bytes.fromhex(book[2:])[16:] == (700).to_bytes(4, "big")
    assert ground.registry.read("isBookAccount", book)
    assert not ground.registry.read("isBookAccount", STRANGER)
    assert ground.registry.read("standingOf", book) == person(700).pack() | 8 << 184
    assert ground.registry.read("standingOf", ground.book(701)) == 0


def test_set_standing__of_an_unknown_party__refused(ground: Ground) -> None:
    with raises("PartyUnknown", 700):
        ground.restate(person(700))
    with raises("PartyUnknown", 700):
        ground.registry.act("revoke", header(), 700, by=ground.kyc_agent)
    with raises("PartyUnknown", 700):
        ground.freeze(700)


def test_set_standing__of_a_frozen_party_with_wallets__keeps_what_the_registry_keeps(
    ground: Ground, alice: str
) -> None:
    ground.freeze(ALICE)
    ground.close_wallet(alice)
    ground.restate(person(ALICE, category=4, country=344))
    expected = replace(person(ALICE, category=4, country=344), flags=1, closed_wallets=1, wallet_count=1)
    assert ground.word(ALICE) == expected
    with raises("PartyMalformed"):
        ground.registry.act("setStanding", header(), [expected.pack()], by=ground.kyc_agent)


# --- providers ---


@pytest.mark.parametrize(("first", "last"), [(0, 9), (9, 8)])
def test_trust_provider__range_that_is_none__refused(ground: Ground, first: int, last: int) -> None:
    with raises("RangeMalformed", first, last):
        ground.registry.act("trustProvider", header(), STRANGER, (first, last, FAR), by=ground.governor)


def test_provider__outside_its_range_or_after_its_day__refused(ground: Ground) -> None:
    agent = actor("second agent")
    ground.registry.act("trustProvider", header(), agent, (700, 701, node.TODAY), by=ground.governor)

    def onboard(party: int) -> None:
        ground.registry.act("onboard", header(), [person(party).pack()], [bytes(32)], by=agent)

    onboard(700)
    for party in (0, 699, 702):
        with raises("PartyOutsideRange", agent, party):
            onboard(party)
    with raises("PartyOutsideRange", agent, ALICE):
        ground.registry.act("revoke", header(), ALICE, by=agent)
    node.next_block_at(node.last_second_of(node.TODAY))
    onboard(701)
    with raises("PartyOutsideRange", agent, 700):
        ground.registry.act("setStanding", header(), [person(700).pack()], by=agent)


def test_provider__revoked__its_parties_are_served_by_who_has_the_range(ground: Ground) -> None:
    ground.registry.act("revokeProvider", header(), ground.kyc_agent, by=ground.governor)
    with raises("PartyOutsideRange", ground.kyc_agent, ALICE):
        ground.restate(person(ALICE))
    heir = actor("heir")
    ground.registry.act("trustProvider", header(), heir, (1, 999, FAR), by=ground.governor)
    ground.registry.act("setStanding", header(), [person(ALICE, category=4).pack()], by=heir)
    assert ground.word(ALICE).category == 4


# --- wallets ---


def bind(ground: Ground, party: int, wallet: str, key: bytes, deadline: int | None = None) -> None:
    until = node.now() + 100 if deadline is None else deadline
    signature = ground.signature(party, wallet, until, key)
    ground.registry.act("bindWallet", header(), party, wallet, until, signature, by=ground.kyc_agent)


def test_bind_wallet__signed_by_another_or_for_another_party__refused(ground: Ground) -> None:
    wallet = wallet_of(BOB, 1)
    with raises("SignatureInvalid", wallet):
        bind(ground, BOB, wallet, wallet_key(ALICE, 0))
    until = node.now() + 100
    foreign = ground.signature(ALICE, wallet, until, wallet_key(BOB, 1))
    with raises("SignatureInvalid", wallet):
        ground.registry.act("bindWallet", header(), BOB, wallet, until, foreign, by=ground.kyc_agent)
    with raises("SignatureInvalid", wallet):
        ground.registry.act("bindWallet", header(), BOB, wallet, until, b"", by=ground.kyc_agent)


def test_bind_wallet__after_the_deadline__refused_and_in_its_last_second_taken(ground: Ground) -> None:
    deadline = node.now() + 50
    node.next_block_at(deadline + 1)
    with raises("SignatureExpired", deadline, deadline + 1):
        bind(ground, BOB, wallet_of(BOB, 1), wallet_key(BOB, 1), deadline)
    deadline = node.now() + 50
    node.next_block_at(deadline)
    bind(ground, BOB, wallet_of(BOB, 1), wallet_key(BOB, 1), deadline)


def test_bind_wallet__of_another_party_or_twice__refused_for_ever(ground: Ground, alice: str) -> None:
    for party in (ALICE, BOB):
        with raises("WalletBound", alice, ALICE):
            bind(ground, party, alice, wallet_key(ALICE, 0))


def test_bind_wallet__to_an_unknown_party__refused(ground: Ground) -> None:
    with raises("PartyUnknown", 700):
        bind(ground, 700, wallet_of(700), wallet_key(700, 0))


def test_bind_wallet__the_ninth__refused(ground: Ground) -> None:
    for number in range(1, 8):
        ground.bind(BOB, number)
    assert ground.registry.read("standingOf", wallet_of(BOB, 7)) >> 184 & 0xFF == 7
    with raises("TooManyWallets", BOB):
        ground.bind(BOB, 8)


def test_bind_wallet__contract_that_accepts_every_signature__bound_by_1271(ground: Ground) -> None:
    book, smart = ground.book(BOB), "0x" + "c0" * 20
    accepts = "0x631626ba7e60e01b60005260206000f3"
    node.ask("anvil_setCode", smart, accepts)
    ground.registry.act("bindWallet", header(), BOB, smart, node.now() + 9, b"any", by=ground.kyc_agent)
    assert ground.registry.read("standingOf", smart) & 0xFFFFFFFF == BOB
    node.ask("anvil_setCode", book, accepts)
    with raises("WalletReserved", book):
        ground.registry.act("bindWallet", header(), BOB, book, node.now() + 9, b"any", by=ground.kyc_agent)


def test_close_wallet__unknown__refused(ground: Ground) -> None:
    for account in (STRANGER, ground.book(ALICE), ZERO):
        with raises("WalletUnknown", account):
            ground.close_wallet(account)


def test_close_wallet__one_of_two__the_other_stays_open(ground: Ground, alice: str) -> None:
    second = ground.bind(ALICE, 1)
    ground.close_wallet(alice)
    assert (ground.word(ALICE).closed_wallets, ground.common.read("canSend", second)) == (1, True)
    ground.close_wallet(alice, False)
    assert ground.word(ALICE).closed_wallets == 0


# --- parties with their first wallet ---


def newcomer(ground: Ground, word: PartyWord, wallet: str, key: bytes, deadline: int) -> tuple[object, ...]:
    signature = ground.signature(word.id, wallet, deadline, key)
    r, s, v = signature[:32], int.from_bytes(signature[32:64], "big"), signature[64]
    return word.pack(), bytes(32), wallet, r, (s | (v - 27) << 255).to_bytes(32, "big")


def test_onboard_with_wallets__good_and_bad_signature_in_one_batch__refused_as_a_whole(ground: Ground) -> None:
    deadline = node.now() + 100
    good = newcomer(ground, person(700), wallet_of(700), wallet_key(700, 0), deadline)
    bad = newcomer(ground, person(701), wallet_of(701), wallet_key(700, 0), deadline)
    with raises("SignatureInvalid", wallet_of(701)):
        ground.registry.act("onboardWithWallets", header(), deadline, [good, bad], by=ground.kyc_agent)
    assert ground.registry.read("partyWord", 700) == 0


def test_onboard_with_wallets__late_malformed_or_bound_already__refused(ground: Ground, alice: str) -> None:
    past = node.now()
    late = newcomer(ground, person(700), wallet_of(700), wallet_key(700, 0), past)
    with raises("SignatureExpired", past):
        ground.registry.act("onboardWithWallets", header(), past, [late], by=ground.kyc_agent)
    deadline = node.now() + 100
    for word in (person(700, flags=1).pack(), 2**256 - 1):
        entry = (word, bytes(32), STRANGER, bytes(32), bytes(32))
        with raises("PartyMalformed", word):
            ground.registry.act("onboardWithWallets", header(), deadline, [entry], by=ground.kyc_agent)
    taken = newcomer(ground, person(700), alice, wallet_key(ALICE, 0), deadline)
    with raises("WalletBound", alice, ALICE):
        ground.registry.act("onboardWithWallets", header(), deadline, [taken], by=ground.kyc_agent)


def test_onboard_with_wallets__two_newcomers__word_counts_the_wallet(ground: Ground) -> None:
    deadline = node.now() + 100
    batch = [newcomer(ground, person(p), wallet_of(p), wallet_key(p, 0), deadline) for p in (700, 701)]
    events = ground.registry.act("onboardWithWallets", header(), deadline, batch, by=ground.kyc_agent)
    assert [e.name for e in events] == ["ActRecorded", *["PartyOnboarded", "WalletBoundTo"] * 2]
    assert ground.word(700) == person(700, wallet_count=1)
    assert events[2].values == {"party": 700, "number": 0, "wallet": wallet_of(700)}
    assert ground.registry.read("standingsOf", [wallet_of(700), STRANGER]) == (ground.word(700).pack(), 0)


def test_binding__signed_for_another_chain_or_registry__refused(ground: Ground) -> None:
    wallet, deadline = wallet_of(BOB, 1), node.now() + 100
    here = {"chainId": int(node.ask("eth_chainId"), 16), "verifyingContract": ground.registry.address}
    for elsewhere in ({"chainId": 1}, {"verifyingContract": ground.factory.address}):
        message = encode_typed_data(
            domain_data={"name": "Equity Identity Registry", "version": "1", **here, **elsewhere},
            message_types={
                "BindWallet": [
                    {"name": "party", "type": "uint32"},
                    {"name": "wallet", "type": "address"},
                    {"name": "deadline", "type": "uint64"},
                ]
            },
            message_data={"party": BOB, "wallet": wallet, "deadline": deadline},
        )
        signature = bytes(Account.sign_message(message, wallet_key(BOB, 1)).signature)
        with raises("SignatureInvalid", wallet):
            ground.registry.act("bindWallet", header(), BOB, wallet, deadline, signature, by=ground.kyc_agent)
