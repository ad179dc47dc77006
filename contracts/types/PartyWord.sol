// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// Everything the rules ask about a party, in one storage word of the IdentityRegistry.
///
/// | bits    | field            | meaning                                                        |
/// |---------|------------------|----------------------------------------------------------------|
/// | 0–31    | id               | party id, never zero                                           |
/// | 32–55   | kycDay           | last civil day on which KYC is in force                        |
/// | 56–79   | qualificationDay | last civil day on which the investor qualification is in force |
/// | 80–87   | category         | see `Category`                                                 |
/// | 88–95   | kind             | 1 natural person, 2 legal person, 3 vehicle                    |
/// | 96–111  | country          | ISO 3166-1 numeric                                             |
/// | 112–127 | taxResidence     | ISO 3166-1 numeric                                             |
/// | 128–135 | riskGrade        | 1 (cautious) to 5 (aggressive), 0 not graded                   |
/// | 136–151 | flags            | bit 0: frozen by order; bit 1: use of the annual limit         |
/// |         |                  | elsewhere has been stated; bit 2: so has a tax relief          |
/// | 152–159 | closedWallets    | bit n: wallet n is closed                                      |
/// | 160–167 | walletCount      | wallets bound so far, at most 8                                |
/// | 168–183 | weight           | holders of record this party counts for when looked through    |
/// | 184–191 | account          | zero in storage; in answers the number of the account asked by |
type PartyWord is uint256;

using PartyWords for PartyWord global;

/// Categories of a party. A class admits a set of them; `UNCLASSIFIED` can never be admitted.
library Category {
    uint8 internal constant UNCLASSIFIED = 0;
    uint8 internal constant FOUNDER = 1;
    uint8 internal constant EMPLOYEE = 2;
    uint8 internal constant QUALIFIED = 3;
    uint8 internal constant INSTITUTION = 4;
    uint8 internal constant TREASURY = 5;
    uint8 internal constant LAST = 15;
}

