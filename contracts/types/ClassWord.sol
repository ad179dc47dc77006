// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// The state of one share class, in one storage word of the ShareClass.
///
/// | bits    | field      | meaning                                                              |
/// |---------|------------|----------------------------------------------------------------------|
/// | 0–63    | issued     | [shares × 10^decimals], the sum of all balances                      |
/// | 64–127  | authorised | [shares × 10^decimals], issued never exceeds it by an act            |
/// | 128–135 | stops      | see `Stop`; the bits are the first five rules of `Rule`              |
/// | 136–143 | decimals   | 0 to 6                                                               |
/// | 144–159 | categories | bit n: category n may receive                                        |
/// | 160–175 | epoch      | number of the last record date that has passed, 0 none               |
/// | 176–183 | queued     | record dates announced behind the next one                           |
/// | 184–191 | index      | position of the class within its company, from 0                     |
/// | 192–231 | recordTime | [unix s] the next record date, 0 none: balances after the last block |
/// |         |            | not later than this are fixed                                        |
/// | 232     | reserving  | some authorised shares are kept free for a raise                     |
/// | 233–248 | supplyEpoch | last record date for which `issued` is fixed                        |
type ClassWord is uint256;

using ClassWords for ClassWord global;

/// Who stopped a class, as bits of `ClassWord.stops`.
library Stop {
    uint8 internal constant REGULATOR = 1;
    uint8 internal constant COMPANY = 2;
    uint8 internal constant CLASS = 4;
    uint8 internal constant NOT_OPEN = 8;
    uint8 internal constant CLOSED = 16;
}

library ClassWords {
    uint256 private constant AUTHORISED = uint256(type(uint64).max) << 64;
    uint256 private constant STOPS = uint256(0xff) << 128;
    uint256 private constant CATEGORIES = uint256(0xffff) << 144;
    uint256 private constant RECORD_DATE = (uint256(0xffffff) << 160) | (uint256(type(uint40).max) << 192);

    uint256 private constant RESERVING = 1 << 232;
    uint256 private constant SUPPLY_AT = 233;
    uint256 private constant SUPPLY = uint256(type(uint16).max) << SUPPLY_AT;

    function create(uint64 authorised_, uint8 decimals_, uint16 categories_, uint8 index_)
        internal
        pure
        returns (ClassWord)
    {
        return ClassWord.wrap(
            (uint256(authorised_) << 64) | (uint256(Stop.NOT_OPEN) << 128) | (uint256(decimals_) << 136)
                | (uint256(categories_) << 144) | (uint256(index_) << 184)
        );
    }

    function issued(ClassWord w) internal pure returns (uint64) {
        return uint64(ClassWord.unwrap(w));
    }

    function authorised(ClassWord w) internal pure returns (uint64) {
        return uint64(ClassWord.unwrap(w) >> 64);
    }

    function stops(ClassWord w) internal pure returns (uint8) {
        return uint8(ClassWord.unwrap(w) >> 128);
    }

    function decimals(ClassWord w) internal pure returns (uint8) {
        return uint8(ClassWord.unwrap(w) >> 136);
    }

    function admits(ClassWord w, uint8 category) internal pure returns (bool) {
        return (uint16(ClassWord.unwrap(w) >> 144) >> category) & 1 != 0;
    }

    function epoch(ClassWord w) internal pure returns (uint16) {
        return uint16(ClassWord.unwrap(w) >> 160);
    }

    function queued(ClassWord w) internal pure returns (uint8) {
        return uint8(ClassWord.unwrap(w) >> 176);
    }

    function recordTime(ClassWord w) internal pure returns (uint40) {
        return uint40(ClassWord.unwrap(w) >> 192);
    }

    function isReserving(ClassWord w) internal pure returns (bool) {
        return ClassWord.unwrap(w) & RESERVING != 0;
    }

    function supplyEpoch(ClassWord w) internal pure returns (uint16) {
        return uint16(ClassWord.unwrap(w) >> SUPPLY_AT);
    }

    function withSupplyEpoch(ClassWord w, uint16 epoch_) internal pure returns (ClassWord) {
        return ClassWord.wrap((ClassWord.unwrap(w) & ~SUPPLY) | (uint256(epoch_) << SUPPLY_AT));
    }

    function withReserving(ClassWord w, bool reserving) internal pure returns (ClassWord) {
        uint256 bare = ClassWord.unwrap(w) & ~RESERVING;
        return ClassWord.wrap(reserving ? bare | RESERVING : bare);
    }

    /// Bound: callers know issued + shares ≤ authorised ≤ 2^64 − 1.
    function plusIssued(ClassWord w, uint64 shares) internal pure returns (ClassWord) {
        return ClassWord.wrap(ClassWord.unwrap(w) + shares);
    }

    /// Bound: callers know shares ≤ a balance ≤ issued.
    function minusIssued(ClassWord w, uint64 shares) internal pure returns (ClassWord) {
        return ClassWord.wrap(ClassWord.unwrap(w) - shares);
    }

    function withAuthorised(ClassWord w, uint64 authorised_) internal pure returns (ClassWord) {
        return ClassWord.wrap((ClassWord.unwrap(w) & ~AUTHORISED) | (uint256(authorised_) << 64));
    }

    function withStops(ClassWord w, uint8 stops_) internal pure returns (ClassWord) {
        return ClassWord.wrap((ClassWord.unwrap(w) & ~STOPS) | (uint256(stops_) << 128));
    }

    function withCategories(ClassWord w, uint16 categories_) internal pure returns (ClassWord) {
        return ClassWord.wrap((ClassWord.unwrap(w) & ~CATEGORIES) | (uint256(categories_) << 144));
    }

    function withRecordDate(ClassWord w, uint16 epoch_, uint8 queued_, uint40 time) internal pure returns (ClassWord) {
        return ClassWord.wrap(
            (ClassWord.unwrap(w) & ~RECORD_DATE) | (uint256(epoch_) << 160) | (uint256(queued_) << 176)
                | (uint256(time) << 192)
        );
    }
}
