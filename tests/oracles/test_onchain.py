"""An oracle before the real board: what is attested, when nothing is, and what becomes of it on the chain (LAW-14)."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from oracles.daemon import Oracle, Result
from oracles.onchain import OnChainSubmitter
from registry.chain import contracts_raise
from registry.chain.anvil import AnvilOptions, running
from registry.chain.typed import digest
from registry.cli.demo_feeds import Verifier
from registry.documents import Documents
from registry.domain.attestation import NOT_REACHED, Attestation
from registry.domain.board import NOTICE, CasePhase
from registry.domain.ids import Address, Day
from registry.domain.raise_args import Appointment
from registry.errors import HaltError, InputError, RejectedError
from tests.support.oracle_onchain import ChainBench, check_stands_once, opened_raise
from tests.support.raise_stage import DAY, FAR_DAY, KIND, person
from tests.support.raise_story import LAB
from tests.support.relay import Relay
from tests.support.stage import Stage, signer


@pytest.fixture
def lab(chain: ChainBench) -> Verifier:
    return chain.verifier("lab")


@pytest.fixture
def feed(chain: ChainBench, lab: Verifier) -> Path:
    return chain.feed(lab)


def submitter_of(oracle: Oracle) -> OnChainSubmitter:
    assert isinstance(oracle.submitter, OnChainSubmitter)
    return oracle.submitter


# --- what is attested ---


def test_digest__of_any_statement__is_what_the_board_expects(chain: ChainBench, lab: Verifier, feed: Path) -> None:
    with chain.oracle(lab, feed) as oracle:
        board = submitter_of(oracle)
        statement = chain.raiser.statement(0)
        for other in (
            statement,
            replace(statement, outcome=NOT_REACHED, uri="", round=65_535),
            replace(statement, milestone=255, uri="证据/" + "x" * 300, expires_at=2**40 - 1),
        ):
            assert oracle.cases is not None
            assert chain.raiser.reads.digest_of(other) == digest(other, oracle.cases.board)
        assert board.verifier == signer("lab").address


def test_cycle__criterion_met__is_on_the_chain_with_its_evidence_in_the_store(
    chain: ChainBench, lab: Verifier, feed: Path
) -> None:
    result = chain.cycle(lab, feed)
    assert (result.state, result.submission) == ("confirmed", "done")
    check_stands_once(chain, lab)
    (case,) = chain.raiser.reads.cases_of(chain.raiser.escrow, [0])
    assert (case.phase, case.yes) == (CasePhase.COLLECTING, 0b001)
    assert [chain.cycle(lab, feed).state for _ in range(2)] == ["confirmed", "confirmed"]
    check_stands_once(chain, lab)


def test_cycle__chain_ahead_of_the_clock__observes_by_the_chain_and_asks_sources_by_the_clock(
    chain: ChainBench, lab: Verifier, feed: Path
) -> None:
    """The chain's clock went nine days ahead while the raise was settled."""
    head = chain.raiser.now
    attestation = _decided(chain.cycle(lab, feed))
    record = json.loads(Documents(lab.home / "documents").get(attestation.evidence))
    (sample,) = record["samples"]
    assert sample["ahead"] > 8 * DAY
    assert abs(sample["date"] - sample["fetched_at"]) <= 2
    assert head - 2 <= attestation.observed_at <= record["at"] <= chain.raiser.now
    assert sample["date"] + sample["ahead"] == attestation.observed_at


def test_cycle__two_sources_disagree__is_parked_and_nothing_is_on_the_chain(chain: ChainBench, lab: Verifier) -> None:
    chain.says(99_999, "/other")
    other = f'\n[[source]]\nname = "other"\nurl = "{chain.source.url("/other")}"\npin = "{chain.identity.pin}"\n'
    file = chain.feed(lab, more=other)
    result = chain.cycle(lab, file)
    assert (result.state, chain.attested()) == ("parked", [])
    chain.says(123_456, "/other")
    assert chain.cycle(lab, file).state == "confirmed"
    check_stands_once(chain, lab)


def test_cycle__not_reached__is_attested_only_within_a_day_of_the_deadline(
    chain: ChainBench, lab: Verifier, feed: Path
) -> None:
    chain.says(7)
    (case,) = chain.raiser.reads.cases_of(chain.raiser.escrow, [0])
    chain.raiser.pass_time(case.deadline - DAY - chain.raiser.clock - 60)
    assert (chain.cycle(lab, feed).state, chain.attested()) == ("waiting", [])
    chain.raiser.pass_time(120)
    assert chain.cycle(lab, feed).state == "confirmed"
    (told,) = chain.attested()
    assert told.outcome == NOT_REACHED
    check_stands_once(chain, lab)


