"""A signer behind JSON-RPC: the key stays where it is, what comes back is checked before anybody sees it."""

from __future__ import annotations

from typing import Any, Final

from registry.chain.rpc import NodeRefusal, Rpc
from registry.chain.typed import Board, Statement, signer_of, typed_data
from registry.domain.ids import Address
from registry.errors import HaltError, InputError, RetryableError, Unavailable

_METHODS: Final = ("eth_signTypedData_v4", "account_signTypedData")
"""The second is what clef calls the same thing; it is asked where the first is not known."""
_UNKNOWN_METHOD: Final = -32601


class RemoteSigner:
    """Signs typed data through a signer at an http(s) address, for one account of it."""

    def __init__(self, url: str, address: Address, timeout: float = 30.0) -> None:
        self._rpc = Rpc(url, timeout)
        self._address = address

    def __repr__(self) -> str:
        return f"RemoteSigner({self._rpc.url}, 0x{self._address.hex()})"

    @property
    def address(self) -> Address:
        return self._address

    def sign_statement(self, statement: Statement, board: Board) -> bytes:
        """65 bytes. Unavailable without an answer, RetryableError when refused, HaltError when another key signed."""
        statement.check()
        answer = self._ask(typed_data(statement, board))
        try:
            signature = bytes.fromhex(answer.removeprefix("0x")) if isinstance(answer, str) else b""
            signature = signature[:-1] + bytes([signature[64] + 27]) if signature[64:] in (b"\0", b"\1") else signature
            found = signer_of(statement, board, signature)
        except (ValueError, InputError) as error:
            raise HaltError(
                f"the signer at {self._rpc.url} answered with what is no signature: {answer!r:.80}"
            ) from error
        if found != self._address:
            other = f"signed as 0x{found.hex()}, not as 0x{self._address.hex()}"
            raise HaltError(f"the signer at {self._rpc.url} {other}: nothing is sent")
        return signature

    def _ask(self, message: dict[str, Any]) -> Any:
        for method in _METHODS:
            try:
                return self._rpc.call(method, "0x" + self._address.hex(), message)
            except NodeRefusal as refusal:
                if refusal.rpc_code != _UNKNOWN_METHOD or method == _METHODS[-1]:
                    raise RetryableError(f"the signer at {self._rpc.url} refused: {refusal.message}") from refusal
            except Unavailable as error:
                raise Unavailable(f"no answer from the signer at {self._rpc.url}: {error.message}") from error
        raise AssertionError("the last method either answers or is refused")
