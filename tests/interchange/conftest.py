"""Packages for the tests of the interchange: those from outside, our example, and small ones built on the spot."""

import hashlib
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from registry.interchange import ImportPlan, plan_import, read_package

ROOT = Path(__file__).resolve().parents[2]
SHARED = ROOT.parent / "shared" / "data" / "ocf"

Object = dict[str, Any]


@pytest.fixture(scope="session")
def shared() -> Path:
    """The packages from outside. They are not part of this repository."""
    if not SHARED.is_dir():
        pytest.skip(f"the packages from outside are not there ({SHARED})")
    return SHARED


@pytest.fixture(scope="session")
def example() -> Path:
    return ROOT / "examples" / "xinguang"


@pytest.fixture
def plan_of() -> Callable[[Path], ImportPlan]:
    return lambda path: plan_import(read_package(path))


class Builder:
    """A small company that a test writes down in a few lines. One class `common` of 1000, holders `ann`, `bob`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.issuer: Object = {
            "object_type": "ISSUER",
            "id": "issuer",
            "legal_name": "Small Company Limited",
            "formation_date": "2020-01-01",
            "country_of_formation": "CN",
        }
        self.classes = [self.share_class("common", "1000"), self.share_class("preferred", "1000")]
        self.stakeholders = [self.person("ann"), self.person("bob")]
        self.transactions: list[Object] = []
        self.version = "1.2.0"
        self.as_of = "2030-01-01"

    @staticmethod
    def share_class(name: str, authorised: str) -> Object:
        return {
            "object_type": "STOCK_CLASS",
            "id": name,
            "name": name.title(),
            "class_type": "COMMON",
            "default_id_prefix": f"{name[0].upper()}-",
            "initial_shares_authorized": authorised,
            "votes_per_share": "1",
            "seniority": "1",
        }

    @staticmethod
    def person(name: str) -> Object:
        return {
            "object_type": "STAKEHOLDER",
            "id": name,
            "name": {"legal_name": name.title()},
            "stakeholder_type": "INDIVIDUAL",
        }

    def issue(self, number: str, holder: str, shares: object, day: str = "2021-01-01", **more: object) -> "Builder":
        """An issuance of certificate `number`, whose security and transaction ids follow from it."""
        self.transactions.append(
            {
                "object_type": "TX_STOCK_ISSUANCE",
                "id": f"issue-{number}",
                "date": day,
                "security_id": f"sec-{number}",
                "custom_id": number,
                "stakeholder_id": holder,
                "stock_class_id": "common",
                "share_price": {"amount": "1.00", "currency": "CNY"},
                "quantity": str(shares) if type(shares) is int else shares,
                "security_law_exemptions": [],
                "stock_legend_ids": [],
                **more,
            }
        )
        return self

    def tx(self, kind: str, name: str, day: str = "2021-02-01", **fields: object) -> "Builder":
        self.transactions.append({"object_type": f"TX_{kind}", "id": name, "date": day, **fields})
        return self

    def transfer(self, number: str, shares: int, to: str, balance: str = "", day: str = "2021-02-01") -> "Builder":
        """Only the transfer: certificates `to` and `balance` are issued by the test."""
        return self.tx(
            "STOCK_TRANSFER",
            f"transfer-{number}",
            day,
            security_id=f"sec-{number}",
            quantity=str(shares),
            resulting_security_ids=[f"sec-{to}"],
            balance_security_id=f"sec-{balance}" if balance else "",
        )

    def file(self, name: str, kind: str, items: list[Object]) -> Object:
        content = json.dumps({"file_type": kind, "items": items}).encode()
        (self.folder / name).write_bytes(content)
        return {"filepath": f"./{name}", "md5": hashlib.md5(content, usedforsecurity=False).hexdigest()}

    def write(self) -> Path:
        """Writes the package as a folder and returns it."""
        self.folder.mkdir(exist_ok=True)
        manifest = {
            "ocf_version": self.version,
            "file_type": "OCF_MANIFEST_FILE",
            "issuer": self.issuer,
            "as_of": self.as_of,
            "generated_at": "2030-01-01T00:00:00Z",
            "stakeholders_files": [self.file("Stakeholders.ocf.json", "OCF_STAKEHOLDERS_FILE", self.stakeholders)],
            "stock_classes_files": [self.file("StockClasses.ocf.json", "OCF_STOCK_CLASSES_FILE", self.classes)],
            "transactions_files": [self.file("Transactions.ocf.json", "OCF_TRANSACTIONS_FILE", self.transactions)],
        }
        (self.folder / "Manifest.ocf.json").write_text(json.dumps(manifest), encoding="utf-8")
        return self.folder

    def plan(self) -> ImportPlan:
        return plan_import(read_package(self.write()))


@pytest.fixture
def build(tmp_path: Path) -> Builder:
    return Builder(tmp_path / "package")


@pytest.fixture
def zipped(tmp_path: Path) -> Callable[[Path, str], Path]:
    """Packs a folder, below a top folder where one is named."""

    def pack(folder: Path, top: str) -> Path:
        target = tmp_path / f"{folder.name}.ocf.zip"
        with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
            for path in sorted(folder.glob("*.json"), reverse=True):
                archive.write(path, f"{top}{path.name}")
        return target

    return pack
