"""What every child of a kill test does: tells its phases on standard output, waits for its killed forerunner, opens Odoo."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any


def tell(word: str) -> None:
    sys.stdout.write(word + "\n")
    sys.stdout.flush()


def digest(env: Any, queries: Mapping[str, str]) -> dict[str, Any]:
    """{name: rows} of what the books say."""
    found = {}
    for name, query in queries.items():
        env.cr.execute(query)
        found[name] = env.cr.fetchall()
    return found


def tell_found(found: Mapping[str, Any]) -> None:
    tell(json.dumps(found, default=str))


def wait_alone(cr: Any) -> None:
    """The server notices only after a while that its killed client is gone; until then its locks stay."""
    while True:
        cr.execute(
            """SELECT count(*) FROM pg_stat_activity
                WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'"""
        )
        if not cr.fetchone()[0]:
            cr.commit()
            return
        cr.commit()
        time.sleep(0.05)


@contextmanager
def environment(conf: str, database: str, alone: bool = True, **context: Any) -> Iterator[Any]:
    """An Odoo environment of the superuser on ``database``; by default it waits until nobody else is there."""
    import odoo.api
    import odoo.service.server
    from odoo.modules.registry import Registry
    from odoo.tools import config

    config.parse_config(["-c", conf, "-d", database, "--no-http", "--log-level=error"])
    odoo.service.server.load_server_wide_modules()
    with Registry(database).cursor() as cr:
        if alone:
            wait_alone(cr)
        yield odoo.api.Environment(cr, odoo.api.SUPERUSER_ID, {"tracking_disable": True, **context})