def test_cycle__milestone_before_its_raise_is_settled__waits(chain: ChainBench, lab: Verifier, stage: Stage) -> None:
    """A verifier may start its daemon as soon as there is an escrow."""
    bench = replace(chain, raiser=opened_raise(stage), url=stage.node.rpc.url, folder=chain.folder / "other")
    verifier = bench.verifier("lab")
    result = bench.cycle(verifier, bench.feed(verifier))
    assert (result.state, result.line) == ("closed", "the board takes nothing now: the raise is not settled yet")
    with pytest.raises(InputError, match=r"number is 9; rule: 0 to 3 in this escrow"):
        bench.cycle(verifier, bench.feed(verifier, milestone=9))


# --- reorganisations and other copies ---


def test_cycle__taken_away_by_a_reorganisation__is_sent_again(chain: ChainBench, lab: Verifier, feed: Path) -> None:
    node = chain.raiser.stage.node
    before = node.read("evm_snapshot")
    first = _decided(chain.cycle(lab, feed))
    assert node.read("evm_revert", before)
    assert chain.attested() == []
    chain.says(999_999)  # what was said stays said
    assert _decided(chain.cycle(lab, feed)) == first
    check_stands_once(chain, lab)


def test_cycle__reorganised_under_a_running_oracle__is_sent_again(chain: ChainBench, lab: Verifier, feed: Path) -> None:
    node = chain.raiser.stage.node
    chain.raiser.attest("auditor", 1)
    with chain.oracle(lab, feed) as oracle:
        assert oracle.cycle().state == "confirmed"
        node.read("anvil_reorg", 2, [])
        assert chain.attested() == []
        # The other blocks may be older than what was observed: it is taken as soon as the chain has caught up.
        assert oracle.cycle().state in ("submitted", "confirmed")
        chain.raiser.pass_time(60)
        assert oracle.cycle().state == "confirmed"
        check_stands_once(chain, lab)


def test_cycle__brought_by_somebody_else__is_confirmed_and_not_sent(
    chain: ChainBench, lab: Verifier, feed: Path
) -> None:
    with chain.oracle(lab, feed) as oracle:
        down = replace(oracle, submitter=None)
        statement = _decided(down.cycle())
        signature = chain.raiser.sign("lab", statement)
        calldata = contracts_raise.board.attest(statement, signer("lab").address, signature)
        chain.raiser.by("stranger", chain.raiser.stage.deployment.board, calldata)
        assert oracle.cycle().state == "confirmed"
    assert chain.raiser.stage.node.nonce(signer("lab").address) == 0
    check_stands_once(chain, lab)


def test_cycle__another_copy_of_the_home_has_spoken__signs_nothing(
    chain: ChainBench, lab: Verifier, feed: Path
) -> None:
    chain.raiser.attest("lab", 0, NOT_REACHED)
    result = chain.cycle(lab, feed)
    assert result.line == "the board takes nothing now: the verifier has said something else in this round"
    assert not (lab.home / "oracles" / "attestations").exists()


def test_cycle__a_relay_is_named__sends_and_pays_for_what_the_verifier_signs(
    chain: ChainBench, lab: Verifier, feed: Path
) -> None:
    from registry.chain.sign import Keystores, passphrase_from

    relay = Keystores(lab.home / "keystores", lambda: passphrase_from(lab.home / "passphrase")).create("relay")
    feed.write_text(feed.read_text().replace('key = "verifier"\n', 'key = "verifier"\nrelay = "relay"\n'))
    assert chain.cycle(lab, feed).state == "confirmed"
    node = chain.raiser.stage.node
    assert (node.nonce(relay.address), node.nonce(lab.address)) == (1, 0)
    check_stands_once(chain, lab)


def test_cycle__key_behind_json_rpc__signs_there_and_a_relay_sends(
    chain: ChainBench, lab: Verifier, feed: Path
) -> None:
    """The node itself has an account that signs typed data."""
    raiser = chain.raiser
    (account,) = raiser.stage.node.read("eth_accounts")
    raiser.onboard(person(131, 4, kind=2))
    key = Address(bytes.fromhex(account[2:]))
    first = Day(raiser.stage.today + NOTICE)
    terms = Appointment(raiser.company, KIND, person(131).id, key, first, FAR_DAY)
    raiser.by("platform", raiser.stage.deployment.board, contracts_raise.board.appoint(raiser.header(), terms))
    raiser.pass_time(NOTICE * DAY)
    signing = f'url = "{chain.url}"\naddress = "{account}"\nrelay = "verifier"\n'
    feed.write_text(feed.read_text().replace('key = "verifier"\n', signing))
    assert chain.cycle(lab, feed).state == "confirmed"
    check_stands_once(chain, lab, 131)


