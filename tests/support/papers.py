"""Signed papers: PDFs with lines of text, signed by a real signer; detached signatures; JWS."""

from __future__ import annotations

import json
from collections.abc import Sequence
from io import BytesIO

from asn1crypto import keys as asn1_keys
from asn1crypto import x509 as asn1_x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import pkcs7
from joserfc import jws
from joserfc.jwk import ECKey, OKPKey, RSAKey
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import signers
from pyhanko_certvalidator.registry import SimpleCertificateStore

from tests.support.sources import Identity

FONT = "/Type /Font /BaseFont /U"
SYSTEM = "<< /Registry (Adobe) /Ordering (Identity) /Supplement 0 >>"
METRICS = "/ItalicAngle 0 /Ascent 800 /Descent -200 /CapHeight 700 /StemV 80"
PrivateKey = ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey | rsa.RSAPrivateKey


def pdf(lines: Sequence[str]) -> bytes:
    """A page of text in any script: each character is its own code, named in the font's map to Unicode."""
    letters = sorted({letter for line in lines for letter in line})
    names = "".join(f"<{ord(letter):04x}> <{ord(letter):04x}>\n" for letter in letters)
    cmap = (
        "/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /U def\n"
        "1 begincodespacerange <0000> <ffff> endcodespacerange\n"
        f"{len(letters)} beginbfchar\n{names}endbfchar\nendcmap end end"
    )
    shown = "".join(f"<{''.join(f'{ord(letter):04x}' for letter in line)}> Tj T*\n" for line in lines)
    text = f"BT /F1 12 Tf 16 TL 40 780 Td\n{shown}ET"
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R/Resources << /Font << /F1 5 0 R >> >> >>",
        _stream(text),
        f"<< {FONT} /Subtype /Type0 /Encoding /Identity-H /DescendantFonts [6 0 R] /ToUnicode 7 0 R >>",
        f"<< {FONT} /Subtype /CIDFontType2 /DW 1000 /CIDSystemInfo {SYSTEM} /FontDescriptor 8 0 R >>",
        _stream(cmap),
        f"<< /Type /FontDescriptor /FontName /U /Flags 4 /FontBBox [0 0 1000 1000] {METRICS} >>",
    ]
    return _file(objects)


def sign_pdf(content: bytes, signer: Identity, chain: Sequence[Identity] = ()) -> bytes:
    store = SimpleCertificateStore()
    store.register_multiple([_certificate(one) for one in chain])
    key = asn1_keys.PrivateKeyInfo.load(
        signer.key.private_bytes(
            serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    simple = signers.SimpleSigner(signing_cert=_certificate(signer), signing_key=key, cert_registry=store)
    out = BytesIO()
    writer = IncrementalPdfFileWriter(BytesIO(content))
    signers.sign_pdf(writer, signers.PdfSignatureMetadata(field_name="Sig"), signer=simple, output=out)
    return out.getvalue()


def sign_cms(content: bytes, signer: Identity, chain: Sequence[Identity] = ()) -> bytes:
    """A detached CMS, as `openssl cms -sign -binary` makes it (DER)."""
    builder = pkcs7.PKCS7SignatureBuilder().set_data(content)
    builder = builder.add_signer(signer.certificate, signer.key, hashes.SHA256())
    for one in chain:
        builder = builder.add_certificate(one.certificate)
    options = [pkcs7.PKCS7Options.DetachedSignature, pkcs7.PKCS7Options.Binary]
    return builder.sign(serialization.Encoding.DER, options)


def sign_jws(payload: object, key: PrivateKey, header: dict[str, object] | None = None) -> bytes:
    """A compact JWS around JSON, or around bytes as they are."""
    content = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    if isinstance(key, ed25519.Ed25519PrivateKey):
        return _compact(content, OKPKey.import_key(pem), "Ed25519", header)
    if isinstance(key, ec.EllipticCurvePrivateKey):
        return _compact(content, ECKey.import_key(pem), "ES256", header)
    return _compact(content, RSAKey.import_key(pem), "RS256", header)


def public_pem(key: PrivateKey) -> str:
    spki = serialization.PublicFormat.SubjectPublicKeyInfo
    return key.public_key().public_bytes(serialization.Encoding.PEM, spki).decode()


def _compact(content: bytes, key: OKPKey | ECKey | RSAKey, algorithm: str, header: dict[str, object] | None) -> bytes:
    protected = {"alg": algorithm, **(header or {})}
    algorithm = str(protected["alg"])
    return jws.serialize_compact(protected, content, key, algorithms=[algorithm]).encode()


def _certificate(one: Identity) -> asn1_x509.Certificate:
    return asn1_x509.Certificate.load(one.certificate.public_bytes(serialization.Encoding.DER))


def _stream(text: str) -> str:
    return f"<< /Length {len(text)} >>\nstream\n{text}\nendstream"


def _file(objects: Sequence[str]) -> bytes:
    out = b"%PDF-1.7\n"
    places = []
    for number, content in enumerate(objects, 1):
        places.append(len(out))
        out += f"{number} 0 obj\n{content}\nendobj\n".encode("latin-1")
    table = "".join(f"{place:010d} 00000 n \n" for place in places)
    start = len(out)
    size = len(objects) + 1
    trailer = f"trailer\n<< /Size {size} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n"
    return out + f"xref\n0 {size}\n0000000000 65535 f \n{table}{trailer}".encode()
