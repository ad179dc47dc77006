"""A detached signature beside a source's content: fetched and checked in one way for all feeds that take one."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from oracles.authentic import check_ed25519
from oracles.fetching import Clock, fetch, fetch_signature
from oracles.reasons import Refused
from oracles.terms import Chain, Place
from oracles.verdict import Sample


class Signed(Protocol):
    """Whose signature counts, and where it lies."""

    @property
    def x509(self) -> Chain | None: ...

    @property
    def ed25519(self) -> str | None: ...

    @property
    def signature_place(self) -> str: ...

    @property
    def pin(self) -> str | None: ...


def fetch_signed(place: Place, signed: Signed, folder: Path, types: frozenset[str], clock: Clock) -> Sample:
    """The content, with its detached signature where the source has one."""
    sample = fetch(place, folder, types, clock)
    if signed.x509 is None and not signed.ed25519:
        return sample
    return fetch_signature(place, folder, signed.signature_place, sample)


def check_signed(signed: Signed, sample: Sample, at: int) -> bytes:
    """The content, if its pinned server and its signature (where the source has one) are as the terms want them."""
    if signed.pin and sample.key != signed.pin:
        raise Refused("key_not_pinned", "pin", sample.key, signed.pin)
    if signed.x509 is not None:
        from oracles.certified import check_cms

        check_cms(sample.body, sample.signature, signed.x509, at)
    elif signed.ed25519:
        check_ed25519(sample.body, sample.signature, signed.ed25519)
    return sample.body
