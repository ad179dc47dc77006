// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IIdentityRegistry, RegistryRole} from "../interfaces/IIdentityRegistry.sol";
import {IRegions} from "../interfaces/IRegions.sol";
import {Acts} from "../libraries/Acts.sol";
import {ActHeader, ActKind, Basis} from "../types/Act.sol";
import {RegionWord} from "../types/Region.sol";
import {HaltUnchanged, NotAuthorised, SchemeMalformed} from "../types/Errors.sol";

/// See `IRegions`.
contract Regions is IRegions, Acts {
    IIdentityRegistry public immutable identityRegistry;

    mapping(uint16 region => RegionWord) public regionWord;

    constructor(IIdentityRegistry registry, uint32 utcOffset_) Acts(utcOffset_) {
        identityRegistry = registry;
    }

    modifier onlyRegulator() {
        if (identityRegistry.rolesOf(msg.sender) & RegistryRole.REGULATOR == 0) {
            revert NotAuthorised(msg.sender, RegistryRole.REGULATOR);
        }
        _;
    }

    function setScheme(
        ActHeader calldata header,
        uint16 region,
        uint16 version,
        uint64 raiseCeiling,
        uint64 investorCeiling
    ) external onlyRegulator {
        if (region == 0 || version == 0) revert SchemeMalformed(region, version);
        _record(header, ActKind.SCHEME, Basis.NONE);
        regionWord[region] = regionWord[region].withScheme(version, raiseCeiling, investorCeiling);
        emit SchemeSet(region, version, raiseCeiling, investorCeiling);
    }

    function setHalted(ActHeader calldata header, uint16 region, bool halted) external onlyRegulator {
        RegionWord w = regionWord[region];
        if (w.isHalted() == halted) revert HaltUnchanged(region, halted);
        _record(header, ActKind.HALT, Basis.NONE);
        uint40 time = uint40(block.timestamp);
        regionWord[region] = halted ? w.haltedFrom(time) : w.resumedAt(time);
        emit RegionHalted(region, halted);
    }

    function clock(uint16 region) external view returns (uint40) {
        return regionWord[region].clockAt(block.timestamp);
    }
}
