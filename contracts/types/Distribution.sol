// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// Terms of a distribution to the holders of one class at a record date.
/// @param shareClass Of a company whose ADMIN declares. @param epoch Record date of the class, not passed yet.
/// @param schedule Withholding tax: see `TaxRule`.
/// @param fundedBy Account of the sender's party: `total` is taken from it when the distribution is declared.
/// @param total [fen] @param rate [10^-10 CNY for a whole share] What is distributed for each; then `total` is what covers it
/// at most, and what is not needed goes back once the register is known. 0: `total` is shared out.
/// @param profit [fen] Distributable profit that the resolution rests on.
/// @param payableFrom [s, region clock] @param expiresAt [s, region clock] Last second to be paid, unless parked.
/// @param remainderAccount Gets what lapses and what roundings leave; zero: `fundedBy`.
/// @param scripPrice [fen for a whole share] Holders may choose shares at this price; 0: no choice.
struct DistributionTerms {
    address shareClass;
    uint16 epoch;
    uint32 schedule;
    address fundedBy;
    uint64 total;
    uint72 rate;
    uint64 profit;
    uint40 payableFrom;
    uint40 expiresAt;
    address remainderAccount;
    uint64 scripPrice;
}

library DistributionState {
    uint8 internal constant NONE = 0;
    /// Waits for its record date, and for somebody who fixes it.
    uint8 internal constant DECLARED = 1;
    /// Who holds is known: it is paid.
    uint8 internal constant FIXED = 2;
    uint8 internal constant CANCELLED = 3;
    /// Every share was handled and the remainder is gone; what is parked is still paid once it is cured.
    uint8 internal constant CLOSED = 4;
}

/// One distribution. What every payment reads stands together, what is rare apart.
struct Distribution {
    // slot 1
    address shareClass;
    uint16 epoch;
    uint32 schedule;
    uint8 state;
    uint40 payableFrom;
    // slot 2; `declared` [fen] is the total until it is fixed. `isShort`: the money does not cover the rate, it is shared out.
    uint64 declared;
    uint72 rate;
    uint16 region;
    uint40 expiresAt;
    uint48 scripPrice;
    uint8 decimals;
    bool isShort;
    // slot 3 [fen], and shares that were paid, parked or lapsed, of all that share in it [shares × 10^decimals]
    uint64 paid;
    uint64 withheld;
    uint64 handled;
    uint64 entitled;
    // slot 4 [fen], and new shares that are kept free for scrip [shares × 10^decimals]
    uint64 parked;
    uint64 lapsed;
    uint64 remitted;
    uint64 reserved;
    // slot 5
    address fundedBy;
    // slot 6; `counted` [10^-10 CNY for a whole share]: of the rate, what counts towards the arrears of a preferred class.
    address remainderAccount;
    uint72 counted;
    /// Hash of the resolution; kept where shares are delivered under it.
    bytes32 resolution;
}

/// What happened to a holder's part.
library Settlement {
    uint8 internal constant NONE = 0;
    uint8 internal constant PAID = 1;
    /// KYC lapsed, or frozen by order: the money waits, and no expiry runs against it.
    uint8 internal constant PARKED = 2;
    uint8 internal constant LAPSED = 3;
}

/// One holder of record at the record date, in one word: bits 0–31 party, 32–95 what all its accounts held together
/// [shares × 10^decimals], 96–255 the account that is paid: the first of its wallets that held something, else its book
/// account.
type Holder is uint256;

using Holders for Holder global;

library Holders {
    /// Rows of the register at the record date that are hashed together.
    uint256 internal constant LEAF = 8;

    function create(uint32 party_, uint64 shares_, address account_) internal pure returns (Holder) {
        return Holder.wrap(uint256(party_) | (uint256(shares_) << 32) | (uint256(uint160(account_)) << 96));
    }

    function party(Holder h) internal pure returns (uint32) {
        return uint32(Holder.unwrap(h));
    }

    function shares(Holder h) internal pure returns (uint64) {
        return uint64(Holder.unwrap(h) >> 32);
    }

    function account(Holder h) internal pure returns (address) {
        return address(uint160(Holder.unwrap(h) >> 96));
    }

    function plus(Holder h, uint64 more) internal pure returns (Holder) {
        return Holder.wrap(Holder.unwrap(h) + (uint256(more) << 32));
    }
}

/// One line of an event `EntitlementsHandled`, in one word: bits 0–31 party, 32–95 gross [fen], 96–159 tax [fen], 160–167
/// see `Settlement`.
type Payment is uint256;

library Payments {
    function create(uint32 party, uint64 gross, uint64 tax, uint8 settlement) internal pure returns (Payment) {
        return Payment.wrap(
            uint256(party) | (uint256(gross) << 32) | (uint256(tax) << 96) | (uint256(settlement) << 160)
        );
    }
}

/// One rule of a tax schedule: what is withheld from a category of holders with a tax residence.
/// @param category 0: everybody else. @param residence ISO 3166-1 numeric; 0: every other. @param bps Basis points of the gross, rounded half up.
struct TaxRule {
    uint8 category;
    uint16 residence;
    uint16 bps;
}

/// A class that is paid before others, in one slot.
/// @param perYear [10^-10 CNY for a whole share] Cumulative, a year of 365 days. @param fromDay First day that counts.
/// @param rank From 1, the first is paid first; classes without come last.
/// @param declared [10^-10 CNY for a whole share] So far.
struct Preference {
    uint72 perYear;
    uint24 fromDay;
    uint8 rank;
    uint72 declared;
}
