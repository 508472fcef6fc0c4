from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

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
    bss_version_count = fields.Integer(string="Versions", compute="_compute_bss_version_count")
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

    @api.depends("default_code", "bss_version")
    def _compute_bss_version_count(self):
        for template in self:
            template.bss_version_count = len(template._bss_same_code()) + 1

    # --- findings

    def _bss_problems(self):
        """Findings in words: [(text, is it an error?)]. Every part of an offering adds its own through super()."""
        self.ensure_one()
        found = [(self._bss_price_problem_message(one), one.is_error) for one in self._bss_price_problems()]
        if self.bss_price_model != "flat" and self.bss_offering_kind not in ("recurring", "one_off"):
            found.append((self.env._("Tiers are for recurring and one-off offerings only."), True))
        if self.bss_is_bundle and not self.bss_bundle_line_ids:
            found.append((self.env._("Bundle %(name)s has no parts and cannot be on sale.", name=self.name), True))
        if self.list_price < 0 and self.bss_offering_kind != "discount":
            found.append((self.env._("The price is below zero."), True))
        return found

    @api.depends(
        "bss_offering_kind",
        "bss_price_model",
        "bss_price_tier_ids.quantity_from",
        "bss_price_tier_ids.quantity_to",
        "bss_price_tier_ids.price",
        "bss_price_tier_ids.package_size",
        "bss_minimum_amount",
        "bss_is_bundle",
        "bss_bundle_line_ids",
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
        used = self._origin._bss_in_use()
        for template in self:
            template.bss_is_frozen = template.bss_is_offering and (
                template.bss_lifecycle == "on_sale" or template._origin in used
            )

    def _bss_check_not_frozen(self):
        for template in self:
            if template.bss_is_frozen:
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
        self.bss_lifecycle = "on_sale"

    def action_bss_withdraw(self):
        self.bss_lifecycle = "withdrawn"

    def action_bss_draft(self):
        self.bss_lifecycle = "draft"
