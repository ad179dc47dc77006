// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {AmountTooLarge} from "./Errors.sol";

/// Terms of a raise, fixed at its creation. Times are on the clock of the company's region [s].
/// @param price [fen] for one share × 10^-decimals, so that no amount has a fraction.
/// @param minimum [fen] Below it the raise fails. @param maximum [fen] Never more is allotted. Multiples of the price.
/// @param investorMinimum [fen] @param investorMaximum [fen] For one party.
/// @param opensAt First second of the window. @param closesAt Last second of the window.
/// @param coolingOff [s] A subscriber may withdraw in full as long after subscribing.
/// @param settleWithin [s] After window and cooling-off; not allotted by then, anybody may let the raise fail.
/// @param feeBps Platform's fee in basis points of what was raised, rounded down.
/// @param riskGrade Lowest grade of an investor it is suitable for, 0 none asked.
/// @param method See `Method`.
/// @param lockDay Last civil day of a lock-up of the allotted shares, 0 none.
/// @param memorandum Hash of the offering document, on which the allotment rests.
/// @param disclosure Hash of the risk disclosure that every subscriber signs a copy of.
struct OfferingTerms {
    address company;
    address shareClass;
    address feeRecipient;
    uint64 price;
    uint64 minimum;
    uint64 maximum;
    uint64 investorMinimum;
    uint64 investorMaximum;
    uint40 opensAt;
    uint40 closesAt;
    uint32 coolingOff;
    uint32 settleWithin;
    uint16 feeBps;
    uint16 region;
    uint8 riskGrade;
    uint8 method;
    uint24 lockDay;
    bytes32 memorandum;
    bytes32 disclosure;
}

/// What happens to more demand than the maximum.
library Method {
    /// Whoever would pass the maximum is refused.
    uint8 internal constant FIRST_COME = 1;
    /// All are taken in; at closing each gets its part, by largest remainder.
    uint8 internal constant PRO_RATA = 2;
}

library OfferingPhase {
    uint8 internal constant DRAFT = 1;
    uint8 internal constant OPEN = 2;
    uint8 internal constant CLOSING = 3;
    uint8 internal constant SETTLED = 4;
    uint8 internal constant FAILED = 5;
}

/// The money of one raise, in one storage word of the Offering.
///
/// | bits    | field       | meaning                                                             |
/// |---------|-------------|---------------------------------------------------------------------|
/// | 0–63    | moneyIn     | [fen] all that was ever paid in                                     |
/// | 64–127  | refunded    | [fen] paid back: withdrawn, cut, or because the raise failed        |
/// | 128–191 | raised      | [fen] what is allotted in all; 0 until that is known                |
/// | 192–199 | phase       | see `OfferingPhase`                                                 |
/// | 200–215 | subscribers | live subscriptions                                                  |
/// | 216–231 | handled     | of them, in the closing: allotted, parked, or cut to nothing        |
/// | 232–247 | parked      | lots that wait for their frozen subscribers                         |
type Totals is uint256;

using TotalsWords for Totals global;

library TotalsWords {
    uint256 private constant RAISED = uint256(type(uint64).max) << 128;
    uint256 private constant PHASE = uint256(0xff) << 192;
    uint256 private constant ONE_SUBSCRIBER = uint256(1) << 200;
    uint256 private constant ONE_PARKED = uint256(1) << 232;

    function moneyIn(Totals t) internal pure returns (uint64) {
        return uint64(Totals.unwrap(t));
    }

    function refunded(Totals t) internal pure returns (uint64) {
        return uint64(Totals.unwrap(t) >> 64);
    }

    function raised(Totals t) internal pure returns (uint64) {
        return uint64(Totals.unwrap(t) >> 128);
    }

    function phase(Totals t) internal pure returns (uint8) {
        return uint8(Totals.unwrap(t) >> 192);
    }

    function subscribers(Totals t) internal pure returns (uint16) {
        return uint16(Totals.unwrap(t) >> 200);
    }

    function handled(Totals t) internal pure returns (uint16) {
        return uint16(Totals.unwrap(t) >> 216);
    }

    function parked(Totals t) internal pure returns (uint16) {
        return uint16(Totals.unwrap(t) >> 232);
    }

    /// [fen] Paid in and not paid back.
    function live(Totals t) internal pure returns (uint64) {
        return t.moneyIn() - t.refunded();
    }

    function withPhase(Totals t, uint8 phase_) internal pure returns (Totals) {
        return Totals.wrap((Totals.unwrap(t) & ~PHASE) | (uint256(phase_) << 192));
    }

    function withRaised(Totals t, uint64 raised_) internal pure returns (Totals) {
        return Totals.wrap((Totals.unwrap(t) & ~RAISED) | (uint256(raised_) << 128));
    }

    /// Money that is withdrawn and paid in anew counts each time, so that the sum may pass 64 bits, though all money there
    /// is fits them. Bound: callers refuse more subscribers than `MAX_SUBSCRIBERS`.
    function plusSubscriber(Totals t, uint64 amount) internal pure returns (Totals) {
        if (amount > type(uint64).max - t.moneyIn()) revert AmountTooLarge(amount);
        return Totals.wrap(Totals.unwrap(t) + amount + ONE_SUBSCRIBER);
    }

    /// Bound: callers pay back what was paid in, once.
    function plusRefunded(Totals t, uint64 amount) internal pure returns (Totals) {
        return Totals.wrap(Totals.unwrap(t) + (uint256(amount) << 64));
    }

    function minusSubscriber(Totals t) internal pure returns (Totals) {
        return Totals.wrap(Totals.unwrap(t) - ONE_SUBSCRIBER);
    }

    function plusParked(Totals t) internal pure returns (Totals) {
        return Totals.wrap(Totals.unwrap(t) + ONE_PARKED);
    }

    function minusParked(Totals t) internal pure returns (Totals) {
        return Totals.wrap(Totals.unwrap(t) - ONE_PARKED);
    }

    function plusHandled(Totals t, uint16 count) internal pure returns (Totals) {
        return Totals.wrap(Totals.unwrap(t) + (uint256(count) << 216));
    }
}
