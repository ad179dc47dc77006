// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {SignatureChecker} from "@openzeppelin/contracts/utils/cryptography/SignatureChecker.sol";
import {IIdentityRegistry, RegistryRole} from "./interfaces/IIdentityRegistry.sol";
import {Acts} from "./libraries/Acts.sol";
import {ActHeader, ActKind, Basis} from "./types/Act.sol";
import {PartyWord} from "./types/PartyWord.sol";
import {BOOK} from "./types/Holding.sol";
import "./types/Errors.sol";

/// See `IIdentityRegistry`.
contract IdentityRegistry is IIdentityRegistry, Acts, EIP712 {
    uint256 public constant MAX_BATCH = 200;
    uint8 public constant MAX_WALLETS = 8;
    bytes32 private constant BIND_WALLET = keccak256("BindWallet(uint32 party,address wallet,uint64 deadline)");

    /// First 16 bytes of every book account; bound to chain and registry, so that no other registry shares accounts.
    bytes16 public immutable bookTag;

    mapping(uint32 party => PartyWord) private _parties;
    /// party | number << 32; zero for an unknown account.
    mapping(address wallet => uint256) private _wallets;
    mapping(address account => uint256) public rolesOf;
    mapping(address provider => Provider) public providers;
    mapping(address account => bool) public isEnrolled;
    /// [fen] Use of the annual limit, four parties to a slot.
    mapping(uint256 year => mapping(uint256 page => uint64[4])) private _use;
    /// Amount [fen] | day until which it counts << 64.
    mapping(uint256 year => mapping(uint32 party => uint256)) private _outsideUse;
    /// Basis points | day until which it counts << 16.
    mapping(uint32 party => uint256) private _taxRelief;
    uint64 public annualLimit = 1_000_000_00;
    address public offeredGovernor;
    /// Who offered; loses the role when the offer is taken.
    address private _offeringGovernor;

    constructor(address governor, uint32 utcOffset_) Acts(utcOffset_) EIP712("Equity Identity Registry", "1") {
        if (governor == address(0)) revert RoleMalformed(governor, RegistryRole.GOVERNOR);
        bookTag = bytes16(keccak256(abi.encode(block.chainid, address(this))));
        rolesOf[governor] = RegistryRole.GOVERNOR;
        emit RolesSet(governor, RegistryRole.GOVERNOR);
        emit AnnualLimitSet(annualLimit);
    }

    modifier onlyRole(uint256 role) {
        if (rolesOf[msg.sender] & role == 0) revert NotAuthorised(msg.sender, role);
        _;
    }

    // --- roles ---

    function setRoles(ActHeader calldata header, address account, uint256 roles)
        external
        onlyRole(RegistryRole.GOVERNOR)
    {
        uint256 governor = rolesOf[account] & RegistryRole.GOVERNOR;
        if (account == address(0) || roles & ~(RegistryRole.ALL ^ RegistryRole.GOVERNOR) != 0) {
            revert RoleMalformed(account, roles);
        }
        _record(header, ActKind.ROLES, Basis.NONE);
        rolesOf[account] = roles | governor;
        emit RolesSet(account, roles | governor);
    }

    function offerGovernor(ActHeader calldata header, address account) external onlyRole(RegistryRole.GOVERNOR) {
        _record(header, ActKind.OFFER_ADMIN, Basis.NONE);
        offeredGovernor = account;
        _offeringGovernor = msg.sender;
        emit GovernorOffered(account);
    }

    function acceptGovernor() external {
        if (msg.sender != offeredGovernor) revert NotAuthorised(msg.sender, RegistryRole.GOVERNOR);
        address before = _offeringGovernor;
        delete offeredGovernor;
        rolesOf[before] &= ~RegistryRole.GOVERNOR;
        emit RolesSet(before, rolesOf[before]);
        rolesOf[msg.sender] |= RegistryRole.GOVERNOR;
        emit RolesSet(msg.sender, rolesOf[msg.sender]);
    }

    function trustProvider(ActHeader calldata header, address provider, Provider calldata terms)
        external
        onlyRole(RegistryRole.GOVERNOR)
    {
        if (terms.firstId == 0 || terms.lastId < terms.firstId) revert RangeMalformed(terms.firstId, terms.lastId);
        _record(header, ActKind.TRUST_PROVIDER, Basis.NONE);
        providers[provider] = terms;
        emit ProviderTrusted(provider, terms.firstId, terms.lastId, terms.untilDay);
    }

    function revokeProvider(ActHeader calldata header, address provider) external onlyRole(RegistryRole.GOVERNOR) {
        _record(header, ActKind.REVOKE_PROVIDER, Basis.NONE);
        delete providers[provider];
        emit ProviderRevoked(provider);
    }

    // --- parties ---

    function onboard(ActHeader calldata header, PartyWord[] calldata words, bytes32[] calldata dossiers) external {
        if (words.length != dossiers.length) revert LengthsDiffer(words.length, dossiers.length);
        _requireBatch(words.length);
        _record(header, ActKind.ONBOARD, Basis.NONE);
        Provider memory provider = providers[msg.sender];
        for (uint256 i = 0; i < words.length; i++) {
            _register(provider, words[i], dossiers[i]);
        }
    }

    function onboardWithWallets(ActHeader calldata header, uint64 deadline, Newcomer[] calldata newcomers) external {
        _requireBatch(newcomers.length);
        _requireBefore(deadline);
        _record(header, ActKind.ONBOARD, Basis.NONE);
        Provider memory provider = providers[msg.sender];
        for (uint256 i = 0; i < newcomers.length; i++) {
            Newcomer calldata n = newcomers[i];
            if (!n.word.isStatement()) revert PartyMalformed(PartyWord.unwrap(n.word));
            PartyWord word = n.word.withNextWallet();
            _registerWord(provider, word, n.dossier);
            bytes32 digest = _bindingDigest(word.id(), n.wallet, deadline);
            (address signer, ECDSA.RecoverError e,) = ECDSA.tryRecover(digest, n.r, n.vs);
            if (e != ECDSA.RecoverError.NoError || signer != n.wallet) revert SignatureInvalid(n.wallet);
            _bind(word.id(), 0, n.wallet);
        }
    }

    function setStanding(ActHeader calldata header, PartyWord[] calldata words) external {
        _requireBatch(words.length);
        _record(header, ActKind.STANDING, Basis.NONE);
        Provider memory provider = providers[msg.sender];
        for (uint256 i = 0; i < words.length; i++) {
            if (!words[i].isStatement()) revert PartyMalformed(PartyWord.unwrap(words[i]));
            PartyWord old = _required(provider, words[i].id());
            _store(words[i].statedOver(old));
        }
    }

    function revoke(ActHeader calldata header, uint32 party) external {
        _record(header, ActKind.REVOKE, Basis.NONE);
        _store(_required(providers[msg.sender], party).withoutStanding());
    }

    function bindWallet(
        ActHeader calldata header,
        uint32 party,
        address wallet,
        uint64 deadline,
        bytes calldata signature
    ) external {
        _requireBefore(deadline);
        PartyWord word = _required(providers[msg.sender], party);
        uint8 number = word.walletCount();
        if (number == MAX_WALLETS) revert TooManyWallets(party);
        bytes32 digest = _bindingDigest(party, wallet, deadline);
        if (!SignatureChecker.isValidSignatureNowCalldata(wallet, digest, signature)) revert SignatureInvalid(wallet);
        _record(header, ActKind.BIND_WALLET, Basis.NONE);
        _store(word.withNextWallet());
        _bind(party, number, wallet);
    }

    function setWalletClosed(ActHeader calldata header, address wallet, bool closed) external {
        uint256 known = _wallets[wallet];
        if (known == 0) revert WalletUnknown(wallet);
        PartyWord word = _required(providers[msg.sender], uint32(known));
        _record(header, ActKind.CLOSE_WALLET, Basis.NONE);
        _store(word.withClosed(uint8(known >> 32), closed));
    }

    function setFrozen(ActHeader calldata header, uint32 party, bool frozen) external onlyRole(RegistryRole.REGULATOR) {
        PartyWord word = _parties[party];
        if (!word.exists()) revert PartyUnknown(party);
        _record(header, ActKind.FREEZE, Basis.NONE);
        _store(word.withFrozen(frozen));
    }

    function setAnnualLimit(ActHeader calldata header, uint64 limit) external onlyRole(RegistryRole.REGULATOR) {
        _record(header, ActKind.ANNUAL_LIMIT, Basis.NONE);
        annualLimit = limit;
        emit AnnualLimitSet(limit);
    }

    function stateOutsideUse(
        ActHeader calldata header,
        uint32 party,
        uint16 year,
        uint64 amount,
        uint24 untilDay
    ) external {
        PartyWord word = _required(providers[msg.sender], party);
        _record(header, ActKind.OUTSIDE_USE, Basis.NONE);
        _outsideUse[year][party] = uint256(amount) | (uint256(untilDay) << 64);
        emit OutsideUseStated(party, year, amount, untilDay);
        if (!word.usesOutside()) _store(word.withOutsideUse());
    }

    function stateTaxRelief(ActHeader calldata header, uint32 party, uint16 bps, uint24 untilDay)
        external
        onlyRole(RegistryRole.PLATFORM)
    {
        PartyWord word = _parties[party];
        if (!word.exists()) revert PartyUnknown(party);
        if (bps > 10_000) revert TaxAboveWhole(bps);
        _record(header, ActKind.TAX_RELIEF, Basis.NONE);
        _taxRelief[party] = uint256(bps) | (uint256(untilDay) << 16);
        emit TaxReliefStated(party, bps, untilDay);
        if (!word.hasRelief()) _store(word.withRelief());
    }

    // --- raises ---

    function enrol(address account) external onlyRole(RegistryRole.OFFERINGS) {
        isEnrolled[account] = true;
        emit Enrolled(account);
    }

    function addUse(uint32 party, uint16 year, uint64 amount) external returns (bool) {
        _requireEnrolled();
        uint64[4] storage page = _use[year][party >> 2];
        uint64 before = page[party & 3];
        if (!_isWithinLimit(party, year, before, amount)) return false;
        // The settlement token's supply fits 64 bits, and only money that is there is invested.
        page[party & 3] = before + amount;
        return true;
    }

    function reduceUse(uint32 party, uint16 year, uint64 amount) external {
        _requireEnrolled();
        _use[year][party >> 2][party & 3] -= amount;
    }

    // --- reads ---

    function partyWord(uint32 party) external view returns (PartyWord) {
        return _parties[party];
    }

    function partyWords(uint32[] calldata parties) external view returns (PartyWord[] memory words) {
        words = new PartyWord[](parties.length);
        for (uint256 i = 0; i < parties.length; i++) {
            words[i] = _parties[parties[i]];
        }
    }

    function taxReliefOf(uint32 party) external view returns (uint16 bps, uint24 untilDay) {
        uint256 stated = _taxRelief[party];
        return (uint16(stated), uint24(stated >> 16));
    }

    function standingOf(address account) external view returns (PartyWord) {
        return _standingOf(account);
    }

    function standingsOf(address[] calldata accounts) external view returns (PartyWord[] memory words) {
        words = new PartyWord[](accounts.length);
        for (uint256 i = 0; i < accounts.length; i++) {
            words[i] = _standingOf(accounts[i]);
        }
    }

    function standings(uint32 giver, uint32 taker) external view returns (PartyWord, PartyWord) {
        return (_parties[giver], _parties[taker]);
    }

    function standingsFor(uint32 giver, address taker) external view returns (PartyWord, PartyWord) {
        return (_parties[giver], _standingOf(taker));
    }

    function bookAccount(uint32 party) public view returns (address) {
        return address(bytes20(bookTag) | bytes20(uint160(party)));
    }

    function isBookAccount(address account) external view returns (bool) {
        return _isBook(account);
    }

    function useOf(uint32 party, uint16 year) external view returns (uint64 own, uint64 outside, uint24 untilDay) {
        uint256 stated = _outsideUse[year][party];
        return (_use[year][party >> 2][party & 3], uint64(stated), uint24(stated >> 64));
    }

    function fitsAnnualLimit(uint32 party, uint16 year, uint64 amount) external view returns (bool) {
        return _isWithinLimit(party, year, _use[year][party >> 2][party & 3], amount);
    }

    function mayActFor(address actor, address account) external view returns (bool) {
        PartyWord w = _standingOf(actor);
        return w.exists() && !w.isClosed(w.account()) && w.id() == _standingOf(account).id();
    }

    function destinationOf(address account) external view returns (address) {
        uint256 known = _wallets[account];
        if (known == 0 || !_parties[uint32(known)].isClosed(uint8(known >> 32))) return account;
        return bookAccount(uint32(known));
    }

    // --- internal ---

    function _requireEnrolled() internal view {
        if (!isEnrolled[msg.sender]) revert NotAuthorised(msg.sender, RegistryRole.OFFERINGS);
    }

    function _isWithinLimit(uint32 party, uint16 year, uint64 before, uint64 amount) internal view returns (bool) {
        PartyWord word = _parties[party];
        uint64 limit = annualLimit;
        if (limit == 0 || !word.isLimited()) return true;
        uint256 total = uint256(before) + amount;
        if (word.usesOutside()) {
            uint256 stated = _outsideUse[year][party];
            if (stated != 0 && _today() > uint24(stated >> 64)) return false;
            total += uint64(stated);
        }
        return total <= limit;
    }

    function _standingOf(address account) internal view returns (PartyWord word) {
        if (_isBook(account)) {
            word = _parties[uint32(uint160(account))];
            return word.exists() ? word.seenBy(BOOK) : word;
        }
        uint256 known = _wallets[account];
        return known == 0 ? word : _parties[uint32(known)].seenBy(uint8(known >> 32));
    }

    function _isBook(address account) internal view returns (bool) {
        return bytes16(bytes20(account)) == bookTag;
    }

    function _register(Provider memory provider, PartyWord word, bytes32 dossier) internal {
        if (!word.isStatement()) revert PartyMalformed(PartyWord.unwrap(word));
        _registerWord(provider, word, dossier);
    }

    function _registerWord(Provider memory provider, PartyWord word, bytes32 dossier) internal {
        uint32 party = word.id();
        _requireInRange(provider, party);
        if (_parties[party].exists()) revert PartyExists(party);
        _parties[party] = word;
        emit PartyOnboarded(word, dossier);
    }

    function _store(PartyWord word) internal {
        _parties[word.id()] = word;
        emit PartyChanged(word);
    }

    function _bind(uint32 party, uint8 number, address wallet) internal {
        if (wallet == address(0) || _isBook(wallet)) revert WalletReserved(wallet);
        uint256 known = _wallets[wallet];
        if (known != 0) revert WalletBound(wallet, uint32(known));
        _wallets[wallet] = uint256(party) | (uint256(number) << 32);
        emit WalletBoundTo(party, number, wallet);
    }

    function _bindingDigest(uint32 party, address wallet, uint64 deadline) internal view returns (bytes32) {
        return _hashTypedDataV4(keccak256(abi.encode(BIND_WALLET, party, wallet, deadline)));
    }

    function _required(Provider memory provider, uint32 party) internal view returns (PartyWord word) {
        _requireInRange(provider, party);
        word = _parties[party];
        if (!word.exists()) revert PartyUnknown(party);
    }

    function _requireInRange(Provider memory provider, uint32 party) internal view {
        bool inRange = party != 0 && party >= provider.firstId && party <= provider.lastId;
        if (!inRange || _today() > provider.untilDay) revert PartyOutsideRange(msg.sender, party);
    }

    function _requireBatch(uint256 count) internal pure {
        if (count == 0 || count > MAX_BATCH) revert TooManyEntries(count, MAX_BATCH);
    }

    function _requireBefore(uint64 deadline) internal view {
        if (block.timestamp > deadline) revert SignatureExpired(deadline, block.timestamp);
    }
}
