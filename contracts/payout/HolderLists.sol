// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IDistributions} from "../interfaces/IDistributions.sol";
import {IShareClass} from "../interfaces/IShareClass.sol";
import {Acts} from "../libraries/Acts.sol";
import {Distribution, Holder, Holders} from "../types/Distribution.sol";
import {Holding} from "../types/Holding.sol";
import "../types/Errors.sol";

/// The register at a record date, fixed once for a distribution: who held how much, complete and each party once. Kept as
/// one hash for eight rows; the rows stand in the event, and whoever pays brings them along.
abstract contract HolderLists is IDistributions, Acts {
    uint256 internal constant STATES_IN_SLOT = 128;

    mapping(uint32 id => Distribution) internal _distributions;
    mapping(uint32 id => address[]) internal _excluded;
    mapping(uint32 id => mapping(uint256 leaf => bytes32)) public leafOf;
    /// Two bits for each row, see `Settlement`.
    mapping(uint32 id => mapping(uint256 slot => uint256)) internal _settlements;

    function settlementOf(uint32 id, uint256 row) external view returns (uint8) {
        return uint8((_settlements[id][row / STATES_IN_SLOT] >> ((row % STATES_IN_SLOT) * 2)) & 3);
    }

    // --- internal ---

    /// Rows of all that was issued at the record date and is not excluded; refused unless they are complete.
    function _listed(uint32 id, address shareClass, uint16 epoch, address[] calldata accounts)
        internal
        view
        returns (Holder[] memory rows, uint256 entitled)
    {
        address[] memory excluded = _excluded[id];
        (rows, entitled) = _rowsOf(shareClass, epoch, accounts, excluded);
        uint256 held = entitled + _balancesOf(shareClass, epoch, excluded);
        uint256 issued = IShareClass(shareClass).issuedAt(epoch);
        if (held != issued) revert HoldersMissing(held, issued);
    }

    function _rowsOf(address shareClass, uint16 epoch, address[] calldata accounts, address[] memory excluded)
        private
        view
        returns (Holder[] memory rows, uint256 sum)
    {
        (Holding[] memory holdings, uint64[] memory balances) = IShareClass(shareClass).holdingsAt(accounts, epoch);
        rows = new Holder[](accounts.length);
        uint256 count;
        uint256 last;
        for (uint256 i = 0; i < holdings.length; i++) {
            uint32 party = holdings[i].party();
            uint256 key = (uint256(party) << 8) | holdings[i].account();
            if (key <= last || balances[i] == 0 || _isAmong(excluded, accounts[i])) revert HolderMisplaced(i);
            if (count != 0 && last >> 8 == party) rows[count - 1] = rows[count - 1].plus(balances[i]);
            else rows[count++] = Holders.create(party, balances[i], accounts[i]);
            sum += balances[i];
            last = key;
        }
        assembly ("memory-safe") {
            mstore(rows, count)
        }
    }

    function _keepRows(uint32 id, Holder[] memory rows) internal {
        for (uint256 first = 0; first < rows.length; first += Holders.LEAF) {
            uint256 count = rows.length - first < Holders.LEAF ? rows.length - first : Holders.LEAF;
            bytes32 hash;
            assembly ("memory-safe") {
                hash := keccak256(add(add(rows, 0x20), mul(first, 0x20)), mul(count, 0x20))
            }
            leafOf[id][first / Holders.LEAF] = hash;
        }
    }

    /// Rows are those of the fixed register, whole leaves from `leaf` on: a leaf behind the last has no hash.
    function _requireRows(uint32 id, uint256 leaf, Holder[] calldata rows) internal view {
        for (uint256 first = 0; first < rows.length; first += Holders.LEAF) {
            uint256 count = rows.length - first < Holders.LEAF ? rows.length - first : Holders.LEAF;
            bytes32 hash;
            assembly ("memory-safe") {
                let copy := mload(0x40)
                calldatacopy(copy, add(rows.offset, mul(first, 0x20)), mul(count, 0x20))
                hash := keccak256(copy, mul(count, 0x20))
            }
            uint256 position = leaf + first / Holders.LEAF;
            if (leafOf[id][position] != hash) revert HolderMisplaced(position * Holders.LEAF);
        }
    }

    /// Each account once.
    function _balancesOf(address shareClass, uint16 epoch, address[] memory accounts) private view returns (uint256 sum) {
        for (uint256 i = 0; i < accounts.length; i++) {
            bool isRepeated;
            for (uint256 k = 0; k < i; k++) {
                if (accounts[k] == accounts[i]) isRepeated = true;
            }
            if (!isRepeated) sum += IShareClass(shareClass).balanceAt(accounts[i], epoch);
        }
    }

    function _isAmong(address[] memory accounts, address account) private pure returns (bool) {
        for (uint256 i = 0; i < accounts.length; i++) {
            if (accounts[i] == account) return true;
        }
        return false;
    }
}
