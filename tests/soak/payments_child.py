"""Child of ``test_payments_kill``: imports bank files as a job does, going on where a killed one stopped.

Called as ``python -m tests.soak.payments_child CONF DATABASE prepare PAYMENTS SEED`` and ``… work``; tells its steps on
standard output. ``… block`` holds the last of the files back for the one before it, ``… late`` imports that and tells when it is
about to wake the other, ``… cron`` does what the server does later.
"""

from __future__ import annotations

import random
import sys
import time
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from tests.simulators.bank.mt940_writer import Payment, write_statement
from tests.soak.child import digest, environment, tell, tell_found
from tests.soak.jobs import run_all

TODAY = date(2026, 11, 1)
CHUNKS = 12
DAYS = 3

# What must not depend on kills: everything but ids and instants of writing.
DIGESTS = {
    "files": """SELECT file_name, state, count_entries, count_credits, count_debits, count_known, count_zero, count_unreadable,
                       amount_credits, amount_debits, progress_done FROM bss_bank_import ORDER BY file_name""",
    "parts": """SELECT file.file_name, part.sequence, part.is_done, part.count_known
                  FROM bss_bank_import_statement part JOIN bss_bank_import file ON file.id = part.import_id
              ORDER BY 1, 2""",
    "problems": """SELECT file.file_name, problem.code, count(*)
                     FROM bss_bank_import_problem problem JOIN bss_bank_import file ON file.id = problem.import_id
                 GROUP BY 1, 2 ORDER BY 1, 2""",
    "statements": """SELECT name, balance_start, balance_end, balance_end_real, is_complete
                       FROM account_bank_statement ORDER BY name""",
    "lines": """SELECT count(*), count(DISTINCT bss_dedupe_key), sum(amount),
                       md5(string_agg(concat_ws('|', bss_dedupe_key, amount, payment_ref), ',' ORDER BY bss_dedupe_key))
                  FROM account_bank_statement_line""",
    "payments": """SELECT state, reason, count(*), sum(amount), count(DISTINCT dedupe_key),
                          md5(string_agg(concat_ws('|', dedupe_key, account_id, amount), ',' ORDER BY dedupe_key))
                     FROM bss_payment_match GROUP BY 1, 2 ORDER BY 1, 2""",
    "reconciled": """SELECT count(*), sum(amount) FROM account_partial_reconcile""",
    "open": """SELECT bss_account_id, sum(amount_residual) FROM account_move_line line
                 JOIN account_account ledger ON ledger.id = line.account_id
                WHERE ledger.account_type = 'asset_receivable' AND parent_state = 'posted' AND bss_account_id IS NOT NULL
             GROUP BY 1 ORDER BY 1""",
    "allocated": "SELECT reason, count(*), sum(amount) FROM bss_payment_allocation GROUP BY 1 ORDER BY 1",
}
#: credits of a file = booked + to decide + set aside
LAW = """
SELECT file.file_name, file.amount_credits, sum(paid.amount) FILTER (WHERE paid.amount > 0)
  FROM bss_bank_import file LEFT JOIN bss_payment_match paid ON paid.import_id = file.id
GROUP BY 1, 2 ORDER BY 1
"""
#: entries that are not balanced, or stand on the books twice
BROKEN = """
SELECT count(*) FROM (SELECT move_id FROM account_move_line GROUP BY move_id HAVING round(sum(balance), 2) <> 0) odd
"""


def prepare(env: Any, payments: int, seed: int) -> None:
    """The demo operator with debts, and files of some days with payments that can and that cannot be placed."""
    env["bss.demo"].load(TODAY)
    dice = random.Random(seed)
    accounts = env["bss.account"].search([("virtual_account_ids", "!=", False)], limit=40, order="id")
    journal = accounts.virtual_account_ids.pool_id.journal_id[:1]
    own = journal.bank_account_id.acc_number.replace(" ", "").removeprefix("PL")
    _debts(env, accounts)
    opening = Decimal(0)
    for day in range(DAYS):
        booked = TODAY + timedelta(days=day)
        found = [_payment(dice, accounts, booked, day * payments + number) for number in range(payments)]
        content = write_statement(found, opening=opening, account_nrb=own, number=day + 1)
        opening += sum((one.amount for one in found), Decimal(0))
        env["bss.bank.import"]._bss_receive(journal, f"day{day}.sta", content)
    env.cr.commit()


def _debts(env: Any, accounts: Any) -> None:
    journal = env["account.journal"].search(
        [("type", "=", "sale"), ("company_id", "=", accounts.company_id.id)], limit=1
    )
    moves = env["account.move"].create(
        [
            {
                "move_type": "out_invoice",
                "partner_id": account.partner_id.id,
                "bss_account_id": account.id,
                "invoice_date": TODAY,
                "journal_id": journal.id,
                "invoice_line_ids": [(0, 0, {"name": "x", "price_unit": 60, "tax_ids": [(5,)]})],
            }
            for account in accounts
            for _number in range(3)
        ]
    )
    moves.action_post()


def _payment(dice: random.Random, accounts: Any, day: date, number: int) -> Payment:
    account = dice.choice(accounts)
    amount = Decimal(dice.randrange(1_000, 9_000)) / 100
    reference = f"K{number:08}"
    if dice.random() < 0.1:
        return Payment(day, -amount, "prowizja", reference=reference)
    virtual = account.virtual_account_ids[:1].nrb if dice.random() < 0.8 else ""
    return Payment(day, amount, f"wplata {number}", "Jan Kowalski", virtual_nrb=virtual, reference=reference)


def work(env: Any) -> None:
    from odoo.addons.bss_payments_pl.models import bss_bank_import_run

    files = env["bss.bank.import"].search([], order="file_name")
    bss_bank_import_run.CHUNK = max(files[0].count_entries // CHUNKS, 1)
    env.cr.commit()
    for record in files:
        tell("import")
        record.with_context(bss_commit=True)._bss_import(progress=lambda _done, _all: tell("step"))
    tell_found(digest(env, {**DIGESTS, "law": LAW, "broken": BROKEN}))


def block(env: Any) -> None:
    """The last file came before the one that it goes on from."""
    files = env["bss.bank.import"].search([], order="file_name")
    files.journal_id.bss_gap_mode = "block"
    for record in (files[0], files[-1]):
        record._bss_import()
    env.cr.commit()
    tell_states(env)


def late(env: Any) -> None:
    cls = env.registry["bss.bank.import"]
    wake = cls._bss_wake

    def told(self: Any) -> None:
        tell("wake")
        time.sleep(60)  # until it is killed
        wake(self)

    cls._bss_wake = told
    missing = env["bss.bank.import"].search([("state", "=", "received")])
    missing.with_context(bss_commit=True)._bss_import()


def cron(env: Any) -> None:
    """The next run of the server's clock, and the job that it makes."""
    env.cr.execute("UPDATE bss_bank_import SET imported_at = imported_at - interval '1 hour'")
    env["bss.bank.import"]._cron_wake()
    env.cr.commit()
    run_all(env, "root.bss.payments")
    tell_states(env)


def tell_states(env: Any) -> None:
    tell_found(digest(env, {"states": "SELECT state, is_wake_due FROM bss_bank_import ORDER BY file_name"}))


def main(argv: list[str]) -> int:
    conf, database, role, *numbers = argv
    with environment(conf, database) as env:
        if role == "prepare":
            prepare(env, *map(int, numbers))
        else:
            {"work": work, "block": block, "late": late, "cron": cron}[role](env)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
