// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ActHeader} from "../types/Act.sol";
import {RegionWord} from "../types/Region.sol";

/// What the regulator sets for a region: the scheme that raises keep, and halts, which stop every clock of the region
/// (windows, deadlines, interest) while they last. KYC days go on.
interface IRegions {
    event SchemeSet(uint16 region, uint16 version, uint64 raiseCeiling, uint64 investorCeiling);
    event RegionHalted(uint16 region, bool halted);

    /// REGULATOR. The document is the certified set of parameters.
    function setScheme(
        ActHeader calldata header,
        uint16 region,
        uint16 version,
        uint64 raiseCeiling,
        uint64 investorCeiling
    ) external;
    /// REGULATOR.
    function setHalted(ActHeader calldata header, uint16 region, bool halted) external;

    function regionWord(uint16 region) external view returns (RegionWord);
    /// [s] Block time less all halts of the region.
    function clock(uint16 region) external view returns (uint40);
}
