"""A customer looks at his debt, promises and complains; another one gets nothing of it."""

import re
from datetime import date, timedelta
from decimal import Decimal

from odoo.addons.bss_catalog import polish_day
from odoo.exceptions import AccessError
from odoo.tests import HttpCase, new_test_user, tagged

from ..dunning_core.policy.instalment import PlanWish
from .common import DunningCommon


@tagged("post_install", "-at_install")
class TestDebtPortal(DunningCommon, HttpCase):
    def setUp(self):
        super().setUp()
        self.today = polish_day.today()
        self.account = self.debtor(due=self.today - timedelta(days=10))
        self.stranger = self.debtor("Anna Obca", due=self.today - timedelta(days=10), amount=777.0)
        self.run_on(self.today)
        self.case = self.case_of(self.account)
        self.line = self.receivable(self.account.invoice_ids)
        new_test_user(
            self.env,
            "jan.portal",
            groups="base.group_portal",
            partner_id=self.account.partner_id.id,
            context={"no_reset_password": True},
        )
        self.authenticate("jan.portal", "jan.portal")

    def page(self):
        response = self.url_open("/my/debt")
        self.assertEqual(response.status_code, 200)
        return response.text

    def post(self, account, what, **values):
        token = re.search(r'name="csrf_token" value="([^"]+)"', self.page()).group(1)
        url = f"/my/debt/{account.id}/{what}"
        return self.url_open(url, data={"csrf_token": token, **values})

    def test_shows_his_own_debt_only(self):
        page = self.page()
        for part in (self.account.name, self.account.invoice_ids.name):
            self.assertIn(part, page)
        self.assertRegex(page, r"123[.,]00")
        self.assertNotIn(self.stranger.name, page)
        self.assertNotRegex(page, r"777[.,]00")

    def test_blocked_services_and_instalments_are_told(self):
        self.assertNotIn("alert-warning", self.page())
        self.account.service_ids[:1].sudo().write({"is_restricted": True})
        wish = PlanWish(self.today, Decimal("123.00"), 2, self.today + timedelta(days=5), 15)
        plan = self.case._bss_instalment_plan(wish)
        page = self.page()
        for part in ("alert-warning", self.account.service_ids[:1].name, plan.name):
            self.assertIn(part, page)
        self.assertEqual(len(re.findall(r"61[.,]50", page)), 2)

    def test_a_disputed_amount_is_told_apart(self):
        self.assertNotIn("data-disputed", self.page())
        self.case._bss_hold(False, "spór", "dispute", {self.line: 23.0})
        page = self.page()
        self.assertRegex(page, r"data-disputed[^§]*23[.,]00")
        self.assertRegex(page, r'name="amount"[^>]*value="100[.,]00"', "the rest is offered for a promise")

    def test_an_endless_number_of_a_document_is_none(self):
        response = self.post(self.account, "complaint", kind="amount", subject="Kwota", line_id="9" * 5000)
        self.assertEqual(response.status_code, 200)

    def test_an_open_promise_is_answered_in_the_customers_words(self):
        self.case._bss_promise(123.0, self.today + timedelta(days=3), "phone")
        page = self.page()
        self.assertIn("data-promise-closed", page)
        self.assertNotIn(self.case.name, page, "the number of a case says nothing to a customer")

    def test_promise(self):
        day = self.today + timedelta(days=3)
        answer = self.post(self.account, "promise", amount="100,00", date=day.isoformat())
        self.assertIn("alert-success", answer.text)
        self.assertRecordValues(
            self.case.promise_ids, [{"amount": 100.0, "date": day, "channel": "portal", "state": "open"}]
        )
        self.assertEqual(self.case.state, "hold")

    def test_what_is_not_accepted_is_told_on_the_page(self):
        late = (self.today + timedelta(days=60)).isoformat()
        for amount, day in (("100", late), ("1e99", late), ("sto", late), ("NaN", late), ("100", "jutro"), ("0", late)):
            with self.subTest(amount=amount, day=day):
                answer = self.post(self.account, "promise", amount=amount, date=day)
                self.assertEqual(answer.status_code, 200)
                self.assertIn("alert-danger", answer.text)
        self.assertFalse(self.case.promise_ids)

    def test_no_promise_that_is_too_small_or_too_late(self):
        page = self.page()
        self.assertRegex(page, r"61[.,]50")
        self.assertIn(f'max="{self.today + timedelta(days=14)}"', page)
        day = (self.today + timedelta(days=3)).isoformat()
        answer = self.post(self.account, "promise", amount="0.01", date=day)
        self.assertIn("alert-danger", answer.text)
        self.assertEqual((self.case.promise_ids.ids, self.case.state), ([], "open"))

    def test_after_a_broken_promise_the_form_is_not_offered_and_why(self):
        self.assertIn("/promise", self.page())
        token = re.search(r'name="csrf_token" value="([^"]+)"', self.page()).group(1)
        self.case._bss_promise(123.0, self.today)._bss_finish("broken", self.today)
        page = self.page()
        self.assertNotIn("/promise", page)
        self.assertIn("data-promise-closed", page)
        values = {"csrf_token": token, "amount": "123", "date": self.today.isoformat()}
        answer = self.url_open(f"/my/debt/{self.account.id}/promise", data=values)
        self.assertIn("alert-danger", answer.text)
        self.assertEqual(self.case.promise_ids.mapped("state"), ["broken"])

    def test_a_lapsed_claim_is_not_asked_for(self):
        """Due in 2022, lapsed on 31 December 2025; a business may still be asked to pay it."""
        lapsed = self.make_invoice(self.account, 456.0, date(2022, 6, 10))
        page = self.page()
        self.assertNotIn(lapsed.name, page)
        self.assertNotRegex(page, r"456[.,]00|579[.,]00")
        self.assertIn(self.account.invoice_ids.filtered(lambda move: move != lapsed).name, page)
        self.account.partner_id.bss_customer_kind = "sole_trader"
        self.env.flush_all()
        self.assertEqual(self.account.customer_kind, "sole_trader")
        self.assertIn(lapsed.name, self.page())

    def test_only_a_lapsed_claim_is_nothing_to_pay(self):
        self.pay(self.account.invoice_ids, day=self.today)
        page = self.page()
        thanks = re.search(r"<section[^>]*>.*?<p>(.*?)</p>", page, re.S).group(1)
        self.make_invoice(self.account, 456.0, date(2022, 6, 10))
        nothing = re.search(r"<section[^>]*>.*?<p>(.*?)</p>", self.page(), re.S).group(1)
        self.assertNotEqual(thanks, nothing, "it is not said that everything was paid")

    def test_complaint(self):
        answer = self.post(
            self.account,
            "complaint",
            kind="billing",
            subject="Za <b>drogo</b>",
            description="Miało być taniej",
            line_id=str(self.line.id),
            amount="23.00",
        )
        self.assertIn("alert-success", answer.text)
        self.assertRecordValues(
            self.account.complaint_ids,
            [{"channel": "portal", "kind": "billing", "disputed_amount": 23.0, "received_on": self.today}],
        )
        self.assertIn("Za &lt;b&gt;drogo&lt;/b&gt;", self.page())
        self.assertEqual(self.case.amount_demanded, 100.0)

    def test_nothing_of_another_customer_can_be_touched(self):
        theirs = self.receivable(self.stranger.invoice_ids)
        day = (self.today + timedelta(days=3)).isoformat()
        self.assertEqual(self.post(self.stranger, "promise", amount="1", date=day).status_code, 404)
        self.assertEqual(self.post(self.stranger, "complaint", kind="billing", subject="x").status_code, 404)
        answer = self.post(self.account, "complaint", kind="billing", subject="x", line_id=str(theirs.id), amount="5")
        self.assertIn("alert-danger", answer.text)
        self.assertFalse(self.case_of(self.stranger).promise_ids | self.case.promise_ids)
        self.assertFalse((self.account | self.stranger).complaint_ids)
        user = self.env["res.users"].search([("login", "=", "jan.portal")])
        for model in ("bss.dunning.case", "bss.dunning.promise", "bss.dunning.instalment.plan", "bss.complaint"):
            with self.assertRaises(AccessError):
                self.env[model].with_user(user).search([])

    def test_switched_off_by_the_company(self):
        self.company.bss_portal_promise = False
        self.company.bss_portal_complaint = False
        page = self.page()
        self.assertNotIn("/promise", page)
        self.assertNotIn("/complaint", page)
        self.company.bss_portal_debt = False
        self.assertNotIn(self.account.name, self.page())

    def test_a_visitor_has_to_log_in(self):
        self.authenticate(None, None)
        self.assertIn("/web/login", self.url_open("/my/debt").url)
