"""What a contract's refusal means: revert bytes to an error with the contract's name for it, its values, its rule."""

from __future__ import annotations

from typing import Any

from registry.chain.contracts import ERRORS
from registry.chain.rpc import NodeRefusal
from registry.domain.rules import BY_CODE, rules_in
from registry.errors import RejectedError, RetryableError

REFUSED = "Refused"

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
}


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
    shown = ", ".join(f"{key}={_show(value)}" for key, value in values.items())
    meaning = _MEANINGS.get(name, "the contract refused")
    return RejectedError(
        f"{name}({shown}): {meaning}", code=name, values={key: _show(value) for key, value in values.items()}
    )


def rejection_of(refusal: NodeRefusal) -> RejectedError | None:
    """The contract's refusal inside a node's error, or None if the node itself refused."""
    data = _revert_data(refusal.data)
    if data is not None:
        return rejected(data)
    if refusal.rpc_code == 3 or "revert" in refusal.message.lower():
        return RejectedError(f"the contract refused without a reason: {refusal.message}", code="reverted")
    return None


def as_error(refusal: NodeRefusal) -> RejectedError | RetryableError:
    """The contract's refusal where there is one, else the node's own."""
    return rejection_of(refusal) or refusal


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


def _show(value: Any) -> Any:
    return "0x" + value.hex() if isinstance(value, bytes) else value
