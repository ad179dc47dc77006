"""The only sender. Nonce, signed bytes and hash are committed before anything is sent; every doubt is settled by
asking the chain; the same bytes are sent again until there is a receipt.

Two senders on one database do no harm: what one has signed, the other only repeats.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from registry.chain.client import Node, Receipt, SentTransaction
from registry.chain.refusals import rejection_of
from registry.chain.rpc import NodeRefusal
from registry.chain.send import is_known_already, is_nonce_used
from registry.chain.sign import Fields, Signer
from registry.domain.ids import Address, Hash32
from registry.errors import HaltError, InputError, RejectedError, RetryableError, Unavailable
from registry.log import get_logger
from registry.outbox import ledger, onchain
from registry.outbox.ledger import Flying, Landed
from registry.outbox.model import FINAL, Operation, Outcome
from registry.outbox.outbox import Outbox

Progress = Callable[[int, int], None]
_log = get_logger("outbox")

STEPS: Final = ("chosen", "signed", "sent", "receipt", "recorded")
"""Where a crash may happen: before and after everything that is written or sent."""
_MOST_ATTEMPTS: Final = 6
_INTRINSIC: Final = 21_000
_RECHECK_EVERY: Final = 10.0
_DOUBT_LASTS: Final = 3.0


class Sender:
    """`signers` are the keys at hand; `window` bounds what is on its way from one sender. `patience` [s] is how long
    `settle` waits without any progress, `silence` how long for a node that does not answer."""

    def __init__(
        self,
        outbox: Outbox,
        node: Node,
        signers: Mapping[Address, Signer],
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
        *,
        window: int = 64,
        patience: float = 120.0,
        silence: float = 10.0,
        resend_after: float = 2.0,
        checkpoint: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._outbox = outbox
        self._engine = outbox.engine
        self._node = node
        self._signers = signers
        self._clock = clock
        self._sleep = sleep
        self._window = window
        self._patience = patience
        self._silence = silence
        self._resend_after = resend_after
        self._checkpoint = checkpoint
        self._sent_at: dict[Hash32, float] = {}
        self._doubts: dict[Hash32, float] = {}
        self._seen: dict[Address, dict[int, SentTransaction]] = {}
        self._last_refusal: NodeRefusal | None = None
        self._is_checked = False

    # --- faces ---

    def settle(self, ids: Sequence[Hash32], on_progress: Progress = lambda _done, _all: None) -> list[Outcome]:
        """Works until each of these is done, rejected or parked; their outcomes in the given order."""
        self._is_checked = False
        moved_at = self._clock()
        shown, pause = -1, 0.005
        while True:
            states = self._outbox.states(ids)
            unknown = [operation for operation in ids if operation not in states]
            if unknown:
                raise InputError(
                    f"operation 0x{unknown[0].hex()} is not in the outbox", code="operation_unknown", field="id"
                )
            final = sum(state in FINAL for state in states.values())
            if final != shown:
                on_progress(final, len(states))
                shown = final
            if final == len(states):
                outcomes = self._outbox.outcomes(ids)
                return [outcomes[operation] for operation in ids]
            if self._step(moved_at):
                moved_at, pause = self._clock(), 0.005
                continue
            self._require_keys(ids)
            self._sleep(pause)
            pause = min(pause * 2, 0.5)

    def run_forever(self, stop: Callable[[], bool], pause: float = 0.5) -> None:
        """Until told to stop. Trouble that may pass is logged and waited out; HaltError ends it."""
        checked_at = -1e9
        while not stop():
            try:
                if self._clock() - checked_at > _RECHECK_EVERY:
                    self.recheck()
                    checked_at = self._clock()
                moved = self.run_once()
            except RetryableError as error:
                _log.warning("sending_interrupted", reason=error.message)
                moved = False
            if not moved:
                self._sleep(pause)

    def run_once(self) -> bool:
        """One round: settle what flies, then sign and send what is ready. True if anything moved."""
        moved = self._settle_flying()
        for sender in ledger.senders_waiting(self._engine):
            if sender in self._signers:
                moved = self._launch(sender) or moved
        return moved

    # --- what flies ---

    def _settle_flying(self) -> bool:
        flying = ledger.flying(self._engine)
        if not flying:
            return False
        # Nonces first, of a whole block: one that is used there, and still no receipt, points to another transaction.
        head = self._node.head().number
        senders = {item.operation.sender for item in flying}
        used = {sender: self._node.nonce(sender, head) for sender in senders}
        receipts = self._node.receipts([item.hash for item in flying])
        landed = [(item, receipt) for item, receipt in zip(flying, receipts, strict=True) if receipt is not None]
        missing = [item for item, receipt in zip(flying, receipts, strict=True) if receipt is None]
        if landed:
            self._checkpoint("receipt")
            self._record(landed)
            self._checkpoint("recorded")
        doubtful = [item for item in missing if item.nonce < used[item.operation.sender]]
        dead = [item for item in doubtful if self._is_dead(item)]
        for item in dead:
            _log.warning("transaction_replaced", operation=item.operation.id.hex(), nonce=item.nonce)
        ledger.record_dead(self._engine, dead)
        waiting = [item for item in missing if item not in dead]
        if waiting and not landed and all(item.hash in self._sent_at for item in waiting):
            self._node.nudge()
        self._resend(waiting)
        return bool(landed or dead)

    def _record(self, landed: Sequence[tuple[Flying, Receipt]]) -> None:
        good = [_landed(item, receipt) for item, receipt in landed if receipt.has_succeeded]
        ledger.record_done(self._engine, good)
        for item, receipt in landed:
            self._sent_at.pop(item.hash, None)
            self._doubts.pop(item.hash, None)
            if not receipt.has_succeeded:
                self._record_failure(item, receipt)

    def _record_failure(self, item: Flying, receipt: Receipt) -> None:
        operation = item.operation
        reason = onchain.refusal_reason(self._node, operation, receipt)
        if reason.code == "OperationDone" and onchain.acts_done(self._node, [operation]):
            self._record_found(operation, tx_failed=item.hash)
        elif reason.code == "reverted" and operation.gas is not None and receipt.gas_used * 10 >= operation.gas * 9:
            ledger.record_failed_again(self._engine, operation.id, item.hash)
        else:
            _log.info("operation_rejected", operation=operation.id.hex(), code=reason.code)
            ledger.record_rejected(self._engine, operation.id, reason, _landed(item, receipt))

    def _is_dead(self, item: Flying) -> bool:
        """Nodes show a sender's new nonce before the receipts of the block: a doubt must last before it is believed."""
        since = self._doubts.setdefault(item.hash, self._clock())
        if self._clock() - since < _DOUBT_LASTS:
            return False
        found = self._node.transaction(item.hash)
        return found is None or found.block is None

    def _resend(self, flying: Sequence[Flying]) -> None:
        now = self._clock()
        due = [item for item in flying if now - self._sent_at.get(item.hash, -1e9) >= self._resend_after]
        self._send(due)

    def _send(self, flying: Sequence[Flying]) -> None:
        if not flying:
            return
        for item in flying:
            self._sent_at[item.hash] = self._clock()
        answers = self._node.send_raw_many([item.raw for item in flying])
        self._checkpoint("sent")
        known = set()
        for item, answer in zip(flying, answers, strict=True):
            if not isinstance(answer, NodeRefusal) or is_nonce_used(answer):
                continue
            if is_known_already(answer):
                known.add(item.operation.sender)
            else:
                self._last_refusal = answer
        if known:
            self._node.unstick(known)

    # --- what is ready ---

    def _launch(self, sender: Address) -> bool:
        room = self._window - sum(item.operation.sender == sender for item in ledger.flying(self._engine))
        chosen = ledger.ready(self._engine, sender, room) if room > 0 else []
        if not chosen:
            return False
        found = self._found_on_chain(sender, chosen)
        chosen = [operation for operation in chosen if operation.id not in found]
        gas = self._gas_of(chosen)
        chosen = [operation for operation in chosen if operation.id in gas]
        self._checkpoint("chosen")
        max_fee, tip = self._node.fees()
        signer, chain_id = self._signers[sender], self._node.chain_id

        def make(operation: Operation, nonce: int) -> bytes:
            fields = Fields(chain_id, nonce, operation.target, operation.payload, gas[operation.id], max_fee, tip)
            return signer.sign_transaction(fields)

        signed = ledger.sign(self._engine, chosen, self._node.nonce(sender, "pending"), make)
        self._checkpoint("signed")
        self._send(signed)
        return True

    def _found_on_chain(self, sender: Address, chosen: Sequence[Operation]) -> set[Hash32]:
        """Asked before signing: what the chain has already is recorded, not sent. This is how a restored older copy
        of the database catches up."""
        found = set()
        for act in onchain.acts_done(self._node, [operation for operation in chosen if operation.is_act]):
            self._record_found(act)
            found.add(act.id)
        plain = {operation.payload: operation for operation in chosen if not operation.is_act}
        for transaction in self._foreign(sender) if plain else ():
            operation = plain.get(transaction.calldata)
            if operation is not None and operation.target == transaction.target:
                found |= self._adopt(operation, transaction.hash)
        self._require_sane(chosen)
        return found

    def _foreign(self, sender: Address) -> list[SentTransaction]:
        """Mined transactions of the sender that are not in this database; each nonce is looked up once."""
        seen = self._seen.setdefault(sender, {})
        known = ledger.known_nonces(self._engine, sender) | seen.keys()
        seen.update({item.nonce: item for item in onchain.foreign_transactions(self._node, sender, known)})
        return list(seen.values())

    def _adopt(self, operation: Operation, tx: Hash32) -> set[Hash32]:
        """A call without header that another copy of this database has sent: its transaction is found by the id in
        its calldata. One that failed is no reason not to try again."""
        receipt = self._node.receipt(tx)
        if receipt is None or not receipt.has_succeeded:
            return set()
        ledger.record_done(self._engine, [Landed(operation.id, tx, receipt.block, receipt.block_hash)])
        return {operation.id}

    def _record_found(self, act: Operation, tx_failed: Hash32 | None = None) -> None:
        place = onchain.locate_act(self._node, act)
        if isinstance(place, RejectedError):
            ledger.record_rejected(self._engine, act.id, place)
        else:
            _log.info("operation_found_on_chain", operation=act.id.hex(), block=place.block)
            ledger.record_done(self._engine, [place], failed=tx_failed)

    def _gas_of(self, chosen: Sequence[Operation]) -> dict[Hash32, int]:
        """A bound for each; the chain's refusal of an estimate is the operation's, before anything was spent."""
        limit = self._node.engine.transaction_gas
        gas = {op.id: min(max(op.gas, _floor(op)), limit) for op in chosen if op.gas is not None}
        for operation in chosen:
            if operation.id in gas:
                continue
            try:
                estimate = self._node.estimate_gas(operation.sender, operation.target, operation.payload)
                gas[operation.id] = min(estimate + estimate // 4, limit)
            except NodeRefusal as refusal:
                rejection = rejection_of(refusal)
                if rejection is None:
                    raise
                if rejection.code == "OperationDone":
                    continue  # another copy was quicker; the next round finds it
                _log.info("operation_rejected", operation=operation.id.hex(), code=rejection.code)
                ledger.record_rejected(self._engine, operation.id, rejection)
        return gas

    def _require_sane(self, chosen: Sequence[Operation]) -> None:
        for operation in ledger.worn_out(self._engine, chosen, _MOST_ATTEMPTS):
            raise HaltError(
                f"{operation.label!r} lost its nonce {_MOST_ATTEMPTS} times: somebody else uses the key of "
                f"0x{operation.sender.hex()}"
            )

    # --- when nothing moves ---

    def _step(self, moved_at: float) -> bool:
        try:
            self._last_refusal = None
            if not self._is_checked:
                self.recheck()
            moved = self.run_once()
            trouble: RetryableError | None = self._last_refusal
        except RetryableError as error:
            moved, trouble = False, error
        if moved:
            return True
        waited = self._clock() - moved_at
        if isinstance(trouble, Unavailable) and waited > self._silence:
            raise trouble
        if waited > self._patience:
            raise trouble or RetryableError(f"nothing has moved for {self._patience:g} s; the operations are kept")
        return False

    def _require_keys(self, ids: Sequence[Hash32]) -> None:
        """Waiting is in vain for an operation that nobody here can sign."""
        for operation in ledger.queued(self._engine, ids):
            if operation.sender not in self._signers:
                raise InputError(
                    f"the key of 0x{operation.sender.hex()} is not at hand; {operation.label!r} waits for it",
                    code="key_missing",
                    object=operation.label,
                    field="sender",
                    value="0x" + operation.sender.hex(),
                )

    def recheck(self) -> None:
        """Are the blocks in which operations were done still there? Those a reorganisation took fly again."""
        head = self._node.head().number
        self._is_checked = True
        depth = self._node.engine.finality
        landed = ledger.done_from(self._engine, max(0, head - depth))
        if not landed or self._is_there(landed[0].block, landed[0].block_hash):
            return
        receipts = self._node.receipts([item.tx for item in landed])
        gone = [item for item, receipt in zip(landed, receipts, strict=True) if receipt is None]
        moved = [
            Landed(item.operation, item.tx, receipt.block, receipt.block_hash)
            for item, receipt in zip(landed, receipts, strict=True)
            if receipt is not None and receipt.block_hash != item.block_hash
        ]
        _log.warning("blocks_reorganised", gone=len(gone), moved=len(moved))
        ledger.record_done(self._engine, moved)
        ledger.record_undone(self._engine, gone)

    def _is_there(self, number: int, block_hash: bytes) -> bool:
        block = self._node.find_block(number)
        return block is not None and block.hash == block_hash


def _landed(item: Flying, receipt: Receipt) -> Landed:
    return Landed(item.operation.id, item.hash, receipt.block, receipt.block_hash)


def _floor(operation: Operation) -> int:
    """Least gas of a transaction by its calldata (EIP-7623): below it no node takes it."""
    payload = operation.payload
    zeros = payload.count(0)
    return _INTRINSIC + 10 * zeros + 40 * (len(payload) - zeros)
