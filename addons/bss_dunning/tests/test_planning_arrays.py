from datetime import date
from decimal import Decimal

from odoo.addons.bss_dunning.planning import store
from odoo.addons.bss_dunning.planning.arrays import array, ids, table
from odoo.tests import TransactionCase, tagged
from odoo.tools import SQL

TEXTS = ["", "NULL", "null", 'he said "no"', "it's", "a\\b", "a,b", "{x}", " spaced ", "żółć\n%s", None]


@tagged("post_install", "-at_install")
class TestPlanningArrays(TransactionCase):
    """Many values as one constant: PostgreSQL reads back what went in."""

    def read(self, values, kind):
        return self.env.execute_query(SQL("SELECT %s", array(values, kind)))[0][0]

    def test_values_come_back_as_they_went_in(self):
        self.assertEqual(self.read(TEXTS, "text"), TEXTS)
        self.assertEqual(self.read([1, None, -5], "int"), [1, None, -5])
        self.assertEqual(self.read([True, False, None], "bool"), [True, False, None])
        self.assertEqual(self.read([date(2026, 10, 8), None], "date"), [date(2026, 10, 8), None])
        self.assertEqual(self.read([], "int"), [])
        rows = self.env.execute_query(SQL("SELECT sum(n) = 2000000012.33, count(*) FROM unnest(%s) n", self.amounts()))
        self.assertEqual(rows, [(True, 3)])

    def amounts(self):
        return array([Decimal("0.01"), Decimal("12.32"), Decimal("2E+9")], "numeric")

    def test_reasons_come_back_as_they_went_in(self):
        reasons = [{"why": 'a "b" \\ c', "amount": "12.30"}, {"until": "2026-10-08"}, {"żółć": "{},"}]
        written = [store.written_params(reason) for reason in reasons]
        self.assertEqual(self.read([*written, None], "jsonb"), [*reasons, None])

    def test_ids_of_records(self):
        users = self.env["res.users"].search([], limit=3)
        rows = self.env.execute_query(SQL("SELECT id FROM res_users WHERE id = ANY(%s) ORDER BY id", ids(users.ids)))
        self.assertEqual([row[0] for row in rows], sorted(users.ids))
        self.assertEqual(self.env.execute_query(SQL("SELECT id FROM res_users WHERE id = ANY(%s)", ids(()))), [])

    def test_a_table_keeps_rows_together(self):
        rows = [(1, "a,b", None), (2, None, date(2026, 10, 8)), (3, '"', date(2026, 10, 9))]
        source = table(rows, "row", number="int", word="text", day="date")
        found = self.env.execute_query(SQL('SELECT number, word, day FROM %s ORDER BY "row".number', source))
        self.assertEqual(found, rows)
        self.assertEqual(self.env.execute_query(SQL("SELECT * FROM %s", table([], "row", number="int"))), [])
