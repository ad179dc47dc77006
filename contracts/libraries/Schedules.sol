// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Tranche, TrancheTerms} from "../types/Tranche.sol";
import {ScheduleDoesNotAddUp} from "../types/Errors.sol";

/// How proceeds are split into tranches: fixed amounts first; what they leave by basis points, rounded down, and the last
/// such tranche takes the rest.
library Schedules {
    uint256 private constant WHOLE = 10_000;

    /// [fen] Amounts of the tranches; they sum to the proceeds.
    function amounts(mapping(uint8 => Tranche) storage tranches, uint8 count, uint64 proceeds)
        internal
        view
        returns (uint64[] memory all)
    {
        all = new uint64[](count);
        uint64 rest = proceeds;
        uint256 last;
        for (uint8 i = 0; i < count; i++) {
            if (tranches[i].isShare()) last = i;
            else rest -= all[i] = tranches[i].value();
        }
        uint64 given;
        for (uint8 i = 0; i < count; i++) {
            if (!tranches[i].isShare()) continue;
            all[i] = i == last ? rest - given : uint64((uint256(rest) * tranches[i].value()) / WHOLE);
            given += all[i];
        }
    }

    /// Reverts unless the schedule adds up for every outcome of the raise, from `least` to `most` proceeds [fen].
    function check(TrancheTerms[] calldata tranches, uint64 least, uint64 most) internal pure {
        uint256 fixed_;
        uint256 bps;
        for (uint256 i = 0; i < tranches.length; i++) {
            if (tranches[i].isShare) bps += tranches[i].value;
            else fixed_ += tranches[i].value;
        }
        if (bps != 0 && bps != WHOLE) revert ScheduleDoesNotAddUp(bps, WHOLE);
        if (fixed_ > least) revert ScheduleDoesNotAddUp(fixed_, least);
        if (bps == 0 && (fixed_ != least || least != most)) revert ScheduleDoesNotAddUp(fixed_, most);
    }
}
