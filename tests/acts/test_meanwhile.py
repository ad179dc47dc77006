"""What somebody else does between two questions to the chain, between a question and an act, or while an act waits for
its block: nothing is half seen, nothing is told that is not so, and nobody is refused for it."""

from __future__ import annotations

import itertools
import json
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from subprocess import Popen
from typing import Any

import pytest

from registry.acts import bank, dividend_bank, dividend_pay, dividends, escrow, operations, settling
from registry.acts.desk import Desk
from registry.acts.dividend_bank import Burned
from registry.acts.operations import Request
from registry.acts.shares import reference
from registry.chain.anvil import Anvil
from registry.chain.client import Node
from registry.chain.reads import ChainReads
from registry.chain.rpc import Rpc
from registry.cli.dividend_receipts import receipts_object, show_receipts
from registry.cli.output import Output
from registry.domain.bank_orders import Rule
from registry.domain.ids import Hash32
from registry.domain.raise_args import BankLine
from registry.errors import RejectedError, RetryableError
from tests.acts.test_dividend_bank import Counter, cny, payments, total
from tests.acts.test_raise_crash import begin
from tests.support import raise_bench
from tests.support.dividend_bench import ABROAD, ALICE, DAY, FUND, DividendBench
from tests.support.raise_bench import RaiseBench
from tests.support.registry_home import Home, desk_of, furnished

DOCUMENTS = (Hash32(number.to_bytes(32)) for number in itertools.count(1))
MORE = 30
Once = Callable[[object, str, Callable[[], object]], None]


@pytest.fixture(scope="module")
def module_home(module_anvil: Anvil, tmp_path_factory: pytest.TempPathFactory) -> Home:
    return furnished(tmp_path_factory.mktemp("meanwhile") / "home", module_anvil)


@pytest.fixture(scope="module")
def counter(module_home: Home) -> Iterator[Counter]:
    with desk_of(module_home) as desk:
        found = Counter(DividendBench(desk).furnish(more=MORE))
        found.bench.later(20 * DAY)
        yield found


@pytest.fixture
def once(monkeypatch: pytest.MonkeyPatch) -> Once:
    """Something that is done right before the next call of a function, by somebody else."""

    def arrange(owner: object, name: str, act: Callable[[], object]) -> None:
        function = getattr(owner, name)

        def meanwhile(*arguments: Any, **named: Any) -> Any:
            monkeypatch.setattr(owner, name, function)
            act()
            return function(*arguments, **named)

        monkeypatch.setattr(owner, name, meanwhile)

    return arrange


def two_statements(counter: Counter, folder: Path, part: slice) -> tuple[int, list[Path], int]:
    """A dividend on book accounts, the bank's table of some of its payments and that of all, and their sum [fen].

    Booked on the last sixteen days: as many pages as days."""
    number, orders = counter.paid()
    counter.bench.later(20 * DAY)
    lines = [f"{counter.day(-(n % 16))},-{cny(order.amount)},CNY,{order.reference}," for n, order in enumerate(orders)]
    files = [folder / "half.csv", folder / "whole.csv"]
    for file, chosen in zip(files, (lines[part], lines), strict=True):
        file.write_text("\n".join(["date,amount,currency,reference,text", *chosen]))
    return number, files, total(orders)


# --- between two questions


def test_receipts__read_while_they_are_burned__are_seen_before_or_after_it(counter: Counter, once: Once) -> None:
    number, orders = counter.paid()
    statement = counter.table(payments(orders))
    before = counter.read(number, statement)
    once(dividend_bank, "cash_paid", lambda: counter.burn(before))
    assert counter.read(number, statement) == before
    assert len(counter.read(number, statement).before) == len(orders)


