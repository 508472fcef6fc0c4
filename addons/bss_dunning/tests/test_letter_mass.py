from odoo.tests import freeze_time, tagged

from .letter_common import DAY, LetterCommon

#: what one more letter of a batch may ask of the database: its savepoint, file, document, action and history
QUERIES_PER_LETTER = 9


@tagged("post_install", "-at_install")
@freeze_time("2026-10-08 10:00:00")
class TestLetterMass(LetterCommon):
    """Letters to many: what they have in common is read once."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env = cls.env(context={**cls.env.context, "lang": "en_US"})
        cls.letters = cls.env["bss.dunning.letter"]

    def debtors(self, count):
        accounts = self.env["bss.account"]
        for number in range(count):
            accounts |= self.postal_debtor(f"Dłużnik {number}", amount=100 + number)
        return accounts

    def cost(self, work):
        """Queries of a piece of work that begins with nothing in memory."""
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        work()
        self.env.flush_all()
        return self.env.cr.sql_log_count - before

    def test_a_letter_by_hand_to_many_asks_little_for_each(self):
        few, many = self.debtors(3), self.debtors(13)
        self.write_letter(self.debtors(1)).action_send()  # fills the caches of the registry
        costs = [self.cost(self.write_letter(accounts).action_send) for accounts in (few, many)]
        self.assertEqual(len(many.dunning_case_ids.action_ids.filtered("document_id")), 13)
        self.assertLessEqual((costs[1] - costs[0]) / 10, QUERIES_PER_LETTER, costs)

    def test_letters_of_a_batch_count_as_contacts_of_each_other(self):
        first = self.postal_debtor()
        second = self.env["bss.account"].create({"partner_id": first.partner_id.id, "company_id": self.company.id})
        self.make_invoice(second, 50.0)
        self.company.write({"bss_contact_week": 1, "bss_contact_letters": True})
        told = self.write_letter(first | second).action_send()
        self.assertIn("1 letter", told["params"]["message"])
        self.assertIn("at most 1 contacts in seven days", told["params"]["message"])

    def test_barcodes_taken_by_blocks_are_each_letters_own(self):
        accounts = self.debtors(25)
        self.write_letter(accounts).action_send()
        codes = accounts.dunning_case_ids.action_ids.document_id.mapped("print_barcode")
        self.assertEqual((len(codes), len(set(codes)), all(codes)), (25, 25, True))

    def test_steps_of_the_night_ask_little_for_each_letter(self):
        few, many = self.debtors(3), self.debtors(13)
        costs = []
        run = self.env["bss.dunning.run"].create({"as_of": DAY})
        actions = run._bss_prepare()
        for accounts in (few, many):
            own = actions.filtered(lambda action, accounts=accounts: action.account_id in accounts)
            costs.append(self.cost(lambda own=own: own._bss_execute(DAY)))
            self.assertEqual(set(own.mapped("state")), {"done"})
        self.assertLessEqual((costs[1] - costs[0]) / 10, QUERIES_PER_LETTER, costs)
