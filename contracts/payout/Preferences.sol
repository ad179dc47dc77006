// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ICompany, CompanyRole} from "../interfaces/ICompany.sol";
import {ICompanyFactory} from "../interfaces/ICompanyFactory.sol";
import {IIdentityRegistry, RegistryRole} from "../interfaces/IIdentityRegistry.sol";
import {IPreferences} from "../interfaces/IPreferences.sol";
import {IShareClass} from "../interfaces/IShareClass.sol";
import {Acts} from "../libraries/Acts.sol";
import {ActHeader, ActKind, Basis} from "../types/Act.sol";
import {Phase} from "../types/Charter.sol";
import {Preference} from "../types/Distribution.sol";
import "../types/Errors.sol";

/// See `IPreferences`.
contract Preferences is IPreferences, Acts {
    uint256 private constant YEAR_IN_DAYS = 365;

    IIdentityRegistry public immutable identityRegistry;
    ICompanyFactory public immutable companyFactory;

    mapping(address shareClass => Preference) private _preferences;
    mapping(address company => address[]) private _preferred;

    constructor(IIdentityRegistry registry, ICompanyFactory companies, uint32 utcOffset_) Acts(utcOffset_) {
        identityRegistry = registry;
        companyFactory = companies;
    }

    modifier onlyDistributions() {
        if (identityRegistry.rolesOf(msg.sender) & RegistryRole.OFFERINGS == 0) {
            revert NotAuthorised(msg.sender, RegistryRole.OFFERINGS);
        }
        _;
    }

    // --- acts ---

    function setPreference(ActHeader calldata header, address shareClass, uint8 rank, uint72 perYear, uint24 fromDay)
        external
    {
        address company = companyOf(shareClass);
        if (ICompany(company).rolesOf(msg.sender) & CompanyRole.ADMIN == 0) {
            revert NotAuthorised(msg.sender, CompanyRole.ADMIN);
        }
        if (rank == 0) revert PreferenceMalformed(1);
        if (perYear == 0) revert PreferenceMalformed(2);
        if (fromDay == 0 || fromDay > _today()) revert PreferenceMalformed(3);
        if (_preferences[shareClass].rank != 0) revert PreferenceStands(shareClass);
        _record(header, ActKind.PREFERENCE, Basis.NONE);
        _preferences[shareClass] = Preference(perYear, fromDay, rank, 0);
        _preferred[company].push(shareClass);
        emit PreferenceSet(shareClass, rank, perYear, fromDay);
    }

    // --- dividends only ---

    function claim(address shareClass, address admin, uint24 day, uint72 rate)
        external
        onlyDistributions
        returns (address company, uint72 counted)
    {
        company = companyOf(shareClass);
        if (ICompany(company).requireActor(admin, CompanyRole.ADMIN)) revert PhaseForbids(Phase.MIGRATING);
        Preference memory own = _preferences[shareClass];
        address[] storage preferred = _preferred[company];
        for (uint256 i = 0; i < preferred.length; i++) {
            address other = preferred[i];
            Preference memory p = _preferences[other];
            if (own.rank != 0 && p.rank >= own.rank) continue;
            uint72 open = _arrears(p, day);
            if (open != 0) revert ArrearsFirst(other, open);
        }
        if (own.rank == 0) return (company, 0);
        // A class that counts for each share states its dividend for each share.
        if (rate == 0) revert DistributionMalformed(6);
        uint72 arrears = _arrears(own, day);
        counted = rate < arrears ? rate : arrears;
        _count(shareClass, own.declared + counted);
    }

    function release(address shareClass, uint72 counted) external onlyDistributions {
        _count(shareClass, _preferences[shareClass].declared - counted);
    }

    // --- reads ---

    function companyOf(address shareClass) public view returns (address company) {
        if (shareClass.code.length != 0) company = IShareClass(shareClass).company();
        if (companyFactory.numberOf(company) == 0 || !ICompany(company).isClass(shareClass)) {
            revert ClassUnknown(shareClass);
        }
    }

    function preferenceOf(address shareClass) external view returns (Preference memory) {
        return _preferences[shareClass];
    }

    function arrearsOf(address shareClass, uint24 day) external view returns (uint72) {
        return _arrears(_preferences[shareClass], day);
    }

    // --- internal ---

    function _count(address shareClass, uint72 declared) private {
        _preferences[shareClass].declared = declared;
        emit PreferenceDeclared(shareClass, declared);
    }

    /// Simple, a year of 365 days, rounded down.
    function _arrears(Preference memory p, uint24 day) private pure returns (uint72) {
        if (p.rank == 0 || day < p.fromDay) return 0;
        uint256 accrued = (uint256(p.perYear) * (day - p.fromDay)) / YEAR_IN_DAYS;
        if (accrued <= p.declared) return 0;
        // A rate so high that it passes 72 bits stays what it is: nobody can declare it.
        return accrued - p.declared > type(uint72).max ? type(uint72).max : uint72(accrued - p.declared);
    }
}
