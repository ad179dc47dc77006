// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ActHeader, ActKind, Basis} from "../types/Act.sol";
import {DocumentMissing, EffectiveInFuture, OperationDone, OperationMissing} from "../types/Errors.sol";

/// Acts of agents: each is carried out once, rests on a document, and has a legal effective date.
/// Rules AC-1 (once), AC-2 (document), AC-3 (date).
abstract contract Acts {
    /// Format of the events of this contract.
    uint8 public constant EVENT_VERSION = 1;

    /// [s] Civil days begin at this offset from UTC.
    uint32 public immutable utcOffset;

    mapping(bytes32 operation => bool) public isDone;

    /// Heads the events of one act: those of the same contract that follow in the same transaction belong to it.
    event ActRecorded(
        bytes32 indexed operation,
        address actor,
        uint8 version,
        ActKind kind,
        Basis basis,
        int32 effectiveOn,
        bytes32 document
    );

    constructor(uint32 utcOffset_) {
        utcOffset = utcOffset_;
    }

    function _record(ActHeader calldata header, ActKind kind, Basis basis) internal {
        if (header.operation == 0) revert OperationMissing();
        if (isDone[header.operation]) revert OperationDone(header.operation);
        if (header.document == 0) revert DocumentMissing(header.operation);
        int32 today = int32(uint32(_today()));
        if (header.effectiveOn > today) revert EffectiveInFuture(header.effectiveOn, today);
        isDone[header.operation] = true;
        emit ActRecorded(
            header.operation, msg.sender, EVENT_VERSION, kind, basis, header.effectiveOn, header.document
        );
    }

    /// [civil days since 1970-01-01] Fits 24 bits for 45 000 years.
    function _today() internal view returns (uint24) {
        return uint24((block.timestamp + utcOffset) / 1 days);
    }
}