# --- when the board takes nothing, or refuses ---


def test_cycle__wrong_round__is_refused_in_one_line(chain: ChainBench, lab: Verifier, feed: Path) -> None:
    with chain.oracle(lab, feed) as oracle:
        statement = replace(chain.raiser.statement(0), round=2)
        with pytest.raises(RejectedError, match="speaks of something else than the case: round") as refused:
            submitter_of(oracle).submit(statement, chain.raiser.sign("lab", statement))
        assert refused.value.code == "AttestationMalformed"
        assert refused.value.values["term"] == "round"


def test_cycle__observation_younger_than_the_chain__waits_for_its_block(
    chain: ChainBench, lab: Verifier, feed: Path
) -> None:
    with chain.oracle(lab, feed) as oracle:
        now = chain.raiser.now
        statement = replace(chain.raiser.statement(0), observed_at=now + 1_000, expires_at=now + DAY)
        signature = chain.raiser.sign("lab", statement)
        assert submitter_of(oracle).submit(statement, signature) == "queued"
        chain.raiser.pass_time(1_001)
        assert submitter_of(oracle).submit(statement, signature) == "done"


def test_cycle__verifier_holds_shares__is_one_line_and_an_alarm(chain: ChainBench, lab: Verifier, feed: Path) -> None:
    raiser = chain.raiser
    raiser.stage.issue(raiser.share_class, {LAB: 10})
    result = chain.cycle(lab, feed)
    assert result.state == "rejected"
    assert result.line == f"VerifierHolds: the board refused the attestation (party {LAB})"
    assert "\n" not in result.line_zh
    assert [reason.code for reason in result.alarms] == ["rejected"]
    assert chain.attested() == []


def test_cycle__no_member_struck_or_retracted__signs_nothing(chain: ChainBench, lab: Verifier, feed: Path) -> None:
    raiser, board = chain.raiser, chain.raiser.stage.deployment.board
    stranger = chain.verifier("stranger")
    assert "not of the panel" in chain.cycle(stranger, chain.feed(stranger)).line
    assert chain.cycle(lab, feed).state == "confirmed"
    raiser.by("lab", board, contracts_raise.board.retract(raiser.escrow, 0))
    assert "took its vote of this round back" in chain.cycle(lab, feed).line
    dismissal = contracts_raise.board.dismiss(raiser.header(), raiser.company, KIND, signer("auditor").address)
    raiser.by("platform", board, dismissal)
    auditor = chain.verifier("auditor")
    result = chain.cycle(auditor, chain.feed(auditor, 1))
    assert (result.state, result.line_zh) == ("closed", "当前不接受核验：核验人已被解任或暂停")
    assert not (auditor.home / "oracles").exists()


def test_cycle__struck_after_it_has_signed__is_refused_in_one_line(
    chain: ChainBench, lab: Verifier, feed: Path
) -> None:
    raiser = chain.raiser
    with chain.oracle(lab, feed) as oracle:
        statement = _decided(replace(oracle, submitter=None).cycle())
        dismissal = contracts_raise.board.dismiss(raiser.header(), raiser.company, KIND, signer("lab").address)
        raiser.by("platform", raiser.stage.deployment.board, dismissal)
        with pytest.raises(RejectedError, match="VerifierStruck") as refused:
            submitter_of(oracle).submit(statement, raiser.sign("lab", statement))
        assert refused.value.values == {"party": LAB}
        assert oracle.cycle().state == "closed"


def test_cycle__mandate_not_in_force_yet__waits_for_its_day(chain: ChainBench) -> None:
    raiser = chain.raiser
    raiser.onboard(person(130, 4, kind=2))
    today = raiser.stage.today
    key = signer("newcomer").address
    terms = Appointment(raiser.company, KIND, person(130).id, key, Day(today + NOTICE), Day(today + 99))
    raiser.by("platform", raiser.stage.deployment.board, contracts_raise.board.appoint(raiser.header(), terms))
    newcomer = chain.verifier("newcomer")
    file = chain.feed(newcomer)
    assert "mandate is not in force today" in chain.cycle(newcomer, file).line
    raiser.pass_time(NOTICE * DAY)
    assert chain.cycle(newcomer, file).state == "confirmed"