def test_orders__read_while_they_are_burned__are_seen_before_or_after_it(counter: Counter, once: Once) -> None:
    number, orders = counter.paid()
    found = counter.read(number, counter.table(payments(orders)))
    before = dividend_bank.orders_of(counter.bench.desk, number)
    once(dividend_bank, "cash_paid", lambda: counter.burn(found))
    assert dividend_bank.orders_of(counter.bench.desk, number) == before
    after = dividend_bank.orders_of(counter.bench.desk, number)
    assert (after.orders, after.held, after.burned) == ((), (), len(orders))


def test_served__while_somebody_pays__adds_up(counter: Counter, once: Once) -> None:
    desk = counter.bench.desk
    number = counter.bench.fixed("served")
    before = dividend_pay.served(desk, number)
    once(dividend_pay, "holders_of", lambda: dividend_pay.pay(desk, number))
    assert dividend_pay.served(desk, number) == before
    after = dividend_pay.served(desk, number)
    assert (after.money.paid > before.money.paid, after.money.is_whole) == (True, True)


def test_reorganisation__between_two_questions__asks_to_try_again(desk: Desk, once: Once) -> None:
    """The new branch has neither the pages nor the register that the old one had."""
    bench, rpc = DividendBench(desk).furnish(), desk.node.rpc
    number = bench.declared()
    bench.later(3 * DAY)
    declared = rpc.call("evm_snapshot")
    dividend_pay.fix(desk, number)
    once(dividend_pay, "holders_of", lambda: set_back(rpc, declared))
    with pytest.raises(RetryableError, match="was replaced"):
        dividend_pay.served(desk, number)
    dividend_pay.fix(desk, number)
    fixed = rpc.call("evm_snapshot")
    dividend_pay.pay(desk, number)
    once(dividend_bank, "cash_paid", lambda: set_back(rpc, fixed))
    with pytest.raises(RetryableError, match="was replaced"):
        dividend_bank.orders_of(desk, number)
    assert dividend_bank.orders_of(desk, number).is_unpaid


def set_back(rpc: Rpc, snapshot: str) -> None:
    """To an earlier state, with more blocks since than there were."""
    assert rpc.call("evm_revert", snapshot)
    for _ in range(5):
        rpc.call("evm_mine")


