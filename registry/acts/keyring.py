"""Keystores as the sender and the acts want them: by address and by name, each opened when it first signs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from registry.chain.sign import Keystores, LocalSigner, Signer
from registry.domain.ids import Address
from registry.errors import HaltError


class KeyRing(Mapping[Address, Signer]):
    """All keys of one home."""

    def __init__(self, keys: Keystores) -> None:
        self._keys = keys
        self._open: dict[Address, LocalSigner] = {}

    def names(self) -> list[str]:
        return self._keys.names()

    def address(self, name: str) -> Address:
        """The address of a key by its name."""
        if name not in self._keys.names():
            known = ", ".join(self._keys.names()) or "none"
            raise HaltError(f"there is no key named {name!r} among the keystores, which are: {known}")
        return self._keys.address(name)

    def wallet(self, name: str) -> LocalSigner:
        """A wallet's key, made if there is none of that name."""
        signer = self._keys.ensure(name)
        self._open[signer.address] = signer
        return signer

    def __getitem__(self, address: Address) -> Signer:
        if address not in self._open:
            name = next((name for name in self._keys.names() if self._keys.address(name) == address), None)
            if name is None:
                raise KeyError(f"0x{address.hex()}")
            self._open[address] = self._keys.load(name)
        return self._open[address]

    def __iter__(self) -> Iterator[Address]:
        return (self._keys.address(name) for name in self._keys.names())

    def __len__(self) -> int:
        return len(self._keys.names())
