// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ActHeader} from "../types/Act.sol";
import {OfferingTerms} from "../types/Raise.sol";
import {EscrowTerms, RatchetTerms, TrancheTerms} from "../types/Tranche.sol";

/// Creates raises with their escrows, numbers them, and enrols both with the registry. All terms are checked here and
/// cannot be changed afterwards.
interface IOfferingFactory {
    event OfferingCreated(address offering, address escrow, uint32 number, OfferingTerms terms);

    /// The registry's PLATFORM. The draft binds nobody until the company admits it.
    function createOffering(
        ActHeader calldata header,
        OfferingTerms calldata terms,
        EscrowTerms calldata escrowTerms,
        TrancheTerms[] calldata tranches,
        RatchetTerms calldata ratchet
    ) external returns (address offering);

    function numberOf(address offering) external view returns (uint32);
    function offeringCount() external view returns (uint32);
}
