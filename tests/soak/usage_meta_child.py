"""Child of ``test_usage_metamorphic``: the same calls come in other ways; what they cost must not depend on it.

Called as ``… CONF DATABASE prepare FILE ROWS SEED`` (the demo operator, calls into FILE), ``… ways FILE SEED`` (every way in a
transaction of its own, undone afterwards), ``… load FILE FIRST STEP`` (a part of the calls, when told to go), ``… finish``.
"""

from __future__ import annotations

import json
import random
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.soak.child import environment, tell
from tests.soak.usage_child import PERIOD, TODAY

PARTS = 7
TIES = 40
DURATION = 13  # of a generated row cut at its commas; billsec follows

# What must be the same: everything but ids, files and lines.
DIGESTS = {
    "events": """SELECT state, count(*), sum(units), sum(amount_e4), sum(free_units), sum(billed_units),
                        md5(string_agg(concat_ws('|', identity, service_id, zone_id, rate_id, billed_units, free_units,
                                                 amount_e4, reason), ',' ORDER BY identity))
                   FROM bss_usage_event GROUP BY state ORDER BY state""",
    "accounts": """SELECT account_id, sum(amount_e4), sum(amount) FROM bss_charge
                    WHERE kind = 'usage' AND state <> 'cancelled' GROUP BY account_id ORDER BY account_id""",
    "corrections": "SELECT count(*) FROM bss_charge WHERE kind = 'correction'",
    "suspense": """SELECT count(*), md5(string_agg(concat_ws('|', dedupe_key, reason_code), ',' ORDER BY dedupe_key))
                     FROM bss_usage_suspense""",
    "allowances": """SELECT count(*), sum(used), md5(string_agg(concat_ws('|', service_id, offering_allowance_id, used),
                            ',' ORDER BY service_id, offering_allowance_id, date_start)) FROM bss_allowance
                      WHERE used <> 0""",
    "lost": "SELECT sum(count_difference) FROM bss_usage_file",
}


def digest(env: Any) -> dict[str, Any]:
    env.flush_all()
    found = {}
    for name, query in DIGESTS.items():
        env.cr.execute(query)
        found[name] = env.cr.fetchall()
    return json.loads(json.dumps(found, default=str))


def with_ties(rows: list[bytes], dice: random.Random) -> list[bytes]:
    """Some calls of one caller at the same second: their order must not be that of files."""
    talked = [row for row in rows if b'"ANSWERED"' in row and row.count(b",") == 21]
    talked = [row for row in talked if all(row.split(b",")[place].isdigit() for place in (DURATION, DURATION + 1))]
    ties = []
    for number in range(TIES):
        row = talked[dice.randrange(len(talked))]
        for copy in range(3):
            fields = row.split(b",")
            fields[-1] = b'"tie-%d-%d"' % (number, copy)  # the sequence, so that it is a call of its own
            fields[5] = b'"SIP/tie-%d-%d"' % (number, copy)
            fields[DURATION] = fields[DURATION + 1] = b"%d" % (int(fields[DURATION + 1]) + 37 * copy)
            ties.append(b",".join(fields))
    return rows + ties


def prepare(env: Any, path: Path, rows: int, seed: int) -> None:
    from odoo.addons.bss_mediation.mediation_core.generator import Mix, generate_master_csv

    env["bss.demo"].load(TODAY)
    numbers = env["bss.service.identifier"].search([("kind", "=", "msisdn")], order="value").mapped("value")
    # few callers, so that allowances run out in the middle of a day
    content = generate_master_csv(numbers[:40], rows, *PERIOD, seed, Mix(bad=0.02, duplicate=0.02))
    path.write_bytes(b"\n".join(with_ties(content.splitlines(), random.Random(seed))) + b"\n")
    env.cr.commit()


def receive(env: Any, name: str, rows: list[bytes]) -> Any:
    source = env["bss.usage.source"].search([], limit=1)
    return env["bss.usage.file"]._bss_receive(source, name, b"\n".join(rows) + b"\n")


