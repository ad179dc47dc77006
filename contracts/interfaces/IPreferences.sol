// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ActHeader} from "../types/Act.sol";
import {Preference} from "../types/Distribution.sol";

/// Classes that are paid before others, and their arrears. Rates in 10^-10 CNY for a whole share.
interface IPreferences {
    event PreferenceSet(address shareClass, uint8 rank, uint72 perYear, uint24 fromDay);
    /// Of a dividend that was declared for the class, or taken back, what counts towards its arrears: all so far.
    event PreferenceDeclared(address shareClass, uint72 declared);

    /// ADMIN of the company, once for a class; the document is its articles.
    function setPreference(ActHeader calldata header, address shareClass, uint8 rank, uint72 perYear, uint24 fromDay)
        external;

    // --- dividends only ---
    /// A dividend of so much for a share, 0 if it is not stated, that the company's ADMIN declares for a record date: refused
    /// while a class that comes before has arrears on that day. Answers the company, the record date [unix s], and what counts
    /// towards the class's own arrears.
    function claim(uint32 id, address shareClass, address admin, uint16 epoch, uint72 rate)
        external
        returns (address company, uint40 recordTime, uint72 counted);
    /// A dividend is not paid: what it counted is open again. Refused while one rests on it: of a class that comes later,
    /// declared since, on whose record day there would be arrears then; unless it is void, and nobody could be paid of it.
    function cancel(uint32 id, address shareClass, uint72 counted, bool isVoid) external;
    /// What was counted and is not covered any more is open again.
    function release(address shareClass, uint72 counted) external;

    // --- reads ---
    /// The company of a class of this registry; reverts for anything else.
    function companyOf(address shareClass) external view returns (address);
    /// Reverts as a declaration would on that record day.
    function requireDeclarable(address shareClass, address admin, uint24 day, uint72 rate) external view;
    function preferenceOf(address shareClass) external view returns (Preference memory);
    /// Accrued up to a day and not declared.
    function arrearsOf(address shareClass, uint24 day) external view returns (uint72);
}
