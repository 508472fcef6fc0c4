from datetime import date

from odoo import SUPERUSER_ID, api, sql_db
from odoo.tests import TransactionCase, tagged
from psycopg2.errors import SerializationFailure


@tagged("post_install", "-at_install")
class TestSequence(TransactionCase):
    """Transactions of their own, as jobs have them: the cursor of a test sees too much."""

    def cursor(self):
        cr = sql_db.db_connect(self.env.cr.dbname).cursor()
        self.addCleanup(cr.close)
        return cr

    def sequence(self, cr, sequence_id):
        return api.Environment(cr, SUPERUSER_ID, {})["ir.sequence"].browse(sequence_id)

    def drop(self, sequence_id):
        cr = self.cursor()
        self.sequence(cr, sequence_id).unlink()
        cr.commit()

    def test_first_number_of_a_year_drawn_twice_at_once(self):
        cr = self.cursor()
        made = self.sequence(cr, False).create({"name": "Two at once", "use_date_range": True, "padding": 3})
        self.addCleanup(self.drop, made.id)
        cr.commit()
        day = date(2031, 5, 1)
        slow, quick = self.cursor(), self.cursor()
        slow.execute("SELECT 1 FROM ir_sequence_date_range")
        self.assertEqual(self.sequence(quick, made.id).next_by_id(sequence_date=day), "001")
        quick.commit()
        with self.assertRaises(SerializationFailure):
            self.sequence(slow, made.id).next_by_id(sequence_date=day)
        slow.rollback()
        self.assertEqual(self.sequence(slow, made.id).next_by_id(sequence_date=day), "002")
        slow.rollback()
