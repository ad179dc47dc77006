// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// The rules of a subscription as bits. The code of a refusal is the position of the lowest broken bit, counted from 1.
/// Numbers never change. Rule ids and texts: SPECIFICATION.md; the same table stands in registry/domain.
library SubscriptionRules {
    uint256 internal constant NOT_OPEN = 1 << 0; // SB-1
    uint256 internal constant TOO_EARLY = 1 << 1; // SB-2
    uint256 internal constant TOO_LATE = 1 << 2; // SB-3
    uint256 internal constant REGION_HALTED = 1 << 3; // SB-4
    uint256 internal constant SHARES_STOPPED = 1 << 4; // SB-5
    uint256 internal constant UNKNOWN = 1 << 5; // SB-6
    uint256 internal constant FROZEN = 1 << 6; // SB-7
    uint256 internal constant WALLET_CLOSED = 1 << 7; // SB-8
    uint256 internal constant CATEGORY = 1 << 8; // SB-9
    uint256 internal constant KYC = 1 << 9; // SB-10
    uint256 internal constant QUALIFICATION = 1 << 10; // SB-11
    uint256 internal constant RISK_GRADE = 1 << 11; // SB-12
    uint256 internal constant DISCLOSURE = 1 << 12; // SB-13
    uint256 internal constant FRACTION = 1 << 13; // SB-14
    uint256 internal constant BELOW_MINIMUM = 1 << 14; // SB-15
    uint256 internal constant ABOVE_MAXIMUM = 1 << 15; // SB-16
    uint256 internal constant INVESTOR_CEILING = 1 << 16; // SB-17
    uint256 internal constant TARGET = 1 << 17; // SB-18
    uint256 internal constant TWICE = 1 << 18; // SB-19
    uint256 internal constant TOO_MANY = 1 << 19; // SB-20
    uint256 internal constant ANNUAL_LIMIT = 1 << 20; // SB-21
    uint256 internal constant HOLDERS_CAP = 1 << 21; // SB-22
    uint256 internal constant MONEY = 1 << 22; // SB-23
    uint256 internal constant MONEY_FROZEN = 1 << 23; // SB-24
}
