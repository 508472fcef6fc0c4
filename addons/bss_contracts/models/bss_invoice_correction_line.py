from decimal import Decimal

from odoo import api, fields, models
from odoo.fields import Command

from .. import adapters
from ..correction_core import LineState, is_changed, with_amount, with_price, with_quantity, with_tax, zeroed


class BssInvoiceCorrectionLine(models.Model):
    """One line of a corrected invoice before and after: a ``StanPrzed`` pair of FA(3)."""

    _name = "bss.invoice.correction.line"
    _description = "Line of an Invoice Correction"
    _order = "correction_id, id"

    correction_id = fields.Many2one("bss.invoice.correction", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="correction_id.company_id", store=True, precompute=True)
    currency_id = fields.Many2one(related="correction_id.currency_id")
    state = fields.Selection(related="correction_id.state")
    kind = fields.Selection(related="correction_id.kind", string="Kind of Correction")
    original_move_id = fields.Many2one("account.move", string="Invoice", readonly=True, index=True, ondelete="cascade")
    original_line_id = fields.Many2one(
        "account.move.line",
        string="Corrected Line",
        readonly=True,
        index="btree_not_null",
        ondelete="cascade",
        help="Empty when the corrective invoice names no line of the original.",
    )
    move_line_id = fields.Many2one(
        "account.move.line", string="Corrective Line", readonly=True, copy=False, ondelete="set null"
    )
    reversal_line_id = fields.Many2one(
        "account.move.line",
        string="Line That Takes Back",
        readonly=True,
        copy=False,
        ondelete="set null",
        help="Where the VAT rate is corrected: it takes the whole line back at the old rate; the corrective line brings "
        "it at the new one.",
    )
    position = fields.Integer(readonly=True, copy=False, aggregator=None)
    product_id = fields.Many2one("product.product", readonly=True, ondelete="restrict")
    name = fields.Char(string="Description", readonly=True)
    tax_before_id = fields.Many2one("account.tax", string="VAT Before", readonly=True, ondelete="restrict")
    tax_after_id = fields.Many2one("account.tax", string="VAT After", ondelete="restrict")
    is_gross = fields.Boolean(string="Gross Price", readonly=True)
    discount = fields.Float(string="Discount (%)", digits="Discount", readonly=True, aggregator=None)
    discount_after = fields.Float(string="Discount After (%)", digits="Discount", readonly=True, aggregator=None)
    quantity_before = fields.Float(digits=(16, 6), readonly=True, aggregator=None)
    price_before = fields.Float(digits=(16, 8), readonly=True, aggregator=None)
    amount_before = fields.Monetary(readonly=True, help="In the kind of the price: net, or gross where it is gross.")
    net_before = fields.Monetary(readonly=True)
    vat_before = fields.Monetary(string="VAT Amount Before", readonly=True)
    quantity_after = fields.Float(digits=(16, 6), aggregator=None)
    price_after = fields.Float(digits=(16, 8), aggregator=None)
    amount_after = fields.Monetary(compute="_compute_amount_after", store=True, readonly=False)
    difference = fields.Monetary(compute="_compute_difference", store=True)
    net_after = fields.Monetary(readonly=True, help="As booked.")
    vat_after = fields.Monetary(string="VAT Amount After", readonly=True, help="As booked.")

    # two corrections of one line at the same time: one of them starts from a state that is no more
    _chain_unique = models.UniqueIndex(
        "(original_line_id, position) WHERE original_line_id IS NOT NULL AND position > 0",
        "Another correction of the same invoice was issued in the meantime. Refresh this one.",
    )

    @api.depends("quantity_after", "price_after", "kind")
    def _compute_amount_after(self):
        for line in self:
            if line.kind == "zero":
                line.amount_after = 0
            elif line.kind in ("quantity", "price"):
                before = line._bss_before()
                if line.kind == "quantity":
                    after = with_quantity(before, adapters.decimal(line.quantity_after))
                else:
                    after = with_price(before, adapters.decimal(line.price_after))
                line.amount_after = float(after.amount)
            else:
                line.amount_after = line.amount_after

    @api.depends("amount_before", "amount_after")
    def _compute_difference(self):
        for line in self:
            line.difference = line.amount_after - line.amount_before

    def write(self, vals):
        if not self.env.su:
            self.correction_id._bss_refuse_issued()
        result = super().write(vals)
        if vals.get("tax_after_id"):
            self._bss_fit_tax_kind()
        return result

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        if not self.env.su:
            lines.correction_id._bss_refuse_issued()
        lines._bss_fit_tax_kind()
        return lines

    @api.ondelete(at_uninstall=False)
    def _unlink_except_issued(self):
        self.correction_id._bss_refuse_issued()

    def _bss_fit_tax_kind(self):
        """The chosen rate in the kind of the price: a gross price has its VAT taken out of it."""
        for line in self.filtered(lambda one: one.kind == "tax" and one.tax_after_id):
            tax = line.tax_after_id
            fit = tax._bss_for_gross() if line.is_gross else tax.bss_net_tax_id or tax
            if fit != tax:
                line.tax_after_id = fit

    def _bss_start_over(self):
        """After = before, the starting point of every kind but "to zero"."""
        for line in self:
            line.tax_after_id = line.tax_before_id
            line.quantity_after = line.quantity_before
            line.price_after = line.price_before
            line.amount_after = 0 if line.kind == "zero" else line.amount_before

    def _bss_before(self):
        self.ensure_one()
        number = adapters.decimal
        return LineState(
            number(self.quantity_before),
            number(self.price_before),
            number(self.discount),
            number(self.amount_before).quantize(Decimal("0.01")),
            self.tax_before_id._origin.id or 0,
        )

    def _bss_after(self):
        """State after as the kind of the correction makes it."""
        self.ensure_one()
        before, number = self._bss_before(), adapters.decimal
        if self.kind == "zero":
            return zeroed(before)
        if self.kind == "quantity":
            return with_quantity(before, number(self.quantity_after))
        if self.kind == "price":
            return with_price(before, number(self.price_after))
        if self.kind == "tax":
            return with_tax(before, self.tax_after_id._origin.id or before.tax, number(self.amount_after))
        if self.kind == "buyer":
            return before
        return with_amount(before, number(self.amount_after))

    @api.model
    def _bss_state_vals(self, after):
        """The state after, to be stored; ``amount_after`` is computed for some kinds and written for others."""
        return {
            "quantity_after": float(after.quantity),
            "price_after": float(after.price),
            "discount_after": float(after.discount),
            "amount_after": float(after.amount),
            "tax_after_id": after.tax or False,
        }

    def _bss_left_vals(self):
        """The state that this issued line left, as the state before of the next correction."""
        self.ensure_one()
        return {
            "discount": self.discount_after,
            "quantity_before": self.quantity_after,
            "price_before": self.price_after,
            "amount_before": self.amount_after,
            "net_before": self.net_after,
            "vat_before": self.vat_after,
            "tax_before_id": self.tax_after_id.id,
            "tax_after_id": self.tax_after_id.id,
        }

    def _bss_is_changed(self):
        self.ensure_one()
        return is_changed(self._bss_before(), self._bss_after())

    def _bss_is_taxed_anew(self):
        """Whether the VAT rate is corrected."""
        self.ensure_one()
        return self._bss_before().tax != self._bss_after().tax

    def _bss_taxes(self, side):
        """Taxes of the line ``before`` or ``after``: those of the original line while its rate stands."""
        self.ensure_one()
        tax, own = self[f"tax_{side}_id"]._origin, self.original_line_id.sudo().tax_ids
        return own if tax in own else tax

    def _bss_move_line_vals(self, sign):
        """Values of the lines of the corrective invoice: the difference, or the whole line back and anew.

        :param sign: -1 on a credit note
        """
        self.ensure_one()
        common = {**self.original_line_id._bss_corrective_vals(), "name": self.name, "quantity": 1.0}
        if not self._bss_is_taxed_anew():
            taxes = Command.set(self._bss_taxes("after").ids)
            return [{**common, "tax_ids": [taxes], "price_unit": sign * self.difference}]
        sides = (("before", -sign * self.amount_before), ("after", sign * self.amount_after))
        return [
            {**common, "tax_ids": [Command.set(self._bss_taxes(side).ids)], "price_unit": price}
            for side, price in sides
        ]

    def _bss_facts(self):
        """The pair as plain values, see ``bss.invoice.correction._bss_facts``."""
        self.ensure_one()

        def side(name, discount):
            return {
                "quantity": self[f"quantity_{name}"],
                "price": self[f"price_{name}"],
                "discount": discount,
                "net": self[f"net_{name}"],
                "tax_id": self[f"tax_{name}_id"].id,
            }

        return {
            "line_id": self.move_line_id.id,
            "original_line_id": self.original_line_id.id,
            "original": self.original_move_id.name or "",
            "name": self.name,
            "is_gross": self.is_gross,
            "before": side("before", self.discount),
            "after": side("after", self.discount_after),
        }
