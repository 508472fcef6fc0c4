"""Posted invoices → checked, valid, frozen XML stored in sessions, against the rendering of Odoo's own connector.

Each part is a child (``python -m tests.benchmarks.ksef_e2e DATABASE PART …``), so that its memory is its own. Costs are CPU
seconds of the child and of its PostgreSQL process together. Odoo's figure is its rendering alone, of the same invoices:
it proves nothing against the schema and stores nothing.
"""

from __future__ import annotations

import json
import os
import resource
import statistics
import subprocess
import sys
import time
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

from .billing_kernel import cost
from .charges_e2e import server_seconds
from .clone import clone
from .figures import Figure

INVOICES = 20_000
ODOO_BATCH, ODOO_ROUNDS = 100, 4


def prepare(env: Any, count: int) -> dict[str, Any]:
    from tests.soak import ksef_worker

    from . import ksef_rows

    # nothing is sent here: nobody listens at this address
    ksef_worker.prepare(env, "http://127.0.0.1:9/v2", "unused")
    env["res.company"].search([("bss_ksef_enabled", "=", True)]).bss_ksef_batch_size = 10_000
    ksef_rows.prepare(env, count)
    _tag(env)
    _give_accounts(env)
    env.cr.commit()
    return {}


def _tag(env: Any) -> None:
    """Fields of the VAT return on the copied lines, as on the lines that Odoo made: its connector reads the rates there."""
    env.cr.execute(
        """
        INSERT INTO account_account_tag_account_move_line_rel (account_move_line_id, account_account_tag_id)
        SELECT line.id, made.tag_id
          FROM account_move_line line
          JOIN (SELECT DISTINCT one.account_id, one.name, one.display_type, rel.account_account_tag_id AS tag_id
                  FROM account_account_tag_account_move_line_rel rel
                  JOIN account_move_line one ON one.id = rel.account_move_line_id) made
            ON (made.account_id, made.name, made.display_type) = (line.account_id, line.name, line.display_type)
   ON CONFLICT DO NOTHING
        """
    )


def _give_accounts(env: Any) -> None:
    """Billing accounts, where the addon is there: the hook has something to read then."""
    if "bss_account_id" not in env["account.move"]._fields:
        return
    company = env["res.company"].search([("bss_ksef_enabled", "=", True)])
    env.cr.execute("SELECT DISTINCT partner_id FROM account_move WHERE bss_ksef_state = 'to_send'")
    partners = [row[0] for row in env.cr.fetchall()]
    accounts = env["bss.account"].with_company(company)
    accounts = accounts.create([{"partner_id": partner, "company_id": company.id} for partner in partners])
    env.flush_all()
    env.cr.execute(
        """UPDATE account_move move SET bss_account_id = account.id FROM bss_account account
            WHERE account.partner_id = move.partner_id AND account.id = ANY(%s)""",
        [accounts.ids],
    )


@contextmanager
def counted(cr: Any) -> Any:
    """Statements of the cursor, COPY included, as a list of one number once it is over."""
    from odoo.addons.bss_ksef import document_store, frozen_store

    found, copies, before = [0], [0], cr.sql_log_count

    def counting(function: Any) -> Any:
        def call(*args: Any) -> Any:
            copies[0] += 1
            return function(*args)

        return call

    # each of the two has one COPY, which the cursor does not count
    with (
        patch.object(document_store, "insert", counting(document_store.insert)),
        patch.object(frozen_store, "keep", counting(frozen_store.keep)),
    ):
        yield found
    found[0] = cr.sql_log_count - before + copies[0]


def freeze(env: Any) -> dict[str, float]:
    """CPU seconds per invoice of a whole freezing, its commits included."""
    company = env["res.company"].search([("bss_ksef_enabled", "=", True)])
    env["bss.ksef.session"]._bss_due(company, env["account.move"])  # a worker that has been serving for a while
    env.cr.commit()
    start, server = time.process_time(), server_seconds(env.cr)
    with counted(env.cr) as statements:
        sessions = env["bss.ksef.session"]._bss_prepare(company)
        env.cr.commit()
    cpu, backend = time.process_time() - start, server_seconds(env.cr) - server
    count = sum(sessions.mapped("document_count"))
    _proven(env, count)
    return {
        "count": count,
        "python": cpu / count,
        "server": backend / count,
        "statements": statements[0] / count * 1000,
        "memory": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


def _proven(env: Any, count: int) -> None:
    """Every invoice has its bytes; those of some are valid, and those whose hash is stored."""
    from odoo.addons.bss_ksef.ksef_core import fa3, qr

    env.cr.execute(
        """SELECT count(*), count(DISTINCT d.sha256), count(x.document_id), count(*) FILTER (WHERE m.bss_ksef_state = 'queued')
             FROM bss_ksef_document d JOIN account_move m ON m.id = d.move_id
        LEFT JOIN bss_ksef_xml x ON x.document_id = d.id
            WHERE d.state = 'queued' AND d.session_id IS NOT NULL"""
    )
    assert env.cr.fetchone() == (count, count, count, count)
    documents = env["bss.ksef.document"].search([], limit=200)
    for document_id, content in documents._bss_contents(documents.ids):
        assert not fa3.validator().problems(content)
        assert qr.sha256_base64(content) == documents.browse(document_id).sha256


def odoo(env: Any) -> dict[str, float]:
    """CPU seconds per invoice of ``l10n_pl_edi``, a hundred invoices at a time."""
    company = env["res.company"].search([("bss_ksef_enabled", "=", True)])
    moves = env(context={**env.context, "allowed_company_ids": company.ids})["account.move"]
    ids = moves.search([("bss_ksef_state", "=", "to_send")], limit=ODOO_BATCH * (ODOO_ROUNDS + 1)).ids
    found = []
    for start in range(0, len(ids), ODOO_BATCH):
        env.invalidate_all()
        batch = moves.browse(ids[start : start + ODOO_BATCH])
        seconds, texts = cost(env, lambda batch=batch: [move._l10n_pl_edi_render_xml() for move in batch])
        assert all("FaWiersz" in text for text in texts)
        found.append(seconds / len(batch))
    return {"cpu": statistics.median(found[1:])}  # the first fills the caches


def part(database: str, name: str, *args: Any) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-m", "tests.benchmarks.ksef_e2e", database, name, json.dumps(args)],
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def figures(invoices: int = INVOICES) -> list[Figure]:
    """Figures on a clone of the template database, dropped afterwards."""
    with clone() as database:
        part(database, "prepare", invoices)
        stock = part(database, "odoo")
        ours = part(database, "freeze")
    assert ours["count"] == invoices, ours
    whole = ours["python"] + ours["server"]
    return [
        Figure.against("fa3_e2e_vs_odoo", 1 / whole, "invoices/s", 1 / stock["cpu"]),
        Figure("fa3_e2e_python_ms", ours["python"] * 1000, "ms"),
        Figure("fa3_e2e_postgresql_ms", ours["server"] * 1000, "ms"),
        Figure("fa3_e2e_statements_per_1000", ours["statements"], "statements"),
        Figure("fa3_e2e_memory_peak", ours["memory"], "MiB"),
    ]


PARTS = {"prepare": prepare, "odoo": odoo, "freeze": freeze}


def main(argv: list[str]) -> int:
    from tests.soak.child import environment

    database, name, args = argv
    with environment(os.environ["BSS_ODOO_CONF"], database, alone=False, tz="Europe/Warsaw") as env:
        sys.stdout.write(json.dumps(PARTS[name](env, *json.loads(args))) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
