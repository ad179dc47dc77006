// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// A statement of one verifier about one milestone; signed as EIP-712 typed data, for one chain and one board.
/// @param outcome See `Outcome`. @param evidence Hash of what it rests on. @param uri Where that is kept.
/// @param observedAt [unix s] When the fact was observed. @param expiresAt [unix s] Not valid afterwards.
struct Attestation {
    address company;
    address escrow;
    uint8 milestone;
    uint16 round;
    uint8 outcome;
    bytes32 evidence;
    string uri;
    uint40 observedAt;
    uint40 expiresAt;
}

/// An attestation as one key signed it (ECDSA, or ERC-1271).
struct Signed {
    Attestation attestation;
    address key;
    bytes signature;
}

library Outcome {
    uint8 internal constant REACHED = 1;
    uint8 internal constant NOT_REACHED = 2;
}

/// A verifier's appointment for a company and a type of milestones.
/// @param party The verifier itself, registered; it must hold nothing of the company.
/// @param key What signs: a wallet or a contract (ERC-1271), bound to no other party.
struct Appointment {
    address company;
    uint8 kind;
    uint32 party;
    address key;
    uint24 fromDay;
    uint24 untilDay;
}

/// One verifier of a panel, in one storage word.
/// Bits 0–159 key, 160–191 party, 192–215 fromDay, 216–239 untilDay [civil days, both included].
type Verifier is uint256;

using Verifiers for Verifier global;

library Verifiers {
    uint256 private constant KEY = type(uint160).max;

    function create(Appointment calldata a) internal pure returns (Verifier) {
        return Verifier.wrap(
            uint256(uint160(a.key)) | (uint256(a.party) << 160) | (uint256(a.fromDay) << 192)
                | (uint256(a.untilDay) << 216)
        );
    }

    function key(Verifier v) internal pure returns (address) {
        return address(uint160(Verifier.unwrap(v)));
    }

    function party(Verifier v) internal pure returns (uint32) {
        return uint32(Verifier.unwrap(v) >> 160);
    }

    function fromDay(Verifier v) internal pure returns (uint24) {
        return uint24(Verifier.unwrap(v) >> 192);
    }

    function untilDay(Verifier v) internal pure returns (uint24) {
        return uint24(Verifier.unwrap(v) >> 216);
    }

    function withKey(Verifier v, address key_) internal pure returns (Verifier) {
        return Verifier.wrap((Verifier.unwrap(v) & ~KEY) | uint256(uint160(key_)));
    }
}

library CasePhase {
    uint8 internal constant NONE = 0;
    /// Verifiers attest.
    uint8 internal constant COLLECTING = 1;
    /// A quorum stands, the dispute window runs or has run out.
    uint8 internal constant QUORATE = 2;
    /// Challenged; the arbiter has until the end of its time.
    uint8 internal constant CHALLENGED = 3;
    /// The arbiter, or its silence, upheld the quorum.
    uint8 internal constant UPHELD = 4;
    /// Released or missed: nothing is attested any more, unless the holders consent to more time.
    uint8 internal constant CLOSED = 5;
}

/// One milestone before the board, in one storage word.
///
/// | bits    | field       | meaning                                                              |
/// |---------|-------------|----------------------------------------------------------------------|
/// | 0–7     | kind        | type of the milestone: which panel judges                            |
/// | 8–15    | quorum      | verifiers needed                                                     |
/// | 16–31   | round       | from 1; votes of earlier rounds are void                             |
/// | 32–47   | yes         | members who attested that it is reached                              |
/// | 48–63   | no          | members who attested that it is not                                  |
/// | 64–79   | out         | members who took their vote back in this round                       |
/// | 80–87   | phase       | see `CasePhase`                                                      |
/// | 88–103  | region      | whose clock counts                                                   |
/// | 104–143 | deadline    | [s] region clock, last second for a quorum                           |
/// | 144–183 | windowEnds  | [s] region clock, last second to challenge; 0 without a quorum       |
/// | 184–215 | window      | [s]                                                                  |
/// | 216–247 | arbitration | [s] after the window                                                 |
/// | 248     | silence     | silence of the arbiter upholds                                       |
type Case is uint256;

