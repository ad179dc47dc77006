// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// One account's holding in one class, in one storage word of the ShareClass.
///
/// | bits    | field      | meaning                                                                 |
/// |---------|------------|-------------------------------------------------------------------------|
/// | 0–31    | party      | owner of the account; stays when the balance becomes zero               |
/// | 32–39   | account    | 0 to 7 a wallet, 8 the book account                                     |
/// | 40–103  | balance    | [shares × 10^decimals]                                                  |
/// | 104–167 | encumbered | part of the balance that cannot move (pledge, hold)                     |
/// | 168–191 | lockDay    | last civil day of the lock-up, 0 none                                   |
/// | 192–207 | savedEpoch | last record date for which this balance is fixed                        |
/// | 208–223 | firstEpoch | last record date before the first entry: nothing was held up to then    |
/// | 224–239 | weight     | the party's weight when it last received; a change triggers a recount   |
type Holding is uint256;

using Holdings for Holding global;

uint8 constant BOOK = 8;

library Holdings {
    uint256 private constant BALANCE_AT = 40;
    uint256 private constant LOCK_AT = 168;
    uint256 private constant SAVED_AT = 192;
    uint256 private constant FIRST_AT = 208;
    uint256 private constant WEIGHT_AT = 224;
    uint256 private constant LOCK = uint256(type(uint24).max) << LOCK_AT;
    uint256 private constant SAVED = uint256(type(uint16).max) << SAVED_AT;
    uint256 private constant WEIGHT = uint256(type(uint16).max) << WEIGHT_AT;

    function create(uint32 party_, uint8 account_) internal pure returns (Holding) {
        return Holding.wrap(uint256(party_) | (uint256(account_) << 32));
    }

    function party(Holding h) internal pure returns (uint32) {
        return uint32(Holding.unwrap(h));
    }

    function account(Holding h) internal pure returns (uint8) {
        return uint8(Holding.unwrap(h) >> 32);
    }

    function balance(Holding h) internal pure returns (uint64) {
        return uint64(Holding.unwrap(h) >> BALANCE_AT);
    }

    function encumbered(Holding h) internal pure returns (uint64) {
        return uint64(Holding.unwrap(h) >> 104);
    }

    function lockDay(Holding h) internal pure returns (uint24) {
        return uint24(Holding.unwrap(h) >> LOCK_AT);
    }

    function savedEpoch(Holding h) internal pure returns (uint16) {
        return uint16(Holding.unwrap(h) >> SAVED_AT);
    }

    function firstEpoch(Holding h) internal pure returns (uint16) {
        return uint16(Holding.unwrap(h) >> FIRST_AT);
    }

    function weight(Holding h) internal pure returns (uint16) {
        return uint16(Holding.unwrap(h) >> WEIGHT_AT);
    }

    /// Bound: callers know balance + shares ≤ issued ≤ 2^64 − 1, so the field cannot overflow.
    function plus(Holding h, uint64 shares) internal pure returns (Holding) {
        return Holding.wrap(Holding.unwrap(h) + (uint256(shares) << BALANCE_AT));
    }

    /// Bound: callers know shares ≤ balance, so no bit is borrowed from the fields above.
    function minus(Holding h, uint64 shares) internal pure returns (Holding) {
        return Holding.wrap(Holding.unwrap(h) - (uint256(shares) << BALANCE_AT));
    }

    function withLockDay(Holding h, uint24 day) internal pure returns (Holding) {
        return Holding.wrap((Holding.unwrap(h) & ~LOCK) | (uint256(day) << LOCK_AT));
    }

    /// The later of two lock-ups stays.
    function lockedAtLeast(Holding h, uint24 day) internal pure returns (Holding) {
        return day > h.lockDay() ? h.withLockDay(day) : h;
    }

    function withSavedEpoch(Holding h, uint16 epoch) internal pure returns (Holding) {
        return Holding.wrap((Holding.unwrap(h) & ~SAVED) | (uint256(epoch) << SAVED_AT));
    }

    /// For an account that never held: up to `epoch` its balance was zero. Both fields are zero before.
    function startingAfter(Holding h, uint16 epoch) internal pure returns (Holding) {
        return Holding.wrap(Holding.unwrap(h) | (uint256(epoch) << SAVED_AT) | (uint256(epoch) << FIRST_AT));
    }

    function withWeight(Holding h, uint16 weight_) internal pure returns (Holding) {
        return Holding.wrap((Holding.unwrap(h) & ~WEIGHT) | (uint256(weight_) << WEIGHT_AT));
    }
}
