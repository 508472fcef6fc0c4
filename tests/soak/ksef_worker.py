"""Child process of ``test_ksef_kill``: posts invoices and sends whatever waits, until nothing is left or it is killed.

Called as ``python -m tests.soak.ksef_worker CONF DATABASE JOB …``; answers are JSON lines on standard output. ``sender``
sends in one go, as scripts do; ``jobs`` leaves everything to jobs and scheduled actions; ``together`` does that on invoices
that are already posted, beside another one; ``midnight`` sends while the day changes.
"""

from __future__ import annotations

import json
import os
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg2.errors

from tests.soak import jobs
from tests.soak.child import environment

NIP = "1234563218"
PER_SESSION = 7
CHANNEL = "root.bss.ksef"
#: Minutes after which an opened session that got no package is given up (20 with the real KSeF).
PART_MINUTES = 4 / 60
LONGEST = 240.0
LOST_RACES = (psycopg2.errors.SerializationFailure, psycopg2.errors.DeadlockDetected, psycopg2.errors.LockNotAvailable)


def say(**data: Any) -> None:
    sys.stdout.write(json.dumps(data) + "\n")
    sys.stdout.flush()


def prepare(env: Any, base_url: str, token: str, size: str = str(PER_SESSION)) -> None:
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
            "bss_ksef_batch_size": int(size),
        }
    )
    env["res.partner"].create({"name": "Zakład Sp. z o.o.", "ref": "soak", "vat": "PL5261040567", **address})
    env.cr.commit()


def own(env: Any) -> tuple[Any, Any]:
    """The environment in the company that sends, and the company."""
    company = env["res.company"].search([("bss_ksef_enabled", "=", True)])
    env = env(context={**env.context, "allowed_company_ids": company.ids})
    return env, company.with_env(env)


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


def quick() -> None:
    """The deadline for uploading, short enough for a test, wherever the addon asks for it."""
    patched = 0
    for name, module in list(sys.modules.items()):
        if name.startswith("odoo.addons.bss_ksef.") and hasattr(module, "MINUTES_PER_PART"):
            module.MINUTES_PER_PART = PART_MINUTES  # type: ignore[attr-defined]  # it was looked for above
            patched += 1
    assert patched, "the deadline for uploading has another name now"


def unfinished(env: Any) -> Any:
    from odoo.addons.bss_ksef.models import bss_ksef_session_queue

    return env["bss.ksef.session"].search([("state", "in", bss_ksef_session_queue.OPEN_STATES)], order="id")


def sender(env: Any, company: Any) -> None:
    """What a script does, without pauses between the questions."""
    until = time.monotonic() + LONGEST
    while time.monotonic() < until:
        waiting = unfinished(env)
        for record in waiting:
            record._bss_go_on()
            env.cr.commit()
        sent = env["bss.ksef.session"]._bss_send_batch(company, timeout=1)
        env.cr.commit()
        if not waiting and not sent and not to_send(env, company):
            return
        if not sent:
            time.sleep(0.1)
    raise TimeoutError("the sender did not come to an end")


def to_send(env: Any, company: Any) -> int:
    found: int = env["account.move"].search_count(
        [("company_id", "=", company.id), ("state", "=", "posted"), ("bss_ksef_state", "=", "to_send")]
    )
    return found


def by_jobs(env: Any, company: Any) -> None:
    """Jobs and scheduled actions, one after another, each as soon as it can; nothing waits for its time."""
    sessions = env["bss.ksef.session"]

    def nothing_left() -> bool:
        try:
            sessions._bss_queue(company)
            env.cr.commit()
            sessions._cron_poll()
            env.cr.commit()
        except LOST_RACES:  # Odoo repeats a scheduled action, too
            env.cr.rollback()
        env.invalidate_all()
        return not jobs.left(env, CHANNEL) and not unfinished(env) and not to_send(env, company)

    jobs.run_all(env, CHANNEL, ahead=3600, pause=0.1, longest=LONGEST, idle=nothing_left)


def together(env: Any, company: Any) -> None:
    """Another process does the same at the same moment: each starts the cycle and works on whatever is there."""
    say(event="waiting")
    sys.stdin.readline()
    for _attempt in range(100):
        try:
            env["bss.ksef.session"]._bss_queue(company)
            env.cr.commit()
            break
        except LOST_RACES:
            env.cr.rollback()
            env.invalidate_all(flush=False)
    by_jobs(env, company)


def midnight(env: Any, company: Any) -> None:
    """Half of the sessions are told to KSeF before midnight in Warsaw, the others wait over it."""
    sessions = env["bss.ksef.session"]
    prepared = sessions._bss_prepare(company)
    day = sessions._bss_day()
    for record in prepared[: len(prepared) // 2]:
        record._bss_transmit()
    env.cr.commit()
    say(event="half")
    sys.stdin.readline()  # meanwhile midnight passes
    assert sessions._bss_day() > day
    for record in prepared[len(prepared) // 2 :]:
        record._bss_transmit()
    prepared._bss_wait(60)
    env.cr.commit()
    moves = env["account.move"].search([("company_id", "=", company.id), ("state", "=", "posted")])
    states = {move.name: move.bss_ksef_state for move in moves}
    moves.filtered(lambda move: move.bss_ksef_state == "late").action_bss_ksef_send_late()
    env.cr.commit()
    say(event="midnight", day=day.isoformat(), states=states)
    by_jobs(env, company)


JOBS = {"sender": sender, "jobs": by_jobs, "together": together, "midnight": midnight}


def follow_clock(env: Any) -> None:
    """The business time of the sending is that of the simulator: the file ``BSS_KSEF_CLOCK`` says how far ahead it is."""
    clock = os.environ.get("BSS_KSEF_CLOCK")
    if clock:

        def now(_self: Any) -> datetime:
            return datetime.now(UTC) + timedelta(seconds=float(Path(clock).read_text()))

        env.registry["bss.ksef.session"]._bss_now = now


def tell(env: Any, company: Any) -> None:
    moves = env["account.move"].search([("company_id", "=", company.id), ("state", "=", "posted")])
    documents = env["bss.ksef.document"].search([("state", "in", ("rejected", "invalid"))])
    say(
        event="done",
        moves={move.name: [move.bss_ksef_state, move.bss_ksef_number or ""] for move in moves},
        refused=[f"{document.name}: {document.error_text}" for document in documents],
    )


def main(argv: list[str]) -> int:
    conf, database, job, *arguments = argv
    with environment(conf, database, alone=False, tracking_disable=True) as env:
        if job == "prepare":
            prepare(env, *arguments)
            return 0
        env, company = own(env)
        quick()
        follow_clock(env)
        say(event="ready")
        post(env, company, int(arguments[0]))
        JOBS[job](env, company)
        tell(env, company)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
