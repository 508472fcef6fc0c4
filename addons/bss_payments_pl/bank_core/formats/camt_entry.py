"""From the fields of a camt entry and its details to transactions.

Sources: ISO 20022 camt.052/053/054.001.01 to .08 message definitions. Amounts are exact decimals,
positive when money came in. Dates are the bank's own day as written: a zone behind an instant is not
converted, because the bank books by its own calendar.
"""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from .. import nrb
from ..model import Balance, Problem, Severity
from .camt_xml import Record
from .pieces import joined

_AMOUNT = re.compile(r"^\+?(?:\d{1,18}(?:\.\d{0,18})?|\.\d{1,18})$")
_CURRENCY = re.compile(r"^[A-Z]{3}$")
_THREE_DECIMALS = frozenset({"BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"})
_NO_REFERENCE = frozenset({"", "NOTPROVIDED", "NONREF", "NOT PROVIDED", "NONE"})
_TRUE = frozenset({"true", "1"})
_ACCOUNT_PATHS = ("Id/IBAN", "Id/Othr/Id", "Id/PrtryAcct/Id", "Id/BBAN", "Id/UPIC")


class Bad(Exception):
    """A value that cannot be used; the entry it stands in is unreadable."""

    def __init__(self, code: str, field: str, value: str):
        super().__init__(code)
        self.code, self.field, self.value = code, field, value

    def problem(self, line: int) -> Problem:
        return Problem(self.code, Severity.ERROR, line, self.field, {"value": self.value[:80]})


class Entry(NamedTuple):
    """What all details of one ``Ntry`` share."""

    line: int
    amount: Decimal
    currency: str
    is_reversal: bool
    status: str
    booked_on: date | None
    valued_on: date | None
    reference: str
    batch: str
    type_code: str
    business_code: str
    text: str


def amount(text: str, currency: str, field: str) -> Decimal:
    """:raises Bad: no amount, negative, or smaller parts of the currency than exist"""
    text = text.strip()
    if not _AMOUNT.match(text):
        raise Bad("AMOUNT_UNREADABLE", field, text)
    value = Decimal(text)
    unit = Decimal("0.001") if currency in _THREE_DECIMALS else Decimal("0.01")
    exact = value.quantize(unit)
    if exact != value:
        raise Bad("AMOUNT_DECIMALS", field, text)
    return exact


def only(record: Record, path: str) -> str:
    """
    The text of an element that the standard allows once.

    :raises Bad: it stands there twice, and nobody can say which counts
    """
    texts = record.all(path)
    if len(texts) > 1:
        raise Bad("VALUE_TWICE", path, " / ".join(text.strip()[:30] for text in texts[:2]))
    return texts[0].strip() if texts else ""


def currency(record: Record, path: str) -> str:
    """:raises Bad: not three capital letters, or told twice"""
    text = only(record, path + "@Ccy")
    if not _CURRENCY.match(text):
        raise Bad("CURRENCY_UNREADABLE", path, text)
    return text


def sign(record: Record, path: str = "CdtDbtInd") -> int:
    """:raises Bad: neither CRDT nor DBIT, or told twice"""
    text = only(record, path)
    if text not in ("CRDT", "DBIT"):
        raise Bad("MARK_UNREADABLE", path, text)
    return 1 if text == "CRDT" else -1


def day(record: Record, path: str) -> date | None:
    """:raises Bad: a date that does not exist"""
    text = record.first(f"{path}/Dt", f"{path}/DtTm", path).strip()
    if not text:
        return None
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        raise Bad("DATE_UNREADABLE", path, text) from None


def account(record: Record, path: str) -> str:
    """NRB without ``PL``, else the number as written; empty when there is none."""
    return nrb.normalise(record.first(*(f"{path}/{tail}" for tail in _ACCOUNT_PATHS)))


def reference(text: str) -> str:
    text = text.strip()
    return "" if text.upper() in _NO_REFERENCE else text


def _money(record: Record) -> tuple[Decimal, str]:
    """
    Signed amount and currency of an entry or balance.

    :raises Bad: one of them, or the mark, cannot be read or is told twice
    """
    text = only(record, "Amt")
    unit = currency(record, "Amt")
    return amount(text, unit, "Amt") * sign(record), unit


def read_balance(record: Record) -> tuple[str, Balance]:
    """Type (OPBD, CLBD, …) and balance.

    :raises Bad: amount, currency, mark or date cannot be read
    """
    code = record.first("Tp/CdOrPrtry/Cd", "Tp/Cd", "Tp/CdOrPrtry/Prtry")
    value, unit = _money(record)
    on = day(record, "Dt")
    if on is None:
        raise Bad("DATE_UNREADABLE", "Dt", "")
    return code, Balance(value, on, unit, record.line)


