from odoo.tests import tagged

from .. import bulk
from .bulk_common import BulkCommon

MANY = 120


@tagged("post_install", "-at_install")
class TestBulkPlans(BulkCommon):
    """What the server planned while a table was small does not make it read the whole table for each row."""

    def scans(self):
        """How often this transaction has read whole tables: {table: times}"""
        self.env.cr.execute(
            "SELECT relname, seq_scan FROM pg_stat_xact_user_tables"
            " WHERE relname IN ('account_move', 'account_move_line')"
        )
        return dict(self.env.cr.fetchall())

    def test_references_are_looked_up_by_index(self):
        # a database of a few invoices, known as such
        self.env.cr.execute("ANALYZE account_move, account_move_line")
        requests = self.simple_requests(MANY)
        # plans of checking references are kept after some checks
        self.orm_invoices(requests[:8])
        prepared = bulk.prepare(self.env, self.bulk_run, requests[8:])
        before = self.scans()
        bulk.write_copy(self.env, prepared, bulk.Number(f"{self.billing_journal.code}/2025/", 500))
        after = self.scans()
        for table, count in after.items():
            self.assertLess(count - before[table], MANY, table)
