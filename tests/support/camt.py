"""Statements of a bank in camt.053, written by hand."""

from __future__ import annotations


def amount(text: str, currency: str = "CNY") -> str:
    return f'<Amt Ccy="{currency}">{text}</Amt>'


def balance(code: str, text: str, sign: str = "CRDT") -> str:
    kind = f"<Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp>"
    return f"<Bal>{kind}{amount(text)}<CdtDbtInd>{sign}</CdtDbtInd><Dt><Dt>2026-01-01</Dt></Dt></Bal>"


def detail(
    reference: str = "",
    text: str = "",
    *,
    money: str = "",
    sign: str = "",
    note: str = "",
    order: str = "E",
    reason: str = "",
) -> str:
    """`order`: the EndToEndId; `reason`: why the bank returned it."""
    refs = f"<Refs>{acct_ref(reference) if reference else ''}<EndToEndId>{order}</EndToEndId></Refs>"
    direction = f"<CdtDbtInd>{sign}</CdtDbtInd>" if sign else ""
    remittance = f"<RmtInf><Ustrd>{text}</Ustrd></RmtInf>" if text else ""
    added = f"<AddtlTxInf>{note}</AddtlTxInf>" if note else ""
    returned = f"<RtrInf><Rsn><Cd>{reason}</Cd></Rsn><AddtlInf>closed 销户</AddtlInf></RtrInf>" if reason else ""
    return f"<TxDtls>{refs}{money}{direction}{remittance}{returned}{added}</TxDtls>"


def acct_ref(reference: str) -> str:
    return f"<AcctSvcrRef>{reference}</AcctSvcrRef>"


def entry(
    text: str = "100.00",
    reference: str = "R1",
    *,
    sign: str = "CRDT",
    status: str = "<Cd>BOOK</Cd>",
    booked: str = "<BookgDt><Dt>2026-01-05</Dt></BookgDt>",
    reversal: str = "",
    details: str = "",
    currency: str = "CNY",
    note: str = "",
) -> str:
    parts = [amount(text, currency), f"<CdtDbtInd>{sign}</CdtDbtInd>"]
    parts += [f"<RvslInd>{reversal}</RvslInd>"] if reversal else []
    parts += [f"<Sts>{status}</Sts>", booked]
    parts += [acct_ref(reference)] if reference else []
    parts += [f"<NtryDtls>{details}</NtryDtls>"] if details else []
    parts += [f"<AddtlNtryInf>{note}</AddtlNtryInf>"] if note else []
    return f"<Ntry>{''.join(parts)}</Ntry>"


def statement(*entries: str, opening: str = "0.00", closing: str = "0.00", account: str = "") -> str:
    account = account or "<Acct><Id><Othr><Id>4400</Id></Othr></Id><Ccy>CNY</Ccy></Acct>"
    return f"<Stmt>{account}{balance('OPBD', opening)}{balance('CLBD', closing)}{''.join(entries)}</Stmt>"


def message(*statements: str, version: str = "08", prolog: str = "") -> bytes:
    space = f"urn:iso:std:iso:20022:tech:xsd:camt.053.001.{version}"
    head = prolog or '<?xml version="1.0" encoding="UTF-8"?>\n'
    body = f"<BkToCstmrStmt><GrpHdr><MsgId>M</MsgId></GrpHdr>{''.join(statements)}</BkToCstmrStmt>"
    return f'{head}<Document xmlns="{space}">{body}</Document>'.encode()
