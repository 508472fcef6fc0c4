"""Texts of camt messages for tests, piece by piece, and the reader they are given to."""

from __future__ import annotations

from bank_core import formats
from bank_core.model import BankFile, Transaction

PAYER = "38109010140000071219812900"
VIRTUAL = "61103000191234000000000101"
OWN = "71103000190000111122223333"


def read(content: bytes | str, **options: str) -> BankFile:
    data = content.encode() if isinstance(content, str) else content
    return formats.read("camt", data, **options)


def balance(code: str, amount: str, day: str = "2026-10-02", mark: str = "CRDT") -> str:
    return (
        f"<Bal><Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp><Amt Ccy='PLN'>{amount}</Amt>"
        f"<CdtDbtInd>{mark}</CdtDbtInd><Dt><Dt>{day}</Dt></Dt></Bal>"
    )


def detail(amount: str = "", mark: str = "", inner: str = "", currency: str = "PLN") -> str:
    told = f"<Amt Ccy='{currency}'>{amount}</Amt>" if amount else ""
    return f"<TxDtls>{told}{f'<CdtDbtInd>{mark}</CdtDbtInd>' if mark else ''}{inner}</TxDtls>"


def entry(amount: str = "10.00", mark: str = "CRDT", details: str = "", before: str = "", day: str = "") -> str:
    booked = day or "<BookgDt><Dt>2026-10-02</Dt></BookgDt>"
    return (
        f"<Ntry><Amt Ccy='PLN'>{amount}</Amt><CdtDbtInd>{mark}</CdtDbtInd>{before}<Sts>BOOK</Sts>{booked}"
        f"<AcctSvcrRef>E1</AcctSvcrRef><NtryDtls>{details}</NtryDtls></Ntry>"
    )


def message(*parts: str, before: str = "", kind: str = "Stmt", head: str = "") -> str:
    container = {"Stmt": "BkToCstmrStmt", "Rpt": "BkToCstmrAcctRpt", "Ntfctn": "BkToCstmrDbtCdtNtfctn"}[kind]
    return (
        f"<?xml version='1.0'?>\n{before}<Document xmlns='urn:iso:std:iso:20022:tech:xsd:camt.053.001.08'>\n<{container}>{head}"
        f"<{kind}><Id>S1</Id><Acct><Id><IBAN>PL{OWN}</IBAN></Id><Ccy>PLN</Ccy></Acct>{''.join(parts)}</{kind}>"
        f"</{container}></Document>"
    )


def codes(found: BankFile) -> list[str]:
    return [problem.code for problem in found.all_problems]


def only(*parts: str) -> Transaction:
    (row,) = read(message(*parts)).transactions
    return row
