"""What is counted while a bank file is read for the first time."""

from .adapters.values import storable
from .bank_core.model import Problem, Severity

#: what the number and the opening balance are called
FIELDS = {"mt940": (":28C:", ":60F:", ":60M:"), "camt": ("ElctrncSeqNb", "Bal/OPBD", "Bal/OPBD")}
NO_FIELDS = ("", "", "")


class PartReading:
    """Counts and sums of one statement, entry by entry."""

    def __init__(self, head, place, file_format):
        self.head = head
        self.place = place
        self.fields = FIELDS.get(file_format, NO_FIELDS)
        self.foot = None
        self.count = self.count_unreadable = 0
        self.credits = self.debits = 0
        self.first = head.opening.day if head.opening else None
        self.last = None
        self.is_usable = True

    def take(self, tx):
        self.count += 1
        if tx.amount > 0:
            self.credits += tx.amount
        else:
            self.debits -= tx.amount
        self._see(tx.entry_date)

    def take_unreadable(self, _row):
        self.count += 1
        self.count_unreadable += 1

    def end(self, foot):
        self.foot = foot
        if foot.closing:
            self._see(foot.closing.day)

    def _see(self, day):
        if self.first is None or day < self.first:
            self.first = day
        if self.last is None or day > self.last:
            self.last = day

    @property
    def kind(self):
        """Entries between no balances prove nothing, whatever the message calls itself."""
        bare = self.head.kind == "statement" and self.opening is None and self.closing is None
        return "interim" if bare else self.head.kind

    @property
    def opening(self):
        return self.head.opening.amount if self.head.opening else None

    @property
    def closing(self):
        return self.foot.closing.amount if self.foot and self.foot.closing else None

    def vals(self, import_id):
        """Values of a ``bss.bank.import.statement``."""
        head, closing = self.head, self.foot.closing if self.foot else None
        opening = head.opening
        number_field, first_field, page_field = self.fields
        return {
            "import_id": import_id,
            "sequence": self.place,
            "kind": self.kind,
            "is_usable": self.is_usable,
            "account_number": storable(head.account),
            "currency_code": head.currency,
            "number": storable(head.number),
            "page": storable(head.page),
            "line_no": head.line,
            "number_line": head.number_line,
            "opening_line": opening.line if opening else 0,
            "number_field": number_field,
            "opening_field": page_field if opening and opening.intermediate else first_field,
            "date_start": opening.day if opening else self.first,
            "date_end": closing.day if closing else self.last or self.first,
            "balance_start": float(self.opening or 0),
            "balance_end": float(self.closing or 0),
            "has_opening": self.opening is not None,
            "has_closing": self.closing is not None,
            "is_opening_intermediate": bool(opening and opening.intermediate),
            "is_closing_intermediate": bool(closing and closing.intermediate),
            "count_entries": self.count,
            "count_unreadable": self.count_unreadable,
            "amount_credits": float(self.credits),
            "amount_debits": float(self.debits),
        }


def refusal(reading, own_account, currency):
    """Why a statement cannot be used for a bank account in a currency; None when it can."""
    head = reading.head
    if head.account != own_account:
        params = {"value": head.account or "?", "expected": own_account}
        tag = ":25:" if reading.fields[0] == ":28C:" else "Acct"
        return Problem("OTHER_ACCOUNT", Severity.ERROR, head.account_line or head.line, tag, params)
    if head.currency and head.currency != currency:
        line = head.opening.line if head.opening else head.line
        params = {"value": head.currency, "expected": currency}
        return Problem("OTHER_CURRENCY", Severity.ERROR, line, reading.fields[1], params)
    return None
