from odoo import fields, models


class BssPaymentMatchInbox(models.Model):
    _inherit = "bss.payment.match"  # pylint: disable=consider-merging-classes-inherited

    proposed_by_id = fields.Many2one(
        "res.users", readonly=True, copy=False, help="Who proposed the account; an accountant books."
    )

    _inbox = models.Index("(company_id, date, id) WHERE state IN ('proposed', 'unallocated')")
    _payer_history = models.Index("(company_id, payer_name) WHERE payer_name IS NOT NULL AND state = 'booked'")
