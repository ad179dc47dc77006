"""Monthly figures as a matter of their own: each month is kept as a hashed record with the verifier's signature."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from oracles.exact import canonical, plain
from oracles.journal import Journal
from oracles.kpi.evidence import Figures
from oracles.reasons import Reason
from oracles.verdict import Sample
from registry.chain.sign import StatementSigner
from registry.chain.typed import Board, signer_of
from registry.documents import Documents
from registry.domain.attestation import Disclosure
from registry.domain.ids import Address, Hash32
from registry.errors import HaltError

FIGURES: Final = "kpi"
SIGNATURE: Final = "kpi_signature"
"""Kinds in the store: the figures of a month, and the signed statement about them."""


@dataclass(frozen=True, slots=True)
class Disclosed:
    """A month's figures as they are disclosed. `signature` is the hash of the signed statement in the store."""

    month: str
    figures: dict[str, str]
    record: Hash32
    signature: Hash32


@dataclass(frozen=True, slots=True)
class Discloser:
    """Keeps, signs and writes down months for one company, under one verifier's key."""

    documents: Documents
    journal: Journal
    signer: StatementSigner
    board: Board
    company: Address

    def known(self) -> dict[str, Disclosed]:
        """All months disclosed so far; HaltError when a record is not what its hash says."""
        found = self.journal.disclosed(self.board, self.signer.address, self.company)
        return {month: self._read(month, entry) for month, entry in found.items()}

    def disclose(
        self, months: Mapping[str, Figures], samples: Sequence[Sample]
    ) -> tuple[list[Disclosed], list[Reason]]:
        """The months that were new, and a reason for each that is told anew with other figures: the first stand."""
        known = self.known()
        new: list[Disclosed] = []
        restated: list[Reason] = []
        for month in sorted(months):
            figures = {name: plain(value) for name, value in months[month].items()}
            if month not in known:
                new.append(self._disclose(month, figures, samples))
                continue
            before = known[month].figures
            changed = [name for name in sorted(figures) if name in before and before[name] != figures[name]]
            for name in changed:
                restated.append(
                    Reason("restated", "", f"{month}.{name}", figures[name], f"disclosed as {before[name]}")
                )
        return new, restated

    def _disclose(self, month: str, figures: dict[str, str], samples: Sequence[Sample]) -> Disclosed:
        """On disk first, then signed, then written down: killed in between, the same comes out again."""
        record = self.documents.keep(canonical(self._record(month, figures, samples)), FIGURES)
        statement = Disclosure(self.company, int(month.replace("-", "")), record)
        signature = self.signer.sign_statement(statement, self.board)
        if signer_of(statement, self.board, signature) != self.signer.address:
            raise HaltError(f"the figures of {month} were signed by another key than 0x{self.signer.address.hex()}")
        signed = {
            "type": "equity disclosure",
            "chain_id": self.board.chain_id,
            "board": "0x" + self.board.address.hex(),
            "signer": "0x" + self.signer.address.hex(),
            "company": "0x" + self.company.hex(),
            "month": statement.month,
            "record": "0x" + record.hex(),
            "signature": "0x" + signature.hex(),
        }
        kept = self.documents.keep(canonical(signed), SIGNATURE)
        entry = {"record": "0x" + record.hex(), "signature": "0x" + kept.hex()}
        return self._read(month, self.journal.disclose(self.board, self.signer.address, statement, entry))

    def _record(self, month: str, figures: dict[str, str], samples: Sequence[Sample]) -> dict[str, Any]:
        sources = {
            sample.source: [
                "0x" + self.documents.keep(part, "oracle_source").hex()
                for part in (sample.body, sample.signature)
                if part
            ]
            for sample in samples
        }
        return {
            "type": "equity monthly figures",
            "format": 1,
            "company": "0x" + self.company.hex(),
            "month": month,
            "figures": figures,
            "sources": sources,
        }

    def _read(self, month: str, entry: dict[str, Any]) -> Disclosed:
        try:
            record, signature = (Hash32(bytes.fromhex(entry[name][2:])) for name in ("record", "signature"))
            content = json.loads(self.documents.get(record))
            return Disclosed(month, dict(content["figures"]), record, signature)
        except (KeyError, TypeError, ValueError) as error:
            raise HaltError(f"what was disclosed of {month} cannot be read: {error}") from error
