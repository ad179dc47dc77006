"""Parties, wallets, providers (PA-1 to PA-5)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from registry.domain import commands as do
from registry.domain.args import Newcomer, Provider
from registry.domain.commands import Command, Refusal
from registry.domain.days import last_second
from registry.domain.ids import Day, Hash32, PartyId, Timestamp
from tests.domain import world as w

DOSSIER = Hash32(b"dossier".rjust(32, b"\1"))


@pytest.fixture
def world() -> w.World:
    world = w.deployed()
    w.onboard(world, w.word(1), w.word(2))
    w.bind(world, 1, 0)
    return world


def refusal(world: w.World, command: Command, actor: bytes = w.KYC) -> tuple[object, ...]:
    with pytest.raises(Refusal) as refused:
        world.run(command, actor)  # type: ignore[arg-type]
    return (refused.value.name, *refused.value.values)


def newcomer(party: int, wallet: bytes) -> Newcomer:
    return Newcomer(w.word(party), DOSSIER, wallet)  # type: ignore[arg-type]


def test_party__outside_the_range_or_known__is_refused(world: w.World) -> None:
    """PA-1."""
    for party in (0, w.LAST_PARTY + 1):
        command = do.Onboard(w.header(), (w.word(party),), (DOSSIER,))
        assert refusal(world, command) == ("PartyOutsideRange", w.KYC, party)
    assert refusal(world, do.Onboard(w.header(), (w.word(1),), (DOSSIER,))) == ("PartyExists", 1)
    assert refusal(world, do.Onboard(w.header(), (w.word(3),), ())) == ("LengthsDiffer", 1, 0)


def test_provider__after_its_last_day_or_revoked__may_do_nothing(world: w.World) -> None:
    """PA-1: the day is valid through its last second."""
    terms = Provider(PartyId(1), PartyId(9), world.today)
    assert refusal(world, do.TrustProvider(w.header(), w.KYC, replace(terms, last_id=PartyId(0))), w.GOVERNOR) == (
        "RangeMalformed",
        1,
        0,
    )
    world.run(do.TrustProvider(w.header(), w.KYC, terms), w.GOVERNOR)
    world.time = last_second(world.today)
    w.onboard(world, w.word(3))
    world.time = Timestamp(world.time + 1)
    assert refusal(world, do.Revoke(w.header(), PartyId(1))) == ("PartyOutsideRange", w.KYC, 1)
    world.run(do.RevokeProvider(w.header(), w.KYC), w.GOVERNOR)
    assert refusal(world, do.Revoke(w.header(), PartyId(1))) == ("PartyOutsideRange", w.KYC, 1)


def test_restatement__keeps_what_the_registry_keeps(world: w.World) -> None:
    """PA-2."""
    world.run(do.SetFrozen(w.header(), PartyId(1), True), w.REGULATOR)
    world.run(do.SetWalletClosed(w.header(), w.wallet(1, 0), True), w.KYC)
    told = replace(w.word(1, 20_500), flags=1)
    assert refusal(world, do.SetStanding(w.header(), (told,))) == ("PartyMalformed", told.pack())
    world.run(do.SetStanding(w.header(), (w.word(1, 20_500),)), w.KYC)
    found = world.state.parties[PartyId(1)]
    assert found == replace(w.word(1, 20_500), flags=1, closed_wallets=1, wallet_count=1)
    assert refusal(world, do.SetStanding(w.header(), (w.word(8),))) == ("PartyUnknown", 8)
    assert world.replay == world.state


def test_wallet__unsigned_late_taken_or_reserved__is_not_bound(world: w.World) -> None:
    """PA-3."""
    good = do.BindWallet(w.header(), PartyId(2), w.wallet(2, 0), world.time)
    assert refusal(world, replace(good, deadline=world.time - 1))[0] == "SignatureExpired"
    assert refusal(world, replace(good, is_signed=False)) == ("SignatureInvalid", w.wallet(2, 0))
    assert refusal(world, replace(good, wallet=w.wallet(1, 0))) == ("WalletBound", w.wallet(1, 0), 1)
    assert refusal(world, replace(good, wallet=world.book(1))) == ("WalletReserved", world.book(1))
    world.run(good, w.KYC)
    assert world.state.account_of(w.wallet(2, 0)) == (2, 0)


def test_wallet__the_ninth__is_refused(world: w.World) -> None:
    """PA-3."""
    for number in range(1, 8):
        w.bind(world, 1, number)
    ninth = do.BindWallet(w.header(), PartyId(1), w.address("ninth"), world.time)
    assert refusal(world, ninth) == ("TooManyWallets", 1)
    assert refusal(world, do.SetWalletClosed(w.header(), w.STRANGER, True)) == ("WalletUnknown", w.STRANGER)


def test_newcomers__one_signature_forged__are_all_refused(world: w.World) -> None:
    """PA-3."""
    both = (newcomer(3, w.wallet(3, 0)), newcomer(4, w.wallet(4, 0)))
    command = do.OnboardWithWallets(w.header(), world.time, both, forged=(w.wallet(4, 0),))
    assert refusal(world, command) == ("SignatureInvalid", w.wallet(4, 0))
    world.run(replace(command, forged=()), w.KYC)
    assert world.state.parties[PartyId(3)].wallet_count == 1
    assert world.replay == world.state


def test_book_account__of_a_party__is_tag_and_id_and_known_once_onboarded(world: w.World) -> None:
    """PA-4."""
    assert world.book(2) == w.TAG + (2).to_bytes(4, "big")
    assert world.state.account_of(world.book(2)) == (2, 8)
    assert world.state.account_of(world.book(77)) == (0, 0)


def test_revocation__ends_both_days_at_once(world: w.World) -> None:
    """PA-5."""
    world.run(do.Revoke(w.header(), PartyId(2)), w.KYC)
    word = world.state.parties[PartyId(2)]
    assert (word.kyc_day, word.qualification_day) == (Day(0), Day(0))


def test_freeze__of_an_unknown_party__is_refused(world: w.World) -> None:
    assert refusal(world, do.SetFrozen(w.header(), PartyId(8), True), w.REGULATOR) == ("PartyUnknown", 8)
