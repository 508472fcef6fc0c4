"""An open camt statement: its head and foot, and transactions made of entries and details."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from xml.sax.saxutils import escape

from .. import nrb
from ..model import (
    Balance,
    Event,
    Kind,
    Problem,
    Severity,
    StatementFoot,
    StatementHead,
    Transaction,
    Unreadable,
    balance_problem,
)
from . import camt_entry
from .camt_entry import Bad, Entry
from .camt_xml import Record

MAX_BALANCES = 50
_BOOKED = frozenset({"OPBD", "PRCD", "CLBD", "ITBD"})
#: how the details of an entry get their signs; "" = they do not add up to the entry
OWN, ENTRYS, NONE = "own", "entry", ""


class OpenStatement:
    """The open statement."""

    def __init__(self, record: Record, kind: Kind, header: Record | None):
        self.record = record
        self.kind = kind
        self.header = header
        self.currency = ""
        self.own = ""
        self.position = 0
        self.balances: list[tuple[str, Balance]] = []
        self.opening: Balance | None = None
        self.movement = Decimal(0)
        self.untold: list[Problem] = []
        self.is_head_sent = False

    # --- head and foot

    def balance(self, record: Record) -> None:
        try:
            code, found = camt_entry.read_balance(record)
        except Bad as bad:
            problem = bad.problem(record.line)
            self._tell(replace(problem, code="BALANCE_UNREADABLE", field=f"Bal/{bad.field}"))
            return
        expected = self._currency()
        if expected and found.currency != expected:
            params = {"value": found.currency, "expected": expected}
            self._tell(Problem("CURRENCY_DIFFERS", Severity.ERROR, record.line, f"Bal/{code}"[:40], params))
        elif len(self.balances) < MAX_BALANCES:
            self.balances.append((code, found))

    def _tell(self, problem: Problem) -> None:
        if len(self.untold) < MAX_BALANCES:
            self.untold.append(problem)

    def _currency(self) -> str:
        """Of the account, else of the booked balances; what is available may be told in another one."""
        return (
            self.currency
            or self.record.first("Acct/Ccy").strip()
            or next((found.currency for code, found in self.balances if code in _BOOKED), "")
        )

    def head(self, currency: str = "") -> Iterator[Event]:
        """``currency`` of the first entry counts where account and balances name none."""
        if self.is_head_sent:
            return
        self.is_head_sent = True
        record = self.record
        self.own = camt_entry.account(record, "Acct")
        self.currency = self._currency() or currency
        page, _is_last = self._page()
        self.opening = self._balance("OPBD", "PRCD")
        if self.opening is None and self.kind == "statement" and page.isdigit() and page != "1":
            interim = self._balance("ITBD")
            self.opening = replace(interim, intermediate=True) if interim else None
        yield StatementHead(
            line=record.line,
            reference=record.first("Id").strip(),
            account=self.own,
            number=record.first("ElctrncSeqNb", "LglSeqNb").strip(),
            page=page,
            opening=self.opening,
            currency=self.currency,
            account_line=_line_of(record, "Acct/"),
            number_line=_line_of(record, "ElctrncSeqNb", "LglSeqNb"),
            kind=self.kind,
        )
        if not self.own:
            yield Problem("ACCOUNT_MISSING", Severity.ERROR, record.line, "Acct")
        elif self.own.isdigit() and len(self.own) == 26 and not nrb.is_valid(self.own):
            line = _line_of(record, "Acct/")
            yield Problem("NRB_CHECK_DIGITS", Severity.WARNING, line, "Acct", {"value": self.own})
        yield from self.untold
        self.untold = []
        if self.opening is None and self.kind == "statement":
            yield Problem("OPENING_MISSING", Severity.WARNING, record.line, "Bal/OPBD")

    def foot(self) -> Iterator[Event]:
        yield from self.untold
        self.untold = []
        closing = self._balance("CLBD")
        _page, is_last = self._page()
        if closing is None and (not is_last or self.kind == "interim"):
            interim = [found for code, found in self.balances if code == "ITBD"]
            used = self.opening is not None and self.opening.intermediate
            interim = interim[1:] if used else interim
            closing = replace(interim[-1], intermediate=True) if interim else None
        if closing is None and self.kind == "statement":
            yield Problem("CLOSING_MISSING", Severity.WARNING, self.record.line, "Bal/CLBD")
        field = "Bal/ITBD" if closing and closing.intermediate else "Bal/CLBD"
        wrong = balance_problem(self.opening, closing, self.movement, field)
        if wrong and self.kind == "statement":
            yield wrong
        info = self.record.first("AddtlStmtInf", "AddtlRptInf", "AddtlNtfctnInf").strip()
        available = self._balance("CLAV", "ITAV")
        yield StatementFoot(closing.line if closing else self.record.line, closing, available, info)

    def _balance(self, *codes: str) -> Balance | None:
        expected = self._currency()
        fitting = [(kind, found) for kind, found in self.balances if expected in ("", found.currency)]
        return next((found for code in codes for kind, found in fitting if kind == code), None)

    def _page(self) -> tuple[str, bool]:
        """Number of the page, empty when there is one only, and whether it is the last."""
        names = ("StmtPgntn", "RptPgntn", "NtfctnPgntn")
        number = self.record.first(*(f"{name}/PgNb" for name in names)).strip()
        last = self.record.first(*(f"{name}/LastPgInd" for name in names)).strip()
        if not number and self.header:
            number = self.header.first("MsgPgntn/PgNb").strip()
            last = self.header.first("MsgPgntn/LastPgInd").strip()
        is_last = last not in ("false", "0")
        return ("" if number in ("", "1") and is_last else number), is_last

    # --- entries

    def open_entry(self, record: Record) -> Generator[Event, None, Entry | None]:
        """The entry when it may be used; otherwise what is wrong with it comes out and None returns."""
        try:
            entry = camt_entry.read_entry(record)
        except Bad as bad:
            yield from self.head()
            yield self._unreadable(record, bad.problem(record.line))
            return None
        yield from self.head(entry.currency if entry.status == "BOOK" else "")
        if entry.status != "BOOK":
            params = {"status": entry.status[:20], "amount": str(entry.amount), "currency": entry.currency}
            yield Problem("ENTRY_NOT_BOOKED", Severity.INFO, record.line, "Sts", params)
            return None
        self.currency = self.currency or entry.currency
        if entry.currency != self.currency:
            params = {"value": entry.currency, "expected": self.currency}
            yield self._unreadable(record, Problem("CURRENCY_DIFFERS", Severity.ERROR, record.line, "Amt", params))
            return None
        return entry

    def _unreadable(self, record: Record, problem: Problem) -> Unreadable:
        self.position += 1
        return Unreadable(record.line, self.position, problem, record.raw)

    def one_line(self, entry: Entry, record: Record, details: list[Record], problem: Problem | None) -> Transaction:
        """The entry as one transaction; of several details that do not add up nothing is believed."""
        detail = details[0] if len(details) == 1 else None
        return self._transaction(entry, detail or record, entry.amount, record.raw, (), problem)

    def detail(self, entry: Entry, record: Record, mode: str) -> Transaction | Unreadable:
        value = camt_entry.detail_amount(record, entry.currency)
        assert value is not None  # the sum was checked
        negative = record.first("CdtDbtInd").strip() == "DBIT" if mode == OWN else entry.amount < 0
        value = -value if negative else value
        return self._transaction(entry, record, value, _alone(entry, record, value), (entry.batch,), None)

    def _transaction(
        self,
        entry: Entry,
        record: Record,
        value: Decimal,
        raw: str,
        batch: tuple[str, ...],
        problem: Problem | None,
    ) -> Transaction:
        self.position += 1
        self.movement += value
        problems = [problem] if problem else []
        if record.cut:
            problems.append(Problem("TEXT_CUT", Severity.WARNING, record.line, record.cut[-60:]))
        is_detail = record.kind == "detail"
        reason = camt_entry.return_reason(record) if is_detail else ""
        mark = _mark(value, entry.is_reversal or bool(reason))
        role = self._party_role(record, mark)
        booked, valued = self._days(entry, record, problems)
        end_to_end = camt_entry.reference(record.first("Refs/EndToEndId"))
        return Transaction(
            line=record.line,
            position=self.position,
            value_date=valued,
            entry_date=booked,
            amount=value,
            mark=mark,
            funds_code="",
            type_code=entry.type_code,
            owner_ref=end_to_end,
            bank_ref=_bank_reference(entry, record),
            supplement="",
            business_code=entry.business_code,
            title=camt_entry.title(record, entry.text) if is_detail else entry.text,
            party_name=camt_entry.party_name(record, role),
            party_address=camt_entry.party_address(record, role),
            party_account=_number(record, f"RltdPties/{role}Acct", problems),
            payer_key=self._payer_key(record, role, mark, problems),
            details=_details(entry, record),
            raw=raw,
            problems=tuple(problems),
            end_to_end=end_to_end,
            original_ref=camt_entry.original_reference(record),
            return_reason=reason,
            batch_ref=batch[0] if batch else "",
        )

    def _days(self, entry: Entry, record: Record, problems: list[Problem]) -> tuple[date, date]:
        booked = entry.booked_on or entry.valued_on
        if booked is None:
            problems.append(Problem("DATE_MISSING", Severity.WARNING, record.line, "BookgDt"))
            booked = self._made_on()
        return booked, entry.valued_on or booked

    def _made_on(self) -> date:
        for path in ("FrToDt/ToDtTm", "CreDtTm"):
            try:
                found = camt_entry.day(self.record, path)
            except Bad:
                continue
            if found:
                return found
        return self.balances[-1][1].day if self.balances else date(1970, 1, 1)

    def _party_role(self, record: Record, mark: str) -> str:
        """Which party is the other one: in a reversal banks name the parties now this way, now that."""
        expected, other = ("Dbtr", "Cdtr") if mark in ("C", "RD") else ("Cdtr", "Dbtr")
        if mark in ("C", "D"):
            return expected
        found = camt_entry.account(record, f"RltdPties/{expected}Acct")
        turned = camt_entry.account(record, f"RltdPties/{other}Acct")
        return other if turned and turned != self.own and found in ("", self.own) else expected

    def _payer_key(self, record: Record, role: str, mark: str, problems: list[Problem]) -> str:
        """The virtual account that was credited."""
        if role != "Dbtr" or mark == "D":
            return ""
        found = camt_entry.account(record, "RltdPties/CdtrAcct")
        if found == self.own or len(found) != 26 or not found.isdigit():
            return ""
        return _number(record, "RltdPties/CdtrAcct", problems)


def _number(record: Record, path: str, problems: list[Problem]) -> str:
    """Account number of a party; a damaged Polish one is told and left out."""
    found = camt_entry.account(record, path)
    if len(found) == 26 and found.isdigit() and not nrb.is_valid(found):
        problems.append(Problem("NRB_CHECK_DIGITS", Severity.WARNING, record.line, path, {"value": found}))
        return ""
    return found


def _alone(entry: Entry, record: Record, value: Decimal) -> str:
    """A detail as an entry of its own, so that its text can be read again without the batch."""
    parts = [
        f'<Ntry><Amt Ccy="{entry.currency}">{abs(value)}</Amt>',
        f"<CdtDbtInd>{'DBIT' if value < 0 else 'CRDT'}</CdtDbtInd>",
        "<RvslInd>true</RvslInd>" if entry.is_reversal else "",
        f"<BookgDt><Dt>{entry.booked_on}</Dt></BookgDt>" if entry.booked_on else "",
        f"<ValDt><Dt>{entry.valued_on}</Dt></ValDt>" if entry.valued_on else "",
        f"<AcctSvcrRef>{escape(entry.reference)}</AcctSvcrRef>" if entry.reference else "",
        f"<BkTxCd><Prtry><Cd>{escape(entry.type_code)}</Cd></Prtry></BkTxCd>" if entry.type_code else "",
        f"<NtryDtls>{record.raw}</NtryDtls>",
        f"<AddtlNtryInf>{escape(entry.text)}</AddtlNtryInf>" if entry.text else "",
        "</Ntry>",
    ]
    return "".join(parts)


def _mark(value: Decimal, is_reversal: bool) -> str:
    """As in MT940: RC takes a credit back, so it is money out."""
    if is_reversal:
        return "RC" if value < 0 else "RD"
    return "D" if value < 0 else "C"


def _bank_reference(entry: Entry, record: Record) -> str:
    for path in ("Refs/AcctSvcrRef", "", "Refs/TxId", "Refs/UETR", "Refs/ClrSysRef"):
        found = camt_entry.reference(record.first(path)) if path else entry.reference
        if found:
            return found
    return ""


def _details(entry: Entry, record: Record) -> str:
    extra = [*record.all("AddtlTxInf"), *record.all("RtrInf/AddtlInf"), entry.text]
    return "\n".join(dict.fromkeys(text.strip() for text in extra if text.strip()))


def _line_of(record: Record, *prefixes: str) -> int:
    return next((line for prefix in prefixes for path, line in record.line_of.items() if path.startswith(prefix)), 0)
