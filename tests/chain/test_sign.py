"""Keys at rest and at work."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest
from eth_account import Account

from registry.chain import contracts
from registry.chain.sign import Fields, Keystores, LocalSigner, compact, ensure_passphrase, passphrase_from
from registry.domain.args import Newcomer
from registry.domain.ids import Day, PartyId
from registry.domain.words import PartyWord
from registry.errors import HaltError, InputError, RejectedError
from tests.support.stage import Stage, document, signer

KEY = bytes.fromhex("4c0883a69102937d6231471b5dbb6204fe5129617082792ae468d01a3f362318")
"""The example key of the JSON keystore's public documentation."""


@pytest.fixture
def keystores(tmp_path: Path) -> Keystores:
    return Keystores(tmp_path / "keystores", lambda: "a long passphrase")


def test_load__wrong_passphrase__halts_without_telling_the_key(keystores: Keystores) -> None:
    keystores.add("governor", KEY)
    with pytest.raises(HaltError, match="does not open: wrong passphrase") as halted:
        Keystores(keystores.folder, lambda: "another").load("governor")
    assert KEY.hex() not in str(halted.value)


def test_load__no_such_key__is_named(keystores: Keystores) -> None:
    with pytest.raises(InputError, match="no key named 'regulator'") as refused:
        keystores.load("regulator")
    assert refused.value.value == "regulator"


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"address": "00", "crypto": {}}'])
def test_load__damaged_file__halts(keystores: Keystores, content: str) -> None:
    keystores.folder.mkdir()
    (keystores.folder / "governor.json").write_text(content)
    with pytest.raises(HaltError):
        keystores.load("governor")


@pytest.mark.parametrize("name", ["", "../governor", "Governor", "a b", "x" * 65, ".hidden"])
def test_key_name__that_could_leave_the_folder__is_refused(keystores: Keystores, name: str) -> None:
    with pytest.raises(InputError, match="small letters"):
        keystores.create(name)


def test_add__name_taken__keeps_the_old_key(keystores: Keystores) -> None:
    keystores.add("governor", KEY)
    with pytest.raises(InputError, match="exists already"):
        keystores.create("governor")
    assert keystores.load("governor").address == LocalSigner(KEY).address


def test_keystore__at_rest__is_encrypted_and_its_owners_only(keystores: Keystores) -> None:
    created = keystores.add("governor", KEY)
    file = keystores.folder / "governor.json"
    assert KEY.hex() not in file.read_text().lower()
    assert json.loads(file.read_text())["version"] == 3
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(keystores.folder.stat().st_mode) == 0o700
    assert keystores.names() == ["governor"]
    assert keystores.address("governor") == keystores.ensure("governor").address == created.address
    assert created.address.hex() == "2c7536e3605d9c16a7a3d7b1898e529396a65c23"
    assert KEY.hex() not in repr(created)


def test_keystore__of_another_program__opens(keystores: Keystores) -> None:
    """The scrypt example of the format's public documentation."""
    keystores.folder.mkdir()
    (keystores.folder / "example.json").write_text(json.dumps(EXAMPLE))
    opened = Keystores(keystores.folder, lambda: "testpassword").load("example")
    assert opened.address.hex() == "008aeeda4d805471df9b2a5b0f38a0c3bcba786b"


EXAMPLE = {
    "address": "008aeeda4d805471df9b2a5b0f38a0c3bcba786b",
    "crypto": {
        "cipher": "aes-128-ctr",
        "cipherparams": {"iv": "6087dab2f9fdbbfaddc31a909735c1e6"},
        "ciphertext": "5318b4d5bcd28de64ee5559e671353e16f075ecae9f99c7a79a38af5f869aa46",
        "kdf": "pbkdf2",
        "kdfparams": {
            "c": 262144,
            "dklen": 32,
            "prf": "hmac-sha256",
            "salt": "ae3cd4e7013836a3df6bd7241b12db061dbe2c6785853cce422d148a624ce0bd",
        },
        "mac": "517ead924a9d0dc3124507e3393d175ce3ff7c1e96529c6c555ce9e51205e9b2",
    },
    "id": "3198bc9c-6672-5ab3-d995-4942343ae5b6",
    "version": 3,
}


