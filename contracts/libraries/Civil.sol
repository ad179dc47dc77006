// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// The civil (proleptic Gregorian) calendar.
library Civil {
    /// Year of a civil day [days since 1970-01-01], counted in years that begin on the first of March, so that the leap day
    /// is a year's last. For days after 1970.
    function yearOf(uint24 day) internal pure returns (uint16) {
        uint256 z = uint256(day) + 719_468; // days since 0000-03-01
        uint256 era = z / 146_097; // of 400 years
        uint256 dayOfEra = z % 146_097;
        uint256 yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365;
        uint256 dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100);
        // January and February, from day 306 on, belong to the next civil year.
        return uint16(era * 400 + yearOfEra + (dayOfYear >= 306 ? 1 : 0));
    }
}
