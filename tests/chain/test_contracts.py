"""Calls, reads and refusals against the contracts themselves."""

from __future__ import annotations

import re

import pytest

from registry.chain import contracts
from registry.chain.refusals import _MEANINGS, rejected, rejection_of
from registry.chain.rpc import NodeRefusal
from registry.domain.args import Entry
from registry.domain.ids import BOOK, Address, PartyId, Shares
from registry.domain.rules import Phase, Rule
from registry.errors import HaltError, InputError, RejectedError
from tests.support.stage import NOTHING_GIVEN, Stage, signer

SNAKE = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
FROM_A_CONTRACT_ONLY = {"initialise", "moveSeats", "enterSeats", "setStops", "convertIn", "convertOut"}


@pytest.mark.parametrize(
    ("interface", "calls"),
    [
        (contracts.REGISTRY, contracts.registry),
        (contracts.FACTORY, contracts.factory),
        (contracts.COMPANY, contracts.company),
        (contracts.SHARE_CLASS, contracts.share_class),
    ],
    ids=["registry", "factory", "company", "share class"],
)
def test_calls__every_write_of_a_contract__has_a_typed_function(interface: object, calls: object) -> None:
    assert isinstance(interface, type(contracts.REGISTRY))
    written = {SNAKE.sub("_", name).lower() for name in interface.writes() - FROM_A_CONTRACT_ONLY}
    offered = {name for name in dir(calls) if not name.startswith("_")}
    assert written == offered


def test_refusals__every_error_of_the_project__has_its_meaning() -> None:
    from_libraries = re.compile(r"^(ERC\d+|ECDSA|Failed|Invalid|String|Insufficient|CloneArguments|Error$)")
    ours = {name for name in contracts.ERRORS.names if not from_libraries.match(name)}
    assert ours - _MEANINGS.keys() == {"Refused"}


@pytest.mark.parametrize(
    ("shares", "code"), [(2**64, "value_out_of_range"), (-1, "value_out_of_range")], ids=["too big", "negative"]
)
def test_encode__value_that_does_not_fit__is_bad_input_with_the_function(shares: int, code: str) -> None:
    with pytest.raises(InputError, match=r"issue\(header=.*cannot be written as a call") as refused:
        contracts.SHARE_CLASS["issue"].encode((bytes(32), 0, bytes(32)), (0, 0, 0), [(bytes(20), shares, 0, bytes(32))])
    assert refused.value.code == code


def test_refused__by_a_rule__tells_rule_code_and_both_texts(stage: Stage) -> None:
    company, (share_class,) = stage.create_company()
    stage.onboard(1)
    stage.open(company)
    calldata = contracts.share_class.issue(stage.header(), NOTHING_GIVEN, [Entry(stage.book(1), Shares(10**9 + 1))])
    with pytest.raises(RejectedError) as refused:
        stage.reads.simulate(share_class, calldata, signer("agent").address)
    error = refused.value
    assert (error.code, error.values["code"], error.values["rules"]) == ("Refused", 19, ["AU-1"])
    assert error.message == f"AU-1: {Rule.AUTHORISED.text_en} / {Rule.AUTHORISED.text_zh} (code 19)"


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"\x12\x34\x56\x78", "unknown_revert"),
        (bytes.fromhex("4e487b71") + (17).to_bytes(32, "big"), "Panic"),
        (bytes.fromhex("4e487b71"), "unknown_revert"),
    ],
)
def test_rejected__bytes_of_any_kind__never_fail_to_be_told(data: bytes, code: str) -> None:
    assert rejected(data).code == code


def test_rejection_of__a_refusal_of_the_node_itself__is_none() -> None:
    assert rejection_of(NodeRefusal("insufficient funds for gas", -32000)) is None
    nested = rejection_of(NodeRefusal("execution reverted", 3, {"data": "0x4e487b71" + "11".zfill(64)}))
    assert nested is not None
    assert nested.code == "Panic"


def test_reads__words_of_the_register__are_those_that_were_written(stage: Stage) -> None:
    company, (share_class,) = stage.create_company("星光科技有限公司")
    stage.onboard(1, 2)
    before = stage.node.head()
    stage.issue(share_class, {1: 70, 2: 30})
    reads = stage.reads
    assert reads.company_name(company) == "星光科技有限公司"
    assert reads.class_name(share_class) == ("Ordinary", "ORD")
    assert reads.company_of(share_class) == company
    assert (reads.charter(company).seats, reads.charter(company).phase) == (2, Phase.MIGRATING)
    assert [h.balance for h in reads.holdings_of(share_class, [stage.book(1), stage.book(2), stage.book(3)])] == [
        70,
        30,
        0,
    ]
    assert reads.holding(share_class, stage.book(1)).account == BOOK
    assert [seat.accounts for seat in reads.seats_of(company, [PartyId(1), PartyId(3)])] == [1, 0]
    assert [word.id for word in reads.party_words([PartyId(2), PartyId(3)])] == [2, 0]
    assert reads.class_word(share_class).issued == 100
    assert reads.class_word(share_class, before.number).issued == 0
    assert reads.class_word(share_class, before.hash).issued == 0
    assert reads.company_roles(company, signer("agent").address) == 31
    assert reads.broken_rules(share_class, stage.book(1), stage.book(2), 71) & Rule.BALANCE


def test_reads__address_that_is_no_contract__halts_in_words(stage: Stage) -> None:
    with pytest.raises(HaltError, match="not what it promises"):
        stage.reads.class_word(Address(signer("nobody").address))
