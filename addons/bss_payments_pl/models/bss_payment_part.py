from odoo import fields, models


class BssPaymentPart(models.Model):
    """One of the billing accounts that a payment was split over. Written by booking, gone when it is undone."""

    _name = "bss.payment.part"
    _inherit = "bss.customer.thanks"
    _description = "Part of a Payment"
    _order = "match_id desc, sequence, id"
    _rec_name = "account_id"
    _check_company_auto = True

    match_id = fields.Many2one("bss.payment.match", string="Payment", required=True, ondelete="cascade", index=True)
    company_id = fields.Many2one(related="match_id.company_id", store=True, precompute=True)
    currency_id = fields.Many2one(related="match_id.currency_id")
    sequence = fields.Integer()
    account_id = fields.Many2one(
        "bss.account", string="Billing Account", required=True, check_company=True, ondelete="restrict", index=True
    )
    partner_id = fields.Many2one(related="account_id.partner_id", string="Customer")
    amount = fields.Monetary(required=True, help="Negative where the bank took the payment back.")
    invoice_ids = fields.Many2many(
        "account.move",
        string="Invoices Named",
        help="What this part was to pay first; the rest goes to the oldest debt.",
    )
    move_line_id = fields.Many2one("account.move.line", string="Journal Item", ondelete="set null", index=True)

    _amount_check = models.Constraint("CHECK(amount <> 0)", "A part of a payment has an amount.")

    def _bss_thanks_template(self, channel):
        kind = {"email": "mail", "sms": "sms"}[channel]
        return self.env.ref(f"bss_payments_pl.{kind}_template_payment_part_thanks").sudo()
