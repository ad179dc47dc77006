// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Bytes} from "@openzeppelin/contracts/utils/Bytes.sol";
import {Clones} from "@openzeppelin/contracts/proxy/Clones.sol";
import {IERC165} from "@openzeppelin/contracts/utils/introspection/IERC165.sol";
import {IERC5267} from "@openzeppelin/contracts/interfaces/IERC5267.sol";
import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {ERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Permit.sol";
import {IERC20Metadata} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Metadata.sol";
import {IERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Permit.sol";
import {IERC1404, IShareClass} from "./interfaces/IShareClass.sol";
import {CompanyRole} from "./interfaces/ICompany.sol";
import {IIdentityRegistry} from "./interfaces/IIdentityRegistry.sol";
import {Acts} from "./libraries/Acts.sol";
import {Rules} from "./libraries/Rules.sol";
import {ShareRegister} from "./ShareRegister.sol";
import {ActHeader, ActKind, Basis, ClassTerms, Consideration, Entry} from "./types/Act.sol";
import {ClassWord, ClassWords} from "./types/ClassWord.sol";
import {BOOK, Holding} from "./types/Holding.sol";
import {PartyWord} from "./types/PartyWord.sol";
import "./types/Errors.sol";

/// See `IShareClass`. Cloned by the company; company, name and symbol are immutable arguments of the clone. The check
/// and the move stand in `ShareRegister`; here are the acts, the token and the questions.
///
/// The EIP-712 domain name is the same for all classes ("Equity Share Class", ERC-5267); the verifying contract tells
/// them apart.
contract ShareClass is IShareClass, IERC1404, IERC165, ShareRegister, ERC20Permit {
    using Bytes for bytes;

    uint256 public constant MAX_BATCH = 200;
    uint8 private constant MAX_DECIMALS = 6;
    /// Behind 20 bytes of address and 2 of length.
    uint256 private constant NAME_AT = 22;

    constructor(IIdentityRegistry registry, uint32 utcOffset_)
        Acts(utcOffset_)
        ShareRegister(registry)
        ERC20("", "")
        ERC20Permit("Equity Share Class")
    {
        // The implementation itself is never a class.
        _class = ClassWords.create(1, 0, 0, 0);
    }

    /// A raise that the company admitted, or its escrow.
    modifier onlyOffering() {
        // In every phase: while migrating, the migrator acts in the transfer agent's place, never in a raise's.
        if (_company().rolesOf(msg.sender) & CompanyRole.OFFERING == 0) {
            revert NotAuthorised(msg.sender, CompanyRole.OFFERING);
        }
        _;
    }

    modifier onlyCompany() {
        if (msg.sender != address(_company())) revert NotAuthorised(msg.sender, 0);
        _;
    }

    // --- acts ---

    function issue(ActHeader calldata header, Consideration calldata given, Entry[] calldata entries) external {
        Basis basis = _act(header, ActKind.ISSUE, Basis.ALLOTMENT);
        _state(given);
        _issueAll(entries, basis);
    }

    function transferFor(
        ActHeader calldata header,
        Consideration calldata given,
        address from,
        Entry calldata entry
    ) external {
        Holding giver = _bookHolding(from);
        Holding taker = _holdings[entry.account];
        (PartyWord g, PartyWord t) = _standings(from, giver, entry.account, taker);
        Basis basis = _act(header, ActKind.TRANSFER, _basisOf(g, t));
        _state(given);
        taker = _opened(taker, t);
        // A lock-up comes with shares; an empty move changes nothing.
        if (entry.shares != 0) taker = taker.lockedAtLeast(entry.lockDay);
        (giver, taker) = _checkAndMove(from, giver, g, entry.account, taker, t, entry.shares, basis);
        emit EntryRecorded(giver, taker, entry.ref);
    }

    function cancel(ActHeader calldata header, ActKind kind, Consideration calldata given, Entry calldata entry)
        external
    {
        if (kind < ActKind.CANCEL || kind > ActKind.RETRACTION) revert KindMalformed(uint8(kind));
        _bookHolding(entry.account);
        Basis basis = _act(header, kind, Basis.AGREEMENT);
        _state(given);
        _end(entry.account, entry.shares, entry.ref, basis);
    }

    function reissue(ActHeader calldata header, address account, bytes32 ref) external {
        Holding h = _bookHolding(account);
        if (h.balance() == 0) revert SharesMissing();
        Basis basis = _act(header, ActKind.REISSUANCE, Basis.AGREEMENT);
        // No rule of moving is asked, but a register that is stopped or closed takes no entry.
        _refuse(_class.stops(), basis, account, account, 0);
        emit EntryRecorded(h, h, ref);
    }

    function split(ActHeader calldata header, uint32 numerator, uint32 denominator, Entry[] calldata differences)
        external
    {
        if (numerator == 0 || denominator == 0 || numerator == denominator) {
            revert RatioMalformed(numerator, denominator);
        }
        _company().requireUnbound(address(this));
        Basis basis = _act(header, ActKind.SPLIT, Basis.LAW);
        emit SplitDeclared(numerator, denominator);
        // A split is by law and asks no rule of receiving, so it reaches nobody who holds nothing.
        for (uint256 i = 0; i < differences.length; i++) {
            if (_holdings[differences[i].account].balance() == 0) revert SharesMissing();
        }
        if (numerator > denominator) return _issueAll(differences, basis);
        _requireBatch(differences.length);
        for (uint256 i = 0; i < differences.length; i++) {
            _end(differences[i].account, differences[i].shares, differences[i].ref, basis);
        }
    }

    function setLock(ActHeader calldata header, address account, uint24 lockDay) external {
        Holding h = _holdings[account];
        if (h.party() == 0) revert SharesMissing();
        _act(header, ActKind.LOCK, Basis.NONE);
        h = h.withLockDay(lockDay);
        _holdings[account] = h;
        emit HoldingChanged(h);
    }

    function setAuthorised(ActHeader calldata header, uint64 authorised) external {
        _act(header, ActKind.AUTHORISE, Basis.NONE);
        ClassWord w = _class;
        uint64 bound = w.authorised() - _room(w);
        if (authorised < bound) revert AuthorisedBelowIssued(authorised, bound);
        _requireSavable(authorised);
        _setClass(w.withAuthorised(authorised));
    }

    function admitCategories(ActHeader calldata header, uint16 categories) external {
        if (categories & 1 != 0) revert ClassMalformed(_class.decimals(), categories);
        _act(header, ActKind.ADMIT, Basis.NONE);
        _setClass(_class.withCategories(categories));
    }

    function setRecordDate(ActHeader calldata header, uint40 time) external returns (uint16 epoch) {
        _company().requireActor(msg.sender, CompanyRole.TRANSFER_AGENT | CompanyRole.OFFERING);
        _record(header, ActKind.RECORD_DATE, Basis.NONE);
        ClassWord w;
        (w, epoch) = _appendRecordDate(time);
        emit RecordDateSet(epoch, time);
        _setClass(w);
    }

    // --- raises that the company admitted ---

    function reserve(uint64 shares) external onlyOffering {
        uint64 room = _room(_class);
        if (shares > room) revert Refused(19, Rules.AUTHORISED, address(0), msg.sender, shares);
        _setReserved(_reserved + shares);
        emit SharesReserved(_reserved);
    }

    function unreserve(uint64 shares) external onlyOffering {
        _setReserved(_reserved - shares);
        emit SharesReserved(_reserved);
    }

    function allot(ActHeader calldata header, Consideration calldata given, Entry[] calldata entries)
        external
        onlyOffering
    {
        _record(header, ActKind.ALLOTMENT, Basis.SUBSCRIPTION);
        _state(given);
        uint64 reserved = _reserved;
        for (uint256 i = 0; i < entries.length; i++) {
            reserved -= entries[i].shares;
        }
        _setReserved(reserved);
        emit SharesReserved(reserved);
        _issueAll(entries, Basis.SUBSCRIPTION);
    }

    function redeem(ActHeader calldata header, Entry[] calldata entries) external onlyOffering {
        _record(header, ActKind.REDEMPTION, Basis.SUBSCRIPTION);
        _requireBatch(entries.length);
        for (uint256 i = 0; i < entries.length; i++) {
            _end(entries[i].account, entries[i].shares, entries[i].ref, Basis.SUBSCRIPTION);
        }
    }

    function deliver(ActHeader calldata header, address from, Entry calldata entry) external onlyOffering {
        _record(header, ActKind.PUT_DELIVERY, Basis.SUBSCRIPTION);
        Holding giver = _holdings[from];
        Holding taker = _holdings[entry.account];
        (PartyWord g, PartyWord t) = _standings(from, giver, entry.account, taker);
        (giver, taker) = _checkAndMove(
            from, _opened(giver, g), g, entry.account, _opened(taker, t), t, entry.shares, Basis.SUBSCRIPTION
        );
        emit EntryRecorded(giver, taker, entry.ref);
    }

    // --- the company only ---

    function initialise(ClassTerms calldata terms, uint8 index, uint8 stops) external onlyCompany {
        if (ClassWord.unwrap(_class) != 0) revert AlreadyInitialised();
        if (terms.decimals > MAX_DECIMALS || terms.categories & 1 != 0) {
            revert ClassMalformed(terms.decimals, terms.categories);
        }
        _requireSavable(terms.authorised);
        _class = ClassWords.create(terms.authorised, terms.decimals, terms.categories, index).withStops(stops);
    }

    function setStops(uint8 stops) external onlyCompany {
        _setClass(_class.withStops(stops));
    }

    function convertOut(address account, uint64 shares, bytes32 ref, bool isMigrating) external onlyCompany {
        _bookHolding(account);
        _end(account, shares, ref, isMigrating ? Basis.MIGRATION : Basis.AGREEMENT);
    }

    function convertIn(address account, uint64 shares, bytes32 ref, bool isMigrating) external onlyCompany {
        PartyWord t = _registry.standingOf(account);
        Basis basis = isMigrating ? Basis.MIGRATION : Basis.ALLOTMENT;
        ClassWord w = _supplySaved(_rolled(_class));
        bool enters = _issueOne(w, t, basis, account, shares, 0, ref);
        _class = w.plusIssued(shares);
        if (enters && !_company().moveSeats(0, t.id(), t.weight())) _refuseSeat(account, shares);
    }

    // --- questions ---

    function company() external view returns (address) {
        return address(_company());
    }

    function identityRegistry() external view returns (address) {
        return address(_registry);
    }

    function classWord() external view returns (ClassWord) {
        return _class;
    }

    function holding(address account) external view returns (Holding) {
        return _holdings[account];
    }

    function holdingsOf(address[] calldata accounts) external view returns (Holding[] memory holdings) {
        holdings = new Holding[](accounts.length);
        for (uint256 i = 0; i < accounts.length; i++) {
            holdings[i] = _holdings[accounts[i]];
        }
    }

    function balanceAt(address account, uint16 epoch) external view returns (uint64) {
        _requirePassed(epoch);
        return _balanceAt(account, epoch);
    }

    function holdingsAt(address[] calldata accounts, uint16 epoch) external view returns (Holding[] memory, uint64[] memory) {
        return _holdingsAt(accounts, epoch);
    }

    function issuedAt(uint16 epoch) external view returns (uint64) {
        return _issuedAt(epoch);
    }

    function reservedShares() external view returns (uint64) {
        return _reserved;
    }

    function recordTimes() external view returns (uint40[] memory) {
        return _recordTimes;
    }

    function brokenRules(address from, address to, uint256 shares) public view returns (uint256) {
        Holding giver = _holdings[from];
        Holding taker = _holdings[to];
        (PartyWord g, PartyWord t) = _standings(from, giver, to, taker);
        giver = _opened(giver, g);
        taker = _opened(taker, t);
        uint256 broken = _brokenMove(_class, giver, taker, g, t, shares) | _capBroken(giver, taker, t, shares);
        return broken & Rules.applying(_basisOf(g, t));
    }

    function brokenIssueRules(address to, uint256 shares) external view returns (uint256) {
        PartyWord t = _registry.standingOf(to);
        Holding taker = _opened(_holdings[to], t);
        return _brokenIssue(_class, taker, t, shares) | _capBroken(Holding.wrap(0), taker, t, shares);
    }

    function detectTransferRestriction(address from, address to, uint256 shares) external view returns (uint8) {
        return Rules.codeOf(brokenRules(from, to, shares));
    }

    function messageForTransferRestriction(uint8 code) external view returns (string memory) {
        return _company().reasonText(code);
    }

    function canSend(address account) external view returns (bool) {
        PartyWord g = _registry.standingOf(account);
        return _brokenByGiver(_opened(Holding.wrap(0), g), g, 0) == 0;
    }

    function canReceive(address account) external view returns (bool) {
        PartyWord t = _registry.standingOf(account);
        return _brokenByTaker(_class, _opened(Holding.wrap(0), t), t) == 0;
    }

    function canTransfer(address from, address to, uint256 shares) external view returns (bool) {
        return brokenRules(from, to, shares) & ~Rules.BALANCE == 0;
    }

    function supportsInterface(bytes4 id) external pure returns (bool) {
        return id == type(IERC165).interfaceId || id == type(IERC20).interfaceId
            || id == type(IERC20Metadata).interfaceId || id == type(IERC20Permit).interfaceId
            || id == type(IERC5267).interfaceId || id == type(IERC1404).interfaceId;
    }

    // --- the token ---

    function name() public view override returns (string memory) {
        bytes memory args = Clones.fetchCloneArgs(address(this));
        return string(args.slice(NAME_AT, NAME_AT + _nameLength(args)));
    }

    function symbol() public view override returns (string memory) {
        bytes memory args = Clones.fetchCloneArgs(address(this));
        return string(args.slice(NAME_AT + _nameLength(args)));
    }

    function decimals() public view override returns (uint8) {
        return _class.decimals();
    }

    function totalSupply() public view override returns (uint256) {
        return _class.issued();
    }

    function balanceOf(address account) public view override returns (uint256) {
        return _holdings[account].balance();
    }

    /// The zero address is an account that nobody has registered, as others are: the check names the rule.
    function transfer(address to, uint256 value) public override returns (bool) {
        _update(msg.sender, to, value);
        return true;
    }

    function transferFrom(address from, address to, uint256 value) public override returns (bool) {
        _spendAllowance(from, msg.sender, value);
        _update(from, to, value);
        return true;
    }

    // --- internal ---

    /// Every ERC-20 path ends here. OpenZeppelin's own balances are never touched.
    function _update(address from, address to, uint256 value) internal override {
        Holding giver = _holdings[from];
        Holding taker = _holdings[to];
        (PartyWord g, PartyWord t) = _standings(from, giver, to, taker);
        (giver, taker) =
            _checkAndMove(from, _opened(giver, g), g, to, _opened(taker, t), t, value, _basisOf(g, t));
        emit HoldingsMoved(giver, taker);
    }

    function _checkAndMove(
        address from,
        Holding giver,
        PartyWord g,
        address to,
        Holding taker,
        PartyWord t,
        uint256 shares,
        Basis basis
    ) private returns (Holding, Holding) {
        ClassWord w = _class;
        _refuse(_brokenMove(w, giver, taker, g, t, shares), basis, from, to, shares);
        // Between accounts of one party the later lock-up stays; an empty move, which anybody may send, carries none.
        if (shares != 0 && g.id() == t.id()) taker = taker.lockedAtLeast(giver.lockDay());
        // The check let it pass, so shares ≤ balance < 2^64.
        (giver, taker) = _move(w, from, giver, to, taker, uint64(shares), t.weight());
        emit Transfer(from, to, shares);
        return (giver, taker);
    }

    function _basisOf(PartyWord g, PartyWord t) private pure returns (Basis) {
        return g.id() == t.id() ? Basis.OWN_ACCOUNT : Basis.AGREEMENT;
    }

    /// A party's open wallet moves what stands in the party's book account without an allowance.
    function _spendAllowance(address owner, address spender, uint256 value) internal override {
        Holding h = _holdings[owner];
        if (h.account() == BOOK) {
            PartyWord word = _registry.standingOf(spender);
            if (word.id() == h.party() && !word.isClosed(word.account())) return;
        }
        super._spendAllowance(owner, spender, value);
    }

    function _act(ActHeader calldata header, ActKind kind, Basis basis) private returns (Basis) {
        bool isMigrating = _company().requireActor(msg.sender, CompanyRole.TRANSFER_AGENT);
        if (isMigrating) basis = Basis.MIGRATION;
        _record(header, kind, basis);
        return basis;
    }

    function _state(Consideration calldata given) private {
        if (given.kind != 0) emit ConsiderationStated(given.kind, given.currency, given.price);
    }

    function _issueAll(Entry[] calldata entries, Basis basis) private {
        uint256 count = entries.length;
        _requireBatch(count);
        address[] memory accounts = new address[](count);
        for (uint256 i = 0; i < count; i++) {
            accounts[i] = entries[i].account;
        }
        PartyWord[] memory words = _registry.standingsOf(accounts);
        PartyWord[] memory entering = new PartyWord[](count);
        uint256 entered;
        ClassWord w = _supplySaved(_rolled(_class));
        for (uint256 i = 0; i < count; i++) {
            Entry calldata entry = entries[i];
            uint64 shares = entry.shares;
            if (_issueOne(w, words[i], basis, entry.account, shares, entry.lockDay, entry.ref)) {
                entering[entered++] = words[i];
            }
            w = w.plusIssued(shares);
        }
        _class = w;
        if (entered != 0 && !_company().enterSeats(entering)) {
            _refuseSeat(count == 1 ? entries[0].account : address(0), 0);
        }
    }

    /// The caller adds up `issued`.
    /// @return enters True if the account held nothing before.
    function _issueOne(
        ClassWord w,
        PartyWord t,
        Basis basis,
        address account,
        uint64 shares,
        uint24 lockDay,
        bytes32 ref
    ) private returns (bool enters) {
        Holding taker = _opened(_holdings[account], t);
        _refuse(_brokenIssue(w, taker, t, shares), basis, address(0), account, shares);
        enters = taker.balance() == 0 && shares != 0;
        if (shares != 0) taker = taker.lockedAtLeast(lockDay);
        taker = _begin(w, account, taker, shares, t.weight());
        emit Transfer(address(0), account, shares);
        emit EntryRecorded(Holding.wrap(0), taker, ref);
    }

    function _end(address account, uint64 shares, bytes32 ref, Basis basis) private {
        Holding giver = _holdings[account];
        PartyWord g = _registry.partyWord(giver.party());
        ClassWord w = _class;
        _refuse(w.stops() | _brokenByGiver(giver, g, shares), basis, account, address(0), shares);
        giver = _finish(w, account, giver, shares);
        emit Transfer(account, address(0), shares);
        emit EntryRecorded(giver, Holding.wrap(0), ref);
    }

    function _setClass(ClassWord w) private {
        _class = w;
        emit ClassChanged(w);
    }

    function _refuseSeat(address account, uint64 shares) private pure {
        revert Refused(18, Rules.HOLDERS_CAP, address(0), account, shares);
    }

    /// A saved balance is kept as shares + 1, so that one account may hold all shares but 2^64 − 1.
    function _requireSavable(uint64 authorised) private pure {
        if (authorised == type(uint64).max) revert AuthorisedTooLarge(authorised);
    }

    function _nameLength(bytes memory args) private pure returns (uint256) {
        return uint16(bytes2(args.slice(NAME_AT - 2, NAME_AT)));
    }

    function _requireBatch(uint256 count) private pure {
        if (count == 0 || count > MAX_BATCH) revert TooManyEntries(count, MAX_BATCH);
    }
}
