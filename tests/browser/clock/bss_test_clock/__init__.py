"""Odoo's now and today stand at the instant (ISO, UTC) in the file that BSS_TEST_CLOCK names, until it is changed.

Only what Odoo asks through its fields moves; sessions, jobs' retries and PostgreSQL keep the real time.
"""

import os
from datetime import datetime
from pathlib import Path

from odoo import fields

_real_context_today = fields.Date.context_today


def _now(*_args):
    return datetime.fromisoformat(Path(os.environ["BSS_TEST_CLOCK"]).read_text().strip())


def _context_today(record, timestamp=None):
    return _real_context_today(record, timestamp or _now())


if "BSS_TEST_CLOCK" in os.environ:
    fields.Datetime.now = staticmethod(_now)
    fields.Date.today = staticmethod(lambda *_args: _now().date())
    fields.Date.context_today = staticmethod(_context_today)
