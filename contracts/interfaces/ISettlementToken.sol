// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ActHeader} from "../types/Act.sol";
import {BankLine, Cash, Payout} from "../types/Money.sol";

/// Tokenised CNY [fen], an ERC-20 token with 2 decimals: minted and burned by the custodian bank against real deposits,
/// each under the bank's own reference, which is used once. ERC-2612 and ERC-3009: paying takes one signature.
///
/// Money of a book account leaves it into a raise or a dividend of this registry (on its owner's signed instruction) or back to the
/// bank, and no other way.
interface ISettlementToken {
    event Minted(address account, uint64 amount, bytes32 ref);
    event Burned(address account, uint64 amount, bytes32 ref);
    event MoneyStopped(bool stopped);
    event AccountFrozen(address account, bool frozen);

    /// CUSTODIAN. To accounts of registered parties.
    function mint(ActHeader calldata header, BankLine[] calldata lines) external;
    /// CUSTODIAN. From book accounts, on their owners' instructions, and from the bank's own account.
    function burn(ActHeader calldata header, BankLine[] calldata lines) external;
    /// REGULATOR or CUSTODIAN. While stopped no money moves at all.
    function setStopped(ActHeader calldata header, bool stopped) external;
    /// REGULATOR, by order. A frozen account sends nothing; it still receives.
    function setFrozen(ActHeader calldata header, address account, bool frozen) external;
    /// Raises and dividends of this registry only: takes money out of a book account on its owner's signed instruction.
    function collect(address account, uint64 amount) external;
    /// ERC-3009 with a signature in bytes: 65 of an ordinary wallet, or whatever a contract wallet accepts (ERC-1271).
    function receiveWithAuthorization(
        address from,
        address to,
        uint256 value,
        uint256 validAfter,
        uint256 validBefore,
        bytes32 nonce,
        bytes calldata signature
    ) external;

    /// The sender pays many accounts at once.
    function transferMany(Payout[] calldata payouts) external;

    function cash(address account) external view returns (Cash);
    function cashOf(address[] calldata accounts) external view returns (Cash[] memory);
    function isStopped() external view returns (bool);
    function isUsed(bytes32 ref) external view returns (bool);
}
