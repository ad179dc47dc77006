"""The packaged artifacts are what the sources compile to, and Brownie compiles with the same settings."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

from scripts import compile as compiler


@pytest.fixture(scope="module")
def built(root: Path) -> dict[str, str]:
    return compiler.build_artifacts(root)


def test_artifacts__compiled_again__are_the_packaged_bytes(root: Path, built: dict[str, str]) -> None:
    assert compiler.differences(built, compiler.packaged_files(root / "registry" / "artifacts")) == []


def test_artifacts__one_byte_of_code_differs__is_named(built: dict[str, str]) -> None:
    name = next(name for name in sorted(built) if json.loads(built[name])["deployedBytecode"] != "0x")
    artifact = json.loads(built[name])
    artifact["bytecode"] = artifact["bytecode"][:-2] + ("00" if artifact["bytecode"][-2:] != "00" else "01")
    changed = {**built, name: json.dumps(artifact)}
    assert compiler.differences(built, changed) == [f"{name}: differs in bytecode"]


def test_artifacts__file_missing_or_left_over__is_named(built: dict[str, str]) -> None:
    first, *rest = sorted(built)
    packaged = {**{name: built[name] for name in rest}, "Gone.json": "{}"}
    assert compiler.differences(built, packaged) == [
        f"{first}: compiled from contracts/, but not packaged",
        "Gone.json: packaged, but contracts/ has nothing of that name",
    ]


def test_artifacts__every_contract__has_abi_and_code_under_the_limit(built: dict[str, str]) -> None:
    artifacts = [json.loads(text) for name, text in built.items() if name.endswith(".json")]
    deployable = [artifact for artifact in artifacts if artifact["deployedBytecode"] != "0x"]
    assert deployable
    assert all(artifact["abi"] for artifact in artifacts)
    too_big = [a["contractName"] for a in deployable if len(a["deployedBytecode"]) // 2 - 1 >= compiler.CODE_LIMIT]
    assert too_big == []


def test_artifacts__sources_read_from_another_folder__give_the_compiler_the_same_input(
    root: Path, built: dict[str, str], tmp_path: Path
) -> None:
    (tmp_path / "contracts").symlink_to(root / "contracts")
    (tmp_path / "node_modules").symlink_to(root / "node_modules")
    assert compiler.read_sources(tmp_path) == compiler.read_sources(root)
    assert [name for name, text in built.items() if str(root) in text] == []


def test_compile__source_with_an_error__is_refused_in_the_compilers_words(
    root: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "contracts").mkdir()
    (tmp_path / "contracts" / "Broken.sol").write_text("pragma solidity 0.8.37;\ncontract Broken { uint x = true; }\n")
    assert compiler.main(["--root", str(tmp_path)]) == 1
    said = capsys.readouterr().err
    assert "contracts/Broken.sol:2" in said
    assert "not implicitly convertible" in said
    assert not (tmp_path / "registry").exists()


def test_compile__import_that_is_not_there__is_named(tmp_path: Path) -> None:
    (tmp_path / "contracts").mkdir()
    (tmp_path / "contracts" / "Lonely.sol").write_text('import {Friend} from "./Friend.sol";\n')
    with pytest.raises(compiler.CompileError, match=r"contracts/Friend\.sol is imported"):
        compiler.read_sources(tmp_path)


def test_brownie_config__compiler_settings__are_those_of_the_packaged_artifacts(root: Path) -> None:
    config = yaml.safe_load((root / "brownie-config.yaml").read_text())["compiler"]
    solc = config["solc"]
    assert config["evm_version"] == compiler.EVM_VERSION
    assert solc["version"] == compiler.SOLC_VERSION
    assert solc["optimizer"] == compiler.SETTINGS["optimizer"]
    assert solc["viaIR"] is compiler.VIA_IR
    # Brownie writes a remapping without the slashes at its ends.
    assert solc["remappings"] == [
        f"{key}={target}".replace("/=", "=").rstrip("/") for key, target in compiler.REMAPPINGS.items()
    ]


def test_stand_in__asked_for_its_version__answers_what_is_pinned(root: Path) -> None:
    pinned = json.loads((root / "package.json").read_text())["dependencies"]["solc"]
    assert pinned == compiler.SOLC_VERSION
    installed = json.loads((root / "node_modules" / "solc" / "package.json").read_text())["version"]
    assert installed == compiler.SOLC_VERSION
    assert (root / ".solcx" / f"solc-v{compiler.SOLC_VERSION}").is_file()
