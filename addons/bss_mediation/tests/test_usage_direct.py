from datetime import date, datetime
from threading import Thread
from unittest.mock import patch

import polars as pl
from odoo.sql_db import db_connect
from odoo.tests import BaseCase, get_db_name, tagged
from psycopg2.errors import UniqueViolation

from .. import adapters, event_rows, store
from ..mediation_core.generator import Mix, generate_master_csv
from ..mediation_core.guide import GUIDED_SCHEMA
from ..mediation_core.values import EVENT_SCHEMA
from ..models import bss_usage_file_load
from .common import MediationCommon

NOBODY = 2_000_000_000  # a source that no file is of


@tagged("post_install", "-at_install")
class TestUsageDirect(MediationCommon):
    def test_an_overlapping_file_loads_only_what_is_new(self):
        data = generate_master_csv(
            ["48501000001"], 300, date(2026, 9, 25), date(2026, 10, 31), 7, Mix(bad=0.1, duplicate=0.02)
        )
        lines = data.splitlines(keepends=True)
        whole = self._load(b"".join(lines), self.source.copy({"code": "T-WHOLE"}))
        for size in (30, 50_000):
            source = self.source.copy({"code": f"T-{size}"})
            with patch.object(bss_usage_file_load, "CHUNK_ROWS", size):
                files = [self._load(b"".join(part), source) for part in (lines[:200], lines[100:])]
            self.assertEqual([file.count_difference for file in files], [0, 0])
            self.assertGreater(files[1].count_duplicate, 50)
            for name in ("count_loaded", "count_suspended"):
                self.assertEqual(sum(file[name] for file in files), whole[name], name)
            keys = [sorted(self.events(file).mapped("dedupe_key")) for file in files]
            self.assertEqual(sorted(keys[0] + keys[1]), sorted(self.events(whole).mapped("dedupe_key")))

    def test_in_memory_and_by_need_give_the_same(self):
        data = generate_master_csv(["48501000001"], 300, date(2026, 10, 1), date(2026, 10, 31), 9, Mix(bad=0.1))
        results = []
        for code, size in (("T-NEED", store.identifiers.WHOLE_FROM_BYTES), ("T-WHOLE", 0)):
            source = self.source.copy({"code": code})
            with (
                patch.object(store.identifiers, "WHOLE_FROM_BYTES", size),
                patch.object(bss_usage_file_load, "CHUNK_ROWS", 40),
            ):
                file = self._load(data, source)
            names = [*bss_usage_file_load.COUNTS, "count_difference"]
            rows = self.events(file).mapped(
                lambda event: (event.dedupe_key, event.service_id, event.units, event.state)
            )
            results.append(([file[name] for name in names], rows))
        self.assertEqual(*results)

    def test_a_refusal_of_the_database_is_no_loss(self):
        """What another transaction stored meanwhile is not seen by looking, only by the index."""
        first, second, stranger = self.row(), self.row(), self.row(src="601999999")
        self.load(first)
        with patch.object(store, "known_lines", return_value=[]):
            file = self.load(second, first, stranger, first)
        self.assertCounts(file, loaded=1, duplicate=2, suspended=1)

    def test_statistics_of_a_new_month_are_made_at_once(self):
        rows = (self.row(start="2033-05-14 10:00:00", answer="", end="") for _number in range(1_100))
        self.load(*rows)
        self.env.cr.execute("SELECT reltuples FROM pg_class WHERE relname = 'bss_usage_event_y2033m05'")
        self.assertEqual(self.env.cr.fetchone()[0], 1_100)

    def _load(self, data, source):
        file = self.env["bss.usage.file"]._bss_receive(source, "volume.csv", data)
        file._bss_load()
        return file


@tagged("post_install", "-at_install")
class TestTwoLoads(BaseCase):
    """Two transactions load the same rows of one source at once."""

    def setUp(self):
        super().setUp()
        self.database = db_connect(get_db_name())
        with self.database.cursor() as cr:
            store.ensure_partitions(cr, [date(2026, 10, 1)])
        self.addCleanup(self._forget)

    def _forget(self):
        with self.database.cursor() as cr:
            cr.execute("DELETE FROM bss_usage_event WHERE source_id = %s", (NOBODY,))

    def test_the_second_waits_and_stores_nothing_twice(self):
        found = {}

        def second():
            with self.database.cursor() as cr:
                store.take_source(cr, NOBODY)
                found["seen"] = store.known_lines(cr, NOBODY, self._events(range(5, 15)))
                try:
                    self._store(cr, range(5, 15))
                except UniqueViolation as error:
                    found["refused"] = error
                    cr.rollback()
                # tried again, as the server of Odoo and the queue do
                known = store.known_lines(cr, NOBODY, self._events(range(5, 15)))
                found["known"] = sorted(known)
                self._store(cr, [line for line in range(5, 15) if line not in known])

        with self.database.cursor() as cr:
            store.take_source(cr, NOBODY)
            self.assertEqual(store.known_lines(cr, NOBODY, self._events(range(10))), [])
            self._store(cr, range(10))
            thread = Thread(target=second)
            thread.start()
            thread.join(0.5)
            self.assertTrue(thread.is_alive(), "the second load waits")
        thread.join(30)
        # whether it looks before or after the first one ends, the index refuses what it did not see
        self.assertTrue("refused" in found or found["seen"] == [5, 6, 7, 8, 9], found)
        self.assertEqual(found["known"], [5, 6, 7, 8, 9])
        with self.database.cursor() as cr:
            cr.execute(
                "SELECT array_agg(line_no ORDER BY line_no) FROM bss_usage_event WHERE source_id = %s", (NOBODY,)
            )
            self.assertEqual(cr.fetchone()[0], list(range(15)))

    def _store(self, cr, lines):
        columns, data = store.event_data(self._events(lines), 1, NOBODY)
        self.assertEqual(store.copy_events(cr, columns, data), len(list(lines)))

    def _events(self, lines):
        lines = list(lines)
        frame = pl.DataFrame(schema={**EVENT_SCHEMA, **GUIDED_SCHEMA})
        rows = pl.DataFrame({"line_no": lines, "dedupe_key": [f"k{line}" for line in lines]}).with_columns(
            started_at=pl.lit(datetime(2026, 10, 14, 12)).cast(pl.Datetime("us")),
            usage_kind=pl.lit("voice"),
            units=pl.lit(60),
            raw=pl.lit(""),
            service_id=pl.lit(1),
            account_id=pl.lit(1),
            on_net=pl.lit(value=False),
            incoming=pl.lit(value=False),
        )
        guided = adapters.filed_events(pl.concat([frame, rows], how="diagonal_relaxed"), NOBODY)
        return event_rows.parted(event_rows.rated(guided, event_rows.Unrated())).events
