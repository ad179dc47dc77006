// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC165} from "@openzeppelin/contracts/utils/introspection/IERC165.sol";
import {IERC3009, IERC3009Cancel} from "@openzeppelin/contracts/interfaces/draft-IERC3009.sol";
import {IERC5267} from "@openzeppelin/contracts/interfaces/IERC5267.sol";
import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {ERC3009} from "@openzeppelin/contracts/token/ERC20/extensions/draft-ERC3009.sol";
import {ERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Permit.sol";
import {IERC20Metadata} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Metadata.sol";
import {IERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Permit.sol";
import {IIdentityRegistry, RegistryRole} from "../interfaces/IIdentityRegistry.sol";
import {ISettlementToken} from "../interfaces/ISettlementToken.sol";
import {Acts} from "../libraries/Acts.sol";
import {Signatures} from "../libraries/Signatures.sol";
import {ActHeader, ActKind, Basis} from "../types/Act.sol";
import {BankLine, Cash, Payout} from "../types/Money.sol";
import "../types/Errors.sol";

/// See `ISettlementToken`.
contract SettlementToken is ISettlementToken, IERC165, Acts, ERC20Permit, ERC3009 {
    uint256 public constant MAX_BATCH = 200;

    IIdentityRegistry public immutable identityRegistry;
    bytes16 private immutable _bookTag;

    mapping(address account => Cash) private _cash;
    mapping(bytes32 ref => bool) public isUsed;
    uint64 private _supply;
    bool public isStopped;

    constructor(IIdentityRegistry registry, uint32 utcOffset_)
        Acts(utcOffset_)
        ERC20("Tokenised CNY", "CNYT")
        ERC20Permit("Equity Settlement Token")
    {
        identityRegistry = registry;
        _bookTag = bytes16(bytes20(registry.bookAccount(0)));
    }

    modifier onlyRole(uint256 roles) {
        if (identityRegistry.rolesOf(msg.sender) & roles == 0) revert NotAuthorised(msg.sender, roles);
        _;
    }

    // --- the bank ---

    function mint(ActHeader calldata header, BankLine[] calldata lines) external onlyRole(RegistryRole.CUSTODIAN) {
        _requireBatch(lines.length);
        _requireMoving();
        _record(header, ActKind.MINT, Basis.NONE);
        for (uint256 i = 0; i < lines.length; i++) {
            BankLine calldata line = lines[i];
            if (!identityRegistry.standingOf(line.account).exists()) revert AccountUnknown(line.account);
            _useReference(line);
            if (line.amount > type(uint64).max - _supply) revert AmountTooLarge(line.amount);
            _supply += line.amount;
            _cash[line.account] = _cash[line.account].plus(line.amount);
            emit Transfer(address(0), line.account, line.amount);
            emit Minted(line.account, line.amount, line.ref);
        }
    }

    function burn(ActHeader calldata header, BankLine[] calldata lines) external onlyRole(RegistryRole.CUSTODIAN) {
        _requireBatch(lines.length);
        _requireMoving();
        _record(header, ActKind.BURN, Basis.NONE);
        for (uint256 i = 0; i < lines.length; i++) {
            BankLine calldata line = lines[i];
            if (!_isBook(line.account) && line.account != msg.sender) revert NotABookAccount(line.account);
            _useReference(line);
            _take(line.account, line.amount);
            _supply -= line.amount;
            emit Transfer(line.account, address(0), line.amount);
            emit Burned(line.account, line.amount, line.ref);
        }
    }

    function setStopped(ActHeader calldata header, bool stopped)
        external
        onlyRole(RegistryRole.CUSTODIAN | RegistryRole.REGULATOR)
    {
        _record(header, ActKind.STOP_MONEY, Basis.NONE);
        isStopped = stopped;
        emit MoneyStopped(stopped);
    }

    function setFrozen(ActHeader calldata header, address account, bool frozen)
        external
        onlyRole(RegistryRole.REGULATOR)
    {
        _record(header, ActKind.FREEZE_MONEY, Basis.NONE);
        _cash[account] = _cash[account].withFrozen(frozen);
        emit AccountFrozen(account, frozen);
    }

    // --- raises and dividends ---

    function collect(address account, uint64 amount) external {
        if (!identityRegistry.isEnrolled(msg.sender)) revert NotAuthorised(msg.sender, RegistryRole.OFFERINGS);
        if (!_isBook(account)) revert NotABookAccount(account);
        _update(account, msg.sender, amount);
    }

    function transferMany(Payout[] calldata payouts) external {
        _requireMoving();
        uint256 sum;
        // [gas] Unchecked: fewer than 2^64 payouts of 64 bits.
        unchecked {
            for (uint256 i = 0; i < payouts.length; i++) {
                sum += payouts[i].amount();
            }
        }
        _take(msg.sender, sum);
        for (uint256 i = 0; i < payouts.length; i++) {
            Payout payout = payouts[i];
            address to = payout.account();
            _requireReceiver(to);
            _cash[to] = _cash[to].plus(payout.amount());
            emit Transfer(msg.sender, to, payout.amount());
        }
    }

    function receiveWithAuthorization(
        address from,
        address to,
        uint256 value,
        uint256 validAfter,
        uint256 validBefore,
        bytes32 nonce,
        bytes calldata signature
    ) external {
        bytes32 terms = keccak256(
            abi.encode(RECEIVE_WITH_AUTHORIZATION_TYPEHASH, from, to, value, validAfter, validBefore, nonce)
        );
        if (!Signatures.isSignedBy(from, _hashTypedDataV4(terms), signature)) revert ERC3009InvalidSignature();
        if (to != msg.sender) revert ERC20InvalidReceiver(to);
        _transferWithAuthorization(from, to, value, validAfter, validBefore, nonce);
    }

    // --- questions ---

    function cash(address account) external view returns (Cash) {
        return _cash[account];
    }

    function cashOf(address[] calldata accounts) external view returns (Cash[] memory all) {
        all = new Cash[](accounts.length);
        for (uint256 i = 0; i < accounts.length; i++) {
            all[i] = _cash[accounts[i]];
        }
    }

    function decimals() public pure override returns (uint8) {
        return 2;
    }

    function totalSupply() public view override returns (uint256) {
        return _supply;
    }

    function balanceOf(address account) public view override returns (uint256) {
        return _cash[account].balance();
    }

    function supportsInterface(bytes4 id) external pure returns (bool) {
        return id == type(IERC165).interfaceId || id == type(IERC20).interfaceId
            || id == type(IERC20Metadata).interfaceId || id == type(IERC20Permit).interfaceId
            || id == type(IERC5267).interfaceId || id == type(IERC3009).interfaceId
            || id == type(IERC3009Cancel).interfaceId;
    }

    // --- internal ---

    /// Every transfer ends here. OpenZeppelin's own balances are never touched.
    function _update(address from, address to, uint256 value) internal override {
        _requireMoving();
        _requireReceiver(to);
        _take(from, value);
        _cash[to] = _cash[to].plus(uint64(value));
        emit Transfer(from, to, value);
    }

    /// Afterwards `value` is known to fit 64 bits.
    function _take(address from, uint256 value) private {
        Cash giver = _cash[from];
        if (giver.isFrozen()) revert MoneyFrozen(from);
        if (value > giver.balance()) revert ERC20InsufficientBalance(from, giver.balance(), value);
        _cash[from] = giver.minus(uint64(value));
    }

    function _useReference(BankLine calldata line) private {
        if (line.ref == 0) revert ReferenceMissing(line.account);
        if (line.amount == 0) revert AmountMissing(line.account);
        if (isUsed[line.ref]) revert ReferenceUsed(line.ref);
        isUsed[line.ref] = true;
    }

    function _isBook(address account) private view returns (bool) {
        return bytes16(bytes20(account)) == _bookTag;
    }

    function _requireReceiver(address to) private view {
        if (to == address(0)) revert ERC20InvalidReceiver(to);
        if (_isBook(to) && !identityRegistry.standingOf(to).exists()) revert AccountUnknown(to);
    }

    function _requireMoving() private view {
        if (isStopped) revert MoneyIsStopped();
    }

    function _requireBatch(uint256 count) private pure {
        if (count == 0 || count > MAX_BATCH) revert TooManyEntries(count, MAX_BATCH);
    }
}
