// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// What the regulator set for a region, in one storage word.
///
/// | bits    | field           | meaning                                                            |
/// |---------|-----------------|--------------------------------------------------------------------|
/// | 0–63    | raiseCeiling    | [fen] most that one raise may take in; 0: no scheme, no raise      |
/// | 64–127  | investorCeiling | [fen] most that one investor may put into one raise; 0: no ceiling |
/// | 128–143 | version         | of the scheme                                                      |
/// | 144–183 | haltedFor       | [s] all halts that have ended                                      |
/// | 184–223 | haltedSince     | [unix s] begin of the halt that lasts, 0 none                      |
type RegionWord is uint256;

using RegionWords for RegionWord global;

library RegionWords {
    uint256 private constant SCHEME = (1 << 144) - 1;

    function raiseCeiling(RegionWord w) internal pure returns (uint64) {
        return uint64(RegionWord.unwrap(w));
    }

    function investorCeiling(RegionWord w) internal pure returns (uint64) {
        return uint64(RegionWord.unwrap(w) >> 64);
    }

    function haltedFor(RegionWord w) internal pure returns (uint40) {
        return uint40(RegionWord.unwrap(w) >> 144);
    }

    function haltedSince(RegionWord w) internal pure returns (uint40) {
        return uint40(RegionWord.unwrap(w) >> 184);
    }

    function isHalted(RegionWord w) internal pure returns (bool) {
        return w.haltedSince() != 0;
    }

    /// The region's clock [s]: block time less all halts. It stands still during a halt.
    function clockAt(RegionWord w, uint256 time) internal pure returns (uint40) {
        return (w.isHalted() ? w.haltedSince() : uint40(time)) - w.haltedFor();
    }

    function withScheme(RegionWord w, uint16 version_, uint64 raise, uint64 investor)
        internal
        pure
        returns (RegionWord)
    {
        return RegionWord.wrap(
            (RegionWord.unwrap(w) & ~SCHEME) | (uint256(version_) << 128) | (uint256(investor) << 64) | raise
        );
    }

    /// A halt that begins.
    function haltedFrom(RegionWord w, uint40 time) internal pure returns (RegionWord) {
        return RegionWord.wrap(RegionWord.unwrap(w) | (uint256(time) << 184));
    }

    /// A halt that ends; its length joins the others.
    function resumedAt(RegionWord w, uint40 time) internal pure returns (RegionWord) {
        uint256 total = uint256(w.haltedFor()) + time - w.haltedSince();
        return RegionWord.wrap((RegionWord.unwrap(w) & SCHEME) | (total << 144));
    }
}