def test_redeem__of_lots_that_somebody_redeems_meanwhile__tells_of_nobody_that_waits(
    desk: Desk, tmp_path: Path, once: Once, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All shares end with the money, so that a lot looks sold once it is paid."""
    monkeypatch.setattr(raise_bench, "TERMS", raise_bench.TERMS.replace('fee_percent = "5"', 'fee_percent = "0"'))
    bench = RaiseBench(desk, tmp_path).furnish()
    target = bench.opened()
    bench.subscribe("alice", 12_000_00)
    bench.subscribe("bo", 6_000_00)
    bench.later(13 * DAY)
    settling.settle(desk, target)
    bench.later(200 * DAY)
    escrow.miss(desk, target, 0)

    once(ChainReads, "party_words", lambda: escrow.redeem(desk, target))
    redeemed = escrow.redeem(desk, target)
    assert (redeemed.waits, redeemed.purse.redeemed) == ((), 18_000_00)


# --- between a question and an act


def test_receipts__of_which_another_statement_burns_a_page__tells_what_it_burned_itself(
    counter: Counter, once: Once, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In pages of one line: the first is ours, the second is another's, the third is refused a first time."""
    monkeypatch.setattr(bank, "MOST_LINES", 1)
    desk = counter.bench.desk
    number, orders = counter.paid()
    statement = counter.table(payments(orders))
    other = counter.read(number, statement)
    before = desk.raises.supply()
    burned = itertools.count()

    def burn_the_second() -> None:
        if next(burned) == 1:
            second = [each for each in other.matched if each.due.party == ABROAD]
            assert len(dividend_bank.burn_receipts(desk, next(DOCUMENTS), second).acts) == 1
        else:
            once(dividend_bank, "_burn", burn_the_second)

    once(dividend_bank, "_burn", burn_the_second)
    found, acts = dividend_bank.settle_receipts(desk, number, statement, next(DOCUMENTS))
    assert [each.due.party for each in found.before] == [ABROAD]
    assert len(acts) == len(found.matched) == len(orders) - 1
    assert before - desk.raises.supply() == total(orders)
    told = receipts_object(found, acts)
    assert told["burned"] == sum(order.amount for order in orders if order.account != f"P{ABROAD}")
    assert dividend_bank.settle_receipts(desk, number, statement, next(DOCUMENTS))[1] == ()


@pytest.mark.parametrize("fen", [1, -7], ids=["burned", "minted"])
def test_receipts__whose_reference_is_used_for_something_else__are_told_as_wrong(
    counter: Counter, once: Once, fen: int, capsys: pytest.CaptureFixture[str]
) -> None:
    desk, bench = counter.bench.desk, counter.bench
    number, orders = counter.paid()
    statement = counter.table(payments(orders))
    first, key = orders[0], next(DOCUMENTS).hex()
    lines = [BankLine(desk.book(FUND), abs(fen), reference(first.reference))]
    once(dividend_bank, "_burn", lambda: (bank.burn if fen > 0 else bank.mint)(desk, bench.request(key), lines))
    found, acts = dividend_bank.settle_receipts(desk, number, statement, next(DOCUMENTS))
    assert [(each.line.reference, each.rule) for each in found.wrong] == [(first.reference, Rule.CHAIN)]
    assert (len(acts), len(found.matched), found.before) == (1, len(orders) - 1, ())
    show_receipts(Output(False), found, acts, False)
    verdict = capsys.readouterr().out.splitlines()[-1]
    assert verdict.startswith(f"{len(orders) - 1} payments of ")
    assert verdict.endswith("burned in 1 act; 1 line disagrees since")


@pytest.mark.parametrize("gap", [-0.2, -0.1, 0.1])
def test_receipts__of_two_statements_at_once__tell_together_what_left_the_supply(
    counter: Counter, module_home: Home, tmp_path: Path, gap: float
) -> None:
    """The shorter statement starts before the longer one or after it."""
    desk = counter.bench.desk
    number, files, due = two_statements(counter, tmp_path, slice(5, 25))
    supply, running = desk.raises.supply(), []
    for file in files if gap > 0 else reversed(files):
        running.append(begin(module_home, "dividend", "receipts", number, file))
        time.sleep(abs(gap))
    told = [said(process) for process in running]
    assert sum(each["burned"] for each in told) == supply - desk.raises.supply() == due


# --- while an act waits for its block


@pytest.fixture
def slow(counter: Counter) -> Iterator[None]:
    """A block every second, whenever the test asks for it."""
    rpc = counter.bench.desk.node.rpc
    yield
    rpc.call("evm_setIntervalMining", 0)
    rpc.call("evm_setAutomine", True)
    rpc.call("evm_mine")


def slow_down(rpc: Rpc) -> None:
    rpc.call("evm_setAutomine", False)
    rpc.call("evm_setIntervalMining", 1)


@pytest.mark.usefixtures("slow")
def test_receipts__of_two_statements_on_a_chain_with_a_block_time__refuse_nobody(
    counter: Counter, module_home: Home, tmp_path: Path
) -> None:
    """What one of them sent waits in the pool and stands in the way of the other."""
    desk = counter.bench.desk
    number, files, due = two_statements(counter, tmp_path, slice(5, 15))
    supply = desk.raises.supply()
    slow_down(desk.node.rpc)
    for process in [begin(module_home, "dividend", "receipts", number, file) for file in files * 2]:
        said(process)
    assert supply - desk.raises.supply() == due


@pytest.mark.usefixtures("slow")
@pytest.mark.parametrize("is_same", [True, False])
def test_act__that_another_process_has_in_the_pool__is_waited_for(
    counter: Counter, module_home: Home, once: Once, is_same: bool
) -> None:
    """The trial finds the same act in the pool, or another one with the same lines, and is refused there: the first is
    ours as well, of the second nothing is left to do."""
    desk = counter.bench.desk
    number, orders = counter.paid()
    found = counter.read(number, counter.table(payments(orders)))
    document, theirs = next(DOCUMENTS), next(DOCUMENTS)
    slow_down(desk.node.rpc)
    with desk_of(module_home) as second, ThreadPoolExecutor(1) as other:
        ahead: list[Future[Burned]] = []

        def overtake() -> None:
            named = document if is_same else theirs
            ahead.append(other.submit(dividend_bank.burn_receipts, second, named, found.matched))
            while second.outbox.counts().get("sent", 0) == 0:
                time.sleep(0.01)

        once(operations, "_try", overtake)
        ours = dividend_bank.burn_receipts(desk, document, found.matched)
        assert ours == (ahead[0].result(timeout=20) if is_same else Burned((), ()))


# --- after an act


def test_announce__of_a_day_that_somebody_announces_meanwhile__takes_theirs(counter: Counter, once: Once) -> None:
    desk, bench = counter.bench.desk, counter.bench
    bench.later(2 * DAY)
    day, share_class = desk.today(), counter.bench.share_class
    once(dividends, "carry_out", lambda: dividends.announce(desk, bench.request("theirs"), share_class, day))
    epoch = dividends.announce(desk, bench.request("ours"), share_class, day)
    assert dividends.announce(desk, bench.request("again"), share_class, day) == epoch


def test_refusal__with_an_empty_pool__is_told_at_once(counter: Counter, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also on a chain that is behind the clock, where the trial and the newest state judge by different times."""
    monkeypatch.setattr(operations, "_PAUSES", (600.0,))
    ahead = counter.bench.desk.node.head().time + 2 * DAY
    desk = replace(counter.bench.desk, clock=lambda: ahead)
    lines = [BankLine(desk.book(FUND), 1, reference("ahead of the chain"))]
    with pytest.raises(RejectedError) as refused:
        bank.mint(desk, Request("ahead", next(DOCUMENTS)), lines)
    assert refused.value.code == "EffectiveInFuture"


def test_refusal__where_the_node_does_not_answer_about_its_pool__is_told(
    counter: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    def silent(_: Node) -> bool:
        raise RetryableError("the node does not answer")

    monkeypatch.setattr(Node, "is_waiting", silent)
    desk = counter.bench.desk
    lines = [BankLine(desk.book(FUND), 10**15, reference("too much"))]
    with pytest.raises(RejectedError) as refused:
        bank.burn(desk, Request("too much", next(DOCUMENTS)), lines)
    assert refused.value.code == "ERC20InsufficientBalance"


def test_remit__while_somebody_pays__tells_what_was_sent(counter: Counter, module_home: Home, once: Once) -> None:
    desk = counter.bench.desk
    number = counter.bench.fixed("remitted")
    dividend_pay.claim(desk, number, ALICE)
    once(dividend_pay, "word_of", lambda: once(dividend_pay, "word_of", lambda: dividend_pay.pay(desk, number)))
    told = module_home.equity_json("dividend", "remit", number)
    word = dividend_pay.word_of(desk, number)
    assert (told["remitted"], told["withheld"]) == (word.remitted, word.withheld)
    assert 0 < word.remitted < word.withheld


def test_close__explained_when_the_last_part_was_just_paid__asks_to_try_again(counter: Counter, once: Once) -> None:
    desk = counter.bench.desk
    number = counter.bench.fixed("closed")
    once(dividend_pay, "served", lambda: dividend_pay.pay(desk, number))
    with pytest.raises(RetryableError, match="try again"):
        dividend_pay.close(desk, number)
    assert dividend_pay.close(desk, number) is not None


def said(process: Popen[str]) -> dict[str, Any]:
    told, wrong = process.communicate(timeout=120)
    assert process.returncode == 0, (told, wrong)
    return dict(json.loads(told))
