"""Amounts by Odoo's own tax engine, for what the closed form leaves open. Asked once for equal lines."""

from dataclasses import dataclass

from ..bulk_core import Amounts, TaxAmount, TaxRule


@dataclass(frozen=True, slots=True)
class EngineResult:
    """``tax_vals``: values of the tax lines for the ORM; ``tags``: ids of tax tags of each product line."""

    amounts: Amounts
    tax_vals: tuple
    tags: tuple


class Engine:
    """The tax engine for invoices of one company in its own currency."""

    def __init__(self, env, company):
        self.env, self.company = env, company
        self.per_line = company.tax_calculation_rounding_method == "round_per_line"
        self._memo, self._rules = {}, {}

    def rule(self, tax_id, is_single=True):
        """The tax as the closed form sees it."""
        if tax_id not in self._rules:
            tax = self.env["account.tax"].browse(tax_id)
            plain = is_single and tax.amount_type == "percent" and not tax.include_base_amount
            self._rules[tax_id] = TaxRule(
                tax_id, round(tax.amount * 10_000), tax.price_include, plain and not tax.has_negative_factor
            )
        return self._rules[tax_id]

    def ask(self, lines):
        """EngineResult of these line requests."""
        key = tuple([(one.product_id, one.tax_ids, one.quantity, one.price_unit, one.discount) for one in lines])
        if key not in self._memo:
            self._memo[key] = self._compute(lines)
        return self._memo[key]

    def _base_line(self, line):
        return self.env["account.tax"]._prepare_base_line_for_taxes_computation(
            None,
            product_id=self.env["product.product"].browse(line.product_id),
            tax_ids=self.env["account.tax"].browse(line.tax_ids),
            price_unit=float(line.price_unit),
            quantity=float(line.quantity),
            discount=float(line.discount),
            currency_id=self.company.currency_id,
            rate=1.0,
            sign=1.0,
            is_refund=False,
        )

    def _compute(self, lines):
        taxes = self.env["account.tax"]
        base_lines = [self._base_line(line) for line in lines]
        taxes._add_tax_details_in_base_lines(base_lines, self.company)
        taxes._round_base_lines_tax_details(base_lines, self.company)
        taxes._add_accounting_data_in_base_lines_tax_details(base_lines, self.company)
        result = taxes._prepare_tax_lines(base_lines, self.company)
        nets, tags = [], []
        for _base_line, update in result["base_lines_to_update"]:
            nets.append(_grosz(update["balance"]))
            tags.append(tuple(update["tax_tag_ids"][0][2]))
        subtotals, totals = zip(*[self._alone(line) for line in lines], strict=True)
        parts = self.env["account.tax.repartition.line"]
        tax_amounts = tuple(
            TaxAmount(
                parts.browse(one["tax_repartition_line_id"]).tax_id.id,
                _grosz(one["tax_base_amount"]),
                _grosz(one["balance"]),
            )
            for one in result["tax_lines_to_add"]
        )
        untaxed, tax = sum(nets), sum(one.amount for one in tax_amounts)
        amounts = Amounts(tuple(nets), subtotals, totals, tax_amounts, untaxed, tax, untaxed + tax)
        return EngineResult(amounts, tuple(result["tax_lines_to_add"]), tuple(tags))

    def _alone(self, line):
        """(price_subtotal, price_total) of a line: it is rounded as if it stood alone."""
        taxes = self.env["account.tax"]
        base_line = self._base_line(line)
        taxes._add_tax_details_in_base_line(base_line, self.company)
        taxes._round_base_lines_tax_details([base_line], self.company)
        details = base_line["tax_details"]
        return _grosz(details["total_excluded_currency"]), _grosz(details["total_included_currency"])


def _grosz(amount):
    return round(amount * 100)
