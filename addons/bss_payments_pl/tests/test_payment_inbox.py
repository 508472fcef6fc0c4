"""The keyboard inbox behind the screen: what it shows, what it decides, and who may."""

from datetime import date, timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import new_test_user, tagged

from .common import NO_MAIL, PAYER, PaymentsCommon


@tagged("post_install", "-at_install")
class TestPaymentInbox(PaymentsCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.jan = cls.make_account("Jan Kowalski")
        cls.ewa = cls.make_account("Ewa Zielińska")
        cls.old = cls.make_invoice(cls.jan, 50, day=date(2026, 9, 1))
        cls.new = cls.make_invoice(cls.jan, 70, day=date(2026, 10, 1))
        cls.hers = cls.make_invoice(cls.ewa, 40, day=date(2026, 10, 1))
        users = {}
        for name, group in (
            ("clerk", "bss_catalog.group_bss_clerk"),
            ("manager", "bss_catalog.group_bss_billing_manager"),
            ("viewer", "bss_catalog.group_bss_viewer"),
        ):
            users[name] = new_test_user(
                cls.env, f"inbox_{name}", group, context=NO_MAIL, company_id=cls.company.id,
                company_ids=[Command.set(cls.company.ids)],
            )  # fmt: skip
        cls.clerk, cls.manager, cls.viewer = users["clerk"], users["manager"], users["viewer"]

    @property
    def inbox(self):
        return self.env["bss.payment.inbox"].with_user(self.manager)

    def stray(self, amount="70,00", title="za internet", **kwargs):
        """A payment that nothing recognises."""
        record = self.import_file(self.entry(amount, title, **kwargs), number=len(self.Import.search([])) + 1)
        match = record.match_ids
        self.assertIn(match.state, ("proposed", "unallocated"))
        return match

    # --- what is shown

    def test_load_filters_pages_and_counts(self):
        first = self.stray("70,00", name="Zofia Obca")
        second = self.stray("500,00", name="Firma Inna")
        page = self.inbox.load({})
        self.assertEqual([row["id"] for row in page["rows"]], [first.id, second.id], "the oldest first")
        self.assertEqual(page["total"], 2)
        self.assertEqual(page["facets"]["count"], 2)
        self.assertEqual(page["facets"]["amounts"], [{"currency": self.currency.id, "amount": 57000}])
        self.assertEqual(page["rights"], {"book": True, "propose": True})
        self.assertEqual(self.inbox.load({"order": "largest"})["rows"][0]["id"], second.id)
        narrowed = self.inbox.load({"text": "zofia"})
        self.assertEqual([row["id"] for row in narrowed["rows"]], [first.id])
        self.assertEqual(narrowed["facets"]["count"], 2)
        self.assertEqual([each["amount"] for each in narrowed["facets"]["amounts"]], [7000], "money as of the rows")
        self.assertEqual(self.inbox.load({"journal_id": self.sale_journal.id})["total"], 0)
        rest = self.inbox.load({}, offset=1, limit=1)
        self.assertEqual([row["id"] for row in rest["rows"]], [second.id])
        self.assertNotIn("facets", rest)

    def test_text_finds_amounts_and_grouped_account_numbers(self):
        first = self.stray("1270,50", name="Zofia Obca")
        second = self.stray("500,00", name="Firma Inna")
        for text in ("1 270,50", "1270.5", "1270,50"):
            self.assertEqual([row["id"] for row in self.inbox.load({"text": text})["rows"]], [first.id], text)
        self.assertEqual([row["id"] for row in self.inbox.load({"text": "500"})["rows"]], [second.id])
        first.sudo().payer_nrb = "61109010140000071219812874"
        grouped = self.inbox.load({"text": "PL 61 1090 1014 0000 0712 1981 2874"})
        self.assertEqual([row["id"] for row in grouped["rows"]], [first.id])
        self.assertEqual(self.inbox.load({"text": "501"})["total"], 0)

    def test_every_waiting_payment_is_in_one_age(self):
        match = self.stray()
        today = fields.Date.context_today(self.inbox)
        for days, code in ((0, "0-1"), (1, "0-1"), (2, "2-7"), (7, "2-7"), (8, "8-30"), (30, "8-30"), (31, "over-30")):
            match.sudo().date = today - timedelta(days=days)
            ages = {row["code"]: row["count"] for row in self.inbox.load({})["facets"]["ages"]}
            self.assertEqual({key for key, count in ages.items() if count}, {code}, days)
            self.assertEqual(self.inbox.load({"age": code})["total"], 1)

    def test_detail_shows_open_documents_of_candidates(self):
        match = self.stray("70,00", name="Jan Kowalski")
        detail = self.inbox.detail(match.id)
        [account] = detail["accounts"]
        self.assertEqual((account["id"], account["due"]), (self.jan.id, 12000))
        self.assertEqual([row["id"] for row in account["documents"]], [self.old.id, self.new.id])
        self.assertEqual([row["residual"] for row in account["documents"]], [5000, 7000])
        self.assertTrue(account["evidence"][0])

    def test_detail_of_a_decided_payment_says_that_it_is_gone(self):
        match = self.stray()
        match.action_reject()
        self.assertEqual(self.inbox.detail(match.id), {"gone": True})
        self.assertEqual(self.inbox.book(match.id, self.jan.id), {"gone": True})
        self.assertEqual(match.state, "rejected")

    def test_number_of_queries_does_not_grow_with_the_payments(self):
        one = self.stray()
        self.inbox.load({})

        def cost():
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.inbox.load({}, limit=500)
            return self.env.cr.sql_log_count - before

        few = cost()
        for position in range(60):
            one.sudo().copy({"dedupe_key": f"copy {position}", "state": "unallocated"})
        self.assertLessEqual(cost(), few + 1)

    def test_history_tells_whom_the_payer_paid_for(self):
        both = {"payer": PAYER, "name": "Biuro Rachunkowe"}
        past = self.stray("50,00", day="261118", **both), self.stray("40,00", day="261119", **both)
        self.inbox.book(past[0].id, self.jan.id)
        self.inbox.book(past[1].id, self.ewa.id)
        match = self.stray("30,00", title="za kogos", **both)
        history = self.inbox.detail(match.id)["history"]
        self.assertEqual(history["by"], "payer_nrb")
        self.assertEqual(
            {(row["id"], row["count"], row["amount"]) for row in history["accounts"]},
            {(self.jan.id, 1, 5000), (self.ewa.id, 1, 4000)},
        )
        self.assertEqual(history["payments"][0]["who"], self.manager.name)

    def test_search_finds_by_all_that_a_clerk_knows(self):
        match = self.stray()
        self.ewa.partner_id.write({"phone": "+48 601 222 333", "street": "Kwiatowa 7", "city": "Kutno"})
        for text in (
            self.ewa.name,
            "zieliń",
            "ewa ziel",
            self.hers.name,
            "601222333",
            "601-222-333",
            "kwiatowa 7",
            self.nrb_of(self.ewa)[-8:],
        ):
            found = [row["id"] for row in self.inbox.search_accounts(match.id, text)]
            self.assertIn(self.ewa.id, found, text)
            self.assertNotIn(self.jan.id, found, text)
        self.assertFalse(self.inbox.search_accounts(match.id, "x"))

    # --- decisions

    def test_book_pays_the_ticked_document_first(self):
        match = self.stray("70,00")
        told = self.inbox.book(match.id, self.jan.id, [self.new.id])
        self.assertEqual((told["kind"], told["left"]), ("booked", 0))
        self.assertEqual(match.state, "booked")
        self.assertEqual(match.decided_by_id, self.manager)
        self.assertEqual((self.new.amount_residual, self.old.amount_residual), (0, 50))

    def note(self, amount, account, **vals):
        """Interest note of the account, with the number of an invoice as its reference where it is for one."""
        receivable = account.partner_id.with_company(self.company).property_account_receivable_id
        income = self.env["account.account"].search(
            [("account_type", "=", "income"), ("company_ids", "in", self.company.ids)], limit=1
        )
        lines = ((receivable, amount), (income, -amount))
        note = self.env["account.move"].create(
            {
                "move_type": "entry",
                "date": date(2026, 10, 20),
                "bss_account_id": account.id,
                "bss_settlement_kind": "interest_note",
                "line_ids": [
                    Command.create({"account_id": ledger.id, "balance": balance, "partner_id": account.partner_id.id})
                    for ledger, balance in lines
                ],
                **vals,
            }
        )
        note.action_post()
        return note

    def test_interest_note_is_ticked_apart_from_its_debt(self):
        note, hers = self.note(6, self.jan, ref=self.old.name), self.note(5, self.ewa)
        debit = self.note(4, self.jan, bss_settlement_kind="debit_note")
        match = self.stray("6,00", name="Jan Kowalski")
        detail = self.inbox.detail(match.id)
        self.assertTrue(detail["interest_first"])
        rows = {row["id"]: row for row in detail["accounts"][0]["documents"]}
        self.assertEqual(rows[note.id]["due"], "2026-10-20", "due at once, for want of a day of its own")
        self.assertFalse(rows[note.id]["disputed"])
        self.assertEqual(
            [
                (rows[move.id]["kind"], rows[move.id]["tickable"], rows[move.id]["debt"])
                for move in (note, self.old, debit)
            ],
            [
                ("interest_note", True, self.old.id),
                ("invoice", True, self.old.id),
                ("other", False, debit.id),
            ],
        )
        told = self.inbox.book(match.id, self.jan.id, [note.id, hers.id, debit.id])
        self.assertEqual([(part.invoice_id, part.amount) for part in match.allocation_ids], [(note, 6)])
        self.assertEqual(match.sudo().invoice_ids, note)
        self.inbox.undo(match.id, told["before"])
        self.company.bss_allocation_order = "principal_first"
        self.assertFalse(self.inbox.detail(match.id)["interest_first"])
        self.inbox.book(match.id, self.jan.id, [self.old.id, note.id])
        self.assertEqual([(part.invoice_id, part.amount) for part in match.allocation_ids], [(self.old, 6)])

    def test_debt_of_a_general_journal_is_no_disputed_one(self):
        """Odoo takes all entries of such journals out of its follow-up; nobody disputes them by that."""
        older = self.note(4, self.jan, bss_settlement_kind="opening", date=date(2026, 8, 1))
        self.assertTrue(all(older.line_ids.mapped("no_followup")))
        self.assertEqual(older.journal_id.type, "general")
        match = self.stray("5,00", name="Jan Kowalski")
        self.inbox.book(match.id, self.jan.id)
        log = [(part.invoice_id, part.amount, part.reason) for part in match.allocation_ids]
        self.assertEqual(log, [(older, 4, "OLDEST"), (self.old, 1, "OLDEST")])

    def test_disputed_invoice_is_paid_last(self):
        self.old.line_ids.no_followup = True
        match = self.stray("5,00", name="Jan Kowalski")
        [shown] = [
            row for row in self.inbox.account_detail(match.id, self.jan.id)["documents"] if row["id"] == self.old.id
        ]
        self.assertTrue(shown["disputed"])
        self.inbox.book(match.id, self.jan.id)
        self.assertEqual(match.allocation_ids.invoice_id, self.new)

    def test_book_ignores_documents_of_somebody_else(self):
        match = self.stray("70,00")
        self.inbox.book(match.id, self.jan.id, [self.hers.id])
        self.assertEqual(self.hers.amount_residual, 40)
        self.assertEqual((self.old.amount_residual, self.new.amount_residual), (0, 50))

    def test_overpayment_is_told(self):
        match = self.stray("100,00")
        self.assertEqual(self.inbox.book(match.id, self.ewa.id)["left"], 6000)

    def test_split_shares_the_whole_payment(self):
        match = self.stray("110,00")
        parts = [
            {"account_id": self.jan.id, "amount": 7000, "document_ids": [self.new.id]},
            {"account_id": self.ewa.id, "amount": 4000, "document_ids": []},
        ]
        with self.assertRaisesRegex(UserError, "whole payment"):
            self.inbox.split(match.id, [parts[0], {**parts[1], "amount": 3999}])
        told = self.inbox.split(match.id, parts)
        self.assertEqual(told["kind"], "split")
        self.assertEqual(match.state, "booked")
        self.assertEqual((self.new.amount_residual, self.hers.amount_residual, self.old.amount_residual), (0, 0, 50))
        for account in self.jan | self.ewa:
            self.assertEqual((account.payment_count, account.partner_id.bss_payment_count), (1, 1))
            for action in (account.action_view_payments(), account.partner_id.action_view_bss_payments()):
                self.assertEqual(self.Match.search(action["domain"]), match)
        self.inbox.undo(match.id, told["before"])
        self.assertEqual((self.new.amount_residual, self.hers.amount_residual), (70, 40))
        self.assertEqual(match.state, "unallocated")

    def test_undo_brings_back_payment_and_debts(self):
        match = self.stray("70,00", name="Jan Kowalski")
        state, account = match.state, match.account_id
        told = self.inbox.book(match.id, self.jan.id, [self.new.id])
        self.inbox.undo(match.id, told["before"])
        self.assertEqual((match.state, match.account_id), (state, account))
        self.assertEqual(self.new.amount_residual, 70)
        with self.assertRaises(UserError):
            self.inbox.undo(match.id, told["before"])

    def test_reject_with_rule_and_back(self):
        match = self.stray("70,00", payer=PAYER, title="czynsz maszt")
        told = self.inbox.reject(match.id, {"words": "maszt"})
        self.assertEqual(match.state, "rejected")
        rule = self.env["bss.payment.rule"].search([("match_id", "=", match.id)])
        self.assertEqual((rule.kind, rule.words), ("not_payment", "maszt"))
        self.inbox.undo(match.id, told["before"])
        self.assertEqual(match.state, "unallocated")
        self.assertFalse(rule.active)

    def test_book_with_rule(self):
        match = self.stray("70,00", payer=PAYER)
        told = self.inbox.book(match.id, self.jan.id, [], {"words": ""})
        rule = self.env["bss.payment.rule"].search([("match_id", "=", match.id)])
        self.assertEqual((rule.account_id, rule.display_name), (self.jan, told["rule"]))

    def test_matching_again_books_what_became_certain(self):
        waiting, other = self.stray("70,00", "czynsz za maszt"), self.stray("1,00", "kto wie")
        self.env["bss.payment.rule"].create({"words": "czynsz za maszt", "kind": "assign", "account_id": self.jan.id})
        told = self.inbox.match_again()
        self.assertEqual((told["kind"], told["booked"]), ("matched", 1))
        self.assertEqual((waiting.state, waiting.account_id), ("booked", self.jan))
        self.assertIn(other.state, ("proposed", "unallocated"))
        with self.assertRaises(AccessError):
            self.inbox.with_user(self.clerk).match_again()

    # --- rights

    def test_clerk_proposes_and_notes_but_cannot_book(self):
        match = self.stray()
        inbox = self.env["bss.payment.inbox"].with_user(self.clerk)
        self.assertEqual(inbox.load({})["rights"], {"book": False, "propose": True})
        for refused in (
            lambda: inbox.book(match.id, self.jan.id),
            lambda: inbox.reject(match.id),
            lambda: inbox.split(match.id, []),
        ):
            with self.assertRaises(AccessError):
                refused()
        inbox.note(match.id, "called, it is Jan's")
        told = inbox.propose(match.id, self.jan.id)
        self.assertEqual((match.state, match.account_id, match.proposed_by_id), ("proposed", self.jan, self.clerk))
        self.assertEqual(match.note, "called, it is Jan's")
        detail = self.inbox.detail(match.id)
        self.assertEqual(detail["payment"]["proposed_by"], self.clerk.name)
        self.assertTrue(detail["accounts"][0]["proposed"])
        inbox.undo(match.id, told["before"])
        self.assertEqual((match.state, match.account_id.id), ("unallocated", False))
        self.assertEqual(self.old.amount_residual, 50)

    def test_a_proposal_taken_back_is_the_matchers_again(self):
        match = self.stray(name="Jan Kowalski")
        self.assertEqual((match.state, match.account_id), ("proposed", self.jan))
        inbox = self.env["bss.payment.inbox"].with_user(self.clerk)
        told = inbox.propose(match.id, self.jan.id)
        self.assertEqual(match.proposed_by_id, self.clerk)
        inbox.undo(match.id, told["before"])
        self.assertEqual((match.state, match.account_id), ("proposed", self.jan))
        self.assertFalse(match.proposed_by_id, "the clerk proposes nothing any more")

    def test_viewer_looks_and_cannot_decide(self):
        match = self.stray(name="Jan Kowalski")
        inbox = self.env["bss.payment.inbox"].with_user(self.viewer)
        page = inbox.load({})
        self.assertEqual(page["rights"], {"book": False, "propose": False})
        self.assertEqual(page["facets"]["journals"][0]["label"], self.bank_journal.display_name)
        detail = inbox.detail(match.id)
        self.assertEqual(detail["payment"]["journal"], self.bank_journal.display_name)
        self.assertEqual(detail["accounts"][0]["customer"], "Jan Kowalski")
        words = match.candidate_ids.with_user(self.viewer)[:1].evidence_words
        self.assertIn("the payer bears the customer's name", words)
        self.assertEqual(inbox.search_accounts(match.id, "Zieli")[0]["customer"], "Ewa Zielińska")
        [told] = match.import_id.with_user(self.viewer).get_summary()
        self.assertEqual(told["journal"], self.bank_journal.display_name)
        for refused in (lambda: inbox.propose(match.id, self.jan.id), lambda: inbox.note(match.id, "mine")):
            with self.assertRaises(AccessError):
                refused()

    def test_a_clerks_proposal_outlives_another_try(self):
        waiting = self.import_file(self.entry("6,00", "?"), number=7, opening="0,00").match_ids
        self.env["bss.payment.inbox"].propose(waiting.id, self.jan.id, "dzwonił")
        waiting.action_match_again()
        self.assertEqual((waiting.state, waiting.account_id, waiting.note), ("proposed", self.jan, "dzwonił"))
        self.assertEqual(waiting.proposed_by_id, self.env.user)

    def test_other_companies_see_nothing(self):
        match = self.stray()
        other = self.env["res.company"].create({"name": "Other"})
        stranger = new_test_user(
            self.env, "inbox_other", "bss_catalog.group_bss_admin", context=NO_MAIL, company_id=other.id,
            company_ids=[Command.set(other.ids)],
        )  # fmt: skip
        inbox = self.env["bss.payment.inbox"].with_user(stranger).with_context(allowed_company_ids=other.ids)
        self.assertEqual(inbox.load({})["total"], 0)
        for call in (
            lambda: inbox.detail(match.id),
            lambda: inbox.book(match.id, self.jan.id),
            lambda: inbox.search_accounts(match.id, "kowalski"),
            lambda: inbox.undo(match.id),
        ):
            with self.assertRaises(AccessError):
                call()
        foreign = self.env["bss.account"].search([("company_id", "!=", self.company.id)], limit=1)
        if foreign:
            with self.assertRaises(UserError):
                self.inbox.book(match.id, foreign.id)


@tagged("post_install", "-at_install")
class TestPaymentEvidence(PaymentsCommon):
    def words(self, *evidence, reason="INVOICE_NUMBER"):
        match = self.import_file(self.entry("70,00", "x")).match_ids
        candidate = self.env["bss.payment.match.candidate"].create(
            {
                "match_id": match.id,
                "account_id": self.make_account("Jan Kowalski").id,
                "reason": reason,
                "evidence": [list(each) for each in evidence],
            }
        )
        return self.env["bss.payment.evidence"]._words(candidate)

    def test_words_carry_what_was_seen(self):
        words = self.words(
            ("NUMBER", {"number": "FA/2026/00123"}),
            ("AMOUNT_NAMED", {"amount": "70.00"}),
            ("PAYER_ACCOUNT", {"count": 3, "last": "2026-10-05"}),
        )
        self.assertEqual(words[0], "FA/2026/00123 is named")
        self.assertRegex(words[2], r"3 ×, last .*2026")

    def test_every_sentence_reads_without_its_parameters(self):
        texts = self.env["bss.payment.evidence"]._texts()
        for code in texts:
            [word] = self.words((code, {}))
            self.assertNotIn("%(", word)

    def test_unknown_code_falls_back_to_the_reason(self):
        labels = self.env["bss.payment.inbox"]._reason_labels()
        self.assertEqual(self.words(("NEW_CODE", {"x": 1})), [labels["INVOICE_NUMBER"]])
        self.assertEqual(self.words(reason="NAME_AND_AMOUNT"), [labels["NAME_AND_AMOUNT"]])
