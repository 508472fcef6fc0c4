from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command, Domain

from ..adapters import plan_facts
from ..catalog_core import validate_plan


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
    problem_text = fields.Text(string="Findings", compute="_compute_problem_text")
    has_errors = fields.Boolean(compute="_compute_problem_text")
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

    @api.depends(
        "code",
        "date_start",
        "date_end",
        "rate_ids.zone_id",
        "rate_ids.usage_kind",
        "rate_ids.price_micro",
        "rate_ids.connect_fee_micro",
        "rate_ids.min_charge_micro",
        "rate_ids.increment_first_s",
        "rate_ids.increment_next_s",
    )
    def _compute_problem_text(self):
        for plan in self:
            problems = plan._bss_problems() if plan.code else []
            plan.problem_text = "\n".join(self._bss_problem_message(p) for p in problems)
            plan.has_errors = any(problem.is_error for problem in problems)

    @api.depends("name", "code", "date_start")
    def _compute_display_name(self):
        for plan in self:
            plan.display_name = f"[{plan.code}] {plan.name}" if plan.code else plan.name

    # --- validation

    def _bss_problems(self):
        """Findings of the validator (kernel values, errors first)."""
        self.ensure_one()
        return validate_plan(plan_facts(self))

    @api.model
    def _bss_problem_message(self, problem):
        kinds = dict(self.env["bss.rate"]._fields["usage_kind"]._description_selection(self.env))
        params = dict(problem.params)
        if "usage_kind" in params:
            params["usage_kind"] = kinds.get(params["usage_kind"], params["usage_kind"])
        return self._bss_problem_templates()[problem.code] % params

    @api.model
    def _bss_problem_templates(self):
        return {
            "DATES_REVERSED": self.env._("The plan ends before it begins."),
            "VERSION_OVERLAP": self.env._(
                "Another active version with the same code is valid %(start)s – %(end)s: end it first."
            ),
            "NO_RATES": self.env._("The plan has no rates."),
            "DUPLICATE_RATE": self.env._("Zone %(zone)s is priced twice for %(usage_kind)s."),
            "NEGATIVE_PRICE": self.env._("Zone %(zone)s (%(usage_kind)s): a price is below zero."),
            "BAD_INCREMENT": self.env._("Zone %(zone)s: charging increments must be at least one second."),
            "FREE_ZONE_PAID": self.env._("Zone %(zone)s is free by its kind but carries a price (%(usage_kind)s)."),
            "PAID_ZONE_FREE": self.env._("Check: zone %(zone)s (%(usage_kind)s) costs nothing."),
            "PREFIX_CONFLICT": self.env._("Prefix %(prefix)s belongs to several zones: %(zones)s."),
            "BAD_PREFIX": self.env._("Zone %(zone)s: “%(prefix)s” is no number prefix."),
            "NO_EMERGENCY_RATE": self.env._("No emergency zone is rated: calls to 112 would be suspended."),
            "ZONE_WITHOUT_PREFIX": self.env._("Zone %(zone)s is priced but has no prefix: nothing reaches it."),
            "ZONE_NOT_RATED": self.env._(
                "Check: zone %(zone)s has prefixes but no voice rate, calls there are suspended."
            ),
        }

    # --- life cycle

    def _bss_in_use(self):
        """Plans among these that bind someone: their prices are never edited again. Higher addons add theirs."""
        return self.browse()

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
        return super().write(vals)

    def action_activate(self):
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
        self.state = "active"

    def action_withdraw(self):
        self.state = "withdrawn"

    def action_draft(self):
        self.state = "draft"

    def action_new_version(self):
        """Draft copy with the same code, to be valid after this one."""
        self.ensure_one()
        version = self.copy({"name": self.name, "date_start": False, "date_end": False})
        return {
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "res_id": version.id,
            "view_mode": "form",
        }

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
