// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ActHeader, ClassTerms, CompanyTerms, Consideration, RoleGrant} from "../types/Act.sol";
import {Charter, Seat} from "../types/Charter.sol";
import {PartyWord} from "../types/PartyWord.sol";

/// One company: form, region, cap on holders of record, share classes, roles, documents, seats, stops, phase.
///
/// A company is born migrating: until `open`, which cannot be undone, its migrator records the register as it was.
/// Seats are counted by person over all classes and accounts, by weight (HC-1).
interface ICompany {
    event RolesSet(address account, uint256 roles);
    event AdminOffered(address account);
    event ClassCreated(
        address shareClass, uint8 index, string name, string symbol, uint64 authorised, uint8 decimals, uint16 categories
    );
    /// The document's hash stands in the act. `kind` numbers: SPECIFICATION.md, table of documents.
    event DocumentRecorded(uint8 kind, string uri);
    event PhaseChanged(uint8 phase);
    event StopsChanged(uint8 stops);
    event CapChanged(uint16 cap);
    event WeightFixed(uint32 party, bool isFixed, uint16 weight);
    event SeatRecounted(uint32 party, uint16 weight);
    /// An alarm: more holders of record than the cap allows, after a recount, a migration or an act of law.
    event CapExceeded(uint32 seats, uint16 cap);
    event SuccessorNamed(address successor);

    /// Once, by the factory that cloned it.
    function initialise(CompanyTerms calldata terms, ClassTerms[] calldata classes, RoleGrant[] calldata grants)
        external;

    // --- administration ---
    function createClass(ActHeader calldata header, ClassTerms calldata terms) external returns (address);
    /// ADMIN; every role but ADMIN, which is handed over in two steps.
    function setRoles(ActHeader calldata header, address account, uint256 roles) external;
    function offerAdmin(ActHeader calldata header, address account) external;
    function acceptAdmin() external;
    /// SECRETARY.
    function recordDocument(ActHeader calldata header, uint8 kind, string calldata uri) external;
    /// ADMIN. The company agrees to a raise of the trusted factory: it and its escrow may from now on keep seats and
    /// shares free, allot and redeem as their terms say. Cannot be undone.
    function admitOffering(ActHeader calldata header, address offering) external;
    /// ADMIN. The company's dividends may from now on deliver shares that holders choose instead of cash. Cannot be undone.
    function admitPayouts(ActHeader calldata header, address payouts) external;
    /// STOPPER.
    function stopClass(ActHeader calldata header, address shareClass, bool stopped) external;
    function stopCompany(ActHeader calldata header, bool stopped) external;
    /// The registry's REGULATOR.
    function stopByRegulator(ActHeader calldata header, bool stopped) external;
    function setCap(ActHeader calldata header, uint16 cap) external;

    // --- life ---
    /// ADMIN. Rules apply in full from here on. The act's document is the list of breaches found at opening.
    function open(ActHeader calldata header) external;
    /// ADMIN or MIGRATOR, while migrating. For ever.
    function abandon(ActHeader calldata header) external;
    /// ADMIN. The register goes on in `successor`, which must name this company as its predecessor.
    function nameSuccessor(ActHeader calldata header, address successor) external;
    /// One act over two classes: `shares` of one end, `resulting` of the other begin, in the same book account.
    function convert(
        ActHeader calldata header,
        Consideration calldata given,
        address fromClass,
        address toClass,
        address account,
        uint64 shares,
        uint64 resulting,
        bytes32 ref
    ) external;

    // --- seats ---
    /// The company fixes a party's weight itself (employee plan, looked-through nominee), or leaves it to the registry.
    function fixWeight(ActHeader calldata header, uint32 party, bool isFixed, uint16 weight) external;
    /// Applies a changed weight, as every receipt does into an account that remembers another. Open to all; never refuses.
    function recount(uint32 party) external;
    /// Classes only. `from` leaves an account, `to` enters one; 0 means nobody. False if `to` has no seat.
    function moveSeats(uint32 from, uint32 to, uint16 weight) external returns (bool fits);
    /// Classes only. Each party enters an account; the list ends at the first empty word.
    function enterSeats(PartyWord[] calldata entering) external returns (bool fits);

    /// Admitted raises only. A subscriber takes a seat until its shares are allotted or it leaves; false if none is left
    /// (then the caller reverts).
    function reserveSeat(PartyWord subscriber) external returns (bool fits);
    function releaseSeats(uint32[] calldata parties) external;

    // --- reads ---
    function name() external view returns (string memory);
    function charter() external view returns (Charter);
    function seatOf(uint32 party) external view returns (Seat);
    function seatsOf(uint32[] calldata parties) external view returns (Seat[] memory);
    function classes() external view returns (address[] memory);
    function rolesOf(address account) external view returns (uint256);
    function region() external view returns (uint16);
    function predecessor() external view returns (address);
    function successor() external view returns (address);
    /// Would `to` have a seat if it entered (and `from` left) an account? For the check views.
    function fits(uint32 from, uint32 to, uint16 weight) external view returns (bool);
    function isClass(address shareClass) external view returns (bool);
    /// The words for a refusal code, English / Chinese (ERC-1404).
    function reasonText(uint8 code) external pure returns (string memory);
    /// Reverts while an admitted raise of the class binds it: no split, no conversion out of it.
    function requireUnbound(address shareClass) external view;
    /// True while migrating. Reverts unless `actor` may do what `role` may (while migrating: MIGRATOR).
    function requireActor(address actor, uint256 role) external view returns (bool isMigrating);
}

/// Company roles, combined in one mask.
library CompanyRole {
    uint256 internal constant ADMIN = 1;
    uint256 internal constant TRANSFER_AGENT = 2;
    uint256 internal constant MIGRATOR = 4;
    uint256 internal constant STOPPER = 8;
    uint256 internal constant SECRETARY = 16;
    /// Contracts only: raises that were admitted, and their escrows. Given by `admitOffering`, never by a grant.
    uint256 internal constant OFFERING = 32;
    uint256 internal constant ALL = 31;
}
