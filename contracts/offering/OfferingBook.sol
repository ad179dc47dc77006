// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Clones} from "@openzeppelin/contracts/proxy/Clones.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {ICompany} from "../interfaces/ICompany.sol";
import {IIdentityRegistry} from "../interfaces/IIdentityRegistry.sol";
import {IMilestoneEscrow} from "../interfaces/IMilestoneEscrow.sol";
import {IOffering} from "../interfaces/IOffering.sol";
import {IRegions} from "../interfaces/IRegions.sol";
import {ISettlementToken} from "../interfaces/ISettlementToken.sol";
import {IShareClass} from "../interfaces/IShareClass.sol";
import {Acts} from "../libraries/Acts.sol";
import {Civil} from "../libraries/Civil.sol";
import {Rules} from "../libraries/Rules.sol";
import {SubscriptionRules} from "../libraries/SubscriptionRules.sol";
import {ActHeader} from "../types/Act.sol";
import {ClassWord} from "../types/ClassWord.sol";
import {Cash} from "../types/Money.sol";
import {Category, PartyWord} from "../types/PartyWord.sol";
import {Method, OfferingPhase, OfferingTerms, Totals} from "../types/Raise.sol";
import {RegionWord} from "../types/Region.sol";
import {Subscription, SubscriptionStatus} from "../types/Subscription.sol";
import "../types/Errors.sol";

