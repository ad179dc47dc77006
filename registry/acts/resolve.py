"""Companies and classes by whatever name somebody has for them."""

from __future__ import annotations

from registry.errors import InputError
from registry.mirror.queries import NOW, AsOf, Company, Queries, ShareClass


def find_company(queries: Queries, text: str, as_of: AsOf = NOW) -> Company:
    """By number or address."""
    if text.isascii() and text.isdigit() and len(text) < 10:
        return queries.company(int(text), as_of)
    if text[:2] in {"0x", "0X"} and len(text) == 42:
        try:
            return queries.company(bytes.fromhex(text[2:]), as_of)
        except ValueError:
            pass
    message = "a company is named by its number or its address"
    raise InputError(message, code="company_malformed", field="company", value=text)


def find_class(queries: Queries, company: Company, text: str, as_of: AsOf = NOW) -> ShareClass:
    """By position in the company, address, symbol or name; a word that fits two is refused."""
    classes = queries.classes(company.number, as_of)
    for matches in (_is_at, _is_called):
        found = [cls for cls in classes if matches(cls, text)]
        if len(found) == 1:
            return found[0]
        if found:
            message = f"{len(found)} classes of company {company.number} are called that: name one by its position"
            raise InputError(message, code="class_ambiguous", field="class", value=text)
    known = ", ".join(f"{cls.position} {cls.symbol or cls.name}" for cls in classes) or "none"
    message = f"company {company.number} has no such class; it has: {known}"
    raise InputError(message, code="class_unknown", field="class", value=text)


def _is_at(cls: ShareClass, text: str) -> bool:
    return text == str(cls.position) or text.lower() == f"0x{cls.address.hex()}"


def _is_called(cls: ShareClass, text: str) -> bool:
    return text in {cls.symbol, cls.name}
