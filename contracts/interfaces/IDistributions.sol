// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ActHeader} from "../types/Act.sol";
import {Distribution, DistributionTerms, Holder, Payment} from "../types/Distribution.sol";

/// Dividends of all companies. The gross is taken when a dividend is declared, so that it is covered; who gets how much
/// depends on the register at the record date alone; tax is withheld by a schedule that the dividend names; anybody may
/// push payments in pages. declared = paid + withheld + unclaimed + parked + carried, for each dividend, at all times.
///
/// A holder is a party: what all its accounts held together is multiplied and rounded down once, tax is rounded half up.
interface IDistributions {
    event DistributionDeclared(uint32 id, DistributionTerms terms, address[] excluded);
    /// The register at the record date: holders ascending by party. `returned`: the rate does not need it [fen]. `expiresAt`:
    /// later than declared if it was fixed after the payment date.
    event DistributionFixed(
        uint32 id, uint64 entitled, uint64 declared, uint64 returned, uint40 expiresAt, Holder[] holders
    );
    event EntitlementsHandled(uint32 id, Payment[] payments);
    /// New shares instead of `cost` [fen] of the net amount, which went to the company's account.
    event ScripDelivered(uint32 id, uint32 party, address account, uint64 shares, uint64 cost);
    event ScripChosen(uint32 id, uint32 party, bool chosen);
    /// Tax that was withheld since the last time went to the schedule's account.
    event TaxRemitted(uint32 id, uint64 amount);
    /// Taken back by ADMIN, or nothing was due to anybody when it was to be fixed.
    event DistributionCancelled(uint32 id, uint64 returned);
    event DistributionClosed(uint32 id, uint64 remainder);

    // --- acts ---
    /// ADMIN of the company, from an account of its own party; the document is the resolution. `excluded`: accounts that do
    /// not share in it (treasury shares, holders by order), at most 16. Where something counts towards the arrears of a
    /// preferred class, `total` covers it on all that is issued, and only treasury shares are excluded.
    function declare(ActHeader calldata header, DistributionTerms calldata terms, address[] calldata excluded)
        external
        returns (uint32 id);
    /// ADMIN, before anything is paid or parked: all money goes back.
    function cancel(ActHeader calldata header, uint32 id) external;

    // --- anybody ---
    /// Once the record date has passed. `accounts`: all that held shares then and are not excluded, ascending by party, and
    /// by number within a party (wallets before the book account). Refused unless what they held is all that was issued.
    /// Where nothing is due to anybody it is cancelled, and all money goes back.
    function fix(uint32 id, address[] calldata accounts) external;
    /// In pages, from the payment date on. `holders`: rows of the fixed register from row 8 × `leaf` on, eight at a time.
    /// Who has KYC lapsed or is frozen is parked; who was parked and is cured is paid, at any time.
    function pay(uint32 id, uint256 leaf, Holder[] calldata holders) external;
    /// One row of a leaf, for a holder who does not wait for the page.
    function claim(uint32 id, uint256 leaf, Holder[] calldata holders, uint256 row) external;
    /// In pages, after the expiry: what was not paid by then goes to the remainder account. Parked money stays.
    function lapse(uint32 id, uint256 leaf, Holder[] calldata holders) external;
    /// Once every share was handled: what roundings leave goes to the remainder account.
    function close(uint32 id) external;

    /// Tax that was withheld goes to the tax account of the schedule; at the close by itself.
    function remit(uint32 id) external;

    // --- holders ---
    /// A wallet of the party chooses shares instead of cash, or cash again, before the payment date.
    function chooseScrip(uint32 id, bool chosen) external;
    /// PLATFORM, for a party without a wallet; the document is its instruction.
    function chooseScripFor(ActHeader calldata header, uint32 id, uint32 party, bool chosen) external;

    // --- reads ---
    function distributionCount() external view returns (uint32);
    function distribution(uint32 id) external view returns (Distribution memory);
    /// Dividends of a class whose holders may choose shares, and which are not over: they bind it (SP-2).
    function scripOffers(address shareClass) external view returns (uint32);
    function excludedOf(uint32 id) external view returns (address[] memory);
    function hasChosenScrip(uint32 id, uint32 party) external view returns (bool);
    /// See `Settlement`; by row of the fixed register.
    function settlementOf(uint32 id, uint256 row) external view returns (uint8);
    /// Hash of eight rows of the fixed register.
    function leafOf(uint32 id, uint256 leaf) external view returns (bytes32);
}
