// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ActHeader, ClassTerms, CompanyTerms, RoleGrant} from "../types/Act.sol";

/// Creates companies and numbers them. A company is one of this registry if and only if its number here is not zero.
interface ICompanyFactory {
    event CompanyCreated(
        address company, uint32 number, string name, uint8 form, uint16 region, uint16 cap, address predecessor
    );

    /// The registry's PLATFORM. The creator holds nothing of the company unless `grants` says so.
    function createCompany(
        ActHeader calldata header,
        CompanyTerms calldata terms,
        ClassTerms[] calldata classes,
        RoleGrant[] calldata grants
    ) external returns (address company);

    function numberOf(address company) external view returns (uint32);
    function companyCount() external view returns (uint32);
}
