"""Calls, reads and refusals against the contracts themselves."""

from __future__ import annotations

import re

import pytest
from eth_utils.crypto import keccak

from registry.chain import contracts, contracts_payout, contracts_raise
from registry.chain.refusals import _MEANINGS, rejected, rejection_of
from registry.chain.rpc import NodeRefusal
from registry.domain.args import Entry
from registry.domain.ids import BOOK, Address, PartyId, Shares
from registry.domain.rules import Phase, Rule
from registry.domain.subscription_rules import SubscriptionRule
from registry.errors import HaltError, InputError, RejectedError
from tests.support.stage import NOTHING_GIVEN, Stage, signer

SNAKE = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
FROM_A_CONTRACT_ONLY = {
    *("initialise", "moveSeats", "enterSeats", "setStops", "convertIn", "convertOut"),
    # raises and their escrows: with the registry, the company, the class, the money, the board, and each other
    *("enrol", "addUse", "reduceUse", "reserveSeat", "releaseSeats", "collect", "prepare", "abandon", "fund"),
    *("redeemLots", "lapseLots", "deliverLot", "ratchetLots", "restoreRatchet", "collectPut"),
    # dividends, with preferences and the money
    *("release", "transferMany"),
    *("openCase", "closeOverdue", "closeUndecided", "closeReached", "reopen"),
}
OF_THE_CLASS_ONLY = {"reserve", "unreserve", "allot", "redeem", "deliver"}
"""Raises call them on a class; on a raise or an escrow some of these names are anybody's."""


@pytest.mark.parametrize(
    ("interface", "calls", "internal"),
    [
        (contracts.REGISTRY, contracts.registry, FROM_A_CONTRACT_ONLY),
        (contracts.FACTORY, contracts.factory, FROM_A_CONTRACT_ONLY),
        (contracts.COMPANY, contracts.company, FROM_A_CONTRACT_ONLY - {"abandon"}),
        (contracts.SHARE_CLASS, contracts.share_class, FROM_A_CONTRACT_ONLY | OF_THE_CLASS_ONLY),
        (contracts.TOKEN, contracts_raise.token, FROM_A_CONTRACT_ONLY),
        (contracts.REGIONS, contracts_raise.regions, FROM_A_CONTRACT_ONLY),
        (contracts.OFFERING_FACTORY, contracts_raise.offering_factory, FROM_A_CONTRACT_ONLY),
        (contracts.OFFERING, contracts_raise.offering, FROM_A_CONTRACT_ONLY),
        (contracts.ESCROW, contracts_raise.escrow, FROM_A_CONTRACT_ONLY - {"release"}),
        (contracts.BOARD, contracts_raise.board, FROM_A_CONTRACT_ONLY),
        (contracts.TAX_SCHEDULES, contracts_payout.tax_schedules, FROM_A_CONTRACT_ONLY),
        (contracts.PREFERENCES, contracts_payout.preferences, FROM_A_CONTRACT_ONLY | {"claim", "cancel"}),
        (contracts.DISTRIBUTIONS, contracts_payout.distributions, FROM_A_CONTRACT_ONLY),
    ],
    ids=lambda value: value.artifact.name if isinstance(value, type(contracts.REGISTRY)) else "",
)
def test_calls__every_write_of_a_contract__has_a_typed_function(
    interface: object, calls: object, internal: set[str]
) -> None:
    assert isinstance(interface, type(contracts.REGISTRY))
    written = {SNAKE.sub("_", name).lower() for name in interface.writes() - internal}
    offered = {name for name in dir(calls) if not name.startswith("_")}
    assert written == offered


def test_interface__functions_that_share_a_name__are_called_by_their_whole_signature() -> None:
    both = [name for name in contracts.TOKEN.names if name.startswith("receiveWithAuthorization")]
    assert sorted(name.count(",") for name in both) == [6, 8]
    with pytest.raises(KeyError):
        contracts.TOKEN["receiveWithAuthorization"]


