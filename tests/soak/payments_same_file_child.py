"""Child of ``test_payments_same_file``: a user who receives and imports bank files while another one does the same.

Called as ``python -m tests.soak.payments_same_file_child CONF DATABASE prepare``, ``… user FILE`` and ``… digest``.
"""

from __future__ import annotations

import sys
import time
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import psycopg2.errors

from tests.simulators.bank.mt940_writer import Payment, write_statement
from tests.soak.child import digest, environment, tell_found
from tests.soak.payments_child import BROKEN, LAW, TODAY
from tests.soak.together import ready

DAYS, PER_DAY = 4, 30
RETRIES = 200
ONCE = """SELECT count(*), count(DISTINCT bss_dedupe_key), sum(amount) FROM account_bank_statement_line
           WHERE bss_dedupe_key IS NOT NULL"""
BOOKED = """SELECT paid.state, count(*) FROM bss_payment_match paid JOIN bss_bank_import file ON file.id = paid.import_id
             WHERE file.file_name = ANY('{same.sta,days.sta,month.sta}') GROUP BY 1"""


def _setting(env: Any) -> tuple[Any, str, list[str]]:
    accounts = env["bss.account"].search([("virtual_account_ids", "!=", False)], limit=20, order="id")
    journal = accounts.virtual_account_ids.pool_id.journal_id[:1]
    own = journal.bank_account_id.acc_number.replace(" ", "").removeprefix("PL")
    return journal, own, accounts.virtual_account_ids.mapped("nrb")


def content(env: Any, name: str) -> bytes:
    """``same``: one day. ``days``: all days. ``month``: the same entries as one statement of the month."""
    _journal, own, virtual = _setting(env)

    def entries(day: int) -> list[Payment]:
        booked = date(TODAY.year, TODAY.month, 2) + timedelta(days=day)
        return [
            Payment(
                booked,
                Decimal(number + 1),
                "wplata",
                "Jan",
                virtual_nrb=virtual[number % len(virtual)],
                reference=f"T{day}{number:05}",
            )
            for number in range(PER_DAY)
        ]

    if name == "same":
        return write_statement(entries(9), opening=Decimal(0), account_nrb=own, number=99)
    if name == "month":
        every = [one for day in range(DAYS) for one in entries(day)]
        return write_statement(every, opening=Decimal(0), account_nrb=own, number=11)
    files, opening = [], Decimal(0)
    for day in range(DAYS):
        found = entries(day)
        files.append(write_statement(found, opening=opening, account_nrb=own, number=day + 1))
        opening += sum((one.amount for one in found), Decimal(0))
    return b"".join(files)


def user(env: Any, name: str) -> dict[str, Any]:
    """Receives and imports a file as a request does: lost races are begun anew, what a person is told ends it."""
    from odoo.exceptions import UserError

    journal, _own, _virtual = _setting(env)
    data = content(env, name)
    env.cr.commit()
    ready()
    told: list[str] = []
    for _attempt in range(RETRIES):
        try:
            record = env["bss.bank.import"].search([("sha256", "!=", False), ("file_name", "=", f"{name}.sta")])
            record = record or env["bss.bank.import"]._bss_receive(journal, f"{name}.sta", data)
            record.with_context(queue_job__no_delay=True).action_import()
            env.cr.commit()
            return {"imported": True, "told": told}
        except (psycopg2.errors.SerializationFailure, psycopg2.errors.DeadlockDetected):
            env.cr.rollback()
        except UserError as error:
            env.cr.rollback()
            told.append(str(error))
            if "try again" not in str(error):
                return {"imported": False, "told": told}
            time.sleep(0.2)
        env.invalidate_all(flush=False)
    raise RuntimeError("never came through")


def main(argv: list[str]) -> int:
    conf, database, role, *names = argv
    with environment(conf, database, alone=role != "user") as env:
        if role == "prepare":
            env["bss.demo"].load(TODAY)
            env.cr.commit()
        elif role == "user":
            tell_found(user(env, names[0]))
        else:
            tell_found(digest(env, {"law": LAW, "broken": BROKEN, "once": ONCE, "booked": BOOKED}))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
