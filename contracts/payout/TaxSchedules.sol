// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IIdentityRegistry, RegistryRole} from "../interfaces/IIdentityRegistry.sol";
import {ITaxSchedules} from "../interfaces/ITaxSchedules.sol";
import {Acts} from "../libraries/Acts.sol";
import {ActHeader, ActKind, Basis} from "../types/Act.sol";
import {TaxRule} from "../types/Distribution.sol";
import "../types/Errors.sol";

/// See `ITaxSchedules`.
contract TaxSchedules is ITaxSchedules, Acts {
    uint256 public constant MAX_RULES = 64;
    uint16 private constant WHOLE = 10_000;

    IIdentityRegistry public immutable identityRegistry;

    uint32 public scheduleCount;
    mapping(uint32 schedule => address) public taxAccountOf;
    /// Basis points + 1.
    mapping(uint32 schedule => mapping(uint256 categoryAndResidence => uint16)) private _rates;

    constructor(IIdentityRegistry registry, uint32 utcOffset_) Acts(utcOffset_) {
        identityRegistry = registry;
    }

    function createSchedule(ActHeader calldata header, address taxAccount, TaxRule[] calldata rules)
        external
        returns (uint32 schedule)
    {
        if (identityRegistry.rolesOf(msg.sender) & RegistryRole.PLATFORM == 0) {
            revert NotAuthorised(msg.sender, RegistryRole.PLATFORM);
        }
        if (!identityRegistry.standingOf(taxAccount).exists()) revert AccountUnknown(taxAccount);
        if (rules.length > MAX_RULES) revert TooManyEntries(rules.length, MAX_RULES);
        _record(header, ActKind.TAX_SCHEDULE, Basis.NONE);
        schedule = ++scheduleCount;
        taxAccountOf[schedule] = taxAccount;
        for (uint256 i = 0; i < rules.length; i++) {
            TaxRule calldata rule = rules[i];
            if (rule.bps > WHOLE) revert TaxAboveWhole(rule.bps);
            uint256 key = _key(rule.category, rule.residence);
            bool isForOthers = rule.category == 0 && rule.residence != 0;
            if (isForOthers || _rates[schedule][key] != 0) revert ScheduleMalformed(i);
            _rates[schedule][key] = rule.bps + 1;
        }
        // For everybody else, so that nobody is left whose rate is unknown.
        if (_rates[schedule][0] == 0) revert ScheduleMalformed(rules.length);
        emit ScheduleCreated(schedule, taxAccount, rules);
    }

    function rateOf(uint32 schedule, uint8 category, uint16 residence) public view returns (uint16) {
        uint16 known = _rates[schedule][_key(category, residence)];
        if (known == 0) known = _rates[schedule][_key(category, 0)];
        if (known == 0) known = _rates[schedule][0];
        if (known == 0) revert ScheduleUnknown(schedule);
        return known - 1;
    }

    function _key(uint8 category, uint16 residence) private pure returns (uint256) {
        return (uint256(category) << 16) | residence;
    }
}
