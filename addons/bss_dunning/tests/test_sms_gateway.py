from decimal import Decimal
from unittest.mock import patch

from odoo.tests import tagged

from .sms_common import SmsCommon, operator


@tagged("post_install", "-at_install")
class TestSmsGateway(SmsCommon):
    """What goes out, to whom, through whose operator."""

    def test_a_message_goes_out_without_polish_letters(self):
        sms = self.sms("Zażółć gęślą jaźń – 5\u00a0zł")
        self.run_queue()
        self.assertEqual([one.text for one in self.sim.sent], ["Zazolc gesla jazn - 5 zl"])
        self.assertEqual(self.sim.sent[0].sender, "BSS")
        log = self.log(sms)
        self.assertEqual((log.state, log.reference, log.parts, log.attempts), ("accepted", "ID0001", 1, 1))
        self.assertEqual(Decimal(f"{log.cost:.4f}"), Decimal("0.0850"))
        self.assertEqual(Decimal(f"{log.points:.4f}"), Decimal("0.1700"))
        self.assertEqual((sms.state, sms.to_delete), ("pending", True))
        self.assertEqual(self.sim.refused, [])

    def test_polish_letters_cost_more_parts(self):
        self.gateway.transliterate = False
        sms = self.sms("ą" * 71)
        self.run_queue()
        self.assertEqual((self.log(sms).parts, self.sim.sent[0].parts), (2, 2))

    def test_the_log_outlives_the_message(self):
        sms = self.sms()
        uuid = sms.uuid
        self.run_queue()
        sms.unlink()
        self.assertEqual(self.Log.search([("uuid", "=", uuid)]).body, "Prosimy o zaplate")

    def test_numbers_are_made_international_and_wrong_ones_refused(self):
        good, bad = self.sms(number="600 100 200"), self.sms(number="12345")
        self.run_queue()
        self.assertEqual(self.sim.phones, ["48600100200"])
        self.assertEqual(self.log(good).phone, "+48600100200")
        self.assertEqual((bad.state, bad.failure_type), ("error", "sms_number_format"))
        self.assertEqual((self.log(bad).state, self.log(bad).problem), ("failed", "number"))

    def test_a_text_too_long_is_not_paid_for(self):
        sms = self.sms("a" * 500)
        self.run_queue()
        self.assertEqual((sms.state, self.log(sms).problem), ("error", "content"))
        self.assertEqual(self.sim.requests, [])

    def test_the_operator_refuses_one_of_many(self):
        self.sim.blacklist.add("48600100201")
        first, second = self.sms(), self.sms(number="+48600100201")
        self.run_queue()
        self.assertEqual((first.state, second.state), ("pending", "error"))
        self.assertEqual(self.log(second).problem, "number")
        self.assertEqual(self.gateway.failed_count, 1)

    def test_a_batch_with_a_known_key_is_taken_apart(self):
        first, second = self.sms(), self.sms(number="+48600100201")
        self.sim.take(first.uuid, "48600100200", "x", "BSS")
        self.run_queue()
        self.assertEqual(self.sim.phones, ["48600100200", "48600100201"])
        self.assertEqual((self.log(first).state, self.log(second).state), ("accepted", "accepted"))

    def test_a_person_tries_again(self):
        self.sim.faults.append(("error", 13))
        sms = self.sms()
        self.run_queue()
        self.assertEqual(sms.state, "error")
        old = sms.uuid
        sms.resend_failed()
        self.assertEqual((sms.state, len(self.sim.sent)), ("pending", 1))
        self.assertNotEqual(sms.uuid, old)
        self.assertEqual(self.Log.search([("uuid", "=", old)]).state, "failed")

    # Companies

    def test_a_branch_writes_through_the_company_above_it(self):
        branch = self.env["res.company"].create({"name": "Oddział", "parent_id": self.company.id})
        self.assertEqual(self.env["bss.sms.gateway"]._bss_of(branch), self.gateway)
        with operator() as sim:
            own = self.connect(company_id=branch.id, url=sim.address, token=sim.token)
            self.assertEqual(self.env["bss.sms.gateway"]._bss_of(branch), own)
        self.assertEqual(self.env["bss.sms.gateway"]._bss_of(self.company), self.gateway)

    def test_companies_have_their_own_operators(self):
        other = self.env["res.company"].create({"name": "Druga", "country_id": self.env.ref("base.pl").id})
        with operator() as sim:
            self.connect(company_id=other.id, url=sim.address, token=sim.token)
            mine, theirs = self.sms("moje"), self.sms("ich", bss_company_id=other.id)
            self.run_queue()
            self.assertEqual([one.text for one in sim.sent], ["ich"])
        self.assertEqual([one.text for one in self.sim.sent], ["moje"])
        self.assertEqual(self.log(theirs).company_id, other)
        self.assertEqual((mine.state, theirs.state), ("pending", "pending"))

    def test_a_company_without_a_gateway_goes_its_own_way(self):
        other = self.env["res.company"].create({"name": "Trzecia"})
        sms = self.sms(bss_company_id=other.id)
        with patch("odoo.addons.sms.tools.sms_api.SmsApi._send_sms_batch") as iap:
            iap.return_value = [{"uuid": sms.uuid, "state": "success"}]
            self.run_queue()
        self.assertEqual(iap.call_count, 1)
        self.assertEqual((sms.state, self.sim.sent), ("pending", []))
        self.assertFalse(self.log(sms))

    def test_a_message_of_the_conversation_shows_what_became_of_it(self):
        partner = self.env["res.partner"].create({"name": "Anna Nowak", "phone": "+48600100200"})
        message = partner._message_sms("Dzień dobry", partner_ids=partner.ids)
        notice = message.notification_ids
        self.assertEqual(notice.notification_status, "pending")
        self.gateway._bss_take_reports(
            self.gateway._bss_provider().read_callback(
                {"MsgId": "ID0001", "status": "404", "donedate": "1"}, self.gateway._bss_report_names()
            )
        )
        self.assertEqual(notice.notification_status, "sent")
