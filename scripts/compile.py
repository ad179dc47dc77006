"""Compiles contracts/ with the pinned compiler and packages the artifacts that the Python side is installed with.

    scripts/compile.py            writes registry/artifacts/
    scripts/compile.py --check    compiles again and compares with what is packaged (exit 1 names what differs)

The compiler settings stand here and nowhere else; brownie-config.yaml repeats them, and a house test compares.
Why the bytes come out equal on every machine is told in docs/decisions/001-the-bench.md.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import posixpath
import re
import sys
from pathlib import Path
from typing import Any, Final

SOLC_VERSION: Final = "0.8.37"
EVM_VERSION: Final = "prague"
OPTIMIZER_RUNS: Final = 200
VIA_IR: Final = False
REMAPPINGS: Final = {"@openzeppelin/": "node_modules/@openzeppelin/"}
CODE_LIMIT: Final = 24_576  # bytes of deployed code, EIP-170

# What the artifacts say about how they were made. "bytecodeHash: none" keeps comments and paths out of the code:
# the same logic has the same code hash; the sources are pinned by `sourceHash` instead.
SETTINGS: Final[dict[str, Any]] = {
    "evmVersion": EVM_VERSION,
    "metadata": {"bytecodeHash": "none"},
    "optimizer": {"enabled": True, "runs": OPTIMIZER_RUNS},
    "viaIR": VIA_IR,
}
OUTPUTS: Final = ["abi", "evm.bytecode", "evm.deployedBytecode", "storageLayout"]

ROOT: Final = Path(__file__).resolve().parent.parent
_COMMENT: Final = re.compile(r"//[^\n]*|/\*.*?\*/", re.DOTALL)
_IMPORT: Final = re.compile(r"""\bimport\s+(?:[^'";]*?\bfrom\s+)?["']([^"']+)["']""")
_AST_ID: Final = re.compile(r"\)\d+")


class CompileError(Exception):
    """The contracts do not compile, or break a rule that every contract here keeps."""


# --- sources ----------------------------------------------------------------------------------------------------------


def read_sources(root: Path) -> dict[str, str]:
    """Every file under contracts/ and what they import, keyed by the name the compiler knows it under."""
    own = sorted(path.relative_to(root).as_posix() for path in (root / "contracts").rglob("*.sol"))
    if not own:
        raise CompileError(f"no Solidity file under {root / 'contracts'}")
    sources: dict[str, str] = {}
    waiting = list(own)
    while waiting:
        unit = waiting.pop()
        if unit in sources:
            continue
        file = root / _on_disk(unit)
        if not file.is_file():
            raise CompileError(f"{unit} is imported, but there is no file {_on_disk(unit)} (has set-up run?)")
        sources[unit] = file.read_text(encoding="utf-8")
        waiting.extend(_imports(unit, sources[unit]))
    return dict(sorted(sources.items()))


def _on_disk(unit: str) -> str:
    for prefix, target in REMAPPINGS.items():
        if unit.startswith(prefix):
            return target + unit.removeprefix(prefix)
    return unit


def _imports(unit: str, text: str) -> list[str]:
    found = _IMPORT.findall(_COMMENT.sub(" ", text))
    return [
        posixpath.normpath(posixpath.join(posixpath.dirname(unit), name)) if name[0] == "." else name for name in found
    ]


def _source_hash(unit: str, sources: dict[str, str]) -> str:
    """SHA-256 over the names and contents of a file and all that it imports, directly or not."""
    closure: set[str] = set()
    waiting = [unit]
    while waiting:
        name = waiting.pop()
        if name not in closure:
            closure.add(name)
            waiting.extend(_imports(name, sources[name]))
    digest = hashlib.sha256()
    for name in sorted(closure):
        digest.update(hashlib.sha256(name.encode()).digest() + hashlib.sha256(sources[name].encode()).digest())
    return "0x" + digest.hexdigest()


# --- compiling --------------------------------------------------------------------------------------------------------


def compile_sources(sources: dict[str, str]) -> dict[str, Any]:
    """The compiler's whole standard-JSON output; warnings go to stderr, errors are raised."""
    os.environ.setdefault("SOLCX_BINARY_PATH", str(ROOT / ".solcx"))
    import solcx  # it looks at SOLCX_BINARY_PATH when it is imported
    from solcx.exceptions import SolcError, SolcNotInstalled

    selection = {unit: {"*": OUTPUTS, "": ["ast"]} for unit in sources if unit.startswith("contracts/")}
    request = {
        "language": "Solidity",
        "sources": {unit: {"content": text} for unit, text in sources.items()},
        "settings": {**SETTINGS, "outputSelection": selection},
    }
    try:
        output: dict[str, Any] = solcx.compile_standard(request, solc_version=SOLC_VERSION)
    except SolcNotInstalled as error:
        raise CompileError(f"solc {SOLC_VERSION} is not set up: {error}; run `make setup`") from error
    except SolcError as error:
        raise CompileError(_compiler_words(error)) from error
    for message in output.get("errors", []):
        print(message["formattedMessage"].rstrip(), file=sys.stderr)
    return output


def _compiler_words(error: Exception) -> str:
    """Only what the compiler said: the exception also repeats its whole input and output."""
    try:
        messages = json.loads(getattr(error, "stdout_data", "") or "{}").get("errors", [])
    except ValueError:
        messages = []
    said = "".join(message["formattedMessage"] for message in messages if message["severity"] == "error")
    return said.rstrip() or getattr(error, "stderr_data", "") or str(error)


# --- artifacts --------------------------------------------------------------------------------------------------------


def build_artifacts(root: Path) -> dict[str, str]:
    """File name -> text of everything that registry/artifacts holds."""
    sources = read_sources(root)
    output = compile_sources(sources)
    artifacts: dict[str, str] = {}
    for unit, contracts in sorted(output["contracts"].items()):
        kinds = _kinds(output["sources"][unit]["ast"])
        for name, compiled in sorted(contracts.items()):
            if not _is_packaged(unit, kinds[name], compiled):
                continue
            file = f"{name}.json"
            if file in artifacts:
                raise CompileError(f"two contracts are called {name}; the second one is in {unit}")
            artifacts[file] = _render(_artifact(unit, name, compiled, sources))
    plan = root / "contracts" / "deployment.toml"
    if plan.is_file():
        artifacts[plan.name] = plan.read_text(encoding="utf-8")
    return artifacts


def _kinds(ast: dict[str, Any]) -> dict[str, str]:
    nodes = [node for node in ast["nodes"] if node["nodeType"] == "ContractDefinition"]
    return {node["name"]: "abstract" if node["abstract"] else node["contractKind"] for node in nodes}


def _is_packaged(unit: str, kind: str, compiled: dict[str, Any]) -> bool:
    """Contracts and interfaces, and libraries that declare something callers can see; test doubles stay at home."""
    if unit.startswith("contracts/mocks/") or kind == "abstract":
        return False
    return kind != "library" or bool(compiled["abi"])


def _artifact(unit: str, name: str, compiled: dict[str, Any], sources: dict[str, str]) -> dict[str, Any]:
    creation, deployed = compiled["evm"]["bytecode"], compiled["evm"]["deployedBytecode"]
    if creation.get("linkReferences"):
        raise CompileError(
            f"{name} calls a library by address ({creation['linkReferences']}); make its functions internal"
        )
    size = len(deployed["object"]) // 2
    if size >= CODE_LIMIT:
        raise CompileError(f"{name} deploys {size} bytes of code; the limit is {CODE_LIMIT}")
    return {
        "contractName": name,
        "sourceName": unit,
        "sourceHash": _source_hash(unit, sources),
        "compiler": {"version": SOLC_VERSION, **SETTINGS},
        "abi": compiled["abi"],
        "bytecode": "0x" + creation["object"],
        "deployedBytecode": "0x" + deployed["object"],
        "immutableReferences": sorted(
            (
                {"start": spot["start"], "length": spot["length"]}
                for spots in deployed.get("immutableReferences", {}).values()
                for spot in spots
            ),
            key=lambda spot: spot["start"],
        ),
        "storageLayout": _layout(compiled.get("storageLayout", {})),
    }


def _layout(layout: dict[str, Any]) -> dict[str, Any]:
    """Without the compiler's node numbers, which change whenever any other file does."""

    def clean(value: Any) -> Any:
        if isinstance(value, dict):
            return {clean(key): clean(item) for key, item in value.items() if key != "astId"}
        if isinstance(value, list):
            return [clean(item) for item in value]
        return _AST_ID.sub(")", value) if isinstance(value, str) else value

    cleaned = clean(layout)
    return {"storage": cleaned.get("storage") or [], "types": cleaned.get("types") or {}}


def _render(artifact: dict[str, Any]) -> str:
    return json.dumps(artifact, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


# --- the command ------------------------------------------------------------------------------------------------------


def packaged_files(folder: Path) -> dict[str, str]:
    files = [*folder.glob("*.json"), *folder.glob("*.toml")]
    return {file.name: file.read_text(encoding="utf-8") for file in files}


def differences(built: dict[str, str], packaged: dict[str, str]) -> list[str]:
    """One line for each file that is not the same on both sides."""
    lines = [f"{name}: compiled from contracts/, but not packaged" for name in sorted(built.keys() - packaged.keys())]
    lines += [
        f"{name}: packaged, but contracts/ has nothing of that name" for name in sorted(packaged.keys() - built.keys())
    ]
    lines += [
        f"{name}: {_what_differs(built[name], packaged[name])}"
        for name in sorted(built.keys() & packaged.keys())
        if built[name] != packaged[name]
    ]
    return lines


def _what_differs(built: str, packaged: str) -> str:
    try:
        new, old = json.loads(built), json.loads(packaged)
        parts = sorted(key for key in new.keys() | old.keys() if new.get(key) != old.get(key))
    except (ValueError, AttributeError):
        parts = []
    return f"differs in {', '.join(parts) if parts else 'its text'}"


def write(built: dict[str, str], folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name in packaged_files(folder).keys() - built.keys():
        (folder / name).unlink()
    for name, text in built.items():
        (folder / name).write_text(text, encoding="utf-8")


def print_sizes(built: dict[str, str]) -> None:
    artifacts = [json.loads(text) for name, text in sorted(built.items()) if name.endswith(".json")]
    for artifact in artifacts:
        size = len(artifact["deployedBytecode"]) // 2 - 1
        print(
            f"  {artifact['contractName']:<24}"
            + (f"{size:>7,} bytes, {CODE_LIMIT - size:>7,} left" if size else "interface")
        )


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Compile the contracts and package the artifacts.")
    parser.add_argument("--check", action="store_true", help="write nothing; compare with what is packaged")
    parser.add_argument("--root", type=Path, default=ROOT, help="the folder that holds contracts/ and node_modules/")
    options = parser.parse_args(arguments)
    folder = options.root / "registry" / "artifacts"
    try:
        built = build_artifacts(options.root)
    except CompileError as error:
        print(f"compile: {error}", file=sys.stderr)
        return 1
    if options.check:
        different = differences(built, packaged_files(folder))
        print("\n".join(different) if different else f"{len(built)} artifacts rebuild byte for byte")
        return 1 if different else 0
    write(built, folder)
    print_sizes(built)
    print(f"packaged {len(built)} files in {folder.relative_to(options.root)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