/// The book of one raise: its storage, its terms, and the one check of a subscription.
abstract contract OfferingBook is IOffering, Acts {
    /// Bound of every loop over all subscribers.
    uint16 public constant MAX_SUBSCRIBERS = 1_000;

    IIdentityRegistry public immutable identityRegistry;
    ISettlementToken public immutable token;
    IRegions public immutable regions;

    Totals internal _totals;
    mapping(uint32 party => Subscription) internal _subscriptions;
    address public escrow;
    /// See `Cut`: smallest key that gets a share more; 0 where nothing had to be cut.
    uint256 internal _cut;
    /// [fen] What was asked for in all, where it had to be cut.
    uint64 internal _asked;
    /// Acts of this raise on its class, counted, so that each has an operation id of its own.
    uint256 private _actCount;

    constructor(IIdentityRegistry registry, ISettlementToken token_, IRegions regions_) {
        identityRegistry = registry;
        token = token_;
        regions = regions_;
    }

    // --- terms ---

    /// Immutable arguments of the clone.
    function terms() public view returns (OfferingTerms memory) {
        return abi.decode(Clones.fetchCloneArgs(address(this)), (OfferingTerms));
    }

    function company() external view returns (address) {
        return terms().company;
    }

    function isBinding() external view returns (bool) {
        uint8 phase = _totals.phase();
        // A lot that is parked was bought in the shares of today.
        if (phase == OfferingPhase.SETTLED) return _totals.parked() != 0 || IMilestoneEscrow(escrow).isOwing();
        return phase == OfferingPhase.OPEN || phase == OfferingPhase.CLOSING;
    }

    function totals() external view returns (Totals) {
        return _totals;
    }

    function subscription(uint32 party) external view returns (Subscription) {
        return _subscriptions[party];
    }

    function subscriptionsOf(uint32[] calldata parties) external view returns (Subscription[] memory all) {
        all = new Subscription[](parties.length);
        for (uint256 i = 0; i < parties.length; i++) {
            all[i] = _subscriptions[parties[i]];
        }
    }

    // --- the check ---

    function brokenRules(address account, uint64 amount, bytes32 disclosure) external view returns (uint256 broken) {
        OfferingTerms memory t = terms();
        PartyWord w = identityRegistry.standingOf(account);
        RegionWord region = regions.regionWord(t.region);
        broken = _broken(t, region, w, amount, disclosure) | _brokenByMoney(account, amount);
        if (!w.exists()) return broken;
        if (!identityRegistry.fitsAnnualLimit(w.id(), _year(), amount)) broken |= SubscriptionRules.ANNUAL_LIMIT;
        if (!ICompany(t.company).fits(0, w.id(), w.weight())) broken |= SubscriptionRules.HOLDERS_CAP;
    }

    /// All rules but annual limit, seat and money, which the execution itself answers.
    function _broken(OfferingTerms memory t, RegionWord region, PartyWord w, uint64 amount, bytes32 disclosure)
        internal
        view
        returns (uint256)
    {
        return _brokenByTime(t, region) | _brokenByParty(t, w) | _brokenByAmount(t, region, w, amount)
            | (disclosure == 0 ? SubscriptionRules.DISCLOSURE : 0);
    }

    function _brokenByTime(OfferingTerms memory t, RegionWord region) private view returns (uint256 broken) {
        uint40 clock = region.clockAt(block.timestamp);
        if (_totals.phase() != OfferingPhase.OPEN) broken |= SubscriptionRules.NOT_OPEN;
        if (clock < t.opensAt) broken |= SubscriptionRules.TOO_EARLY;
        if (clock > t.closesAt) broken |= SubscriptionRules.TOO_LATE;
        if (region.isHalted()) broken |= SubscriptionRules.REGION_HALTED;
    }

    function _brokenByParty(OfferingTerms memory t, PartyWord w) private view returns (uint256 broken) {
        ClassWord c = IShareClass(t.shareClass).classWord();
        if (c.stops() != 0) broken |= SubscriptionRules.SHARES_STOPPED;
        if (!w.exists()) return broken | SubscriptionRules.UNKNOWN;
        uint24 today = _today();
        uint8 category = w.category();
        if (w.isFrozen()) broken |= SubscriptionRules.FROZEN;
        if (w.isClosed(w.account())) broken |= SubscriptionRules.WALLET_CLOSED;
        if (!c.admits(category)) broken |= SubscriptionRules.CATEGORY;
        if (today > w.kycDay()) broken |= SubscriptionRules.KYC;
        if (category == Category.QUALIFIED && today > w.qualificationDay()) broken |= SubscriptionRules.QUALIFICATION;
        if (w.riskGrade() < t.riskGrade) broken |= SubscriptionRules.RISK_GRADE;
    }

    function _brokenByAmount(OfferingTerms memory t, RegionWord region, PartyWord w, uint64 amount)
        private
        view
        returns (uint256 broken)
    {
        Totals totals_ = _totals;
        if (amount % t.price != 0) broken |= SubscriptionRules.FRACTION;
        if (amount < t.investorMinimum || amount == 0) broken |= SubscriptionRules.BELOW_MINIMUM;
        if (amount > t.investorMaximum) broken |= SubscriptionRules.ABOVE_MAXIMUM;
        uint64 ceiling = region.investorCeiling();
        if (ceiling != 0 && amount > ceiling) broken |= SubscriptionRules.INVESTOR_CEILING;
        if (t.method == Method.FIRST_COME && uint256(totals_.live()) + amount > t.maximum) {
            broken |= SubscriptionRules.TARGET;
        }
        if (_subscriptions[w.id()].status() != SubscriptionStatus.NONE) broken |= SubscriptionRules.TWICE;
        if (totals_.subscribers() == MAX_SUBSCRIBERS) broken |= SubscriptionRules.TOO_MANY;
    }

    function _brokenByMoney(address account, uint64 amount) private view returns (uint256 broken) {
        Cash c = token.cash(account);
        if (c.balance() < amount) broken |= SubscriptionRules.MONEY;
        if (c.isFrozen() || token.isStopped()) broken |= SubscriptionRules.MONEY_FROZEN;
    }

    function _refuse(uint256 broken, address account, uint64 amount) internal pure {
        if (broken != 0) revert SubscriptionRefused(Rules.codeOf(broken), broken, account, amount);
    }

    // --- what all parts share ---

    /// The live subscription that was paid from this account.
    function _paidFrom(address account) internal view returns (PartyWord w, Subscription s) {
        w = identityRegistry.standingOf(account);
        s = _subscriptions[w.id()];
        if (s.status() == SubscriptionStatus.NONE || s.account() != w.account()) revert SubscriptionUnknown(account);
    }

    /// Where what belongs to an account goes now: its party's book account once the wallet is closed.
    function _destination(PartyWord w, address account) internal view returns (address) {
        return w.isClosed(w.account()) ? identityRegistry.bookAccount(w.id()) : account;
    }

    function _requirePhase(uint8 phase) internal view {
        uint8 current = _totals.phase();
        if (current != phase) revert OfferingPhaseForbids(current);
    }

    function _enter(uint8 phase) internal {
        _totals = _totals.withPhase(phase);
        emit OfferingPhaseChanged(phase);
    }

    function _clock(uint16 region) internal view returns (uint40) {
        return regions.clock(region);
    }

    function _year() internal view returns (uint16) {
        return Civil.yearOf(_today());
    }

    /// Heads an act of this raise on its class. Whoever pushes is part of the id, so that the company cannot use it up
    /// beforehand: anybody may push, from an account that it does not know of.
    function _header(bytes32 document) internal returns (ActHeader memory) {
        bytes32 operation = keccak256(abi.encode(address(this), ++_actCount, block.number, tx.origin));
        return ActHeader(operation, int32(uint32(_today())), document);
    }

    function _pay(address to, uint64 amount) internal {
        // The settlement token reverts, it never answers false.
        if (amount != 0) IERC20(address(token)).transfer(to, amount);
    }
}
