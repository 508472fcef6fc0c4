from datetime import date

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import new_test_user, tagged

from .common import DunningCommon


@tagged("post_install", "-at_install")
class TestHold(DunningCommon):
    def setUp(self):
        super().setUp()
        self.account = self.debtor()
        self.run_on(date(2026, 10, 6))
        self.case = self.case_of(self.account)
        self.invoice = self.account.invoice_ids
        self.line = self.receivable(self.invoice)

    def wizard(self, **vals):
        return self.env["bss.dunning.hold.wizard"].create({"case_ids": self.case.ids, "reason": "powód", **vals})

    def user(self, login, group, company=None):
        company = company or self.company
        return new_test_user(
            self.env,
            login,
            groups=f"base.group_user,{group}",
            company_id=company.id,
            company_ids=company.ids,
            context={"no_reset_password": True},
        )

    def test_the_case_shows_the_longest_of_its_holds(self):
        first = self.case._bss_hold(date(2026, 10, 20), "urlop")
        standing = self.case._bss_hold(False, "upadłość", "bankruptcy")
        self.assertEqual((self.case.state, self.case.hold_until, self.case.hold_reason), ("hold", False, "upadłość"))
        standing._bss_end("released")
        self.assertEqual(
            (self.case.state, self.case.hold_until, self.case.hold_reason), ("hold", first.date_until, "urlop")
        )
        self.case._bss_release_expired(date(2026, 10, 21))
        self.assertEqual((self.case.state, self.case.hold_until, self.case.hold_reason), ("open", False, False))
        self.assertEqual((first.state, first.date_ended), ("expired", date(2026, 10, 20)))

    def test_a_new_hold_takes_the_place_of_the_same_kind(self):
        first = self.case._bss_hold(False, "urlop")
        second = self.case._bss_hold(date(2026, 10, 12), "wraca wcześniej")
        self.assertEqual((first.state, second.state), ("released", "active"))
        self.assertEqual(self.case.hold_until, date(2026, 10, 12))

    def test_the_last_day_still_holds(self):
        hold = self.case._bss_hold(date(2026, 10, 20), "urlop")
        self.assertFalse(self.case._bss_release_expired(date(2026, 10, 20)))
        self.assertEqual(hold.state, "active")

    def second_account(self, amount=50.0):
        """Another account of the same customer, as overdue as the first."""
        account = self.env["bss.account"].create({"partner_id": self.account.partner_id.id})
        self.make_invoice(account, amount)
        return account

    def test_death_and_bankruptcy_stop_all_accounts_of_the_customer(self):
        stranger = self.debtor("Ktoś Inny")
        second = self.second_account()
        self.run_on(date(2026, 10, 7))
        self.case._bss_hold(False, "akt zgonu 7/2026", "deceased")
        held = self.case_of(second)
        self.assertRecordValues(
            held, [{"state": "hold", "hold_until": False, "hold_reason": "akt zgonu 7/2026", "next_code": "ON_HOLD"}]
        )
        self.assertEqual(self.case_of(stranger).state, "open")
        third = self.second_account()
        before = held.action_ids
        self.run_on(date(2026, 12, 1))
        fresh = self.case_of(third)
        self.assertRecordValues(fresh, [{"state": "hold", "hold_reason": "akt zgonu 7/2026", "next_code": "ON_HOLD"}])
        self.assertFalse(fresh.action_ids, "a case that opens later is held from its beginning")
        self.assertEqual(held.action_ids, before)
        self.assertEqual(len(fresh.hold_ids), 1)
        fresh.hold_ids.action_release()
        self.assertEqual((self.case | held | fresh).mapped("state"), ["open"] * 3, "a wrong fact is wrong everywhere")

    def test_other_holds_stay_with_their_case(self):
        second = self.second_account()
        self.run_on(date(2026, 10, 7))
        self.case._bss_hold(False, "urlop")
        self.assertEqual(self.case_of(second).state, "open")

    def test_many_holds_expire_in_a_few_queries(self):
        cases = self.case
        for number in range(5):
            account = self.debtor(f"Dłużnik {number}")
            self.run_on(date(2026, 10, 6))
            cases |= self.case_of(account)
        cases._bss_hold(date(2026, 10, 20), "urlop")
        self.env.flush_all()
        with self.assertQueryCount(6):
            released = cases._bss_release_expired(date(2026, 10, 21))
        self.assertEqual((released, set(cases.mapped("state"))), (cases, {"open"}))

    def test_dispute_withholds_amounts_and_does_not_stop_the_case(self):
        wizard = self.wizard(kind="dispute")
        self.assertEqual(wizard.line_ids.mapped("amount"), [123.0])
        wizard.line_ids.write({"disputed": True, "amount": 23.0})
        wizard.action_hold()
        hold = self.case.hold_ids
        self.assertRecordValues(hold, [{"kind": "dispute", "scope": "documents", "amount": 23.0, "state": "active"}])
        self.assertRecordValues(hold.line_ids, [{"move_line_id": self.line.id, "amount": 23.0, "state": "active"}])
        self.assertEqual(self.case.state, "open")
        hold.action_release()
        self.assertEqual(hold.line_ids.state, "released")

    def test_dispute_needs_documents_and_no_more_than_is_left(self):
        with self.assertRaises(UserError):
            self.wizard(kind="dispute").action_hold()
        with self.assertRaises(ValidationError) as refused:
            self.case._bss_hold(False, "za dużo", "dispute", {self.line: 123.01})
        self.assertIn(self.invoice.name, str(refused.exception))
        self.case._bss_hold(False, "raz", "dispute", {self.line: 100})
        with self.assertRaises(ValidationError):
            self.case._bss_hold(False, "drugi raz", "dispute", {self.line: 24})
        self.case._bss_hold(False, "reszta", "dispute", {self.line: 23})
        stranger = self.debtor("Obcy")
        with self.assertRaises(ValidationError):
            self.case._bss_hold(False, "cudze", "dispute", self.receivable(stranger.invoice_ids))
        self.assertEqual(sum(self.case.hold_ids.mapped("amount")), 123.0)

    def test_an_expired_dispute_gives_its_documents_back(self):
        hold = self.case._bss_hold(date(2026, 10, 20), "spór", "dispute")
        self.case._bss_release_expired(date(2026, 10, 21))
        self.assertEqual((hold.state, hold.line_ids.state), ("expired", "expired"))

    def test_facts_about_the_customer_go_on_with_his_next_case(self):
        bankruptcy = self.case._bss_hold(False, "sygn. V GUp 12/26", "bankruptcy")
        manual = self.case._bss_hold(False, "urlop")
        self.pay(self.invoice)
        self.assertEqual((self.case.state, bankruptcy.state, manual.state), ("closed", "active", "released"))
        self.make_invoice(self.account, 50.0, date(2026, 11, 2))
        self.run_on(date(2026, 11, 4))
        fresh = self.case_of(self.account)
        self.assertNotEqual(fresh, self.case)
        self.assertEqual((bankruptcy.case_id, fresh.state), (fresh, "hold"))
        self.assertEqual(fresh.hold_reason, "sygn. V GUp 12/26")
        self.assertFalse(fresh.action_ids)

    def test_a_recorded_address_ends_the_wait_for_it(self):
        hold = self.case._bss_hold(False, "adres nieznany", "address")
        partner = self.account.partner_id
        partner.phone = "+48 600 100 201"
        self.assertEqual(hold.state, "active")
        partner.write({"street": "ul. Nowa 5", "city": "Kutno", "zip": "99-300"})
        self.assertEqual((hold.state, self.case.state), ("released", "open"))

    def test_only_buttons_make_and_end_holds(self):
        collector = self.user("wstrzymujacy", "bss_catalog.group_bss_collector")
        viewer = self.user("ogladajacy", "bss_catalog.group_bss_viewer")
        hold = self.case.with_user(collector)._bss_hold(False, "urlop").with_user(collector)
        self.assertEqual(hold.user_id, collector)
        with self.assertRaises(AccessError):
            hold.state = "kept"
        with self.assertRaises(AccessError):
            self.env["bss.dunning.hold"].with_user(collector).create({"case_id": self.case.id})
        with self.assertRaises(AccessError):
            self.case.with_user(viewer)._bss_hold(False, "nie wolno")
        with self.assertRaises(AccessError):
            hold.with_user(viewer).action_release()
        with self.assertRaises(AccessError):
            hold.with_user(viewer).read(["reason"])
        hold.action_release()
        self.assertEqual(self.case.state, "open")

    def test_another_company_sees_no_hold(self):
        hold = self.case._bss_hold(False, "spór", "dispute")
        other = self.env["res.company"].create({"name": "Drugi Operator"})
        theirs = self.env(
            user=self.user("obcy.wstrzymujacy", "bss_catalog.group_bss_collector", other),
            context={"allowed_company_ids": other.ids},
        )
        self.assertFalse(theirs["bss.dunning.hold"].search([]))
        with self.assertRaises(AccessError):
            hold.line_ids.with_env(theirs).read(["amount"])
