// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {CompanyRole, ICompany} from "../interfaces/ICompany.sol";
import {IIdentityRegistry, RegistryRole} from "../interfaces/IIdentityRegistry.sol";
import {IMilestoneEscrow} from "../interfaces/IMilestoneEscrow.sol";
import {IRegions} from "../interfaces/IRegions.sol";
import {ISettlementToken} from "../interfaces/ISettlementToken.sol";
import {IShareClass} from "../interfaces/IShareClass.sol";
import {Acts} from "../libraries/Acts.sol";
import {Cut} from "../libraries/Cut.sol";
import {SubscriptionRules} from "../libraries/SubscriptionRules.sol";
import {ActHeader, ActKind, Basis} from "../types/Act.sol";
import {BOOK} from "../types/Holding.sol";
import {PartyWord} from "../types/PartyWord.sol";
import {OfferingPhase, OfferingTerms, Totals} from "../types/Raise.sol";
import {RegionWord} from "../types/Region.sol";
import {Subscription, Subscriptions, SubscriptionStatus} from "../types/Subscription.sol";
import {OfferingBook} from "./OfferingBook.sol";
import {OfferingLots} from "./OfferingLots.sol";
import "../types/Errors.sol";

/// See `IOffering`. Cloned by the factory; the terms are immutable arguments of the clone. Book and check stand in
/// `OfferingBook`, allotment and lots in `OfferingLots`; here are its life and its subscribers.
contract Offering is OfferingLots {
    constructor(IIdentityRegistry registry, ISettlementToken token_, IRegions regions_, uint32 utcOffset_)
        Acts(utcOffset_)
        OfferingBook(registry, token_, regions_)
    {
        // The implementation itself is never a raise.
        escrow = address(this);
    }

    function initialise(address escrow_) external {
        if (escrow != address(0)) revert AlreadyInitialised();
        escrow = escrow_;
        _enter(OfferingPhase.DRAFT);
    }

    // --- life ---

    function open(ActHeader calldata header) external {
        _requireRole(RegistryRole.PLATFORM);
        _requirePhase(OfferingPhase.DRAFT);
        OfferingTerms memory t = terms();
        uint40 clock = _clock(t.region);
        if (clock > t.closesAt) revert Overdue(clock, t.closesAt);
        if (ICompany(t.company).rolesOf(address(this)) & CompanyRole.OFFERING == 0) {
            revert OfferingNotAdmitted(address(this));
        }
        _record(header, ActKind.OPEN_OFFERING, Basis.NONE);
        _enter(OfferingPhase.OPEN);
        IShareClass(t.shareClass).reserve(t.maximum / t.price);
        IMilestoneEscrow(escrow).prepare(t.maximum / t.price);
    }

    function cancel(ActHeader calldata header) external {
        bool isAdmin = ICompany(terms().company).rolesOf(msg.sender) & CompanyRole.ADMIN != 0;
        if (!isAdmin) _requireRole(RegistryRole.PLATFORM);
        _requireUnallotted();
        _record(header, ActKind.CANCEL_OFFERING, Basis.NONE);
        _failAll();
    }

    function stop(ActHeader calldata header) external {
        _requireRole(RegistryRole.REGULATOR);
        _requireUnallotted();
        _record(header, ActKind.STOP_OFFERING, Basis.NONE);
        _failAll();
    }

    function close() external {
        _requirePhase(OfferingPhase.OPEN);
        OfferingTerms memory t = terms();
        _requirePast(t, t.closesAt + t.coolingOff);
        Totals totals_ = _totals;
        uint64 live = totals_.live();
        if (live < t.minimum) return _failAll();
        if (live <= t.maximum) _totals = totals_.withRaised(live);
        _enter(OfferingPhase.CLOSING);
    }

    function fail() external {
        _requirePhase(OfferingPhase.CLOSING);
        _requireUnallotted();
        OfferingTerms memory t = terms();
        _requirePast(t, t.closesAt + t.coolingOff + t.settleWithin);
        _failAll();
    }

    function refund(address[] calldata accounts) external {
        _requirePhase(OfferingPhase.FAILED);
        uint32[] memory parties = new uint32[](accounts.length);
        for (uint256 i = 0; i < accounts.length; i++) {
            (PartyWord w, Subscription s) = _paidFrom(accounts[i]);
            if (s.status() != SubscriptionStatus.PAID) revert SubscriptionUnknown(accounts[i]);
            parties[i] = w.id();
            _subscriptions[parties[i]] = s.withStatus(SubscriptionStatus.REFUNDED);
            address to = _destination(w, accounts[i]);
            emit SubscriptionRefunded(parties[i], to, s.amount());
            _payBack(parties[i], s, to, s.amount());
        }
        ICompany(terms().company).releaseSeats(parties);
    }

    // --- subscribers ---

    function subscribe(
        address account,
        uint64 amount,
        bytes32 disclosure,
        bytes32 salt,
        uint256 validBefore,
        bytes calldata signature
    ) external {
        _subscribe(account, amount, disclosure);
        bytes32 nonce = keccak256(abi.encode(disclosure, salt));
        token.receiveWithAuthorization(account, address(this), amount, 0, validBefore, nonce, signature);
    }

    function subscribeFor(ActHeader calldata header, address account, uint64 amount, bytes32 disclosure) external {
        _requireRole(RegistryRole.PLATFORM);
        if (!identityRegistry.isBookAccount(account)) revert NotABookAccount(account);
        _record(header, ActKind.SUBSCRIBE, Basis.NONE);
        _subscribe(account, amount, disclosure);
        token.collect(account, amount);
    }

    function withdraw(address account) external {
        (PartyWord w, Subscription s) = _paidFrom(account);
        if (!identityRegistry.mayActFor(msg.sender, account)) revert NotAuthorised(msg.sender, 0);
        _withdraw(w, s, account);
    }

    function withdrawFor(ActHeader calldata header, address account) external {
        _requireRole(RegistryRole.PLATFORM);
        if (!identityRegistry.isBookAccount(account)) revert NotABookAccount(account);
        _record(header, ActKind.WITHDRAW, Basis.NONE);
        (PartyWord w, Subscription s) = _paidFrom(account);
        _withdraw(w, s, account);
    }

    // --- internal ---

    function _subscribe(address account, uint64 amount, bytes32 disclosure) private {
        OfferingTerms memory t = terms();
        PartyWord w = identityRegistry.standingOf(account);
        RegionWord region = regions.regionWord(t.region);
        _refuse(_broken(t, region, w, amount, disclosure), account, amount);
        uint16 year = _year();
        if (!identityRegistry.addUse(w.id(), year, amount)) _refuse(SubscriptionRules.ANNUAL_LIMIT, account, amount);
        if (!ICompany(t.company).reserveSeat(w)) _refuse(SubscriptionRules.HOLDERS_CAP, account, amount);
        uint40 clock = region.clockAt(block.timestamp);
        _subscriptions[w.id()] = Subscriptions.create(amount, year, w.account(), clock);
        _totals = _totals.plusSubscriber(amount);
        emit Subscribed(w.id(), account, amount, clock, disclosure);
    }

    function _withdraw(PartyWord w, Subscription s, address account) private {
        _requirePhase(OfferingPhase.OPEN);
        OfferingTerms memory t = terms();
        uint40 clock = _clock(t.region);
        uint40 until = s.paidAt() + t.coolingOff;
        if (clock > until) revert Overdue(clock, until);
        _subscriptions[w.id()] = Subscription.wrap(0);
        _totals = _totals.minusSubscriber();
        address to = _destination(w, account);
        emit SubscriptionWithdrawn(w.id(), to, s.amount());
        _payBack(w.id(), s, to, s.amount());
        uint32[] memory parties = new uint32[](1);
        parties[0] = w.id();
        ICompany(t.company).releaseSeats(parties);
    }

    /// Before the first allotment there is a way back for everybody; afterwards there is only the way forward.
    function _requireUnallotted() private view {
        Totals totals_ = _totals;
        if (totals_.phase() > OfferingPhase.CLOSING || totals_.handled() != 0) {
            revert OfferingPhaseForbids(totals_.phase());
        }
    }

    function _failAll() private {
        OfferingTerms memory t = terms();
        bool isReserved = _totals.phase() != OfferingPhase.DRAFT;
        _enter(OfferingPhase.FAILED);
        if (!isReserved) return;
        IShareClass(t.shareClass).unreserve(t.maximum / t.price);
        IMilestoneEscrow(escrow).abandon();
    }

    function _requirePast(OfferingTerms memory t, uint40 due) private view {
        uint40 clock = _clock(t.region);
        if (clock <= due) revert NotDue(clock, due + 1);
    }

    function _requireRole(uint256 role) private view {
        if (identityRegistry.rolesOf(msg.sender) & role == 0) revert NotAuthorised(msg.sender, role);
    }
}
