// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// What a missed deadline means.
library Miss {
    /// The unreleased money becomes redeemable.
    uint8 internal constant REDEEM = 1;
    /// The holders may consent to one extension; without consent it becomes redeemable.
    uint8 internal constant EXTEND = 2;
    /// Redeemable, and the subscribers may put the rest of their shares to the named payer.
    uint8 internal constant PUT = 3;
}

/// Where a ratchet's shares come from.
library RatchetSource {
    uint8 internal constant NONE = 0;
    /// New shares, kept free of the authorised number since the raise opened.
    uint8 internal constant NEW_SHARES = 1;
    /// The founder's, who allowed the escrow to take them (ERC-20 allowance).
    uint8 internal constant FOUNDER = 2;
}

/// Terms of the escrow of a raise, fixed with it.
/// @param issuerAccount The issuer's registered account: the only place a tranche can go.
/// @param arbiter Decides challenges. @param arbitration [s] How long after the dispute window it has for that.
/// @param silenceUpholds What its silence means: the attested outcome stands, or the round is void.
/// @param window [s] Dispute window. @param challengeBps Part of the class's shares whose holders may challenge together.
/// @param consentBps Part of the allotted shares whose subscribers must consent to an extension. @param voting [s] How long they vote.
/// @param putPayer Who pays a put. @param isPayerIssuer Shares put to the issuer end, shares put to a founder go to it.
/// @param putRateBps Simple interest a year, ACT/365, rounded down.
/// @param claims [s] After the last tranche is decided: how long puts can be exercised and paid, and how long missed money waits
/// for subscribers who hold less than their lot. @param lapseAccount Gets what lapses then; the shares behind it go on.
struct EscrowTerms {
    address issuerAccount;
    address arbiter;
    uint32 window;
    uint32 arbitration;
    bool silenceUpholds;
    uint16 challengeBps;
    uint16 consentBps;
    uint32 voting;
    address putPayer;
    bool isPayerIssuer;
    uint16 putRateBps;
    uint32 claims;
    address lapseAccount;
}

/// The ratchet of a raise: at most one milestone has one.
/// @param founder Gets shares after an early success; gives them after a late one if the source is FOUNDER.
/// @param fallbackAccount Gets the shares of subscribers who hold nothing any more; zero: they lapse.
/// @param earlyBy Reached by then [s, region clock]: the founder gets `earlyBps` of all allotted shares, as new ones.
/// @param lateAfter Reached later [s, region clock]: each subscriber gets `lateBps` of its lot. All rounded down.
struct RatchetTerms {
    uint8 milestone;
    uint8 source;
    address founder;
    address fallbackAccount;
    uint40 earlyBy;
    uint16 earlyBps;
    uint40 lateAfter;
    uint16 lateBps;
}

/// One tranche as it is scheduled.
/// @param isShare True: `value` in basis points of what the fixed amounts leave, the last such tranche takes the rest;
/// false: `value` in fen.
/// @param kind Milestone type: which verifiers of the company judge. @param quorum How many of them.
/// @param deadline [s] region clock; the quorum has to stand by then.
/// @param onMiss See `Miss`. @param extension [s] From the consent.
/// @param criterion Hash of the criterion's text. @param terms The same for machines (JSON).
struct TrancheTerms {
    bool isShare;
    uint64 value;
    uint8 kind;
    uint8 quorum;
    uint40 deadline;
    uint8 onMiss;
    uint32 extension;
    bytes32 criterion;
    string terms;
}

/// One tranche of an escrow, in one storage word.
///
/// | bits    | field     | meaning                                                 |
/// |---------|-----------|---------------------------------------------------------|
/// | 0–63    | value     | [fen] once funded; before, as scheduled                 |
/// | 64      | isShare   | as scheduled                                            |
/// | 72–79   | kind      | milestone type                                          |
/// | 80–87   | quorum    | verifiers needed                                        |
/// | 88–127  | deadline  | [s] region clock, as first scheduled                    |
/// | 128–135 | onMiss    | see `Miss`                                              |
/// | 136–167 | extension | [s]                                                     |
/// | 168–175 | state     | see `TrancheState`                                      |
/// | 176     | extended  | the one extension was asked for                         |
/// | 184–199 | epoch     | record date of the vote                                 |
/// | 200–239 | voteEnds  | [s] region clock, last second of the vote               |
type Tranche is uint256;

using Tranches for Tranche global;

library TrancheState {
    uint8 internal constant SCHEDULED = 0;
    uint8 internal constant WAITING = 1;
    uint8 internal constant RELEASED = 2;
    uint8 internal constant VOTING = 3;
    uint8 internal constant MISSED = 4;
}

