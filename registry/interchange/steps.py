"""The steps of the register that follow from one transaction which ends certificates.

Pure translation: the sums were checked before. A transfer to several certificates gives a step for each, numbered
"#1", "#2"; whatever stays with its holder is a reissue, because the register moves nothing there.
"""

from collections.abc import Sequence

from registry.interchange.plan import Cancel, Certificate, Convert, Reissue, Step, TransactionId, Transfer
from registry.interchange.transactions import Ending, StockIssuance


def steps_of(
    unit: Ending,
    sources: Sequence[Certificate],
    results: Sequence[StockIssuance],
    balance: StockIssuance | None,
    moved: int,
    transactions: tuple[TransactionId, ...],
) -> list[Step]:
    """The steps of one ending, in the order in which the package lists its results."""
    source = sources[0]
    named = [held.number for held in sources] + [new.number for new in results]
    certificates = tuple(named if balance is None else [*named, balance.number])
    match unit.kind:
        case "transfer":
            return _transfers(unit, source, results, certificates, transactions)
        case "cancel" | "repurchase" | "retraction":
            return [
                Cancel(
                    key=unit.id,
                    effective_on=unit.day,
                    transactions=transactions,
                    reference=source.number,
                    certificates=certificates,
                    class_id=source.class_id,
                    holder=source.holder,
                    shares=moved,
                    kind=unit.kind,
                    consideration=unit.consideration,
                )
            ]
        case "convert":
            return [
                Convert(
                    key=unit.id,
                    effective_on=unit.day,
                    transactions=transactions,
                    reference=source.number,
                    certificates=certificates,
                    from_class=source.class_id,
                    to_class=results[0].class_id,
                    holder=source.holder,
                    shares=moved,
                    resulting_shares=sum(new.shares for new in results),
                )
            ]
        case "reissue" | "consolidate":
            number = source.number if unit.kind == "reissue" else results[0].number
            return [_reissue(unit, unit.id, source, number, certificates, transactions)]


def _transfers(
    unit: Ending,
    source: Certificate,
    results: Sequence[StockIssuance],
    certificates: tuple[str, ...],
    transactions: tuple[TransactionId, ...],
) -> list[Step]:
    steps: list[Step] = []
    for index, result in enumerate(results, start=1):
        key = unit.id if len(results) == 1 else f"{unit.id}#{index}"
        if result.stakeholder_id == source.holder:
            steps.append(_reissue(unit, key, source, result.number, certificates, transactions))
            continue
        steps.append(
            Transfer(
                key=key,
                effective_on=unit.day,
                transactions=transactions,
                reference=result.number,
                certificates=certificates,
                class_id=source.class_id,
                from_stakeholder=source.holder,
                to_stakeholder=result.stakeholder_id,
                shares=result.shares,
            )
        )
    return steps


def _reissue(
    unit: Ending,
    key: str,
    source: Certificate,
    number: str,
    certificates: tuple[str, ...],
    transactions: tuple[TransactionId, ...],
) -> Reissue:
    return Reissue(
        key=key,
        effective_on=unit.day,
        transactions=transactions,
        reference=number,
        certificates=certificates,
        class_id=source.class_id,
        holder=source.holder,
    )
