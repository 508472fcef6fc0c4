"""Child process of ``test_ksef_kill``: posts invoices and sends whatever waits, until nothing is left or it is killed.

Called as ``python -m tests.soak.ksef_worker CONF DATABASE JOB …``; answers are JSON lines on standard output.
"""

from __future__ import annotations

import json
import sys
import time
from typing import Any

NIP = "1234563218"
PER_SESSION = 7
#: Minutes after which an opened session that got no package is given up (20 with the real KSeF).
PART_MINUTES = 4 / 60
LONGEST = 240.0


def say(**data: Any) -> None:
    sys.stdout.write(json.dumps(data) + "\n")
    sys.stdout.flush()


def prepare(env: Any, base_url: str, token: str) -> None:
    """A Polish company that sends to the simulator, and a customer."""
    zloty, poland = env.ref("base.PLN"), env.ref("base.pl")
    zloty.active = True
    address = {"street": "ul. Próbna 1", "zip": "99-300", "city": "Kutno", "country_id": poland.id}
    company = (
        env["res.company"]
        .with_context(install_mode=True)
        .create({"name": "Operator Sp. z o.o.", "vat": f"PL{NIP}", "currency_id": zloty.id, **address})
    )
    env["account.chart.template"].try_loading("pl", company=company, install_demo=False)
    company.write(
        {
            "bss_ksef_enabled": True,
            "bss_ksef_environment": "local",
            "bss_ksef_base_url": base_url,
            "bss_ksef_auth": "token",
            "bss_ksef_token": token,
            "bss_ksef_batch_size": PER_SESSION,
        }
    )
    env["res.partner"].create({"name": "Zakład Sp. z o.o.", "ref": "soak", "vat": "PL5261040567", **address})
    env.cr.commit()


def post(env: Any, company: Any, count: int) -> None:
    tax = env["account.tax"].search(
        [("company_id", "=", company.id), ("type_tax_use", "=", "sale"), ("bss_ksef_rate", "=", "23")], limit=1
    )
    line = {"name": "Internet 600", "price_unit": 69.0, "tax_ids": [(6, 0, tax.ids)]}
    values = {
        "move_type": "out_invoice",
        "partner_id": env["res.partner"].search([("ref", "=", "soak")]).id,
        "invoice_date": env["bss.ksef.session"]._bss_day(),
        "invoice_line_ids": [(0, 0, line)],
    }
    env["account.move"].create([values] * count)._post(soft=False)
    env.cr.commit()


def send(env: Any, company: Any) -> None:
    """What jobs and scheduled actions do, without pauses between them."""
    from odoo.addons.bss_ksef.models import bss_ksef_session_ask, bss_ksef_session_queue

    bss_ksef_session_ask.MINUTES_PER_PART = PART_MINUTES
    sessions = env["bss.ksef.session"]
    until = time.monotonic() + LONGEST
    while time.monotonic() < until:
        unfinished = sessions.search([("state", "in", bss_ksef_session_queue.OPEN_STATES)], order="id")
        for record in unfinished:
            record._bss_go_on()
            env.cr.commit()
        sent = sessions._bss_send_batch(company, timeout=1)
        env.cr.commit()
        if not unfinished and not sent:
            return
        if not sent:
            time.sleep(0.1)


def main(argv: list[str]) -> int:
    conf, database, job, *arguments = argv
    import odoo.api
    import odoo.service.server
    from odoo.modules.registry import Registry
    from odoo.tools import config

    config.parse_config(["-c", conf, "-d", database, "--no-http", "--log-level=error"])
    odoo.service.server.load_server_wide_modules()
    with Registry(database).cursor() as cr:
        env = odoo.api.Environment(cr, odoo.api.SUPERUSER_ID, {"tracking_disable": True})
        if job == "prepare":
            prepare(env, *arguments)
            return 0
        company = env["res.company"].search([("bss_ksef_enabled", "=", True)])
        env = env(context={**env.context, "allowed_company_ids": company.ids})
        company = company.with_env(env)
        say(event="ready")
        post(env, company, int(arguments[0]))
        send(env, company)
        moves = env["account.move"].search([("company_id", "=", company.id), ("state", "=", "posted")])
        documents = env["bss.ksef.document"].search([("state", "in", ("rejected", "invalid"))])
        say(
            event="done",
            moves={move.name: [move.bss_ksef_state, move.bss_ksef_number or ""] for move in moves},
            refused=[f"{document.name}: {document.error_text}" for document in documents],
        )
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
