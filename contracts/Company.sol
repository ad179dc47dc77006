// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Clones} from "@openzeppelin/contracts/proxy/Clones.sol";
import {ICompany, CompanyRole} from "./interfaces/ICompany.sol";
import {IDistributions} from "./interfaces/IDistributions.sol";
import {IIdentityRegistry, RegistryRole} from "./interfaces/IIdentityRegistry.sol";
import {IOffering} from "./interfaces/IOffering.sol";
import {IShareClass} from "./interfaces/IShareClass.sol";
import {Acts} from "./libraries/Acts.sol";
import {ReasonTexts} from "./libraries/ReasonTexts.sol";
import {ActHeader, ActKind, Basis, ClassTerms, CompanyTerms, Consideration, RoleGrant} from "./types/Act.sol";
import {Charter, Charters, Phase, Seat, Seats} from "./types/Charter.sol";
import {Stop} from "./types/ClassWord.sol";
import {PartyWord} from "./types/PartyWord.sol";
import "./types/Errors.sol";

/// See `ICompany`. Cloned by the factory; the name is an immutable argument of the clone.
contract Company is ICompany, Acts {
    uint8 public constant MAX_CLASSES = 32;

    IIdentityRegistry public immutable identityRegistry;
    address public immutable shareClassImplementation;

    Charter public charter;
    mapping(uint256 page => Seat[8]) private _seats;
    mapping(address account => uint256) public rolesOf;
    /// As many as `Charter.classCount` says.
    mapping(uint256 index => address) private _classAt;
    /// Position + 1; zero for a stranger.
    mapping(address shareClass => uint256) private _classPosition;
    /// Raises that were admitted.
    address[] private _offerings;
    address[] private _payouts;
    address public predecessor;
    address public successor;
    address public offeredAdmin;
    /// Who offered; loses the role when the offer is taken.
    address private _offeringAdmin;

    /// Weights that move between nobody, holders and subscribers.
    struct Change {
        uint32 entered;
        uint32 left;
        uint32 fromPending;
        uint32 toPending;
    }

    constructor(IIdentityRegistry registry, address shareClassImplementation_, uint32 utcOffset_) Acts(utcOffset_) {
        identityRegistry = registry;
        shareClassImplementation = shareClassImplementation_;
        // The implementation itself is never a company.
        charter = Charters.create(0, 0, 0).withPhase(Phase.ABANDONED);
    }

    modifier onlyRole(uint256 role) {
        _requireRole(role);
        _;
    }

    modifier onlyClass() {
        if (_classPosition[msg.sender] == 0) revert ClassUnknown(msg.sender);
        _;
    }

    function initialise(CompanyTerms calldata terms, ClassTerms[] calldata newClasses, RoleGrant[] calldata grants)
        external
    {
        if (Charter.unwrap(charter) != 0) revert AlreadyInitialised();
        if (terms.form == 0 || terms.form > 2 || terms.cap == 0) revert CompanyMalformed(terms.form, terms.cap);
        charter = Charters.create(terms.form, terms.region, terms.cap);
        if (terms.predecessor != address(0)) predecessor = terms.predecessor;
        for (uint256 i = 0; i < grants.length; i++) {
            _grant(grants[i].account, grants[i].roles);
        }
        for (uint256 i = 0; i < newClasses.length; i++) {
            _createClass(newClasses[i]);
        }
    }

    // --- administration ---

    function createClass(ActHeader calldata header, ClassTerms calldata terms) external returns (address) {
        _requireUnended();
        requireActor(msg.sender, CompanyRole.ADMIN);
        _record(header, ActKind.CREATE_CLASS, Basis.NONE);
        return _createClass(terms);
    }

    function setRoles(ActHeader calldata header, address account, uint256 roles) external onlyRole(CompanyRole.ADMIN) {
        if (roles & ~(CompanyRole.ALL ^ CompanyRole.ADMIN) != 0) revert RoleMalformed(account, roles);
        _record(header, ActKind.ROLES, Basis.NONE);
        if (account == address(0)) revert RoleMalformed(account, roles);
        _set(account, roles | (rolesOf[account] & (CompanyRole.ADMIN | CompanyRole.OFFERING)));
    }

    function offerAdmin(ActHeader calldata header, address account) external onlyRole(CompanyRole.ADMIN) {
        _record(header, ActKind.OFFER_ADMIN, Basis.NONE);
        offeredAdmin = account;
        _offeringAdmin = msg.sender;
        emit AdminOffered(account);
    }

    function acceptAdmin() external {
        if (msg.sender != offeredAdmin) revert NotAuthorised(msg.sender, CompanyRole.ADMIN);
        delete offeredAdmin;
        _set(_offeringAdmin, rolesOf[_offeringAdmin] & ~CompanyRole.ADMIN);
        _set(msg.sender, rolesOf[msg.sender] | CompanyRole.ADMIN);
    }

    function recordDocument(ActHeader calldata header, uint8 kind, string calldata uri)
        external
        onlyRole(CompanyRole.SECRETARY)
    {
        _record(header, ActKind.DOCUMENT, Basis.NONE);
        emit DocumentRecorded(kind, uri);
    }

    function admitOffering(ActHeader calldata header, address offering) external onlyRole(CompanyRole.ADMIN) {
        _requirePhase(Phase.OPEN);
        if (!identityRegistry.isEnrolled(offering) || IOffering(offering).company() != address(this)) {
            revert OfferingUnknown(offering);
        }
        _record(header, ActKind.ADMIT_OFFERING, Basis.NONE);
        _set(offering, CompanyRole.OFFERING);
        _offerings.push(offering);
        // An escrow is enrolled too and has a company; a raise alone has an escrow.
        try IOffering(offering).escrow() returns (address escrow) {
            _set(escrow, CompanyRole.OFFERING);
        } catch {
            revert OfferingUnknown(offering);
        }
    }

    function admitPayouts(ActHeader calldata header, address payouts) external onlyRole(CompanyRole.ADMIN) {
        _requirePhase(Phase.OPEN);
        // By its role: a raise is enrolled too, but is admitted as one, so that it binds its class.
        if (identityRegistry.rolesOf(payouts) & RegistryRole.OFFERINGS == 0) revert OfferingUnknown(payouts);
        _record(header, ActKind.ADMIT_PAYOUTS, Basis.NONE);
        _set(payouts, CompanyRole.OFFERING);
        _payouts.push(payouts);
    }

    function stopClass(ActHeader calldata header, address shareClass, bool stopped)
        external
        onlyRole(CompanyRole.STOPPER)
    {
        if (_classPosition[shareClass] == 0) revert ClassUnknown(shareClass);
        _record(header, ActKind.STOP_CLASS, Basis.NONE);
        uint8 stops = IShareClass(shareClass).classWord().stops();
        IShareClass(shareClass).setStops(_withStop(stops, Stop.CLASS, stopped));
    }

    function stopCompany(ActHeader calldata header, bool stopped) external onlyRole(CompanyRole.STOPPER) {
        _record(header, ActKind.STOP_COMPANY, Basis.NONE);
        _stopAll(Stop.COMPANY, stopped);
    }

    function stopByRegulator(ActHeader calldata header, bool stopped) external {
        _requireRegulator();
        _record(header, ActKind.STOP_BY_REGULATOR, Basis.NONE);
        _stopAll(Stop.REGULATOR, stopped);
    }

    function setCap(ActHeader calldata header, uint16 cap) external {
        _requireRegulator();
        _record(header, ActKind.CAP, Basis.NONE);
        Charter c = charter.withCap(cap);
        charter = c;
        emit CapChanged(cap);
        _alarm(c);
    }

    // --- life ---

    function open(ActHeader calldata header) external onlyRole(CompanyRole.ADMIN) {
        _requirePhase(Phase.MIGRATING);
        _record(header, ActKind.OPEN, Basis.NONE);
        _enter(Phase.OPEN);
        _alarm(charter);
        _pushStops(Stop.NOT_OPEN, false);
    }

    function abandon(ActHeader calldata header) external onlyRole(CompanyRole.ADMIN | CompanyRole.MIGRATOR) {
        _requirePhase(Phase.MIGRATING);
        _record(header, ActKind.ABANDON, Basis.NONE);
        _enter(Phase.ABANDONED);
        _pushStops(Stop.CLOSED, true);
    }

    function nameSuccessor(ActHeader calldata header, address successor_) external onlyRole(CompanyRole.ADMIN) {
        _requirePhase(Phase.OPEN);
        if (!_isHeir(successor_)) revert RoleMalformed(successor_, 0);
        for (uint256 i = 0; i < _offerings.length; i++) {
            IOffering offering = IOffering(_offerings[i]);
            if (offering.isBinding()) revert ClassBound(offering.terms().shareClass);
        }
        _record(header, ActKind.SUCCEED, Basis.NONE);
        successor = successor_;
        emit SuccessorNamed(successor_);
        _enter(Phase.SUCCEEDED);
        _pushStops(Stop.CLOSED, true);
    }

    function convert(
        ActHeader calldata header,
        Consideration calldata given,
        address fromClass,
        address toClass,
        address account,
        uint64 shares,
        uint64 resulting,
        bytes32 ref
    ) external {
        if (_classPosition[fromClass] == 0 || fromClass == toClass) revert ClassUnknown(fromClass);
        if (_classPosition[toClass] == 0) revert ClassUnknown(toClass);
        requireUnbound(fromClass);
        bool isMigrating = requireActor(msg.sender, CompanyRole.TRANSFER_AGENT);
        _record(header, ActKind.CONVERSION, isMigrating ? Basis.MIGRATION : Basis.AGREEMENT);
        if (given.kind != 0) emit IShareClass.ConsiderationStated(given.kind, given.currency, given.price);
        // In first: the holder's seat is kept, so a full company cannot refuse its own holder.
        IShareClass(toClass).convertIn(account, resulting, ref, isMigrating);
        IShareClass(fromClass).convertOut(account, shares, ref, isMigrating);
    }

    // --- seats ---

    function fixWeight(ActHeader calldata header, uint32 party, bool isFixed, uint16 weight) external {
        requireActor(msg.sender, CompanyRole.TRANSFER_AGENT);
        _record(header, ActKind.WEIGHT, Basis.NONE);
        PartyWord word = identityRegistry.partyWord(party);
        if (!word.exists()) revert PartyUnknown(party);
        Seat old = _seatAt(party);
        Seat seat = isFixed ? old.fixedAt(weight) : old.unfixed(word.weight());
        emit WeightFixed(party, isFixed, seat.weight());
        _reweigh(party, old, seat);
    }

    function recount(uint32 party) external {
        Seat old = _seatAt(party);
        Seat seat = old.weighing(identityRegistry.partyWord(party).weight());
        if (old.isTaken() && seat.weight() != old.weight()) _applyWeight(party, old, seat);
    }

    function moveSeats(uint32 from, uint32 to, uint16 weight) external onlyClass returns (bool) {
        Change memory change;
        if (to != 0) _enterAccount(change, to, weight);
        if (from != 0) _leaveAccount(change, from);
        return _applied(change);
    }

    function enterSeats(PartyWord[] calldata entering) external onlyClass returns (bool) {
        Change memory change;
        for (uint256 i = 0; i < entering.length && entering[i].exists(); i++) {
            _enterAccount(change, entering[i].id(), entering[i].weight());
        }
        return _applied(change);
    }

    function reserveSeat(PartyWord subscriber) external onlyRole(CompanyRole.OFFERING) returns (bool) {
        uint32 party = subscriber.id();
        Seat old = _seatAt(party);
        if (old.subscriptions() == Seats.MAX_SUBSCRIPTIONS) revert TooManySubscriptions(party);
        Seat seat = old.weighing(subscriber.weight());
        if (old.isTaken() && seat.weight() != old.weight()) _applyWeight(party, old, seat);
        _seats[party >> 3][party & 7] = seat.plusSubscription();
        if (old.isTaken()) return true;
        Charter c = charter;
        c = c.withPending(c.pending() + seat.weight());
        charter = c;
        return _fitsOrAlarms(c, seat.weight() != 0);
    }

    function releaseSeats(uint32[] calldata parties) external onlyRole(CompanyRole.OFFERING) {
        uint32 left;
        for (uint256 i = 0; i < parties.length; i++) {
            Seat seat = _seatAt(parties[i]).minusSubscription();
            _seats[parties[i] >> 3][parties[i] & 7] = seat;
            if (!seat.isTaken()) left += seat.weight();
        }
        if (left != 0) charter = charter.withPending(charter.pending() - left);
    }

    // --- reads ---

    function name() external view returns (string memory) {
        return string(Clones.fetchCloneArgs(address(this)));
    }

    function region() external view returns (uint16) {
        return charter.region();
    }

    function seatOf(uint32 party) external view returns (Seat) {
        return _seatAt(party);
    }

    function seatsOf(uint32[] calldata parties) external view returns (Seat[] memory seats) {
        seats = new Seat[](parties.length);
        for (uint256 i = 0; i < parties.length; i++) {
            seats[i] = _seatAt(parties[i]);
        }
    }

    function classes() external view returns (address[] memory all) {
        all = new address[](charter.classCount());
        for (uint256 i = 0; i < all.length; i++) {
            all[i] = _classAt[i];
        }
    }

    function fits(uint32 from, uint32 to, uint16 weight) external view returns (bool) {
        Seat entering = _seatAt(to);
        if (to == 0 || entering.isTaken()) return true;
        uint32 entered = entering.weighing(weight).weight();
        Seat leaving = _seatAt(from);
        bool leaves = from != 0 && leaving.accounts() == 1 && leaving.subscriptions() == 0;
        uint32 left = leaves ? leaving.weight() : 0;
        if (entered <= left) return true;
        Charter c = charter;
        return c.withSeats(c.seats() + entered - left).isWithinCap();
    }

    function isClass(address shareClass) external view returns (bool) {
        return _classPosition[shareClass] != 0;
    }

    function reasonText(uint8 code) external pure returns (string memory) {
        return ReasonTexts.text(code);
    }

    function requireUnbound(address shareClass) public view {
        for (uint256 i = 0; i < _offerings.length; i++) {
            IOffering offering = IOffering(_offerings[i]);
            if (offering.terms().shareClass == shareClass && offering.isBinding()) revert ClassBound(shareClass);
        }
        // Shares that a dividend offers were counted by the ratio of today.
        for (uint256 i = 0; i < _payouts.length; i++) {
            if (IDistributions(_payouts[i]).scripOffers(shareClass) != 0) revert ClassBound(shareClass);
        }
    }

    function requireActor(address actor, uint256 role) public view returns (bool isMigrating) {
        isMigrating = charter.phase() == Phase.MIGRATING;
        uint256 needed = isMigrating ? CompanyRole.MIGRATOR : role;
        if (rolesOf[actor] & needed == 0) revert NotAuthorised(actor, needed);
    }

    // --- internal ---

    function _createClass(ClassTerms calldata terms) internal returns (address created) {
        Charter c = charter;
        uint8 index = c.classCount();
        if (index == MAX_CLASSES) revert TooManyClasses(index);
        charter = c.withNextClass();
        // Packed, because every byte of a clone is paid for: company, length of the name, name, symbol.
        bytes memory args =
            abi.encodePacked(address(this), uint16(bytes(terms.name).length), terms.name, terms.symbol);
        created = Clones.cloneWithImmutableArgs(shareClassImplementation, args);
        _classAt[index] = created;
        _classPosition[created] = index + 1;
        emit ClassCreated(
            created, index, terms.name, terms.symbol, terms.authorised, terms.decimals, terms.categories
        );
        uint8 phaseStop = c.phase() == Phase.MIGRATING ? Stop.NOT_OPEN : 0;
        IShareClass(created).initialise(terms, index, c.stops() | phaseStop);
    }

    function _grant(address account, uint256 roles) internal {
        if (account == address(0) || roles & ~CompanyRole.ALL != 0) revert RoleMalformed(account, roles);
        _set(account, roles);
    }

    function _set(address account, uint256 roles) internal {
        rolesOf[account] = roles;
        emit RolesSet(account, roles);
    }

    function _enter(uint8 phase) internal {
        charter = charter.withPhase(phase);
        emit PhaseChanged(phase);
    }

    function _stopAll(uint8 bit, bool stopped) internal {
        Charter c = charter;
        uint8 stops = _withStop(c.stops(), bit, stopped);
        charter = c.withStops(stops);
        emit StopsChanged(stops);
        _pushStops(bit, stopped);
    }

    /// Classes are few (at most 32), so a stop is pushed rather than read at each transfer.
    function _pushStops(uint8 bit, bool stopped) internal {
        uint256 count = charter.classCount();
        for (uint256 i = 0; i < count; i++) {
            IShareClass shareClass = IShareClass(_classAt[i]);
            shareClass.setStops(_withStop(shareClass.classWord().stops(), bit, stopped));
        }
    }

    function _withStop(uint8 stops, uint8 bit, bool on) internal pure returns (uint8) {
        return on ? stops | bit : stops & ~bit;
    }

    function _seatAt(uint32 party) internal view returns (Seat) {
        return _seats[party >> 3][party & 7];
    }

    /// A first account takes a seat, or the one that a subscription kept.
    function _enterAccount(Change memory change, uint32 party, uint16 weight) internal {
        Seat[8] storage page = _seats[party >> 3];
        Seat old = page[party & 7];
        Seat seat = old.weighing(weight);
        if (old.isTaken() && seat.weight() != old.weight()) _applyWeight(party, old, seat);
        page[party & 7] = seat.plusAccount();
        if (old.accounts() != 0) return;
        change.entered += seat.weight();
        if (old.isTaken()) change.fromPending += seat.weight();
    }

    /// A last account gives back what was stored, whatever the registry says today; a subscription keeps the seat.
    function _leaveAccount(Change memory change, uint32 party) internal {
        Seat[8] storage page = _seats[party >> 3];
        Seat seat = page[party & 7].minusAccount();
        page[party & 7] = seat;
        if (seat.accounts() != 0) return;
        change.left += seat.weight();
        if (seat.isTaken()) change.toPending += seat.weight();
    }

    function _applied(Change memory change) internal returns (bool) {
        if (change.entered == change.left && change.fromPending == change.toPending) return true;
        Charter c = charter;
        c = c.withSeats(c.seats() + change.entered - change.left);
        if (change.fromPending != change.toPending) {
            c = c.withPending(c.pending() + change.toPending - change.fromPending);
        }
        charter = c;
        return _fitsOrAlarms(c, change.entered + change.toPending > change.left + change.fromPending);
    }

    function _applyWeight(uint32 party, Seat old, Seat seat) internal {
        emit SeatRecounted(party, seat.weight());
        _reweigh(party, old, seat);
    }

    function _reweigh(uint32 party, Seat old, Seat seat) internal {
        _seats[party >> 3][party & 7] = seat;
        if (!old.isTaken() || old.weight() == seat.weight()) return;
        Charter c = charter;
        c = old.accounts() != 0
            ? c.withSeats(c.seats() + seat.weight() - old.weight())
            : c.withPending(c.pending() + seat.weight() - old.weight());
        charter = c;
        _alarm(c);
    }

    /// A migration records what was, so it is never refused for the cap; it raises the alarm.
    function _fitsOrAlarms(Charter c, bool hasGrown) internal returns (bool) {
        if (!hasGrown || c.isWithinCap()) return true;
        if (c.phase() != Phase.MIGRATING) return false;
        _alarm(c);
        return true;
    }

    function _alarm(Charter c) internal {
        if (!c.isWithinCap()) emit CapExceeded(c.seats() + c.pending(), c.cap());
    }

    function _requireRole(uint256 role) internal view {
        if (rolesOf[msg.sender] & role == 0) revert NotAuthorised(msg.sender, role);
    }

    function _requireRegulator() internal view {
        if (identityRegistry.rolesOf(msg.sender) & RegistryRole.REGULATOR == 0) {
            revert NotAuthorised(msg.sender, RegistryRole.REGULATOR);
        }
    }

    /// A successor is a contract that names this company as its predecessor.
    function _isHeir(address heir) internal view returns (bool) {
        return heir.code.length != 0 && ICompany(heir).predecessor() == address(this);
    }

    function _requirePhase(uint8 phase) internal view {
        uint8 current = charter.phase();
        if (current != phase) revert PhaseForbids(current);
    }

    function _requireUnended() internal view {
        uint8 current = charter.phase();
        if (current > Phase.OPEN) revert PhaseForbids(current);
    }
}
