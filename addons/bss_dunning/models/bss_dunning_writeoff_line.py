from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import formatLang

from ..dunning_core.letters.placeholders import without_dot

PARTS = [("principal", "Principal"), ("interest", "Interest"), ("costs", "Costs")]


class BssDunningWriteoffLine(models.Model):
    _name = "bss.dunning.writeoff.line"
    _description = "Document Written Off"
    _order = "writeoff_id, date_due, id"
    _rec_name = "document"

    writeoff_id = fields.Many2one("bss.dunning.writeoff", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="writeoff_id.company_id", store=True, precompute=True)
    account_id = fields.Many2one(related="writeoff_id.account_id")
    currency_id = fields.Many2one(related="company_id.currency_id")
    move_line_id = fields.Many2one(
        "account.move.line",
        string="Receivable",
        required=True,
        index=True,
        ondelete="restrict",
        domain="[('bss_account_id', '=', account_id), ('account_type', '=', 'asset_receivable'), "
        "('parent_state', '=', 'posted'), ('amount_residual', '>', 0)]",
    )
    document = fields.Char(related="move_line_id.move_id.name", related_sudo=True)
    date_due = fields.Date(related="move_line_id.date_maturity", string="Due", store=True)
    residual = fields.Monetary(related="move_line_id.amount_residual", string="Open")
    part = fields.Selection(PARTS, compute="_compute_part", store=True, precompute=True, compute_sudo=True)
    amount = fields.Monetary(required=True)

    _amount_positive = models.Constraint("CHECK(amount > 0)", "Say how much is written off.")
    _document_once = models.UniqueIndex("(writeoff_id, move_line_id)", "This document is in the write-off already.")

    @api.depends("move_line_id")
    def _compute_part(self):
        """Notes are interest or costs, all else is principal."""
        kinds = {"interest_note": "interest", "debit_note": "costs"}
        for line in self:
            line.part = kinds.get(line.move_line_id.move_id.bss_settlement_kind, "principal")

    @api.onchange("move_line_id")
    def _onchange_move_line_id(self):
        self.amount = self.move_line_id.amount_residual

    @api.constrains("move_line_id", "writeoff_id")
    def _check_document(self):
        """A receivable of the account: nobody gives up what another customer owes."""
        for line in self.sudo():
            receivable, account = line.move_line_id, line.writeoff_id.account_id
            if receivable.bss_account_id != account or receivable.account_id.account_type != "asset_receivable":
                raise ValidationError(
                    self.env._(
                        "%(document)s is not a document of account %(account)s.",
                        document=receivable.move_id.name,
                        account=without_dot(account.display_name),
                    )
                )

    @api.constrains("amount", "move_line_id")
    def _check_amount(self):
        """No more than is open; what is paid until the decision is looked at again then."""
        self.filtered(lambda line: line.writeoff_id.state == "draft").sudo()._bss_check_open()

    def _bss_check_open(self):
        for line in self:
            receivable = line.move_line_id
            standing = receivable.parent_state == "posted" and not receivable.reconciled
            residual = line.residual if standing else 0.0
            if line.currency_id.compare_amounts(line.amount, residual) > 0:
                raise ValidationError(
                    self.env._(
                        "%(document)s: %(amount)s cannot be written off, %(open)s is open.",
                        document=line.document,
                        amount=line.currency_id.format(line.amount),
                        open=line.currency_id.format(residual),
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._bss_refuse_amount(vals.get("amount"), self.env["account.move.line"].browse(vals.get("move_line_id")))
        parents = self.env["bss.dunning.writeoff"].browse(
            {vals.get("writeoff_id") for vals in vals_list} - {None, False}
        )
        parents._bss_refuse_decided()
        return super().create(vals_list)

    def write(self, vals):
        self.writeoff_id._bss_refuse_decided()
        if "amount" in vals:
            self._bss_refuse_amount(vals["amount"], self.move_line_id)
        result = super().write(vals)
        self.writeoff_id._bss_refuse_decided()  # nor is a line put into a write-off that is decided
        return result

    def _bss_refuse_amount(self, amount, receivables):
        """Said with the document, before the database refuses it without a name."""
        if round(amount or 0.0, 2) <= 0:
            raise ValidationError(
                self.env._(
                    "%(documents)s: say how much is written off, an amount above zero; %(amount)s was given.",
                    documents=", ".join(receivables.sudo().move_id.mapped("name")),
                    amount=formatLang(self.env, amount or 0.0, digits=2),
                )
            )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_draft(self):
        self.writeoff_id._bss_refuse_decided()
