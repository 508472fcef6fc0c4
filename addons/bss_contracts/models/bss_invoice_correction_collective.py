"""Collective corrections: a discount on all invoices of an account in a period (art. 106j (3) of the VAT act)."""

from decimal import Decimal

from odoo import models
from odoo.exceptions import UserError

from .. import adapters
from ..correction_core import less_percent, spread


class BssAccount(models.Model):
    _inherit = "bss.account"  # pylint: disable=consider-merging-classes-inherited

    def action_bss_correct_period(self):
        """A new collective correction of this account."""
        self.ensure_one()
        self.check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id("bss_contracts.bss_invoice_correction_collective_action")
        context = {"default_kind": "collective", "default_reason_code": "discount", "default_account_id": self.id}
        return {**action, "context": context}


class BssInvoiceCorrection(models.Model):
    _inherit = "bss.invoice.correction"  # pylint: disable=consider-merging-classes-inherited

    def _bss_choose_originals(self):
        """Without chosen invoices: all of the period that are not corrections themselves."""
        if self.original_ids:
            return
        if not self.date_from or not self.date_to:
            raise UserError(self.env._("Choose the period or the invoices to correct."))
        self.original_ids = self.env["account.move"].search(
            [
                ("bss_account_id", "=", self.account_id.id),
                ("move_type", "=", "out_invoice"),
                ("state", "=", "posted"),
                ("bss_correction_id", "=", False),
                ("invoice_date", ">=", self.date_from),
                ("invoice_date", "<=", self.date_to),
            ],
            order="invoice_date, id",
        )
        if not self.original_ids:
            raise UserError(self.env._("The customer has no invoice in this period."))

    def _bss_spread_discount(self):
        lines = self.line_ids
        amounts = [adapters.decimal(line.amount_before).quantize(Decimal("0.01")) for line in lines]
        if self.discount_kind == "percent":
            percent = adapters.decimal(self.discount_percent)
            if not 0 < percent <= 100:
                raise UserError(self.env._("A discount is more than 0 % and at most 100 %."))
            after = [less_percent(amount, percent) for amount in amounts]
        else:
            discount = adapters.decimal(self.discount_amount)
            if len(set(lines.mapped("is_gross"))) > 1:
                raise UserError(self.env._("The invoices have net and gross prices: give the discount in percent."))
            if not 0 < discount <= sum(amounts):
                raise UserError(
                    self.env._("A discount is more than zero and at most %(amount)s.", amount=sum(amounts, Decimal(0)))
                )
            after = [amount - part for amount, part in zip(amounts, spread(discount, amounts), strict=True)]
        for line, amount in zip(lines, after, strict=True):
            line.amount_after = float(amount)

    def _bss_discount_days(self):
        """Period of a collective correction: the one asked for, else what the chosen invoices are for; or None."""
        if self.kind != "collective":
            return None
        if self.date_from and self.date_to:
            return self.date_from, self.date_to
        days = [day for move in self.original_ids for day in move._bss_days_of_supply()]
        return (min(days), max(days)) if days else None
