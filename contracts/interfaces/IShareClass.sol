// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ActHeader, ActKind, ClassTerms, Consideration, Entry} from "../types/Act.sol";
import {ClassWord} from "../types/ClassWord.sol";
import {Holding} from "../types/Holding.sol";

/// One class of shares of one company, an ERC-20 token whose every move passes one check and one move.
///
/// Acts of agents emit `ActRecorded`, then one `Transfer` and one `EntryRecorded` for each line; a holder's own
/// ERC-20 transfer emits `Transfer` and `HoldingsMoved`. Both carry the resulting words of the two accounts (zero for
/// issue and cancellation), so that events alone rebuild the register.
interface IShareClass {
    event HoldingsMoved(Holding from, Holding to);
    event EntryRecorded(Holding from, Holding to, bytes32 ref);
    event HoldingChanged(Holding holding);
    event ConsiderationStated(uint8 kind, uint16 currency, uint96 price);
    event SplitDeclared(uint32 numerator, uint32 denominator);
    event RecordDateSet(uint16 epoch, uint40 time);
    event ClassChanged(ClassWord word);
    /// Authorised shares that are kept free for raises, in all.
    event SharesReserved(uint64 reserved);

    // --- acts: MIGRATOR while the company migrates (basis migration), TRANSFER_AGENT afterwards ---
    /// Issues to at most 200 accounts. Rules of an allotment; while migrating, of a migration.
    function issue(ActHeader calldata header, Consideration calldata given, Entry[] calldata entries) external;
    /// Moves shares of a book account on its owner's signed instruction, whose hash is the act's document.
    function transferFor(
        ActHeader calldata header,
        Consideration calldata given,
        address from,
        Entry calldata entry
    ) external;
    /// Ends shares of a book account. `kind`: CANCEL, REPURCHASE or RETRACTION.
    function cancel(ActHeader calldata header, ActKind kind, Consideration calldata given, Entry calldata entry)
        external;
    /// A certificate replaced by others; no balance changes.
    function reissue(ActHeader calldata header, address account, bytes32 ref) external;
    /// Issues (ratio above one) or ends (below one) each account's difference; rounding is the caller's, down. Accounts
    /// that hold something only: what is by law asks no rule of receiving.
    function split(ActHeader calldata header, uint32 numerator, uint32 denominator, Entry[] calldata differences)
        external;
    function setLock(ActHeader calldata header, address account, uint24 lockDay) external;
    function setAuthorised(ActHeader calldata header, uint64 authorised) external;
    function admitCategories(ActHeader calldata header, uint16 categories) external;
    /// Fixes the register after the last block not later than `time` [unix s], which may lie ahead. Ascending. Raises of
    /// the company may too.
    function setRecordDate(ActHeader calldata header, uint40 time) external returns (uint16 epoch);

    // --- raises that the company admitted, and their escrows: what their subscribers agreed to (basis subscription) ---
    /// Keeps authorised shares free, so that an allotment cannot fail for want of them.
    function reserve(uint64 shares) external;
    function unreserve(uint64 shares) external;
    /// Issues reserved shares to subscribers, whose eligibility was judged when they subscribed.
    function allot(ActHeader calldata header, Consideration calldata given, Entry[] calldata entries) external;
    /// Ends shares against money paid back, of wallets and book accounts.
    function redeem(ActHeader calldata header, Entry[] calldata entries) external;
    /// Moves shares to whoever paid for them under a put.
    function deliver(ActHeader calldata header, address from, Entry calldata entry) external;

    // --- the company only ---
    function initialise(ClassTerms calldata terms, uint8 index, uint8 stops) external;
    function setStops(uint8 stops) external;
    function convertOut(address account, uint64 shares, bytes32 ref, bool isMigrating) external;
    function convertIn(address account, uint64 shares, bytes32 ref, bool isMigrating) external;

    // --- reads ---
    function company() external view returns (address);
    function identityRegistry() external view returns (address);
    function classWord() external view returns (ClassWord);
    function holding(address account) external view returns (Holding);
    function reservedShares() external view returns (uint64);
    function holdingsOf(address[] calldata accounts) external view returns (Holding[] memory);
    /// [shares × 10^decimals] at a record date that has passed.
    function balanceAt(address account, uint16 epoch) external view returns (uint64);
    /// The same for many accounts, with their holdings as they are now.
    function holdingsAt(address[] calldata accounts, uint16 epoch)
        external
        view
        returns (Holding[] memory holdings, uint64[] memory balances);
    /// [shares × 10^decimals] At a record date that has passed.
    function issuedAt(uint16 epoch) external view returns (uint64);
    /// [unix s] All record dates, ascending.
    function recordTimes() external view returns (uint40[] memory);
    /// All rules that refuse this move, as bits of `Rules`; 0 if it would succeed.
    function brokenRules(address from, address to, uint256 shares) external view returns (uint256);
    /// The same for an issue by agreement.
    function brokenIssueRules(address to, uint256 shares) external view returns (uint256);

    // --- ERC-7943, the three questions ---
    function canSend(address account) external view returns (bool);
    function canReceive(address account) external view returns (bool);
    /// By the standard's text, balance is not asked.
    function canTransfer(address from, address to, uint256 shares) external view returns (bool);
}

/// ERC-1404: why a transfer would be refused, before anybody signs. Interface id 0xab84a5c8.
interface IERC1404 {
    /// 0 if the transfer would succeed, else the code of the first rule that refuses it.
    function detectTransferRestriction(address from, address to, uint256 shares) external view returns (uint8);
    function messageForTransferRestriction(uint8 code) external view returns (string memory);
}
