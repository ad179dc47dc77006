"""Draws Open Cap Format packages of the shape of a real company's, of any size, the same for the same number."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

FOUNDED = date(2020, 3, 2)
FOUNDERS = 4
TRANSFERS = 20
CLASSES = ("common", "preferred")


def write_package(folder: Path, number: int, holders: int) -> Path:
    """A company of so many holders: founders, three rounds of issues on their days, transfers of part of a holding."""
    folder.mkdir(parents=True, exist_ok=True)
    files = {
        "stakeholders_files": ("Stakeholders.ocf.json", "OCF_STAKEHOLDERS_FILE", _stakeholders(number, holders)),
        "stock_classes_files": ("StockClasses.ocf.json", "OCF_STOCK_CLASSES_FILE", _classes()),
        "transactions_files": ("Transactions.ocf.json", "OCF_TRANSACTIONS_FILE", _transactions(holders)),
    }
    manifest: dict[str, Any] = {
        "ocf_version": "1.2.0",
        "file_type": "OCF_MANIFEST_FILE",
        "as_of": "2025-06-30",
        "generated_at": "2025-07-01T00:00:00Z",
        "issuer": {
            "object_type": "ISSUER",
            "id": f"issuer-{number}",
            "legal_name": f"测试科技股份有限公司（第 {number} 号）",
            "formation_date": FOUNDED.isoformat(),
            "country_of_formation": "CN",
        },
    }
    for key, (name, kind, items) in files.items():
        content = json.dumps({"file_type": kind, "items": items}, ensure_ascii=False).encode()
        (folder / name).write_bytes(content)
        md5 = hashlib.md5(content, usedforsecurity=False).hexdigest()
        manifest[key] = [{"filepath": f"./{name}", "md5": md5}]
    (folder / "Manifest.ocf.json").write_text(json.dumps(manifest, ensure_ascii=False), encoding="utf-8")
    return folder


def _stakeholders(number: int, holders: int) -> list[dict[str, Any]]:
    return [
        {
            "object_type": "STAKEHOLDER",
            "id": f"holder-{index:05}",
            "name": {"legal_name": f"第 {number} 号股东 {index}"},
            "stakeholder_type": "INSTITUTION" if index % 7 == 6 else "INDIVIDUAL",
        }
        for index in range(holders)
    ]


def _classes() -> list[dict[str, Any]]:
    return [
        {
            "object_type": "STOCK_CLASS",
            "id": name,
            "name": name.title(),
            "class_type": name.upper(),
            "default_id_prefix": f"{name[0].upper()}-",
            "initial_shares_authorized": "1000000000",
            "votes_per_share": "1",
            "seniority": str(place + 1),
        }
        for place, name in enumerate(CLASSES)
    ]


def _transactions(holders: int) -> list[dict[str, Any]]:
    issues = [_issue(index, holders) for index in range(holders)]
    moves = range(min(TRANSFERS, holders // 2))
    return [item for items in ([*issues], *(_transfer(issues, index) for index in moves)) for item in items]


def _issue(index: int, holders: int) -> dict[str, Any]:
    """Founders first, then three rounds; the last one takes preferred shares."""
    stage = 0 if index < FOUNDERS else 1 + (index - FOUNDERS) * 3 // max(1, holders - FOUNDERS)
    shares = 1_000_000 if stage == 0 else 1_000 + 10 * index
    return _certificate(f"C-{index:05}", index, CLASSES[stage == 3], shares, FOUNDED + timedelta(days=365 * stage))


def _transfer(issues: Sequence[dict[str, Any]], index: int) -> list[dict[str, Any]]:
    """A tenth of one holding goes to a neighbour, the rest stays under a new certificate."""
    source = issues[index]
    day = FOUNDED + timedelta(days=365 * 4 + index)
    whole = int(source["quantity"])
    moved, stays = whole // 10, whole - whole // 10
    taker = int(issues[-1 - index]["stakeholder_id"].removeprefix("holder-"))
    result = _certificate(f"T-{index:05}", taker, source["stock_class_id"], moved, day)
    balance = _certificate(f"B-{index:05}", index, source["stock_class_id"], stays, day)
    return [
        {
            "object_type": "TX_STOCK_TRANSFER",
            "id": f"transfer-{index:05}",
            "date": day.isoformat(),
            "security_id": source["security_id"],
            "quantity": str(moved),
            "resulting_security_ids": [result["security_id"]],
            "balance_security_id": balance["security_id"],
        },
        result,
        balance,
    ]


def _certificate(number: str, holder: int, class_id: str, shares: int, day: date) -> dict[str, Any]:
    return {
        "object_type": "TX_STOCK_ISSUANCE",
        "id": f"issue-{number}",
        "date": day.isoformat(),
        "security_id": f"security-{number}",
        "custom_id": number,
        "stakeholder_id": f"holder-{holder:05}",
        "stock_class_id": class_id,
        "share_price": {"amount": "1.00", "currency": "CNY"},
        "quantity": str(shares),
        "security_law_exemptions": [],
        "stock_legend_ids": [],
    }
