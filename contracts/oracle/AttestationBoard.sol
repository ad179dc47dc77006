// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {IAttestationBoard} from "../interfaces/IAttestationBoard.sol";
import {IIdentityRegistry, RegistryRole} from "../interfaces/IIdentityRegistry.sol";
import {IMilestoneEscrow} from "../interfaces/IMilestoneEscrow.sol";
import {IRegions} from "../interfaces/IRegions.sol";
import {IShareClass} from "../interfaces/IShareClass.sol";
import {Acts} from "../libraries/Acts.sol";
import {Signatures} from "../libraries/Signatures.sol";
import {ActHeader, ActKind, Basis} from "../types/Act.sol";
import {Attestation, Case, CasePhase, Outcome, Signed, Verifier} from "../types/Case.sol";
import {PartyWord} from "../types/PartyWord.sol";
import {VerifierPanels} from "./VerifierPanels.sol";
import "../types/Errors.sol";

/// See `IAttestationBoard`. Who may attest stands in `VerifierPanels`; here are the cases.
contract AttestationBoard is VerifierPanels, EIP712 {
    bytes32 private constant ATTESTATION = keccak256(
        "Attestation(address company,address escrow,uint8 milestone,uint16 round,uint8 outcome,bytes32 evidence,string uri,uint40 observedAt,uint40 expiresAt)"
    );
    bytes32 private constant CHALLENGE =
        keccak256("Challenge(address escrow,uint8 milestone,uint16 round,bytes32 document)");

    IRegions public immutable regions;

    mapping(address escrow => mapping(uint8 milestone => Case)) private _cases;
    mapping(address escrow => address) public companyOf;

    constructor(IIdentityRegistry registry, IRegions regions_, uint32 utcOffset_)
        Acts(utcOffset_)
        VerifierPanels(registry)
        EIP712("Equity Attestation Board", "1")
    {
        regions = regions_;
    }

    // --- attestations ---

    function attest(Attestation calldata a, address key, bytes calldata signature) external {
        (Case c, address company, uint40 clock) = _current(a.escrow, a.milestone);
        _requireFits(a, c, company);
        uint40 last = c.phase() == CasePhase.COLLECTING ? c.deadline() : c.windowEnds();
        if (clock > last) revert Overdue(clock, last);
        (uint8 member, Verifier v) = _voter(company, c.kind(), key);
        if (((c.yes() | c.no() | c.out()) >> member) & 1 != 0) revert AlreadyAttested(v.party(), c.round());
        _requireSigned(key, a, signature);
        _tell(a, v.party());
        _store(a.escrow, a.milestone, _judged(c.withVote(member, a.outcome), company, clock));
    }

    function accuse(Signed calldata first, Signed calldata second) external {
        Attestation calldata a = first.attestation;
        _requireContradiction(a, second.attestation);
        Case c = _known(a.escrow, a.milestone);
        address company = companyOf[a.escrow];
        _requireSigned(first.key, a, first.signature);
        _requireSigned(second.key, second.attestation, second.signature);
        (uint8 member, uint32 party) = _suspend(company, c.kind(), first.key, second.key);
        emit VerifierContradicted(company, c.kind(), member, party, digestOf(a), digestOf(second.attestation));
        emit ContradictionSigned(first.signature, second.signature);
        _store(a.escrow, a.milestone, _judged(c, company, _clock(c)));
    }

    function retract(address escrow, uint8 milestone) external {
        (Case c, address company, uint40 clock) = _current(escrow, milestone);
        _requireUndecided(c, clock);
        (uint8 member, Verifier v) = _member(company, c.kind(), msg.sender);
        // The votes of who is struck are void; so the event's party is one member.
        _requireUnstruck(company, c.kind(), member, v);
        if (((c.yes() | c.no()) >> member) & 1 == 0) revert NothingAttested(v.party());
        emit AttestationRetracted(escrow, milestone, c.round(), v.party());
        _store(escrow, milestone, _judged(c.withoutVote(member), company, clock));
    }

    function recheck(address escrow, uint8 milestone) external {
        (Case c,,) = _current(escrow, milestone);
        _store(escrow, milestone, c);
    }

    // --- disputes ---

    function challenge(
        address escrow,
        uint8 milestone,
        bytes32 document,
        address[] calldata wallets,
        bytes[] calldata signatures
    ) external {
        if (wallets.length != signatures.length) revert LengthsDiffer(wallets.length, signatures.length);
        if (document == 0) revert DocumentMissing(document);
        Case c = _challengeable(escrow, milestone);
        bytes32 digest = _hashTypedDataV4(keccak256(abi.encode(CHALLENGE, escrow, milestone, c.round(), document)));
        IShareClass shareClass = IShareClass(IMilestoneEscrow(escrow).shareClass());
        uint256 held;
        uint32 previous;
        for (uint256 i = 0; i < wallets.length; i++) {
            if (!Signatures.isSignedBy(wallets[i], digest, signatures[i])) revert SignatureInvalid(wallets[i]);
            uint32 party = _signingParty(wallets[i]);
            // Each party once, so that no share is counted twice.
            if (party <= previous) revert ChallengersUnordered(party, previous);
            previous = party;
            held += shareClass.holding(wallets[i]).balance();
            held += shareClass.holding(identityRegistry.bookAccount(party)).balance();
        }
        uint256 needed = IMilestoneEscrow(escrow).challengeThreshold();
        if (held < needed || held == 0) revert ChallengeTooSmall(held, needed);
        _challenge(escrow, milestone, c, document);
    }

    function challengeByRegulator(ActHeader calldata header, address escrow, uint8 milestone) external {
        _requireRole(RegistryRole.REGULATOR);
        Case c = _challengeable(escrow, milestone);
        _record(header, ActKind.CHALLENGE, Basis.NONE);
        _challenge(escrow, milestone, c, header.document);
    }

    function decide(ActHeader calldata header, address escrow, uint8 milestone, bool upheld) external {
        Case c = _in(escrow, milestone, CasePhase.CHALLENGED);
        if (msg.sender != IMilestoneEscrow(escrow).arbiter()) revert NotAuthorised(msg.sender, 0);
        uint40 clock = _clock(c);
        if (clock > _arbitrationEnds(c)) revert Overdue(clock, _arbitrationEnds(c));
        _record(header, ActKind.RULING, Basis.NONE);
        _rule(escrow, milestone, c, upheld, false);
    }

    function decideBySilence(address escrow, uint8 milestone) external {
        Case c = _in(escrow, milestone, CasePhase.CHALLENGED);
        uint40 clock = _clock(c);
        if (clock <= _arbitrationEnds(c)) revert NotDue(clock, _arbitrationEnds(c) + 1);
        _rule(escrow, milestone, c, c.silenceUpholds(), true);
    }

    // --- escrows only ---

    function openCase(address company, uint8 milestone, Case word) external {
        if (!identityRegistry.isEnrolled(msg.sender)) revert NotAuthorised(msg.sender, RegistryRole.OFFERINGS);
        companyOf[msg.sender] = company;
        _cases[msg.sender][milestone] = word;
        panel[company][word.kind()].isJudging = true;
        emit CaseOpened(msg.sender, milestone, word);
    }

    function closeOverdue(uint8 milestone) external {
        (Case c,, uint40 clock) = _current(msg.sender, milestone);
        if (c.phase() != CasePhase.COLLECTING) revert CasePhaseForbids(c.phase());
        if (clock <= c.deadline()) revert NotDue(clock, c.deadline() + 1);
        _store(msg.sender, milestone, c.withPhase(CasePhase.CLOSED));
    }

    function closeUndecided(uint8 milestone) external returns (bool) {
        (Case c,,) = _current(msg.sender, milestone);
        if (c.phase() != CasePhase.COLLECTING) return false;
        _store(msg.sender, milestone, c.withPhase(CasePhase.CLOSED));
        return true;
    }

    function closeReached(uint8 milestone) external returns (bool) {
        Case c = _cases[msg.sender][milestone];
        if (!_isFinal(c, msg.sender)) return false;
        _store(msg.sender, milestone, c.withPhase(CasePhase.CLOSED));
        return true;
    }

    function reopen(uint8 milestone, uint40 deadline) external {
        Case c = _in(msg.sender, milestone, CasePhase.CLOSED);
        _store(msg.sender, milestone, c.nextRound().withDeadline(deadline));
    }

    // --- reads ---

    function isReached(address escrow, uint8 milestone) external view returns (bool) {
        return _isFinal(_cases[escrow][milestone], escrow);
    }

    function reachedAt(address escrow, uint8 milestone) external view returns (uint40) {
        Case c = _cases[escrow][milestone];
        return c.windowEnds() == 0 ? 0 : c.windowEnds() - c.window();
    }

    function caseOf(address escrow, uint8 milestone) external view returns (Case) {
        return _cases[escrow][milestone];
    }

    function digestOf(Attestation calldata a) public view returns (bytes32) {
        bytes memory head = abi.encode(ATTESTATION, a.company, a.escrow, a.milestone, a.round, a.outcome, a.evidence);
        bytes memory tail = abi.encode(keccak256(bytes(a.uri)), a.observedAt, a.expiresAt);
        return _hashTypedDataV4(keccak256(bytes.concat(head, tail)));
    }

    // --- internal ---

    /// What votes and panel make of a case. A quorum that stands opens the window; one that no longer stands closes it;
    /// a round in which it cannot come about any more makes way for the next.
    function _judged(Case c, address company, uint40 clock) private view returns (Case) {
        if (c.phase() == CasePhase.CHALLENGED || c.phase() == CasePhase.CLOSED) return c;
        bool stands = _standing(c, company) >= c.quorum();
        if (c.phase() == CasePhase.COLLECTING && stands) {
            return c.withPhase(CasePhase.QUORATE).withWindowEnds(clock + c.window());
        }
        if (stands) return c;
        if (c.phase() != CasePhase.COLLECTING) c = c.withPhase(CasePhase.COLLECTING).withWindowEnds(0);
        uint16 active = _active(company, c.kind());
        bool isRefused = _count(c.no() & active) >= c.quorum();
        bool isHopeless = _count(active & ~c.no() & ~c.out()) < c.quorum() && _count(active) >= c.quorum();
        return isRefused || isHopeless ? c.nextRound() : c;
    }

    function _isFinal(Case c, address escrow) private view returns (bool) {
        bool isOver = c.phase() == CasePhase.UPHELD
            || (c.phase() == CasePhase.QUORATE && _clock(c) > c.windowEnds());
        return isOver && _standing(c, companyOf[escrow]) >= c.quorum();
    }

    /// Votes for the milestone that are not void.
    function _standing(Case c, address company) private view returns (uint8) {
        return _count(c.yes() & _active(company, c.kind()));
    }

    function _rule(address escrow, uint8 milestone, Case c, bool upheld, bool bySilence) private {
        emit CaseRuled(escrow, milestone, c.round(), upheld, bySilence);
        // Upheld without a quorum that stands is a new round all the same.
        upheld = upheld && _standing(c, companyOf[escrow]) >= c.quorum();
        _store(escrow, milestone, upheld ? c.withPhase(CasePhase.UPHELD) : c.nextRound());
    }

    function _challenge(address escrow, uint8 milestone, Case c, bytes32 document) private {
        emit CaseChallenged(escrow, milestone, c.round(), msg.sender, document);
        _store(escrow, milestone, c.withPhase(CasePhase.CHALLENGED));
    }

    function _tell(Attestation calldata a, uint32 party) private {
        emit Attested(
            a.escrow, a.milestone, a.round, party, a.outcome, a.evidence, a.observedAt, a.expiresAt, a.uri
        );
    }

    function _store(address escrow, uint8 milestone, Case c) private {
        _cases[escrow][milestone] = c;
        emit CaseChanged(escrow, milestone, c);
    }

    function _known(address escrow, uint8 milestone) private view returns (Case c) {
        c = _cases[escrow][milestone];
        if (c.phase() == CasePhase.NONE) revert CaseUnknown(escrow, milestone);
    }

    /// A case as votes and panel have it now. What became void since the last event counts before anything else does.
    function _current(address escrow, uint8 milestone)
        private
        view
        returns (Case c, address company, uint40 clock)
    {
        c = _known(escrow, milestone);
        company = companyOf[escrow];
        clock = _clock(c);
        c = _judged(c, company, clock);
    }

    function _in(address escrow, uint8 milestone, uint8 phase) private view returns (Case c) {
        c = _known(escrow, milestone);
        if (c.phase() != phase) revert CasePhaseForbids(c.phase());
    }

    /// Inside the window, its last second included.
    function _challengeable(address escrow, uint8 milestone) private view returns (Case c) {
        uint40 clock;
        (c,, clock) = _current(escrow, milestone);
        if (c.phase() != CasePhase.QUORATE) revert CasePhaseForbids(c.phase());
        if (clock > c.windowEnds()) revert Overdue(clock, c.windowEnds());
    }

    /// A vote can be taken back until the verdict is final.
    function _requireUndecided(Case c, uint40 clock) private pure {
        uint8 phase = c.phase();
        if (phase > CasePhase.CHALLENGED) revert CasePhaseForbids(phase);
        if (phase == CasePhase.QUORATE && clock > c.windowEnds()) revert Overdue(clock, c.windowEnds());
    }

    function _requireFits(Attestation calldata a, Case c, address company) private view {
        if (c.phase() > CasePhase.QUORATE) revert CasePhaseForbids(c.phase());
        if (a.company != company) revert AttestationMalformed(1);
        if (a.round != c.round()) revert AttestationMalformed(4);
        if (a.outcome != Outcome.REACHED && a.outcome != Outcome.NOT_REACHED) revert AttestationMalformed(5);
        if (a.evidence == 0) revert AttestationMalformed(6);
        if (a.observedAt > block.timestamp || a.expiresAt < block.timestamp) {
            revert AttestationNotInForce(a.observedAt, a.expiresAt);
        }
    }

    function _requireContradiction(Attestation calldata a, Attestation calldata b) private pure {
        bool isSame = a.company == b.company && a.escrow == b.escrow && a.milestone == b.milestone && a.round == b.round;
        if (!isSame || a.outcome == b.outcome) revert NoContradiction();
    }

    function _requireSigned(address key, Attestation calldata a, bytes calldata signature) private view {
        if (!Signatures.isSignedBy(key, digestOf(a), signature)) revert SignatureInvalid(key);
    }

    function _arbitrationEnds(Case c) private pure returns (uint40) {
        return c.windowEnds() + c.arbitration();
    }

    function _clock(Case c) private view returns (uint40) {
        return regions.clock(c.region());
    }

    function _signingParty(address wallet) private view returns (uint32) {
        PartyWord w = identityRegistry.standingOf(wallet);
        if (!w.exists() || w.isClosed(w.account())) revert AccountUnknown(wallet);
        return w.id();
    }
}
