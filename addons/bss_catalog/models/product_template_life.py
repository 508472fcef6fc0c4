from datetime import date, timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from .. import polish_day

# What running services read from their offering; prices are copied on the service and may change.
FROZEN_FIELDS = frozenset(
    {
        "bss_offering_kind",
        "bss_charge_timing",
        "bss_proration",
        "bss_proration_first",
        "bss_proration_last",
        "bss_period_unit",
        "bss_period_months",
        "bss_price_model",
        "bss_minimum_amount",
        "bss_is_bundle",
    }
)


class ProductTemplate(models.Model):
    _inherit = "product.template"  # pylint: disable=consider-merging-classes-inherited

    bss_lifecycle = fields.Selection(
        [("draft", "Draft"), ("on_sale", "On sale"), ("withdrawn", "Withdrawn")],
        string="Life cycle",
        default="draft",
        copy=False,
        index=True,
        tracking=True,
    )
    bss_date_start = fields.Date(string="Sold from")
    bss_date_end = fields.Date(string="Sold to")

    bss_version = fields.Integer(string="Version", default=1, required=True, readonly=True, copy=False)
    bss_previous_id = fields.Many2one(
        "product.template",
        string="Previous version",
        readonly=True,
        copy=False,
        check_company=True,
        ondelete="restrict",
        index="btree_not_null",
    )
    bss_next_ids = fields.One2many("product.template", "bss_previous_id", string="Next versions")
    bss_version_ids = fields.Many2many("product.template", string="All versions", compute="_compute_bss_versions")
    bss_version_count = fields.Integer(string="Versions", compute="_compute_bss_versions")
    bss_is_frozen = fields.Boolean(
        string="Charging rules are fixed",
        compute="_compute_bss_is_frozen",
        help="On sale or with services: how it is charged changes by a new version only.",
    )
    bss_problem_text = fields.Text(string="Findings", compute="_compute_bss_problem_text")

    _bss_dates = models.Constraint(
        "CHECK(bss_date_end IS NULL OR bss_date_start IS NULL OR bss_date_end >= bss_date_start)",
        "The sale of an offering ends on or after its first day.",
    )
    _bss_version_positive = models.Constraint("CHECK(bss_version > 0)", "Versions are counted from one.")

    # --- code and versions

    @api.constrains("bss_is_offering", "default_code", "company_id", "bss_version")
    def _check_bss_code(self):
        for template in self.filtered(lambda t: t.bss_is_offering and t.default_code):
            twin = template._bss_same_code().filtered(lambda one, t=template: one.bss_version == t.bss_version)[:1]
            if twin:
                raise ValidationError(
                    self.env._(
                        "Code %(code)s is used by offering %(name)s.", code=template.default_code, name=twin.name
                    )
                )

    def _bss_same_code(self):
        """Other offerings with the code of this one, archived ones too: its other versions."""
        self.ensure_one()
        if not self.default_code:
            return self.browse()
        return self.with_context(active_test=False).search(
            [
                ("id", "!=", self._origin.id),
                ("bss_is_offering", "=", True),
                ("default_code", "=", self.default_code),
                ("company_id", "in", [False, self.company_id.id] if self.company_id else [False]),
            ]
        )

    @api.depends("default_code", "bss_version", "company_id")
    def _compute_bss_versions(self):
        for template in self:
            versions = template._bss_same_code() | template._origin
            template.bss_version_ids = versions.sorted("bss_version", reverse=True)
            template.bss_version_count = len(versions)

    # --- findings

    @api.depends(
        "bss_offering_kind",
        "bss_price_model",
        "bss_price_tier_ids.quantity_from",
        "bss_price_tier_ids.quantity_to",
        "bss_price_tier_ids.price",
        "bss_price_tier_ids.package_size",
        "bss_minimum_amount",
        "bss_is_bundle",
        "bss_bundle_price",
        "bss_bundle_line_ids.product_id.bss_lifecycle",
        "bss_characteristic_ids.value",
        "list_price",
    )
    def _compute_bss_problem_text(self):
        for template in self:
            found = template._bss_problems() if template.bss_is_offering else []
            template.bss_problem_text = "\n".join(text for text, _error in found)

    @api.constrains(
        "bss_is_offering",
        "bss_lifecycle",
        "bss_offering_kind",
        "bss_price_model",
        "bss_price_tier_ids",
        "bss_minimum_amount",
        "bss_is_bundle",
        "bss_bundle_line_ids",
        "bss_bundle_pricing",
        "bss_bundle_discount_percent",
        "bss_bundle_discount_amount",
        "bss_characteristic_ids",
        "list_price",
    )
    def _check_bss_on_sale(self):
        for template in self.filtered(lambda t: t.bss_is_offering and t.bss_lifecycle == "on_sale"):
            errors = [text for text, is_error in template._bss_problems() if is_error]
            if errors:
                raise ValidationError(
                    self.env._(
                        "%(name)s cannot be on sale:\n%(problems)s",
                        name=template.name,
                        problems="\n".join(f"• {text}" for text in errors),
                    )
                )

    # --- what is frozen

    def _bss_in_use(self):
        """Offerings among these that services run on. Higher addons add theirs."""
        return self.browse()

    @api.depends("bss_lifecycle", "bss_is_offering")
    def _compute_bss_is_frozen(self):
        frozen = self._bss_frozen()
        for template in self:
            template.bss_is_frozen = template in frozen

    def _bss_frozen(self):
        """Those whose charging rules are fixed now (not cached: a service may have come since)."""
        used = self._origin._bss_in_use()
        return self.filtered(lambda t: t.bss_is_offering and (t.bss_lifecycle == "on_sale" or t._origin in used))

    def _bss_check_not_frozen(self):
        for template in self._bss_frozen():
            raise UserError(
                self.env._(
                    "%(name)s is on sale or has services: make a new version to change how it is charged.",
                    name=template.display_name,
                )
            )

    @api.model_create_multi
    def create(self, vals_list):
        # an offering may be made on sale together with its tiers
        return super(ProductTemplate, self.with_context(bss_new_offering=True)).create(vals_list).with_env(self.env)

    def write(self, vals):
        changed = FROZEN_FIELDS & vals.keys()
        if changed:
            self.filtered(
                lambda t: any((t[name] or False) != (vals[name] or False) for name in changed)
            )._bss_check_not_frozen()
        return super().write(vals)

    # --- life cycle

    def action_bss_put_on_sale(self):
        for template in self:
            template._bss_hand_over()
            template.bss_lifecycle = "on_sale"

    def _bss_hand_over(self):
        """The other version that is on sale is withdrawn, or sold up to the day before this one begins."""
        self.ensure_one()
        today = polish_day.today()
        others = self._bss_same_code().filtered(lambda one: one.bss_lifecycle == "on_sale")
        for other in others:
            if not self.bss_date_start or self.bss_date_start <= today:
                other.bss_lifecycle = "withdrawn"
                other._bss_hand_over_bundles(self)
            elif not other.bss_date_end or other.bss_date_end >= self.bss_date_start:
                other.bss_date_end = self.bss_date_start - timedelta(days=1)

    @api.constrains("bss_lifecycle", "bss_date_start", "bss_date_end", "default_code", "bss_is_offering")
    def _check_bss_one_version_on_sale(self):
        for template in self.filtered(lambda t: t.bss_is_offering and t.bss_lifecycle == "on_sale"):
            for other in template._bss_same_code().filtered(lambda one: one.bss_lifecycle == "on_sale"):
                if (
                    template._bss_sold_from() <= other._bss_sold_to()
                    and other._bss_sold_from() <= template._bss_sold_to()
                ):
                    raise ValidationError(
                        self.env._(
                            "Version %(version)s of %(name)s is on sale in the same days: withdraw it first.",
                            version=other.bss_version,
                            name=other.display_name,
                        )
                    )

    def _bss_sold_from(self):
        return self.bss_date_start or date.min

    def _bss_sold_to(self):
        return self.bss_date_end or date.max

    def action_bss_withdraw(self):
        self.bss_lifecycle = "withdrawn"

    def action_bss_draft(self):
        self.bss_lifecycle = "draft"

    @api.model
    def _bss_cron_withdraw(self):
        """Offerings whose last day of sale is over are withdrawn; their services run on."""
        today = polish_day.today()
        over = self.search([("bss_lifecycle", "=", "on_sale"), ("bss_date_end", "<", today)])
        over.action_bss_withdraw()
        for template in over:
            following = template._bss_same_code().filtered(
                lambda one: one.bss_lifecycle == "on_sale" and one._bss_sold_from() <= today <= one._bss_sold_to()
            )
            template._bss_hand_over_bundles(following[:1])
        return over

    # --- new version

    def action_bss_new_version(self):
        """Draft copy with the same code; once on sale it takes the place of this one."""
        self.ensure_one()
        last = max([self, *self._bss_same_code()], key=lambda one: one.bss_version)
        if last != self:
            raise UserError(
                self.env._(
                    "%(name)s has version %(version)s already: go on from that one.",
                    name=self.name,
                    version=last.bss_version,
                )
            )
        version = self.copy(
            {
                "name": self.name,
                "default_code": self.default_code,
                "bss_version": self.bss_version + 1,
                "bss_previous_id": self.id,
                "bss_date_start": False,
                "bss_date_end": False,
            }
        )
        for lang, _name in self.env["res.lang"].get_installed():
            version.with_context(lang=lang).name = self.with_context(lang=lang).name
        self._bss_copy_price_rules(version)
        return version._bss_open()

    def _bss_copy_price_rules(self, version):
        """Rules of price lists that name this offering are made for ``version`` too."""
        rules = self.env["product.pricelist.item"].search([("product_tmpl_id", "=", self.id)])
        for rule in rules:
            variant = version.product_variant_id.id if rule.product_id else False
            rule.copy({"product_tmpl_id": version.id, "product_id": variant})

    def _bss_open(self):
        return {
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "views": [(self.env.ref("bss_catalog.view_bss_offering_form").id, "form")],
        }

    def action_bss_versions(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("bss_catalog.action_bss_offering")
        action["domain"] = [("id", "in", self.bss_version_ids.ids)]
        action["context"] = {"create": False, "active_test": False}
        return action
