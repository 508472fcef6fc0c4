"""The finished cycle with an open Odoo environment on its database."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from tests.stories import TODAY, make_cycle_database

TABLES = (
    "account_move",
    "account_move_line",
    "bss_charge",
    "bss_document",
    "bss_dunning_action",
    "bss_dunning_case",
    "bss_usage_event",
    "bss_bill_run_item",
)


@dataclass
class CycleRun:
    """What the cycle printed, and a way to ask the database."""

    env: Any
    calendar: Any
    rows: list[dict[str, Any]]
    laws: list[dict[str, Any]]

    def fresh_laws(self) -> list[Any]:
        """The laws computed again on the present state of the transaction."""
        from bss_cli.conservation import laws

        return laws(self.env.cr, self.calendar.dunning_date.isoformat())

    def counts(self) -> dict[str, int]:
        """Rows per table that a repeated run must not change."""
        rows = {}
        for table in TABLES:
            self.env.cr.execute(f'SELECT count(*) FROM "{table}"')
            rows[table] = self.env.cr.fetchone()[0]
        return rows


@pytest.fixture(scope="session")
def cycle() -> Iterator[CycleRun]:
    """Run the cycle as ``./bss demo`` does, then open its database."""
    database = make_cycle_database()

    import odoo.api
    import odoo.service.server
    from odoo.modules.registry import Registry
    from odoo.tools import config

    from bss_cli import demo_cycle, odoo_run

    conf = str(odoo_run.write_conf(database.context))
    config.parse_config(["-c", conf, "-d", database.name, "--no-http", "--log-level=warn"])
    odoo.service.server.load_server_wide_modules()
    with Registry(database.name).cursor() as cr:
        env = odoo.api.Environment(cr, odoo.api.SUPERUSER_ID, {"queue_job__no_delay": True, "tracking_disable": True})
        yield CycleRun(env, demo_cycle.Calendar.before(TODAY), database.rows, database.laws)
        cr.rollback()
