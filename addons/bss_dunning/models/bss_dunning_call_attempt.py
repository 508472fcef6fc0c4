from odoo import api, fields, models

from .bss_dunning_call import RESULT_WORDS


class BssDunningCallAttempt(models.Model):
    """One ring of the telephone and what came of it; written once, never changed."""

    _name = "bss.dunning.call.attempt"
    _description = "Attempt of a Call"
    _order = "call_id, number"
    _check_company_auto = True
    _rec_name = "called_at"

    call_id = fields.Many2one("bss.dunning.call", required=True, index=True, ondelete="cascade", check_company=True)
    company_id = fields.Many2one(related="call_id.company_id", store=True, index=True, precompute=True)
    partner_id = fields.Many2one(related="call_id.partner_id", store=True, index=True, precompute=True)
    case_id = fields.Many2one(related="call_id.case_id", store=True, index=True, precompute=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    number = fields.Integer(required=True, readonly=True, string="Attempt")
    called_at = fields.Datetime(required=True, readonly=True, string="Called")
    day = fields.Date(required=True, readonly=True, help="Day of the call in Poland.")
    phone = fields.Char(readonly=True)
    result = fields.Selection(RESULT_WORDS, required=True, readonly=True)
    reached = fields.Boolean(readonly=True, help="The customer himself was spoken to.")
    minutes = fields.Float(readonly=True)
    cost = fields.Monetary(readonly=True)
    promise_amount = fields.Monetary(readonly=True, string="Promised")
    promise_date = fields.Date(readonly=True, string="Promised For")
    callback_at = fields.Datetime(readonly=True, string="Call Back At")
    note = fields.Text(readonly=True)
    source = fields.Selection([("person", "Person"), ("dialer", "Dialer")], required=True, readonly=True)
    user_id = fields.Many2one("res.users", readonly=True, string="By")

    _number_unique = models.Constraint("UNIQUE(call_id, number)", "The result of this attempt is known already.")
    _contact_idx = models.Index("(company_id, day)")

    @api.depends("called_at", "result")
    def _compute_display_name(self):
        words = dict(self._fields["result"]._description_selection(self.env))
        for attempt in self:
            attempt.display_name = f"{attempt.number}. {words.get(attempt.result, '')}"
