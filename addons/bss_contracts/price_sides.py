"""Net and gross of the prices that a customer is told.

A consumer is told what he pays, VAT included (Act of 9 May 2014 on informing about prices of goods and services, art. 3
and 4); a company sees net and gross beside each other.
"""

from decimal import Decimal

from .adapters import decimal
from .billing_core import round_half_up
from .document_core import format_quantity


class PriceSides:
    """Prices of offerings of ``company`` for ``partner``, by the percentages of the sale taxes that hold for him."""

    def __init__(self, env, company, partner):
        self.company = company
        positions = env["account.fiscal.position"].sudo().with_company(company)
        self.position = positions._get_fiscal_position(partner.sudo())
        self.found = {}

    def _taxes(self, product):
        if product.id not in self.found:
            taxes = product.sudo().taxes_id._filter_taxes_by_company(self.company)
            self.found[product.id] = self.position.map_tax(taxes).flatten_taxes_hierarchy()
        return self.found[product.id]

    def _rate(self, product):
        """Per cent of VAT; a deposit is outside it."""
        if product.bss_offering_kind == "deposit":
            return Decimal(0)
        percents = self._taxes(product).filtered(lambda tax: tax.amount_type == "percent")
        return sum(map(decimal, percents.mapped("amount")), Decimal(0))

    def both(self, product, amount, is_gross):
        """``(net, gross)`` of an amount (Decimal) of an offering, both to the grosz."""
        factor = 1 + self._rate(product) / 100
        if is_gross:
            return round_half_up(amount / factor), round_half_up(amount)
        return round_half_up(amount), round_half_up(amount * factor)

    def vat(self, product):
        """Rate of VAT in words; empty for a deposit, which is outside it."""
        if product.bss_offering_kind == "deposit":
            return ""
        rate = self._rate(product)
        if rate:
            return f"{format_quantity(rate)} %"
        return ", ".join(tax.invoice_label or tax.name for tax in self._taxes(product))

    def row(self, row, product):
        """A row of printed prices (``sale.order.line._bss_price_row``) with the net and gross of all its prices."""
        net, gross = self.both(product, row["list_price"], row["is_gross"])
        runs = []
        for run in row["runs"]:
            run_net, run_gross = self.both(product, run["price"], row["is_gross"])
            runs.append({**run, "net": run_net, "gross": run_gross})
        return {**row, "unit_net": net, "unit_gross": gross, "vat": self.vat(product), "runs": runs}
