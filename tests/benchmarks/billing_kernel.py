"""Priced requests to posted invoices: rows that are copied, the ORM, and raw COPY of the same text, on one database.

Run as a child (``python -m tests.benchmarks.billing_kernel DATABASE``), so that its memory is its own. Costs are CPU
seconds of this process and of its PostgreSQL process together. Freezing what the document says is measured elsewhere
and left out on both sides; patterns (two invoices of the ORM per shape) and twins are in the figure "all in" only.
"""

from __future__ import annotations

import json
import os
import random
import resource
import statistics
import sys
import time
from collections.abc import Callable
from contextlib import contextmanager, suppress
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from unittest.mock import patch

from .charges_e2e import server_seconds
from .clone import measured
from .figures import Figure

CUSTOMERS = 6_000
CHUNK = 5_000
ROUNDS = 3
ORM_BATCH = 100
DAY = date(2025, 11, 3)
FIRST, LAST = date(2025, 11, 1), date(2025, 11, 30)


class Undo(Exception):
    """Everything since the savepoint goes."""


@contextmanager
def undone(env: Any) -> Any:
    env.flush_all()
    with suppress(Undo), env.cr.savepoint():
        yield
        raise Undo
    env.cr.postcommit.clear()
    env.invalidate_all(flush=False)


def copy_row(cr: Any, table: str, source: int, count: int, values: dict[str, str]) -> list[int]:
    """``count`` copies of a row; ``values``: SQL by column, ``n`` counts them."""
    cr.execute(
        "SELECT column_name FROM information_schema.columns WHERE table_name = %s AND column_name <> 'id'", (table,)
    )
    columns = [row[0] for row in cr.fetchall()]
    names = ", ".join(f'"{column}"' for column in columns)
    picked = ", ".join(values.get(column, f'source."{column}"') for column in columns)
    cr.execute(
        f"INSERT INTO {table} ({names}) SELECT {picked} FROM {table} source, generate_series(1, {count}) n"
        f" WHERE source.id = {source} ORDER BY n RETURNING id"
    )
    found = [row[0] for row in cr.fetchall()]
    cr.execute(f"ANALYZE {table}")
    return found


def prepare_base(env: Any) -> tuple[Any, list[Any]]:
    """The bill run and one priced request per customer: one to four lines of 23 % VAT."""
    from odoo.addons.bss_contracts import bulk

    company = env["res.company"].search([("chart_template", "=", "pl")], limit=1)
    # a manager starts a run, not the superuser: access rights count on both sides
    manager = env.ref("base.user_admin")
    manager.write({"company_ids": [(4, company.id)], "company_id": company.id})
    env = env(user=manager, context={"allowed_company_ids": company.ids, "lang": manager.lang, "tz": "Europe/Warsaw"})
    journal = env["account.journal"].create({"name": "Bench", "code": "BNCH", "type": "sale", "company_id": company.id})
    cycle = env["bss.bill.cycle"].create({"name": "Bench", "journal_id": journal.id, "company_id": company.id})
    tax = company._bss_sale_tax(23.0, "service")
    products = env["product.product"].create(
        [{"name": f"Offering {number}", "type": "service", "taxes_id": [(6, 0, tax.ids)]} for number in range(20)]
    )
    partner = env["res.partner"].create(
        {"name": "Customer", "country_id": env.ref("base.pl").id, "zip": "00-001", "city": "Warszawa", "lang": "en_US"}
    )
    account = env["bss.account"].create({"partner_id": partner.id, "bill_cycle_id": cycle.id})
    run = env["bss.bill.run"].create({"cycle_id": cycle.id, "date_start": FIRST, "date_end": LAST, "date_invoice": DAY})
    env.flush_all()
    named = {"name": "'Customer ' || n", "complete_name": "'Customer ' || n"}
    partners = copy_row(env.cr, "res_partner", partner.id, CUSTOMERS, named)
    env.cr.execute("UPDATE res_partner SET commercial_partner_id = id WHERE id = ANY(%s)", (partners,))
    accounts = copy_row(
        env.cr,
        "bss_account",
        account.id,
        CUSTOMERS,
        {"name": "'BENCH' || n", "partner_id": f"({partners[0]} + n - 1)"},
    )
    assert partners == list(range(partners[0], partners[0] + CUSTOMERS))
    env.invalidate_all()
    dice = random.Random(11)
    requests = [
        bulk.InvoiceRequest(
            place + 1,
            account_id,
            partner_id,
            tuple(
                bulk.LineRequest(
                    None,
                    None,
                    dice.choice(products.ids),
                    tuple(tax.ids),
                    "Internet 300 (01.11.2025 – 30.11.2025)",
                    Decimal(1),
                    Decimal(dice.randrange(500, 15_000)) / 100,
                    Decimal(0),
                    FIRST,
                    LAST,
                )
                for _line in range(dice.randrange(1, 5))
            ),
            FIRST,
            LAST,
            DAY + timedelta(days=14),
        )
        for place, (account_id, partner_id) in enumerate(zip(accounts, partners, strict=True))
    ]
    return run, requests


