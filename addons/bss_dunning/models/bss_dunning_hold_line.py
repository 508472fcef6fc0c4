from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import formatLang


class BssDunningHoldLine(models.Model):
    """Part of a document that is not demanded while its hold lasts."""

    _name = "bss.dunning.hold.line"
    _inherit = ["bss.dunning.guard.mixin"]
    _description = "Document on Hold"
    _order = "hold_id desc, id"
    _check_company_auto = True

    hold_id = fields.Many2one(
        "bss.dunning.hold", required=True, index=True, ondelete="cascade", check_company=True, readonly=True
    )
    case_id = fields.Many2one(related="hold_id.case_id")
    company_id = fields.Many2one(related="hold_id.company_id", store=True, index=True, precompute=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    move_line_id = fields.Many2one(
        "account.move.line",
        string="Receivable",
        required=True,
        index=True,
        ondelete="cascade",
        check_company=True,
        readonly=True,
    )
    document = fields.Char(related="move_line_id.move_id.name")
    date_due = fields.Date(related="move_line_id.date_maturity", string="Due")
    amount_residual = fields.Monetary(related="move_line_id.amount_residual", string="Left to Pay")
    amount = fields.Monetary(string="Withheld", required=True, readonly=True)
    state = fields.Selection(related="hold_id.state", store=True, precompute=True)

    _document_unique = models.Constraint("UNIQUE(hold_id, move_line_id)", "A document stands in a hold only once.")
    _document_active = models.Index("(move_line_id) WHERE state = 'active'")
    _amount_positive = models.Constraint("CHECK(amount > 0)", "The withheld amount has to be above zero.")

    def _bss_guard_words(self):
        return self.env._("Documents on hold are changed by the buttons of their hold.")

    @api.constrains("amount", "move_line_id")
    def _check_amount(self):
        """Not more than is left of the document, together with what other holds withhold of it."""
        totals = dict(
            self._read_group(
                [("move_line_id", "in", self.move_line_id.ids), ("state", "=", "active")],
                ["move_line_id"],
                ["amount:sum"],
            )
        )
        for line in self.filtered(lambda line: line.state == "active"):
            receivable = line.move_line_id
            if receivable.move_id.bss_account_id != line.hold_id.account_id:
                raise ValidationError(
                    self.env._(
                        "%(document)s does not belong to %(account)s.",
                        document=line.document,
                        account=line.hold_id.account_id.name,
                    )
                )
            total = totals.get(receivable, 0.0)
            if line.currency_id.compare_amounts(total, receivable.amount_residual) > 0:
                raise ValidationError(
                    self.env._(
                        "%(document)s: %(amount)s would be withheld, but only %(residual)s is left to pay.",
                        document=line.document,
                        amount=formatLang(self.env, total, currency_obj=line.currency_id),
                        residual=formatLang(self.env, receivable.amount_residual, currency_obj=line.currency_id),
                    )
                )
