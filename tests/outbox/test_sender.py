"""The sender against a real chain: refusals before and after signing, order, doubts, and what must not change."""

from __future__ import annotations

import dataclasses
import itertools

import pytest

from registry.chain import contracts
from registry.chain.anvil import Anvil
from registry.chain.send import send_and_wait
from registry.chain.sign import Fields
from registry.domain.ids import Hash32, PartyId, Shares
from registry.errors import HaltError, InputError, RetryableError, Unavailable
from registry.outbox import Operation
from tests.support.outbox_bench import AGENT, Bench
from tests.support.stage import Stage, document, signer

ENOUGH_GAS = 400_000


def test_settle__refused_by_an_estimate__spends_no_nonce_and_tells_rule_and_code(bench: Bench) -> None:
    before = bench.transactions()
    (outcome,) = bench.settle([bench.issue("AU-1", shares=10**9 + 1)])
    assert outcome.state == "rejected"
    assert outcome.error is not None
    assert "AU-1" in str(outcome.error)
    assert outcome.error.values["code"] == 19  # type: ignore[attr-defined]
    assert bench.transactions() == before


def test_settle__refused_in_its_block__keeps_the_reason_and_parks_what_waits_for_it(bench: Bench) -> None:
    bad = bench.issue("bad", party=77, gas=ENOUGH_GAS)
    waits = bench.issue("waits", depends_on=bad.id)
    waits_too = bench.issue("waits too", depends_on=waits.id)
    other = bench.issue("other")
    outcomes = bench.settle([bad, waits, waits_too, other])
    assert [outcome.state for outcome in outcomes] == ["rejected", "parked", "parked", "done"]
    assert outcomes[0].block is not None
    assert "ID-2" in str(outcomes[0].error)
    assert "waits for an operation that was refused" in str(outcomes[1].error)
    assert bench.issued() == 10


def test_enqueue__behind_a_refused_one__is_parked_at_once(bench: Bench) -> None:
    bad = bench.issue("bad", party=77)
    bench.settle([bad])
    (outcome,) = bench.settle([bench.issue("late", depends_on=bad.id)])
    assert outcome.state == "parked"


def test_enqueue__refused_before_and_mended__is_carried_out_with_what_waited(bench: Bench, stage: Stage) -> None:
    bad = bench.issue("bad", party=77)
    waits = bench.issue("waits", depends_on=bad.id)
    assert [o.state for o in bench.settle([bad, waits])] == ["rejected", "parked"]
    stage.onboard(77)
    bench.outbox.enqueue([bad])
    outcomes = bench.sender().settle([bad.id, waits.id])
    assert [outcome.state for outcome in outcomes] == ["done", "done"]
    assert bench.times_done(bad.id) == bench.times_done(waits.id) == 1


def test_settle__key_not_at_hand__says_whose(bench: Bench) -> None:
    operation = dataclasses.replace(bench.issue("a"), sender=signer("stranger").address)
    with pytest.raises(InputError, match=f"key of 0x{signer('stranger').address.hex()} is not at hand"):
        bench.settle([operation])


def test_settle__unknown_id__is_refused(bench: Bench) -> None:
    with pytest.raises(InputError, match="not in the outbox"):
        bench.sender().settle([Hash32(b"\1" * 32)])


def test_settle__bound_of_gas_too_low__is_estimated_and_carried_out_once(bench: Bench) -> None:
    operation = bench.issue("tight", gas=60_000)
    (outcome,) = bench.settle([operation])
    assert outcome.state == "done"
    assert bench.times_done(operation.id) == 1


def test_settle__bound_of_gas_above_what_a_transaction_may_use__is_lowered_to_that(bench: Bench) -> None:
    (outcome,) = bench.settle([bench.issue("generous", gas=50_000_000)])
    sent = bench.node.read("eth_getTransactionByHash", "0x" + (outcome.tx or b"").hex())
    assert int(sent["gas"], 16) == bench.node.engine.transaction_gas == 2**24


