// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// What an agent did. The numbers are part of the event format and never change.
enum ActKind {
    NONE,
    // shares
    ISSUE,
    TRANSFER,
    CANCEL,
    REPURCHASE,
    RETRACTION,
    REISSUANCE,
    CONVERSION,
    SPLIT,
    LOCK,
    AUTHORISE,
    ADMIT,
    RECORD_DATE,
    // company
    CREATE_COMPANY,
    CREATE_CLASS,
    ROLES,
    OFFER_ADMIN,
    DOCUMENT,
    STOP_CLASS,
    STOP_COMPANY,
    STOP_BY_REGULATOR,
    WEIGHT,
    CAP,
    OPEN,
    ABANDON,
    SUCCEED,
    // identity
    ONBOARD,
    STANDING,
    REVOKE,
    FREEZE,
    BIND_WALLET,
    CLOSE_WALLET,
    TRUST_PROVIDER,
    REVOKE_PROVIDER,
    ANNUAL_LIMIT,
    OUTSIDE_USE,
    // money
    MINT,
    BURN,
    STOP_MONEY,
    FREEZE_MONEY,
    // regions
    SCHEME,
    HALT,
    // raises
    CREATE_OFFERING,
    ADMIT_OFFERING,
    OPEN_OFFERING,
    CANCEL_OFFERING,
    STOP_OFFERING,
    SUBSCRIBE,
    WITHDRAW,
    ALLOTMENT,
    REDEMPTION,
    EXERCISE_PUT,
    PUT_DELIVERY,
    RATCHET,
    VOTE,
    // attestation
    APPOINT,
    ROTATE_KEY,
    DISMISS,
    CHALLENGE,
    RULING,
    // dividends
    ADMIT_PAYOUTS,
    TAX_SCHEDULE,
    TAX_RELIEF,
    PREFERENCE,
    DECLARE,
    CANCEL_DISTRIBUTION,
    CHOOSE_SCRIP,
    SCRIP
}

/// On what ground shares move. Which rule applies to which basis: `Rules.applying`.
enum Basis {
    NONE,
    AGREEMENT,
    ALLOTMENT,
    LAW,
    MIGRATION,
    OWN_ACCOUNT,
    // What a subscriber agreed to when it subscribed: eligibility was judged then, room and seat were kept since.
    SUBSCRIPTION
}

/// Heads every act of an agent.
/// @param operation Id chosen by the client, never zero; a contract carries an id out once.
/// @param effectiveOn Legal effective date [civil days since 1970-01-01], never after the block's day.
/// @param document Hash of the document the act rests on, never zero.
struct ActHeader {
    bytes32 operation;
    int32 effectiveOn;
    bytes32 document;
}

/// What was given for shares.
/// @param kind 0 none stated, 1 cash, 2 services, 3 intellectual property, 4 conversion.
/// @param currency ISO 4217 numeric, 0 none.
/// @param price For one whole share [10^-10 of the currency unit], so that no decimal of a source is rounded.
struct Consideration {
    uint8 kind;
    uint16 currency;
    uint96 price;
}

/// One line of an act.
/// @param account Wallet or book account.
/// @param shares [shares × 10^decimals]
/// @param lockDay Last civil day of a lock-up that comes with the shares, 0 none.
/// @param ref Certificate number: UTF-8 padded with zeros up to 31 bytes, else its keccak256.
struct Entry {
    address account;
    uint64 shares;
    uint24 lockDay;
    bytes32 ref;
}

/// Terms of a new class. `categories`: bit n admits category n; bit 0 must be clear.
struct ClassTerms {
    string name;
    string symbol;
    uint64 authorised;
    uint8 decimals;
    uint16 categories;
}

/// Terms of a new company. `predecessor` is zero unless it takes over another registry's register.
struct CompanyTerms {
    string name;
    uint8 form;
    uint16 region;
    uint16 cap;
    address predecessor;
}

struct RoleGrant {
    address account;
    uint256 roles;
}
