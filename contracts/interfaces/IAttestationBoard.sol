// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ActHeader} from "../types/Act.sol";
import {Appointment, Attestation, Case, Signed, Verifier} from "../types/Case.sol";

/// Where independent verifiers state facts about milestones. It knows nothing of money: an escrow opens a case for each
/// milestone and asks whether it is reached.
///
/// Life of a case: collecting → (quorum) quorate → (window over) reached. Inside the window holders or the regulator may
/// challenge: challenged → (arbiter, or its silence) upheld, or a new round collects. A vote that is taken back or void
/// and breaks the quorum brings the case back to collecting; a challenge is decided all the same. The escrow closes a
/// case that is reached or missed.
interface IAttestationBoard {
    /// The mandate's hash is the act's document.
    event VerifierAppointed(
        address company, uint8 kind, uint8 member, uint32 party, address key, uint24 fromDay, uint24 untilDay
    );
    event VerifierKeyRotated(address company, uint8 kind, uint8 member, address key);
    event VerifierDismissed(address company, uint8 kind, uint8 member, uint32 party);
    /// Two outcomes of one verifier, by the digests of both attestations. The verifier is suspended.
    event VerifierContradicted(address company, uint8 kind, uint8 member, uint32 party, bytes32 first, bytes32 second);
    /// The two signatures, right after it.
    event ContradictionSigned(bytes first, bytes second);
    event CaseOpened(address escrow, uint8 milestone, Case word);
    event Attested(
        address escrow,
        uint8 milestone,
        uint16 round,
        uint32 party,
        uint8 outcome,
        bytes32 evidence,
        uint40 observedAt,
        uint40 expiresAt,
        string uri
    );
    event AttestationRetracted(address escrow, uint8 milestone, uint16 round, uint32 party);
    event CaseChallenged(address escrow, uint8 milestone, uint16 round, address challenger, bytes32 document);
    event CaseRuled(address escrow, uint8 milestone, uint16 round, bool upheld, bool bySilence);
    /// The case after whatever happened to it.
    event CaseChanged(address escrow, uint8 milestone, Case word);

    // --- verifiers: PLATFORM; the document is the mandate, with its declaration of no conflict of interest ---
    /// Once the panel has had a case, only from 14 days later on.
    function appoint(ActHeader calldata header, Appointment calldata appointment) external returns (uint8 member);
    /// The verifier alone, with the key it has; one that is lost is dismissed with its key, and appointed anew.
    function rotateKey(ActHeader calldata header, address company, uint8 kind, address oldKey, address newKey) external;
    /// Its votes are void from here on, in every open case.
    function dismiss(ActHeader calldata header, address company, uint8 kind, address key) external;

    // --- attestations: anybody may bring them ---
    function attest(Attestation calldata attestation, address key, bytes calldata signature) external;
    /// Two attestations that contradict each other, signed by one verifier, each under any key it had: it is suspended.
    function accuse(Signed calldata first, Signed calldata second) external;
    /// The verifier takes its vote of this round back, before the verdict is final.
    function retract(address escrow, uint8 milestone) external;
    /// Applies what became void since: a quorum that no longer stands collects again.
    function recheck(address escrow, uint8 milestone) external;

    // --- disputes ---
    /// Holders who together hold enough now. Each signs `Challenge(escrow, milestone, round, document)`; wallets ascending
    /// by party; a wallet speaks for its party's book account too.
    function challenge(
        address escrow,
        uint8 milestone,
        bytes32 document,
        address[] calldata wallets,
        bytes[] calldata signatures
    ) external;
    /// REGULATOR.
    function challengeByRegulator(ActHeader calldata header, address escrow, uint8 milestone) external;
    /// The arbiter of the escrow's terms, until its time is over.
    function decide(ActHeader calldata header, address escrow, uint8 milestone, bool upheld) external;
    /// Anybody, once the arbiter's time is over: the outcome that the terms state for its silence.
    function decideBySilence(address escrow, uint8 milestone) external;

    // --- escrows only ---
    function openCase(address company, uint8 milestone, Case word) external;
    /// Reverts unless the deadline passed and no quorum stands.
    function closeOverdue(uint8 milestone) external;
    /// Closes a case without a quorum; false if one stands and has to be decided first.
    function closeUndecided(uint8 milestone) external returns (bool isClosed);
    /// Closes a case whose verdict is final; false if it is not.
    function closeReached(uint8 milestone) external returns (bool isClosed);
    /// A new round with a new deadline.
    function reopen(uint8 milestone, uint40 deadline) external;

    // --- reads ---
    /// A final verdict that was not yet acted on: quorum of votes that stand, window over, no challenge open.
    function isReached(address escrow, uint8 milestone) external view returns (bool);
    /// [s] Region clock at which the quorum stood, 0 if none does.
    function reachedAt(address escrow, uint8 milestone) external view returns (uint40);
    function caseOf(address escrow, uint8 milestone) external view returns (Case);
    function companyOf(address escrow) external view returns (address);
    function verifier(address company, uint8 kind, uint8 member) external view returns (Verifier);
    /// How many were ever appointed, and which of them were dismissed or suspended, as bits.
    function panel(address company, uint8 kind) external view returns (uint8 members, uint16 struck, bool isJudging);
    /// Verifiers of a panel who are not struck and whose mandate has not ended.
    function activeMembers(address company, uint8 kind) external view returns (uint8);
    function digestOf(Attestation calldata attestation) external view returns (bytes32);
}
