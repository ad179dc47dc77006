// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ActHeader} from "../types/Act.sol";
import {EscrowTerms, Purse, RatchetTerms, Tranche, TrancheTerms} from "../types/Tranche.sol";

/// The proceeds of one raise, in tranches that are bound to milestones. A tranche goes to the issuer's registered account
/// when the board's verdict is final, and no other way; what is missed goes back to the subscribers.
interface IMilestoneEscrow {
    event EscrowScheduled(EscrowTerms terms);
    event TrancheScheduled(uint8 milestone, Tranche tranche, bytes32 criterion, string terms);
    event RatchetScheduled(RatchetTerms ratchet);
    event EscrowFunded(uint64 proceeds);
    event TrancheChanged(uint8 milestone, Tranche tranche);
    /// Its deadline passed without a quorum, and without consent to more time. The tranches that end with it follow.
    event MilestoneMissed(uint8 milestone);
    event TrancheReleased(uint8 milestone, address account, uint64 amount);
    event ConsentGiven(uint8 milestone, address account, uint64 shares);
    event Redeemed(address account, uint64 amount);
    /// The last tranche is decided and something was missed. `ends` [s, region clock]: last second for puts; afterwards
    /// the money of lots that are no longer held lapses.
    event ClaimsBegan(uint40 ends);
    event ClaimsLapsed(address account, uint64 amount);
    event PutExercised(uint32 party, address account, uint64 shares, uint64 rest, uint64 interest);
    event PutPaid(uint32 party, address account, address payer, uint64 amount);
    /// 1 early, 2 late.
    event RatchetFell(uint8 what);
    event RatchetDelivered(address account, uint64 shares);
    /// The founder's shares for this lot could not be taken today (allowance, rules); they stay due.
    event RatchetUnmet(address account, uint64 shares);

    /// Once, by the factory.
    function initialise(EscrowTerms calldata terms, TrancheTerms[] calldata tranches, RatchetTerms calldata ratchet)
        external;

    // --- the offering only ---
    /// At opening: every panel has verifiers enough; shares of a ratchet are kept free. `maximum` [shares × 10^decimals].
    function prepare(uint64 maximum) external;
    /// The raise failed: nothing will come.
    function abandon() external;
    /// [fen] The money has arrived; tranches get their amounts, the board its cases.
    function fund(uint64 proceeds) external;

    // --- anybody ---
    function release(uint8 milestone) external;
    /// The deadline passed without a quorum: what that means stands in the terms.
    function miss(uint8 milestone) external;
    /// Ends a vote whose time is over without consent.
    function closeVote(uint8 milestone) external;
    /// In pages: brings lots up to what was missed so far.
    function redeem(address[] calldata accounts) external;
    /// In pages, after the time for claims: missed money of lots whose shares their subscribers no longer hold goes where
    /// the terms say. What belongs to shares still held stays redeemable without end. Accounts are those that subscribed.
    function lapse(address[] calldata accounts) external;
    /// Pays a put in full, from the sender's money, against the shares.
    function payPut(address account) external;
    /// In pages; after an early success without accounts.
    function deliverRatchet(address[] calldata accounts) external;

    // --- holders ---
    /// A subscriber consents to the extension with the shares of its lot that `account` held at the record date: its
    /// wallet, or the party's open wallet for its book account. Those whose money it is decide, nobody else.
    function consent(uint8 milestone, address account) external;
    /// PLATFORM, for a book account, on its owner's signed instruction.
    function consentFor(ActHeader calldata header, uint8 milestone, address account) external;
    function exercisePut(address account) external;
    function exercisePutFor(ActHeader calldata header, address account) external;

    // --- itself only ---
    /// Pays a put with the payer's allowance.
    function collectPut(uint32 party, address account) external;

    // --- reads ---
    function offering() external view returns (address);
    function company() external view returns (address);
    function shareClass() external view returns (address);
    function arbiter() external view returns (address);
    /// [shares × 10^decimals] How many make a challenge: a part of what the raise allotted, or of what is issued if that is
    /// less, rounded up.
    function challengeThreshold() external view returns (uint256);
    /// [s] Region clock; 0 until the time for claims runs.
    function claimsEnd() external view returns (uint40);
    function terms() external view returns (EscrowTerms memory);
    function ratchetTerms() external view returns (RatchetTerms memory);
    function purse() external view returns (Purse);
    /// It holds more than roundings leave (less than a fen a lot), or subscribers may still put their shares, or shares of the
    /// ratchet are still to come.
    function isOwing() external view returns (bool);
    function tranches() external view returns (Tranche[] memory);
    /// Debt of the put's payer [fen] for `shares`; paid or still owed.
    function putOf(uint32 party) external view returns (uint64 shares, uint64 debt, bool isPaid);
    /// [shares × 10^decimals] For the extension, and how many the raise allotted.
    function votesOf(uint8 milestone) external view returns (uint64 yes, uint64 allotted);
}
