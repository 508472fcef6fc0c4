from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Date
from odoo.tools import float_compare

from ..adapters import decimal
from .bss_service import WITH_NUMBER

ACTIONS_OF_KIND = {
    "annex": ("add", "remove", "change", "price"),
    "price": ("price",),
    "renewal": ("change", "price"),
    "relocation": ("relocate",),
    "number": ("number",),
}
# facts of a service that an action sets
FACTS_OF_ACTION = {
    "remove": frozenset({"life", "product", "price", "quantity", "location", "number"}),
    "change": frozenset({"product", "price", "quantity"}),
    "price": frozenset({"price"}),
    "relocate": frozenset({"location"}),
    "number": frozenset({"number"}),
}
PRICE_DIGITS = 6


class BssContractChangeLine(models.Model):
    """What happens to one service; what it was before is kept with it for the document."""

    _name = "bss.contract.change.line"
    _description = "Contract Change Line"
    _order = "change_id, sequence, id"
    _check_company_auto = True

    change_id = fields.Many2one(
        "bss.contract.change", required=True, index=True, check_company=True, ondelete="cascade"
    )
    sequence = fields.Integer(default=10)
    contract_id = fields.Many2one(related="change_id.contract_id")
    company_id = fields.Many2one(related="change_id.company_id", store=True, index=True, precompute=True)
    currency_id = fields.Many2one(related="change_id.currency_id")
    change_kind = fields.Selection(related="change_id.kind", string="Kind of Change")
    action = fields.Selection(
        [
            ("add", "Add a service"),
            ("remove", "Remove the service"),
            ("change", "Change the service"),
            ("price", "Change the price"),
            ("relocate", "Move elsewhere"),
            ("number", "Change the number"),
        ],
        required=True,
        compute="_compute_action",
        store=True,
        readonly=False,
        precompute=True,
    )
    service_id = fields.Many2one(
        "bss.service",
        check_company=True,
        index="btree_not_null",
        ondelete="restrict",
        domain="[('contract_id', '=', contract_id), '|', ('state', 'in', ('active', 'suspended')),"
        " '&', ('state', '=', 'pending'), ('predecessor_id', '!=', False)]",
        help="Service that changes; for an added one: the service made of this line.",
    )
    product_id = fields.Many2one(
        "product.product",
        string="Offering",
        compute="_compute_product_id",
        store=True,
        readonly=False,
        precompute=True,
        check_company=True,
        index="btree_not_null",
        ondelete="restrict",
        domain="[('bss_is_offering', '=', True), ('bss_offering_kind', '=', 'recurring')]",
        help="The added offering, or the one the service has from then on.",
    )
    quantity = fields.Float(
        digits=(16, 6), compute="_compute_quantity", store=True, readonly=False, precompute=True, required=True
    )
    price_unit = fields.Float(
        string="New Price",
        digits=(16, PRICE_DIGITS),
        compute="_compute_price_unit",
        store=True,
        readonly=False,
        precompute=True,
        help="Price per charging period and unit.",
    )
    price_kind = fields.Selection(
        [("net", "Net"), ("gross", "Gross")],
        string="Price Is",
        compute="_compute_price_kind",
        store=True,
        readonly=False,
        precompute=True,
    )
    location_id = fields.Many2one("bss.location", string="New Place", check_company=True, ondelete="restrict")
    identifier_id = fields.Many2one(
        "bss.service.identifier",
        string="Present Number",
        compute="_compute_identifier_id",
        store=True,
        readonly=False,
        precompute=True,
        check_company=True,
        ondelete="set null",
        domain="[('service_id', '=', service_id), ('date_end', '=', False)]",
    )
    new_identifier = fields.Char(string="New Number or Login")
    promotion_ids = fields.Many2many(
        "bss.promotion",
        "bss_contract_change_line_promotion_rel",
        "line_id",
        "promotion_id",
        string="Promotions",
        check_company=True,
        domain="[('state', '=', 'on_sale'), ('target', '=', 'recurring')]",
        help="Granted from the day of the change on.",
    )
    price_list = fields.Float(
        string="List Price", digits=(16, PRICE_DIGITS), compute="_compute_price_list", help="On the day of the change."
    )
    price_before = fields.Float(string="Price So Far", digits=(16, PRICE_DIGITS), compute="_compute_before")
    text_before = fields.Char(string="So Far", compute="_compute_before", help="What the service is until then.")
    kept_before = fields.Json(readonly=True, copy=False, help="What the service was before, when it was confirmed.")

    _quantity_check = models.Constraint("CHECK(quantity > 0)", "The quantity must be positive.")
    _price_check = models.Constraint("CHECK(price_unit >= 0)", "The price must not be negative.")

    # -- guards of the record -----------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        if not self.env.su:
            self._bss_refuse_kept(vals for vals in vals_list if vals.get("kept_before"))
            lines._bss_refuse_confirmed()
        return lines

    def write(self, vals):
        if not self.env.su:
            self._bss_refuse_kept([vals])
            self._bss_refuse_confirmed()
        result = super().write(vals)
        if not self.env.su and "change_id" in vals:
            self._bss_refuse_confirmed()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_draft(self):
        if not self.env.su:
            self._bss_refuse_confirmed()

    def _bss_refuse_kept(self, vals_list):
        if any("kept_before" in vals for vals in vals_list):
            raise AccessError(self.env._("What a service was before follows from confirming its change."))

    def _bss_refuse_confirmed(self):
        """A line of a confirmed change is part of a document."""
        if any(change.state != "draft" for change in self.change_id):
            raise UserError(
                self.env._("A confirmed change stays as it is: undo it before its date, or make a new one.")
            )

    # -- what the line proposes ---------------------------------------------------------------------

    def _bss_agreed_keep(self, name):
        """Lines whose terms are agreed keep them whatever is recomputed; return those that still follow."""
        agreed = self.filtered(lambda line: line._origin and line.change_id.state != "draft")
        for line in agreed:
            line[name] = line[name]
        return self - agreed

    @api.depends("change_id.kind")
    def _compute_action(self):
        for line in self._bss_agreed_keep("action"):
            allowed = ACTIONS_OF_KIND.get(line.change_id.kind, ("change",))
            if line.action not in allowed:
                line.action = "change" if "change" in allowed else allowed[0]

    def _bss_facts_before(self):
        """Facts of the service on the day before the change, or None for a line without a running service."""
        self.ensure_one()
        if not self.service_id or self.action == "add":
            return None
        before = Date.subtract(self._bss_day(), days=1)
        facts = self.service_id._bss_as_of(before)
        parts = self.service_id.child_ids.filtered(lambda one: one.state != "terminated")
        if parts:
            # a bundle costs what its parts cost
            shares = [part._bss_as_of(before) for part in parts]
            facts["price_unit"] = sum(one["price_unit"] * one["quantity"] for one in shares) / facts["quantity"]
        return facts

    def _bss_day(self):
        return self.change_id.date_effective or self._bss_today()

    @api.depends("service_id", "action")
    def _compute_product_id(self):
        for line in self._bss_agreed_keep("product_id"):
            facts = line._bss_facts_before()
            if facts:
                line.product_id = facts["product"]

    @api.depends("service_id", "action")
    def _compute_quantity(self):
        for line in self._bss_agreed_keep("quantity"):
            facts = line._bss_facts_before()
            line.quantity = float(facts["quantity"]) if facts else line.quantity or 1.0

    def _bss_proposed_price(self):
        """(price, "net" or "gross"), both from one source: the service as it is, or the list for a new offering."""
        facts = self._bss_facts_before()
        if facts and (not self.product_id or facts["product"] == self.product_id):
            return float(facts["price_unit"]), facts["price_kind"]
        if self.product_id:
            return self._bss_list_price()
        return self.price_unit, "net"

    @api.depends("product_id", "service_id", "action")
    def _compute_price_unit(self):
        for line in self._bss_agreed_keep("price_unit"):
            line.price_unit = line._bss_proposed_price()[0]

    @api.depends("product_id", "service_id", "action")
    def _compute_price_kind(self):
        for line in self._bss_agreed_keep("price_kind"):
            line.price_kind = line._bss_proposed_price()[1]

    @api.depends("service_id", "action")
    def _compute_identifier_id(self):
        for line in self._bss_agreed_keep("identifier_id"):
            # the open one: a number that changes on a later day is changed again from what it will be then
            numbers = line.service_id.identifier_ids
            shown = numbers.filtered(lambda one, line=line: one.value == line.service_id.main_identifier)[:1]
            main = numbers.filtered(lambda one, kind=shown.kind: one.kind == kind and not one.date_end)[:1]
            line.identifier_id = main if line.action == "number" else False

    @api.depends("product_id", "quantity", "price_kind", "change_id.date_effective")
    def _compute_price_list(self):
        for line in self:
            line.price_list = line._bss_comparable_list_price() if line.product_id else 0.0

    def _bss_comparable_list_price(self):
        """The list price as the price of the line is, net or gross."""
        price, kind = self._bss_list_price()
        if not self.price_kind or kind == self.price_kind:
            return float(price)
        product = self.product_id.with_company(self.company_id or self.env.company)
        return float(product._bss_price_as(decimal(price), kind, self.price_kind))

    @api.depends("service_id", "action", "kept_before", "change_id.date_effective")
    def _compute_before(self):
        for line in self:
            kept = line.kept_before
            if kept is None or kept is False:
                kept = line._bss_before()
            line.price_before = float(kept.get("price") or 0)
            line.text_before = kept.get("text") or False

    def _bss_before(self):
        """Plain data about what the service is until the change: price and words."""
        facts = self._bss_facts_before()
        if not facts:
            return {}
        number = self.identifier_id.value if self.action == "number" else False
        place = facts["location"].sudo().complete_name if self.action == "relocate" else False
        return {
            "price": str(facts["price_unit"]),
            "kind": facts["price_kind"],
            "quantity": str(facts["quantity"]),
            "product": facts["product"].id,
            "text": number or place or facts["product"].name,
        }

    def _bss_list_price(self):
        """(price, "net" or "gross") of the offering by the account's price list on the day of the change."""
        self.ensure_one()
        pricelist = self.change_id.account_id.pricelist_id
        chosen = self.service_id.bundle_choice if self.action != "add" else None
        if chosen and self.product_id.bss_is_bundle:
            parts = self.product_id.product_tmpl_id._bss_bundle_parts(chosen, self._bss_day(), pricelist)
            whole = sum(float(price) * float(count) for _product, count, price in parts)
            return self.currency_id.round(whole), pricelist.bss_price_kind if pricelist else "net"
        price, kind = self.product_id._bss_price_on(self._bss_day(), pricelist, self.quantity or 1.0)
        return float(price), kind

    # -- what is refused ----------------------------------------------------------------------------

    def _bss_touched(self):
        """(service, facts the line sets), None for a line that makes its own service."""
        self.ensure_one()
        if self.action == "add" or not self.service_id:
            return None
        return self.service_id, FACTS_OF_ACTION[self.action]

    def _bss_check(self):
        for line in self:
            line._bss_check_action()
            if line.action == "add":
                line._bss_check_product()
            else:
                line._bss_check_service()
            if line.action == "change" and line.product_id != line._bss_facts_before()["product"]:
                line._bss_check_product()
            line._bss_check_price()
            line._bss_check_less()
            line._bss_check_promotions()
        self._bss_check_twice()

    def _bss_check_action(self):
        allowed = ACTIONS_OF_KIND.get(self.change_id.kind, ())
        if self.action not in allowed:
            actions = dict(self._fields["action"]._description_selection(self.env))
            raise UserError(
                self.env._(
                    "“%(action)s” does not belong into a change of kind “%(kind)s”.",
                    action=actions[self.action],
                    kind=self.change_id._bss_kind_label(),
                )
            )

    def _bss_check_service(self):
        service, day = self.service_id, self._bss_day()
        if not service:
            raise UserError(self.env._("Choose the service of every line."))
        if service.contract_id != self.change_id.contract_id:
            raise UserError(self.env._("%(service)s belongs to another contract.", service=service.display_name))
        if service.state == "terminated" or (service.date_end and service.date_end < day):
            raise UserError(self.env._("%(service)s ends before that day.", service=service.display_name))
        if not service._bss_will_run():
            raise UserError(
                self.env._(
                    "%(service)s is not active yet: change it in the contract itself.", service=service.display_name
                )
            )
        if service.date_start and day < service.date_start:
            raise UserError(
                self.env._(
                    "The change would hold from %(day)s, before %(service)s starts on %(start)s.",
                    day=self.change_id._bss_day(),
                    service=service.display_name,
                    start=self.change_id._bss_day(service.date_start),
                )
            )

    def _bss_check_product(self):
        """Only what is on sale is sold anew, and only where its technology is."""
        product, day = self.product_id, self._bss_day()
        if not product:
            raise UserError(self.env._("Choose the offering of every added service."))
        if self.action == "change":
            if product.bss_is_bundle or self.service_id.product_id.bss_is_bundle:
                raise UserError(self.env._("A bundle is not turned into something else: remove it and add the other."))
            if product.bss_service_type != self.service_id.service_type:
                raise UserError(
                    self.env._(
                        "%(offering)s is another kind of service than %(service)s: remove the one and add the other.",
                        offering=product.display_name,
                        service=self.service_id.display_name,
                    )
                )
        if self.action == "add" and product.bss_service_type in WITH_NUMBER and not self.new_identifier:
            raise UserError(self.env._("%(offering)s needs a phone number.", offering=product.display_name))
        self.change_id._bss_check_available(product, self.location_id or self.service_id.location_id, day)

    def _bss_check_price(self):
        if self.action not in ("add", "change", "price"):
            return
        facts = self._bss_facts_before()
        if facts and self.product_id.bss_is_bundle and self.price_kind != facts["price_kind"]:
            raise UserError(self.env._("The prices of a bundle stay net or gross, as they are."))
        same = facts and (facts["product"], facts["price_kind"]) == (self.product_id, self.price_kind)
        if same and float_compare(self.price_unit, float(facts["price_unit"]), precision_digits=4) == 0:
            return
        if float_compare(self.price_unit, self.price_list, precision_digits=4) < 0:
            self.change_id._bss_check_manager(
                self.env._(
                    "%(offering)s for %(price)s is below the list price of %(list)s",
                    offering=self.product_id.display_name,
                    price=self._bss_money(self.price_unit),
                    list=self._bss_money(self.price_list),
                )
            )

    def _bss_check_less(self):
        """Less than one piece, or less money for the same than so far, is a matter of the manager."""
        if self.action not in ("add", "change", "price"):
            return
        facts = self._bss_facts_before()
        quantity = self.quantity if self.action != "price" else float(facts["quantity"])
        if float_compare(quantity, min(1.0, float(facts["quantity"]) if facts else 1.0), precision_digits=6) < 0:
            self.change_id._bss_check_manager(
                self.env._("%(offering)s: less than one piece", offering=self.product_id.display_name)
            )
        if not facts or (facts["product"], facts["price_kind"]) != (self.product_id, self.price_kind):
            return
        before = float(facts["price_unit"] * facts["quantity"])
        if float_compare(self.price_unit * quantity, before, precision_digits=4) < 0:
            self.change_id._bss_check_manager(
                self.env._(
                    "%(offering)s for %(price)s instead of %(before)s so far",
                    offering=self.product_id.display_name,
                    price=self._bss_money(self.price_unit * quantity),
                    before=self._bss_money(before),
                )
            )

    def _bss_money(self, amount):
        return self.currency_id.format(amount)

    def _bss_check_promotions(self):
        for promotion in self.promotion_ids:
            reason = self.change_id._bss_why_no_promotion(promotion, self)
            if reason:
                raise UserError(
                    self.env._(
                        "Promotion %(promotion)s cannot be granted: %(reason)s.",
                        promotion=promotion.display_name,
                        reason=reason,
                    )
                )

    def _bss_check_twice(self):
        """One line per fact of a service."""
        seen = {}
        for line in self:
            service, facts = line._bss_touched() or (None, frozenset())
            if service and facts & seen.get(service, frozenset()):
                raise UserError(
                    self.env._("%(service)s is changed by two lines at once.", service=service.display_name)
                )
            if service:
                seen[service] = seen.get(service, frozenset()) | facts
