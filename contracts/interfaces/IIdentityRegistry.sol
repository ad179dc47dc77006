// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {PartyWord} from "../types/PartyWord.sol";
import {ActHeader} from "../types/Act.sol";

/// Who stands behind an account, and with which standing. One registry serves all companies of a chain; a lapse or a
/// revocation acts in the same block everywhere, because nothing is copied.
///
/// Personal data is never here: a party is a 32-bit id, a word of facts that the rules need, and in an event the
/// salted hash of its dossier.
interface IIdentityRegistry {
    /// A KYC provider and the ids it may give, `untilDay` included [civil days]. Ranges may overlap, so that one
    /// provider can take over another's parties.
    struct Provider {
        uint32 firstId;
        uint32 lastId;
        uint24 untilDay;
    }

    /// A party with its first wallet, which signed `BindWallet(party, wallet, deadline)` (EIP-712, 64-byte EIP-2098 form).
    struct Newcomer {
        PartyWord word;
        bytes32 dossier;
        address wallet;
        bytes32 r;
        bytes32 vs;
    }

    event RolesSet(address account, uint256 roles);
    event GovernorOffered(address account);
    event ProviderTrusted(address provider, uint32 firstId, uint32 lastId, uint24 untilDay);
    event ProviderRevoked(address provider);
    event PartyOnboarded(PartyWord word, bytes32 dossier);
    event PartyChanged(PartyWord word);
    event WalletBoundTo(uint32 party, uint8 number, address wallet);
    event AnnualLimitSet(uint64 limit);
    event OutsideUseStated(uint32 party, uint16 year, uint64 amount, uint24 untilDay);
    event TaxReliefStated(uint32 party, uint16 bps, uint24 untilDay);
    event Enrolled(address account);

    // --- roles (GOVERNOR; the governor hands over in two steps) ---
    function setRoles(ActHeader calldata header, address account, uint256 roles) external;
    function offerGovernor(ActHeader calldata header, address account) external;
    function acceptGovernor() external;
    function trustProvider(ActHeader calldata header, address provider, Provider calldata terms) external;
    function revokeProvider(ActHeader calldata header, address provider) external;

    // --- parties (a trusted provider, within its range) ---
    /// Registers parties. `words` carry the stated fields only; ids are chosen by the caller.
    function onboard(ActHeader calldata header, PartyWord[] calldata words, bytes32[] calldata dossiers) external;
    function onboardWithWallets(ActHeader calldata header, uint64 deadline, Newcomer[] calldata newcomers) external;
    /// Restates all stated fields; frozen flag and wallets stay.
    function setStanding(ActHeader calldata header, PartyWord[] calldata words) external;
    /// KYC and qualification end in this block.
    function revoke(ActHeader calldata header, uint32 party) external;
    /// Binds a wallet for ever. The wallet signs (ERC-1271 for contract wallets); the KYC agent sends.
    function bindWallet(
        ActHeader calldata header,
        uint32 party,
        address wallet,
        uint64 deadline,
        bytes calldata signature
    ) external;
    /// A closed wallet neither sends nor receives.
    function setWalletClosed(ActHeader calldata header, address wallet, bool closed) external;

    /// What the party invested in `year` through other registries [fen], as attested; counts until that day.
    function stateOutsideUse(
        ActHeader calldata header,
        uint32 party,
        uint16 year,
        uint64 amount,
        uint24 untilDay
    ) external;
    /// PLATFORM; the document is the certificate. What is withheld from the party's dividends until that day, instead of
    /// what the schedule says [basis points].
    function stateTaxRelief(ActHeader calldata header, uint32 party, uint16 bps, uint24 untilDay) external;

    // --- orders (REGULATOR) ---
    function setFrozen(ActHeader calldata header, uint32 party, bool frozen) external;
    /// [fen] Most that one individual may invest in a civil year, over all companies; 0 lifts the limit.
    function setAnnualLimit(ActHeader calldata header, uint64 limit) external;

    // --- raises ---
    /// OFFERINGS, the factory of raises: `account` is one of its contracts.
    function enrol(address account) external;
    /// Enrolled contracts only. Adds what a party invests in a civil year [fen]; false if it is more than the limit
    /// (then the caller reverts). Institutions and legal persons have none.
    function addUse(uint32 party, uint16 year, uint64 amount) external returns (bool isWithin);
    /// Enrolled contracts only. A subscription that is live no more.
    function reduceUse(uint32 party, uint16 year, uint64 amount) external;

    // --- reads ---
    function rolesOf(address account) external view returns (uint256);
    function partyWord(uint32 party) external view returns (PartyWord);
    function partyWords(uint32[] calldata parties) external view returns (PartyWord[] memory words);
    function taxReliefOf(uint32 party) external view returns (uint16 bps, uint24 untilDay);
    /// Zero word for an unknown account. `PartyWord.account` is the account's number.
    function standingOf(address account) external view returns (PartyWord);
    function standingsOf(address[] calldata accounts) external view returns (PartyWord[] memory words);
    /// For a move between accounts that hold already: parties are known from the holdings.
    function standings(uint32 giver, uint32 taker) external view returns (PartyWord, PartyWord);
    /// For a move to an account that is new to the class.
    function standingsFor(uint32 giver, address taker) external view returns (PartyWord, PartyWord);
    /// The account without key in which a party holds shares for which it has bound no wallet.
    function bookAccount(uint32 party) external view returns (address);
    function isBookAccount(address account) external view returns (bool);
    function isEnrolled(address account) external view returns (bool);
    function annualLimit() external view returns (uint64);
    /// [fen] The sum of a party's live subscriptions of a civil year here, and what is attested of elsewhere.
    function useOf(uint32 party, uint16 year) external view returns (uint64 own, uint64 outside, uint24 untilDay);
    /// Would `addUse` answer true? A statement about other registries that has lapsed answers false until it is renewed.
    function fitsAnnualLimit(uint32 party, uint16 year, uint64 amount) external view returns (bool);
    /// Is `actor` an open wallet of the party that `account` belongs to?
    function mayActFor(address actor, address account) external view returns (bool);
    /// Where what belongs to `account` goes now: to itself, or to its party's book account once the wallet is closed.
    function destinationOf(address account) external view returns (address);
}

/// Registry roles, combined in one mask.
library RegistryRole {
    uint256 internal constant GOVERNOR = 1;
    uint256 internal constant REGULATOR = 2;
    uint256 internal constant PLATFORM = 4;
    uint256 internal constant CUSTODIAN = 8;
    uint256 internal constant OFFERINGS = 16;
    uint256 internal constant ALL = 31;
}
