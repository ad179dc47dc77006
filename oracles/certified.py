"""Signatures of certified signers: a CMS beside its content, or inside a PDF; checked under the roots of the terms.

The libraries are large: only feeds that read such papers load them.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from io import BytesIO

from asn1crypto import cms, pem
from asn1crypto import x509 as asn1_x509
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.diff_analysis import ModificationLevel
from pyhanko.sign.validation import async_validate_detached_cms, async_validate_pdf_signature
from pyhanko.sign.validation.status import SignatureCoverageLevel, SignatureStatus
from pyhanko_certvalidator import ValidationContext

from oracles.reasons import Refused
from oracles.terms import Chain

# Why a paper is refused is told by its reason; the library tells it as tracebacks on stderr, too.
for _name in ("pyhanko", "pyhanko_certvalidator"):
    logging.getLogger(_name).setLevel(logging.CRITICAL)


def check_cms(body: bytes, signature: bytes, chain: Chain, at: int) -> None:
    """A detached CMS (DER or PEM) by the chain's signer, certified at that moment [unix s]."""
    if not signature:
        raise Refused("signature_missing", "signature")
    with _as_reason("signature"):
        der = pem.unarmor(signature)[2] if pem.detect(signature) else signature
        content = cms.ContentInfo.load(der, strict=True)
        if content["content_type"].native != "signed_data":
            raise Refused("signature_broken", "signature", "no signed data")
        signed = content["content"]
        status = asyncio.run(
            async_validate_detached_cms(BytesIO(body), signed, signer_validation_context=_trust(chain, at))
        )
        _check_status(status, chain)


def check_pdf(body: bytes, chain: Chain, at: int) -> None:
    """The newest signature in a PDF: by the chain's signer, over the whole file, nothing added behind it."""
    with _as_reason("pdf"):
        reader = PdfFileReader(BytesIO(body), strict=True)
        signatures = reader.embedded_regular_signatures
        if not signatures:
            raise Refused("signature_missing", "pdf")
        status = asyncio.run(async_validate_pdf_signature(signatures[-1], _trust(chain, at)))
        _check_status(status, chain)
        if status.coverage != SignatureCoverageLevel.ENTIRE_FILE or status.modification_level != ModificationLevel.NONE:
            raise Refused("not_whole", "pdf", getattr(status.coverage, "name", "").lower(), "the whole file")


@contextmanager
def _as_reason(field: str) -> Iterator[None]:
    """Whatever a parser of signed papers raises over a hostile one: its errors have no common base."""
    try:
        yield
    except Refused:
        raise
    except Exception as error:
        raise Refused("signature_broken", field, _first_line(error)) from error


def _check_status(status: SignatureStatus, chain: Chain) -> None:
    if not (status.intact and status.valid):
        raise Refused("signature_broken", "signature")
    if not status.trusted:
        raise Refused("signer_untrusted", "certificate", getattr(status.trust_problem_indic, "name", "").lower())
    named = status.signing_cert.subject.native.get("common_name")
    if named != chain.signer:
        raise Refused("signer_untrusted", "certificate", named, chain.signer)


def _trust(chain: Chain, at: int) -> ValidationContext:
    """The roots alone, at that moment, without asking anybody on the network."""
    ders = pem.unarmor(chain.roots.encode("ascii"), multiple=True)
    roots = [asn1_x509.Certificate.load(der) for _, _, der in ders]
    return ValidationContext(trust_roots=roots, moment=datetime.fromtimestamp(at, UTC), allow_fetching=False)


def _first_line(error: Exception) -> str:
    return (str(error) or type(error).__name__).split("\n")[0]
