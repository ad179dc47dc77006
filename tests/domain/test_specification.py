"""SPECIFICATION.md, the domain and the contracts say the same, and every rule of it is cited by a test."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

import pytest

from registry.domain.raise_args import OfferingTerms
from registry.domain.rules import BY_CODE, ActKind, Basis, CompanyRole, Phase, RegistryRole, Rule, applying, code_of
from registry.domain.subscription_rules import SubscriptionRule

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "SPECIFICATION.md").read_text(encoding="utf-8")
ID = re.compile(r"\b([A-Z]{2,3}-\d+)\b")
ROWS = [[cell.strip() for cell in line.strip("|").split("|")] for line in TEXT.splitlines() if line.startswith("|")]


def source(name: str) -> str:
    return (ROOT / "contracts" / name).read_text(encoding="utf-8")


def enum_of(name: str, file: str) -> list[str]:
    body = re.sub(r"//.*", "", re.search(rf"enum {name} \{{(.*?)\}}", source(file), re.DOTALL).group(1))  # type: ignore[union-attr]
    return [item.strip() for item in body.split(",") if item.strip()]


def test_rules__every_id_of_the_specification__is_cited_by_a_test() -> None:
    cited: set[str] = set()
    for file in (ROOT / "tests").rglob("*.py"):
        if file != Path(__file__):
            cited |= set(ID.findall(file.read_text(encoding="utf-8")))
    defined = set(re.findall(r"^- \*\*([A-Z]+-\d+)\*\*", TEXT, re.MULTILINE))
    defined |= {rule.id for rule in Rule} | {rule.id for rule in SubscriptionRule}
    assert len(defined) > 50
    assert defined - cited == set()


def test_rules__every_id_cited_by_a_test__is_in_the_specification() -> None:
    families = {rule.id.split("-")[0] for rule in (*Rule, *SubscriptionRule)}
    families |= set(re.findall(r"^- \*\*([A-Z]+)-\d+\*\*", TEXT, re.MULTILINE))
    known = set(ID.findall(TEXT))
    for file in (ROOT / "tests" / "domain").glob("*.py"):
        for found in ID.findall(file.read_text(encoding="utf-8")):
            assert found.split("-")[0] not in families or found in known, (file.name, found)


@pytest.mark.parametrize("rule", list(Rule), ids=lambda rule: rule.id)
def test_rule__in_domain_contracts_and_specification__is_the_same(rule: Rule) -> None:
    assert re.search(rf"constant {rule.name} = 1 << {rule.code - 1}; // {rule.id}\n", source("libraries/Rules.sol"))
    text = f"{rule.text_en} / {rule.text_zh}"
    solidity = source("libraries/ReasonTexts.sol")
    assert f'if (code == {rule.code}) return unicode"{text}";' in solidity or (
        rule.code == 10 and f'return unicode"{text}";' in solidity
    )
    assert [rule.id, str(rule.code), rule.text_en, rule.text_zh] in [[r[0], r[1], *r[3:]] for r in ROWS if len(r) == 5]
    assert BY_CODE[rule.code] is rule
    assert code_of(rule | Rule.AUTHORISED) == rule.code


@pytest.mark.parametrize("rule", list(SubscriptionRule), ids=lambda rule: rule.id)
def test_subscription_rule__in_domain_contracts_and_specification__is_the_same(rule: SubscriptionRule) -> None:
    solidity = source("libraries/SubscriptionRules.sol")
    assert re.search(rf"constant {rule.name} = 1 << {rule.code - 1}; // {rule.id}\n", solidity)
    assert [rule.id, str(rule.code), rule.text_en, rule.text_zh] in [[r[0], r[1], *r[3:]] for r in ROWS if len(r) == 5]
    assert len(re.findall(r"constant \w+ = 1 << \d+;", solidity)) == len(SubscriptionRule)


def test_terms__of_a_raise__are_the_fields_that_the_factory_refuses() -> None:
    factory = source("offering/OfferingFactory.sol")
    refused = {int(number) for number in re.findall(r"OfferingMalformed\((\d+)\)", factory)}
    names = [field.name for field in fields(OfferingTerms)]
    assert len(names) == 19
    rows = [row for row in ROWS if len(row) == 3 and row[0].isdecimal()]
    assert {int(row[0]) for row in rows} == refused


def test_applying__every_basis__is_the_table_of_the_specification() -> None:
    columns = (
        Basis.AGREEMENT,
        Basis.ALLOTMENT,
        Basis.OWN_ACCOUNT,
        Basis.SUBSCRIPTION,
        Basis.MIGRATION,
        Basis.LAW,
    )
    table = {row[0]: row[1:] for row in ROWS if len(row) == 7 and set(row[1:]) <= {"●", "·"}}
    assert set(table) == {rule.id for rule in Rule}
    for rule in Rule:
        marks = ["●" if rule & applying(basis) else "·" for basis in columns]
        assert table[rule.id] == marks, rule.id


def test_enums__of_domain_and_contracts__have_the_same_order() -> None:
    assert enum_of("ActKind", "types/Act.sol") == [kind.name for kind in ActKind]
    assert enum_of("Basis", "types/Act.sol") == [basis.name for basis in Basis]
    for enum, file in ((RegistryRole, "IIdentityRegistry"), (CompanyRole, "ICompany")):
        for role in enum:
            assert f"constant {role.name} = {role.value};" in source(f"interfaces/{file}.sol")
    for phase in Phase:
        assert f"constant {phase.name} = {phase.value};" in source("types/Charter.sol")


def test_stops__of_a_class_word__are_the_first_five_rules() -> None:
    stops = dict(re.findall(r"internal constant (\w+) = (\d+);", source("types/ClassWord.sol")))
    names = {"REGULATOR": Rule.REGULATOR_STOP, "COMPANY": Rule.COMPANY_STOP, "CLASS": Rule.CLASS_STOP}
    names |= {"NOT_OPEN": Rule.NOT_OPEN, "CLOSED": Rule.CLOSED}
    assert {name: int(bit) for name, bit in stops.items()} == {name: rule.value for name, rule in names.items()}


def test_errors__of_the_contracts__are_raised_by_the_domain_or_belong_to_the_chain_alone() -> None:
    declared = set(re.findall(r"^error (\w+)\(", source("types/Errors.sol"), re.MULTILINE))
    texts = [file.read_text(encoding="utf-8") for file in (ROOT / "registry/domain").rglob("*.py")]
    raised = {name for text in texts for name in re.findall(r'Refusal\(\s*"(\w+)"', text)}
    # A clone can be initialised once, by its factory; a pure model has no clones, and uses no gas.
    assert declared - raised == {"AlreadyInitialised", "GasTooLow"}
    assert {name for name in raised - declared if not name.startswith("ERC")} == set()
