// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// Pro rata by largest remainder: everybody gets `asked × maximum ÷ total` rounded down, and the shares that are left go
/// one by one to the largest remainders; ties to the earlier payment, then to the smaller party id.
library Cut {
    /// No key is as large: nobody gets a share more.
    uint256 internal constant NOBODY = type(uint256).max;

    /// Orders subscribers: the larger key gets its share first. All in [shares × 10^decimals].
    function keyOf(uint256 asked, uint256 maximum, uint256 total, uint40 paidAt, uint32 party)
        internal
        pure
        returns (uint256)
    {
        uint256 remainder = (asked * maximum) % total;
        return (remainder << 72) | (uint256(type(uint40).max - paidAt) << 32) | (type(uint32).max - party);
    }

    /// What one subscriber gets if `last` is the smallest key that gets a share more.
    function partOf(uint256 asked, uint256 maximum, uint256 total, uint256 key, uint256 last)
        internal
        pure
        returns (uint256)
    {
        return (asked * maximum) / total + (key >= last ? 1 : 0);
    }
}
