// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

// Every refusal of the project, declared once, so that a selector means one thing to every reader.

// --- acts -------------------------------------------------------------------------------------------------------
/// The act has been carried out before under this id.
error OperationDone(bytes32 operation);
error OperationMissing();
error DocumentMissing(bytes32 operation);
/// Legal effective date after the block's day [civil days].
error EffectiveInFuture(int32 effectiveOn, int32 today);
error NotAuthorised(address actor, uint256 role);
error TooManyEntries(uint256 count, uint256 limit);

// --- identity ---------------------------------------------------------------------------------------------------
error PartyExists(uint32 party);
error PartyUnknown(uint32 party);
/// The provider is not trusted (any more) or the id is outside the range it was given.
error PartyOutsideRange(address provider, uint32 party);
error PartyMalformed(uint256 word);
error WalletBound(address wallet, uint32 party);
error WalletUnknown(address wallet);
error WalletReserved(address wallet);
error TooManyWallets(uint32 party);
error SignatureInvalid(address wallet);
error SignatureExpired(uint64 deadline, uint256 time);
error RangeMalformed(uint32 firstId, uint32 lastId);
error LengthsDiffer(uint256 first, uint256 second);

// --- company ----------------------------------------------------------------------------------------------------
error AlreadyInitialised();
error CompanyMalformed(uint8 form, uint16 cap);
error PhaseForbids(uint8 phase);
error ClassUnknown(address shareClass);
error ClassMalformed(uint8 decimals, uint16 categories);
error TooManyClasses(uint8 count);
error RoleMalformed(address account, uint256 roles);

// --- shares -----------------------------------------------------------------------------------------------------
/// A rule refuses the move. `code` is the ERC-1404 code, `broken` the bitmap of all rules that refuse it.
error Refused(uint8 code, uint256 broken, address from, address to, uint256 shares);
/// The transfer agent moves or ends shares of book accounts only, never those of a wallet.
error NotABookAccount(address account);
error SharesMissing();
error RatioMalformed(uint32 numerator, uint32 denominator);
error KindMalformed(uint8 kind);
error RecordTimeMalformed(uint40 time, uint40 previous);
error RecordDateUnknown(uint16 epoch);
error RecordDateAhead(uint16 epoch, uint40 time);
error AuthorisedBelowIssued(uint64 authorised, uint64 issued);
/// Authorised shares must leave room for one more in 64 bits.
error AuthorisedTooLarge(uint64 authorised);
