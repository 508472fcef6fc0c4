"""Child of ``test_payments_together``: books payments of the same invoices as another, or bank entries by hand.

Called as ``python -m tests.soak.payments_together_child CONF DATABASE prepare INVOICES``, ``… work WORKER``,
``… clerk SECONDS`` and ``… digest``.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from datetime import date
from decimal import Decimal
from typing import Any

from tests.soak.child import digest, environment, tell_found
from tests.soak.together import again, post_for, ready, repeats

DAY = date(2026, 11, 16)
CHUNK = 25
AMOUNT = 5000


def prepare(env: Any, count: int) -> None:
    """As many customers with an invoice of 70.00 each: two payments of 50.00 are too much for it."""
    company = env["bss.demo"].load(date(2026, 11, 1))["company"]
    env = env(context={**env.context, "allowed_company_ids": company.ids})
    cycle = env["bss.bill.cycle"].search([("company_id", "=", company.id)], limit=1)
    partners = env["res.partner"].create([{"name": f"Customer {n:05}"} for n in range(count)])
    accounts = env["bss.account"].create([{"partner_id": one.id, "bill_cycle_id": cycle.id} for one in partners])
    moves = env["account.move"].create(
        [
            {
                "move_type": "out_invoice",
                "partner_id": account.partner_id.id,
                "bss_account_id": account.id,
                "invoice_date": date(2026, 11, 2),
                "invoice_line_ids": [(0, 0, {"name": "Internet", "price_unit": 70, "tax_ids": [(5,)]})],
            }
            for account in accounts
        ]
    )
    moves.action_post()
    env["ir.config_parameter"].set_param("tests.accounts", json.dumps(accounts.ids))
    env["ir.config_parameter"].set_param("tests.company", company.id)
    env.cr.commit()


def work(env: Any, worker: int) -> dict[str, Any]:
    """A payment of 50.00 for each of the customers, in chunks; a lost race begins anew with what is open then."""
    from odoo.addons.bss_payments_pl import booking
    from odoo.addons.bss_payments_pl.bank_core.allocation import allocate
    from odoo.addons.bss_payments_pl.bank_core.matching import BOOK, Match
    from odoo.addons.bss_payments_pl.bank_core.model import Transaction

    account_ids = json.loads(env["ir.config_parameter"].get_param("tests.accounts"))
    journal = bank_journal(env)
    record = env["bss.bank.import"].create({"journal_id": journal.id, "sha256": f"worker {worker}"})
    env.cr.commit()
    by_orm: Counter[str] = Counter()
    ready()
    for start in range(0, len(account_ids), CHUNK):
        chunk = account_ids[start : start + CHUNK]

        def book(chunk: list[int] = chunk, start: int = start) -> dict[str, int]:
            statement = env["account.bank.statement"].create(
                {"name": f"{worker} {start}", "journal_id": journal.id, "bss_import_id": record.id}
            )
            items = booking.open_items(env, chunk)
            rows = []
            for place, account_id in enumerate(chunk):
                key = f"{worker} {account_id}"
                tx = Transaction(
                    line=1,
                    position=start + place,
                    value_date=DAY,
                    entry_date=DAY,
                    amount=Decimal(AMOUNT) / 100,
                    mark="C",
                    funds_code="",
                    type_code="N240",
                    owner_ref="",
                    bank_ref=key,
                    supplement="",
                    title="wpłata",
                )
                parts = allocate(items[account_id], AMOUNT).parts
                rows.append(booking.Row(tx, key, Match(BOOK, "VIRTUAL_ACCOUNT", 100, account_id), account_id, parts))
            return booking.write(env, record, statement, rows).reasons

        by_orm.update(again(env, book))
    return {"by_orm": by_orm, **repeats}


def bank_journal(env: Any) -> Any:
    company = int(env["ir.config_parameter"].get_param("tests.company"))
    return env["account.journal"].search([("type", "=", "bank"), ("company_id", "=", company)], limit=1)


def clerk(env: Any, seconds: float) -> dict[str, Any]:
    """Enters bank transactions by hand in the same journal."""
    journal = bank_journal(env)

    def post() -> None:
        env["account.bank.statement.line"].create(
            {"journal_id": journal.id, "date": DAY, "payment_ref": "by hand", "amount": 1}
        )
        env.flush_all()

    return post_for(env, seconds, post)


def books(env: Any) -> dict[str, Any]:
    queries = {
        "numbers": """SELECT sequence_prefix, count(*), count(DISTINCT name), max(sequence_number), min(sequence_number)
                        FROM account_move WHERE state = 'posted' AND statement_line_id IS NOT NULL GROUP BY 1""",
        "overpaid": "SELECT count(*) FROM account_move_line WHERE balance > 0 AND amount_residual < 0",
        "wrong": """
            SELECT count(*) FROM account_move_line line
              JOIN account_account ledger ON ledger.id = line.account_id AND ledger.account_type = 'asset_receivable'
             WHERE line.amount_residual != line.balance
                   - COALESCE((SELECT sum(amount) FROM account_partial_reconcile WHERE debit_move_id = line.id), 0)
                   + COALESCE((SELECT sum(amount) FROM account_partial_reconcile WHERE credit_move_id = line.id), 0)""",
        "invoices": """SELECT move.payment_state, count(*) FROM account_move move JOIN res_partner partner
                           ON partner.id = move.partner_id AND partner.name LIKE 'Customer %'
                        WHERE move.move_type = 'out_invoice' GROUP BY 1""",
        "left": """SELECT sum(line.amount_residual)::text FROM account_move_line line
                    JOIN res_partner partner ON partner.id = line.partner_id AND partner.name LIKE 'Customer %'
                   WHERE line.statement_line_id IS NOT NULL AND line.credit > 0""",
        "payments": "SELECT count(*), count(DISTINCT dedupe_key) FROM bss_payment_match WHERE title = 'wpłata'",
        "log": """SELECT sum(log.amount)::text FROM bss_payment_allocation log
                    JOIN bss_payment_match match ON match.id = log.match_id AND match.title = 'wpłata'""",
    }
    return digest(env, queries)


def main(argv: list[str]) -> int:
    conf, database, role, *rest = argv
    with environment(conf, database, alone=role in ("prepare", "digest"), queue_job__no_delay=True) as env:
        if role == "prepare":
            prepare(env, int(rest[0]))
            found: dict[str, Any] = {}
        elif role == "work":
            found = work(env, int(rest[0]))
        elif role == "clerk":
            found = clerk(env, float(rest[0]))
        else:
            found = books(env)
        tell_found(found)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
