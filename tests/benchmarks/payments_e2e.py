"""A bank file of thousands of payments to reconciled invoices, beside Odoo's own lines and reconciliations of twins.

Runs as a child (``python -m tests.benchmarks.payments_e2e DATABASE``) on a clone, so that its memory is its own. Costs are CPU
seconds of the child and of its PostgreSQL process together. Ours is everything from the bytes of the file: reading, matching
by virtual accounts and by numbers in titles, allocation, booking with its examples and twins. Odoo's is only
``account.bank.statement.line.create`` on the customer's receivable and ``reconcile`` with the invoice, payment by payment.
"""

from __future__ import annotations

import json
import os
import resource
import statistics
import sys
import time
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from tests.simulators.bank.mt940_writer import Payment, write_statement

from .billing_e2e import AS_OF, KEPT, PERIOD_END
from .billing_kernel import cost
from .clone import measured
from .figures import Figure

PAYMENTS = 4_000
TWINS, ROUNDS = 60, 4
DAY = date(2026, 11, 16)


def prepare(env: Any) -> Any:
    """A company with one posted invoice for each of its customers, who all have virtual accounts."""
    from bss_cli import demo_accounts

    company = env["bss.demo"].load(AS_OF)["company"]
    env = env(context={**env.context, "allowed_company_ids": company.ids, "lang": "pl_PL", "tz": "Europe/Warsaw"})
    env.cr.commit()
    demo_accounts.grow(env, PAYMENTS + TWINS * (ROUNDS + 1) + 100, AS_OF)
    env.invalidate_all()
    cycle = env["bss.bill.cycle"].search([("company_id", "=", company.id)], limit=1)
    env.cr.execute("UPDATE bss_account SET bill_cycle_id = %s WHERE company_id = %s", (cycle.id, company.id))
    env.invalidate_all()
    env["bss.account"].search([("company_id", "=", company.id)])._bss_give_virtual_accounts()
    kept = env(context={**env.context, **KEPT})
    run = kept["bss.bill.run"].create(
        {"cycle_id": cycle.id, "date_start": AS_OF, "date_end": PERIOD_END, "date_invoice": AS_OF}
    )
    env.cr.commit()
    run._bss_collect()
    run._bss_issue()
    env.cr.commit()
    env.cr.execute("ANALYZE")
    env.cr.commit()
    return env


class Open(NamedTuple):
    """Invoice, its number, what is open, virtual account, receivable item, customer, number of the account."""

    move_id: int
    number: str
    amount: Decimal
    virtual: str
    line_id: int
    partner_id: int
    account: str


def invoices(env: Any) -> list[Open]:
    """Invoices of accounts where nothing else is open."""
    env.cr.execute(
        """
        SELECT move.id, move.name, move.amount_residual::text, number.nrb, line.id, move.commercial_partner_id,
               account.name
          FROM account_move move
          JOIN bss_account account ON account.id = move.bss_account_id
          JOIN account_move_line line ON line.move_id = move.id AND line.display_type = 'payment_term'
          JOIN bss_virtual_account number ON number.account_id = move.bss_account_id AND number.is_main
         WHERE move.company_id = %s AND move.move_type = 'out_invoice' AND move.payment_state = 'not_paid'
           AND move.amount_residual > 0
           AND (SELECT count(*) FROM account_move_line other
                 WHERE other.bss_account_id = move.bss_account_id AND other.account_id = line.account_id
                   AND other.reconciled IS NOT TRUE) = 1
      ORDER BY move.id
        """,
        (env.company.id,),
    )
    return [Open(row[0], row[1], Decimal(row[2]), *row[3:]) for row in env.cr.fetchall()]


def bank_file(found: list[Open], nrb: str) -> bytes:
    """Three quarters pay to virtual accounts, a quarter names its invoice and customer number; one in ten pays a part, one in ten too much."""
    payments = []
    for place, (_move, number, amount, virtual, _line, _partner, account) in enumerate(found):
        paid = {3: amount - Decimal("0.50"), 7: amount + Decimal("1.25")}.get(place % 10, amount)
        by_number = place % 4 == 1
        payments.append(
            Payment(
                booked=DAY,
                amount=paid,
                title=f"Zapłata za fakturę {number}, klient {account}" if by_number else f"opłata {place}",
                payer_name=f"Płatnik {place}",
                payer_nrb=f"{place:026d}",
                virtual_nrb="" if by_number else virtual,
            )
        )
    return write_statement(payments, opening=Decimal(0), account_nrb=nrb)


