from unittest.mock import patch

from odoo.tests import tagged

from .. import bulk
from ..bulk import exemplar
from .bulk_common import BulkCommon


@tagged("post_install", "-at_install")
class TestBulkPatterns(BulkCommon):
    """A pattern serves all chunks of its run, and none after a change of what decides its columns."""

    def setUp(self):
        super().setUp()
        self.env.registry.clear_cache()
        self.made = []
        self.startPatcher(patch.object(exemplar, "build", self.build))

    def build(self, setting, readies, _build=exemplar.build):
        self.made.append(len(readies))
        return _build(setting, readies)

    def prepare(self, requests=None):
        prepared = bulk.prepare(self.env, self.bulk_run, requests or self.simple_requests())
        self.assertEqual({tier for tier, _reason in prepared.tiers.values()}, {"copy"})
        return prepared

    def assert_like_orm(self, requests, prepared, first):
        """The rows are those of the ORM, documents included."""
        numbers = [
            bulk.Number(f"{self.billing_journal.code}/2025/", first).text(place) for place in range(len(requests))
        ]
        with exemplar.undone(self.env):
            moves = self.orm_invoices(requests, numbers)
            expected = [bulk.canonical(self.env, move.id, ("made_sequence_gap",)) for move in moves]
        number = bulk.Number(f"{self.billing_journal.code}/2025/", first)
        move_ids = bulk.write_copy(self.env, prepared, number, canaries=0)
        self.env.flush_all()
        for move_id, theirs in zip(move_ids, expected, strict=True):
            ours = bulk.canonical(self.env, move_id, ("made_sequence_gap",))
            self.assertEqual(bulk.differences(ours, theirs), [])

    def test_made_once(self):
        self.prepare()
        prepared = self.prepare()
        self.assertEqual(len(self.made), 1)
        # two accounts once each: what an invoice says of the balance follows from those before it
        requests = self.simple_requests(4)
        self.assert_like_orm(requests, prepared.slice(0, 4), 1)

    def test_few_of_a_known_kind_are_rows_too(self):
        self.prepare()
        self.prepare(self.simple_requests(2))
        self.assertEqual(len(self.made), 1)

    def test_new_kind_of_line(self):
        self.prepare()
        accounts = self.accounts.filtered(lambda one: one.partner_id.name.startswith("Jan"))
        requests = [
            self.bulk_request(number, accounts[number % 4], [self.bulk_line("30.00", "8", product=2)])
            for number in range(1, 7)
        ]
        prepared = self.prepare(requests)
        self.assertEqual(len(self.made), 2)
        self.prepare()
        self.assertEqual(len(self.made), 2, "the first kind is still known")
        self.assert_like_orm(requests[:4], prepared.slice(0, 4), 1)

    def test_other_run_makes_its_own(self):
        self.prepare()
        self.bulk_run = self.make_run(self.bulk_run.date_start, self.bulk_run.date_end, date_invoice="2025-11-04")
        self.prepare()
        self.assertEqual(len(self.made), 2)

    def test_changed_by_a_person(self):
        """Income account of a product, label of a tax, text of the journal: whatever it is, a new pattern."""
        self.prepare()
        other = self.env["account.account"].search(
            [("account_type", "=", "income"), ("company_ids", "=", self.company.id)], limit=2
        )[1]
        self.products[0].property_account_income_id = other
        prepared = self.prepare()
        self.assertEqual(len(self.made), 2)
        self.assert_like_orm(self.simple_requests(4), prepared.slice(0, 4), 1)
        tax = self.taxes["23"]
        tax.invoice_repartition_line_ids.filtered("account_id").tag_ids = [(6, 0, [])]
        self.prepare()
        self.assertEqual(len(self.made), 3)
        self.bulk_run.cycle_id.journal_id.name = "Renamed"
        self.prepare()
        self.assertEqual(len(self.made), 4)

    def test_other_bank_account_of_the_company(self):
        """It is on every invoice."""
        self.prepare()
        self.env["res.partner.bank"].create(
            {
                "acc_number": "PL61109010140000071219812874",
                "partner_id": self.company.partner_id.id,
                "allow_out_payment": True,
                "sequence": -1,
            }
        )
        prepared = self.prepare()
        self.assertEqual(len(self.made), 2)
        self.assert_like_orm(self.simple_requests(4), prepared.slice(0, 4), 1)

    def test_changed_past_the_orm_twice_in_one_transaction(self):
        for number in (1, 2, 3):
            self.prepare()
            self.assertEqual(len(self.made), number)
            self.env.cr.execute(
                "UPDATE account_journal SET sequence = COALESCE(sequence, 0) + 1 WHERE id = %s",
                (self.billing_journal.id,),
            )

    def test_rolled_back_change(self):
        """What was made with a change that nobody keeps is not taken afterwards."""
        self.prepare()
        with exemplar.undone(self.env):
            self.billing_journal.name = "For a moment"
            self.env.flush_all()
            self.prepare()
            self.assertEqual(len(self.made), 2)
        prepared = self.prepare()
        self.assertEqual(len(self.made), 2, "that of before is good again")
        self.assert_like_orm(self.simple_requests(4), prepared.slice(0, 4), 1)

    def test_documents_that_others_add_to_are_kept_after_writing(self):
        """An addon that extends what invoices print is asked with the invoices there."""
        requests = self.simple_requests(6)
        prepared = self.prepare()
        moves = type(self.env["account.move"])
        documents = moves._bss_invoice_documents

        def with_note(records):
            return {key: {**data, "notes": ["Thank you"]} for key, data in documents(records).items()}

        number = bulk.Number(f"{self.billing_journal.code}/2025/", 1)
        with patch.object(moves, "_bss_invoice_documents", with_note):
            move_ids = bulk.write_copy(self.env, prepared.slice(0, len(requests)), number)
        kept = self.env["account.move"].sudo().browse(move_ids).mapped("bss_document_data")
        self.assertEqual([data["notes"] for data in kept], [["Thank you"]] * 6)

    def test_documents_come_with_the_rows(self):
        prepared = self.prepare()
        moves = type(self.env["account.move"])
        number = bulk.Number(f"{self.billing_journal.code}/2025/", 1)
        with patch.object(moves, "_bss_freeze_batch", side_effect=AssertionError("an update for each invoice")):
            move_ids = bulk.write_copy(self.env, prepared.slice(0, 4), number, canaries=0)
        self.assertTrue(all(self.env["account.move"].sudo().browse(move_ids).mapped("bss_document_data")))
