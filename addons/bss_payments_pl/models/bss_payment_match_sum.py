from odoo import models


class BssPaymentMatchSum(models.Model):
    _inherit = "bss.payment.match"  # pylint: disable=consider-merging-classes-inherited

    def _bss_book_sum(self, part):
        """Set the daily sum of a bank account against the payments of its report.

        :param part: the report, a ``bss.bank.import.statement`` of the same amount
        """
        clearing = part.import_id._bss_line_journal().default_account_id
        for match in self.with_context(
            bss_booking=True, tracking_disable=True, skip_account_move_synchronization=True, skip_readonly_check=True
        ):
            _liquidity, suspense, _others = match.statement_line_id._seek_for_lines()
            suspense.write({"account_id": clearing.id})
            match.write({"state": "rejected", "account_id": False, "reason": "REPORT_SUM", "confidence": 100})
            part.sum_line_id = match.statement_line_id
