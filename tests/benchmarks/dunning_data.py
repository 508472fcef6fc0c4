"""Overdue accounts by rows: a few are made through Odoo, then copied in PostgreSQL with their partners and invoices."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from bss_cli.copies import Table, multiply

#: first night of dunning; what the patterns owe fell due on one of these numbers of days before
NIGHT = date(2026, 10, 20)
#: kind of the customer and days overdue of his three documents; one pattern in four takes a step in the first night
PATTERNS = (
    ("consumer", (2, 1, 1), 60.0),
    ("consumer", (2, 2, 1), 89.0),
    ("consumer", (40, 30, 9), 120.0),
    ("consumer", (2, 1, 1), 4.0),
    ("consumer", (1, 1, 1), 45.5),
    ("company", (9, 8, 7), 350.0),
    ("consumer", (2, 2, 2), 5.0),
    ("company", (2, 1, 1), 990.0),
    ("consumer", (70, 8, 7), 33.0),
    ("sole_trader", (2, 1, 1), 77.0),
    ("consumer", (1, 1, 1), 19.0),
    ("consumer", (2, 1, 1), 99.0),
)
TABLES = (
    Table("res_partner", values={"name": "'Dłużnik ' || copy.k", "complete_name": "'Dłużnik ' || copy.k"}),
    Table("bss_account", "res_partner", "partner_id", {"name": "'D' || lpad(copy.k::text, 8, '0')"}),
    Table(
        "account_move",
        "bss_account",
        "bss_account_id",
        {
            "name": "source.name || '/' || copy.k",
            "sequence_number": "source.sequence_number",
            "access_token": "NULL",
        },
    ),
    Table("account_move_line", "account_move", "move_id", {"move_name": "source.move_name || '/' || copy.k"}),
)


def company(env: Any) -> Any:
    """The demo operator without its demo customers' debts."""
    found = env["bss.demo"].load(date(2026, 11, 1))["company"]
    return env(context={**env.context, "allowed_company_ids": found.ids, "lang": "pl_PL", "tz": "Europe/Warsaw"})


def build(env: Any, accounts: int) -> None:
    """``accounts`` overdue accounts with three open documents each, and nothing else overdue in the company."""
    roots = _patterns(env)
    env.flush_all()
    env.cr.execute("CREATE TEMP TABLE debtor (k int PRIMARY KEY) ON COMMIT DROP")
    env.cr.execute("INSERT INTO debtor SELECT generate_series(1, %s)", (accounts - len(roots),))
    multiply(env.cr, roots.ids, accounts - len(roots), TABLES, "debtor")
    env.cr.commit()
    env.invalidate_all()
    env.cr.execute("ANALYZE")
    env.cr.commit()


def _patterns(env: Any) -> Any:
    partners = env["res.partner"].create(
        [
            {
                "name": f"Wzór {n}",
                "bss_customer_kind": kind,
                "is_company": kind == "company",
                "country_id": env.ref("base.pl").id,
            }
            for n, (kind, _late, _amount) in enumerate(PATTERNS)
        ]
    )
    accounts = env["bss.account"].create(
        [{"partner_id": partner.id, "company_id": env.company.id} for partner in partners]
    )
    moves = env["account.move"].create(
        [
            {
                "move_type": "out_invoice",
                "partner_id": account.partner_id.id,
                "bss_account_id": account.id,
                "invoice_date": min(NIGHT - timedelta(days=late + 14), date(2026, 10, 1)),
                "invoice_date_due": NIGHT - timedelta(days=late),
                "invoice_payment_term_id": False,
                "invoice_line_ids": [(0, 0, {"name": "Abonament", "price_unit": amount, "tax_ids": [(5,)]})],
            }
            for account, (_kind, lates, amount) in zip(accounts, PATTERNS, strict=True)
            for late in lates
        ]
    )
    moves.action_post()
    return partners
