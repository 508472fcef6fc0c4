from odoo import api, fields, models
from odoo.exceptions import UserError

from ..adapters import CUSTOMER_KINDS, PROMOTION_TECHNOLOGIES

# What a granted promotion costs the operator: never edited once someone may have been promised it
FROZEN_FIELDS = frozenset(
    {
        "code",
        "version",
        "target",
        "priority",
        "is_exclusive",
        "stops_while_suspended",
        "product_ids",
        "step_ids",
        "company_id",
    }
)


class BssPromotion(models.Model):
    _name = "bss.promotion"
    _description = "Promotion"
    _inherit = ["mail.thread"]
    _order = "priority, code, version desc, id"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True, tracking=True, help="As the customer reads it in the offer.")
    code = fields.Char(required=True, tracking=True, help="Versions of one promotion share the code.")
    version = fields.Integer(default=1, readonly=True, copy=False)
    previous_id = fields.Many2one(
        "bss.promotion", string="Earlier version", readonly=True, copy=False, ondelete="restrict", check_company=True
    )
    company_id = fields.Many2one("res.company", required=True, index=True, default=lambda self: self.env.company)
    currency_id = fields.Many2one(related="company_id.currency_id")
    active = fields.Boolean(default=True)
    state = fields.Selection(
        [("draft", "Draft"), ("on_sale", "On sale"), ("withdrawn", "Withdrawn")],
        required=True,
        default="draft",
        copy=False,
        index=True,
        tracking=True,
        help="Withdrawn: no new grants, those granted run on.",
    )
    date_start = fields.Date(string="On sale from", tracking=True)
    date_end = fields.Date(string="On sale to", tracking=True, help="Last day on which it is granted.")

    # What it does
    target = fields.Selection(
        [("recurring", "Recurring fee"), ("activation", "Activation fee")],
        string="Fee it changes",
        required=True,
        default="recurring",
    )
    product_ids = fields.Many2many(
        "product.product",
        string="Offerings",
        domain="[('bss_is_offering', '=', True), ('bss_is_bundle', '=', False)]",
        check_company=True,
        help="Empty: every one. Later versions of an offering are meant too. A bundle is charged through its parts: "
        "name them, and the bundle as a condition.",
    )
    step_ids = fields.One2many("bss.promotion.step", "promotion_id", string="Steps", copy=True)
    stops_while_suspended = fields.Boolean(
        string="Waits during a suspension", help="Suspended days do not use up the months of the promotion."
    )

    # Who gets it
    for_consumer = fields.Boolean(string="Consumers")
    for_sole_trader = fields.Boolean(string="Sole traders")
    for_company = fields.Boolean(string="Companies")
    for_public = fields.Boolean(string="Public bodies")
    customer_kinds = fields.Char(
        compute="_compute_customer_kinds", string="Kinds of customers", help="Codes; empty: every kind."
    )
    customer_status = fields.Selection(
        [("any", "New and present"), ("new", "New customers"), ("retained", "Present customers (retention)")],
        string="Customers",
        required=True,
        default="any",
    )
    min_term_months = fields.Integer(
        string="Shortest term (months)", help="0: no minimum, contracts without a term too."
    )
    max_term_months = fields.Integer(string="Longest term (months)", help="0: no maximum.")
    bundle_id = fields.Many2one(
        "product.product",
        string="Only in the bundle",
        domain="[('bss_is_bundle', '=', True)]",
        check_company=True,
        ondelete="restrict",
        index="btree_not_null",
        help="Its later versions are meant too.",
    )

    # Where
    location_ids = fields.Many2many(
        "bss.location", string="Places", check_company=True, help="With everything inside them. Empty: everywhere."
    )
    teryt_prefixes = fields.Char(
        string="TERYT prefixes",
        help="Leading digits separated by commas: 10 = voivodeship, 1002 = county, 1002011 = commune.",
    )
    for_fibre = fields.Boolean(string="Fibre")
    for_hfc = fields.Boolean(string="Cable (HFC)")
    for_radio = fields.Boolean(string="Radio")
    for_mobile = fields.Boolean(string="Mobile")
    technologies = fields.Char(compute="_compute_technologies", help="Codes; empty: every technology.")

    any_competitor = fields.Boolean(string="Only where there is a competitor")
    competitor_ids = fields.Many2many(
        "bss.competitor",
        string="Competitors present",
        check_company=True,
        help="One of them sells at the place, or at a place it lies in.",
    )

    # With what
    priority = fields.Integer(default=10, help="Promotions apply in ascending order, each on the result before it.")
    is_exclusive = fields.Boolean(string="Stands alone", help="When it is active, no other promotion applies.")
    incompatible_ids = fields.Many2many(
        "bss.promotion",
        "bss_promotion_incompatible_rel",
        "promotion_id",
        "other_id",
        string="Cannot be combined with",
        check_company=True,
        copy=True,
    )
    incompatible_by_ids = fields.Many2many(
        "bss.promotion",
        "bss_promotion_incompatible_rel",
        "other_id",
        "promotion_id",
        string="Excluded by",
        readonly=True,
        copy=False,
        help="Promotions that name this one as not combinable: it works both ways.",
    )
    max_grants = fields.Integer(string="Most grants", help="0: no limit.")
    grant_count = fields.Integer(string="Grants", compute="_compute_grant_count")
    note = fields.Text(string="Terms and notes")

    _code_version = models.UniqueIndex(
        "(company_id, code, version)", "This code is used by another promotion: make a new version of it instead."
    )
    _dates = models.Constraint(
        "CHECK(date_end IS NULL OR date_start IS NULL OR date_end >= date_start)",
        "The sale of a promotion ends on or after its first day.",
    )
    _terms = models.Constraint(
        "CHECK(min_term_months >= 0 AND max_term_months >= 0 AND max_grants >= 0)",
        "Months and numbers of grants are not negative.",
    )

    # --- computed

    @api.depends(*(f"for_{kind}" for kind in CUSTOMER_KINDS))
    def _compute_customer_kinds(self):
        for promotion in self:
            promotion.customer_kinds = ",".join(kind for kind in CUSTOMER_KINDS if promotion[f"for_{kind}"])

    @api.depends(*(f"for_{technology}" for technology in PROMOTION_TECHNOLOGIES))
    def _compute_technologies(self):
        for promotion in self:
            promotion.technologies = ",".join(name for name in PROMOTION_TECHNOLOGIES if promotion[f"for_{name}"])

    def _compute_grant_count(self):
        counts = self._bss_grant_counts()
        for promotion in self:
            promotion.grant_count = counts.get(promotion._origin.id, 0)

    @api.depends("name", "code")
    def _compute_display_name(self):
        for promotion in self:
            promotion.display_name = f"[{promotion.code}] {promotion.name}" if promotion.code else promotion.name

    def _bss_grant_counts(self):
        """{promotion id: number of services that were granted it}. Higher addons add theirs; here nobody has it."""
        return {}

    def _bss_offerings(self):
        """Offerings these promotions are for: those they name and every later version of them; none = every one."""
        return self.with_context(active_test=False).product_ids._origin._bss_with_later_versions().with_env(self.env)

    # --- life cycle

    def write(self, vals):
        changed = FROZEN_FIELDS.intersection(vals)
        if changed:
            self._bss_refuse_frozen()
        if vals.get("state") == "draft":
            counts = self._bss_grant_counts()
            for promotion in self:
                if promotion.state != "draft" and counts.get(promotion.id):
                    raise UserError(
                        self.env._(
                            "Promotion %(promotion)s was granted %(count)s times: make a new version to change it.",
                            promotion=promotion.display_name,
                            count=counts[promotion.id],
                        )
                    )
        return super().write(vals)

    def _bss_refuse_frozen(self):
        """:raises UserError: one of these is no draft, so customers may have been promised its prices"""
        for promotion in self:
            if promotion.state != "draft":
                raise UserError(
                    self.env._(
                        "Promotion %(promotion)s is no draft: its prices stay as they are. Make a new version.",
                        promotion=promotion.display_name,
                    )
                )

    def copy_data(self, default=None):
        default = dict(default or {})
        vals_list = super().copy_data(default=default)
        for promotion, vals in zip(self, vals_list, strict=True):
            if "code" not in default:
                vals["code"] = self.env._("%(code)s (copy)", code=promotion.code)
        return vals_list

    def action_put_on_sale(self):
        self.state = "on_sale"

    def action_withdraw(self):
        self.state = "withdrawn"

    def action_draft(self):
        self.state = "draft"

    def action_new_version(self):
        """Draft copy with the same code and the next version number."""
        self.ensure_one()
        newest = self.with_context(active_test=False).search(
            [("code", "=", self.code), ("company_id", "=", self.company_id.id)], order="version desc", limit=1
        )
        version = self.copy({"code": self.code, "name": self.name, "version": newest.version + 1})
        version.previous_id = self
        return {
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "res_id": version.id,
            "view_mode": "form",
        }

    @api.ondelete(at_uninstall=False)
    def _unlink_only_draft(self):
        for promotion in self:
            if promotion.state != "draft":
                raise UserError(
                    self.env._(
                        "Promotion %(promotion)s is withdrawn or archived, not deleted.",
                        promotion=promotion.display_name,
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        """Made as drafts, so that steps can be added, then brought to the state asked for with its checks."""
        states = [vals.get("state") or "draft" for vals in vals_list]
        promotions = super().create([{**vals, "state": "draft"} for vals in vals_list])
        for promotion, state in zip(promotions, states, strict=True):
            if state != "draft":
                promotion.state = state
        return promotions
