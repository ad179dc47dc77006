"""The chain's hash in the domain: the same as everybody's."""

from __future__ import annotations

from eth_utils.crypto import keccak
from hypothesis import given
from hypothesis import strategies as st

from registry.domain.keccak import encoded, keccak256
from tests.domain import world as w


@given(data=st.binary(max_size=600))
def test_hash__of_any_bytes__is_that_of_the_chain(data: bytes) -> None:
    assert keccak256(data) == keccak(data)


def test_hash__around_the_length_of_a_block__is_padded_right() -> None:
    for length in (0, 135, 136, 137, 271, 272, 273):
        assert keccak256(b"\1" * length) == keccak(b"\1" * length)


def test_encoded__words__stand_as_the_abi_has_them() -> None:
    words = encoded(w.COMPANY, 7, b"\2" * 32)
    assert words == bytes(12) + w.COMPANY + (7).to_bytes(32, "big") + b"\2" * 32
