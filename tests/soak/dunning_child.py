"""Child of ``test_dunning_kill``: one night of dunning by jobs, going on where a killed one stopped.

Called as ``python -m tests.soak.dunning_child CONF DATABASE prepare DEBTORS``, ``… work`` (alone) and ``… worker`` (one of
several at the same time).
"""

from __future__ import annotations

import sys
from datetime import timedelta
from typing import Any

from tests.soak.child import digest, environment, tell, tell_found
from tests.soak.jobs import run_all

CHANNEL = "root.bss.dunning"
PART, BATCH = 7, 3
# What must not depend on kills: everything but ids, numbers and instants of writing.
DIGESTS = {
    "runs": "SELECT as_of, state, opened_count, case_count, amount_overdue FROM bss_dunning_run ORDER BY id",
    "cases": """SELECT account_id, state, amount_overdue, amount_demanded, step_id, next_step_id, next_code, date_next
                  FROM bss_dunning_case ORDER BY account_id""",
    "actions": """SELECT account_id, state, step_id, round, channel, amount, deadline, date_done,
                         (SELECT count(*) FROM bss_dunning_action_move_line_rel rel WHERE rel.action_id = action.id)
                    FROM bss_dunning_action action ORDER BY account_id, step_id, round""",
    "letters": """SELECT account_id, kind, channel, count(*) FROM bss_document
                   WHERE res_model = 'bss.dunning.action' GROUP BY 1, 2, 3 ORDER BY 1, 2, 3""",
    "mails": """SELECT count(*), count(DISTINCT message.res_id) FROM mail_mail mail
                  JOIN mail_message message ON message.id = mail.mail_message_id
                 WHERE message.model = 'bss.dunning.action'""",
    "twice": """SELECT count(*) FROM (SELECT case_id FROM bss_dunning_action GROUP BY case_id, step_id, round
                                      HAVING count(*) > 1) odd""",
}


def today() -> Any:
    from odoo.addons.bss_catalog import polish_day

    return polish_day.today()


def operator(env: Any) -> Any:
    """The environment of the demo operator."""
    company = env["bss.account"].search([], limit=1, order="id").company_id
    return env(context={**env.context, "allowed_company_ids": company.ids})


def prepare(env: Any, debtors: int) -> None:
    """The demo operator with customers who owe for some weeks, some of them without any address."""
    env["bss.demo"].load(today().replace(day=1))
    env = operator(env)
    partners = env["res.partner"].create(
        [
            {
                "name": f"Dłużnik {number}",
                "bss_customer_kind": "company" if number % 3 == 0 else "consumer",
                "email": f"dluznik{number}@poczta.example" if number % 4 else False,
                "street": "ul. Długa 1" if number % 8 else False,
                "city": "Kutno" if number % 8 else False,
                "zip": "99-300",
                "country_id": env.ref("base.pl").id,
            }
            for number in range(debtors)
        ]
    )
    accounts = env["bss.account"].create(
        [{"partner_id": partner.id, "company_id": env.company.id} for partner in partners]
    )
    due = today() - timedelta(days=25)
    env["account.move"].create(
        [
            {
                "move_type": "out_invoice",
                "partner_id": account.partner_id.id,
                "bss_account_id": account.id,
                "invoice_date": due - timedelta(days=14),
                "invoice_date_due": due,
                "invoice_payment_term_id": False,
                "invoice_line_ids": [(0, 0, {"name": "Abonament", "price_unit": 100 + number, "tax_ids": [(5,)]})],
            }
            for number, account in enumerate(accounts)
        ]
    ).action_post()
    env.cr.commit()


def work(env: Any) -> None:
    """The night of today, from wherever it stands."""
    from odoo.addons.bss_dunning.models import bss_dunning_run, bss_dunning_run_part
    from odoo.addons.bss_dunning.planning.scope import ranges

    bss_dunning_run.BATCH = BATCH
    bss_dunning_run_part.ranges = lambda env, company_id: ranges(env, company_id, PART)
    tell("run")
    begin(operator(env))
    run_all(env, CHANNEL)


def begin(env: Any) -> None:
    """Whoever comes first creates and starts the run; the lock comes before the snapshot, so the second one sees it."""
    env.cr.commit()
    env.cr.execute("LOCK TABLE bss_dunning_run IN SHARE ROW EXCLUSIVE MODE")
    if not env["bss.dunning.run"].search_count([]):
        env["bss.dunning.run"].create({"company_id": env.company.id, "as_of": today()}).action_start()
    env.cr.commit()


def main(argv: list[str]) -> int:
    conf, database, role, *numbers = argv
    with environment(conf, database, alone=role != "worker", lang="pl_PL") as env:
        if role == "prepare":
            prepare(env, *map(int, numbers))
            return 0
        work(env)
        tell_found(digest(env, DIGESTS))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