def read_entry(record: Record) -> Entry:
    """:raises Bad: amount, currency, mark, status or a date cannot be read, or is told twice"""
    value, unit = _money(record)
    batch = record.first("AcctSvcrRef", "NtryDtls/Btch/PmtInfId", "NtryDtls/Btch/MsgId", "Btch/PmtInfId", "NtryRef")
    return Entry(
        line=record.line,
        amount=value,
        currency=unit,
        is_reversal=record.first("RvslInd").strip() in _TRUE,
        status=_status(record),
        booked_on=day(record, "BookgDt"),
        valued_on=day(record, "ValDt"),
        reference=reference(record.first("AcctSvcrRef")),
        batch=reference(batch),
        type_code=_type_code(record),
        business_code=record.first("BkTxCd/Prtry/Cd").strip(),
        text=joined(record.all("AddtlNtryInf")),
    )


def _status(record: Record) -> str:
    """
    BOOK, PDNG, INFO, FUTR or the bank's own word, in capitals; the standard has no entry without one, some banks have.

    :raises Bad: told twice
    """
    texts = [only(record, path) for path in ("Sts", "Sts/Cd", "Sts/Prtry")]
    return next((text.upper() for text in texts if text), "BOOK")


def detail_amount(record: Record, entry_currency: str) -> Decimal | None:
    """Amount of a detail in the entry's currency, not signed; None when the bank does not say it.

    :raises Bad: it cannot be read, or is told twice
    """
    for path in ("Amt", "AmtDtls/TxAmt/Amt", "AmtDtls/CntrValAmt/Amt", "AmtDtls/InstdAmt/Amt"):
        text = only(record, path)
        if text and record.first(path + "@Ccy") in ("", entry_currency):
            return amount(text, entry_currency, path)
    return None


def title(record: Record, entry_text: str) -> str:
    """Unstructured lines, then numbers of the structured part that are not in them yet.

    Without remittance information what the bank says about the transaction or the entry.
    """
    text = joined(record.all("RmtInf/Ustrd"))
    for path in (
        "RmtInf/Strd/CdtrRefInf/Ref",
        "RmtInf/Strd/CdtrRefInf/CdtrRef",
        "RmtInf/Strd/RfrdDocInf/Nb",
        "RmtInf/Strd/RfrdDocInf/RfrdDocNb",
        "RmtInf/Strd/AddtlRmtInf",
    ):
        for part in record.all(path):
            part = part.strip()
            if part and part not in text:
                text = f"{text} {part}" if text else part
    return text or joined(record.all("AddtlTxInf")) or entry_text


def party_name(record: Record, role: str) -> str:
    for prefix in (f"RltdPties/{role}", f"RltdPties/Ultmt{role}"):
        found = record.first(*(f"{prefix}/{tail}Nm" for tail in _PARTY_TAILS))
        if found.strip():
            return found.strip()
    return ""


def party_address(record: Record, role: str) -> str:
    for prefix in (f"RltdPties/{role}", f"RltdPties/Ultmt{role}"):
        for tail in _PARTY_TAILS:
            found = _address(record, f"{prefix}/{tail}PstlAdr")
            if found:
                return found
    return ""


_PARTY_TAILS = ("Pty/", "", "Agt/FinInstnId/", "Agt/FinInstnId/NmAndAdr/")


def original_reference(record: Record) -> str:
    """The bank's reference of the transaction that this one takes back, where the bank names it."""
    for path in ("RtrInf/OrgnlAcctSvcrRef", "Refs/OrgnlAcctSvcrRef", "RtrInf/OrgnlTxId", "Refs/OrgnlTxId"):
        found = reference(record.first(path))
        if found:
            return found
    kinds, values = record.all("Refs/Prtry/Tp"), record.all("Refs/Prtry/Ref")
    for kind, value in zip(kinds, values, strict=False):
        if kind.strip().upper().startswith(("ORIG", "ORGNL")):
            return reference(value)
    return ""


def return_reason(record: Record) -> str:
    """ISO code (AC06), else the bank's own code or its words; empty when nothing is returned."""
    found = record.first(
        "RtrInf/Rsn/Cd", "RtrInf/RtrRsn/Cd", "RtrInf/Rsn/Prtry", "RtrInf/RtrRsn/Prtry", "RtrInf/AddtlInf"
    )
    if found.strip():
        return found.strip()
    return "RETURN" if any(path.startswith("RtrInf/") for path in record.values) else ""


def _address(record: Record, path: str) -> str:
    lines = [line.strip() for line in record.all(f"{path}/AdrLine") if line.strip()]
    street = " ".join(part for part in (record.first(f"{path}/StrtNm"), record.first(f"{path}/BldgNb")) if part)
    town = " ".join(part for part in (record.first(f"{path}/PstCd"), record.first(f"{path}/TwnNm")) if part)
    return ", ".join(part for part in (*lines, street, town, record.first(f"{path}/Ctry")) if part)


def _type_code(record: Record) -> str:
    family = [record.first(f"BkTxCd/Domn/{tail}") for tail in ("Cd", "Fmly/Cd", "Fmly/SubFmlyCd")]
    return "-".join(part.strip() for part in family if part) or record.first("BkTxCd/Prtry/Cd").strip()
