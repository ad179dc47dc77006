// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Clones} from "@openzeppelin/contracts/proxy/Clones.sol";
import {ICompany} from "./interfaces/ICompany.sol";
import {ICompanyFactory} from "./interfaces/ICompanyFactory.sol";
import {IIdentityRegistry, RegistryRole} from "./interfaces/IIdentityRegistry.sol";
import {Acts} from "./libraries/Acts.sol";
import {ActHeader, ActKind, Basis, ClassTerms, CompanyTerms, RoleGrant} from "./types/Act.sol";
import {NotAuthorised} from "./types/Errors.sol";

/// See `ICompanyFactory`.
contract CompanyFactory is ICompanyFactory, Acts {
    IIdentityRegistry public immutable identityRegistry;
    address public immutable companyImplementation;

    uint32 public companyCount;
    mapping(address company => uint32) public numberOf;

    constructor(IIdentityRegistry registry, address companyImplementation_, uint32 utcOffset_) Acts(utcOffset_) {
        identityRegistry = registry;
        companyImplementation = companyImplementation_;
    }

    function createCompany(
        ActHeader calldata header,
        CompanyTerms calldata terms,
        ClassTerms[] calldata classes,
        RoleGrant[] calldata grants
    ) external returns (address company) {
        if (identityRegistry.rolesOf(msg.sender) & RegistryRole.PLATFORM == 0) {
            revert NotAuthorised(msg.sender, RegistryRole.PLATFORM);
        }
        _record(header, ActKind.CREATE_COMPANY, Basis.NONE);
        company = Clones.cloneWithImmutableArgs(companyImplementation, bytes(terms.name));
        uint32 number = ++companyCount;
        numberOf[company] = number;
        // First of the company's events in the log, so that a reader knows the emitter of what follows.
        emit CompanyCreated(
            company, number, terms.name, terms.form, terms.region, terms.cap, terms.predecessor
        );
        ICompany(company).initialise(terms, classes, grants);
    }
}