using Cases for Case global;

library Cases {
    uint16 internal constant LAST_ROUND = type(uint16).max;
    uint256 private constant VOTES = uint256(type(uint48).max) << 32;
    uint256 private constant ALL_OUT = uint256(type(uint16).max) << 64;
    uint256 private constant PHASE = uint256(0xff) << 80;
    uint256 private constant DEADLINE = uint256(type(uint40).max) << 104;
    uint256 private constant WINDOW_ENDS = uint256(type(uint40).max) << 144;

    function kind(Case c) internal pure returns (uint8) {
        return uint8(Case.unwrap(c));
    }

    function quorum(Case c) internal pure returns (uint8) {
        return uint8(Case.unwrap(c) >> 8);
    }

    function round(Case c) internal pure returns (uint16) {
        return uint16(Case.unwrap(c) >> 16);
    }

    function yes(Case c) internal pure returns (uint16) {
        return uint16(Case.unwrap(c) >> 32);
    }

    function no(Case c) internal pure returns (uint16) {
        return uint16(Case.unwrap(c) >> 48);
    }

    function out(Case c) internal pure returns (uint16) {
        return uint16(Case.unwrap(c) >> 64);
    }

    function phase(Case c) internal pure returns (uint8) {
        return uint8(Case.unwrap(c) >> 80);
    }

    function region(Case c) internal pure returns (uint16) {
        return uint16(Case.unwrap(c) >> 88);
    }

    function deadline(Case c) internal pure returns (uint40) {
        return uint40(Case.unwrap(c) >> 104);
    }

    function windowEnds(Case c) internal pure returns (uint40) {
        return uint40(Case.unwrap(c) >> 144);
    }

    function window(Case c) internal pure returns (uint32) {
        return uint32(Case.unwrap(c) >> 184);
    }

    function arbitration(Case c) internal pure returns (uint32) {
        return uint32(Case.unwrap(c) >> 216);
    }

    function silenceUpholds(Case c) internal pure returns (bool) {
        return Case.unwrap(c) >> 248 != 0;
    }

    function withPhase(Case c, uint8 phase_) internal pure returns (Case) {
        return Case.wrap((Case.unwrap(c) & ~PHASE) | (uint256(phase_) << 80));
    }

    function withDeadline(Case c, uint40 deadline_) internal pure returns (Case) {
        return Case.wrap((Case.unwrap(c) & ~DEADLINE) | (uint256(deadline_) << 104));
    }

    function withWindowEnds(Case c, uint40 ends) internal pure returns (Case) {
        return Case.wrap((Case.unwrap(c) & ~WINDOW_ENDS) | (uint256(ends) << 144));
    }

    function withVote(Case c, uint8 member, uint8 outcome) internal pure returns (Case) {
        return Case.wrap(Case.unwrap(c) | (uint256(1) << ((outcome == Outcome.REACHED ? 32 : 48) + member)));
    }

    /// The member's vote is taken back; it does not vote again in this round.
    function withoutVote(Case c, uint8 member) internal pure returns (Case) {
        uint256 bits = (uint256(1) << (32 + member)) | (uint256(1) << (48 + member));
        return Case.wrap((Case.unwrap(c) & ~bits) | (uint256(1) << (64 + member)));
    }

    /// All votes are void; the next round collects. After the last round nobody votes any more, so that no vote counts
    /// twice: what is left is the deadline.
    function nextRound(Case c) internal pure returns (Case) {
        uint256 bare = Case.unwrap(c.withPhase(CasePhase.COLLECTING).withWindowEnds(0)) & ~VOTES;
        return Case.wrap(c.round() == LAST_ROUND ? bare | ALL_OUT : bare + (uint256(1) << 16));
    }
}
