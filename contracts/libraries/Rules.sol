// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Basis} from "../types/Act.sol";

/// The rules of a move as bits. The code of a refusal (ERC-1404) is the position of the lowest broken bit, counted
/// from 1; 0 means allowed. Numbers never change. Rule ids and texts: SPECIFICATION.md and `ReasonTexts`.
library Rules {
    uint256 internal constant REGULATOR_STOP = 1 << 0; // ST-1
    uint256 internal constant COMPANY_STOP = 1 << 1; // ST-2
    uint256 internal constant CLASS_STOP = 1 << 2; // ST-3
    uint256 internal constant NOT_OPEN = 1 << 3; // ST-4
    uint256 internal constant CLOSED = 1 << 4; // ST-5
    uint256 internal constant SENDER_UNKNOWN = 1 << 5; // ID-1
    uint256 internal constant RECEIVER_UNKNOWN = 1 << 6; // ID-2
    uint256 internal constant SENDER_FROZEN = 1 << 7; // FR-1
    uint256 internal constant RECEIVER_FROZEN = 1 << 8; // FR-2
    uint256 internal constant SENDER_WALLET_CLOSED = 1 << 9; // WA-1
    uint256 internal constant RECEIVER_WALLET_CLOSED = 1 << 10; // WA-2
    uint256 internal constant CATEGORY = 1 << 11; // EL-1
    uint256 internal constant KYC = 1 << 12; // EL-2
    uint256 internal constant QUALIFICATION = 1 << 13; // EL-3
    uint256 internal constant LOCKED = 1 << 14; // LK-1
    uint256 internal constant BALANCE = 1 << 15; // BA-1
    uint256 internal constant ENCUMBERED = 1 << 16; // BA-2
    uint256 internal constant HOLDERS_CAP = 1 << 17; // HC-1
    uint256 internal constant AUTHORISED = 1 << 18; // AU-1

    uint256 private constant STOPS = REGULATOR_STOP | COMPANY_STOP | CLASS_STOP | NOT_OPEN | CLOSED;
    uint256 private constant KNOWN = SENDER_UNKNOWN | RECEIVER_UNKNOWN;
    uint256 private constant ACCOUNTS = SENDER_FROZEN | RECEIVER_FROZEN | SENDER_WALLET_CLOSED | RECEIVER_WALLET_CLOSED;
    uint256 private constant RECEIVING = CATEGORY | KYC | QUALIFICATION | HOLDERS_CAP;
    uint256 private constant FULL = STOPS | KNOWN | ACCOUNTS | RECEIVING | LOCKED | BALANCE | ENCUMBERED | AUTHORISED;
    uint256 private constant BY_LAW = CLOSED | KNOWN | BALANCE | AUTHORISED;
    uint256 private constant IN_MIGRATION = (STOPS & ~NOT_OPEN) | KNOWN | BALANCE | AUTHORISED;
    // A company that stops or closes its register cannot keep its subscribers from what they agreed on.
    uint256 private constant SUBSCRIBED =
        REGULATOR_STOP | KNOWN | SENDER_FROZEN | RECEIVER_FROZEN | BALANCE | ENCUMBERED | AUTHORISED;
    uint256 private constant OWN = STOPS | KNOWN | ACCOUNTS | BALANCE | ENCUMBERED;

    /// The basis × rule table: which broken rules refuse a move on this basis.
    function applying(Basis basis) internal pure returns (uint256) {
        if (basis == Basis.AGREEMENT || basis == Basis.ALLOTMENT) return FULL;
        if (basis == Basis.OWN_ACCOUNT) return OWN;
        if (basis == Basis.SUBSCRIPTION) return SUBSCRIBED;
        if (basis == Basis.MIGRATION) return IN_MIGRATION;
        return BY_LAW;
    }

    /// Lowest broken rule, counted from 1; 0 if none is broken.
    function codeOf(uint256 broken) internal pure returns (uint8 code) {
        if (broken == 0) return 0;
        for (code = 1; broken & 1 == 0; code++) {
            broken >>= 1;
        }
    }
}
