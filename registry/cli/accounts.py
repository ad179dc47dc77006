"""Accounts and keys as somebody names them on the command line."""

from __future__ import annotations

from registry.acts.desk import Desk
from registry.cli import parse
from registry.domain.ids import Address
from registry.errors import InputError


def account_of(d: Desk, text: str, field: str) -> Address:
    """A wallet by its address or by its key's name, or the book account of a party."""
    if parse.is_address(text):
        return parse.address(text, field)
    return d.account(text) if text in d.keys.names() else d.book(parse.party(text, field))


def own_key(d: Desk, name: str, field: str = "wallet") -> str:
    """The name of a key that is among the keystores."""
    if name not in d.keys.names():
        known = ", ".join(d.keys.names()) or "none"
        message = (
            f"there is no key of that name among the keystores, which are: {known}; a wallet's is made by "
            "`equity party bind PARTY --wallet NAME --document FILE`"
        )
        raise InputError(message, code="key_unknown", field=field, value=name)
    return name


def signer_address(d: Desk, text: str, field: str) -> Address:
    """An address, or that of a key by its name."""
    return parse.address(text, field) if parse.is_address(text) else d.account(own_key(d, text, field))
