// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// One party's subscription to one raise, in one storage word of the Offering.
///
/// | bits    | field     | meaning                                                                   |
/// |---------|-----------|---------------------------------------------------------------------------|
/// | 0–63    | amount    | [fen] asked for; once allotted, what was allotted                         |
/// | 64–127  | redeemed  | [fen] paid back out of the escrow so far                                  |
/// | 128–191 | cancelled | [shares × 10^decimals] ended for it so far                                |
/// | 192–198 | status    | see `SubscriptionStatus`                                                  |
/// | 199     | ratcheted | the ratchet's shares were delivered or lapsed                             |
/// | 200–207 | year      | civil year of the subscription less 2000, for the annual limit            |
/// | 208–215 | account   | number of the account it was paid from: 0 to 7 a wallet, 8 the book account |
/// | 216–255 | paidAt    | [s] region clock when it was paid                                         |
type Subscription is uint256;

using Subscriptions for Subscription global;

/// NONE again after a withdrawal: whoever withdrew may subscribe anew.
library SubscriptionStatus {
    uint8 internal constant NONE = 0;
    uint8 internal constant PAID = 1;
    uint8 internal constant PARKED = 2;
    uint8 internal constant ALLOTTED = 3;
    uint8 internal constant REFUNDED = 4;
}

library Subscriptions {
    uint256 private constant AMOUNT = type(uint64).max;
    uint256 private constant STATUS = uint256(0x7f) << 192;
    uint256 private constant RATCHETED = 1 << 199;

    function create(uint64 amount_, uint16 year_, uint8 account_, uint40 paidAt_) internal pure returns (Subscription) {
        return Subscription.wrap(
            uint256(amount_) | (uint256(SubscriptionStatus.PAID) << 192) | (uint256(year_ - 2000) << 200)
                | (uint256(account_) << 208) | (uint256(paidAt_) << 216)
        );
    }

    function amount(Subscription s) internal pure returns (uint64) {
        return uint64(Subscription.unwrap(s));
    }

    function redeemed(Subscription s) internal pure returns (uint64) {
        return uint64(Subscription.unwrap(s) >> 64);
    }

    function cancelled(Subscription s) internal pure returns (uint64) {
        return uint64(Subscription.unwrap(s) >> 128);
    }

    function status(Subscription s) internal pure returns (uint8) {
        return uint8(Subscription.unwrap(s) >> 192) & 0x7f;
    }

    function isRatcheted(Subscription s) internal pure returns (bool) {
        return Subscription.unwrap(s) & RATCHETED != 0;
    }

    function year(Subscription s) internal pure returns (uint16) {
        return 2000 + uint16(uint8(Subscription.unwrap(s) >> 200));
    }

    function account(Subscription s) internal pure returns (uint8) {
        return uint8(Subscription.unwrap(s) >> 208);
    }

    function paidAt(Subscription s) internal pure returns (uint40) {
        return uint40(Subscription.unwrap(s) >> 216);
    }

    function withStatus(Subscription s, uint8 status_) internal pure returns (Subscription) {
        return Subscription.wrap((Subscription.unwrap(s) & ~STATUS) | (uint256(status_) << 192));
    }

    function withAmount(Subscription s, uint64 amount_) internal pure returns (Subscription) {
        return Subscription.wrap((Subscription.unwrap(s) & ~AMOUNT) | amount_);
    }

    function ratcheted(Subscription s) internal pure returns (Subscription) {
        return Subscription.wrap(Subscription.unwrap(s) | RATCHETED);
    }

    function unratcheted(Subscription s) internal pure returns (Subscription) {
        return Subscription.wrap(Subscription.unwrap(s) & ~RATCHETED);
    }

    /// Bound: callers know the sums stay within what was paid and allotted.
    function plusRedeemed(Subscription s, uint64 money, uint64 shares) internal pure returns (Subscription) {
        return Subscription.wrap(Subscription.unwrap(s) + (uint256(money) << 64) + (uint256(shares) << 128));
    }
}