@pytest.mark.parametrize(
    ("error", "arguments", "term"),
    [
        ("OfferingMalformed(uint8)", [10], "closes_at"),
        ("EscrowMalformed(uint8)", [9], "put_payer"),
        ("TrancheMalformed(uint8,uint8)", [2, 5], "deadline"),
        ("RatchetMalformed(uint8)", [4], "fallback_account"),
        ("AppointmentMalformed(uint8)", [6], "until_day"),
        ("AttestationMalformed(uint8)", [4], "round"),
        ("OfferingMalformed(uint8)", [0], "0"),
        ("DistributionMalformed(uint8)", [7], "profit"),
        ("PreferenceMalformed(uint8)", [2], "per_year"),
    ],
)
def test_rejected__a_term_by_its_place__is_named(error: str, arguments: list[int], term: str) -> None:
    data = keccak(text=error)[:4] + b"".join(number.to_bytes(32, "big") for number in arguments)
    found = rejected(data)
    assert (found.code, found.values["term"]) == (error.split("(")[0], term)
    assert found.message.endswith(f"there may be: {term}") or found.code == "AttestationMalformed"


def test_refusals__every_error_of_the_project__has_its_meaning() -> None:
    from_libraries = re.compile(r"^(ERC\d+|ECDSA|SafeCast|Failed|Invalid|String|Insufficient|CloneArguments|Error$)")
    ours = {name for name in contracts.ERRORS.names if not from_libraries.match(name)}
    assert ours - _MEANINGS.keys() == {"Refused", "SubscriptionRefused", "DistributionStateForbids"}


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


def test_subscription_refused__tells_all_rules_with_both_texts() -> None:
    broken = SubscriptionRule.RISK_GRADE | SubscriptionRule.MONEY
    words = (12, broken, int.from_bytes(b"\x5e" * 20, "big"), 1_200_00)
    data = keccak(text="SubscriptionRefused(uint8,uint256,address,uint64)")[:4]
    error = rejected(data + b"".join(int(word).to_bytes(32, "big") for word in words))
    assert error.code == "SubscriptionRefused"
    assert error.values["rules"] == ["SB-12", "SB-23"]
    assert (error.values["account"], error.values["amount"]) == ("0x" + "5e" * 20, 1_200_00)
    rule, other = SubscriptionRule.RISK_GRADE, SubscriptionRule.MONEY
    first = f"SB-12: {rule.text_en} / {rule.text_zh} (code 12)"
    assert error.message == f"{first}; SB-23: {other.text_en} / {other.text_zh} (code 23)"
    assert error.values["texts_zh"] == [rule.text_zh, other.text_zh]


def test_not_due__in_words__has_civil_dates_and_for_scripts_seconds() -> None:
    data = keccak(text="NotDue(uint40,uint40)")[:4] + b"".join(n.to_bytes(32, "big") for n in (1_795_519_466, 1 << 31))
    error = rejected(data)
    words = "NotDue(clock=2026-11-24 19:24:26+08:00, due=2038-01-19 11:14:08+08:00): the time for this has not come"
    assert (error.message, error.values) == (words, {"clock": 1_795_519_466, "due": 1 << 31})


@pytest.mark.parametrize(
    ("reference", "shown"),
    [
        (b"S-1".ljust(32, b"\0"), "ref=S-1)"),
        (b"\xff" * 32, f"ref=0x{'ff' * 32})"),
        (b"a\nb".ljust(32, b"\0"), "ref=0x61"),
    ],
)
def test_reference_used__in_words__has_the_text_where_there_is_one(reference: bytes, shown: str) -> None:
    error = rejected(keccak(text="ReferenceUsed(bytes32)")[:4] + reference)
    assert error.message.startswith(f"ReferenceUsed({shown}")
    assert error.values == {"ref": "0x" + reference.hex()}


@pytest.mark.parametrize(("role", "words"), [(0, "only the account concerned"), (4, "does not hold the role")])
def test_not_authorised__without_a_role__says_who_may(role: int, words: str) -> None:
    error = rejected(keccak(text="NotAuthorised(address,uint256)")[:4] + bytes(32) + role.to_bytes(32, "big"))
    assert words in error.message


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
