// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Clones} from "@openzeppelin/contracts/proxy/Clones.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IAttestationBoard} from "../interfaces/IAttestationBoard.sol";
import {IIdentityRegistry, RegistryRole} from "../interfaces/IIdentityRegistry.sol";
import {IMilestoneEscrow} from "../interfaces/IMilestoneEscrow.sol";
import {IOffering} from "../interfaces/IOffering.sol";
import {IRegions} from "../interfaces/IRegions.sol";
import {ISettlementToken} from "../interfaces/ISettlementToken.sol";
import {IShareClass} from "../interfaces/IShareClass.sol";
import {Acts} from "../libraries/Acts.sol";
import {Schedules} from "../libraries/Schedules.sol";
import {ActHeader, ActKind, Basis} from "../types/Act.sol";
import {Case, CasePhase} from "../types/Case.sol";
import {PartyWord} from "../types/PartyWord.sol";
import {EscrowTerms, Miss, Purse, Purses, RatchetTerms, Tranche, Tranches, TrancheState, TrancheTerms} from "../types/Tranche.sol";
import {EscrowRights} from "./EscrowRights.sol";
import "../types/Errors.sol";

/// See `IMilestoneEscrow`. Cloned by the factory; offering, company, class and region are immutable arguments of the
/// clone. Puts and the ratchet stand in `EscrowRights`; here are the tranches.
contract MilestoneEscrow is EscrowRights {
    uint8 public constant MAX_TRANCHES = 16;

    constructor(
        IIdentityRegistry registry,
        ISettlementToken token_,
        IRegions regions_,
        IAttestationBoard board_,
        uint32 utcOffset_
    ) Acts(utcOffset_) EscrowRights(registry, token_, regions_, board_) {
        // The implementation itself is never an escrow.
        _terms.issuerAccount = address(this);
    }

    function initialise(EscrowTerms calldata terms_, TrancheTerms[] calldata scheduled, RatchetTerms calldata ratchet_)
        external
    {
        if (_terms.issuerAccount != address(0)) revert AlreadyInitialised();
        if (scheduled.length == 0 || scheduled.length > MAX_TRANCHES) {
            revert TooManyTranches(scheduled.length, MAX_TRANCHES);
        }
        _terms = terms_;
        _ratchet = ratchet_;
        _issuerAccount = terms_.issuerAccount;
        emit EscrowScheduled(terms_);
        _trancheCount = uint8(scheduled.length);
        for (uint8 i = 0; i < scheduled.length; i++) {
            Tranche tranche = Tranches.create(scheduled[i]);
            _tranches[i] = tranche;
            emit TrancheScheduled(i, tranche, scheduled[i].criterion, scheduled[i].terms);
        }
        if (ratchet_.source == 0) return;
        _ratchetAt = ratchet_.milestone + 1;
        emit RatchetScheduled(ratchet_);
    }

    // --- the offering only ---

    function prepare(uint64 maximum) external onlyOffering {
        for (uint8 i = 0; i < _trancheCount; i++) {
            Tranche tranche = _tranches[i];
            uint8 members = board.activeMembers(company(), tranche.kind());
            if (tranche.quorum() > members) revert QuorumAbovePanel(tranche.quorum(), members);
        }
        _reserveRatchet(maximum);
    }

    function abandon() external onlyOffering {
        _freeRatchet();
    }

    function fund(uint64 proceeds) external onlyOffering {
        _purse = Purses.create(proceeds);
        emit EscrowFunded(proceeds);
        uint64[] memory amounts = Schedules.amounts(_tranches, _trancheCount, proceeds);
        for (uint8 i = 0; i < amounts.length; i++) {
            Tranche tranche = _tranches[i].withValue(amounts[i]).withState(TrancheState.WAITING);
            _change(i, tranche);
            board.openCase(company(), i, _case(tranche));
        }
    }

    // --- anybody ---

    function release(uint8 milestone) external {
        Tranche tranche = _in(milestone, TrancheState.WAITING);
        if (!board.closeReached(milestone)) revert NotReached(milestone);
        _change(milestone, tranche.withState(TrancheState.RELEASED));
        uint64 amount = tranche.value();
        _count(_purse.plusReleased(amount));
        address to = identityRegistry.destinationOf(_issuerAccount);
        emit TrancheReleased(milestone, to, amount);
        _decideRatchet(milestone);
        IERC20(address(token)).transfer(to, amount);
    }

    function miss(uint8 milestone) external {
        Tranche tranche = _in(milestone, TrancheState.WAITING);
        board.closeOverdue(milestone);
        if (tranche.onMiss() == Miss.EXTEND && !tranche.isExtended()) return _askHolders(milestone, tranche);
        _failFrom(milestone, tranche);
    }

    function closeVote(uint8 milestone) external {
        Tranche tranche = _in(milestone, TrancheState.VOTING);
        uint40 clock = _clock();
        if (clock <= tranche.voteEnds()) revert NotDue(clock, tranche.voteEnds() + 1);
        _failFrom(milestone, tranche);
    }

    function redeem(address[] calldata accounts) external {
        _redeem(accounts);
    }

    function lapse(address[] calldata accounts) external {
        uint40 ends = _claimsEnd;
        uint40 clock = _clock();
        if (ends == 0) revert ClaimsNotBegun();
        if (clock <= ends) revert NotDue(clock, ends + 1);
        _lapse(accounts);
    }

    // --- holders ---

    function consent(uint8 milestone, address account) external {
        _requireOwner(account);
        _consent(milestone, account);
    }

    function consentFor(ActHeader calldata header, uint8 milestone, address account) external {
        _requirePlatformFor(account);
        _record(header, ActKind.VOTE, Basis.NONE);
        _consent(milestone, account);
    }

    // --- reads ---

    function tranches() external view returns (Tranche[] memory all) {
        all = new Tranche[](_trancheCount);
        for (uint8 i = 0; i < all.length; i++) {
            all[i] = _tranches[i];
        }
    }

    function votesOf(uint8 milestone) external view returns (uint64 yes, uint64 allotted) {
        return (uint64(_votes[milestone]), uint64(_votes[milestone] >> 64));
    }

    // --- internal ---

    /// A record date of the class that has not passed leaves no place for one before it: nobody can be asked.
    function _askHolders(uint8 milestone, Tranche tranche) private {
        IShareClass shares = IShareClass(shareClass());
        if (_isClosedToDates(shares.recordTimes())) return _failFrom(milestone, tranche);
        uint16 epoch = shares.setRecordDate(_header(), uint40(block.timestamp));
        _votes[milestone] = _allotted() << 64;
        _change(milestone, tranche.voting(epoch, _clock() + _terms.voting));
    }

    function _isClosedToDates(uint40[] memory recordTimes) private view returns (bool) {
        uint256 count = recordTimes.length;
        return count == type(uint16).max || (count != 0 && recordTimes[count - 1] >= block.timestamp);
    }

    function _consent(uint8 milestone, address account) private {
        Tranche tranche = _in(milestone, TrancheState.VOTING);
        uint40 clock = _clock();
        if (clock > tranche.voteEnds()) revert Overdue(clock, tranche.voteEnds());
        (uint32 party, uint64 shares) = IOffering(offering()).lotSharesOf(account);
        if (hasVoted[milestone][party]) revert AlreadyVoted(account);
        uint64 held = IShareClass(shareClass()).balanceAt(account, tranche.epoch());
        if (held < shares) shares = held;
        if (shares == 0) revert NotAHolder(account, tranche.epoch());
        hasVoted[milestone][party] = true;
        uint256 votes = _votes[milestone] + shares;
        _votes[milestone] = votes;
        emit ConsentGiven(milestone, account, shares);
        if (uint256(uint64(votes)) * 10_000 < (votes >> 64) * _terms.consentBps) return;
        _change(milestone, tranche.withState(TrancheState.WAITING));
        board.reopen(milestone, clock + tranche.extension());
    }

    /// What is missed becomes redeemable, and with it every tranche that has no quorum. Where one stands, it is decided
    /// on its own first.
    function _failFrom(uint8 milestone, Tranche tranche) private {
        emit MilestoneMissed(milestone);
        if (tranche.onMiss() == Miss.PUT) _isPutOpen = true;
        uint64 amount;
        for (uint8 i = 0; i < _trancheCount; i++) {
            Tranche other = _tranches[i];
            bool isOver = i == milestone || other.state() == TrancheState.VOTING;
            if (!isOver && other.state() == TrancheState.WAITING) isOver = board.closeUndecided(i);
            if (!isOver) continue;
            amount += other.value();
            _change(i, other.withState(TrancheState.MISSED));
            if (i == _ratchet.milestone) _freeRatchet();
        }
        _count(_purse.plusRedeemable(amount));
    }

    /// Once the last tranche is decided and one was missed, the time for claims runs. A tranche may be worth nothing, so the
    /// sums alone do not tell.
    function _count(Purse p) private {
        _purse = p;
        if (p.released() + p.redeemable() != p.proceeds()) return;
        bool isMissed;
        for (uint8 i = 0; i < _trancheCount; i++) {
            uint8 state = _tranches[i].state();
            if (state == TrancheState.WAITING || state == TrancheState.VOTING) return;
            isMissed = isMissed || state == TrancheState.MISSED;
        }
        if (!isMissed) return;
        uint40 ends = _clock() + _terms.claims;
        _claimsEnd = ends;
        emit ClaimsBegan(ends);
    }

    function _in(uint8 milestone, uint8 state) private view returns (Tranche tranche) {
        tranche = _tranches[milestone];
        // Every tranche has a kind.
        if (tranche.kind() == 0) revert TooManyTranches(milestone, _trancheCount);
        if (tranche.state() != state) revert TrancheStateForbids(milestone, tranche.state());
    }

    function _change(uint8 milestone, Tranche tranche) private {
        _tranches[milestone] = tranche;
        emit TrancheChanged(milestone, tranche);
    }

    function _case(Tranche tranche) private view returns (Case) {
        EscrowTerms storage t = _terms;
        return Case.wrap(
            uint256(tranche.kind()) | (uint256(tranche.quorum()) << 8) | (1 << 16)
                | (uint256(CasePhase.COLLECTING) << 80) | (uint256(region()) << 88) | (uint256(tranche.deadline()) << 104)
                | (uint256(t.window) << 184) | (uint256(t.arbitration) << 216)
                | (uint256(t.silenceUpholds ? 1 : 0) << 248)
        );
    }
}