def test_settle__more_than_the_window__keeps_the_order_and_reports_progress(bench: Bench) -> None:
    operations = [bench.issue(f"op {number}", gas=ENOUGH_GAS) for number in range(30)]
    operations = [operations[0]] + [
        dataclasses.replace(now, depends_on=before.id) for before, now in itertools.pairwise(operations)
    ]
    bench.outbox.enqueue(operations)
    shown: list[tuple[int, int]] = []
    outcomes = bench.sender(window=8).settle([o.id for o in operations], lambda done, all_: shown.append((done, all_)))
    blocks = [outcome.block or 0 for outcome in outcomes]
    assert blocks == sorted(blocks)
    assert shown[0] == (0, 30)
    assert shown[-1] == (30, 30)
    assert bench.issued() == 300
    found = bench.outbox.newest_block(depth=5)
    assert found is not None
    assert bench.node.block(found[0]).hash == found[1]
    assert found[0] <= max(blocks) - 5


def test_settle__settled_before__sends_nothing(bench: Bench) -> None:
    first = bench.settle([bench.issue("a")])
    count = bench.transactions()
    assert bench.settle([bench.issue("a")]) == first
    assert bench.transactions() == count


def test_settle__operation_of_another_senders_predecessor__waits_for_its_receipt(bench: Bench, stage: Stage) -> None:
    header = stage.header("standing")
    calldata = contracts.registry.set_frozen(header, PartyId(1), False)
    first = Operation(header.operation, signer("kyc_agent").address, bench.deployment.registry, calldata, "no right")
    outcomes = bench.settle([first, bench.issue("after", gas=ENOUGH_GAS, depends_on=first.id)])
    assert [outcome.state for outcome in outcomes] == ["rejected", "parked"]
    assert outcomes[0].error is not None
    assert outcomes[0].error.code == "NotAuthorised"


def test_settle__pool_forgot_the_transaction__sends_the_same_bytes_again(bench: Bench) -> None:
    rpc = bench.node.rpc
    rpc.call("evm_setAutomine", False)
    operation = bench.issue("forgotten")
    bench.outbox.enqueue([operation])
    sender = bench.sender(resend_after=0.0)
    sender.run_once()
    rpc.call("anvil_dropAllTransactions")
    assert bench.node.nonce(AGENT.address, "pending") == bench.transactions()
    sender.run_once()
    rpc.call("evm_mine")
    sender.run_once()
    assert bench.outbox.states([operation.id]) == {operation.id: "done"}
    assert bench.times_done(operation.id) == 1


def test_settle__another_transaction_took_the_nonce__signs_again_under_the_same_operation(bench: Bench) -> None:
    rpc = bench.node.rpc
    rpc.call("evm_setAutomine", False)
    operation = bench.issue("replaced")
    bench.outbox.enqueue([operation])
    sender = bench.sender()
    sender.run_once()
    rpc.call("anvil_dropAllTransactions")
    stranger = Fields(bench.node.chain_id, bench.transactions(), AGENT.address, b"", 30_000)
    bench.node.send_raw(AGENT.sign_transaction(stranger))
    rpc.call("evm_mine")
    rpc.call("evm_setAutomine", True)
    (outcome,) = sender.settle([operation.id])
    assert outcome.state == "done"
    assert bench.times_done(operation.id) == 1
    assert bench.issued() == 10


def test_settle__act_done_by_another_copy__is_found_by_its_id_and_not_sent(bench: Bench) -> None:
    operation = bench.issue("elsewhere")
    fields = Fields(bench.node.chain_id, bench.transactions(), operation.target, operation.payload, ENOUGH_GAS)
    receipt = send_and_wait(bench.node, AGENT.sign_transaction(fields))
    count = bench.transactions()
    (outcome,) = bench.settle([operation])
    assert (outcome.state, outcome.tx, outcome.block) == ("done", receipt.tx, receipt.block)
    assert bench.transactions() == count


