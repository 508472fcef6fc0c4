from decimal import Decimal

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..adapters import decimal, price_tiers
from ..catalog_core import round_half_up
from ..catalog_core.price_models import PriceProblem, plain, price_of, price_problems
from .price_example import example_text


class ProductTemplate(models.Model):
    _inherit = "product.template"  # pylint: disable=consider-merging-classes-inherited

    bss_price_model = fields.Selection(
        [
            ("flat", "Flat: every unit at one price"),
            ("graduated", "Graduated: each unit at the price of its tier"),
            ("volume", "Volume: all units at the price of the reached tier"),
            ("package", "Package: every started package is paid"),
            ("stairstep", "Stairstep: one price for the whole range"),
        ],
        string="Price model",
        default="flat",
        required=True,
        help="How the price of a period follows the quantity.",
    )
    bss_price_tier_ids = fields.One2many("bss.price.tier", "template_id", string="Tiers", copy=True)
    bss_minimum_amount = fields.Float(
        string="Minimum per period",
        digits=(16, 6),
        help="What the units cost less than this net amount in a whole period is topped up to it.",
    )

    bss_example_quantity = fields.Float(
        string="Example for",
        digits=(16, 6),
        compute="_compute_bss_example_quantity",
        readonly=False,
        help="Units of the example; not stored.",
    )
    bss_example_text = fields.Text(string="Example", compute="_compute_bss_example_text")
    bss_example_failed = fields.Boolean(compute="_compute_bss_example_text")
    bss_next_tier_from = fields.Float(
        digits=(16, 6), compute="_compute_bss_next_tier_from", help="Where a further tier would begin."
    )

    def _compute_bss_example_quantity(self):
        self.bss_example_quantity = 12

    @api.depends(
        "bss_example_quantity",
        "bss_price_model",
        "bss_price_tier_ids.quantity_from",
        "bss_price_tier_ids.quantity_to",
        "bss_price_tier_ids.price",
        "bss_price_tier_ids.package_size",
        "bss_minimum_amount",
        "list_price",
    )
    def _compute_bss_example_text(self):
        for template in self:
            result = template._bss_price_of(template.bss_example_quantity, template.list_price)
            template.bss_example_text = example_text(template, result)
            template.bss_example_failed = isinstance(result, PriceProblem)

    @api.depends("bss_price_tier_ids.quantity_to")
    def _compute_bss_next_tier_from(self):
        for template in self:
            template.bss_next_tier_from = max(template.bss_price_tier_ids.mapped("quantity_to"), default=0)

    def _bss_price_of(self, quantity, unit_price, price_kind="net"):
        """Kernel answer for ``quantity`` units: Priced with its explanation, or PriceProblem."""
        self.ensure_one()
        minimum = decimal(self.bss_minimum_amount)
        return price_of(
            self.bss_price_model or "flat",
            decimal(quantity),
            price_tiers(self),
            decimal(unit_price),
            self._bss_gross_of(minimum) if minimum and price_kind == "gross" else minimum,
        )

    def _bss_amount_of(self, quantity, unit_price, price_kind="net"):
        """Exact amount of one whole period for ``quantity`` units (Decimal, not rounded).

        ``unit_price`` counts for flat prices only; ``price_kind`` says whether it is net or gross, and so is the
        amount. Prices of tiers are always net. A quantity that the tiers do not price raises UserError, it is
        never free.
        """
        result = self._bss_price_of(quantity, unit_price, price_kind)
        if isinstance(result, PriceProblem):
            raise UserError(
                self.env._(
                    "%(offering)s has no price for %(quantity)s units: %(problem)s",
                    offering=self.display_name,
                    quantity=plain(decimal(quantity)),
                    problem=self._bss_price_problem_message(result),
                )
            )
        return result.amount

    def _bss_average_price(self, quantity):
        """Price of one of ``quantity`` units under the price model, to six places; without a quantity: of the first."""
        quantity = quantity or Decimal(1)
        return round_half_up(self._bss_amount_of(quantity, self.list_price) / quantity, 6)

    def _bss_gross_of(self, net):
        """Gross price of a net one (Decimal) by the percentages of the offering's sale taxes, to the grosz."""
        self.ensure_one()
        company = self.company_id or self.env.company
        rate = Decimal(0)
        for tax in self.sudo().taxes_id._filter_taxes_by_company(company).flatten_taxes_hierarchy():
            if tax.amount_type != "percent":
                raise UserError(
                    self.env._(
                        "%(offering)s has no gross price: tax %(tax)s is no percentage of the price.",
                        offering=self.display_name,
                        tax=tax.name,
                    )
                )
            if not tax.price_include:
                rate += decimal(tax.amount)
        return round_half_up(net * (1 + rate / 100), 2)

    # --- findings

    def _bss_problems(self):
        found = super()._bss_problems()
        problems = price_problems(self.bss_price_model or "flat", price_tiers(self), decimal(self.bss_minimum_amount))
        found += [(self._bss_price_problem_message(problem), problem.is_error) for problem in problems]
        if self.bss_price_model != "flat" and self.bss_offering_kind not in ("recurring", "one_off"):
            found.append((self.env._("Tiers are for recurring and one-off offerings only."), True))
        return found

    @api.model
    def _bss_price_problem_message(self, problem):
        return self._bss_price_problem_templates()[problem.code] % problem.params

    @api.model
    def _bss_price_problem_templates(self):
        return {
            "UNKNOWN_MODEL": self.env._("There is no price model %(model)s."),
            "NO_TIERS": self.env._("The price model needs tiers, there are none."),
            "NEGATIVE_START": self.env._("A tier begins below zero (%(start)s)."),
            "TIER_REVERSED": self.env._("The tier above %(start)s ends at %(end)s, before it begins."),
            "NEGATIVE_PRICE": self.env._("The price of the tier above %(start)s is below zero."),
            "NO_PACKAGE_SIZE": self.env._("The tier above %(start)s does not say how many units a package has."),
            "HOLE": self.env._("Units above %(start)s up to %(end)s have no price: fill the hole between the tiers."),
            "OVERLAP": self.env._("Units above %(start)s up to %(end)s have two prices: the tiers overlap."),
            "DUPLICATE_START": self.env._("Two tiers begin above %(start)s."),
            "LIMITED": self.env._("Check: quantities above %(end)s have no price and cannot be sold."),
            "NEGATIVE_MINIMUM": self.env._("The minimum per period is below zero."),
            "NEGATIVE_QUANTITY": self.env._("The quantity %(quantity)s is below zero."),
            "PAST_LAST_TIER": self.env._("The quantity %(quantity)s is beyond the last tier, which ends at %(end)s."),
        }
