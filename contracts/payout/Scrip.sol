// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ICompany} from "../interfaces/ICompany.sol";
import {IShareClass} from "../interfaces/IShareClass.sol";
import {ActHeader, Consideration, Entry} from "../types/Act.sol";
import {Phase} from "../types/Charter.sol";
import {Distribution} from "../types/Distribution.sol";
import {HolderLists} from "./HolderLists.sol";
import "../types/Errors.sol";

/// Shares instead of cash: kept free when a dividend is declared, issued for the net amount when it is paid.
abstract contract Scrip is HolderLists {
    uint8 private constant CASH = 1;
    uint16 private constant CNY = 156;
    /// [gas] More than a delivery of shares takes.
    uint256 private constant INNER_GAS = 500_000;

    mapping(address shareClass => uint32) public scripOffers;
    uint256 private _actCount;

    // --- internal ---

    function _offerScrip(Distribution storage d, bytes32 resolution) internal {
        d.resolution = resolution;
        scripOffers[d.shareClass]++;
        d.decimals = IShareClass(d.shareClass).classWord().decimals();
        _keep(d, _units(d, d.declared / d.scripPrice));
    }

    /// Whole shares for the net amount, fractions stay cash. All cash where the class refuses, where no share is kept free any
    /// more, for who is no holder any more (the seat may be another's), and where the register has gone to a successor.
    /// Answers what was spent [fen].
    function _deliver(Distribution storage d, uint32 id, uint32 party, address to, uint64 net)
        internal
        returns (uint64 spent)
    {
        uint64 whole = net / d.scripPrice;
        uint64 units = _units(d, whole);
        ICompany company = ICompany(IShareClass(d.shareClass).company());
        if (units == 0 || units > d.reserved || company.seatOf(party).accounts() == 0) return 0;
        if (company.charter().phase() != Phase.OPEN) return 0;
        if (gasleft() < INNER_GAS) revert GasTooLow(gasleft(), INNER_GAS);
        // Whoever pushes is part of the id, so that the company cannot use it up beforehand.
        bytes32 operation = keccak256(abi.encode(address(this), ++_actCount, block.number, tx.origin));
        ActHeader memory header = ActHeader(operation, int32(uint32(_today())), d.resolution);
        Entry[] memory entries = new Entry[](1);
        entries[0] = Entry(to, units, 0, bytes32(0));
        // [10^-10 CNY for a whole share]
        Consideration memory given = Consideration(CASH, CNY, uint96(uint256(d.scripPrice) * 10 ** 8));
        try IShareClass(d.shareClass).allot(header, given, entries) {
            d.reserved -= units;
            spent = whole * d.scripPrice;
            emit ScripDelivered(id, party, to, units, spent);
        } catch {}
    }

    function _units(Distribution storage d, uint64 whole) private view returns (uint64) {
        uint256 units = uint256(whole) * 10 ** d.decimals;
        if (units > type(uint64).max) revert AmountTooLarge(units);
        return uint64(units);
    }

    /// No more shares will be delivered.
    function _endScrip(Distribution storage d) internal {
        if (d.scripPrice == 0) return;
        scripOffers[d.shareClass]--;
        _keep(d, 0);
    }

    /// Keeps just so many new shares free.
    function _keep(Distribution storage d, uint64 units) private {
        uint64 kept = d.reserved;
        if (units == kept) return;
        d.reserved = units;
        if (units > kept) IShareClass(d.shareClass).reserve(units - kept);
        else IShareClass(d.shareClass).unreserve(kept - units);
    }
}
