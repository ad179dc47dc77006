// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// One account of the settlement token, in one storage word.
///
/// | bits | field   | meaning                                                                     |
/// |------|---------|-----------------------------------------------------------------------------|
/// | 0–63 | balance | [fen]                                                                       |
/// | 64   | known   | held money before: the word never becomes zero again, so later receipts are |
/// |      |         | cheap                                                                       |
/// | 65   | frozen  | by order: sends nothing, still receives                                     |
type Cash is uint256;

using CashWords for Cash global;

library CashWords {
    uint256 private constant KNOWN = 1 << 64;
    uint256 private constant FROZEN = 1 << 65;

    function balance(Cash c) internal pure returns (uint64) {
        return uint64(Cash.unwrap(c));
    }

    function isFrozen(Cash c) internal pure returns (bool) {
        return Cash.unwrap(c) & FROZEN != 0;
    }

    /// Bound: the sum of all balances is the supply, which is kept within 64 bits.
    function plus(Cash c, uint64 amount) internal pure returns (Cash) {
        return Cash.wrap((Cash.unwrap(c) + amount) | KNOWN);
    }

    /// Bound: callers know amount ≤ balance.
    function minus(Cash c, uint64 amount) internal pure returns (Cash) {
        return Cash.wrap(Cash.unwrap(c) - amount);
    }

    function withFrozen(Cash c, bool frozen) internal pure returns (Cash) {
        uint256 bare = Cash.unwrap(c) & ~FROZEN;
        return Cash.wrap(frozen ? bare | FROZEN : bare);
    }
}

/// One payment of many, in one word: bits 0–159 account, 160–223 amount [fen].
type Payout is uint256;

using Payouts for Payout global;

library Payouts {
    function create(address account_, uint64 amount_) internal pure returns (Payout) {
        return Payout.wrap(uint256(uint160(account_)) | (uint256(amount_) << 160));
    }

    function account(Payout p) internal pure returns (address) {
        return address(uint160(Payout.unwrap(p)));
    }

    function amount(Payout p) internal pure returns (uint64) {
        return uint64(Payout.unwrap(p) >> 160);
    }
}

/// One line of the custodian bank.
/// @param account Wallet or book account of a registered party.
/// @param amount [fen]
/// @param ref The bank's own reference: UTF-8 padded with zeros up to 31 bytes, else its keccak256. Used once.
struct BankLine {
    address account;
    uint64 amount;
    bytes32 ref;
}
