from datetime import datetime

from odoo.tests import tagged

from .. import adapters, store
from ..mediation_core.guide import identity
from .common import MediationCommon

OLD_TABLE = """
    CREATE SCHEMA old_version;
    SET LOCAL search_path TO old_version, public;
    CREATE SEQUENCE bss_usage_event_id_seq AS bigint;
    CREATE TABLE bss_usage_event (
        id bigint NOT NULL DEFAULT nextval('bss_usage_event_id_seq'), started_at timestamp NOT NULL,
        answered_at timestamp, units bigint NOT NULL, billed_units bigint, free_units bigint, amount_e4 bigint,
        amount numeric(16, 4) GENERATED ALWAYS AS (amount_e4 * 0.0001) STORED, company_id int4 NOT NULL,
        source_id int4 NOT NULL, file_id int4 NOT NULL, line_no int4 NOT NULL, duration_s int4,
        service_id int4 NOT NULL, account_id int4 NOT NULL, plan_id int4, zone_id int4, rate_id int4, charge_id int4,
        rating_run_id int4, dedupe_key varchar NOT NULL, usage_kind varchar NOT NULL, direction varchar NOT NULL,
        a_number varchar, b_number varchar, state varchar NOT NULL, reason varchar, prefix varchar, explanation text,
        PRIMARY KEY (id, started_at), UNIQUE (source_id, dedupe_key, started_at)
    ) PARTITION BY RANGE (started_at);
    CREATE INDEX bss_usage_event_file_idx ON bss_usage_event (file_id);
    CREATE TABLE old_month PARTITION OF bss_usage_event FOR VALUES FROM ('2026-10-01') TO ('2026-11-01');
    INSERT INTO bss_usage_event (started_at, units, company_id, source_id, file_id, line_no, service_id, account_id,
        dedupe_key, usage_kind, direction, state)
    VALUES ('2026-10-14', 60, 1, 1, 1, 1, 1, 1, 'zażółć\\1791.7', 'voice', 'out', 'guided')
"""


@tagged("post_install", "-at_install")
class TestUsageStore(MediationCommon):
    def columns(self):
        self.env.cr.execute(
            """SELECT column_name, data_type, is_nullable FROM information_schema.columns
                WHERE table_schema = current_schema AND table_name = 'bss_usage_event'"""
        )
        return set(self.env.cr.fetchall())

    def indexes(self):
        self.env.cr.execute(
            "SELECT indexname FROM pg_indexes WHERE schemaname = current_schema AND tablename = 'bss_usage_event'"
        )
        return {name for (name,) in self.env.cr.fetchall()}

    def test_a_table_of_an_earlier_version_is_brought_up(self):
        columns, indexes = self.columns(), self.indexes()
        with self.env.cr.savepoint(flush=False) as savepoint:
            self.env.cr.execute(OLD_TABLE)
            for _time in range(2):
                store.create_event_table(self.env.cr)
                self.assertEqual(self.columns(), columns)
                self.assertEqual(self.indexes(), indexes)
            self.env.cr.execute("SELECT identity::text, on_net, direction FROM bss_usage_event")
            key, on_net, direction = self.env.cr.fetchone()
            savepoint.rollback()
        self.assertEqual(key.replace("-", ""), identity("zażółć\\1791.7"))
        self.assertEqual((on_net, direction), (False, "out"))
        self.assertEqual(self.columns(), columns)

    def test_every_column_of_an_event_is_stored(self):
        self.number(self.service, "48222222222")
        values = {
            "usage_kind": "data",
            "direction": "out",
            "a_number": "48601999999",
            "b_number": "48222222222",
            "account_code": "ACME",
            "login": "Anna",
            "imsi": "260010000000001",
            "charged_number": "48501000001",
            "network": "26202",
            "service_code": "apn:internet",
            "session_key": "s-1",
            "started_at": datetime(2026, 10, 14, 12, 0, 0, 250_000),
            "answered_at": datetime(2026, 10, 14, 12, 0, 5),
            "duration_s": 30,
            "units": 9_126_805_504,
            "volume_up": 536_870_912,
            "volume_down": 8_589_934_592,
            "cost_micro": -210_000,
            "cost_currency": "EUR",
        }
        event = self.store_event(values)
        self.assertEqual({name: event[name] for name in values}, {**values, "started_at": event.started_at})
        self.assertEqual(event.started_at.replace(microsecond=0), datetime(2026, 10, 14, 12))
        self.assertEqual((event.cost, event.on_net, event.service_id), (-0.21, True, self.service))

    def test_new_kinds_of_usage_have_a_label(self):
        for number, kind in enumerate(("voice", "sms", "mms", "data", "premium", "content")):
            event = self.store_event({"usage_kind": kind, "a_number": "48501000001"}, key=f"k{number}")
            self.assertIn(event.usage_kind, dict(event._fields["usage_kind"].selection))

    def test_events_are_found_by_login_imsi_and_account_code(self):
        for kind, value in (("login", "anna"), ("imsi", "260010000000001"), ("account_code", "ACME")):
            self.number(self.service, value, kind=kind)
            event = self.store_event({kind: value}, key=kind)
            self.assertEqual(event.service_id, self.service, kind)
            self.assertIn(value, (event[kind],))
            self.assertTrue(event.display_name)

    def test_small_and_large_files_find_the_same_services(self):
        self.number(self.service, 'a"b, c', kind="account_code")
        rows = ({"a_number": "48501000001"}, {"account_code": 'a"b, c'}, {"login": "nobody"})
        events = self.event_frame(*({"dedupe_key": f"k{place}", **row} for place, row in enumerate(rows)))
        for size in (0, 10_000_000):
            directory = store.Directory(self.env.cr, self.company.id, size)
            guided = self.source._bss_guide_of()(events, directory.of(events))
            self.assertEqual(guided["service_id"].to_list(), [self.service.id, self.service.id, None], size)
            self.assertEqual(guided["reason"].to_list(), [None, None, "ACCESS_NOT_FOUND"], size)

    def store_event(self, values, key="k"):
        """An event of a record with ``values``, by way of guiding and the stage."""
        file = self.receive(self.row(), name=f"{key}.csv")
        frame = self.event_frame({"dedupe_key": key, **values}).with_columns(file_id=file.id, suspense_id=None)
        rows, _rater = self.source._bss_rows(frame, store.Directory(self.env.cr, self.company.id))
        store.ensure_partitions(self.env.cr, adapters.months(frame))
        store.copy_to_stage(self.env.cr, rows)
        self.assertEqual(store.insert_events(self.env.cr, self.company.id, self.source.id), 1)
        self.env["bss.usage.event"].invalidate_model()
        return self.events(file)
