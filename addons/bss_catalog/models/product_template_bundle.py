from decimal import Decimal

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command

from .. import polish_day
from ..adapters import bundle_parts, bundle_terms
from ..catalog_core.bundles import BundleProblem, bundle_problems, choose_parts, price_bundle


class ProductTemplate(models.Model):
    _inherit = "product.template"  # pylint: disable=consider-merging-classes-inherited

    bss_is_bundle = fields.Boolean(string="Bundle")
    bss_bundle_line_ids = fields.One2many("bss.bundle.line", "bundle_id", string="Parts of the bundle", copy=True)
    bss_bundle_pricing = fields.Selection(
        [
            ("own", "Own price, spread over the parts"),
            ("sum", "Sum of the parts with their discounts"),
            ("discount", "Discount on the sum, spread over the parts"),
        ],
        string="Price of the bundle",
        compute="_compute_bss_bundle_pricing",
        store=True,
        readonly=False,
        precompute=True,
        help="An own price covers the fixed parts in their usual quantities; further units and optional parts are "
        "paid beside it, less their own discount.",
    )
    bss_bundle_discount_percent = fields.Float(string="Bundle discount (%)", digits=(5, 2))
    bss_bundle_discount_amount = fields.Monetary(string="Bundle discount", help="Net, for every period.")
    bss_bundle_price = fields.Monetary(
        string="Sum of the parts", compute="_compute_bss_bundle_price", help="Price of the usual parts, per period."
    )

    _bss_bundle_discount = models.Constraint(
        "CHECK(bss_bundle_discount_percent >= 0 AND bss_bundle_discount_percent <= 100"
        " AND bss_bundle_discount_amount >= 0)",
        "The discount of a bundle is between 0 and 100 %, or an amount not below zero.",
    )

    @api.depends("bss_is_bundle")
    def _compute_bss_bundle_pricing(self):
        """A bundle made with a price keeps it; else its parts say what it costs."""
        for template in self:
            own = template.list_price and not template.bss_bundle_pricing
            template.bss_bundle_pricing = template.bss_bundle_pricing or ("own" if own else "sum")

    @api.depends(
        "bss_bundle_line_ids.product_id.lst_price",
        "bss_bundle_line_ids.discount_percent",
        "bss_bundle_line_ids.quantity_default",
        "bss_bundle_line_ids.quantity_min",
        "bss_bundle_line_ids.quantity_max",
        "bss_bundle_line_ids.is_optional",
        "bss_bundle_pricing",
        "bss_bundle_discount_percent",
        "bss_bundle_discount_amount",
        "list_price",
    )
    def _compute_bss_bundle_price(self):
        for template in self:
            shares = template._bss_bundle_shares(bundle_parts(template))
            template.bss_bundle_price = 0 if isinstance(shares, BundleProblem) else float(sum(s.amount for s in shares))

    @api.constrains("bss_is_bundle", "bss_is_offering")
    def _check_bss_bundle_not_part(self):
        for template in self.filtered("bss_is_bundle"):
            around = self.env["bss.bundle.line"].search(
                [("product_id", "in", template.product_variant_ids.ids)], limit=1
            )
            if around:
                raise ValidationError(
                    self.env._(
                        "%(name)s is a part of bundle %(bundle)s: it cannot be a bundle itself.",
                        name=template.name,
                        bundle=around.bundle_id.name,
                    )
                )

    # --- parts and their prices

    def _bss_bundle_parts(self, choice=None, day=None, pricelist=None):
        """What a customer gets and pays: list of ``(product, quantity, unit price)``.

        :param choice: {id of bss.bundle.line: quantity}; a part that it does not name comes in its usual quantity,
            an optional one with 0 is left out
        :param day: date of the prices, today by default
        :param pricelist: its prices, net or gross as the list is; without it the net list prices
        :return: quantities are whole numbers, unit prices Decimals with six places; times the quantity they round to
            the share of the part in the price of the bundle
        :raises UserError: for a part that is not of the bundle, too few or too many of one, or no price
        """
        self.ensure_one()
        parts = bundle_parts(self, day or polish_day.today(), pricelist)
        lines = dict(enumerate(self.bss_bundle_line_ids))
        keys = {line.id: key for key, line in lines.items()}
        wanted = {keys.get(int(line), -int(line)): int(quantity) for line, quantity in (choice or {}).items()}
        chosen = choose_parts(parts, wanted)
        if isinstance(chosen, tuple):
            self._bss_refuse_bundle(chosen)
        shares = price_bundle(bundle_terms(self, day, pricelist), parts, chosen)
        if isinstance(shares, BundleProblem):
            self._bss_refuse_bundle([shares])
        return [(lines[share.key].product_id, share.quantity, share.price_unit) for share in shares]

    def _bss_bundle_shares(self, parts, wanted=None):
        """Shares of the parts in their list prices, or the first problem; for screens."""
        self.ensure_one()
        chosen = choose_parts(parts, wanted)
        if isinstance(chosen, tuple):
            return chosen[0]
        return price_bundle(bundle_terms(self), parts, chosen)

    def _bss_refuse_bundle(self, problems):
        raise UserError(
            self.env._(
                "Bundle %(name)s cannot be sold like that:\n%(problems)s",
                name=self.name,
                problems="\n".join(f"• {self._bss_bundle_problem_message(problem)}" for problem in problems),
            )
        )

    # --- parts that get a new version

    def _bss_hand_over_bundles(self, version):
        """Bundles with this offering, withdrawn ones aside, have ``version`` of it from now on; what runs stays."""
        new, old = version.product_variant_id, self.product_variant_ids
        lines = self.env["bss.bundle.line"].sudo().search([("product_id", "in", old.ids)]) if new else ()
        for line in lines:
            bundle = line.bundle_id
            if bundle.bss_lifecycle == "withdrawn" or new in bundle.bss_bundle_line_ids.product_id:
                continue
            before = line.product_id.display_name
            # written on the bundle, so that it is checked whether it can still be sold
            bundle.bss_bundle_line_ids = [Command.update(line.id, {"product_id": new.id})]
            bundle._message_log(
                body=self.env._(
                    "Part %(before)s was replaced by its new version %(new)s.", before=before, new=new.display_name
                )
            )

    # --- findings

    def _bss_problems(self):
        found = super()._bss_problems()
        if not self.bss_is_bundle:
            return found
        found += [
            (self._bss_bundle_problem_message(one), True)
            for one in bundle_problems(bundle_terms(self), bundle_parts(self))
        ]
        if self.bss_price_model != "flat" or self.bss_minimum_amount:
            found.append((self.env._("A bundle has no tiers and no minimum: its parts carry the price."), True))
        for product in self.bss_bundle_line_ids.product_id.filtered(lambda one: one.bss_lifecycle != "on_sale"):
            found.append((self.env._("Check: part %(name)s is not on sale.", name=product.name), False))
        return found

    def _bss_bundle_problem_message(self, problem):
        params = dict(problem.params)
        for name in params.keys() & {"discount", "sum"}:
            params[name] = self.env["bss.price.words"]._bss_money(Decimal(params[name]), self.currency_id)
        return self._bss_bundle_problem_templates()[problem.code] % params

    @api.model
    def _bss_bundle_problem_templates(self):
        return {
            "NO_PARTS": self.env._("The bundle has no parts."),
            "NO_OWN_PRICE": self.env._("The bundle has a price of its own, but it is zero."),
            "BAD_QUANTITIES": self.env._("%(part)s: the quantities must be least ≤ usual ≤ most."),
            "DISCOUNT_TOO_HIGH": self.env._("The discount of %(discount)s is more than the parts cost (%(sum)s)."),
            "UNKNOWN_PART": self.env._("A chosen part is not in the bundle."),
            "TOO_FEW": self.env._("%(part)s: %(quantity)s chosen, at least %(minimum)s must be."),
            "TOO_MANY": self.env._("%(part)s: %(quantity)s chosen, at most %(maximum)s may be."),
            "NOTHING_CHOSEN": self.env._("No part is chosen."),
        }
