from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command, Domain

from .. import polish_day
from ..catalog_core import successor_end

TARIFF_FIELDS = frozenset({"band_policy", "holiday_calendar_id", "currency_id"})


class BssRatePlan(models.Model):
    _name = "bss.rate.plan"
    _description = "Rate plan"
    _inherit = ["mail.thread"]
    _order = "code, date_start desc, id desc"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True, tracking=True)
    code = fields.Char(required=True, tracking=True, help="Versions of one plan share the code.")
    company_id = fields.Many2one("res.company", required=True, index=True, default=lambda self: self.env.company)
    currency_id = fields.Many2one("res.currency", required=True, default=lambda self: self.env.company.currency_id)
    state = fields.Selection(
        [("draft", "Draft"), ("active", "Active"), ("withdrawn", "Withdrawn")],
        required=True,
        default="draft",
        copy=False,
        index=True,
        tracking=True,
    )
    date_start = fields.Date(string="Valid from", tracking=True)
    date_end = fields.Date(string="Valid to", tracking=True)
    rate_ids = fields.One2many("bss.rate", "plan_id", string="Rates", copy=True)
    offering_ids = fields.One2many("product.template", "bss_rate_plan_id", string="Offerings")
    rate_count = fields.Integer(compute="_compute_counts")
    offering_count = fields.Integer(compute="_compute_counts")
    version_count = fields.Integer(compute="_compute_version_count")
    validity = fields.Selection(
        [("future", "Not yet valid"), ("current", "Valid"), ("past", "Ended")], compute="_compute_validity"
    )
    band_policy = fields.Selection(
        [
            ("start", "Whole call at the band of the answer"),
            ("increment", "Each increment at the band in which it starts"),
            ("second", "Each second at its band"),
            ("segment", "Rounded up in every band"),
        ],
        string="Calls over a change of band",
        required=True,
        default="increment",
        tracking=True,
    )
    holiday_calendar_id = fields.Many2one(
        "bss.holiday.calendar",
        string="Holidays",
        check_company=True,
        ondelete="restrict",
        default=lambda self: self.env.ref("bss_catalog.holiday_calendar_pl", raise_if_not_found=False),
        help="On these days the time bands of holidays are valid.",
    )
    band_ids = fields.Many2many("bss.time.band", string="Time bands", compute="_compute_band_ids")
    note = fields.Text(string="Notes")

    _dates = models.Constraint(
        "CHECK(date_end IS NULL OR date_start IS NULL OR date_end >= date_start)",
        "A rate plan ends on or after its first day.",
    )

    @api.depends("rate_ids", "offering_ids")
    def _compute_counts(self):
        for plan in self:
            plan.rate_count = len(plan.rate_ids)
            plan.offering_count = len(plan.offering_ids)

    @api.depends("code", "company_id")
    def _compute_version_count(self):
        for plan in self:
            plan.version_count = self.search_count(plan._bss_versions_domain()) if plan.code else 0

    @api.depends("state", "date_start", "date_end")
    def _compute_validity(self):
        today = polish_day.today()
        for plan in self:
            if plan.state != "active":
                plan.validity = False
            elif plan.date_start and plan.date_start > today:
                plan.validity = "future"
            elif plan.date_end and plan.date_end < today:
                plan.validity = "past"
            else:
                plan.validity = "current"

    @api.depends("rate_ids.band_id")
    def _compute_band_ids(self):
        for plan in self:
            plan.band_ids = plan.rate_ids.band_id

    @api.depends("name", "code", "date_start")
    def _compute_display_name(self):
        for plan in self:
            plan.display_name = f"[{plan.code}] {plan.name}" if plan.code else plan.name

    # --- life cycle

    def _bss_in_use(self):
        """Plans among these that bind someone: their prices are never edited again. Higher addons add theirs."""
        return self.browse()

    @api.model
    def _bss_tariff_fields(self):
        """Fields of the plan that are part of its prices: frozen once it is active. Higher addons add theirs."""
        return TARIFF_FIELDS

    def write(self, vals):
        if vals.get("state") == "draft":
            used = self.filtered(lambda plan: plan.state != "draft")._bss_in_use()
            if used:
                raise UserError(
                    self.env._(
                        "Rate plan %(plan)s is in use: make a new version to change its prices.",
                        plan=used[0].display_name,
                    )
                )
        closed = self.browse()
        if self._bss_tariff_fields() & vals.keys():
            closed = self.filtered(lambda plan: plan.state != "draft")
        if closed:
            raise UserError(
                self.env._(
                    "Rate plan %(plan)s is not a draft: make a new version to change its prices.",
                    plan=closed[0].display_name,
                )
            )
        return super().write(vals)

    def action_activate(self):
        """From its first day on; the version that has no end yet ends the day before."""
        for plan in self:
            errors = [problem for problem in plan._bss_problems() if problem.is_error]
            if errors:
                raise UserError(
                    self.env._(
                        "Rate plan %(plan)s cannot be activated:\n%(problems)s",
                        plan=plan.display_name,
                        problems="\n".join(f"• {self._bss_problem_message(e)}" for e in errors),
                    )
                )
            plan._bss_end_predecessors()
            plan.state = "active"

    def _bss_end_predecessors(self):
        for version in self.search([*self._bss_versions_domain(), ("state", "=", "active"), ("id", "!=", self.id)]):
            last = successor_end(self.date_start or None, (version.date_start or None, version.date_end or None))
            if last:
                version.date_end = last

    def _bss_versions_domain(self):
        self.ensure_one()
        return [("code", "=", self.code), ("company_id", "=", self.company_id.id)]

    def action_withdraw(self):
        self.state = "withdrawn"

    def action_draft(self):
        self.state = "draft"

    def action_new_version(self):
        """Draft copy with the same code, to be valid after this one."""
        self.ensure_one()
        version = self._bss_new_version()
        return {
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "res_id": version.id,
            "view_mode": "form",
        }

    def _bss_new_version(self):
        return self.copy({"name": self.name, "date_start": False, "date_end": False})

    def action_open_versions(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("bss_catalog.action_bss_rate_plan")
        return {**action, "domain": self._bss_versions_domain(), "context": {"default_code": self.code}}

    def action_add_missing_zones(self):
        """One voice rate at 0 for every zone with prefixes that the plan does not price yet."""
        self.ensure_one()
        if self.state != "draft":
            raise UserError(self.env._("Only a draft plan can be changed."))
        zones = self._bss_zones() - self.rate_ids.filtered(lambda r: r.usage_kind == "voice").zone_id
        self.rate_ids = [Command.create({"zone_id": zone.id, "usage_kind": "voice"}) for zone in zones]

    def _bss_zones(self):
        self.ensure_one()
        return self.env["bss.rate.zone"].search(
            Domain("company_id", "in", [False, self.company_id.id])
            & (Domain("prefix_ids", "!=", False) | Domain("id", "in", self.rate_ids.zone_id.ids))
        )

    def action_open_rates(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("bss_catalog.action_bss_rate")
        action["domain"] = [("plan_id", "=", self.id)]
        action["context"] = {"default_plan_id": self.id}
        return action

    def action_open_offerings(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("bss_catalog.action_bss_offering")
        action["domain"] = [("bss_rate_plan_id", "=", self.id)]
        action["context"] = {"default_bss_is_offering": True, "default_bss_rate_plan_id": self.id}
        return action

    @api.ondelete(at_uninstall=False)
    def _unlink_only_draft(self):
        if any(plan.state == "active" for plan in self):
            raise UserError(self.env._("An active rate plan is withdrawn, not deleted."))
