from odoo import api, fields, models

from .bss_payment_match import REASONS


class BssPaymentMatchCandidate(models.Model):
    _name = "bss.payment.match.candidate"
    _description = "Candidate for a Payment"
    _order = "confidence desc, id"
    _rec_name = "account_id"

    match_id = fields.Many2one("bss.payment.match", required=True, ondelete="cascade", index=True)
    company_id = fields.Many2one(related="match_id.company_id", store=True, precompute=True)
    account_id = fields.Many2one("bss.account", string="Billing Account", required=True, ondelete="cascade")
    partner_id = fields.Many2one(related="account_id.partner_id", string="Customer")
    amount_due = fields.Monetary(related="account_id.amount_due", currency_field="currency_id")
    currency_id = fields.Many2one(related="match_id.currency_id")
    reason = fields.Selection(REASONS, required=True)
    confidence = fields.Integer(string="Confidence (%)", aggregator=None)
    #: why, as the matcher found it: [[code, {parameter: value}], …]; bss.payment.evidence has the words
    evidence = fields.Json(readonly=True)
    evidence_words = fields.Char(string="What Speaks for It", compute="_compute_evidence_words")
    #: ids of the documents that speak for this account
    document_ids = fields.Json(readonly=True)

    @api.depends("evidence", "reason")
    @api.depends_context("lang")
    def _compute_evidence_words(self):
        for candidate in self:
            candidate.evidence_words = "; ".join(self.env["bss.payment.evidence"]._words(candidate))

    def action_choose(self):
        """Take this account for the payment; booking is a second step."""
        self.ensure_one()
        self.match_id.account_id = self.account_id
        return True
