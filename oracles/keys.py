"""The keys that a feed names: who signs its statements, and who brings them to the board."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property

from oracles.feed import SignerTerms
from registry.chain.remote import RemoteSigner
from registry.chain.sign import Keystores, LocalSigner, StatementSigner, passphrase_from
from registry.domain.ids import Address
from registry.settings import Settings

Ask = Callable[[], str]
"""Asks a person for the passphrase of the keystores, where no file has it."""


class Keys:
    """The keystores of a home; each key is opened once, when it is first needed, and a person asked once."""

    def __init__(self, settings: Settings, ask: Ask) -> None:
        self._settings = settings
        self._ask = ask
        self._open: dict[str, LocalSigner] = {}

    def signer(self, terms: SignerTerms | None) -> StatementSigner | None:
        """The feed's key or remote signer; None leaves the feed dry."""
        if terms is None:
            return None
        if terms.url is not None and terms.address is not None:
            return RemoteSigner(terms.url, _address(terms.address))
        return self._load(terms.key or "")

    def verifier(self, terms: SignerTerms | None) -> Address | None:
        """Whose statements they are; no passphrase is needed to know it."""
        if terms is None:
            return None
        return self._stores.address(terms.key or "") if terms.address is None else _address(terms.address)

    def relay(self, terms: SignerTerms) -> LocalSigner:
        """The key that sends."""
        return self._load(terms.relay or terms.key or "")

    @cached_property
    def _stores(self) -> Keystores:
        return Keystores(self._settings.keystores, self._passphrase)

    def _load(self, name: str) -> LocalSigner:
        if name not in self._open:
            self._open[name] = self._stores.load(name)
        return self._open[name]

    def _passphrase(self) -> str:
        own = self._settings.home / "passphrase"
        file = self._settings.passphrase_file or (own if own.exists() else None)
        return self._ask() if file is None else passphrase_from(file)


def _address(text: str) -> Address:
    return Address(bytes.fromhex(text[2:]))
