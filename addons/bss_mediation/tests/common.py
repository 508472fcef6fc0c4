from datetime import date, datetime

import polars as pl
from odoo.addons.bss_contracts.tests.common import ContractsCommon

from ..mediation_core.values import as_events

GOOD = {
    "accountcode": "",
    "src": "501000001",
    "dst": "221234567",
    "dcontext": "subscribers",
    "clid": "x",
    "channel": "PJSIP/a-1",
    "dstchannel": "PJSIP/b-2",
    "lastapp": "Dial",
    "lastdata": "",
    "start": "2026-10-14 17:58:20",
    "answer": "2026-10-14 17:58:30",
    "end": "2026-10-14 18:02:30",
    "duration": "250",
    "billsec": "240",
    "disposition": "ANSWERED",
    "amaflags": "DOCUMENTATION",
}
# Calls of tests are of certain days, whatever day it is.
ANY_DAY = {"ahead_hours": 0, "max_age_days": 0}


class MediationCommon(ContractsCommon):
    """A telephone subscriber with number 48501000001 and an Asterisk source."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.mobile = cls.make_offering("T-MOB", 20.0, service="mobile")
        cls.account = cls.make_subscriber("Anna Nowak", products=[cls.mobile], msisdn="48501000001")
        cls.service = cls.account.service_ids
        cls.source = cls.env["bss.usage.source"].create({"name": "Exchange", "code": "T-AST", **ANY_DAY})
        cls.channel_no = 0
        if "bss_rate_on_load" in cls.company._fields:
            cls.company.bss_rate_on_load = False  # what another addon makes of loaded events is tested there

    @classmethod
    def row(cls, *extra, **changes):
        """One row of Master.csv; each has its own channel unless given, as on a real exchange."""
        cls.channel_no += 1
        values = {**GOOD, "channel": f"PJSIP/a-{cls.channel_no}", **changes}
        return ",".join('"' + value.replace('"', '""') + '"' for value in [*values.values(), *extra])

    @classmethod
    def receive(cls, *rows, name="Master.csv", source=None):
        content = "".join(row + "\n" for row in rows).encode()
        return cls.env["bss.usage.file"]._bss_receive(source or cls.source, name, content)

    @classmethod
    def load(cls, *rows, **kwargs):
        file = cls.receive(*rows, **kwargs)
        file._bss_load()
        return file

    @staticmethod
    def event_frame(*rows):
        """Rows of ``EVENT_SCHEMA``: calls of a minute unless told otherwise."""
        usual = {"line_no": 1, "usage_kind": "voice", "units": 60, "raw": "r", "started_at": datetime(2026, 10, 14, 12)}
        return as_events(pl.DataFrame([{**usual, **row} for row in rows], infer_schema_length=None))

    def events(self, file):
        return self.env["bss.usage.event"].search([("file_id", "=", file.id)], order="started_at, id")

    def assertCounts(self, file, **expected):
        names = ("loaded", "merged", "waiting", "suspended", "duplicate", "ignored", "rejected")
        found = {name: file[f"count_{name}"] for name in names if file[f"count_{name}"]}
        self.assertEqual(found, expected)
        self.assertEqual(file.count_rows, sum(expected.values()))
        self.assertEqual(file.count_difference, 0)
        self.assertEqual(len(self.events(file)), file.count_loaded)
        waiting = file.suspense_ids.filtered(lambda row: row.state != "replayed")
        self.assertEqual(len(waiting), file.count_suspended)

    @classmethod
    def number(cls, service, value, date_start=date(2026, 1, 1), date_end=False, kind="msisdn"):
        return cls.env["bss.service.identifier"].create(
            {"service_id": service.id, "kind": kind, "value": value, "date_start": date_start, "date_end": date_end}
        )
