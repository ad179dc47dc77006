"""The keys that a feed names: who signs its statements, and who brings them to the board."""

from __future__ import annotations

from collections.abc import Callable

from oracles.feed import SignerTerms
from registry.chain.remote import RemoteSigner
from registry.chain.sign import Keystores, LocalSigner, StatementSigner, passphrase_from
from registry.domain.ids import Address
from registry.settings import Settings

Ask = Callable[[], str]
"""Asks a person for the passphrase of the keystores, where no file has it."""


def open_signer(terms: SignerTerms | None, settings: Settings, ask: Ask) -> StatementSigner | None:
    """The feed's key or remote signer; None leaves the feed dry."""
    if terms is None:
        return None
    if terms.url is not None and terms.address is not None:
        return RemoteSigner(terms.url, _address(terms.address))
    return _keystores(settings, ask).load(terms.key or "")


def address_of(terms: SignerTerms | None, settings: Settings) -> Address | None:
    """Whose statements they are; no passphrase is needed to know it."""
    if terms is None:
        return None
    if terms.address is not None:
        return _address(terms.address)
    return _keystores(settings, _nobody).address(terms.key or "")


def open_relay(terms: SignerTerms, settings: Settings, ask: Ask) -> LocalSigner:
    """The key that sends."""
    return _keystores(settings, ask).load(terms.relay or terms.key or "")


def _keystores(settings: Settings, ask: Ask) -> Keystores:
    return Keystores(settings.keystores, lambda: _passphrase(settings, ask))


def _passphrase(settings: Settings, ask: Ask) -> str:
    own = settings.home / "passphrase"
    file = settings.passphrase_file or (own if own.exists() else None)
    return ask() if file is None else passphrase_from(file)


def _address(text: str) -> Address:
    return Address(bytes.fromhex(text[2:]))


def _nobody() -> str:
    raise AssertionError("an address is read without the passphrase")
