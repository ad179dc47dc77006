// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {ICompany, CompanyRole} from "../interfaces/ICompany.sol";
import {IIdentityRegistry, RegistryRole} from "../interfaces/IIdentityRegistry.sol";
import {IPreferences} from "../interfaces/IPreferences.sol";
import {IRegions} from "../interfaces/IRegions.sol";
import {ISettlementToken} from "../interfaces/ISettlementToken.sol";
import {IShareClass} from "../interfaces/IShareClass.sol";
import {ITaxSchedules} from "../interfaces/ITaxSchedules.sol";
import {Acts} from "../libraries/Acts.sol";
import {ActHeader, ActKind, Basis} from "../types/Act.sol";
import {ClassWord} from "../types/ClassWord.sol";
import {
    Distribution, DistributionState, DistributionTerms, Holder, Holders, Payment, Payments, Settlement
} from "../types/Distribution.sol";
import {Payout, Payouts} from "../types/Money.sol";
import {Category, PartyWord} from "../types/PartyWord.sol";
import {Scrip} from "./Scrip.sol";
import "../types/Errors.sol";

/// See `IDistributions`. Who held how much stands in `HolderLists`, shares instead of cash in `Scrip`; here money moves.
contract Distributions is Scrip {
    uint256 public constant MAX_EXCLUDED = 16;
    /// From the payment date to the expiry: not so short that no block may fall into it.
    uint40 public constant MIN_SPAN = 1 days;
    uint40 public constant MAX_SPAN = 10_950 days;
    uint256 private constant WHOLE = 10_000;

    IIdentityRegistry public immutable identityRegistry;
    ISettlementToken public immutable token;
    IRegions public immutable regions;
    ITaxSchedules public immutable schedules;
    IPreferences public immutable preferences;

    uint32 public distributionCount;
    mapping(uint32 id => mapping(uint32 party => bool)) public hasChosenScrip;

    /// What one page moves [fen, shares × 10^decimals].
    struct Sums {
        uint64 paid;
        uint64 withheld;
        uint64 parked;
        uint64 released;
        uint64 lapsed;
        uint64 shares;
        uint64 spent;
    }

    /// One page while it is worked on: what applies to all rows, what is told and paid.
    struct Page {
        uint32 id;
        uint32 schedule;
        uint24 today;
        bool isLapsing;
        bool isOver;
        bool hasScrip;
        uint256 numerator;
        uint256 denominator;
        uint256 taxKey;
        uint256 taxBps;
        Payment[] told;
        uint256 tellings;
        Payout[] payouts;
        uint256 transfers;
    }

    constructor(
        IIdentityRegistry registry,
        ISettlementToken token_,
        IRegions regions_,
        ITaxSchedules schedules_,
        IPreferences preferences_,
        uint32 utcOffset_
    ) Acts(utcOffset_) {
        identityRegistry = registry;
        token = token_;
        regions = regions_;
        schedules = schedules_;
        preferences = preferences_;
    }

    // --- the company ---

    function declare(ActHeader calldata header, DistributionTerms calldata t, address[] calldata excluded)
        external
        returns (uint32 id)
    {
        if (excluded.length > MAX_EXCLUDED) revert TooManyEntries(excluded.length, MAX_EXCLUDED);
        id = ++distributionCount;
        (address company, uint40 recordTime, uint72 counted) =
            preferences.claim(id, t.shareClass, msg.sender, t.epoch, t.rate);
        uint16 region = ICompany(company).region();
        _check(t, region, recordTime);
        _record(header, ActKind.DECLARE, Basis.NONE);
        Distribution storage d = _distributions[id];
        d.shareClass = t.shareClass;
        d.epoch = t.epoch;
        d.schedule = t.schedule;
        d.state = DistributionState.DECLARED;
        d.payableFrom = t.payableFrom;
        d.fundedBy = t.fundedBy;
        d.expiresAt = t.expiresAt;
        d.scripPrice = uint48(t.scripPrice);
        d.declared = t.total;
        d.rate = t.rate;
        if (counted != 0) d.counted = _covered(t, counted, excluded);
        d.region = region;
        if (t.remainderAccount != address(0)) d.remainderAccount = t.remainderAccount;
        if (excluded.length != 0) _excluded[id] = excluded;
        emit DistributionDeclared(id, t, excluded);
        if (t.scripPrice != 0) _offerScrip(d, header.document);
        _fund(t.fundedBy, t.total);
    }

    function cancel(ActHeader calldata header, uint32 id) external {
        Distribution storage d = _known(id);
        ICompany(IShareClass(d.shareClass).company()).requireActor(msg.sender, CompanyRole.ADMIN);
        if (d.state > DistributionState.FIXED) revert DistributionStateForbids(id, d.state);
        if (d.handled != 0) revert PaymentsBegun(id);
        _record(header, ActKind.CANCEL_DISTRIBUTION, Basis.NONE);
        _cancel(id, d, false);
    }

    // --- anybody ---

    function fix(uint32 id, address[] calldata accounts) external {
        Distribution storage d = _in(id, DistributionState.DECLARED);
        (Holder[] memory rows, uint256 sum) = _listed(id, d.shareClass, d.epoch, accounts);
        uint64 entitled = uint64(sum);
        uint8 decimals = IShareClass(d.shareClass).classWord().decimals();
        uint64 total = d.declared;
        uint64 returned;
        if (d.rate != 0) {
            uint256 unit = 10 ** (8 + uint256(decimals));
            uint256 needed = (uint256(d.rate) * entitled) / unit;
            if (needed > total) _shorten(d, (uint256(total) * unit) / entitled);
            else returned = total - uint64(needed);
        }
        // Not a fen is due to anybody: the money goes back, since nothing else could be done with it.
        if (entitled == 0 || returned == total) return _cancel(id, d, true);
        _keepRows(id, rows);
        d.state = DistributionState.FIXED;
        d.declared = total - returned;
        (d.entitled, d.decimals) = (entitled, decimals);
        // Nobody loses time because it was fixed late.
        uint40 clock = regions.clock(d.region);
        if (clock > d.payableFrom) d.expiresAt += clock - d.payableFrom;
        emit DistributionFixed(id, entitled, total - returned, returned, d.expiresAt, rows);
        if (returned != 0) _send(d.fundedBy, returned);
    }

    function pay(uint32 id, uint256 leaf, Holder[] calldata holders) external {
        _pay(id, leaf, holders, 0, holders.length);
    }

    function claim(uint32 id, uint256 leaf, Holder[] calldata holders, uint256 row) external {
        if (row >= holders.length) revert HolderMisplaced(row);
        _pay(id, leaf, holders, row, row + 1);
    }

    function lapse(uint32 id, uint256 leaf, Holder[] calldata holders) external {
        Distribution storage d = _in(id, DistributionState.FIXED);
        uint40 clock = regions.clock(d.region);
        if (clock <= d.expiresAt) revert NotDue(clock, d.expiresAt + 1);
        _requireRows(id, leaf, holders);
        _handle(d, _page(id, d, holders.length, true, true), leaf * Holders.LEAF, holders);
    }

    function close(uint32 id) external {
        Distribution storage d = _in(id, DistributionState.FIXED);
        if (d.handled != d.entitled) revert SharesUnhandled(d.handled, d.entitled);
        d.state = DistributionState.CLOSED;
        _endScrip(d);
        uint64 remainder = d.declared - d.paid - d.withheld - d.parked - d.lapsed;
        emit DistributionClosed(id, remainder);
        _remit(id, d);
        if (remainder != 0) _send(_remainderAccount(d), remainder);
    }

    function remit(uint32 id) external {
        _remit(id, _known(id));
    }

    // --- holders ---

    function chooseScrip(uint32 id, bool chosen) external {
        PartyWord w = identityRegistry.standingOf(msg.sender);
        if (!w.exists() || w.isClosed(w.account())) revert NotAuthorised(msg.sender, 0);
        _choose(id, w.id(), chosen);
    }

    function chooseScripFor(ActHeader calldata header, uint32 id, uint32 party, bool chosen) external {
        if (identityRegistry.rolesOf(msg.sender) & RegistryRole.PLATFORM == 0) {
            revert NotAuthorised(msg.sender, RegistryRole.PLATFORM);
        }
        if (!identityRegistry.partyWord(party).exists()) revert PartyUnknown(party);
        _record(header, ActKind.CHOOSE_SCRIP, Basis.NONE);
        _choose(id, party, chosen);
    }

    // --- reads ---

    function distribution(uint32 id) external view returns (Distribution memory) {
        return _distributions[id];
    }

    function excludedOf(uint32 id) external view returns (address[] memory) {
        return _excluded[id];
    }

    // --- internal: terms ---

    function _check(DistributionTerms calldata t, uint16 region, uint40 recordTime) private view {
        if (schedules.taxAccountOf(t.schedule) == address(0)) revert ScheduleUnknown(t.schedule);
        if (t.fundedBy != msg.sender && !identityRegistry.mayActFor(msg.sender, t.fundedBy)) {
            revert DistributionMalformed(4);
        }
        if (t.total == 0) revert DistributionMalformed(5);
        if (t.profit < t.total) revert DistributionMalformed(7);
        uint256 clock = regions.clock(region);
        if (t.payableFrom <= clock + recordTime - block.timestamp) revert DistributionMalformed(8);
        uint40 span = t.expiresAt > t.payableFrom ? t.expiresAt - t.payableFrom : 0;
        if (span < MIN_SPAN || span > MAX_SPAN) revert DistributionMalformed(9);
        if (t.remainderAccount != address(0) && !identityRegistry.standingOf(t.remainderAccount).exists()) {
            revert DistributionMalformed(10);
        }
        if (t.scripPrice > type(uint48).max) revert DistributionMalformed(11);
    }

    /// What settles arrears is paid for in full, and to all but the company itself, else a class that comes later could be
    /// paid in the meantime.
    function _covered(DistributionTerms calldata t, uint72 counted, address[] calldata excluded)
        private
        view
        returns (uint72)
    {
        for (uint256 i = 0; i < excluded.length; i++) {
            PartyWord party = identityRegistry.standingOf(excluded[i]);
            if (party.category() != Category.TREASURY) revert DistributionMalformed(12);
        }
        ClassWord w = IShareClass(t.shareClass).classWord();
        uint256 needed = (uint256(counted) * w.issued()) / 10 ** (8 + uint256(w.decimals()));
        if (needed > t.total) revert DistributionMalformed(5);
        return counted;
    }

    function _cancel(uint32 id, Distribution storage d, bool isVoid) private {
        d.state = DistributionState.CANCELLED;
        uint64 amount = d.declared;
        d.declared = 0;
        preferences.cancel(id, d.shareClass, d.counted, isVoid);
        _endScrip(d);
        emit DistributionCancelled(id, amount);
        _send(d.fundedBy, amount);
    }

    /// The money does not cover the rate, since more shares were issued: it is shared out, and less counts as declared.
    function _shorten(Distribution storage d, uint256 covered) private {
        d.isShort = true;
        uint72 counted = d.counted;
        if (covered >= counted) return;
        d.counted = uint72(covered);
        preferences.release(d.shareClass, counted - uint72(covered));
    }

    // --- internal: pages ---

    function _page(uint32 id, Distribution storage d, uint256 count, bool isLapsing, bool isOver)
        private
        view
        returns (Page memory p)
    {
        (p.id, p.schedule, p.today, p.isLapsing, p.isOver) = (id, d.schedule, _today(), isLapsing, isOver);
        p.hasScrip = d.scripPrice != 0;
        bool isShared = d.rate == 0 || d.isShort;
        (p.numerator, p.denominator) =
            isShared ? (d.declared, d.entitled) : (d.rate, 10 ** (8 + uint256(d.decimals)));
        p.taxKey = type(uint256).max;
        p.told = new Payment[](count);
        // Behind the holders: the company for scrip, what lapses.
        p.payouts = new Payout[](count + 2);
    }

    function _pay(uint32 id, uint256 leaf, Holder[] calldata rows, uint256 from, uint256 to) private {
        Distribution storage d = _known(id);
        if (d.state != DistributionState.FIXED && d.state != DistributionState.CLOSED) {
            revert DistributionStateForbids(id, d.state);
        }
        bool isOver;
        // [gas] The clock goes on and is never ahead of time: once something was handled only the expiry is asked.
        if (d.handled == 0 || block.timestamp > d.expiresAt) {
            uint40 clock = regions.clock(d.region);
            if (clock < d.payableFrom) revert NotDue(clock, d.payableFrom);
            isOver = clock > d.expiresAt;
        }
        _requireRows(id, leaf, rows);
        Page memory p = _page(id, d, to - from, false, isOver);
        _handle(d, p, leaf * Holders.LEAF + from, rows[from:to]);
    }

    /// `rows` stand from `position` on in the fixed register.
    function _handle(Distribution storage d, Page memory p, uint256 position, Holder[] calldata rows) private {
        PartyWord[] memory words = _wordsOf(rows);
        Sums memory sums;
        uint256 states = _settlements[p.id][position / STATES_IN_SLOT];
        uint256 before = states;
        for (uint256 i = 0; i < words.length; i++) {
            uint256 shift = (position % STATES_IN_SLOT) * 2;
            uint8 was = uint8(states >> shift) & 3;
            uint8 now_ = was == Settlement.PAID || was == Settlement.LAPSED
                ? was
                : _handleOne(d, p, sums, rows[i], words[i], was);
            states ^= uint256(was ^ now_) << shift;
            position++;
            if (position % STATES_IN_SLOT != 0 && i + 1 != words.length) continue;
            if (states != before) _settlements[p.id][(position - 1) / STATES_IN_SLOT] = states;
            if (i + 1 != words.length) before = states = _settlements[p.id][position / STATES_IN_SLOT];
        }
        if (p.tellings != 0) _finish(d, p, sums);
    }

    /// One holder who was not paid yet. [gas] Unchecked: all parts together are at most what was declared, rates at most the
    /// whole.
    function _handleOne(Distribution storage d, Page memory p, Sums memory sums, Holder row, PartyWord w, uint8 was)
        private
        returns (uint8)
    {
        unchecked {
            uint64 gross = uint64((row.shares() * p.numerator) / p.denominator);
            if (w.isFrozen() || p.today > w.kycDay()) {
                if (was == Settlement.PARKED) return was;
                sums.parked += gross;
                return _tell(p, sums, row, was, gross, 0, Settlement.PARKED);
            }
            if (p.isOver && was != Settlement.PARKED) {
                // Its time is over: it lapses, and does so by that call only.
                if (!p.isLapsing) return was;
                sums.lapsed += gross;
                return _tell(p, sums, row, was, gross, 0, Settlement.LAPSED);
            }
            uint64 tax = uint64((gross * _bpsOf(p, w) + WHOLE / 2) / WHOLE);
            uint64 net = gross - tax;
            sums.paid += net;
            sums.withheld += tax;
            if (was == Settlement.PARKED) sums.released += gross;
            address to = row.account();
            if (w.hasClosedWallet()) to = identityRegistry.destinationOf(to);
            if (p.hasScrip && hasChosenScrip[p.id][w.id()]) {
                uint64 spent = _deliver(d, p.id, w.id(), to, net);
                sums.spent += spent;
                net -= spent;
            }
            if (net != 0) _give(p, to, net);
            return _tell(p, sums, row, was, gross, tax, Settlement.PAID);
        }
    }

    function _tell(Page memory p, Sums memory sums, Holder row, uint8 was, uint64 gross, uint64 tax, uint8 settlement)
        private
        pure
        returns (uint8)
    {
        unchecked {
            if (was == Settlement.NONE) sums.shares += row.shares();
            p.told[p.tellings++] = Payments.create(row.party(), gross, tax, settlement);
        }
        return settlement;
    }

    function _give(Page memory p, address account, uint64 amount) private pure {
        unchecked {
            p.payouts[p.transfers++] = Payouts.create(account, amount);
        }
    }

    function _finish(Distribution storage d, Page memory p, Sums memory sums) private {
        d.paid += sums.paid;
        d.withheld += sums.withheld;
        d.handled += sums.shares;
        if (sums.parked != sums.released) d.parked = d.parked + sums.parked - sums.released;
        if (sums.lapsed != 0) d.lapsed += sums.lapsed;
        if (sums.spent != 0) _give(p, identityRegistry.destinationOf(d.fundedBy), sums.spent);
        if (sums.lapsed != 0) _give(p, identityRegistry.destinationOf(_remainderAccount(d)), sums.lapsed);
        (Payment[] memory told, Payout[] memory payouts) = (p.told, p.payouts);
        (uint256 lines, uint256 transfers) = (p.tellings, p.transfers);
        assembly ("memory-safe") {
            mstore(told, lines)
            mstore(payouts, transfers)
        }
        emit EntitlementsHandled(p.id, told);
        if (transfers != 0) token.transferMany(payouts);
    }

    function _wordsOf(Holder[] calldata rows) private view returns (PartyWord[] memory) {
        uint32[] memory parties = new uint32[](rows.length);
        for (uint256 i = 0; i < rows.length; i++) {
            parties[i] = rows[i].party();
        }
        return identityRegistry.partyWords(parties);
    }

    /// A relief that counts today goes before the schedule. [gas] Holders beside each other are mostly taxed alike.
    function _bpsOf(Page memory p, PartyWord w) private view returns (uint256) {
        if (w.hasRelief()) {
            (uint16 relief, uint24 untilDay) = identityRegistry.taxReliefOf(w.id());
            if (p.today <= untilDay) return relief;
        }
        uint256 key = w.taxKey();
        if (key != p.taxKey) {
            p.taxKey = key;
            p.taxBps = schedules.rateOf(p.schedule, w.category(), w.taxResidence());
        }
        return p.taxBps;
    }

    function _remit(uint32 id, Distribution storage d) private {
        uint64 amount = d.withheld - d.remitted;
        if (amount == 0) return;
        d.remitted += amount;
        emit TaxRemitted(id, amount);
        _send(schedules.taxAccountOf(d.schedule), amount);
    }

    // --- internal: scrip ---

    function _choose(uint32 id, uint32 party, bool chosen) private {
        Distribution storage d = _known(id);
        if (d.state > DistributionState.FIXED) revert DistributionStateForbids(id, d.state);
        if (d.scripPrice == 0) revert NoScrip(id);
        uint40 clock = regions.clock(d.region);
        if (clock >= d.payableFrom) revert Overdue(clock, d.payableFrom - 1);
        hasChosenScrip[id][party] = chosen;
        emit ScripChosen(id, party, chosen);
    }

    // --- internal: money ---

    function _fund(address from, uint64 amount) private {
        if (from == msg.sender || !identityRegistry.isBookAccount(from)) {
            IERC20(address(token)).transferFrom(from, address(this), amount);
            return;
        }
        if (!identityRegistry.isEnrolled(address(this))) identityRegistry.enrol(address(this));
        token.collect(from, amount);
    }

    function _send(address account, uint64 amount) private {
        IERC20(address(token)).transfer(identityRegistry.destinationOf(account), amount);
    }

    function _remainderAccount(Distribution storage d) private view returns (address) {
        return d.remainderAccount == address(0) ? d.fundedBy : d.remainderAccount;
    }

    function _known(uint32 id) private view returns (Distribution storage d) {
        d = _distributions[id];
        if (d.state == DistributionState.NONE) revert DistributionUnknown(id);
    }

    function _in(uint32 id, uint8 state) private view returns (Distribution storage d) {
        d = _known(id);
        if (d.state != state) revert DistributionStateForbids(id, d.state);
    }
}
