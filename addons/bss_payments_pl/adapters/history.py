"""Statements read before, as links of the chain that the kernel checks."""

from decimal import Decimal

from ..bank_core.chain import Link

#: neighbours are looked for among so many
NEAR = 60


def link_of(part):
    """A ``bss.bank.import.statement`` as a link."""
    return Link(
        start=part.date_start or None,
        end=part.date_end or None,
        opening=_decimal(part.balance_start) if part.has_opening else None,
        closing=_decimal(part.balance_end) if part.has_closing else None,
        number=part.number or "",
        page=part.page or "",
        from_page=part.is_opening_intermediate,
        to_page=part.is_closing_intermediate,
        line=part.line_no,
        number_line=part.number_line,
        opening_line=part.opening_line,
        arrival=part.id,
        number_field=part.number_field or "",
        opening_field=part.opening_field or "",
    )


def links_of(part):
    """{link: record} of imported statements around one of the same bank account, and of the others in its file."""
    if not part.date_end:
        return {}
    same = [
        ("journal_id", "=", part.journal_id.id),
        ("kind", "=", "statement"),
        ("account_number", "=", part.account_number),
        ("is_usable", "=", True),
        ("id", "!=", part.id),
        "|",
        ("is_done", "=", True),
        ("import_id", "=", part.import_id.id),
    ]
    earlier = part.search([*same, ("date_end", "<=", part.date_end)], order="date_end desc, id desc", limit=NEAR)
    later = part.search([*same, ("date_end", ">=", part.date_end)], order="date_end, id", limit=NEAR)
    return {link_of(other): other for other in earlier | later}


def _decimal(amount):
    return Decimal(f"{amount:.2f}")
