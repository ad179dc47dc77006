// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ICompany} from "../interfaces/ICompany.sol";
import {IMilestoneEscrow} from "../interfaces/IMilestoneEscrow.sol";
import {IShareClass} from "../interfaces/IShareClass.sol";
import {Cut} from "../libraries/Cut.sol";
import {Rules} from "../libraries/Rules.sol";
import {Consideration, Entry} from "../types/Act.sol";
import {Stop} from "../types/ClassWord.sol";
import {BOOK, Holding} from "../types/Holding.sol";
import {PartyWord} from "../types/PartyWord.sol";
import {OfferingPhase, OfferingTerms, Totals} from "../types/Raise.sol";
import {Subscription, SubscriptionStatus} from "../types/Subscription.sol";
import {OfferingBook} from "./OfferingBook.sol";
import "../types/Errors.sol";

/// From the closing on: the cut, the allotment in pages, the settlement, and afterwards what each lot gets back.
abstract contract OfferingLots is OfferingBook {
    uint8 private constant CASH = 1;
    uint16 private constant CNY = 156;

    /// One page of an allotment while it is put together.
    struct Page {
        Entry[] entries;
        uint32[] leaving;
        uint256 issued;
        uint256 left;
        uint16 handled;
    }

    modifier onlyEscrow() {
        if (msg.sender != escrow) revert NotAuthorised(msg.sender, 0);
        _;
    }

    // --- the cut ---

    function verifyCut(uint32[] calldata parties, uint32 last) external {
        _requirePhase(OfferingPhase.CLOSING);
        Totals totals_ = _totals;
        if (totals_.raised() != 0) revert CutNotNeeded();
        bool isNamed = last == 0 || _subscriptions[last].status() == SubscriptionStatus.PAID;
        if (!isNamed || parties.length != totals_.subscribers()) revert CutMalformed(parties.length);
        OfferingTerms memory t = terms();
        uint64 asked = totals_.live();
        uint256 smallest = last == 0 ? Cut.NOBODY : _keyOf(t, asked, last);
        uint256 allotted;
        for (uint256 i = 0; i < parties.length; i++) {
            if (i != 0 && parties[i] <= parties[i - 1]) revert CutMalformed(i);
            if (_subscriptions[parties[i]].status() != SubscriptionStatus.PAID) revert CutMalformed(i);
            allotted += _partOf(t, asked, parties[i], smallest);
        }
        if (allotted != t.maximum / t.price) revert CutUnfair(allotted, t.maximum / t.price);
        _cut = smallest;
        _asked = asked;
        _totals = totals_.withRaised(t.maximum);
        emit CutVerified(last, t.maximum);
    }

    function _keyOf(OfferingTerms memory t, uint64 asked, uint32 party) private view returns (uint256) {
        Subscription s = _subscriptions[party];
        return Cut.keyOf(s.amount() / t.price, t.maximum / t.price, asked / t.price, s.paidAt(), party);
    }

    function _partOf(OfferingTerms memory t, uint64 asked, uint32 party, uint256 smallest)
        private
        view
        returns (uint256)
    {
        uint256 shares = _subscriptions[party].amount() / t.price;
        return Cut.partOf(shares, t.maximum / t.price, asked / t.price, _keyOf(t, asked, party), smallest);
    }

    // --- allotment ---

    function allot(address[] calldata accounts) external {
        Totals before = _totals;
        if (before.phase() != OfferingPhase.SETTLED) _requirePhase(OfferingPhase.CLOSING);
        if (before.raised() == 0) revert CutMissing();
        OfferingTerms memory t = terms();
        if (before.handled() == 0) _requireRegister(t);
        Page memory page;
        page.entries = new Entry[](accounts.length);
        page.leaving = new uint32[](accounts.length);
        for (uint256 i = 0; i < accounts.length; i++) {
            _allotOne(t, page, accounts[i]);
        }
        _issue(t, page);
        if (before.phase() == OfferingPhase.SETTLED) return;
        Totals now_ = _totals.plusHandled(page.handled);
        _totals = now_;
        if (now_.handled() == now_.subscribers()) _settle(t, now_);
    }

    /// Nobody enters a register that is closed. What was begun before is finished all the same: there is no way back.
    function _requireRegister(OfferingTerms memory t) private view {
        uint8 stops = IShareClass(t.shareClass).classWord().stops();
        if (stops & Stop.CLOSED != 0) revert Refused(5, Rules.CLOSED, address(0), address(0), 0);
    }

    function _allotOne(OfferingTerms memory t, Page memory page, address account) private {
        (PartyWord w, Subscription s) = _paidFrom(account);
        bool isParked = s.status() == SubscriptionStatus.PARKED;
        if (!isParked && s.status() != SubscriptionStatus.PAID) revert SubscriptionUnknown(account);
        uint32 party = w.id();
        if (!isParked) page.handled++;
        if (w.isFrozen()) {
            if (isParked) return;
            _subscriptions[party] = s.withStatus(SubscriptionStatus.PARKED);
            _totals = _totals.plusParked();
            emit AllotmentParked(party);
            return;
        }
        if (isParked) _totals = _totals.minusParked();
        uint64 shares = s.amount() / t.price;
        if (_cut != 0) shares = uint64(_partOf(t, _asked, party, _cut));
        uint64 amount = shares * t.price;
        address to = _destination(w, account);
        uint8 status = shares == 0 ? SubscriptionStatus.REFUNDED : SubscriptionStatus.ALLOTTED;
        _subscriptions[party] = s.withAmount(amount).withStatus(status);
        emit SubscriptionAllotted(party, to, amount, shares, s.amount() - amount);
        if (shares != 0) page.entries[page.issued++] = Entry(to, shares, t.lockDay, bytes32(0));
        page.leaving[page.left++] = party;
        _payBack(party, s, to, s.amount() - amount);
    }

    /// First in, then out: who held a seat as a subscriber holds it as a holder.
    function _issue(OfferingTerms memory t, Page memory page) private {
        if (page.left == 0) return;
        if (page.issued != 0) {
            Entry[] memory entries = new Entry[](page.issued);
            for (uint256 i = 0; i < page.issued; i++) {
                entries[i] = page.entries[i];
            }
            // [10^-10 CNY for a whole share]
            uint96 price = uint96(uint256(t.price) * 10 ** (8 + IShareClass(t.shareClass).classWord().decimals()));
            IShareClass(t.shareClass).allot(_header(t.memorandum), Consideration(CASH, CNY, price), entries);
        }
        uint32[] memory leaving = new uint32[](page.left);
        for (uint256 i = 0; i < page.left; i++) {
            leaving[i] = page.leaving[i];
        }
        ICompany(t.company).releaseSeats(leaving);
    }

    /// The fee is rounded down; what was raised less the fee goes into the escrow.
    function _settle(OfferingTerms memory t, Totals totals_) private {
        uint64 raised = totals_.raised();
        uint64 fee = uint64((uint256(raised) * t.feeBps) / 10_000);
        _enter(OfferingPhase.SETTLED);
        emit RaiseSettled(raised, fee, raised - fee);
        if (raised != t.maximum) IShareClass(t.shareClass).unreserve((t.maximum - raised) / t.price);
        _pay(identityRegistry.destinationOf(t.feeRecipient), fee);
        _pay(escrow, raised - fee);
        IMilestoneEscrow(escrow).fund(raised - fee);
    }

    /// Money of a subscription that goes back; what goes back is not invested.
    function _payBack(uint32 party, Subscription s, address to, uint64 amount) internal {
        if (amount == 0) return;
        _totals = _totals.plusRefunded(amount);
        identityRegistry.reduceUse(party, s.year(), amount);
        _pay(to, amount);
    }

    // --- lots, for the escrow ---

    function redeemLots(address[] calldata accounts, uint64 redeemable)
        external
        onlyEscrow
        returns (address[] memory receivers, uint64[] memory amounts)
    {
        OfferingTerms memory t = terms();
        receivers = new address[](accounts.length);
        amounts = new uint64[](accounts.length);
        Entry[] memory entries = new Entry[](accounts.length);
        uint256 count;
        for (uint256 i = 0; i < accounts.length; i++) {
            uint64 shares;
            (receivers[i], amounts[i], shares) = _redeemOne(t, accounts[i], redeemable);
            if (shares != 0) entries[count++] = Entry(accounts[i], shares, 0, bytes32(0));
        }
        _end(t, entries, count);
    }

    /// What is due to a lot and was not paid before; both rounded down, and limited to what the account still holds.
    function _redeemOne(OfferingTerms memory t, address account, uint64 redeemable)
        private
        returns (address receiver, uint64 amount, uint64 shares)
    {
        (PartyWord w, Subscription s) = _lot(account);
        if (s.status() != SubscriptionStatus.ALLOTTED || w.isFrozen()) return (receiver, 0, 0);
        (amount, shares) = _due(t, s, redeemable);
        uint64 held = _free(t, account);
        if (held == 0) return (receiver, 0, 0);
        if (shares > held) {
            amount = uint64((uint256(amount) * held) / shares);
            shares = held;
        }
        if (amount == 0 && shares == 0) return (receiver, 0, 0);
        _subscriptions[w.id()] = s.plusRedeemed(amount, shares);
        receiver = _destination(w, account);
        emit LotRedeemed(w.id(), account, amount, shares);
    }

    /// Both rounded down, less what was paid and ended before; a put that was paid ended more than that.
    function _due(OfferingTerms memory t, Subscription s, uint64 redeemable)
        private
        view
        returns (uint64 amount, uint64 shares)
    {
        uint256 raised = _totals.raised();
        amount = uint64((uint256(s.amount()) * redeemable) / raised) - s.redeemed();
        shares = uint64((uint256(s.amount() / t.price) * redeemable) / raised);
        shares = shares > s.cancelled() ? shares - s.cancelled() : 0;
    }

    function lapseLots(address[] calldata accounts, uint64 redeemable) external onlyEscrow returns (uint64 sum) {
        OfferingTerms memory t = terms();
        for (uint256 i = 0; i < accounts.length; i++) {
            sum += _lapseOne(t, accounts[i], redeemable);
        }
    }

    /// Held counts in the account that subscribed and in the book account, pledged or not: what is due for it stays. Shares in
    /// other wallets are redeemed from there before. No time runs against who is frozen.
    function _lapseOne(OfferingTerms memory t, address account, uint64 redeemable) private returns (uint64 amount) {
        (PartyWord w, Subscription s) = _paidFrom(account);
        if (s.status() != SubscriptionStatus.ALLOTTED || w.isFrozen()) return 0;
        (uint64 due, uint64 shares) = _due(t, s, redeemable);
        uint64 held = IShareClass(t.shareClass).holding(account).balance();
        if (w.account() != BOOK) held += IShareClass(t.shareClass).holding(identityRegistry.bookAccount(w.id())).balance();
        if (held != 0 && held >= shares) return 0;
        amount = held == 0 ? due : due - uint64((uint256(due) * held) / shares);
        if (amount == 0) return 0;
        _subscriptions[w.id()] = s.plusRedeemed(amount, shares - held);
        emit LotLapsed(w.id(), amount, shares - held);
    }

    function deliverLot(address account, address to, uint64 shares) external onlyEscrow {
        OfferingTerms memory t = terms();
        (PartyWord w, Subscription s) = _lot(account);
        _subscriptions[w.id()] = s.plusRedeemed(0, shares);
        Entry[] memory entries = new Entry[](1);
        entries[0] = Entry(to == address(0) ? account : to, shares, 0, bytes32(0));
        if (to == address(0)) IShareClass(t.shareClass).redeem(_header(t.memorandum), entries);
        else IShareClass(t.shareClass).deliver(_header(t.memorandum), account, entries[0]);
    }

    function ratchetLots(address[] calldata accounts, uint16 bps, address fallbackAccount)
        external
        onlyEscrow
        returns (address[] memory receivers, uint64[] memory shares)
    {
        OfferingTerms memory t = terms();
        receivers = new address[](accounts.length);
        shares = new uint64[](accounts.length);
        for (uint256 i = 0; i < accounts.length; i++) {
            (PartyWord w, Subscription s) = _lot(accounts[i]);
            if (s.status() != SubscriptionStatus.ALLOTTED || s.isRatcheted() || w.isFrozen()) continue;
            _subscriptions[w.id()] = s.ratcheted();
            // Whoever pushes chooses between wallet and book account, so the party is asked, not the account.
            bool isHolder = ICompany(t.company).seatOf(w.id()).accounts() != 0;
            receivers[i] = isHolder ? _destination(w, accounts[i]) : fallbackAccount;
            shares[i] = uint64((uint256(s.amount() / t.price) * bps) / 10_000);
            emit LotRatcheted(w.id(), receivers[i], shares[i]);
        }
    }

    function restoreRatchet(address account) external onlyEscrow {
        (PartyWord w, Subscription s) = _lot(account);
        _subscriptions[w.id()] = s.unratcheted();
    }

    function lotOf(address account)
        external
        view
        returns (uint32 party, uint64 shares, uint64 rest, uint64 principal)
    {
        OfferingTerms memory t = terms();
        (PartyWord w, Subscription s) = _lot(account);
        party = w.id();
        // While a party is frozen nothing is paid to it and its shares stay where they are.
        if (s.status() != SubscriptionStatus.ALLOTTED || w.isFrozen()) return (party, 0, 0, 0);
        uint64 owned = s.amount() / t.price - s.cancelled();
        uint64 held = _free(t, account);
        shares = held < owned ? held : owned;
        if (owned == 0) return (party, 0, 0, 0);
        rest = uint64((uint256(s.amount() - s.redeemed()) * shares) / owned);
        principal = shares * t.price;
    }

    function lotSharesOf(address account) external view returns (uint32, uint64) {
        (PartyWord w, Subscription s) = _lot(account);
        return (w.id(), s.status() == SubscriptionStatus.ALLOTTED ? s.amount() / terms().price - s.cancelled() : 0);
    }

    /// The lot of a party, by any of its accounts: shares that stand in another wallet are still its own.
    function _lot(address account) private view returns (PartyWord w, Subscription s) {
        w = identityRegistry.standingOf(account);
        s = _subscriptions[w.id()];
        if (s.status() == SubscriptionStatus.NONE) revert SubscriptionUnknown(account);
    }

    function _free(OfferingTerms memory t, address account) private view returns (uint64) {
        Holding h = IShareClass(t.shareClass).holding(account);
        return h.balance() - h.encumbered();
    }

    function _end(OfferingTerms memory t, Entry[] memory entries, uint256 count) private {
        if (count == 0) return;
        Entry[] memory ending = new Entry[](count);
        for (uint256 i = 0; i < count; i++) {
            ending[i] = entries[i];
        }
        IShareClass(t.shareClass).redeem(_header(t.memorandum), ending);
    }
}
