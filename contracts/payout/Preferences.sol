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
    /// Dividends of a company since it has preferences, in their order.
    mapping(address company => Claim[]) private _claims;

    /// @param day Of its record date. @param rank Of the class when it was declared, 0 for none.
    struct Claim {
        uint32 id;
        uint24 day;
        uint8 rank;
        bool isCancelled;
    }

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

    function claim(uint32 id, address shareClass, address admin, uint16 epoch, uint72 rate)
        external
        onlyDistributions
        returns (address company, uint40 recordTime, uint72 counted)
    {
        company = companyOf(shareClass);
        recordTime = _recordTime(shareClass, epoch);
        uint24 day = uint24((uint256(recordTime) + utcOffset) / 1 days);
        Preference memory own = _requireDeclarable(company, shareClass, admin, day, rate);
        if (_preferred[company].length != 0) _claims[company].push(Claim(id, day, own.rank, false));
        if (own.rank == 0) return (company, recordTime, 0);
        uint72 arrears = _arrears(own, day);
        counted = rate < arrears ? rate : arrears;
        _count(shareClass, own.declared + counted);
    }

    function cancel(uint32 id, address shareClass, uint72 counted, bool isVoid) external onlyDistributions {
        Preference memory p = _preferences[shareClass];
        p.declared -= counted;
        Claim[] storage claims = _claims[IShareClass(shareClass).company()];
        for (uint256 i = claims.length; i != 0 && claims[i - 1].id >= id; i--) {
            Claim storage c = claims[i - 1];
            if (c.id == id) c.isCancelled = true;
            else if (isVoid || counted == 0 || c.isCancelled || (c.rank != 0 && c.rank <= p.rank)) continue;
            else if (_arrears(p, c.day) != 0) revert DividendRests(c.id);
        }
        if (counted != 0) _count(shareClass, p.declared);
    }

    function release(address shareClass, uint72 counted) external onlyDistributions {
        _count(shareClass, _preferences[shareClass].declared - counted);
    }

    // --- reads ---

    function companyOf(address shareClass) public view returns (address company) {
        // Whatever stands there may answer with anything, or not at all.
        (bool isAnswered, bytes memory answer) = shareClass.staticcall(abi.encodeCall(IShareClass.company, ()));
        if (isAnswered && answer.length == 32) company = address(uint160(uint256(bytes32(answer))));
        if (companyFactory.numberOf(company) == 0 || !ICompany(company).isClass(shareClass)) {
            revert ClassUnknown(shareClass);
        }
    }

    function requireDeclarable(address shareClass, address admin, uint24 day, uint72 rate) external view {
        _requireDeclarable(companyOf(shareClass), shareClass, admin, day, rate);
    }

    function preferenceOf(address shareClass) external view returns (Preference memory) {
        return _preferences[shareClass];
    }

    function arrearsOf(address shareClass, uint24 day) external view returns (uint72) {
        return _arrears(_preferences[shareClass], day);
    }

    // --- internal ---

    function _requireDeclarable(address company, address shareClass, address admin, uint24 day, uint72 rate)
        private
        view
        returns (Preference memory own)
    {
        ICompany(company).requireActor(admin, CompanyRole.ADMIN);
        _requireOpen(company);
        own = _preferences[shareClass];
        address[] storage preferred = _preferred[company];
        for (uint256 i = 0; i < preferred.length; i++) {
            address other = preferred[i];
            Preference memory p = _preferences[other];
            if (own.rank != 0 && p.rank >= own.rank) continue;
            uint72 open = _arrears(p, day);
            if (open != 0) revert ArrearsFirst(other, open);
        }
        // A class that counts for each share states its dividend for each share.
        if (own.rank != 0 && rate == 0) revert DistributionMalformed(6);
    }

    function _requireOpen(address company) private view {
        uint8 phase = ICompany(company).charter().phase();
        if (phase != Phase.OPEN) revert PhaseForbids(phase);
    }

    /// [unix s] Not passed yet.
    function _recordTime(address shareClass, uint16 epoch) private view returns (uint40 time) {
        uint40[] memory times = IShareClass(shareClass).recordTimes();
        if (epoch == 0 || epoch > times.length) revert DistributionMalformed(2);
        time = times[epoch - 1];
        if (time < block.timestamp) revert DistributionMalformed(2);
    }

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