library Tranches {
    uint256 private constant VALUE = type(uint64).max;
    uint256 private constant STATE = uint256(0xff) << 168;
    uint256 private constant EXTENDED = uint256(1) << 176;
    uint256 private constant VOTE = uint256(type(uint56).max) << 184;

    function create(TrancheTerms memory t) internal pure returns (Tranche) {
        return Tranche.wrap(
            uint256(t.value) | (uint256(t.isShare ? 1 : 0) << 64) | (uint256(t.kind) << 72) | (uint256(t.quorum) << 80)
                | (uint256(t.deadline) << 88) | (uint256(t.onMiss) << 128) | (uint256(t.extension) << 136)
        );
    }

    function value(Tranche t) internal pure returns (uint64) {
        return uint64(Tranche.unwrap(t));
    }

    function isShare(Tranche t) internal pure returns (bool) {
        return Tranche.unwrap(t) >> 64 & 1 != 0;
    }

    function kind(Tranche t) internal pure returns (uint8) {
        return uint8(Tranche.unwrap(t) >> 72);
    }

    function quorum(Tranche t) internal pure returns (uint8) {
        return uint8(Tranche.unwrap(t) >> 80);
    }

    function deadline(Tranche t) internal pure returns (uint40) {
        return uint40(Tranche.unwrap(t) >> 88);
    }

    function onMiss(Tranche t) internal pure returns (uint8) {
        return uint8(Tranche.unwrap(t) >> 128);
    }

    function extension(Tranche t) internal pure returns (uint32) {
        return uint32(Tranche.unwrap(t) >> 136);
    }

    function state(Tranche t) internal pure returns (uint8) {
        return uint8(Tranche.unwrap(t) >> 168);
    }

    function isExtended(Tranche t) internal pure returns (bool) {
        return Tranche.unwrap(t) & EXTENDED != 0;
    }

    function epoch(Tranche t) internal pure returns (uint16) {
        return uint16(Tranche.unwrap(t) >> 184);
    }

    function voteEnds(Tranche t) internal pure returns (uint40) {
        return uint40(Tranche.unwrap(t) >> 200);
    }

    function withState(Tranche t, uint8 state_) internal pure returns (Tranche) {
        return Tranche.wrap((Tranche.unwrap(t) & ~STATE) | (uint256(state_) << 168));
    }

    function withValue(Tranche t, uint64 value_) internal pure returns (Tranche) {
        return Tranche.wrap((Tranche.unwrap(t) & ~VALUE) | value_);
    }

    /// The holders are asked for the one extension.
    function voting(Tranche t, uint16 epoch_, uint40 ends) internal pure returns (Tranche) {
        uint256 bare = Tranche.unwrap(t.withState(TrancheState.VOTING)) & ~VOTE;
        return Tranche.wrap(bare | EXTENDED | (uint256(epoch_) << 184) | (uint256(ends) << 200));
    }
}

/// The money of one escrow, in one storage word. Held is what is left.
///
/// | bits    | field      | meaning                                       |
/// |---------|------------|-----------------------------------------------|
/// | 0–63    | proceeds   | [fen] what the raise paid in                  |
/// | 64–127  | released   | [fen] gone to the issuer                      |
/// | 128–191 | redeemable | [fen] tranches that were missed               |
/// | 192–255 | redeemed   | [fen] of that, paid back                      |
type Purse is uint256;

using Purses for Purse global;

library Purses {
    function create(uint64 proceeds_) internal pure returns (Purse) {
        return Purse.wrap(proceeds_);
    }

    function proceeds(Purse p) internal pure returns (uint64) {
        return uint64(Purse.unwrap(p));
    }

    function released(Purse p) internal pure returns (uint64) {
        return uint64(Purse.unwrap(p) >> 64);
    }

    function redeemable(Purse p) internal pure returns (uint64) {
        return uint64(Purse.unwrap(p) >> 128);
    }

    function redeemed(Purse p) internal pure returns (uint64) {
        return uint64(Purse.unwrap(p) >> 192);
    }

    /// Bound for these three: tranches sum to the proceeds, each is released or missed once, redeemed ≤ redeemable.
    function plusReleased(Purse p, uint64 amount) internal pure returns (Purse) {
        return Purse.wrap(Purse.unwrap(p) + (uint256(amount) << 64));
    }

    function plusRedeemable(Purse p, uint64 amount) internal pure returns (Purse) {
        return Purse.wrap(Purse.unwrap(p) + (uint256(amount) << 128));
    }

    function plusRedeemed(Purse p, uint64 amount) internal pure returns (Purse) {
        return Purse.wrap(Purse.unwrap(p) + (uint256(amount) << 192));
    }
}