def test_passphrase_file__missing_open_or_empty__halts(tmp_path: Path) -> None:
    file = tmp_path / "passphrase"
    with pytest.raises(HaltError, match="is not there"):
        passphrase_from(file)
    file.write_text("secret\n")
    file.chmod(0o644)
    with pytest.raises(HaltError, match="can be read by others"):
        passphrase_from(file)
    file.chmod(0o600)
    assert passphrase_from(file) == "secret"
    file.write_text("\n")
    with pytest.raises(HaltError, match="is empty"):
        passphrase_from(file)


def test_passphrase_file__first_use__is_made_once_for_its_owner(tmp_path: Path) -> None:
    first = ensure_passphrase(tmp_path / "home" / "passphrase")
    assert len(first) >= 32
    assert ensure_passphrase(tmp_path / "home" / "passphrase") == first


def test_sign_transaction__same_fields__gives_the_same_bytes_and_the_chain_takes_them(stage: Stage) -> None:
    key = signer("agent")
    fields = Fields(stage.node.chain_id, 0, key.address, b"\x00\x01", 50_000)
    assert key.sign_transaction(fields) == key.sign_transaction(fields)
    tx = stage.node.send_raw(key.sign_transaction(fields))
    found = stage.node.transaction(tx)
    assert found is not None
    assert (found.sender, found.nonce, found.target, found.calldata) == (key.address, 0, key.address, b"\x00\x01")


@pytest.mark.parametrize("calldata", [b"", b"\x05", b"\x80", bytes(55), bytes(56), b"\xff" * 70_000])
@pytest.mark.parametrize("nonce", [0, 1, 127, 128, 2**40])
def test_sign_transaction__any_fields__is_byte_for_byte_what_another_library_signs(calldata: bytes, nonce: int) -> None:
    for target in (None, signer("target").address):
        fields = Fields(31337, nonce, target, calldata, 16_777_216, 2_000_000_000, 7)
        other: dict[str, object] = {
            "type": 2,
            "chainId": fields.chain_id,
            "nonce": nonce,
            "gas": fields.gas,
            "maxFeePerGas": fields.max_fee,
            "maxPriorityFeePerGas": fields.tip,
            "value": 0,
            "data": calldata,
        }
        if target is not None:
            other["to"] = bytes(target)
        expected = Account.from_key(KEY).sign_transaction(other).raw_transaction
        assert LocalSigner(KEY).sign_transaction(fields) == bytes(expected)


def test_keystore__made_here__opens_in_another_library(keystores: Keystores) -> None:
    keystores.add("governor", KEY)
    content = json.loads((keystores.folder / "governor.json").read_text())
    assert Account.decrypt(content, "a long passphrase") == KEY


def test_sign_binding__by_the_wallet__is_what_the_registry_asks_for(stage: Stage) -> None:
    stage.onboard(1)
    wallet, other, deadline = signer("wallet"), signer("other"), 2**63
    header = stage.header()
    stranger = other.sign_binding(stage.deployment, PartyId(1), deadline)
    forged = contracts.registry.bind_wallet(header, PartyId(1), wallet.address, deadline, stranger)
    with pytest.raises(RejectedError, match="SignatureInvalid"):
        stage.send("kyc_agent", stage.deployment.registry, forged)
    own = wallet.sign_binding(stage.deployment, PartyId(1), deadline)
    calldata = contracts.registry.bind_wallet(header, PartyId(1), wallet.address, deadline, own)
    stage.send("kyc_agent", stage.deployment.registry, calldata)
    word, number = stage.reads.standing_of(wallet.address)
    assert (word.id, number) == (1, 0)


def test_compact__of_a_binding__is_taken_by_batch_onboarding(stage: Stage) -> None:
    newcomers = []
    for party in range(1, 9):  # both parities of y will be among them
        wallet = signer(f"wallet {party}")
        r, vs = compact(wallet.sign_binding(stage.deployment, PartyId(party), 2**63))
        word = PartyWord(PartyId(party), Day(60_000), Day(60_000), 4, 1)
        newcomers.append(Newcomer(word, document("dossier"), wallet.address, r, vs))
    calldata = contracts.registry.onboard_with_wallets(stage.header(), 2**63, newcomers)
    stage.send("kyc_agent", stage.deployment.registry, calldata)
    assert [stage.reads.standing_of(n.wallet)[0].id for n in newcomers] == list(range(1, 9))