library PartyWords {
    uint8 private constant LEGAL_PERSON = 2;
    uint256 private constant ID = 0xffffffff;
    uint256 private constant FROZEN = 1 << 136;
    uint256 private constant USES_OUTSIDE = 1 << 137;
    uint256 private constant RELIEVED = 1 << 138;
    uint256 private constant CLOSED_AT = 152;
    uint256 private constant COUNT_AT = 160;
    uint256 private constant ACCOUNT_AT = 184;
    uint256 private constant STANDING_DAYS = uint256(type(uint48).max) << 32;
    /// The fields that a KYC agent states: all but frozen flag, wallets and the answer-only account number.
    uint256 private constant STATED = ID | STANDING_DAYS | (uint256(type(uint56).max) << 80) | (uint256(0xffff) << 168);
    /// What the registry itself keeps: flags, closed wallets, wallet count.
    uint256 private constant KEPT = uint256(type(uint32).max) << 136;

    function id(PartyWord w) internal pure returns (uint32) {
        return uint32(PartyWord.unwrap(w));
    }

    function kycDay(PartyWord w) internal pure returns (uint24) {
        return uint24(PartyWord.unwrap(w) >> 32);
    }

    function qualificationDay(PartyWord w) internal pure returns (uint24) {
        return uint24(PartyWord.unwrap(w) >> 56);
    }

    function category(PartyWord w) internal pure returns (uint8) {
        return uint8(PartyWord.unwrap(w) >> 80);
    }

    function kind(PartyWord w) internal pure returns (uint8) {
        return uint8(PartyWord.unwrap(w) >> 88);
    }

    function riskGrade(PartyWord w) internal pure returns (uint8) {
        return uint8(PartyWord.unwrap(w) >> 128);
    }

    /// The annual limit binds individuals: natural persons, and vehicles, which stand for them.
    function isLimited(PartyWord w) internal pure returns (bool) {
        return w.kind() != LEGAL_PERSON && w.category() != Category.INSTITUTION && w.category() != Category.TREASURY;
    }

    function country(PartyWord w) internal pure returns (uint16) {
        return uint16(PartyWord.unwrap(w) >> 96);
    }

    function taxResidence(PartyWord w) internal pure returns (uint16) {
        return uint16(PartyWord.unwrap(w) >> 112);
    }

    /// Category and tax residence together: who has the same is taxed alike.
    function taxKey(PartyWord w) internal pure returns (uint256) {
        return (uint256(w.category()) << 16) | w.taxResidence();
    }

    function hasClosedWallet(PartyWord w) internal pure returns (bool) {
        return uint8(PartyWord.unwrap(w) >> CLOSED_AT) != 0;
    }

    function hasRelief(PartyWord w) internal pure returns (bool) {
        return PartyWord.unwrap(w) & RELIEVED != 0;
    }

    function withRelief(PartyWord w) internal pure returns (PartyWord) {
        return PartyWord.wrap(PartyWord.unwrap(w) | RELIEVED);
    }

    function isFrozen(PartyWord w) internal pure returns (bool) {
        return PartyWord.unwrap(w) & FROZEN != 0;
    }

    function usesOutside(PartyWord w) internal pure returns (bool) {
        return PartyWord.unwrap(w) & USES_OUTSIDE != 0;
    }

    function walletCount(PartyWord w) internal pure returns (uint8) {
        return uint8(PartyWord.unwrap(w) >> COUNT_AT);
    }

    function weight(PartyWord w) internal pure returns (uint16) {
        return uint16(PartyWord.unwrap(w) >> 168);
    }

    /// Number of the account that the registry was asked by: 0 to 7 a wallet, 8 the book account.
    function account(PartyWord w) internal pure returns (uint8) {
        return uint8(PartyWord.unwrap(w) >> ACCOUNT_AT);
    }

    /// A book account has number 8 and no bit: it cannot be closed.
    function isClosed(PartyWord w, uint8 number) internal pure returns (bool) {
        return (uint8(PartyWord.unwrap(w) >> CLOSED_AT) >> number) & 1 != 0;
    }

    function exists(PartyWord w) internal pure returns (bool) {
        return PartyWord.unwrap(w) & ID != 0;
    }

    /// True if a KYC agent may state this word: nothing set outside the stated fields.
    function isStatement(PartyWord w) internal pure returns (bool) {
        return PartyWord.unwrap(w) & ~STATED == 0;
    }

    /// The stated fields of `w` over what the registry keeps of `old`.
    function statedOver(PartyWord w, PartyWord old) internal pure returns (PartyWord) {
        return PartyWord.wrap((PartyWord.unwrap(w) & STATED) | (PartyWord.unwrap(old) & KEPT));
    }

    function withFrozen(PartyWord w, bool frozen) internal pure returns (PartyWord) {
        uint256 bare = PartyWord.unwrap(w) & ~FROZEN;
        return PartyWord.wrap(frozen ? bare | FROZEN : bare);
    }

    function withOutsideUse(PartyWord w) internal pure returns (PartyWord) {
        return PartyWord.wrap(PartyWord.unwrap(w) | USES_OUTSIDE);
    }

    /// KYC and qualification end at once; a day of zero is before every block.
    function withoutStanding(PartyWord w) internal pure returns (PartyWord) {
        return PartyWord.wrap(PartyWord.unwrap(w) & ~STANDING_DAYS);
    }

    function withClosed(PartyWord w, uint8 number, bool closed) internal pure returns (PartyWord) {
        uint256 bit = uint256(1) << (CLOSED_AT + number);
        uint256 bare = PartyWord.unwrap(w) & ~bit;
        return PartyWord.wrap(closed ? bare | bit : bare);
    }

    /// One more wallet. Bound: callers refuse the ninth, so the byte cannot overflow.
    function withNextWallet(PartyWord w) internal pure returns (PartyWord) {
        return PartyWord.wrap(PartyWord.unwrap(w) + (uint256(1) << COUNT_AT));
    }

    function seenBy(PartyWord w, uint8 number) internal pure returns (PartyWord) {
        return PartyWord.wrap(PartyWord.unwrap(w) | (uint256(number) << ACCOUNT_AT));
    }
}
