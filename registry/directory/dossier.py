"""What is known about a party as a person, and the hash by which the chain refers to it."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, field

from registry.domain.ids import Hash32
from registry.errors import InputError

LONGEST_NAME = 400
SALT_BYTES = 32


@dataclass(frozen=True, slots=True)
class Dossier:
    """Personal data of one party. No field shows in a representation, so that none reaches a log."""

    legal_name: str = field(repr=False)
    kind: str = field(default="individual", repr=False)
    emails: tuple[str, ...] = field(default=(), repr=False)
    phones: tuple[str, ...] = field(default=(), repr=False)
    addresses: tuple[str, ...] = field(default=(), repr=False)
    tax_ids: tuple[str, ...] = field(default=(), repr=False)
    # Where this party came from: (package digest, id of the stakeholder in it).
    sources: tuple[tuple[str, str], ...] = field(default=(), repr=False)

    def __post_init__(self) -> None:
        if not self.legal_name.strip():
            raise InputError("a party has a legal name", code="name_missing", field="legal_name")
        if len(self.legal_name) > LONGEST_NAME:
            text = f"a legal name has at most {LONGEST_NAME} characters, this one {len(self.legal_name)}"
            raise InputError(text, code="name_too_long", field="legal_name", value=len(self.legal_name))

    def canonical(self) -> bytes:
        """One spelling for one content: sorted keys, no spaces, UTF-8."""
        return json.dumps(asdict(self), sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()

    @classmethod
    def from_canonical(cls, text: bytes) -> Dossier:
        raw = json.loads(text)
        return cls(
            legal_name=raw["legal_name"],
            kind=raw["kind"],
            emails=tuple(raw["emails"]),
            phones=tuple(raw["phones"]),
            addresses=tuple(raw["addresses"]),
            tax_ids=tuple(raw["tax_ids"]),
            sources=tuple((package, name) for package, name in raw["sources"]),
        )

    def salted_hash(self, salt: bytes) -> Hash32:
        """What stands on the chain. The salt keeps anybody from trying names until one fits."""
        if len(salt) != SALT_BYTES:
            raise ValueError(f"a salt has {SALT_BYTES} bytes, not {len(salt)}")
        return Hash32(hashlib.sha256(salt + self.canonical()).digest())