def load(env: Any, *parts: list[bytes]) -> None:
    for number, rows in enumerate(parts):
        receive(env, f"part{number}.csv", rows)._bss_load()


def rate(env: Any) -> Any:
    company = env["bss.usage.source"].search([], limit=1).company_id
    runs = env["bss.rating.run"].with_company(company)
    run = runs.create({"date_start": PERIOD[0], "date_end": PERIOD[1]})
    run._bss_rate()
    for one in runs.search([]):
        one._bss_make_charges()
    return company


def rate_again(env: Any) -> None:
    company = rate(env)
    rerating = env["bss.rerating"].with_company(company)
    values = {"date_start": PERIOD[0], "date_end": PERIOD[1], "reason": "Nothing changed"}
    rerating.create(values).action_rerate()


def shuffled(rows: list[bytes], dice: random.Random) -> list[bytes]:
    return dice.sample(rows, len(rows))


def ways(env: Any, path: Path, seed: int) -> None:
    dice = random.Random(seed)
    rows = path.read_bytes().splitlines()
    cuts = sorted(dice.sample(range(1, len(rows)), PARTS - 1))
    borders = [0, *cuts, len(rows)]
    pieces = [rows[first:last] for first, last in zip(borders, borders[1:], strict=False)]
    all_ways: dict[str, Callable[[], object]] = {
        "whole": lambda: (load(env, rows), rate(env)),
        "shuffled": lambda: (load(env, shuffled(rows, dice)), rate(env)),
        "split": lambda: (load(env, *pieces), rate(env)),
        "split, last first": lambda: (load(env, *reversed(pieces)), rate(env)),
        "dealt out": lambda: (load(env, *(rows[first::PARTS] for first in range(PARTS))), rate(env)),
        "loaded twice": lambda: (load(env, rows, shuffled(rows, dice)), rate(env)),
        "rated between": lambda: (load(env, rows), rate(env), load(env, shuffled(rows, dice)), rate(env)),
        "rated again": lambda: (load(env, rows), rate_again(env)),
    }
    found = {}
    for name, way in all_ways.items():
        env.cr.execute("SAVEPOINT before_way")
        way()
        found[name] = digest(env)
        env.cr.execute("ROLLBACK TO SAVEPOINT before_way")
        env.invalidate_all()
    tell(json.dumps(found))


def load_when_told(env: Any, path: Path, first: int, step: int) -> None:
    """A part of the calls, those of the neighbour as well; begun anew when the database says so, as a job would be."""
    import psycopg2

    rows = path.read_bytes().splitlines()
    file = receive(env, f"process{first}.csv", rows[first::step] + rows[(first + 1) % step :: step])
    env.cr.commit()
    tell("ready")
    sys.stdin.readline()
    for attempt in range(50):
        try:
            file._bss_load()
            env.cr.commit()
        except (psycopg2.errors.SerializationFailure, psycopg2.errors.DeadlockDetected):
            env.cr.rollback()
            env.invalidate_all()
        else:
            tell(
                json.dumps({"attempts": attempt + 1, "loaded": file.count_loaded, "difference": file.count_difference})
            )
            return
    tell(json.dumps({"attempts": 50}))


def main(argv: list[str]) -> int:
    conf, database, role, *rest = argv
    with environment(conf, database, alone=role != "load", queue_job__no_delay=True) as env:
        if role == "prepare":
            prepare(env, Path(rest[0]), int(rest[1]), int(rest[2]))
            return 0
        from odoo.tools import config

        if role == "ways":
            config["test_enable"] = True  # nothing is committed on the way
            ways(env, Path(rest[0]), int(rest[1]))
        elif role == "load":
            load_when_told(env, Path(rest[0]), int(rest[1]), int(rest[2]))
        else:
            config["test_enable"] = True
            rate(env)
            tell(json.dumps(digest(env)))
            env.cr.rollback()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