def cost(env: Any, work: Callable[[], Any]) -> tuple[float, Any]:
    """(CPU seconds of ours and PostgreSQL's, what ``work`` gives)"""
    start, server = time.process_time(), server_seconds(env.cr)
    found = work()
    return time.process_time() - start + server_seconds(env.cr) - server, found


def kernel_round(env: Any, run: Any, requests: list[Any], number: int) -> dict[str, float]:
    """One chunk by copied rows, and the same text by raw COPY; both undone."""
    from odoo.addons.bss_contracts import bulk
    from odoo.addons.bss_contracts.bulk import exemplar, patterns, writer

    first = bulk.Number("BNCH/2025/", 1 + number * CHUNK, "", 6)
    making = 0.0
    kept: list[Any] = []
    build, write_rows = exemplar.build, writer.write_rows

    def timed_build(*args: Any) -> Any:
        nonlocal making
        seconds, found = cost(env, lambda: build(*args))
        making += seconds
        return found

    def kept_rows(env: Any, readies: Any, rows: Any) -> None:
        kept.append((readies, rows))
        write_rows(env, readies, rows)

    # patterns are made anew for every round, as by a worker that begins
    anew = patch.object(patterns.Patterns, "get", return_value=None)
    with anew, patch.object(exemplar, "build", timed_build), patch.object(writer, "write_rows", kept_rows), undone(env):
        preparing, prepared = cost(env, lambda: bulk.prepare(env, run, requests))
        assert {tier for tier, _reason in prepared.tiers.values()} == {"copy"}, prepared.tiers
        writing, ids = cost(env, lambda: bulk.write_copy(env, prepared, first, canaries=0))
        assert len(ids) == len(requests)
        env.cr.execute("SELECT count(*), sum(balance) FROM account_move_line WHERE move_id = ANY(%s)", (ids,))
        lines, balance = env.cr.fetchone()
        assert balance == 0 and lines >= 3 * len(requests)
    with undone(env):
        raw, _none = cost(env, lambda: write_rows(env, *kept[0]))
    with undone(env):
        twins, _ids = cost(env, lambda: bulk.write_copy(env, prepared, first, canaries=2))
    return {
        "kernel": preparing - making + writing,
        "prepare": preparing - making,
        "raw": raw,
        "patterns": making,
        "all_in": preparing + twins,
    }


def orm_round(env: Any, run: Any, requests: list[Any], context: dict[str, Any]) -> float:
    """CPU seconds of a batch that Odoo makes and posts in its own way."""
    from odoo.addons.bss_contracts import bulk

    quiet = env(context={**{key: env.context[key] for key in env.context if key not in bulk.QUIET}, **context})
    own = run.with_env(quiet)

    def work() -> None:
        moves = quiet["account.move"].create([bulk.move_vals(own, request) for request in requests])
        moves.action_post()
        # what a commit would do first: write what is pending, and the messages of what changed
        quiet.cr.flush()

    with undone(env):
        return cost(env, work)[0]


def measure(env: Any) -> dict[str, float]:
    """Median costs per invoice in seconds."""
    from odoo.addons.bss_contracts import bulk

    run, requests = prepare_base(env)
    env = run.env
    env.cr.commit()
    moves = env.registry["account.move"]
    documents = "odoo.addons.bss_contracts.models.account_move_document.AccountMove"
    with patch(f"{documents}._bss_freeze_document"), patch(f"{documents}._bss_bulk_documents", return_value={}):
        assert moves._bss_freeze_document
        assert moves._bss_bulk_documents
        orm_round(env, run, requests[:10], {})  # caches are warm on both sides
        chunk = requests[:CHUNK]
        rounds = [kernel_round(env, run, chunk, number) for number in range(ROUNDS)]
        batches = [requests[number * ORM_BATCH : (number + 1) * ORM_BATCH] for number in range(ROUNDS)]
        stock = statistics.median(orm_round(env, run, batch, {}) for batch in batches)
        quiet = statistics.median(orm_round(env, run, batch, bulk.QUIET) for batch in batches)
    found = {name: statistics.median(one[name] for one in rounds) / CHUNK for name in rounds[0]}
    return {
        **found,
        "stock": stock / ORM_BATCH,
        "quiet": quiet / ORM_BATCH,
        "memory": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


def figures() -> list[Figure]:
    """Figures of a run on a clone of the template database."""
    return figures_of(measured("tests.benchmarks.billing_kernel"))


def figures_of(found: dict[str, float]) -> list[Figure]:
    kernel = 1 / found["kernel"]
    return [
        Figure.against("billing_kernel_invoices_per_cpu_s", kernel, "invoices/s", 1 / found["stock"]),
        Figure.against("billing_kernel_vs_quiet_orm", kernel, "invoices/s", 1 / found["quiet"]),
        Figure.against("billing_vs_copy", kernel, "invoices/s", 1 / found["raw"]),
        Figure("billing_kernel_all_in_per_cpu_s", 1 / found["all_in"], "invoices/s"),
        Figure("billing_kernel_memory_peak", found["memory"], "MiB"),
    ]


def main(argv: list[str]) -> int:
    from tests.soak.child import environment

    with environment(os.environ["BSS_ODOO_CONF"], argv[0]) as env:
        sys.stdout.write(json.dumps(measure(env)) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
