// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Clones} from "@openzeppelin/contracts/proxy/Clones.sol";
import {ICompany} from "./interfaces/ICompany.sol";
import {IIdentityRegistry} from "./interfaces/IIdentityRegistry.sol";
import {Acts} from "./libraries/Acts.sol";
import {Rules} from "./libraries/Rules.sol";
import {Basis} from "./types/Act.sol";
import {Category, PartyWord} from "./types/PartyWord.sol";
import {ClassWord} from "./types/ClassWord.sol";
import {BOOK, Holding, Holdings} from "./types/Holding.sol";
import "./types/Errors.sol";

/// The register of one class: its storage, the one check and the one move. Nothing else writes a holding.
abstract contract ShareRegister is Acts {
    IIdentityRegistry internal immutable _registry;

    ClassWord internal _class;
    mapping(address account => Holding) internal _holdings;
    /// [shares + 1] Balance at a record date, four to a slot; 0 where none was saved.
    mapping(address account => mapping(uint256 page => uint64[4])) internal _savedBalances;
    /// [unix s] ascending; epoch n stands at n − 1.
    uint40[] internal _recordTimes;
    /// [shares × 10^decimals + 1] Issued at a record date; 0 where none was saved.
    mapping(uint16 epoch => uint64) internal _savedSupply;
    /// [shares × 10^decimals] Of the authorised shares, kept free for raises; read only where the class word says so.
    uint64 internal _reserved;

    constructor(IIdentityRegistry registry) {
        _registry = registry;
    }

    // --- the check ---

    /// All rules broken by a move, whatever its basis; the cap is answered by `_capBroken` or by the move itself.
    function _brokenMove(ClassWord w, Holding giver, Holding taker, PartyWord g, PartyWord t, uint256 shares)
        internal
        view
        returns (uint256)
    {
        return w.stops() | _brokenByGiver(giver, g, shares) | _brokenByTaker(w, taker, t);
    }

    /// All rules broken by an issue.
    function _brokenIssue(ClassWord w, Holding taker, PartyWord t, uint256 shares) internal view returns (uint256 broken) {
        broken = w.stops() | _brokenByTaker(w, taker, t);
        if (shares > _room(w)) broken |= Rules.AUTHORISED;
    }

    /// [shares × 10^decimals] That can still be issued; at no time are more reserved than that.
    function _room(ClassWord w) internal view returns (uint64) {
        uint64 room = w.authorised() - w.issued();
        return w.isReserving() ? room - _reserved : room;
    }

    function _brokenByGiver(Holding giver, PartyWord g, uint256 shares) internal view returns (uint256 broken) {
        if (!g.exists()) broken |= Rules.SENDER_UNKNOWN;
        if (g.isFrozen()) broken |= Rules.SENDER_FROZEN;
        if (g.isClosed(giver.account())) broken |= Rules.SENDER_WALLET_CLOSED;
        if (giver.lockDay() != 0 && _today() <= giver.lockDay()) broken |= Rules.LOCKED;
        if (shares > giver.balance()) broken |= Rules.BALANCE;
        else if (shares > giver.balance() - giver.encumbered()) broken |= Rules.ENCUMBERED;
    }

    function _brokenByTaker(ClassWord w, Holding taker, PartyWord t) internal view returns (uint256 broken) {
        if (!t.exists()) return Rules.RECEIVER_UNKNOWN;
        uint24 today = _today();
        uint8 category = t.category();
        if (t.isFrozen()) broken |= Rules.RECEIVER_FROZEN;
        if (t.isClosed(taker.account())) broken |= Rules.RECEIVER_WALLET_CLOSED;
        if (!w.admits(category)) broken |= Rules.CATEGORY;
        if (today > t.kycDay()) broken |= Rules.KYC;
        if (category == Category.QUALIFIED && today > t.qualificationDay()) broken |= Rules.QUALIFICATION;
    }

    /// For views: would the company have no seat for the taker?
    function _capBroken(Holding giver, Holding taker, PartyWord t, uint256 shares) internal view returns (uint256) {
        if (shares == 0 || taker.balance() != 0 || taker.party() == giver.party()) return 0;
        uint32 leaving = giver.party() != 0 && giver.balance() == shares ? giver.party() : 0;
        return _company().fits(leaving, t.id(), t.weight()) ? 0 : Rules.HOLDERS_CAP;
    }

    function _refuse(uint256 broken, Basis basis, address from, address to, uint256 shares) internal pure {
        broken &= Rules.applying(basis);
        if (broken != 0) revert Refused(Rules.codeOf(broken), broken, from, to, shares);
    }

    // --- the move ---

    /// Moves shares that the check let pass. Writes balances, saved balances and seats.
    /// @return The resulting holdings of giver and taker.
    function _move(
        ClassWord w,
        address from,
        Holding giver,
        address to,
        Holding taker,
        uint64 shares,
        uint16 weight
    ) internal returns (Holding, Holding) {
        if (from == to) return (giver, giver);
        w = _rolled(w);
        giver = _savedAt(w, from, giver);
        taker = _savedAt(w, to, taker);
        bool leaves = shares != 0 && giver.balance() == shares;
        bool enters = shares != 0 && taker.balance() == 0;
        bool isReweighed = taker.weight() != weight;
        giver = giver.minus(shares);
        if (leaves) giver = giver.withLockDay(0);
        taker = taker.plus(shares);
        if (isReweighed) taker = taker.withWeight(weight);
        _holdings[from] = giver;
        _holdings[to] = taker;
        // From one account of a party into another: as many accounts as before.
        if (leaves && enters && giver.party() == taker.party()) leaves = enters = false;
        if (leaves || enters) {
            bool fits = _company().moveSeats(leaves ? giver.party() : 0, enters ? taker.party() : 0, weight);
            if (!fits) revert Refused(18, Rules.HOLDERS_CAP, from, to, shares);
        }
        if (isReweighed && !enters) _company().recount(taker.party());
        return (giver, taker);
    }

    /// Shares that begin. The caller adds up `issued` and asks for the seats of those who enter.
    function _begin(ClassWord w, address to, Holding taker, uint64 shares, uint16 weight) internal returns (Holding) {
        taker = _savedAt(w, to, taker).plus(shares);
        if (taker.weight() != weight) {
            taker = taker.withWeight(weight);
            // One who holds already is recounted; one who enters is counted with the others of the act.
            if (taker.balance() != shares) _company().recount(taker.party());
        }
        _holdings[to] = taker;
        return taker;
    }

    /// Shares that end.
    function _finish(ClassWord w, address from, Holding giver, uint64 shares) internal returns (Holding) {
        w = _supplySaved(_rolled(w));
        giver = _savedAt(w, from, giver);
        bool leaves = shares != 0 && giver.balance() == shares;
        giver = giver.minus(shares);
        if (leaves) giver = giver.withLockDay(0);
        _holdings[from] = giver;
        _class = w.minusIssued(shares);
        if (leaves) _company().moveSeats(giver.party(), 0, 0);
        return giver;
    }

    // --- record dates ---

    /// The class word after the record dates that have passed by now.
    function _rolled(ClassWord w) internal returns (ClassWord) {
        if (w.recordTime() == 0 || block.timestamp <= w.recordTime()) return w;
        uint16 epoch = w.epoch();
        uint8 queued = w.queued();
        uint40 next = w.recordTime();
        while (next != 0 && block.timestamp > next) {
            epoch++;
            next = queued == 0 ? 0 : _recordTimes[epoch];
            if (queued != 0) queued--;
        }
        w = w.withRecordDate(epoch, queued, next);
        _class = w;
        return w;
    }

    /// Fixes the balance for the last record date that has passed, at the first move after it.
    function _savedAt(ClassWord w, address account, Holding h) private returns (Holding) {
        uint16 epoch = w.epoch();
        if (h.savedEpoch() == epoch) return h;
        // Nothing now and nothing saved: nothing was held at any date up to here.
        if (h.balance() == 0 && h.savedEpoch() == 0) return h.startingAfter(epoch);
        _savedBalances[account][epoch >> 2][epoch & 3] = h.balance() + 1;
        return h.withSavedEpoch(epoch);
    }

    /// Fixes what is issued for the last record date that has passed, before the first change after it. The caller writes
    /// the class word.
    function _supplySaved(ClassWord w) internal returns (ClassWord) {
        uint16 epoch = w.epoch();
        if (w.supplyEpoch() == epoch) return w;
        _savedSupply[epoch] = w.issued() + 1;
        return w.withSupplyEpoch(epoch);
    }

    function _issuedAt(uint16 epoch) internal view returns (uint64) {
        _requirePassed(epoch);
        ClassWord w = _class;
        for (uint16 e = epoch; e <= w.supplyEpoch(); e++) {
            uint64 saved = _savedSupply[e];
            if (saved != 0) return saved - 1;
        }
        return w.issued();
    }

    function _requirePassed(uint16 epoch) internal view {
        if (epoch == 0 || epoch > _recordTimes.length) revert RecordDateUnknown(epoch);
        uint40 time = _recordTimes[epoch - 1];
        if (block.timestamp <= time) revert RecordDateAhead(epoch, time);
    }

    function _appendRecordDate(uint40 time) internal returns (ClassWord w, uint16 epoch) {
        uint256 count = _recordTimes.length;
        uint40 previous = count == 0 ? 0 : _recordTimes[count - 1];
        // A time that has passed could differ from what was saved since: only the present or the future.
        if (time <= previous || time < block.timestamp) revert RecordTimeMalformed(time, previous);
        w = _rolled(_class);
        if (w.queued() == type(uint8).max || count == type(uint16).max) revert TooManyEntries(count, count);
        _recordTimes.push(time);
        epoch = uint16(count + 1);
        w = w.recordTime() == 0
            ? w.withRecordDate(w.epoch(), 0, time)
            : w.withRecordDate(w.epoch(), w.queued() + 1, w.recordTime());
    }

    function _holdingsAt(address[] calldata accounts, uint16 epoch)
        internal
        view
        returns (Holding[] memory holdings, uint64[] memory balances)
    {
        _requirePassed(epoch);
        holdings = new Holding[](accounts.length);
        balances = new uint64[](accounts.length);
        for (uint256 i = 0; i < accounts.length; i++) {
            holdings[i] = _holdings[accounts[i]];
            balances[i] = _balanceAt(accounts[i], epoch);
        }
    }

    /// The caller knows that the date has passed.
    function _balanceAt(address account, uint16 epoch) internal view returns (uint64) {
        Holding h = _holdings[account];
        if (epoch <= h.firstEpoch()) return 0;
        for (uint16 e = epoch; e <= h.savedEpoch(); e++) {
            uint64 saved = _savedBalances[account][e >> 2][e & 3];
            if (saved != 0) return saved - 1;
        }
        return h.balance();
    }

    // --- raises ---

    /// The caller knows there is room.
    function _setReserved(uint64 reserved) internal {
        _reserved = reserved;
        _class = _class.withReserving(reserved != 0);
    }

    // --- who ---

    /// Arguments of the clone: company, length of the name, name, symbol.
    function _company() internal view returns (ICompany) {
        return ICompany(address(bytes20(Clones.fetchCloneArgs(address(this)))));
    }

    /// Both parties' words. Parties are known from holdings; only an account new to the class is looked up.
    function _standings(address from, Holding giver, address to, Holding taker)
        internal
        view
        returns (PartyWord, PartyWord)
    {
        if (giver.party() == 0) return (_registry.standingOf(from), _registry.standingOf(to));
        return taker.party() == 0
            ? _registry.standingsFor(giver.party(), to)
            : _registry.standings(giver.party(), taker.party());
    }

    /// The holding of an account, with party and account number if it is new to the class.
    function _opened(Holding h, PartyWord word) internal pure returns (Holding) {
        return h.party() == 0 ? Holdings.create(word.id(), word.account()) : h;
    }

    /// Holding of a book account with shares.
    function _bookHolding(address account) internal view returns (Holding h) {
        h = _holdings[account];
        if (h.party() == 0 || h.account() != BOOK) revert NotABookAccount(account);
    }
}