def test_settle__id_used_on_chain_for_other_content__is_rejected(bench: Bench) -> None:
    other = bench.issue("same id", shares=99)
    fields = Fields(bench.node.chain_id, bench.transactions(), other.target, other.payload, ENOUGH_GAS)
    send_and_wait(bench.node, AGENT.sign_transaction(fields))
    (outcome,) = bench.settle([bench.issue("same id", shares=10)])
    assert outcome.state == "rejected"
    assert outcome.error is not None
    assert outcome.error.code == "operation_id_reused"


def test_settle__holders_own_transfer__is_sent_once_also_by_a_copy_that_does_not_know(
    bench: Bench, stage: Stage
) -> None:
    wallet = signer("wallet")
    header = stage.header("binding")
    signature = wallet.sign_binding(bench.deployment, PartyId(1), 2**63)
    calldata = contracts.registry.bind_wallet(header, PartyId(1), wallet.address, 2**63, signature)
    stage.send("kyc_agent", bench.deployment.registry, calldata)
    bench.settle([bench.issue("a", shares=50)])
    move = contracts.share_class.transfer_from(stage.book(1), wallet.address, 50)
    pay = contracts.share_class.transfer(stage.book(2), 20)
    moved = Operation(document("move"), wallet.address, bench.share_class, move, "to the wallet")
    paid = Operation(document("pay"), wallet.address, bench.share_class, pay, "transfer", depends_on=moved.id)
    assert [outcome.state for outcome in bench.settle([moved, paid])] == ["done", "done"]

    copy = Bench(bench.node, bench.deployment, bench.share_class, bench.file.with_name("copy.db"))
    first, second = copy.settle([moved, paid])
    copy.close()
    assert (first.state, second.state) == ("done", "done")
    assert second.tx == bench.outbox.outcomes([paid.id])[paid.id].tx
    assert bench.reads.holding(bench.share_class, stage.book(2)).balance == Shares(20)


def test_settle__reorganisation_takes_the_block__sends_again(bench: Bench) -> None:
    operation = bench.issue("lost with its block")
    (outcome,) = bench.settle([operation])
    assert outcome.block is not None
    bench.node.rpc.call("anvil_rollback", 1)
    assert bench.times_done(operation.id) == 0
    bench.node.rpc.call("evm_mine")
    assert bench.settle([operation])[0].state == "done"  # final already: asked only, not doubted
    bench.settle([bench.issue("next")])
    assert bench.times_done(operation.id) == 1
    assert bench.issued() == 20


def test_settle__node_gone__is_unavailable_and_goes_on_when_it_is_back(bench: Bench, anvil: Anvil) -> None:
    bench.outbox.enqueue([bench.issue("a")])
    bench.node.rpc.call("evm_setAutomine", False)
    with pytest.raises(RetryableError, match="nothing has moved"):
        bench.sender(patience=0.5).settle([bench.issue("a").id])
    anvil.kill()
    with pytest.raises(Unavailable):
        bench.sender(silence=0.1).settle([bench.issue("a").id])
    assert bench.outbox.counts() == {"sent": 1}


def test_settle__key_used_by_somebody_else_all_the_time__halts(bench: Bench) -> None:
    operation = bench.issue("worn")
    bench.outbox.enqueue([operation])
    with bench.outbox.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE operations SET attempts = 6")
    with pytest.raises(HaltError, match="somebody else uses the key"):
        bench.sender().settle([operation.id])


def test_run_forever__until_stopped__settles_what_is_queued(bench: Bench) -> None:
    operations = [bench.issue(f"op {number}") for number in range(3)]
    bench.outbox.enqueue(operations)
    rounds = iter(range(200))
    ids = [operation.id for operation in operations]
    bench.sender().run_forever(
        lambda: next(rounds) == 199 or set(bench.outbox.states(ids).values()) == {"done"}, pause=0.01
    )
    assert bench.issued() == 30
