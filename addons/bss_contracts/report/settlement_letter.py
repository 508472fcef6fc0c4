"""What a printed statement says, as text for the template."""

from decimal import Decimal
from typing import Any

from ..document_core import amount_in_words, format_amount, format_date, format_money
from ..settlement_core import Movement, Statement, words


def letter_content(statement: Statement, lang: str, currency: str, with_accounts: bool = False) -> dict[str, Any]:
    """Texts of ``settlement.typ`` besides the frame.

    :param with_accounts: name the billing account of each movement (statement of a customer with several)
    """
    say = words(lang)
    closing = statement.closing
    return {
        "title": say["title_" + statement.kind],
        "kind": statement.kind,
        "words": say,
        "currency": currency,
        "period": f"{format_date(statement.date_from) or say['from_start']} – {format_date(statement.as_of)}"
        if statement.kind == "movements"
        else "",
        "as_of": format_date(statement.as_of),
        "opening": format_amount(statement.opening),
        "opening_day": format_date(statement.date_from),
        "opening_open": _sum(statement.opening_open),
        "debit": format_amount(statement.debit),
        "credit": format_amount(statement.credit),
        "closing": format_amount(closing),
        "closing_money": format_money(abs(closing), currency),
        "amount_open": format_amount(statement.amount_open),
        "overdue": format_money(statement.overdue, currency) if statement.overdue else "",
        "verdict": say["to_pay"] if closing > 0 else say["credit_balance"] if closing < 0 else say["even"],
        "favour": say["in_our_favour"] if closing >= 0 else say["in_your_favour"],
        "in_words": amount_in_words(abs(closing)) if lang == "pl" and currency == "PLN" else "",
        "rows": [_row(one, with_accounts, say) for one in statement.movements],
    }


def _row(one: Movement, with_accounts: bool, say: dict[str, str]) -> dict[str, Any]:
    links = [f"{link.number or say['another_account']} ({format_amount(link.amount)})" for link in one.links]
    return {
        "day": format_date(one.day),
        "kind": say["kind_" + one.kind],
        "number": one.number,
        "account": one.account if with_accounts else "",
        "issued": format_date(one.issued),
        "due": format_date(one.due),
        "debit": _sum(one.debit),
        "credit": _sum(one.credit),
        "balance": format_amount(one.balance),
        "amount_open": _sum(one.amount_open),
        "overdue_days": str(one.overdue_days) if one.overdue_days else "",
        "links": ", ".join(links),
    }


def _sum(value: Decimal) -> str:
    return format_amount(value) if value else ""
