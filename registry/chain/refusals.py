"""What a contract's refusal means: revert bytes to an error with the contract's name for it, its values, its rule."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from registry.chain.contracts import ERRORS
from registry.chain.rpc import NodeRefusal
from registry.domain.attestation import Attestation
from registry.domain.days import civil
from registry.domain.payout_args import DistributionPhase, DistributionTerms
from registry.domain.raise_args import Appointment, EscrowTerms, OfferingTerms, RatchetTerms, TrancheTerms
from registry.domain.rules import BY_CODE, rules_in
from registry.domain.subscription_rules import subscription_rules_in
from registry.errors import RejectedError, RetryableError

REFUSED = "Refused"
SUBSCRIPTION_REFUSED = "SubscriptionRefused"
STATE_FORBIDS = "DistributionStateForbids"

_MEANINGS = {
    "OperationDone": "this operation has been carried out before",
    "OperationMissing": "the act has no operation id",
    "DocumentMissing": "the act rests on no document",
    "EffectiveInFuture": "the legal effective date lies after the block's day",
    "NotAuthorised": "the sender does not hold the role that this act needs",
    "TooManyEntries": "too few or too many lines in one act",
    "PartyExists": "a party of this id is registered already",
    "PartyUnknown": "no party of this id is registered",
    "PartyOutsideRange": "the provider is not trusted, or the party's id is outside its range",
    "PartyMalformed": "the party's word has fields that a provider may not state",
    "WalletBound": "the wallet belongs to a party already",
    "WalletUnknown": "the wallet is bound to no party",
    "WalletReserved": "this address can never be a wallet",
    "TooManyWallets": "the party has bound its eight wallets",
    "SignatureInvalid": "the wallet has not signed this binding",
    "SignatureExpired": "the wallet's signature has expired",
    "RangeMalformed": "the range of party ids is empty or begins at zero",
    "LengthsDiffer": "two lists that belong together differ in length",
    "AlreadyInitialised": "the contract has been set up before",
    "CompanyMalformed": "form or cap of the company is not one there is",
    "PhaseForbids": "the company's phase does not allow this",
    "ClassUnknown": "the company has no such class",
    "ClassBound": "a raise of this class is open, or its escrow still owes money for the shares",
    "ClassMalformed": "decimals above 6, or the unclassified admitted",
    "TooManyClasses": "the company has its 32 classes",
    "RoleMalformed": "no such role, or no such account",
    "NotABookAccount": "an agent moves book accounts only, never a wallet",
    "SharesMissing": "the account holds nothing of this class",
    "RatioMalformed": "the ratio of the split is zero or one",
    "KindMalformed": "a cancellation is a cancellation, a repurchase or a retraction",
    "RecordTimeMalformed": "record dates must ascend and lie within the limit",
    "RecordDateUnknown": "the class has no such record date",
    "RecordDateAhead": "the record date has not passed",
    "AuthorisedBelowIssued": "fewer authorised shares than are issued",
    "AuthorisedTooLarge": "more shares than a class may ever authorise",
    "ERC20InsufficientAllowance": "the owner has not allowed this spender so many shares",
    "Panic": "the contract's own arithmetic or bounds failed",
    # money
    "AccountUnknown": "nobody is registered behind this account",
    "MoneyIsStopped": "all money is stopped",
    "MoneyFrozen": "the account's money is frozen by order and leaves it no more",
    "ReferenceMissing": "a movement of the bank has no reference",
    "ReferenceUsed": "the bank's reference stands for another movement already",
    "AmountMissing": "an amount of money is above zero",
    "AmountTooLarge": "more money than 64 bits hold",
    "ERC20InsufficientBalance": "the account does not have so much money",
    "ERC3009InvalidSignature": "the account has not signed this payment",
    "ERC3009InvalidAuthorizationTime": "the signed payment is not in force at this time",
    "ERC3009UsedAuthorization": "the signed payment was used before, or called back",
    # regions
    "SchemeMalformed": "a region and the version of its scheme are numbers from 1",
    "HaltUnchanged": "the region is halted, or goes on, already",
    # raises
    "OfferingUnknown": "this is no raise of the company",
    "TooManySubscriptions": "the party has 63 subscriptions in this company already",
    "OfferingMalformed": "a term of the raise is not one there may be",
    "OfferingPhaseForbids": "the raise's phase does not allow this",
    "NotDue": "the time for this has not come",
    "Overdue": "the time for this is over",
    "OfferingNotAdmitted": "the company has not admitted this raise",
    "SubscriptionUnknown": "nobody has a live subscription from this account",
    "CutMalformed": "a cut names all subscribers, once each, ascending by party",
    "CutUnfair": "the cut does not allot exactly the maximum",
    "CutNotNeeded": "no more was asked for than the maximum",
    "CutMissing": "more was asked for than the maximum, and the cut has not been verified",
    # escrow
    "EscrowMalformed": "a term of the escrow is not one there may be",
    "TrancheMalformed": "a term of a tranche is not one there may be",
    "RatchetMalformed": "a term of the ratchet is not one there may be",
    "ScheduleDoesNotAddUp": "the tranches do not add up to the proceeds for every outcome of the raise",
    "TooManyTranches": "the escrow has no such tranche, or more than it may have",
    "TrancheStateForbids": "the tranche's state does not allow this",
    "NotReached": "no final verdict: votes missing or void, window open, or challenged",
    "AlreadyVoted": "this account has consented before",
    "NotAHolder": "this account held nothing at the record date",
    "PutNotOpen": "there is no put, or not every tranche is released or missed",
    "PutUnknown": "there is no put of this party to exercise or to pay",
    "PutExercisedAlready": "the party has exercised its put before",
    "ClaimsNotBegun": "not every tranche is released or missed, or nothing was missed",
    "PutSharesMissing": "the holder has fewer shares left than the put was exercised for",
    "RatchetNotDue": "the ratchet has not fallen, or its shares are delivered",
    "GasTooLow": "the gas limit leaves too little for a payment or a delivery inside",
    # dividends
    "TaxAboveWhole": "more than the whole would be withheld, above 10 000 basis points",
    "ScheduleMalformed": "a tax schedule has one rule for each category and residence, and one for everybody else",
    "ScheduleUnknown": "there is no such tax schedule",
    "PreferenceMalformed": "a term of the preference is not one there may be",
    "PreferenceStands": "the class has its preference already",
    "ArrearsFirst": "a class that comes before has arrears",
    "DividendRests": "a dividend of a class that comes later was declared since: it is cancelled first",
    "DistributionMalformed": "a term of the dividend is not one there may be",
    "DistributionUnknown": "there is no such dividend",
    "PaymentsBegun": "something was paid or parked, so the dividend cannot be taken back",
    "HolderMisplaced": "the list is out of order, repeats a holder, names one without a part, or is not the fixed one",
    "HoldersMissing": "the accounts of the list held less than was issued at the record date",
    "SharesUnhandled": "not every holder was paid, parked or lapsed",
    "NoScrip": "the dividend offers no shares instead of cash",
    # attestations
    "AppointmentMalformed": "a term of the appointment is not one there may be",
    "VerifierHolds": "the verifier holds or subscribes to shares of the company",
    "VerifierKnown": "this party or key is in the panel already",
    "VerifierUnknown": "this is no key of a verifier of the panel",
    "VerifierNotInForce": "today lies outside the days of the verifier's mandate",
    "VerifierStruck": "the verifier was dismissed or suspended",
    "PanelFull": "the panel has its sixteen verifiers",
    "QuorumAbovePanel": "the panel has fewer verifiers than the quorum needs",
    "CaseUnknown": "the milestone is not before the board",
    "CasePhaseForbids": "the case's phase does not allow this",
    "AttestationMalformed": "the attestation speaks of something else than the case",
    "AttestationNotInForce": "observed in the future, or expired",
    "AlreadyAttested": "the verifier has spoken in this round",
    "NothingAttested": "the verifier has not spoken in this round",
    "NoContradiction": "the two attestations do not contradict each other",
    "ChallengersUnordered": "challengers are named once each, ascending by party",
    "ChallengeTooSmall": "the challengers hold fewer shares than the terms ask for",
}

_FOR_ONE_ALONE = (
    "no role is asked for: only the account concerned may do this (a wallet of the party itself, the arbiter whom the "
    "escrow's terms name, or the verifier's present key), and the sender is another one"
)
_STATES = {
    DistributionPhase.NONE: "not there: it was never declared",
    DistributionPhase.DECLARED: "declared (已宣告), and its register not fixed yet: "
    "`equity dividend fix {number}`, once the record date has passed",
    DistributionPhase.FIXED: "fixed (名册已固定) already: what comes next, `equity dividend show {number}` tells",
    DistributionPhase.CANCELLED: "cancelled (已撤销), and all its money went back",
    DistributionPhase.CLOSED: "closed (已结清): only who is parked is still paid, by `equity dividend pay {number}`",
}
_TIMED = {"NotDue", "Overdue"}
"""Whose values are all moments [s]."""

_RECORDS: dict[str, type] = {
    "OfferingMalformed": OfferingTerms,
    "EscrowMalformed": EscrowTerms,
    "TrancheMalformed": TrancheTerms,
    "RatchetMalformed": RatchetTerms,
    "AppointmentMalformed": Appointment,
    "AttestationMalformed": Attestation,
}
_TERMS = {
    **{error: tuple(field.name for field in fields(record)) for error, record in _RECORDS.items()},
    "DistributionMalformed": (*(field.name for field in fields(DistributionTerms)), "excluded"),
    "PreferenceMalformed": ("rank", "per_year", "from_day"),
}
"""Whose fields these refusals count, from 1."""


def rejected(data: bytes) -> RejectedError:
    """The error behind revert bytes. Unknown bytes keep their hex, nothing is guessed."""
    known = ERRORS.decode(data)
    if known is None:
        return RejectedError(
            f"the contract refused with bytes it does not declare: 0x{data[:68].hex()}",
            code="unknown_revert",
            values={"data": "0x" + data.hex()},
        )
    name, values = known
    if name == REFUSED:
        return _refused(values)
    if name == SUBSCRIPTION_REFUSED:
        account = bytes.fromhex(values["account"][2:])
        return subscription_refused(int(values["broken"]), account, int(values["amount"]))
    if name == STATE_FORBIDS:
        return dividend_state_forbids(int(values["id"]), int(values["state"]))
    plain = {key: _show(value) for key, value in values.items()}
    shown = ", ".join(f"{key}={_for_people(name, value)}" for key, value in values.items())
    meaning = _MEANINGS.get(name, "the contract refused")
    if name == "NotAuthorised" and not values["role"]:
        meaning = _FOR_ONE_ALONE
    if name in _TERMS:
        plain["term"] = _term(_TERMS[name], int(values["field"]))
        meaning += f": {plain['term']}"
    return RejectedError(f"{name}({shown}): {meaning}", code=name, values=plain)


def rejection_of(refusal: NodeRefusal) -> RejectedError | None:
    """The contract's refusal inside a node's error, or None if the node itself refused."""
    data = _revert_data(refusal.data)
    if data is not None:
        return rejected(data)
    if refusal.is_revert:
        return RejectedError(f"the contract refused without a reason: {refusal.message}", code="reverted")
    return None


def as_error(refusal: NodeRefusal) -> RejectedError | RetryableError:
    """The contract's refusal where there is one, else the node's own."""
    return rejection_of(refusal) or refusal


def _term(names: tuple[str, ...], place: int) -> str:
    """The name of a field by its place."""
    return names[place - 1] if 0 < place <= len(names) else str(place)


def _refused(values: dict[str, Any]) -> RejectedError:
    code, broken = int(values["code"]), int(values["broken"])
    first = BY_CODE.get(code)
    words = f"{first.text_en} / {first.text_zh}" if first else "unknown code"
    rules = [rule.id for rule in rules_in(broken)]
    return RejectedError(
        f"{rules[0] if rules else '?'}: {words} (code {code})",
        code=REFUSED,
        values={
            "code": code,
            "broken": broken,
            "rules": rules,
            "from": values["from"],
            "to": values["to"],
            "shares": values["shares"],
            "text_en": first.text_en if first else "",
            "text_zh": first.text_zh if first else "",
        },
    )


def subscription_refused(broken: int, account: bytes, amount: int) -> RejectedError:
    """All rules that refuse a subscription, each in words; the same error before anybody signs as from the chain."""
    rules = subscription_rules_in(broken)
    first = rules[0] if rules else None
    words = [f"{rule.id}: {rule.text_en} / {rule.text_zh} (code {rule.code})" for rule in rules]
    return RejectedError(
        "; ".join(words) or "unknown code",
        code=SUBSCRIPTION_REFUSED,
        values={
            "code": first.code if first else 0,
            "broken": broken,
            "rules": [rule.id for rule in rules],
            "account": "0x" + account.hex(),
            "amount": amount,
            "texts_en": [rule.text_en for rule in rules],
            "texts_zh": [rule.text_zh for rule in rules],
        },
    )


def dividend_state_forbids(number: int, state: int) -> RejectedError:
    """In which state a dividend is, and what can be done; the same error before anybody signs as from the chain."""
    phase = DistributionPhase(state)
    told = _STATES[phase].format(number=number)
    values = {"id": number, "state": state, "phase": phase.name.lower()}
    return RejectedError(f"{STATE_FORBIDS}: dividend {number} is {told}", code=STATE_FORBIDS, values=values)


def _revert_data(data: Any) -> bytes | None:
    """Nodes put the bytes into `data` itself, or one level down."""
    if isinstance(data, dict):
        data = data.get("data") or data.get("result")
    if not isinstance(data, str):
        return None
    start = data.find("0x")
    text = data[start + 2 :] if start >= 0 else ""
    try:
        raw = bytes.fromhex(text)
    except ValueError:
        return None
    return raw if len(raw) >= 4 else None


def _for_people(error: str, value: Any) -> Any:
    if error in _TIMED:
        return civil(int(value))
    if error == "ReferenceUsed":
        return _text_of(value)
    return _show(value)


def _text_of(reference: bytes) -> str:
    """The text that stands in a reference, or the hex of one that is the hash of a longer text."""
    try:
        text = reference.rstrip(b"\0").decode()
    except ValueError:
        return "0x" + reference.hex()
    return text if text.isprintable() else "0x" + reference.hex()


def _show(value: Any) -> Any:
    return "0x" + value.hex() if isinstance(value, bytes) else value
