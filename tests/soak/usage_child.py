"""Child of ``test_usage_kill``: loads a usage file, rates it and makes charges, going on where a killed one stopped.

Called as ``python -m tests.soak.usage_child CONF DATABASE prepare ROWS SEED`` and ``… work``; tells its phases on standard output.
"""

from __future__ import annotations

import sys
from datetime import date
from typing import Any

from tests.soak.child import digest, environment, tell, tell_found

TODAY = date(2026, 11, 1)
PERIOD = (date(2026, 10, 1), date(2026, 10, 31))
CHUNKS = 25
FILES = 10

# What must not depend on kills: everything but ids, numbers of runs and instants of writing.
DIGESTS = {
    "file": """SELECT state, count_rows, count_loaded, count_merged, count_waiting, count_suspended, count_duplicate,
                      count_ignored, count_rejected, count_difference FROM bss_usage_file ORDER BY name""",
    "events": """SELECT state, count(*), sum(units), sum(amount_e4), sum(free_units), sum(billed_units),
                        count(DISTINCT identity),
                        md5(string_agg(concat_ws('|', identity, service_id, zone_id, rate_id, free_units, amount_e4),
                                       ',' ORDER BY identity, line_no))
                   FROM bss_usage_event GROUP BY state ORDER BY state""",
    "on_load": """SELECT count(*) FROM bss_usage_event event JOIN bss_rating_run run ON run.id = event.rating_run_id
                   WHERE run.is_continuous""",
    "suspense": """SELECT count(*), md5(string_agg(concat_ws('|', dedupe_key, line_no, reason_code), ','
                                            ORDER BY line_no, dedupe_key, reason_code))
                     FROM bss_usage_suspense""",
    "allowances": """SELECT count(*), sum(used), md5(string_agg(concat_ws('|', service_id, offering_allowance_id, used),
                            ',' ORDER BY service_id, offering_allowance_id, date_start)) FROM bss_allowance""",
    "charges": """SELECT count(*), sum(amount_e4), sum(amount), sum(usage_count), sum(usage_seconds)
                    FROM bss_charge WHERE kind = 'usage'""",
    "run": """SELECT state, count_events, count_rated, count_free, count_suspended, count_uncharged, amount_e4
                FROM bss_rating_run ORDER BY is_continuous, id""",
}


def prepare(env: Any, rows: int, seed: int) -> None:
    """The demo operator and received files: a load that came through before its kill must not be the last one."""
    from odoo.addons.bss_mediation.mediation_core.generator import Mix, generate_master_csv

    env["bss.demo"].load(TODAY)
    _give_numbers(env)
    numbers = env["bss.service.identifier"].search([("kind", "=", "msisdn")], order="value").mapped("value")
    content = generate_master_csv(numbers, rows, *PERIOD, seed, Mix(bad=0.02, duplicate=0.02))
    lines = content.splitlines(keepends=True)
    source = env["bss.usage.source"].search([], limit=1)
    for number in range(FILES):
        part = b"".join(lines[number::FILES])
        env["bss.usage.file"]._bss_receive(source, f"kill{number:02}.csv", part)
    env.cr.commit()


def _give_numbers(env: Any) -> None:
    """Numbers and a plan for services without free units: what they use is rated as it is loaded."""
    template = env["bss.offering.allowance"].search([]).template_id
    domain = [("state", "=", "active"), ("product_id.product_tmpl_id", "not in", template.ids)]
    services = env["bss.service"].search([*domain, ("date_start", "<=", PERIOD[0])], limit=20, order="id")
    services.rate_plan_id = env["bss.service"].search([("rate_plan_id", "!=", False)], limit=1).rate_plan_id
    env["bss.service.identifier"].create(
        [
            {"service_id": service.id, "kind": "msisdn", "value": f"4845900{place:04}", "date_start": PERIOD[0]}
            for place, service in enumerate(services)
        ]
    )


def work(env: Any) -> None:
    from odoo.addons.bss_mediation.models import bss_usage_file_load
    from odoo.addons.bss_rating.models import bss_rating_run

    files = env["bss.usage.file"].search([], order="name")
    rows = len(files[0].sudo().attachment_id.raw.splitlines())
    bss_usage_file_load.CHUNK_ROWS = max(rows // CHUNKS, 1)
    bss_rating_run.CHUNK_EVENTS = max(rows * len(files) // CHUNKS, 1)
    for file in files.filtered(lambda file: file.state == "received"):
        tell("load")
        file._bss_load()
        env.cr.commit()
    tell("between")
    runs = env["bss.rating.run"].with_company(files.company_id)
    run = runs.search([("is_continuous", "=", False)]) or runs.create({"date_start": PERIOD[0], "date_end": PERIOD[1]})
    env.cr.commit()
    if run.state not in ("done", "done_errors"):
        tell("rate")
        run._bss_rate()
        env.cr.commit()
    tell("charge")
    for one in runs.search([], order="id"):
        one._bss_make_charges()
    env.cr.commit()
    tell_found(digest(env, DIGESTS))


def main(argv: list[str]) -> int:
    conf, database, role, *numbers = argv
    with environment(conf, database) as env:
        if role == "prepare":
            prepare(env, *map(int, numbers))
        else:
            work(env)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
