from odoo.tests import tagged

from ..bank_core import nrb
from .common import PaymentsCommon


@tagged("post_install", "-at_install")
class TestDemo(PaymentsCommon):
    def test_demo_step_gives_every_account_a_number(self):
        self.pool.active = False
        accounts = self.make_account("A") | self.make_account("B")
        ctx = {"company": self.company, "bank": self.bank_account, "as_of": self.today}
        self.env["bss.demo"]._load_payments(ctx)
        self.assertTrue(ctx["pool"].is_default)
        for account in accounts:
            self.assertTrue(nrb.is_valid(account.payment_nrb))
            self.assertTrue(account.payment_nrb[2:].startswith(ctx["pool"].prefix))
        self.assertIn("_load_payments", [method for _label, method in self.env["bss.demo"]._bss_demo_steps()])
