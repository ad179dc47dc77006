// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ActHeader} from "../types/Act.sol";
import {OfferingTerms, Totals} from "../types/Raise.sol";
import {Subscription} from "../types/Subscription.sol";

/// One raise of one company: draft, open, closing, then settled or failed. Money is frozen here the moment an investor
/// subscribes; it leaves as a refund, as the platform's fee, or into the milestone escrow, and in no other way.
///
/// Accounts are named by whoever pushes a page; each is looked up in the registry and must be the one that subscribed.
interface IOffering {
    event OfferingPhaseChanged(uint8 phase);
    /// `disclosure`: hash of the subscriber's signed copy of the risk disclosure.
    event Subscribed(uint32 party, address account, uint64 amount, uint40 paidAt, bytes32 disclosure);
    event SubscriptionWithdrawn(uint32 party, address account, uint64 amount);
    /// `last`: the subscriber whose remainder is the last to get one share more, 0 if none does.
    event CutVerified(uint32 last, uint64 raised);
    /// `amount` is what was allotted; `refund` of the same subscription goes back [fen].
    event SubscriptionAllotted(uint32 party, address account, uint64 amount, uint64 shares, uint64 refund);
    /// Frozen after it subscribed: its shares wait, its money takes part in the raise.
    event AllotmentParked(uint32 party);
    event SubscriptionRefunded(uint32 party, address account, uint64 amount);
    event RaiseSettled(uint64 raised, uint64 fee, uint64 proceeds);
    /// Paid back out of the escrow, and shares ended for it.
    event LotRedeemed(uint32 party, address account, uint64 amount, uint64 shares);
    /// Due to shares of the lot that its subscriber no longer holds: it will not be paid back to it.
    event LotLapsed(uint32 party, uint64 amount, uint64 shares);
    /// The ratchet's shares of this lot go to `account`; to the zero account: they lapse.
    event LotRatcheted(uint32 party, address account, uint64 shares);

    /// Once, by the factory.
    function initialise(address escrow) external;

    // --- life ---
    /// PLATFORM, once the company admitted the raise. Keeps the shares free. The act's document is the memorandum.
    function open(ActHeader calldata header) external;
    /// Company ADMIN or PLATFORM, until something is allotted: everybody is refunded in full.
    function cancel(ActHeader calldata header) external;
    /// REGULATOR, until something is allotted: everybody is refunded in full.
    function stop(ActHeader calldata header) external;
    /// Anybody, after window and cooling-off: closing if the minimum is reached, else failed.
    function close() external;
    /// Anybody, when more was asked for than the maximum. `parties`: all subscribers, ascending; `last`: the one whose
    /// remainder is the last to get a share more, 0 if none does. Refused unless exactly the maximum is allotted.
    function verifyCut(uint32[] calldata parties, uint32 last) external;
    /// Anybody, in pages. The page that handles the last subscriber settles the raise.
    function allot(address[] calldata accounts) external;
    /// Anybody, when the time for settling has passed and nothing is allotted yet.
    function fail() external;
    /// Anybody, in pages, once the raise has failed.
    function refund(address[] calldata accounts) external;

    // --- subscribers ---
    /// Anybody with the signature of `account`: an ERC-3009 `ReceiveWithAuthorization` of the settlement token to this
    /// raise, valid from 0 to `validBefore`, with the nonce keccak256(abi.encode(disclosure, salt)). One signature binds
    /// money, raise, amount and disclosure.
    function subscribe(
        address account,
        uint64 amount,
        bytes32 disclosure,
        bytes32 salt,
        uint256 validBefore,
        bytes calldata signature
    ) external;
    /// PLATFORM, for a book account; the act's document is its owner's signed instruction.
    function subscribeFor(ActHeader calldata header, address account, uint64 amount, bytes32 disclosure) external;
    /// The party's open wallet, within the cooling-off period: the whole amount comes back.
    function withdraw(address account) external;
    /// PLATFORM, for a book account, on its owner's signed instruction.
    function withdrawFor(ActHeader calldata header, address account) external;

    // --- the escrow only ---
    /// Brings lots up to `redeemable` of what was raised. Answers where each part goes and how much [fen]; 0 for a lot
    /// that is frozen, parked, or has nothing due.
    function redeemLots(address[] calldata accounts, uint64 redeemable)
        external
        returns (address[] memory receivers, uint64[] memory amounts);
    /// Takes from lots what of `redeemable` is due to shares no longer held; answers the sum [fen].
    function lapseLots(address[] calldata accounts, uint64 redeemable) external returns (uint64 amount);
    /// Ends (`to` = 0) or moves the shares of a lot that is paid for under a put.
    function deliverLot(address account, address to, uint64 shares) external;
    /// Marks lots whose ratchet is due, once each. Answers who gets how many shares more: `bps` of the lot, rounded down;
    /// `fallbackAccount` for parties who hold nothing of the company any more, nobody if it is zero.
    function ratchetLots(address[] calldata accounts, uint16 bps, address fallbackAccount)
        external
        returns (address[] memory receivers, uint64[] memory shares);

    /// The ratchet's shares of a lot could not be delivered: they are due again.
    function restoreRatchet(address account) external;

    // --- reads ---
    function company() external view returns (address);
    function escrow() external view returns (address);
    function terms() external view returns (OfferingTerms memory);
    /// From its opening until nothing is owed for its shares any more.
    function isBinding() external view returns (bool);
    function totals() external view returns (Totals);
    function subscription(uint32 party) external view returns (Subscription);
    function subscriptionsOf(uint32[] calldata parties) external view returns (Subscription[] memory);
    /// All rules that would refuse this subscription, as bits of `SubscriptionRules`; 0 if it would succeed.
    function brokenRules(address account, uint64 amount, bytes32 disclosure) external view returns (uint256);
    /// [shares × 10^decimals] What was allotted to the party behind an account and has not ended; 0 until then.
    function lotSharesOf(address account) external view returns (uint32 party, uint64 shares);
    /// What of a lot is still there: shares held and not yet ended for it, the money not yet paid back for those, rounded
    /// down, and the money paid in for them [fen]. Nothing while the party is frozen.
    function lotOf(address account) external view returns (uint32 party, uint64 shares, uint64 rest, uint64 principal);
}
