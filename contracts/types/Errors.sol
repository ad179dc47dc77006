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
/// A raise of this class is open, or its escrow still owes money for its shares: they must keep their meaning.
error ClassBound(address shareClass);
error TooManyClasses(uint8 count);
/// Not a raise of the trusted factory for this company.
error OfferingUnknown(address offering);
/// A party has at most 63 subscriptions at a time in one company.
error TooManySubscriptions(uint32 party);
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

// --- money ------------------------------------------------------------------------------------------------------
/// Nobody is registered behind the account, so money sent there would be lost.
error AccountUnknown(address account);
error MoneyIsStopped();
/// The account is frozen by order and sends nothing.
error MoneyFrozen(address account);
error ReferenceMissing(address account);
/// The bank's reference stands for another deposit or withdrawal already.
error ReferenceUsed(bytes32 ref);
error AmountMissing(address account);
/// More money than 64 bits hold.
error AmountTooLarge(uint256 amount);

// --- regions ----------------------------------------------------------------------------------------------------
error SchemeMalformed(uint16 region, uint16 version);
error HaltUnchanged(uint16 region, bool halted);

// --- raises -----------------------------------------------------------------------------------------------------
/// `field` counts the terms of a raise from 1, in the order of `OfferingTerms`; the rule stands in the specification.
error OfferingMalformed(uint8 field);
error OfferingPhaseForbids(uint8 phase);
/// It can be done from this time on [s, clock of the region].
error NotDue(uint40 clock, uint40 due);
/// Its time is over [s, clock of the region].
error Overdue(uint40 clock, uint40 due);
/// The company has not admitted this raise.
error OfferingNotAdmitted(address offering);
/// A rule refuses the subscription. `code` is the first, `broken` the bitmap of all of `SubscriptionRules`.
error SubscriptionRefused(uint8 code, uint256 broken, address account, uint64 amount);
/// No such subscription: nobody subscribed from this account, or it is not live any more.
error SubscriptionUnknown(address account);
/// All subscribers must be named, once each, ascending by party.
error CutMalformed(uint256 position);
/// The proposed cut allots more or less than the maximum [shares × 10^decimals].
error CutUnfair(uint256 allotted, uint256 maximum);
error CutNotNeeded();
/// More was asked for than the maximum, and the cut has not been verified.
error CutMissing();

// --- escrow -----------------------------------------------------------------------------------------------------
/// `field` counts the terms of an escrow from 1, in the order of `EscrowTerms`.
error EscrowMalformed(uint8 field);
/// `field` counts the terms of a tranche from 1, in the order of `TrancheTerms`.
error TrancheMalformed(uint8 milestone, uint8 field);
error RatchetMalformed(uint8 field);
/// Fixed amounts, or shares of the rest in basis points, do not add up to the proceeds.
error ScheduleDoesNotAddUp(uint256 total, uint256 expected);
error TooManyTranches(uint256 count, uint256 limit);
error TrancheStateForbids(uint8 milestone, uint8 state);
/// No quorum that stands: verdicts missing, window open, challenged, or votes void.
error NotReached(uint8 milestone);
error AlreadyVoted(address account);
error NotAHolder(address account, uint16 epoch);
/// No put, or not yet: it opens when every tranche is released or missed.
error PutNotOpen();
error PutUnknown(uint32 party);
/// The put was exercised before.
error PutExercisedAlready(uint32 party);
/// Nothing lapses before the last tranche is decided, nor where nothing was missed.
error ClaimsNotBegun();
/// The holder has fewer shares left than the put was exercised for.
error PutSharesMissing(uint32 party, uint64 held, uint64 owed);
error RatchetNotDue();
/// The transaction's gas limit leaves too little for a payment or a delivery inside [gas].
error GasTooLow(uint256 left, uint256 needed);

// --- dividends --------------------------------------------------------------------------------------------------
/// More than the whole would be withheld [basis points].
error TaxAboveWhole(uint16 bps);
/// `position` counts the rules from 0: a category and residence twice, or a residence without a category. Behind the last
/// rule: none is for everybody else.
error ScheduleMalformed(uint256 position);
error ScheduleUnknown(uint32 schedule);
/// `field`: 1 rank, 2 perYear, 3 fromDay.
error PreferenceMalformed(uint8 field);
error PreferenceStands(address shareClass);
/// A class that comes before has arrears [10^-10 CNY for a whole share].
error ArrearsFirst(address shareClass, uint72 arrears);
/// A dividend of a class that comes later was declared since: without this one there would be arrears on its record day.
error DividendRests(uint32 id);
/// `field` counts the terms of a distribution from 1, in the order of `DistributionTerms`; 12: who is excluded.
error DistributionMalformed(uint8 field);
error DistributionUnknown(uint32 id);
error DistributionStateForbids(uint32 id, uint8 state);
/// Something was paid or parked, so it cannot be taken back.
error PaymentsBegun(uint32 id);
/// The list of holders is out of order, repeats one, names one with nothing or one who is excluded, or is not the fixed one.
error HolderMisplaced(uint256 position);
/// Together they held less than was issued at the record date [shares × 10^decimals].
error HoldersMissing(uint256 held, uint256 issued);
/// Shares are unhandled [shares × 10^decimals].
error SharesUnhandled(uint64 handled, uint64 entitled);
error NoScrip(uint32 id);

// --- attestation ------------------------------------------------------------------------------------------------
/// `field` counts the terms of an appointment from 1, in the order of `Appointment`.
error AppointmentMalformed(uint8 field);
/// A verifier has a conflict of interest: it holds or subscribes to shares of the company.
error VerifierHolds(uint32 party);
error VerifierKnown(uint32 party, address key);
error VerifierUnknown(address key);
/// Outside the days of its mandate.
error VerifierNotInForce(uint32 party, uint24 fromDay, uint24 untilDay);
/// Dismissed, or suspended after signing two outcomes.
error VerifierStruck(uint32 party);
error PanelFull(uint8 kind);
/// The panel has fewer verifiers than the quorum needs.
error QuorumAbovePanel(uint8 quorum, uint8 members);
error CaseUnknown(address escrow, uint8 milestone);
error CasePhaseForbids(uint8 phase);
/// The attestation speaks of another company, round or outcome than the case has; `field` as in `Attestation`.
error AttestationMalformed(uint8 field);
/// Observed in the future, or expired [unix s].
error AttestationNotInForce(uint40 observedAt, uint40 expiresAt);
error AlreadyAttested(uint32 party, uint16 round);
error NothingAttested(uint32 party);
/// The two attestations do not contradict each other.
error NoContradiction();
/// Challengers are named ascending by party, so that each counts once.
error ChallengersUnordered(uint32 party, uint32 previous);
/// The challengers hold fewer shares than the terms ask for.
error ChallengeTooSmall(uint256 held, uint256 needed);
