"""The wheel holds what its user needs: the packages, the compiled contracts and what the pages load."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest


@pytest.fixture(scope="module")
def wheel(root: Path, tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder)]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    (file,) = folder.glob("equity_registry-*.whl")
    return zipfile.ZipFile(file)


def test_wheel__built__holds_every_packaged_artifact(root: Path, wheel: zipfile.ZipFile) -> None:
    artifacts = [path for path in (root / "registry" / "artifacts").iterdir() if path.suffix in {".json", ".toml"}]
    assert artifacts
    for path in artifacts:
        assert wheel.read(f"registry/artifacts/{path.name}") == path.read_bytes()


def test_wheel__built__holds_what_the_pages_load(root: Path, wheel: zipfile.ZipFile) -> None:
    vendor = root / "api" / "static" / "vendor"
    wanted = {path.relative_to(root).as_posix() for path in vendor.rglob("*") if path.is_file()}
    assert "api/static/vendor/htmx.min.js" in wanted
    assert wanted - set(wheel.namelist()) == set()


def test_wheel__built__holds_every_module_and_data_file_git_knows(
    root: Path, tracked: list[Path], wheel: zipfile.ZipFile
) -> None:
    packages = tuple(str(root / package) + "/" for package in ("registry", "oracles", "api"))
    wanted = {path.relative_to(root).as_posix() for path in tracked if str(path).startswith(packages)}
    assert wanted - set(wheel.namelist()) == set()


def test_wheel__built__offers_the_command_and_leaves_the_workbench_at_home(wheel: zipfile.ZipFile) -> None:
    (entry_points,) = [name for name in wheel.namelist() if name.endswith("entry_points.txt")]
    assert "equity = registry.cli:main" in wheel.read(entry_points).decode()
    tops = {name.split("/")[0] for name in wheel.namelist()}
    assert {top for top in tops if not top.endswith(".dist-info")} <= {"registry", "oracles", "api"}


def test_wheel__built__holds_the_example_that_the_demo_imports(root: Path, wheel: zipfile.ZipFile) -> None:
    example = root / "examples" / "xinguang"
    names = {f"registry/examples/xinguang/{path.name}" for path in example.iterdir()}
    assert len(names) > 5
    assert names - set(wheel.namelist()) == set()
