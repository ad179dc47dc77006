// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// The state of one company, in one storage word of the Company.
///
/// | bits    | field      | meaning                                                             |
/// |---------|------------|---------------------------------------------------------------------|
/// | 0–7     | form       | 1 company limited by shares, 2 limited-liability company            |
/// | 8–15    | phase      | see `Phase`                                                         |
/// | 16–31   | region     | code of the regional market or authority                            |
/// | 32–47   | cap        | holders of record allowed                                           |
/// | 48–79   | seats      | weights of all holders of record                                    |
/// | 80–111  | pending    | weights of subscribers who are not yet holders                      |
/// | 112–119 | classCount | share classes created                                               |
/// | 120–127 | stops      | `Stop.REGULATOR`, `Stop.COMPANY`: what a new class is born with     |
type Charter is uint256;

using Charters for Charter global;

library Phase {
    uint8 internal constant MIGRATING = 1;
    uint8 internal constant OPEN = 2;
    uint8 internal constant ABANDONED = 3;
    uint8 internal constant SUCCEEDED = 4;
}

library Charters {
    uint256 private constant CAP = uint256(0xffff) << 32;
    uint256 private constant SEATS = uint256(0xffffffff) << 48;
    uint256 private constant PENDING = uint256(0xffffffff) << 80;

    function create(uint8 form_, uint16 region_, uint16 cap_) internal pure returns (Charter) {
        return Charter.wrap(
            uint256(form_) | (uint256(Phase.MIGRATING) << 8) | (uint256(region_) << 16) | (uint256(cap_) << 32)
        );
    }

    function phase(Charter c) internal pure returns (uint8) {
        return uint8(Charter.unwrap(c) >> 8);
    }

    function region(Charter c) internal pure returns (uint16) {
        return uint16(Charter.unwrap(c) >> 16);
    }

    function cap(Charter c) internal pure returns (uint16) {
        return uint16(Charter.unwrap(c) >> 32);
    }

    function seats(Charter c) internal pure returns (uint32) {
        return uint32(Charter.unwrap(c) >> 48);
    }

    function pending(Charter c) internal pure returns (uint32) {
        return uint32(Charter.unwrap(c) >> 80);
    }

    function classCount(Charter c) internal pure returns (uint8) {
        return uint8(Charter.unwrap(c) >> 112);
    }

    function stops(Charter c) internal pure returns (uint8) {
        return uint8(Charter.unwrap(c) >> 120);
    }

    function isWithinCap(Charter c) internal pure returns (bool) {
        return uint256(c.seats()) + c.pending() <= c.cap();
    }

    function withPhase(Charter c, uint8 phase_) internal pure returns (Charter) {
        return Charter.wrap((Charter.unwrap(c) & ~(uint256(0xff) << 8)) | (uint256(phase_) << 8));
    }

    function withCap(Charter c, uint16 cap_) internal pure returns (Charter) {
        return Charter.wrap((Charter.unwrap(c) & ~CAP) | (uint256(cap_) << 32));
    }

    function withSeats(Charter c, uint32 seats_) internal pure returns (Charter) {
        return Charter.wrap((Charter.unwrap(c) & ~SEATS) | (uint256(seats_) << 48));
    }

    function withPending(Charter c, uint32 pending_) internal pure returns (Charter) {
        return Charter.wrap((Charter.unwrap(c) & ~PENDING) | (uint256(pending_) << 80));
    }

    function withStops(Charter c, uint8 stops_) internal pure returns (Charter) {
        return Charter.wrap((Charter.unwrap(c) & ~(uint256(0xff) << 120)) | (uint256(stops_) << 120));
    }

    /// Bound: callers refuse the 33rd class.
    function withNextClass(Charter c) internal pure returns (Charter) {
        return Charter.wrap(Charter.unwrap(c) + (uint256(1) << 112));
    }
}

/// What one party occupies in a company: in how many accounts it holds something, how many of its subscriptions to raises
/// wait for their allotment, and the weight counted for it. It takes a seat if either number is not zero.
/// Bits 0–8 accounts, 9–14 subscriptions, 15 set if the company fixed the weight itself, 16–31 weight. Eight to a slot.
type Seat is uint32;

using Seats for Seat global;

library Seats {
    uint32 internal constant MAX_SUBSCRIPTIONS = 63;
    uint32 private constant ACCOUNTS = 0x1ff;
    uint32 private constant SUBSCRIPTIONS = 0x7e00;
    uint32 private constant ONE_SUBSCRIPTION = 0x200;
    uint32 private constant FIXED = 0x8000;

    function accounts(Seat s) internal pure returns (uint32) {
        return Seat.unwrap(s) & ACCOUNTS;
    }

    function subscriptions(Seat s) internal pure returns (uint32) {
        return (Seat.unwrap(s) & SUBSCRIPTIONS) >> 9;
    }

    function isTaken(Seat s) internal pure returns (bool) {
        return Seat.unwrap(s) & (ACCOUNTS | SUBSCRIPTIONS) != 0;
    }

    function isFixed(Seat s) internal pure returns (bool) {
        return Seat.unwrap(s) & FIXED != 0;
    }

    function weight(Seat s) internal pure returns (uint16) {
        return uint16(Seat.unwrap(s) >> 16);
    }

    /// Bound: a party has at most 9 accounts in each of at most 32 classes.
    function plusAccount(Seat s) internal pure returns (Seat) {
        return Seat.wrap(Seat.unwrap(s) + 1);
    }

    /// Bound: called once for each account that was counted in before.
    function minusAccount(Seat s) internal pure returns (Seat) {
        return Seat.wrap(Seat.unwrap(s) - 1);
    }

    /// Bound: callers refuse the 64th.
    function plusSubscription(Seat s) internal pure returns (Seat) {
        return Seat.wrap(Seat.unwrap(s) + ONE_SUBSCRIPTION);
    }

    /// Bound: called once for each subscription that was counted in before.
    function minusSubscription(Seat s) internal pure returns (Seat) {
        return Seat.wrap(Seat.unwrap(s) - ONE_SUBSCRIPTION);
    }

    /// The weight the company fixed, else `weight_`.
    function weighing(Seat s, uint16 weight_) internal pure returns (Seat) {
        return s.isFixed() ? s : Seat.wrap((Seat.unwrap(s) & 0xffff) | (uint32(weight_) << 16));
    }

    function fixedAt(Seat s, uint16 weight_) internal pure returns (Seat) {
        return Seat.wrap((Seat.unwrap(s) & (ACCOUNTS | SUBSCRIPTIONS)) | FIXED | (uint32(weight_) << 16));
    }

    function unfixed(Seat s, uint16 weight_) internal pure returns (Seat) {
        return Seat.wrap((Seat.unwrap(s) & (ACCOUNTS | SUBSCRIPTIONS)) | (uint32(weight_) << 16));
    }
}
