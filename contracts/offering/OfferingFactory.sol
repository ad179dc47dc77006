// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Clones} from "@openzeppelin/contracts/proxy/Clones.sol";
import {ICompany} from "../interfaces/ICompany.sol";
import {ICompanyFactory} from "../interfaces/ICompanyFactory.sol";
import {IIdentityRegistry, RegistryRole} from "../interfaces/IIdentityRegistry.sol";
import {IMilestoneEscrow} from "../interfaces/IMilestoneEscrow.sol";
import {IOffering} from "../interfaces/IOffering.sol";
import {IOfferingFactory} from "../interfaces/IOfferingFactory.sol";
import {IRegions} from "../interfaces/IRegions.sol";
import {IShareClass} from "../interfaces/IShareClass.sol";
import {Acts} from "../libraries/Acts.sol";
import {Schedules} from "../libraries/Schedules.sol";
import {ActHeader, ActKind, Basis} from "../types/Act.sol";
import {Method, OfferingTerms} from "../types/Raise.sol";
import {RegionWord} from "../types/Region.sol";
import {EscrowTerms, Miss, RatchetSource, RatchetTerms, TrancheTerms} from "../types/Tranche.sol";
import "../types/Errors.sol";

/// See `IOfferingFactory`.
contract OfferingFactory is IOfferingFactory, Acts {
    uint32 public constant MAX_COOLING_OFF = 90 days;
    /// Nothing that somebody waits for lasts longer: window, settlement, disputes, votes, extensions.
    uint32 public constant MAX_SPAN = 3_650 days;
    /// From the end of a raise's window to the deadline of a milestone.
    uint32 public constant MAX_HORIZON = 10_950 days;
    uint16 private constant WHOLE = 10_000;
    uint8 private constant MAX_QUORUM = 16;

    IIdentityRegistry public immutable identityRegistry;
    ICompanyFactory public immutable companyFactory;
    IRegions public immutable regions;
    address public immutable offeringImplementation;
    address public immutable escrowImplementation;

    uint32 public offeringCount;
    mapping(address offering => uint32) public numberOf;

    constructor(
        IIdentityRegistry registry,
        ICompanyFactory companies,
        IRegions regions_,
        address offeringImplementation_,
        address escrowImplementation_,
        uint32 utcOffset_
    ) Acts(utcOffset_) {
        identityRegistry = registry;
        companyFactory = companies;
        regions = regions_;
        offeringImplementation = offeringImplementation_;
        escrowImplementation = escrowImplementation_;
    }

    function createOffering(
        ActHeader calldata header,
        OfferingTerms calldata terms,
        EscrowTerms calldata escrowTerms,
        TrancheTerms[] calldata tranches,
        RatchetTerms calldata ratchet
    ) external returns (address offering) {
        if (identityRegistry.rolesOf(msg.sender) & RegistryRole.PLATFORM == 0) {
            revert NotAuthorised(msg.sender, RegistryRole.PLATFORM);
        }
        _checkOffering(terms);
        _checkEscrow(escrowTerms);
        for (uint256 i = 0; i < tranches.length; i++) {
            // The escrow refuses more than a few.
            _checkTranche(terms, escrowTerms, uint8(i), tranches[i]);
        }
        Schedules.check(tranches, _net(terms.minimum, terms.feeBps), _net(terms.maximum, terms.feeBps));
        if (ratchet.source != RatchetSource.NONE) _checkRatchet(ratchet, tranches.length);
        _record(header, ActKind.CREATE_OFFERING, Basis.NONE);
        return _create(terms, escrowTerms, tranches, ratchet);
    }

    function _create(
        OfferingTerms calldata terms,
        EscrowTerms calldata escrowTerms,
        TrancheTerms[] calldata tranches,
        RatchetTerms calldata ratchet
    ) private returns (address offering) {
        offering = Clones.cloneWithImmutableArgs(offeringImplementation, abi.encode(terms));
        address escrow = Clones.cloneWithImmutableArgs(
            escrowImplementation, abi.encode(offering, terms.company, terms.shareClass, terms.region)
        );
        uint32 number = ++offeringCount;
        numberOf[offering] = number;
        // First of their events in the log, so that a reader knows the emitters of what follows.
        emit OfferingCreated(offering, escrow, number, terms);
        identityRegistry.enrol(offering);
        identityRegistry.enrol(escrow);
        IOffering(offering).initialise(escrow);
        IMilestoneEscrow(escrow).initialise(escrowTerms, tranches, ratchet);
    }

    // --- terms ---

    function _checkOffering(OfferingTerms calldata t) private view {
        if (companyFactory.numberOf(t.company) == 0) revert OfferingMalformed(1);
        if (!_isClassOf(t.company, t.shareClass)) revert OfferingMalformed(2);
        if (!_isRegistered(t.feeRecipient)) revert OfferingMalformed(3);
        if (t.price == 0 || t.price > _highestPrice(t.shareClass)) revert OfferingMalformed(4);
        if (t.minimum == 0 || t.minimum % t.price != 0 || t.minimum > t.maximum) revert OfferingMalformed(5);
        if (t.maximum % t.price != 0) revert OfferingMalformed(6);
        if (t.investorMinimum > t.investorMaximum) revert OfferingMalformed(7);
        if (t.investorMaximum < t.price) revert OfferingMalformed(8);
        if (t.opensAt >= t.closesAt) revert OfferingMalformed(9);
        if (t.coolingOff > MAX_COOLING_OFF) revert OfferingMalformed(11);
        if (t.settleWithin == 0 || t.settleWithin > MAX_SPAN) revert OfferingMalformed(12);
        if (t.feeBps >= WHOLE) revert OfferingMalformed(13);
        if (t.region != ICompany(t.company).region()) revert OfferingMalformed(14);
        if (t.riskGrade > 5) revert OfferingMalformed(15);
        if (t.method == 0 || t.method > Method.PRO_RATA) revert OfferingMalformed(16);
        if (t.memorandum == 0) revert OfferingMalformed(18);
        if (t.disclosure == 0) revert OfferingMalformed(19);
        RegionWord scheme = regions.regionWord(t.region);
        uint40 clock = scheme.clockAt(block.timestamp);
        if (t.closesAt <= clock || t.closesAt > clock + MAX_SPAN) revert OfferingMalformed(10);
        // A region without a scheme has a ceiling of zero.
        if (t.maximum > scheme.raiseCeiling()) revert OfferingMalformed(6);
    }

    function _checkEscrow(EscrowTerms calldata t) private view {
        if (!_isRegistered(t.issuerAccount)) revert EscrowMalformed(1);
        if (t.arbiter == address(0)) revert EscrowMalformed(2);
        if (t.window == 0 || t.window > MAX_SPAN) revert EscrowMalformed(3);
        if (t.arbitration == 0 || t.arbitration > MAX_SPAN) revert EscrowMalformed(4);
        if (t.challengeBps == 0 || t.challengeBps > WHOLE) revert EscrowMalformed(6);
        if (t.consentBps == 0 || t.consentBps > WHOLE) revert EscrowMalformed(7);
        if (t.voting > MAX_SPAN) revert EscrowMalformed(8);
        if (t.putPayer != address(0) && !_isRegistered(t.putPayer)) revert EscrowMalformed(9);
        if (t.putRateBps > WHOLE) revert EscrowMalformed(11);
        if (t.claims == 0 || t.claims > MAX_SPAN) revert EscrowMalformed(12);
        if (!_isRegistered(t.lapseAccount)) revert EscrowMalformed(13);
    }

    function _checkTranche(
        OfferingTerms calldata offering,
        EscrowTerms calldata escrow,
        uint8 milestone,
        TrancheTerms calldata t
    ) private pure {
        if (t.value == 0) revert TrancheMalformed(milestone, 2);
        if (t.kind == 0) revert TrancheMalformed(milestone, 3);
        if (t.quorum == 0 || t.quorum > MAX_QUORUM) revert TrancheMalformed(milestone, 4);
        uint256 settled = uint256(offering.closesAt) + offering.coolingOff + offering.settleWithin;
        if (t.deadline <= settled || t.deadline > uint256(offering.closesAt) + MAX_HORIZON) {
            revert TrancheMalformed(milestone, 5);
        }
        if (t.onMiss == 0 || t.onMiss > Miss.PUT) revert TrancheMalformed(milestone, 6);
        if (t.onMiss == Miss.EXTEND && (t.extension == 0 || escrow.voting == 0)) revert TrancheMalformed(milestone, 7);
        if (t.extension > MAX_SPAN) revert TrancheMalformed(milestone, 7);
        if (t.onMiss == Miss.PUT && escrow.putPayer == address(0)) revert TrancheMalformed(milestone, 6);
        if (t.criterion == 0) revert TrancheMalformed(milestone, 8);
    }

    function _checkRatchet(RatchetTerms calldata r, uint256 count) private view {
        if (r.milestone >= count) revert RatchetMalformed(1);
        if (r.source > RatchetSource.FOUNDER) revert RatchetMalformed(2);
        if (!_isRegistered(r.founder)) revert RatchetMalformed(3);
        if (r.fallbackAccount != address(0) && !_isRegistered(r.fallbackAccount)) revert RatchetMalformed(4);
        if (r.earlyBps != 0 && r.lateBps != 0 && r.earlyBy > r.lateAfter) revert RatchetMalformed(5);
        if (r.earlyBps > WHOLE) revert RatchetMalformed(6);
        if (r.lateBps > WHOLE || (r.earlyBps == 0 && r.lateBps == 0)) revert RatchetMalformed(8);
    }

    /// [fen] What is left of a raise after the fee, which is rounded down.
    function _net(uint64 raised, uint16 feeBps) private pure returns (uint64) {
        return raised - uint64((uint256(raised) * feeBps) / WHOLE);
    }

    /// [fen] The consideration of an allotment states the price of a whole share [10^-10 CNY] in 96 bits.
    function _highestPrice(address shareClass) private view returns (uint256) {
        return type(uint96).max / 10 ** (8 + IShareClass(shareClass).classWord().decimals());
    }

    function _isRegistered(address account) private view returns (bool) {
        return identityRegistry.standingOf(account).exists();
    }

    function _isClassOf(address company, address shareClass) private view returns (bool) {
        address[] memory classes = ICompany(company).classes();
        for (uint256 i = 0; i < classes.length; i++) {
            if (classes[i] == shareClass) return true;
        }
        return false;
    }
}
