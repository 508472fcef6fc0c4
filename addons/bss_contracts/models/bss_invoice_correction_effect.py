"""What a correction does, shown before it is issued: VAT by rate, totals, what the customer owes afterwards."""

from decimal import Decimal

from odoo import api, models

from .. import adapters
from ..correction_core import is_changed

EFFECT = "bss_contracts.invoice_correction_effect"
ZERO = Decimal(0)
CENT = Decimal("0.01")


class BssInvoiceCorrection(models.Model):
    _inherit = "bss.invoice.correction"  # pylint: disable=consider-merging-classes-inherited

    @api.depends(
        "kind",
        "state",
        "line_ids.amount_before",
        "line_ids.amount_after",
        "line_ids.quantity_after",
        "line_ids.price_after",
        "line_ids.net_after",
        "line_ids.vat_after",
    )
    @api.depends_context("lang")
    def _compute_effect_html(self):
        for correction in self:
            if correction.kind == "buyer" or not correction.line_ids:
                correction.effect_html = False
                continue
            values = correction._bss_effect()
            values["money"] = lambda amount, one=correction: one.currency_id.format(float(amount))
            correction.effect_html = self.env["ir.qweb"]._render(EFFECT, values)

    def _bss_effect(self):
        """Plain values for the screen: rates with net and VAT before, difference and after; totals; what is owed."""
        self.ensure_one()
        rates = {}
        for line, (net, vat) in self._bss_line_effects().items():
            label = line.tax_after_id.invoice_label or line.tax_after_id.name or "–"
            row = rates.setdefault(label, [ZERO, ZERO, ZERO, ZERO])
            for index, value in enumerate((_cents(line.net_before), _cents(line.vat_before), net, vat)):
                row[index] += value
        totals = [sum(column) for column in zip(*rates.values(), strict=True)] if rates else [ZERO] * 4
        total = totals[2] + totals[3]
        account = self.account_id._origin.sudo() or self.account_id.sudo()
        owed = _cents(account.amount_due)
        issued = self.state == "issued"
        return {
            "rates": [self._bss_effect_row(label, row) for label, row in sorted(rates.items())],
            "totals": self._bss_effect_row("", totals),
            "difference": total,
            "owed_before": owed - total if issued else owed,
            "owed": owed if issued else owed + total,
            "issued": issued,
        }

    @api.model
    def _bss_effect_row(self, label, row):
        net, vat, net_change, vat_change = row
        return {
            "label": label,
            "before": (net, vat, net + vat),
            "difference": (net_change, vat_change, net_change + vat_change),
            "after": (net + net_change, vat + vat_change, net + vat + net_change + vat_change),
        }

    def _bss_line_effects(self):
        """{line: (net, VAT) of its difference}: as booked once issued, before by Odoo's own tax engine."""
        self.ensure_one()
        lines = self.line_ids
        if self.state == "issued":
            return {
                line: (_cents(line.net_after - line.net_before), _cents(line.vat_after - line.vat_before))
                for line in lines
            }
        states = {line: (line._bss_before(), line._bss_after()) for line in lines}
        changed = [line for line in lines if is_changed(*states[line])]
        base_lines = [self._bss_base_line(line, *states[line]) for line in changed]
        taxes = self.env["account.tax"].sudo()
        taxes._add_tax_details_in_base_lines(base_lines, self.company_id)
        taxes._round_base_lines_tax_details(base_lines, self.company_id)
        effects = dict.fromkeys(lines, (ZERO, ZERO))
        for line, base_line in zip(changed, base_lines, strict=True):
            details = base_line["tax_details"]
            net = details["total_excluded_currency"] + details["delta_total_excluded_currency"]
            vat = sum(one["tax_amount_currency"] for one in details["taxes_data"])
            if not states[line][1].amount and not line.is_gross:
                # nothing is left of it, so nothing of its VAT
                vat = -line.vat_before
            effects[line] = _cents(net), _cents(vat)
        return effects

    def _bss_base_line(self, line, before, after):
        taxes = self.env["account.tax"].sudo()
        return taxes._prepare_base_line_for_taxes_computation(
            None,
            product_id=line.product_id._origin or line.product_id,
            tax_ids=line.original_line_id.sudo().tax_ids,
            price_unit=float(after.amount - before.amount),
            quantity=1.0,
            currency_id=self.currency_id,
            rate=1.0,
            sign=1.0,
            is_refund=False,
        )


def _cents(value):
    return adapters.decimal(value).quantize(CENT)
