"""A month of usage closed, and searched, at several sizes.

Run as a child (``python -m tests.benchmarks.usage_e2e DATABASE EVENTS…``), so that its memory is its own. Accounts have
as many events whatever the size, so that a group to be charged is as large and the cost of an event can be compared. Needs
half a kilobyte of disk per event and its indexes.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import time
from datetime import date, timedelta
from typing import Any

from .charges_e2e import server_seconds
from .usage_data import EVENTS_PER_ACCOUNT, make_accounts, make_month

# of 31 days: what happens in thirty days of UTC is then of one Polish month, and of one group
MONTHS = [date(2026, 7, 1), date(2026, 8, 1), date(2026, 10, 1)]
ROUNDS = 3


def close_month(env: Any, run: Any) -> dict[str, float]:
    """Charges of a run: wall, CPU of the server process that leads, how many."""
    cpu, server, wall = time.process_time(), server_seconds(env.cr), time.perf_counter()
    made = run._bss_make_charges()
    env.cr.commit()
    found = {
        "wall": time.perf_counter() - wall,
        "cpu": time.process_time() - cpu,
        "server": server_seconds(env.cr) - server,
        "charges": made,
    }
    env.cr.execute(
        """SELECT (SELECT sum(amount_e4) FROM bss_usage_event WHERE rating_run_id = %(run)s),
                  (SELECT sum(amount_e4) FROM bss_charge WHERE rating_run_id = %(run)s)""",
        {"run": run.id},
    )
    events, charges = env.cr.fetchone()
    assert events == charges and made, (events, charges, made)
    assert run._bss_make_charges() == 0 and not run.count_uncharged
    env.cr.commit()
    return found


def searches(env: Any) -> dict[str, list[Any]]:
    """What users type into the search of events, as domains of the view."""
    month = env["bss.rating.run"].search([], order="date_start DESC", limit=1).date_start
    tenth = month + timedelta(days=9)
    env.cr.execute("SELECT a_number, b_number, file_id FROM bss_usage_event WHERE started_at >= %s LIMIT 1", (tenth,))
    caller, called, file_id = env.cr.fetchone()
    written = f"{caller[2:5]} {caller[5:8]} {caller[8:]}"
    day = [["started_at", ">=", f"{tenth} 22:00:00"], ["started_at", "<", f"{tenth + timedelta(days=1)} 22:00:00"]]
    return {
        "all": [],
        "caller": [["number", "ilike", caller]],
        "caller in Polish writing": [["number", "ilike", written]],
        "caller and day": ["&", *day, ["number", "ilike", written]],
        "called": [["number", "ilike", called]],
        "first digits": [["number", "ilike", "48500"]],
        "first digits, few": [["a_number", "=like", f"{caller[:9]}%"]],
        "number of nobody": [["number", "ilike", "799 999 999"]],
        "day": day,
        "month": [["started_at", ">=", f"{month} 00:00:00"], ["started_at", "<", f"{tenth} 00:00:00"]],
        "customer": [["account_id", "ilike", "Wójcik 1002"]],
        "customers": [["account_id", "ilike", "Wójcik"]],
        "customer and day": [*day, ["account_id", "ilike", "Zając 10"]],
        "file": [["file_id", "in", [file_id]]],
        "zone and day": [*day, ["zone_id", "ilike", "B-PREM"]],
        "suspended": [["state", "=", "suspended"]],
    }


def search_seconds(env: Any) -> dict[str, float]:
    """Seconds of what the web client asks for when the list opens: the median of the rounds, by search."""
    events = env["bss.usage.event"].with_user(env.ref("base.user_admin"))
    shown = ("started_at", "a_number", "b_number_shown", "duration_display", "amount", "state")
    names = ("account_id", "service_id", "zone_id", "currency_id")
    specification = {name: {} for name in shown} | {name: {"fields": {"display_name": {}}} for name in names}
    found = {}
    for name, domain in searches(env).items():
        seconds = []
        for _round in range(ROUNDS):
            env.invalidate_all()
            start = time.perf_counter()
            answer = events.web_search_read(domain, specification, limit=80, count_limit=10_001)
            seconds.append(time.perf_counter() - start)
        assert answer["length"] or name in ("suspended", "number of nobody"), name
        found[name] = sorted(seconds)[ROUNDS // 2]
    return found


def measure(env: Any, sizes: list[int]) -> dict[str, Any]:
    make_accounts(env, max(sizes) // EVENTS_PER_ACCOUNT)
    env.cr.commit()
    closed = {}
    for month, events in zip(MONTHS, sizes, strict=False):
        run = make_month(env, month, events)
        closed[events] = close_month(env, run)
        sys.stderr.write(f"{events}: {closed[events]}\n")
    found = search_seconds(env)
    sys.stderr.write("".join(f"{seconds:8.3f} s  {name}\n" for name, seconds in found.items()))
    env.cr.execute("SELECT pg_database_size(current_database())")
    return {
        "closed": closed,
        "searches": found,
        "size": env.cr.fetchone()[0] / 2**30,
        "memory": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


def main(argv: list[str]) -> int:
    from tests.soak.child import environment

    database, *sizes = argv
    with environment(os.environ["BSS_ODOO_CONF"], database) as env:
        sys.stdout.write(json.dumps(measure(env, [int(size) for size in sizes])) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
