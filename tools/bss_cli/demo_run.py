"""Child process of `./bss demo`: runs in the virtual environment, inside Odoo, and reports as JSON lines.

Called as `python -m bss_cli.demo_run CONF DATABASE REPORT OPTIONS`, options as JSON; the cycle itself is `demo_cycle`.
"""

from __future__ import annotations

import datetime
import json
import sys
import time
import zoneinfo
from pathlib import Path
from typing import Any


def main(argv: list[str]) -> int:
    conf, database, report_path, given = argv
    options = json.loads(given)
    import odoo.api
    import odoo.service.server
    from odoo.modules.registry import Registry
    from odoo.tools import config

    from bss_cli import demo_clock, demo_cycle

    demo_clock.install()

    with Path(report_path).open("a", buffering=1) as report:

        def tell(**data: Any) -> None:
            report.write(json.dumps(data, default=str) + "\n")

        last = {"at": 0.0}

        def progress(stage: str, done: int, total: int) -> None:
            now = time.monotonic()
            if done in {0, total} or now - last["at"] > 0.1:
                last["at"] = now
                tell(event="progress", stage=stage, done=done, total=total)

        config.parse_config(["-c", conf, "-d", database, "--no-http", "--log-level=warn"])
        odoo.service.server.load_server_wide_modules()
        registry = Registry(database)
        with registry.cursor() as cr:
            env = odoo.api.Environment(cr, odoo.api.SUPERUSER_ID, {"lang": "pl_PL", "tz": "Europe/Warsaw"})
            now = datetime.datetime.now(zoneinfo.ZoneInfo("Europe/Warsaw"))
            today = datetime.date.fromisoformat(options["today"]) if options["today"] else now.date()
            stages, laws = demo_cycle.run(env, progress, today, options["calls"], options["accounts"], options["until"])
            cr.commit()
        for stage in stages:
            tell(event="row", name=stage.name, count=stage.count, amount=stage.amount, note=stage.note)
        for law in laws:
            tell(event="law", text=str(law), holds=bool(law.holds))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