def ours(env: Any, journal: Any, data: bytes, count: int) -> dict[str, float]:
    """CPU seconds for each payment from the bytes of the file to reconciled invoices."""

    def work() -> None:
        record = env["bss.bank.import"].with_context(**KEPT)._bss_receive(journal, "bench.sta", data)
        record._bss_import()
        env.cr.commit()

    wall = time.monotonic()
    seconds, _none = cost(env, work)
    wall = time.monotonic() - wall
    env.cr.execute(
        "SELECT state, count(*), sum(amount) FROM bss_payment_match WHERE journal_id = %s AND date = %s GROUP BY 1",
        (journal.id, DAY),
    )
    states = {row[0]: row[1] for row in env.cr.fetchall()}
    assert states == {"booked": count}, states
    return {"cpu": seconds / count, "wall": wall / count}


def stock(env: Any, journal: Any, twins: list[Open]) -> float:
    """CPU seconds for each payment that Odoo creates as a line and reconciles, one after the other."""
    lines = env["account.move.line"]

    def work(some: list[Open]) -> None:
        for _move, number, amount, _virtual, line_id, partner_id, _account in some:
            debt = lines.browse(line_id)
            line = env["account.bank.statement.line"].create(
                {
                    "journal_id": journal.id,
                    "date": DAY,
                    "payment_ref": number,
                    "amount": float(amount),
                    "partner_id": partner_id,
                    "counterpart_account_id": debt.account_id.id,
                }
            )
            (line.line_ids.filtered(lambda item: item.account_id == debt.account_id) + debt).reconcile()  # noqa: B023  called in this round only
        env.cr.commit()

    found = []
    for start in range(0, TWINS * (ROUNDS + 1), TWINS):
        batch = twins[start : start + TWINS]
        found.append(cost(env, lambda batch=batch: work(batch))[0] / len(batch))
    assert all(lines.browse([row[4] for row in twins]).mapped("reconciled"))
    return statistics.median(found[1:])  # the first fills the caches


def measure(env: Any) -> dict[str, float]:
    env = prepare(env)
    journal = env["account.journal"].search(
        [("type", "=", "bank"), ("company_id", "=", env.company.id), ("bank_account_id", "!=", False)], limit=1
    )
    own = "".join(char for char in journal.bank_account_id.acc_number if char.isdigit())
    found = invoices(env)
    count = TWINS * (ROUNDS + 1)
    twins, paid = found[:count], found[count : count + PAYMENTS]
    assert len(paid) == PAYMENTS, len(found)
    odoo = stock(env, journal, twins)
    env.invalidate_all()
    made = ours(env, journal, bank_file(paid, own), len(paid))
    env.cr.execute(
        """SELECT payment_state, count(*) FROM account_move WHERE id = ANY(%s) GROUP BY 1""",
        ([row[0] for row in paid],),
    )
    states = dict(env.cr.fetchall())
    assert states == {"paid": PAYMENTS - PAYMENTS // 10, "partial": PAYMENTS // 10}, states
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {**made, "odoo": odoo, "memory": memory}


def figures() -> list[Figure]:
    """Figures of a run on a clone of the template database, dropped afterwards."""
    found = measured("tests.benchmarks.payments_e2e")
    return [
        Figure.against("payments_e2e_vs_odoo", 1 / found["cpu"], "payments/s", 1 / found["odoo"]),
        Figure("payments_e2e_ms", found["cpu"] * 1000, "ms"),
        Figure("payments_e2e_wall_ms", found["wall"] * 1000, "ms (clock)"),
    ]


def main(argv: list[str]) -> int:
    from tests.soak.child import environment

    with environment(os.environ["BSS_ODOO_CONF"], argv[0]) as env:
        sys.stdout.write(json.dumps(measure(env)) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