def test_cycle__votes_lost_their_round__attests_in_the_round_that_is_next(
    chain: ChainBench, lab: Verifier, feed: Path
) -> None:
    """Two of three say it is not reached: the round is over, though the board's word still tells the first."""
    chain.cycle(lab, feed)
    chain.raiser.attest("auditor", 0, NOT_REACHED)
    chain.raiser.attest("registrar", 0, NOT_REACHED)
    assert _decided(chain.cycle(lab, feed)).round == 2
    assert [event.round for event in chain.attested() if event.party == LAB] == [1, 2]


def test_cycle__disputed_upheld_and_over__takes_nothing(chain: ChainBench, lab: Verifier) -> None:
    raiser = chain.raiser
    auditor, registrar = chain.verifier("auditor"), chain.verifier("registrar")
    for verifier in (auditor, registrar):
        assert chain.cycle(verifier, chain.feed(verifier)).state == "confirmed"
    file = chain.feed(lab)
    regulator = contracts_raise.board.challenge_by_regulator(raiser.header(), raiser.escrow, 0)
    raiser.by("regulator", raiser.stage.deployment.board, regulator)
    assert "the verdict is disputed" in chain.cycle(lab, file).line
    ruling = contracts_raise.board.decide(raiser.header(), raiser.escrow, 0, True)
    raiser.by("arbiter", raiser.stage.deployment.board, ruling)
    assert "the arbiter upheld the verdict" in chain.cycle(lab, file).line
    raiser.by("stranger", raiser.escrow, contracts_raise.escrow.release(0))
    assert "the milestone is decided" in chain.cycle(lab, file).line
    (case,) = raiser.reads.cases_of(raiser.escrow, [1])
    raiser.pass_until(case.deadline)
    assert "the deadline has passed" in chain.cycle(lab, chain.feed(lab, 1)).line


# --- nodes ---


def test_cycle__node_down__is_an_alarm_and_goes_on_when_it_is_back(
    chain: ChainBench, lab: Verifier, feed: Path
) -> None:
    is_down = [True]
    relay = Relay(int(chain.url.rsplit(":", 1)[1]), lambda _: is_down[0])
    bench = replace(chain, url=relay.url)
    with bench.oracle(lab, feed) as oracle:
        result = oracle.cycle()
        assert result.state == "retry"
        assert "no answer from the node" in oracle.alarms.active[0]
        is_down[0] = False
        assert oracle.cycle().state == "confirmed"
        assert oracle.alarms.active == ()
    relay.close()
    check_stands_once(chain, lab)


def test_cycle__answer_to_the_sending_lost__is_attested_once(chain: ChainBench, lab: Verifier, feed: Path) -> None:
    lost = iter([True])
    relay = Relay(
        int(chain.url.rsplit(":", 1)[1]), lambda request: b"sendRawTransaction" in request and next(lost, False)
    )
    with replace(chain, url=relay.url).oracle(lab, feed) as oracle:
        states = [oracle.cycle().state for _ in range(2)]
    relay.close()
    assert relay.lost == 1
    assert states[-1] == "confirmed"
    check_stands_once(chain, lab)


def test_cycle__history_changed_past_finality__halts(chain: ChainBench, lab: Verifier, feed: Path) -> None:
    node = chain.raiser.stage.node
    before = node.read("evm_snapshot")
    assert chain.cycle(lab, feed).state == "confirmed"
    assert node.read("evm_revert", before)
    node.read("anvil_mine", "0x60")
    with pytest.raises(HaltError, match="another history"):
        chain.cycle(lab, feed)
    assert chain.attested() == []


def test_cycle__wrong_chain_or_wiped__halts_and_signs_nothing(chain: ChainBench, lab: Verifier, feed: Path) -> None:
    for options, words in ((AnvilOptions(chain_id=31338), "wrong chain"), (AnvilOptions(), "wiped or is another")):
        with running(options) as other, pytest.raises(HaltError, match=words):
            replace(chain, url=other.url).cycle(lab, feed)
    assert not (lab.home / "oracles").exists()


@pytest.mark.parametrize("wrong", ["company", "escrow"])
def test_cycle__case_of_somebody_else__is_named(chain: ChainBench, lab: Verifier, feed: Path, wrong: str) -> None:
    right = getattr(chain.raiser, wrong)
    feed.write_text(feed.read_text().replace(right.hex(), chain.raiser.offering.hex()))
    with pytest.raises(InputError, match=f"milestone: {wrong} is 0x{chain.raiser.offering.hex()}"):
        chain.cycle(lab, feed)


def _decided(result: Result) -> Attestation:
    assert result.decided is not None, result.line
    return result.decided.attestation
