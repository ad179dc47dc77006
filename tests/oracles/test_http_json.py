"""A figure in a JSON answer: hostile servers and hostile answers give reasons; a good one gives its verdict."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from oracles.feed import Feed
from oracles.reasons import TEXTS
from oracles.verdict import Verdict
from oracles.wiring import fetch_all, judge
from registry.domain.attestation import NOT_REACHED, REACHED
from tests.oracles.conftest import MakeFeed
from tests.support.papers import PrivateKey, public_pem, sign_jws
from tests.support.sources import Answer, Identity, Source, answer, dripping, identity, raw, serving

CRITERION = '[criterion]\npath = "$.metrics.users"\nat_least = 100000\nmost = 10000000\n'

Ask = Callable[..., Verdict]


def now() -> int:
    return int(time.time())


def look(feed: Feed, at: int | None = None) -> Verdict:
    samples = fetch_all(feed.terms, feed.folder, now)
    return judge(feed.terms, samples, now() if at is None else at)


def users(count: Any, **more: Any) -> bytes:
    return json.dumps({"metrics": {"users": count}, **more}).encode()


def codes(verdict: Verdict) -> list[str]:
    assert (verdict.outcome is None) == bool(verdict.reasons)
    assert "\n" not in verdict.line
    assert "\n" not in verdict.line_zh
    return [reason.code for reason in verdict.reasons]


@pytest.fixture
def ask(source: Source, server_identity: Identity, feed: MakeFeed) -> Ask:
    """The verdict on one answer of the pinned server."""

    def ask(answering: Answer | bytes, criterion: str = "", source_terms: str = "") -> Verdict:
        source.answers["/stats"] = answer(answering) if isinstance(answering, bytes) else answering
        place = (
            f'[[source]]\nname = "stats"\nurl = "{source.url("/stats")}"\npin = "{server_identity.pin}"\ntimeout = 1\n'
        )
        return look(feed("http_json", CRITERION + criterion + place + source_terms))

    return ask


LONG = b'{"metrics": {"users": 1}}' + b" " * 10_000_000
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"


@pytest.mark.parametrize(
    ("answering", "code"),
    [
        (answer(b"", status="302 Found", Location="/elsewhere"), "source_redirects"),
        (answer(b"", status="301 Moved Permanently", Location="http://127.0.0.1/"), "source_redirects"),
        (answer(b"{}", status="500 Internal Server Error"), "source_status"),
        (answer(users(1), kind="text/html"), "source_type"),
        (answer(users(1), kind=None), "source_type"),
        (answer(users(1), Content_Encoding="gzip"), "source_encoding"),
        (answer(LONG), "source_too_long"),
        (raw(HEAD + b"\r\n" + users(200_000)), "source_length"),
        (raw(HEAD + b"Content-Length: 10\r\n\r\n" + LONG), "source_length"),
        (raw(HEAD + b"Content-Length: 500\r\n\r\n" + users(200_000)), "source_length"),
        (raw(HEAD + b"Content-Length: -5\r\n\r\n" + users(200_000)), "source_length"),
        (raw(HEAD + b"Content-Length: 5\r\nContent-Length: 30\r\n\r\n" + users(200_000)), "source_length"),
        (raw(HEAD + b"Transfer-Encoding: chunked\r\n\r\nffffff\r\n" + LONG), "source_too_long"),
        (raw(HEAD + b"Transfer-Encoding: chunked\r\n\r\n5\r\n{"), "source_length"),
        (raw(b"\x16\x03\x01 nonsense\r\n\r\n"), "source_down"),
        (raw(b""), "source_down"),
        (raw(b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 1000 + b"\r\n"), "source_down"),
        (lambda _: time.sleep(5), "source_slow"),
        (dripping(HEAD, 0.1), "source_slow"),
        (dripping(HEAD + b"Content-Length: 500\r\n\r\n" + b" " * 400, 0.02), "source_slow"),
        (answer(users(200_000), date=time.time() - 3600), "clock_skew"),
        (answer(users(200_000), date=time.time() + 3600), "clock_skew"),
        (answer(users(200_000), Date=""), "no_time"),
        (answer(users(200_000), Date="yesterday"), "no_time"),
    ],
)
def test_server__hostile_or_broken__is_a_reason_and_nothing_is_attested(
    ask: Ask, source: Source, answering: Answer, code: str
) -> None:
    began = time.monotonic()
    verdict = ask(answering)
    assert codes(verdict) == [code]
    assert verdict.line.startswith("stats ")
    assert TEXTS[code][0] in verdict.line
    assert TEXTS[code][1] in verdict.line_zh
    assert time.monotonic() - began < 4
    assert source.asked == ["/stats"]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "malformed"),
        (b"\xff\xfe", "malformed"),
        (b'{"metrics": {"users": 200000}', "malformed"),
        (b'{"metrics": {"users": 200000}} trailing', "malformed"),
        (b"[" * 100_000, "malformed"),
        (b'{"a":' * 500 + b"1" + b"}" * 500, "malformed"),
        (b'{"metrics": {"users": NaN}}', "not_a_number"),
        (b'{"metrics": {"users": Infinity}}', "not_a_number"),
        (b'{"metrics": {"users": -Infinity}}', "not_a_number"),
        (b'{"metrics": {"users": 1' + b"0" * 5_000 + b"}}", "huge"),
        (b'{"metrics": {"users": 1e999999999}}', "huge"),
        (b'{"metrics": {"users": 1e-99999}}', "huge"),
        (b'{"metrics": {"users": 1, "users": 200000}}', "duplicate_key"),
        (b'{"metrics": {}}', "missing"),
        (b"{}", "missing"),
        (b"7", "wrong_type"),
        (users("200000"), "wrong_type"),
        (users(True), "wrong_type"),
        (users(None), "wrong_type"),
        (users([200_000]), "wrong_type"),
        (users({"count": 200_000}), "wrong_type"),
        (users(-1), "out_of_bounds"),
        (users(10_000_001), "out_of_bounds"),
        (b'{"metrics": {"users": 1e20}}', "out_of_bounds"),
    ],
)
def test_answer__value_in_doubt__is_a_reason(ask: Ask, body: bytes, code: str) -> None:
    assert codes(ask(body)) == [code]


def test_answer__more_than_one_match__is_ambiguous(ask: Ask) -> None:
    body = b'{"list": [{"users": 200000}, {"users": 200000}]}'
    verdict = ask(body, 'observed_at = "$.list"\n'.replace("$.list", "$..users"))
    assert codes(verdict) == ["missing"]
    assert codes(ask(b'{"metrics": {"users": 5}, "t": [1, 2]}', 'observed_at = "$.t[*]"\n')) == ["ambiguous"]


@pytest.mark.parametrize(
    ("count", "outcome"),
    [
        (b"100000", REACHED),
        (b"99999", NOT_REACHED),
        (b"100000.0", REACHED),
        (b"99999.99999999999999999999", NOT_REACHED),
        (b"100000.00000000000000000001", REACHED),
        (b"1e5", REACHED),
        (b"0", NOT_REACHED),
    ],
)
def test_answer__in_order__is_compared_exactly(ask: Ask, count: bytes, outcome: int) -> None:
    verdict = ask(b'{"metrics": {"users": ' + count + b"}}")
    assert verdict.outcome == outcome
    assert abs(verdict.observed_at - now()) < 5


@pytest.mark.parametrize(
    ("stated", "code"),
    [
        (lambda at: at - 90_000, "stale"),
        (lambda at: at + 120, "clock_skew"),
        (lambda at: "yesterday", "wrong_type"),
        (lambda at: "2026-01-01T00:00:00", "wrong_type"),
        (lambda at: at + 0.5, "wrong_type"),
        (lambda at: 2**41, "out_of_bounds"),
        (lambda at: -5, "out_of_bounds"),
        (lambda at: None, "wrong_type"),
    ],
)
def test_observation__stale_ahead_or_unreadable__is_a_reason(ask: Ask, stated: Any, code: str) -> None:
    verdict = ask(users(200_000, at=stated(now())), 'observed_at = "$.at"\n')
    assert codes(verdict) == [code]


def test_observation__stated_by_the_answer__counts(ask: Ask) -> None:
    stated = now() - 4_000
    assert ask(users(200_000, at=stated), 'observed_at = "$.at"\n').observed_at == stated
    words = time.strftime("%Y-%m-%dT%H:%M:%S+08:00", time.gmtime(stated + 8 * 3600))
    assert ask(users(200_000, at=words), 'observed_at = "$.at"\n').observed_at == stated


# --- who it comes from ---


def test_server__another_key_than_the_pinned_one__is_never_asked(feed: MakeFeed, server_identity: Identity) -> None:
    with serving(identity("localhost")) as impostor:
        impostor.answers["/"] = answer(users(200_000))
        terms = f'[[source]]\nname = "stats"\nurl = "{impostor.url()}"\npin = "{server_identity.pin}"\n'
        assert codes(look(feed("http_json", CRITERION + terms))) == ["key_not_pinned"]
        assert impostor.asked == []


@pytest.mark.parametrize("days", [(-30, -1), (1, 30)])
def test_server__certificate_not_in_force__is_never_asked(feed: MakeFeed, days: tuple[int, int]) -> None:
    who = identity("localhost", days=days)
    with serving(who) as late:
        late.answers["/"] = answer(users(200_000))
        terms = f'[[source]]\nname = "stats"\nurl = "{late.url()}"\npin = "{who.pin}"\n'
        assert codes(look(feed("http_json", CRITERION + terms))) == ["certificate_expired"]
        assert late.asked == []


def test_server__signed_body_but_certificate_of_nobody__is_refused(feed: MakeFeed, source: Source) -> None:
    key = ed25519.Ed25519PrivateKey.generate()
    terms = f'[[source]]\nname = "stats"\nurl = "{source.url()}"\njws = """{public_pem(key)}"""\n'
    assert codes(look(feed("http_json", CRITERION + terms))) == ["certificate_refused"]
    assert source.asked == []


def test_server__not_there__is_down(feed: MakeFeed, server_identity: Identity) -> None:
    with serving(server_identity) as gone:
        url = gone.url()
    terms = f'[[source]]\nname = "stats"\nurl = "{url}"\npin = "{server_identity.pin}"\n'
    assert codes(look(feed("http_json", CRITERION + terms))) == ["source_down"]


def signed_by(secret: bytes, body: bytes) -> str:
    return hmac.new(secret, body, hashlib.sha256).hexdigest()


@pytest.mark.parametrize(
    ("header", "code"),
    [
        ("", "signature_missing"),
        ("00" * 32, "signature_broken"),
        (signed_by(b"other", users(200_000)), "signature_broken"),
    ],
)
def test_hmac__missing_or_wrong__is_a_reason(
    feed: MakeFeed, plain_source: Source, tmp_path: Path, header: str, code: str
) -> None:
    plain_source.answers["/"] = answer(users(200_000), X_Sig=header)
    assert codes(look(hmac_feed(feed, plain_source, tmp_path))) == [code]


@pytest.mark.parametrize("prefix", ["", "sha256="])
def test_hmac__right__is_taken_without_tls(feed: MakeFeed, plain_source: Source, tmp_path: Path, prefix: str) -> None:
    body = users(200_000)
    plain_source.answers["/"] = answer(body, X_Sig=prefix + signed_by(b"a shared secret", body))
    assert look(hmac_feed(feed, plain_source, tmp_path)).outcome == REACHED


def test_hmac__secret_not_there__is_a_reason(feed: MakeFeed, plain_source: Source, tmp_path: Path) -> None:
    plain_source.answers["/"] = answer(users(200_000), X_Sig="00")
    feed_read = hmac_feed(feed, plain_source, tmp_path)
    (tmp_path / "secret").unlink()
    assert codes(look(feed_read)) == ["source_down"]


def hmac_feed(feed: MakeFeed, source: Source, folder: Path) -> Feed:
    (folder / "secret").write_text("a shared secret\n")
    terms = (
        f'[[source]]\nname = "stats"\nurl = "{source.url()}"\nhmac = {{ header = "X-Sig", secret_file = "secret" }}\n'
    )
    return feed("http_json", CRITERION + terms)


KEYS = {
    "ed25519": ed25519.Ed25519PrivateKey.generate(),
    "es256": ec.generate_private_key(ec.SECP256R1()),
    "rs256": rsa.generate_private_key(65537, 2048),
}


def jws_verdict(feed: MakeFeed, source: Source, key: PrivateKey, body: bytes) -> Verdict:
    source.answers["/"] = answer(body, kind="application/jose")
    terms = f'[[source]]\nname = "stats"\nurl = "{source.url()}"\njws = """{public_pem(key)}"""\n'
    return look(feed("http_json", CRITERION + terms))


@pytest.mark.parametrize("name", KEYS)
def test_jws__signed_by_the_key__gives_its_payload(feed: MakeFeed, plain_source: Source, name: str) -> None:
    body = sign_jws({"metrics": {"users": 100_000}}, KEYS[name])
    assert jws_verdict(feed, plain_source, KEYS[name], body).outcome == REACHED


@pytest.mark.parametrize("name", KEYS)
def test_jws__tampered_unsigned_or_by_another_key__is_a_reason(feed: MakeFeed, plain_source: Source, name: str) -> None:
    good = sign_jws({"metrics": {"users": 100_000}}, KEYS[name])
    head, payload, signature = good.split(b".")
    other = next(key for key in KEYS.values() if key is not KEYS[name])
    nobody = b"eyJhbGciOiJub25lIn0"  # {"alg":"none"}
    forged = sign_jws({"metrics": {"users": 900_000}}, other).split(b".")[1]
    for body in (
        head + b"." + forged + b"." + signature,
        nobody + b"." + payload + b".",
        sign_jws({"metrics": {"users": 100_000}}, other),
        head + b".." + signature,
        b"..",
        good + b"x" * 8,
    ):
        assert codes(jws_verdict(feed, plain_source, KEYS[name], body)) == ["signature_broken"], body
    assert codes(jws_verdict(feed, plain_source, KEYS[name], users(200_000))) == ["signature_missing"]


@pytest.mark.filterwarnings("ignore:EdDSA is deprecated")
def test_jws__under_the_older_name_of_its_algorithm__is_taken(feed: MakeFeed, plain_source: Source) -> None:
    body = sign_jws({"metrics": {"users": 100_000}}, KEYS["ed25519"], {"alg": "EdDSA"})
    assert jws_verdict(feed, plain_source, KEYS["ed25519"], body).outcome == REACHED


def test_jws__public_key_used_as_a_shared_secret__is_refused(feed: MakeFeed, plain_source: Source) -> None:
    """The classic confusion of algorithms."""
    key = KEYS["rs256"]
    head, payload = b"eyJhbGciOiJIUzI1NiJ9", sign_jws({"metrics": {"users": 900_000}}, key).split(b".")[1]
    import base64

    mac = hmac.new(public_pem(key).encode(), head + b"." + payload, hashlib.sha256).digest()
    body = b".".join([head, payload, base64.urlsafe_b64encode(mac).rstrip(b"=")])
    assert codes(jws_verdict(feed, plain_source, key, body)) == ["signature_broken"]


# --- two sources ---


@pytest.fixture
def ask_two(source: Source, server_identity: Identity, feed: MakeFeed) -> Ask:
    def ask_two(first: Answer, second: Answer, criterion: str = "") -> Verdict:
        source.answers |= {"/a": first, "/b": second}
        places = "".join(
            f'[[source]]\nname = "{name}"\nurl = "{source.url("/" + name)}"\npin = "{server_identity.pin}"\n'
            for name in ("a", "b")
        )
        return look(feed("http_json", CRITERION + criterion + places))

    return ask_two


@pytest.mark.parametrize(("first", "second"), [(100_000, 99_999), (200_000, 200_001), (5, 6)])
def test_two_sources__that_disagree__park_the_milestone(ask_two: Ask, first: int, second: int) -> None:
    verdict = ask_two(answer(users(first)), answer(users(second)))
    assert codes(verdict) == ["sources_disagree"]
    assert verdict.is_parked
    assert str(first) in verdict.line
    assert str(second) in verdict.line


def test_two_sources__within_the_tolerance__agree_and_the_older_observation_counts(ask_two: Ask) -> None:
    older = now() - 500
    verdict = ask_two(
        answer(users(150_000, at=now())),
        answer(users(150_100, at=older)),
        'tolerance = 100\nobserved_at = "$.at"\n',
    )
    assert (verdict.outcome, verdict.observed_at) == (REACHED, older)
    split = ask_two(answer(users(100_000)), answer(users(99_999)), "tolerance = 100\n")
    assert codes(split) == ["sources_disagree"]  # on the outcome, whatever the tolerance


def test_two_sources__one_of_them_down__nothing_is_attested(ask_two: Ask) -> None:
    verdict = ask_two(answer(users(200_000)), answer(b"", status="503 Busy"))
    assert codes(verdict) == ["source_status"]
    assert not verdict.is_parked
