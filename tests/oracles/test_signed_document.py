"""A signed document: whatever is wrong with its signature or its fields is a reason; a good one is attested."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519

from oracles.feed import Feed
from oracles.verdict import Verdict
from oracles.wiring import fetch_all, judge
from registry.domain.attestation import REACHED
from tests.oracles.conftest import MakeFeed
from tests.support.papers import pdf, public_pem, sign_cms, sign_pdf
from tests.support.sources import Identity, Source, answer, identity

CRITERION = (
    '[criterion]\nlicence_number = "20253090001"\nproduct = "心电监护仪 X1"\n'
    "not_before = 2025-01-01\nnot_after = 2026-12-31\n"
)
LINES = (
    "Registration certificate",
    "Licence number: 20253090001",
    "Product: 心电监护仪 X1",
    "Date of issue: 2026-03-02",
)
FIELDS = {"licence_number": "20253090001", "product": "心电监护仪 X1", "date": "2026-03-02"}

Look = Callable[..., Verdict]


@pytest.fixture(scope="module")
def root() -> Identity:
    return identity("Test Root")


@pytest.fixture(scope="module")
def bureau(root: Identity) -> Identity:
    return identity("Device Bureau", root)


def verdict_of(feed: Feed, at: int | None = None) -> Verdict:
    samples = fetch_all(feed.terms, feed.folder, lambda: int(time.time()))
    return judge(feed.terms, samples, int(time.time()) if at is None else at)


def codes(verdict: Verdict) -> list[str]:
    return [reason.code for reason in verdict.reasons]


@pytest.fixture
def look(feed: MakeFeed, root: Identity, tmp_path: Path) -> Look:
    """The verdict on a PDF in a file."""

    def look(
        content: bytes, criterion: str = CRITERION, at: int | None = None, signer: str = "Device Bureau"
    ) -> Verdict:
        (tmp_path / "licence.pdf").write_bytes(content)
        (tmp_path / "root.pem").write_bytes(root.pem)
        place = '[[source]]\nname = "bureau"\nformat = "pdf"\nfile = "licence.pdf"\n'
        chain = f'x509 = {{ roots_file = "root.pem", signer = "{signer}" }}\n'
        return verdict_of(feed("signed_document", criterion + place + chain), at)

    return look


def test_pdf__unsigned__is_a_reason(look: Look) -> None:
    assert codes(look(pdf(LINES))) == ["signature_missing"]


@pytest.mark.parametrize("content", [b"", b"%PDF-1.7\n", b"no pdf at all", b"%PDF-1.7\n" + b"\0" * 10_000])
def test_pdf__unreadable__is_a_reason(look: Look, content: bytes) -> None:
    assert codes(look(content)) in (["signature_broken"], ["signature_missing"], ["malformed"])


def test_pdf__changed_after_signing__is_a_reason(look: Look, bureau: Identity) -> None:
    signed = sign_pdf(pdf(LINES), bureau)
    place = signed.index(b"%PDF") + 200
    changed = signed.replace(b"00320030003200350033", b"00320030003200360033", 1)  # 20253… becomes 20263…
    assert changed != signed
    assert codes(look(changed)) == ["signature_broken"]
    flipped = bytearray(signed)
    flipped[place] ^= 1
    assert look(bytes(flipped)).outcome is None


def test_pdf__something_added_behind_the_signature__is_not_whole(look: Look, bureau: Identity) -> None:
    signed = sign_pdf(pdf(LINES), bureau)
    assert codes(look(signed + b"\n% an addition\n")) in (["not_whole"], ["signature_broken"])
    update = b"\n3 0 obj\n<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] >>\nendobj\n"
    start = len(signed) + update.index(b"3 0 obj")
    size = signed.rindex(b"/Size ")
    count = signed[size + 6 :].split()[0].decode().rstrip("/>")
    previous = signed[signed.rindex(b"startxref") :].split()[1].decode()
    table = f"xref\n3 1\n{start:010d} 00000 n \ntrailer\n<< /Size {count} /Root 1 0 R /Prev {previous} >>\n"
    end = f"startxref\n{len(signed) + len(update)}\n%%EOF\n"
    assert codes(look(signed + update + (table + end).encode())) in (["not_whole"], ["signature_broken"])


def test_pdf__signed_by_another__is_untrusted(look: Look, root: Identity, bureau: Identity) -> None:
    stranger = identity("Device Bureau", identity("Another Root"))
    assert codes(look(sign_pdf(pdf(LINES), stranger))) == ["signer_untrusted"]
    neighbour = identity("Other Bureau", root)
    assert codes(look(sign_pdf(pdf(LINES), neighbour))) == ["signer_untrusted"]
    alone = identity("Device Bureau")
    assert codes(look(sign_pdf(pdf(LINES), alone))) == ["signer_untrusted"]


def test_pdf__certificate_not_in_force__is_untrusted(look: Look, root: Identity, bureau: Identity) -> None:
    expired = identity("Device Bureau", root, days=(-1, 1))
    signed = sign_pdf(pdf(LINES), expired)
    assert look(signed).outcome == REACHED
    assert codes(look(signed, at=int(time.time()) + 3 * 86_400)) == ["signer_untrusted"]


@pytest.mark.parametrize(
    ("lines", "code"),
    [
        ([LINES[0], *LINES[2:]], "missing"),
        ([*LINES, "Licence number: 20253090002"], "ambiguous"),
        ([LINES[0], "Licence number: 20253090002", *LINES[2:]], "mismatch"),
        ([LINES[0], LINES[1], "Product: 心电监护仪 X2", LINES[3]], "mismatch"),
        ([*LINES[:3], "Date of issue: 2024-12-31"], "out_of_bounds"),
        ([*LINES[:3], "Date of issue: 2027-01-01"], "out_of_bounds"),
        ([*LINES[:3], "Date of issue: 2026-02-30"], "wrong_type"),
        ([*LINES[:3], "Date of issue: soon"], "wrong_type"),
        ([*LINES[:3], "Date of issue:"], "missing"),
        (["Licence numbers: 1, 2"], "missing"),
    ],
)
def test_pdf__fields_in_doubt__are_a_reason(look: Look, bureau: Identity, lines: Sequence[str], code: str) -> None:
    assert codes(look(sign_pdf(pdf(lines), bureau))) == [code]


def test_pdf__in_order__is_reached_and_tells_its_fields(look: Look, bureau: Identity) -> None:
    at = int(time.time())
    verdict = look(sign_pdf(pdf(LINES), bureau), at=at)
    assert (verdict.outcome, verdict.observed_at) == (REACHED, at)
    assert dict(verdict.readings[0].extracted) == FIELDS


def test_pdf__chinese_labels_full_width_colon_and_an_intermediate__is_reached(
    look: Look, root: Identity, bureau: Identity
) -> None:
    lines = ("医疗器械注册证", "注册证编号：２０２５３０９０００１", "产品名称：心电监护仪  X1", "批准日期：2026-03-02")
    where = (
        "[criterion.where]\n"
        'licence_number = { label = "注册证编号" }\nproduct = { label = "产品名称" }\ndate = { label = "批准日期" }\n'
    )
    assert look(sign_pdf(pdf(lines), bureau), CRITERION + where).outcome == REACHED


# --- JSON with a detached signature ---

KEY = ed25519.Ed25519PrivateKey.generate()


@pytest.fixture
def look_json(feed: MakeFeed, root: Identity, tmp_path: Path) -> Look:
    def look_json(content: bytes, signature: bytes | None, trust: str, criterion: str = CRITERION) -> Verdict:
        (tmp_path / "licence.json").write_bytes(content)
        (tmp_path / "root.pem").write_bytes(root.pem)
        (tmp_path / "key.pem").write_text(public_pem(KEY))
        if signature is not None:
            (tmp_path / "licence.json.sig").write_bytes(signature)
        place = '[[source]]\nname = "bureau"\nformat = "json"\nfile = "licence.json"\n'
        return verdict_of(feed("signed_document", criterion + place + trust))

    return look_json


ED = 'ed25519_file = "key.pem"\n'
CMS = 'x509 = { roots_file = "root.pem", signer = "Device Bureau" }\n'
DOCUMENT = json.dumps(FIELDS).encode()


def test_json_ed25519__signature_missing_broken_or_of_another__is_a_reason(look_json: Look) -> None:
    assert codes(look_json(DOCUMENT, None, ED)) == ["source_down"]
    assert codes(look_json(DOCUMENT, b"", ED)) == ["signature_missing"]
    for signature in (b"\0" * 64, b"garbage", ed25519.Ed25519PrivateKey.generate().sign(DOCUMENT), KEY.sign(b"other")):
        assert codes(look_json(DOCUMENT, signature, ED)) == ["signature_broken"]


@pytest.mark.parametrize("form", [lambda raw: raw, base64.b64encode, lambda raw: base64.b64encode(raw) + b"\n"])
def test_json_ed25519__in_order__is_reached(look_json: Look, form: Callable[[bytes], bytes]) -> None:
    assert look_json(DOCUMENT, form(KEY.sign(DOCUMENT)), ED).outcome == REACHED


def test_json_cms__broken_of_another_or_over_other_content__is_a_reason(
    look_json: Look, root: Identity, bureau: Identity
) -> None:
    assert codes(look_json(DOCUMENT, b"garbage", CMS)) == ["signature_broken"]
    assert codes(look_json(DOCUMENT, sign_cms(DOCUMENT + b" ", bureau), CMS)) == ["signature_broken"]
    assert codes(look_json(DOCUMENT, sign_cms(DOCUMENT, identity("Other", root)), CMS)) == ["signer_untrusted"]
    assert codes(look_json(DOCUMENT, sign_cms(DOCUMENT, identity("Device Bureau")), CMS)) == ["signer_untrusted"]


def test_json_cms__in_order__is_reached(look_json: Look, root: Identity, bureau: Identity) -> None:
    der = sign_cms(DOCUMENT, bureau, [root])
    assert look_json(DOCUMENT, der, CMS).outcome == REACHED
    armoured = b"-----BEGIN CMS-----\n" + base64.encodebytes(der) + b"-----END CMS-----\n"
    assert look_json(DOCUMENT, armoured, CMS).outcome == REACHED


@pytest.mark.parametrize(
    ("content", "code"),
    [
        ({**FIELDS, "date": None}, "wrong_type"),
        ({**FIELDS, "date": "02/03/2026"}, "wrong_type"),
        ({**FIELDS, "licence_number": 20253090001}, "wrong_type"),
        ({"product": "x"}, "missing"),
        ([], "wrong_type"),
    ],
)
def test_json__fields_in_doubt__are_a_reason(look_json: Look, content: object, code: str) -> None:
    raw = json.dumps(content).encode()
    assert codes(look_json(raw, KEY.sign(raw), ED)) == [code]


def test_json__fields_further_in_under_other_names__are_found(look_json: Look) -> None:
    raw = json.dumps(
        {"licence": {"no": FIELDS["licence_number"]}, "product": FIELDS["product"], "d": "2026-03-02"}
    ).encode()
    keys = {"licence_number": "licence.no", "product": "product", "date": "d"}
    where = "[criterion.where]\n" + "".join(f'{name} = {{ key = "{key}" }}\n' for name, key in keys.items())
    assert look_json(raw, KEY.sign(raw), ED, CRITERION + where).outcome == REACHED


def test_json__from_an_address_with_its_signature_beside_it__is_reached(feed: MakeFeed, plain_source: Source) -> None:
    plain_source.answers["/l.json"] = answer(DOCUMENT)
    plain_source.answers["/l.json.sig"] = answer(KEY.sign(DOCUMENT), kind="application/octet-stream")
    place = f'[[source]]\nname = "bureau"\nformat = "json"\nurl = "{plain_source.url("/l.json")}"\n'
    read = feed("signed_document", CRITERION + place + f'ed25519 = """{public_pem(KEY)}"""\n')
    assert verdict_of(read).outcome == REACHED
    del plain_source.answers["/l.json.sig"]
    assert codes(verdict_of(read)) == ["source_status"]
