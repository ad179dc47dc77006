// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Clones} from "@openzeppelin/contracts/proxy/Clones.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IAttestationBoard} from "../interfaces/IAttestationBoard.sol";
import {IIdentityRegistry, RegistryRole} from "../interfaces/IIdentityRegistry.sol";
import {IMilestoneEscrow} from "../interfaces/IMilestoneEscrow.sol";
import {IOffering} from "../interfaces/IOffering.sol";
import {IRegions} from "../interfaces/IRegions.sol";
import {ISettlementToken} from "../interfaces/ISettlementToken.sol";
import {IShareClass} from "../interfaces/IShareClass.sol";
import {Acts} from "../libraries/Acts.sol";
import {ActHeader, ActKind, Basis, Consideration, Entry} from "../types/Act.sol";
import {PartyWord} from "../types/PartyWord.sol";
import {OfferingTerms} from "../types/Raise.sol";
import {EscrowTerms, Purse, RatchetSource, RatchetTerms, Tranche} from "../types/Tranche.sol";
import "../types/Errors.sol";

/// What subscribers and founders may ask of an escrow beside its tranches: their part of missed money, puts, the ratchet.
abstract contract EscrowRights is IMilestoneEscrow, Acts {
    /// Interest is counted in days of 24 hours on the region's clock, a year has 365 of them.
    uint256 private constant YEAR_IN_BPS_DAYS = 365 * 10_000;
    /// [gas] More than a payment with its delivery takes.
    uint256 private constant INNER_GAS = 500_000;
    uint8 private constant EARLY = 1;
    uint8 private constant LATE = 2;

    IIdentityRegistry public immutable identityRegistry;
    ISettlementToken public immutable token;
    IRegions public immutable regions;
    IAttestationBoard public immutable board;

    /// A put that was exercised: the payer's debt for these shares.
    struct Put {
        uint64 shares;
        uint64 debt;
        bool isPaid;
    }

    EscrowTerms internal _terms;
    RatchetTerms internal _ratchet;
    /// What a release reads, once more in one slot: where it goes, and the ratchet's milestone + 1, 0 without a ratchet.
    address internal _issuerAccount;
    uint8 internal _ratchetAt;
    /// [s] Region clock, last second for puts; 0 until the last tranche is decided, and where nothing was missed.
    uint40 internal _claimsEnd;
    Purse internal _purse;
    mapping(uint8 milestone => Tranche) internal _tranches;
    uint8 internal _trancheCount;
    bool internal _isPutOpen;
    /// EARLY or LATE once the ratchet's milestone was reached so.
    uint8 private _ratchetFell;
    /// [shares × 10^decimals] New shares kept free for the ratchet.
    uint64 private _reserved;
    uint256 private _actCount;
    mapping(uint32 party => Put) public putOf;
    /// Yes | all that the raise allotted << 64 [shares × 10^decimals].
    mapping(uint8 milestone => uint256) internal _votes;
    mapping(uint8 milestone => mapping(uint32 party => bool)) public hasVoted;

    constructor(IIdentityRegistry registry, ISettlementToken token_, IRegions regions_, IAttestationBoard board_) {
        identityRegistry = registry;
        token = token_;
        regions = regions_;
        board = board_;
    }

    modifier onlyOffering() {
        if (msg.sender != offering()) revert NotAuthorised(msg.sender, 0);
        _;
    }

    // --- what it is, from the arguments of the clone ---

    function offering() public view returns (address found) {
        (found,,,) = _arguments();
    }

    function company() public view returns (address found) {
        (, found,,) = _arguments();
    }

    function shareClass() public view returns (address found) {
        (,, found,) = _arguments();
    }

    function region() public view returns (uint16 code) {
        (,,, code) = _arguments();
    }

    function arbiter() external view returns (address) {
        return _terms.arbiter;
    }

    function challengeThreshold() external view returns (uint256) {
        uint256 issued = IShareClass(shareClass()).classWord().issued();
        uint256 allotted = _allotted();
        return ((issued < allotted ? issued : allotted) * _terms.challengeBps + 9_999) / 10_000;
    }

    function claimsEnd() external view returns (uint40) {
        return _claimsEnd;
    }

    function terms() external view returns (EscrowTerms memory) {
        return _terms;
    }

    function ratchetTerms() external view returns (RatchetTerms memory) {
        return _ratchet;
    }

    function purse() external view returns (Purse) {
        return _purse;
    }

    function isOwing() external view returns (bool) {
        uint256 lots = IOffering(offering()).totals().subscribers();
        uint256 held = _purse.proceeds() - _purse.released() - _purse.redeemed();
        bool isPutLive = _isPutOpen && (_claimsEnd == 0 || _clock() <= _claimsEnd);
        return isPutLive || held >= lots || _reserved >= lots;
    }

    // --- redemption ---

    function _redeem(address[] memory accounts) internal {
        Purse p = _purse;
        (address[] memory receivers, uint64[] memory amounts) =
            IOffering(offering()).redeemLots(accounts, p.redeemable());
        for (uint256 i = 0; i < accounts.length; i++) {
            if (amounts[i] == 0) continue;
            p = p.plusRedeemed(amounts[i]);
            emit Redeemed(receivers[i], amounts[i]);
            IERC20(address(token)).transfer(receivers[i], amounts[i]);
        }
        _purse = p;
    }

    /// What lapses counts as redeemed: it was missed and leaves the escrow.
    function _lapse(address[] calldata accounts) internal {
        Purse p = _purse;
        uint64 amount = IOffering(offering()).lapseLots(accounts, p.redeemable());
        if (amount == 0) return;
        _purse = p.plusRedeemed(amount);
        address to = identityRegistry.destinationOf(_terms.lapseAccount);
        emit ClaimsLapsed(to, amount);
        IERC20(address(token)).transfer(to, amount);
    }

    // --- puts ---

    function exercisePut(address account) external {
        _requireOwner(account);
        _exercisePut(account);
    }

    function exercisePutFor(ActHeader calldata header, address account) external {
        _requirePlatformFor(account);
        _record(header, ActKind.EXERCISE_PUT, Basis.NONE);
        _exercisePut(account);
    }

    /// What the escrow owes the lot is paid first; the rest and the interest are the payer's. It pays at once if its
    /// allowance and its money suffice and no rule holds the shares, else the debt stands recorded.
    function _exercisePut(address account) private {
        if (!_isPutOpen || _claimsEnd == 0) revert PutNotOpen();
        _requireClaims();
        address[] memory accounts = new address[](1);
        accounts[0] = account;
        _redeem(accounts);
        (uint32 party, uint64 shares, uint64 rest, uint64 principal) = IOffering(offering()).lotOf(account);
        if (shares == 0) revert PutUnknown(party);
        if (putOf[party].shares != 0) revert PutExercisedAlready(party);
        uint64 interest = _interest(party, principal, rest);
        putOf[party] = Put(shares, rest + interest, false);
        emit PutExercised(party, account, shares, rest, interest);
        _requireGas();
        // Of itself, so that what is refused leaves no trace but the debt.
        try this.collectPut(party, account) {} catch {}
    }

    function collectPut(uint32 party, address account) external {
        if (msg.sender != address(this)) revert NotAuthorised(msg.sender, 0);
        _payPut(party, account, _terms.putPayer);
    }

    function payPut(address account) external {
        uint32 party = identityRegistry.standingOf(account).id();
        _payPut(party, account, msg.sender);
    }

    /// Money against shares, in one step and in full.
    function _payPut(uint32 party, address account, address payer) private {
        Put memory put = putOf[party];
        if (put.shares == 0 || put.isPaid) revert PutUnknown(party);
        _requireClaims();
        (, uint64 shares,,) = IOffering(offering()).lotOf(account);
        if (shares < put.shares) revert PutSharesMissing(party, shares, put.shares);
        putOf[party].isPaid = true;
        emit PutPaid(party, account, payer, put.debt);
        address to = _terms.isPayerIssuer ? address(0) : identityRegistry.destinationOf(_terms.putPayer);
        IOffering(offering()).deliverLot(account, to, put.shares);
        IERC20(address(token)).transferFrom(payer, identityRegistry.destinationOf(account), put.debt);
    }

    /// Afterwards a debt that is recorded is settled outside the chain, and the class is free again.
    function _requireClaims() private view {
        uint40 clock = _clock();
        if (clock > _claimsEnd) revert Overdue(clock, _claimsEnd);
    }

    /// [fen] Simple, ACT/365 from the day of payment, rounded down. With `rest` it fits 64 bits, or no money could pay it.
    function _interest(uint32 party, uint64 principal, uint64 rest) private view returns (uint64) {
        uint40 paidAt = IOffering(offering()).subscription(party).paidAt();
        uint256 elapsed = (_clock() - paidAt) / 1 days;
        uint256 due = (uint256(principal) * _terms.putRateBps * elapsed) / YEAR_IN_BPS_DAYS;
        if (due > type(uint64).max - rest) revert AmountTooLarge(due);
        return uint64(due);
    }

    // --- the ratchet ---

    function deliverRatchet(address[] calldata accounts) external {
        RatchetTerms memory r = _ratchet;
        if (_ratchetFell == EARLY) return _deliverEarly(r);
        if (_ratchetFell != LATE) revert RatchetNotDue();
        (address[] memory receivers, uint64[] memory shares) =
            IOffering(offering()).ratchetLots(accounts, r.lateBps, identityRegistry.destinationOf(r.fallbackAccount));
        bool isNew = r.source == RatchetSource.NEW_SHARES;
        for (uint256 i = 0; i < accounts.length; i++) {
            if (shares[i] == 0) continue;
            if (!isNew) _take(r.founder, accounts[i], receivers[i], shares[i]);
            else if (receivers[i] == address(0)) _keep(_reserved - shares[i]);
            else _allot(receivers[i], shares[i]);
        }
    }

    function _deliverEarly(RatchetTerms memory r) private {
        uint64 shares = _reserved;
        if (shares == 0) revert RatchetNotDue();
        _allot(identityRegistry.destinationOf(r.founder), shares);
    }

    function _allot(address to, uint64 shares) private {
        _reserved -= shares;
        emit RatchetDelivered(to, shares);
        Entry[] memory entries = new Entry[](1);
        entries[0] = Entry(to, shares, 0, bytes32(0));
        IShareClass(shareClass()).allot(_header(), Consideration(0, 0, 0), entries);
    }

    /// The founder allowed it; if rules or allowance refuse today, the others are not held up and this one stays due.
    function _take(address founder, address account, address to, uint64 shares) private {
        if (to == address(0)) return;
        _requireGas();
        try IERC20(shareClass()).transferFrom(founder, to, shares) {
            emit RatchetDelivered(to, shares);
        } catch {
            emit RatchetUnmet(account, shares);
            IOffering(offering()).restoreRatchet(account);
        }
    }

    function _reserveRatchet(uint64 maximum) internal {
        RatchetTerms memory r = _ratchet;
        uint256 late = r.source == RatchetSource.NEW_SHARES ? r.lateBps : 0;
        uint256 bps = r.earlyBps > late ? r.earlyBps : late;
        if (r.source == 0 || bps == 0) return;
        _keep(uint64((uint256(maximum) * bps) / 10_000));
    }

    function _freeRatchet() internal {
        if (_reserved != 0) _keep(0);
    }

    /// Early or late or in between, by when the quorum stood. Shares that will not be needed are free again.
    function _decideRatchet(uint8 milestone) internal {
        if (_ratchetAt != milestone + 1) return;
        RatchetTerms memory r = _ratchet;
        uint40 reached = board.reachedAt(address(this), milestone);
        if (r.earlyBps != 0 && reached <= r.earlyBy) _ratchetFell = EARLY;
        else if (r.lateBps != 0 && reached > r.lateAfter) _ratchetFell = LATE;
        bool isNew = _ratchetFell == EARLY || (_ratchetFell == LATE && r.source == RatchetSource.NEW_SHARES);
        _keep(isNew ? uint64((_allotted() * (_ratchetFell == EARLY ? r.earlyBps : r.lateBps)) / 10_000) : 0);
        if (_ratchetFell != 0) emit RatchetFell(_ratchetFell);
    }

    /// Keeps just so many new shares free.
    function _keep(uint64 shares) private {
        uint64 kept = _reserved;
        _reserved = shares;
        if (shares > kept) IShareClass(shareClass()).reserve(shares - kept);
        if (shares < kept) IShareClass(shareClass()).unreserve(kept - shares);
    }

    /// [shares × 10^decimals] All that the raise allotted.
    function _allotted() internal view returns (uint256) {
        return IOffering(offering()).totals().raised() / IOffering(offering()).terms().price;
    }

    /// A call inside that runs out of gas looks like one that is refused: a limit so low is refused itself.
    function _requireGas() private view {
        if (gasleft() < INNER_GAS) revert GasTooLow(gasleft(), INNER_GAS);
    }

    // --- what all parts share ---

    function _arguments() private view returns (address, address, address, uint16) {
        return abi.decode(Clones.fetchCloneArgs(address(this)), (address, address, address, uint16));
    }

    function _clock() internal view returns (uint40) {
        return regions.clock(region());
    }

    /// Heads an act of this escrow on its class; it rests on the memorandum. Whoever pushes is part of the id, so that the
    /// company cannot use it up beforehand.
    function _header() internal returns (ActHeader memory) {
        bytes32 operation = keccak256(abi.encode(address(this), ++_actCount, block.number, tx.origin));
        return ActHeader(operation, int32(uint32(_today())), IOffering(offering()).terms().memorandum);
    }

    /// An open wallet of the account's party.
    function _requireOwner(address account) internal view {
        if (!identityRegistry.mayActFor(msg.sender, account)) revert NotAuthorised(msg.sender, 0);
    }

    function _requirePlatformFor(address account) internal view {
        if (identityRegistry.rolesOf(msg.sender) & RegistryRole.PLATFORM == 0) {
            revert NotAuthorised(msg.sender, RegistryRole.PLATFORM);
        }
        if (!identityRegistry.isBookAccount(account)) revert NotABookAccount(account);
    }
}
