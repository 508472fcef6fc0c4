"""What a correction does, before and after it is issued alike: whole invoices, changed lines, what the customer owes."""

from decimal import Decimal

from odoo import api, models

from .. import adapters

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
        "line_ids.tax_after_id",
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
        """Plain values for the screen, of a draft and of an issued correction with one meaning.

        ``whole``: the corrected invoices with every line, ``changed``: the lines that change; each with ``rates`` and
        ``totals``, rows of net, VAT and gross before, difference and after. ``owed``: by the customer afterwards.
        """
        self.ensure_one()
        pieces = {line: found for line, found in self._bss_pieces().items() if found}
        changes = [piece for found in pieces.values() for piece in found]
        changed = [(line.tax_before_id._origin, _cents(line.net_before), _cents(line.vat_before)) for line in pieces]
        difference = sum((net + vat for _tax, net, vat in changes), ZERO)
        account = self.account_id._origin.sudo() or self.account_id.sudo()
        owed = _cents(account.amount_due)
        issued = self.state == "issued"
        return {
            "whole": self._bss_effect_part(self._bss_states_of_originals(), changes),
            "changed": self._bss_effect_part(changed, changes),
            "difference": difference,
            "owed_before": owed - difference if issued else owed,
            "owed": owed if issued else owed + difference,
            "issued": issued,
            "several": len(self.original_ids) > 1,
        }

    def _bss_states_of_originals(self):
        """[(tax, net, VAT)] of all lines of the corrected invoices before this correction."""
        lines = self.original_ids._origin.sudo().line_ids.filtered(lambda line: line.display_type == "product")
        taxes = self.env["account.tax"].sudo()
        position = self.position if self.state == "issued" else None
        return [
            (taxes.browse(row["tax_before_id"]), _cents(row["net_before"]), _cents(row["vat_before"]))
            for row in lines._bss_correction_line_vals(position)
        ]

    def _bss_effect_part(self, before, changes):
        """Rows by VAT rate and their total.

        :param before: [(tax, net, VAT)] that stood
        :param changes: [(tax, net, VAT)] that come to it
        """
        rates = {}
        for place, found in ((0, before), (2, changes)):
            for tax, net, vat in found:
                row = rates.setdefault(tax.invoice_label or tax.name or "–", [ZERO] * 4)
                row[place] += net
                row[place + 1] += vat
        totals = [sum(column) for column in zip(*rates.values(), strict=True)] if rates else [ZERO] * 4
        return {
            "rates": [self._bss_effect_row(label, row) for label, row in sorted(rates.items())],
            "totals": self._bss_effect_row("", totals),
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

    # --- differences by tax

    def _bss_pieces(self):
        """{line: [(tax, net, VAT)] of its difference}: as booked once issued, before by Odoo's own tax engine.

        One piece, two where the VAT rate is corrected (back at the old rate, on at the new one), none of an unchanged line.
        """
        self.ensure_one()
        if self.state == "issued":
            return {line: self._bss_booked_pieces(line) for line in self.line_ids}
        return self._bss_expected_pieces()

    def _bss_booked_pieces(self, line):
        net, vat = _cents(line.net_before), _cents(line.vat_before)
        net_after, vat_after = _cents(line.net_after), _cents(line.vat_after)
        if line._bss_is_taxed_anew():
            return [(line.tax_before_id, -net, -vat), (line.tax_after_id, net_after, vat_after)]
        return [(line.tax_after_id, net_after - net, vat_after - vat)]

    def _bss_expected_pieces(self):
        changed = self.line_ids.filtered(lambda line: line._bss_is_changed())
        base_lines = [self._bss_base_line(line) for line in changed]
        taxes = self.env["account.tax"].sudo()
        taxes._add_tax_details_in_base_lines(base_lines, self.company_id)
        taxes._round_base_lines_tax_details(base_lines, self.company_id)
        pieces = {line: [] for line in self.line_ids}
        for line, base_line in zip(changed, base_lines, strict=True):
            details = base_line["tax_details"]
            net = _cents(details["total_excluded_currency"] + details["delta_total_excluded_currency"])
            vat = _cents(sum(one["tax_amount_currency"] for one in details["taxes_data"]))
            back = _cents(line.net_before), _cents(line.vat_before)
            if line._bss_is_taxed_anew():
                pieces[line].append((line.tax_before_id._origin, -back[0], -back[1]))
            elif not line._bss_after().amount and not line.is_gross:
                # nothing is left of it, so nothing of its VAT
                vat = -back[1]
            pieces[line].append((line.tax_after_id._origin, net, vat))
        return pieces

    def _bss_base_line(self, line):
        """The difference for the tax engine; where the rate changes, the whole line at the new one."""
        before, after = line._bss_before(), line._bss_after()
        amount = after.amount if before.tax != after.tax else after.amount - before.amount
        return (
            self.env["account.tax"]
            .sudo()
            ._prepare_base_line_for_taxes_computation(
                None,
                product_id=line.product_id._origin or line.product_id,
                tax_ids=line._bss_taxes("after").sudo(),
                price_unit=float(amount),
                quantity=1.0,
                currency_id=self.currency_id,
                rate=1.0,
                sign=1.0,
                is_refund=False,
            )
        )


def _cents(value):
    return adapters.decimal(value).quantize(CENT)
