// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ActHeader} from "../types/Act.sol";
import {TaxRule} from "../types/Distribution.sol";

/// What is withheld from whom. A schedule never changes, so that no order of payments changes an amount; another rate is
/// another schedule. What a certificate says for one holder stands in the identity registry and goes before.
interface ITaxSchedules {
    event ScheduleCreated(uint32 schedule, address taxAccount, TaxRule[] rules);

    /// PLATFORM, the withholding agent; the document is the law or treaty. One rule is for everybody else.
    function createSchedule(ActHeader calldata header, address taxAccount, TaxRule[] calldata rules)
        external
        returns (uint32 schedule);

    function scheduleCount() external view returns (uint32);
    /// Where what is withheld goes; zero for a schedule that does not exist.
    function taxAccountOf(uint32 schedule) external view returns (address);
    /// [basis points] For a category and a tax residence, else the category's for every other residence, else for everybody
    /// else.
    function rateOf(uint32 schedule, uint8 category, uint16 residence) external view returns (uint16);
}
