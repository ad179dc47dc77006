"""The README's figures are the measured ones."""

from __future__ import annotations

import json
from pathlib import Path

ROOT = Path(__file__).parents[2]

ROWS = {
    "transfer to a holder of the class": "transfer_to_holder",
    "… to a party new to the class": "transfer_new_to_class",
    "… to a party new to the company": "transfer_new_lone_seat",
    "first transfer after a record date": "transfer_first_after_date",
    "issue to a new holder": "issue_one_lone_seat",
    "issue to 100 newcomers, each": "issue_batch_consecutive_each",
    "issue to 100 holders, each": "issue_batch_holders_each",
    "onboard 100 parties, each": "onboard_batch_party_each",
    "… with a wallet, each": "onboard_batch_wallet_each",
    "new company with one class and its roles": "company_with_class",
    "subscribe with one signature": "subscribe_neighbour",
    "… where no neighbour has a seat or invested this year": "subscribe_lone",
    "attest a milestone": "attest",
    "release a tranche": "release",
    "… to an account that never held money": "release_first",
    "refund, in pages of 50, each": "refund_page_each",
    "redeem, in pages of 50, each": "redeem_page_each",
    "lapse, in pages of 50, each": "lapse_page_each",
    "allot, in pages of 50, each": "allot_page_each",
    "declare a dividend": "declare",
    "… the first on a chain": "declare_first",
    "fix who shares in it, each": "fix_distribution_each",
    "pay a dividend, in pages of 192, to wallets paid before, each": "pay_wallets_again_each",
    "… to wallets that never held money, each": "pay_wallets_first_each",
    "… to book accounts paid before, each": "pay_book_again_each",
    "claim a dividend, tax withheld": "claim_again",
    "… to a wallet that never held money": "claim_first",
}


def test_readme__gas_table__is_what_gas_json_keeps() -> None:
    kept = json.loads((ROOT / "benchmarks/gas.json").read_text(encoding="utf-8"))
    lines = (ROOT / "README.md").read_text(encoding="utf-8").split("## Gas", 1)[1].splitlines()
    cells = [[cell.strip() for cell in line.split("|")] for line in lines if line.startswith("| ")][1:]
    told = {row[1]: int(row[2].replace(" ", "")) for row in cells}
    assert told == {name: kept[key] for name, key in ROWS.items()}
