from odoo import fields, models


class SmsSms(models.Model):
    _inherit = "sms.sms"  # pylint: disable=consider-merging-classes-inherited

    bss_notice_id = fields.Many2one("bss.dunning.notice", ondelete="set null", index="btree_not_null")

    def _bss_is_of_dunning(self):
        return super()._bss_is_of_dunning() or bool(self.bss_notice_id)

    def _bss_cancel_settled(self):
        """Nobody is reminded of an invoice that he paid while the message waited."""
        settled = super()._bss_cancel_settled()
        paid_for = self.sudo().bss_notice_id._bss_settled()
        paid = (self - settled).filtered(lambda sms: sms.sudo().bss_notice_id & paid_for)
        if paid:
            paid.action_set_canceled()
            reason = self.env._("Paid before the SMS went out.")
            paid.sudo().bss_notice_id.write({"state": "cancelled", "reason": reason})
        return settled | paid
