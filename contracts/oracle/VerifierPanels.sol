// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ICompany} from "../interfaces/ICompany.sol";
import {IAttestationBoard} from "../interfaces/IAttestationBoard.sol";
import {IIdentityRegistry, RegistryRole} from "../interfaces/IIdentityRegistry.sol";
import {Acts} from "../libraries/Acts.sol";
import {ActHeader, ActKind, Basis} from "../types/Act.sol";
import {Appointment, Verifier, Verifiers} from "../types/Case.sol";
import {PartyWord} from "../types/PartyWord.sol";
import "../types/Errors.sol";

/// Who may attest: for each company and type of milestones a panel of up to 16 verifiers, known by their place in it.
abstract contract VerifierPanels is IAttestationBoard, Acts {
    uint8 public constant MAX_MEMBERS = 16;
    /// [days] Between appointment and first vote, once the panel has cases: nobody packs it over night.
    uint24 public constant NOTICE = 14;

    IIdentityRegistry public immutable identityRegistry;

    /// Members ever appointed, bits of those who were dismissed or suspended, and whether a case ever came before it.
    struct Panel {
        uint8 members;
        uint16 struck;
        bool isJudging;
    }

    mapping(address company => mapping(uint8 kind => Panel)) public panel;
    mapping(address company => mapping(uint8 kind => mapping(uint8 member => Verifier))) public verifier;
    /// Place + 1 of every key that ever was a member's, so that nobody slips out of what an older key signed.
    mapping(address company => mapping(uint8 kind => mapping(address key => uint8))) private _placeOf;

    constructor(IIdentityRegistry registry) {
        identityRegistry = registry;
    }

    // --- acts ---

    function appoint(ActHeader calldata header, Appointment calldata a) external returns (uint8 member) {
        _requireRole(RegistryRole.PLATFORM);
        if (a.company.code.length == 0) revert AppointmentMalformed(1);
        if (a.kind == 0) revert AppointmentMalformed(2);
        if (!identityRegistry.partyWord(a.party).exists()) revert AppointmentMalformed(3);
        if (a.untilDay < a.fromDay || a.untilDay < _today()) revert AppointmentMalformed(6);
        _requireFree(a.company, a.kind, a.key, a.party);
        _requireNoConflict(a.company, a.party);
        Panel storage p = panel[a.company][a.kind];
        if (p.isJudging && a.fromDay < _today() + NOTICE) revert AppointmentMalformed(5);
        member = p.members;
        if (member == MAX_MEMBERS) revert PanelFull(a.kind);
        for (uint8 i = 0; i < member; i++) {
            bool isStruck = (p.struck >> i) & 1 != 0;
            if (!isStruck && verifier[a.company][a.kind][i].party() == a.party) revert VerifierKnown(a.party, a.key);
        }
        _record(header, ActKind.APPOINT, Basis.NONE);
        p.members = member + 1;
        verifier[a.company][a.kind][member] = Verifiers.create(a);
        _placeOf[a.company][a.kind][a.key] = member + 1;
        emit VerifierAppointed(a.company, a.kind, member, a.party, a.key, a.fromDay, a.untilDay);
    }

    function rotateKey(ActHeader calldata header, address company, uint8 kind, address oldKey, address newKey)
        external
    {
        if (msg.sender != oldKey) revert NotAuthorised(msg.sender, 0);
        (uint8 member, Verifier v) = _member(company, kind, oldKey);
        _requireUnstruck(company, kind, member, v);
        _requireFree(company, kind, newKey, v.party());
        _record(header, ActKind.ROTATE_KEY, Basis.NONE);
        verifier[company][kind][member] = v.withKey(newKey);
        _placeOf[company][kind][newKey] = member + 1;
        emit VerifierKeyRotated(company, kind, member, newKey);
    }

    function dismiss(ActHeader calldata header, address company, uint8 kind, address key) external {
        _requireRole(RegistryRole.PLATFORM);
        (uint8 member, Verifier v) = _member(company, kind, key);
        _requireUnstruck(company, kind, member, v);
        _record(header, ActKind.DISMISS, Basis.NONE);
        panel[company][kind].struck |= uint16(1) << member;
        emit VerifierDismissed(company, kind, member, v.party());
    }

    // --- reads ---

    function activeMembers(address company, uint8 kind) external view returns (uint8 count) {
        Panel memory p = panel[company][kind];
        uint24 today = _today();
        for (uint8 i = 0; i < p.members; i++) {
            if ((p.struck >> i) & 1 == 0 && verifier[company][kind][i].untilDay() >= today) count++;
        }
    }

    // --- internal ---

    /// A verifier that may vote now: with its newest key, in force, not struck, and without shares of the company.
    function _voter(address company, uint8 kind, address key) internal view returns (uint8 member, Verifier v) {
        (member, v) = _member(company, kind, key);
        _requireUnstruck(company, kind, member, v);
        uint24 today = _today();
        if (today < v.fromDay() || today > v.untilDay()) {
            revert VerifierNotInForce(v.party(), v.fromDay(), v.untilDay());
        }
        _requireNoConflict(company, v.party());
    }

    /// The member whose key this is now.
    function _member(address company, uint8 kind, address key) internal view returns (uint8 member, Verifier v) {
        uint8 place = _placeOf[company][kind][key];
        if (place == 0) revert VerifierUnknown(key);
        member = place - 1;
        v = verifier[company][kind][member];
        if (v.key() != key) revert VerifierUnknown(key);
    }

    /// Strikes the member whose keys these are or were.
    function _suspend(address company, uint8 kind, address key, address otherKey)
        internal
        returns (uint8 member, uint32 party)
    {
        uint8 place = _placeOf[company][kind][key];
        if (place == 0) revert VerifierUnknown(key);
        if (_placeOf[company][kind][otherKey] != place) revert VerifierUnknown(otherKey);
        member = place - 1;
        Verifier v = verifier[company][kind][member];
        _requireUnstruck(company, kind, member, v);
        panel[company][kind].struck |= uint16(1) << member;
        return (member, v.party());
    }

    /// Bits of the members who are neither dismissed nor suspended.
    function _active(address company, uint8 kind) internal view returns (uint16) {
        Panel memory p = panel[company][kind];
        // At most 16 members, so the mask fits 16 bits.
        return uint16((uint256(1) << p.members) - 1) & ~p.struck;
    }

    function _count(uint16 bits) internal pure returns (uint8 count) {
        for (; bits != 0; bits &= bits - 1) {
            count++;
        }
    }

    function _requireUnstruck(address company, uint8 kind, uint8 member, Verifier v) internal view {
        if ((panel[company][kind].struck >> member) & 1 != 0) revert VerifierStruck(v.party());
    }

    /// A key that was nobody's in this panel, and no wallet of another party.
    function _requireFree(address company, uint8 kind, address key, uint32 party) private view {
        if (key == address(0)) revert AppointmentMalformed(4);
        if (_placeOf[company][kind][key] != 0) revert VerifierKnown(party, key);
        PartyWord owner = identityRegistry.standingOf(key);
        if (owner.exists() && owner.id() != party) revert AppointmentMalformed(4);
    }

    function _requireNoConflict(address company, uint32 party) private view {
        if (ICompany(company).seatOf(party).isTaken()) revert VerifierHolds(party);
    }

    function _requireRole(uint256 role) internal view {
        if (identityRegistry.rolesOf(msg.sender) & role == 0) revert NotAuthorised(msg.sender, role);
    }
}
