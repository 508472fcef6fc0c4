from odoo import api, fields, models
from odoo.addons.bss_catalog import polish_day
from odoo.exceptions import UserError
from odoo.fields import Command

from ..models.bss_dunning_hold import DOCUMENT_KINDS, KINDS, RULED_KINDS


class BssDunningHoldWizard(models.TransientModel):
    _name = "bss.dunning.hold.wizard"
    _description = "Put Cases on Hold"

    case_ids = fields.Many2many("bss.dunning.case", string="Cases", required=True)
    kind = fields.Selection(
        [pair for pair in KINDS if pair[0] not in RULED_KINDS], required=True, default="manual", string="Why"
    )
    hold_until = fields.Date(help="Last day of the hold; empty: until somebody releases it.")
    reason = fields.Char(required=True)
    line_ids = fields.One2many(
        "bss.dunning.hold.wizard.line",
        "wizard_id",
        string="Documents",
        compute="_compute_line_ids",
        store=True,
        readonly=False,
    )

    @api.depends("case_ids", "kind")
    def _compute_line_ids(self):
        """Documents of the case to choose from, each with all that is left of it."""
        for wizard in self:
            documents = wizard.case_ids.line_ids if wizard.kind in DOCUMENT_KINDS and len(wizard.case_ids) == 1 else ()
            wizard.line_ids = [Command.clear()] + [
                Command.create({"move_line_id": line.id, "amount": line.amount_residual}) for line in documents
            ]

    def action_hold(self):
        self.ensure_one()
        if self.hold_until and self.hold_until < polish_day.today():
            raise UserError(self.env._("The hold would be over already: choose a later day."))
        self.case_ids._bss_hold(self.hold_until, self.reason, self.kind, self._bss_chosen())
        return {"type": "ir.actions.act_window_close"}

    def _bss_chosen(self):
        """{receivable: disputed amount}, None for holds of whole cases."""
        if self.kind not in DOCUMENT_KINDS:
            return None
        if len(self.case_ids) > 1:
            raise UserError(self.env._("A dispute is about documents: record it in one case at a time."))
        chosen = self.line_ids.filtered("disputed")
        if not chosen:
            raise UserError(self.env._("Tick the documents that are disputed."))
        chosen._bss_check_amount()
        return {line.move_line_id: line.amount for line in chosen}


class BssDunningHoldWizardLine(models.TransientModel):
    _name = "bss.dunning.hold.wizard.line"
    _description = "Disputed Document"

    wizard_id = fields.Many2one("bss.dunning.hold.wizard", required=True, ondelete="cascade")
    move_line_id = fields.Many2one("account.move.line", string="Receivable", required=True, ondelete="cascade")
    document = fields.Char(related="move_line_id.move_id.name")
    date_due = fields.Date(related="move_line_id.date_maturity", string="Due")
    amount_residual = fields.Monetary(related="move_line_id.amount_residual", string="Left to Pay")
    currency_id = fields.Many2one(related="move_line_id.company_currency_id")
    disputed = fields.Boolean()
    amount = fields.Monetary(string="Disputed Amount")

    def _bss_check_amount(self):
        """More than zero, and no more than is open of the document."""
        for line in self:
            left = line.sudo().amount_residual
            above = line.currency_id.compare_amounts(line.amount, left) > 0
            if above or line.currency_id.compare_amounts(line.amount, 0.0) <= 0:
                raise UserError(
                    self.env._(
                        "%(document)s: %(amount)s cannot be disputed, the amount is above zero and at most %(open)s.",
                        document=line.document,
                        amount=line.currency_id.format(line.amount),
                        open=line.currency_id.format(left),
                    )
                )
